"""An edited document keeps every byte that it was not asked to change."""

from __future__ import annotations

import copy
import difflib
import json
from typing import Any

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from tests.strategies import api_prompts, json_objects, json_values, odd_workflows, spelled, text, ui_workflows
from tests.work import lines_run
from wftools.document import dumpb, dumps, read
from wftools.document.edit import Insert, Remove, Set, edited, edits_between
from wftools.document.pointer import pointer, value_at
from wftools.errors import InputError
from wftools.fmt import formatted

# A workflow in a spelling of its own, and values in it that a reader of JSON would spell otherwise.
ODD = """{"x": 1E5, "nodes":
   [ {"id":1, "type" : "A\\u00e9\\/", "pos": [1, 2], "size": [ 3.10,4 ],
      "widgets_values": [0.10, 1e+02, "\\u00fc",
                         -0, 18446744073709551616]} ,
     {"id":2,"type":"B",   "pos": [5, 6], "twice": 1, "twice": {"deep": [ ]} } ]
 , "links": [],
 "version":0.40 }
"""


def after(source: str, *edits: Any) -> str:
    return dumps(edited(read(source.encode()), edits))


def changed(old: str, new: str) -> tuple[list[str], list[str]]:
    """The lines that are gone and those that are new."""
    lines = list(difflib.ndiff(old.split("\n"), new.split("\n")))
    return [line[2:] for line in lines if line[0] == "-"], [line[2:] for line in lines if line[0] == "+"]


def pointers(tree: Any, way: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    children = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [way, *(found for key, child in children for found in pointers(child, (*way, key)))]


def applied(tree: Any, edit: Set | Remove | Insert) -> Any:
    """What an edit makes of a tree, written down once more and without any text."""
    tree = copy.deepcopy(tree)
    way, _, last = edit.pointer.rpartition("/")
    last = last.replace("~1", "/").replace("~0", "~")
    if not edit.pointer:
        return edit.value
    holder: Any = value_at(tree, way)
    place: Any = last if isinstance(holder, dict) else len(holder) if last == "-" else int(last)
    if isinstance(edit, Remove):
        del holder[place]
    elif isinstance(edit, Insert) and isinstance(holder, list):
        holder.insert(place, edit.value)
    else:
        holder[place] = edit.value
    return tree


@st.composite
def edits(draw: st.DrawFn, tree: Any) -> list[Any]:
    """Edits that lead through a tree, each through what the ones before it have left."""
    found: list[Any] = []
    for _ in range(draw(st.integers(1, 5))):
        way = draw(st.sampled_from(pointers(tree)))
        holder = value_at(tree, pointer(*way))
        where, value = pointer(*way), draw(json_values)
        if isinstance(holder, dict) and draw(st.booleans()):
            edit: Any = Insert(pointer(*way, draw(text)), value)
        elif isinstance(holder, list) and draw(st.booleans()):
            edit = Insert(pointer(*way, draw(st.sampled_from([*range(len(holder) + 1), "-"]))), value)
        elif not way:
            edit = Set("", {**draw(json_objects), "nodes": []})
        else:
            edit = draw(st.sampled_from([Set(where, value), Remove(where)]))
        tree = applied(tree, edit)
        found.append(edit)
    return found


def exactly(tree: Any) -> str:
    """Equal texts for equal trees: 1 is not 1.0, NaN is NaN, and the order of keys is no difference."""
    return json.dumps(tree, sort_keys=True)


# Laws


@settings(max_examples=50)
@given(st.data())
def test_the_tree_of_the_edited_text_is_the_edited_tree(data):
    source = data.draw(spelled(ui_workflows()) | spelled(api_prompts()) | spelled(odd_workflows()))
    try:
        document = read(source.encode("utf-8", "surrogatepass"))
    except InputError:
        reject()
    changes = data.draw(edits(document.tree))
    wanted = document.tree
    for edit in changes:
        wanted = applied(wanted, edit)

    made = edited(document, changes)

    assert exactly(made.tree) == exactly(wanted)
    assert exactly(json.loads(dumps(made))) == exactly(wanted)


@settings(max_examples=50)
@given(st.data())
def test_edits_at_once_are_edits_one_after_the_other(data):
    """As trees, and as texts: but for how new values are spelled that lie beside each other."""
    document = read(data.draw(spelled(ui_workflows())).encode())
    changes = data.draw(edits(document.tree))

    one_by_one = document
    for edit in changes:
        one_by_one = edited(one_by_one, [edit])

    assert exactly(one_by_one.tree) == exactly(edited(document, changes).tree)


@settings(max_examples=50)
@given(st.data())
def test_what_is_beside_an_edit_keeps_its_characters(data):
    source = data.draw(spelled(ui_workflows()) | spelled(api_prompts()))
    document = read(source.encode())
    way = data.draw(st.sampled_from(pointers(document.tree)[1:]))
    start = document.positions.offset(pointer(*way))
    _, end = json.JSONDecoder().raw_decode(source, start)

    made = dumps(edited(document, [Set(pointer(*way), data.draw(json_values))]))

    assert made.startswith(source[:start])
    assert made.endswith(source[end:])


@settings(max_examples=50)
@given(st.data())
def test_another_value_is_one_other_line(data):
    source = data.draw(spelled(ui_workflows()) | spelled(api_prompts()))
    document = read(source.encode())
    plain = [
        way for way in pointers(document.tree) if not isinstance(value_at(document.tree, pointer(*way)), dict | list)
    ]
    way = data.draw(st.sampled_from(plain))

    made = after(source, Set(pointer(*way), data.draw(text | st.integers())))

    lines = zip(source.split("\n"), made.split("\n"), strict=True)
    assert sum(old != new for old, new in lines) <= 1


@given(spelled(ui_workflows()) | spelled(api_prompts()), st.data())
def test_an_edit_that_changes_nothing_changes_nothing(source, data):
    tree = read(source.encode()).tree
    way = data.draw(st.sampled_from(pointers(tree)))

    assert after(source, Set(pointer(*way), value_at(tree, pointer(*way)))) == source


@given(ui_workflows(), ui_workflows())
def test_the_edits_between_two_trees_make_one_of_the_other(old, new):
    made = edited(read(json.dumps(old).encode()), edits_between(old, new))

    assert exactly(made.tree) == exactly(new)


@settings(max_examples=50)
@given(spelled(ui_workflows()), ui_workflows())
def test_a_whole_tree_can_be_set(source, new):
    assert exactly(json.loads(after(source, Set("", new)))) == exactly(new)


def test_a_value_in_an_official_template_is_one_line_of_it(templates):
    for path in templates[::20]:
        source = path.read_text("utf-8")
        document = read(path)
        node = next(index for index, node in enumerate(document.tree["nodes"]) if "mode" in node)

        made = dumps(edited(document, [Set("", document.tree), Set(f"/nodes/{node}/mode", 1)]))

        lines = zip(source.split("\n"), made.split("\n"), strict=True)
        assert [new.strip() for old, new in lines if old != new] == ['"mode": 1,'], path.name


# What a change looks like


def test_a_value_in_an_odd_file_is_changed_alone():
    old, new = changed(ODD, after(ODD, Set("/nodes/0/pos", [1, 20]), Set("/nodes/1/twice/deep", "é")))

    assert old == [line for line in ODD.split("\n") if "pos" in line]
    assert new == [old[0].replace("[1, 2]", "[1, 20]"), old[1].replace("[ ]", '"\\u00e9"')]


@pytest.mark.parametrize(
    ("edit", "old", "new"),
    [
        (Remove("/nodes/0/size"), ', "size": [ 3.10,4 ]', ""),
        (Remove("/nodes/0/id"), '"id":1, ', ""),
        (Remove("/x"), '"x": 1E5, ', ""),
        (Remove("/version"), ',\n "version":0.40 }', " }"),
        (Remove("/nodes/1/twice"), ', "twice": 1, "twice": {"deep": [ ]} ', " "),
        (Insert("/nodes/0/size/1", 7), "[ 3.10,4 ]", "[ 3.10,7,4 ]"),
        (Insert("/nodes/0/size/-", 7), "[ 3.10,4 ]", "[ 3.10,4,7 ]"),
        (Insert("/nodes/0/pos/0", 7), '"pos": [1, 2], "size"', '"pos": [7, 1, 2], "size"'),
        (Insert("/links/-", 7), '"links": []', '"links": [7]'),
        (Insert("/nodes/1/twice/deep/0", []), "[ ]", "[[]]"),
        (Insert("/nodes/1/color", "é"), "[ ]} }", '[ ]},"color":"\\u00e9" }'),
    ],
)
def test_a_change_in_an_odd_file_looks_like_what_is_beside_it(edit, old, new):
    made = after(ODD, edit)

    assert ODD.count(old) == 1
    assert made == ODD.replace(old, new)


NODE: dict[str, Any] = {
    "id": 3,
    "type": "C",
    "pos": [7, 8],
    "inputs": [{"name": "a", "link": None}],
    "widgets_values": [1, "x"],
}


@pytest.mark.parametrize("indent", [None, 2, 4, "\t"])
def test_a_new_node_is_spelled_like_the_others(indent):
    nodes = [{**NODE, "id": 1}, {**NODE, "id": 2}]
    source = json.dumps({"nodes": nodes, "links": []}, indent=indent)

    for place in (0, 1, "-"):
        made = after(source, Insert(f"/nodes/{place}", NODE))
        wanted = nodes[:]
        wanted.insert(2 if place == "-" else int(place), NODE)
        assert made == json.dumps({"nodes": wanted, "links": []}, indent=indent)


def test_a_new_node_of_a_formatted_file_is_formatted():
    """Places and slots on a line, values on a line each, though the neighbours are others."""
    nodes = [{**NODE, "id": 1, "inputs": []}, {**NODE, "id": 2, "widgets_values": []}]
    document = read(json.dumps({"nodes": nodes, "links": [[1, 1, 0, 2, 0, "*"]]}).encode())
    document = read(formatted(document).encode())

    made = edited(document, [Insert("/nodes/-", NODE), Insert("/links/-", [2, 1, 0, 3, 0, "*"])])

    assert dumps(made) == formatted(made)


def test_a_prompt_takes_a_node_in_its_own_spelling():
    source = '{\n\t"1": {\n\t\t"class_type": "A",\n\t\t"inputs": {"x": ["2", 0]}\n\t}\n}'

    made = after(source, Insert("/2", {"class_type": "B", "inputs": {"y": ["1", 0]}}))

    assert made == source[:-2] + ',\n\t"2": {\n\t\t"class_type": "B",\n\t\t"inputs": {"y": ["1", 0]}\n\t}\n}'


def test_line_ends_of_windows_stay_and_new_lines_have_them():
    source = json.dumps({"nodes": [NODE], "links": []}, indent=2).replace("\n", "\r\n")

    made = after(source, Insert("/nodes/-", NODE), Set("/links", [[1, 2]]))

    assert made.count("\n") == made.count("\r\n") > source.count("\n")
    assert made.replace("\r\n", "\n") == json.dumps({"nodes": [NODE, NODE], "links": [[1, 2]]}, indent=2)


def test_escapes_follow_the_file():
    escaped, raw = '{"1": {"class_type": "\\u00e9"}}', '{"1": {"class_type": "é"}}'

    for source, wanted in ((escaped, '"\\u00fc"'), (raw, '"ü"')):
        assert wanted in after(source, Set("/1/class_type", "ü"))
    assert '"\\ud800"' in after(raw, Set("/1/class_type", "\ud800"))  # half of a pair has no other spelling


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_byte_order_mark_stays(mark):
    data = mark + '{"1": {"class_type": "é"}}'.encode()

    document = edited(read(data), [Set("/1/class_type", "ü")])

    assert dumpb(document) == mark + '{"1": {"class_type": "ü"}}'.encode()
    assert [defect.kind for defect in document.defects] == ["byte-order-mark"] * bool(mark)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_an_encoding_stays(encoding):
    data = '{"1": {"class_type": "é"}}'.encode(encoding)

    assert dumpb(read(data)) == data


# Around the workflow


def test_an_edit_inside_a_request_leaves_the_rest_of_it_alone():
    source = (
        '{"client_id": "x",\n "prompt": {"1": {"class_type": "A", "inputs": {"seed": 18446744073709551615}}}, "n": 1.0}'
    )

    made = after(source, Insert("/1/inputs/cfg", 7.5))

    assert made == source.replace("615}", '615, "cfg": 7.5}')


def test_the_companion_in_the_same_text_is_read_again():
    workflow: dict[str, list[Any]] = {"nodes": [], "links": []}
    request = {"prompt": {"1": {"class_type": "A"}}, "extra_data": {"extra_pnginfo": {"workflow": workflow}}}

    document = edited(read(json.dumps(request).encode()), [Set("/1/class_type", "a longer name")])

    assert document.companion.tree == workflow
    assert document.companion.text == document.text
    assert document.companion.place("/nodes").column == document.text.index("[") + 1


def test_defects_are_those_of_the_new_text():
    document = read(b'{"1": {"class_type": "A", "inputs": {"x": NaN, "x": 1, "y": NaN}}}')

    made = edited(document, [Set("/1/class_type", "longer"), Remove("/1/inputs/x")])

    assert [(each.kind, each.offset) for each in made.defects] == [("non-finite", made.text.index("NaN"))]


def test_what_a_tree_was_not_read_from_is_edited_too():
    from wftools.document import Document, SourceText

    tree = {"1": {"class_type": "A", "inputs": {}}}
    document = Document("api", tree, SourceText("made", ""), tree)

    assert edited(document, [Set("/1/class_type", "B")]).text == dumps(document).replace("A", "B")


@pytest.mark.parametrize(
    "edit",
    [
        Set("/nodes/9", 1),
        Set("/nodes/-", 1),
        Set("/nodes/00", 1),
        Set("/none", 1),
        Remove("/none"),
        Remove("/nodes/0/id/x"),
        Remove(""),
        Insert("/nodes/4", 1),
        Insert("/nodes/0/id/x", 1),
        Insert("/none/x", 1),
        Insert("/nodes/x", 1),
    ],
)
def test_a_pointer_that_leads_nowhere_is_named(edit):
    with pytest.raises(InputError, match="leads nowhere") as caught:
        edited(read(ODD.encode(), "odd.json"), [edit])

    assert repr(edit.pointer) in str(caught.value)
    assert caught.value.place.file == "odd.json"


# Size


@pytest.mark.parametrize("kind", ["set", "insert", "remove"])
def test_edits_in_many_places_are_work_in_their_number(kind):
    def work(count: int) -> int:
        nodes = [{"id": number, "type": "A", "pos": [1, 2], "widgets_values": [1]} for number in range(count)]
        document = read(json.dumps({"nodes": nodes, "links": []}).encode())
        kinds: dict[str, list[Any]] = {
            "set": [Set(f"/nodes/{number}/pos/0", 5) for number in range(count)],
            "insert": [Insert(f"/nodes/{number}/inputs", [{"name": "x"}]) for number in range(count)],
            "remove": [Remove(f"/nodes/{number}/type") for number in range(count)],
        }
        return lines_run(lambda: edited(document, kinds[kind]))

    few, many = work(200), work(2_000)

    assert many < 30 * few  # a hundred times if it were quadratic
