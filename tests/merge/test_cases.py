"""Each case of a merge: what one side did and what the other, and what comes of it."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.merge.edits import Graph
from tests.test_samples import FOLDER
from wftools.document import read_json
from wftools.lint import ERROR, Linter, Selection
from wftools.merge import Merged, Take, merge, resolved

if TYPE_CHECKING:
    from collections.abc import Callable

    Edit = Callable[["Tree"], object]

Tree = dict[str, Any]

TXT2IMG: Tree = json.loads((FOLDER / "txt2img.json").read_text("utf-8"))
SUBGRAPH: Tree = json.loads((FOLDER / "subgraph.json").read_text("utf-8"))
DEFINITION = SUBGRAPH["definitions"]["subgraphs"][0]["id"]
STRUCTURE = Linter(selection=Selection(("L2", "G602", "S7", "P00")))


def merged(
    ours: Callable[[Tree], object], theirs: Callable[[Tree], object], base: Tree = TXT2IMG, **how: Any
) -> Merged:
    """The merge of what two functions make of a workflow."""
    trees = [copy.deepcopy(base) for _ in range(3)]
    ours(trees[1])
    theirs(trees[2])
    made = merge(*(read_json(json.dumps(tree, indent=2), "flow.json") for tree in trees), **how)
    assert [each for each in STRUCTURE.lint_document(made.document) if each.severity == ERROR] == []
    return made


def tree(made: Merged) -> Tree:
    found: Tree = json.loads(made.document.text)
    return found


def graph(made: Merged, definition: int | None = None) -> Graph:
    return Graph.of(tree(made), definition)


def source(made: Merged, node: int, slot: int, definition: int | None = None) -> list[Any] | None:
    """Where the link into an input starts: node and slot."""
    row = graph(made, definition).into(node, slot)
    row = [*row.values()] if isinstance(row, dict) else row
    return None if row is None else row[1:3]


def kinds(made: Merged) -> list[tuple[str, str, str]]:
    """The conflicts: what kind, of which node, and over what."""
    return [(each.kind, each.subject.id, "/".join(each.key)) for each in made.conflicts]


def taking(made: Merged, wish: Any) -> Merged:
    """The merge after all conflicts were resolved to one wish."""
    done = resolved(made.document, {each.id: Take(wish) for each in made.conflicts})
    assert [each for each in STRUCTURE.lint_document(done.document) if each.severity == ERROR] == []
    return type(made)(done.document, made.decisions, done.conflicts)


def value(node: int, place: int, new: Any) -> Edit:
    def edit(tree: Tree) -> None:
        Graph.of(tree).node(node)["widgets_values"][place] = new

    return edit


def field(node: int, key: str, new: Any) -> Edit:
    def edit(tree: Tree) -> None:
        Graph.of(tree).node(node)[key] = new

    return edit


def deleted(node: int) -> Edit:
    def edit(tree: Tree) -> None:
        graph = Graph.of(tree)
        graph.delete(graph.node(node))

    return edit


def relinked(*ends: int) -> Edit:
    return lambda tree: Graph.of(tree).relink(*ends)


def between(kind: str, node: int, slot: int, title: str = "") -> Edit:
    def edit(tree: Tree) -> None:
        Graph.of(tree).put_between(kind, [], node, slot)["title"] = title or kind

    return edit


def inside(edit: Callable[[Graph], object]) -> Edit:
    return lambda tree: edit(Graph.of(tree, 0)) and None


def nothing(tree: Tree) -> None:
    pass


def test_1_what_one_side_changed_is_that_side_s():
    made = merged(value(5, 2, 30), value(5, 3, 6.5))

    assert graph(made).node(5)["widgets_values"][2:4] == [30, 6.5]
    assert not made.conflicts


def test_2_the_same_change_is_made_once():
    made = merged(value(5, 2, 30), value(5, 2, 30.0), base=TXT2IMG)

    assert graph(made).node(5)["widgets_values"][2] == 30
    assert not made.conflicts


@pytest.mark.parametrize(("favor", "steps"), [("ours", 30), ("theirs", 40)])
def test_3_two_values_of_a_widget_are_a_conflict(favor, steps):
    made = merged(value(5, 2, 30), value(5, 2, 40))
    favored = merged(value(5, 2, 30), value(5, 2, 40), favor=favor)

    assert kinds(made) == [("widget", "5", "widget/steps")]
    assert graph(made).node(5)["widgets_values"][2] == 30
    assert graph(favored).node(5)["widgets_values"][2] == steps
    assert favored.exit_status == 0
    assert "wftools" not in tree(favored).get("extra", {})


def test_4_texts_are_merged_by_words():
    text = "a red circle on a blue background, best quality, sharp"
    base = copy.deepcopy(TXT2IMG)
    value(3, 0, text)(base)

    made = merged(value(3, 0, text.replace("red", "green")), value(3, 0, text + ", 8k"), base)
    clashing = merged(value(3, 0, text.replace("red", "green")), value(3, 0, text.replace("red", "pink")), base)

    assert graph(made).node(3)["widgets_values"] == [text.replace("red", "green") + ", 8k"]
    assert kinds(clashing) == [("widget", "3", "widget/text")]


def test_5_a_seed_that_is_drawn_is_ours_with_a_note():
    base = copy.deepcopy(TXT2IMG)
    value(5, 1, "randomize")(base)

    made = merged(value(5, 0, 11), value(5, 0, 12), base)

    assert graph(made).node(5)["widgets_values"][0] == 11
    assert not made.conflicts
    assert made.notes == ("seed",)


def test_6_a_definition_that_grew_on_one_side_takes_no_value_from_the_other():
    def grown(tree):
        node = Graph.of(tree).node(2)
        node["inputs"].append({"name": "seed", "type": "INT", "widget": {"name": "seed"}, "link": None})
        node["widgets_values"] += [7]

    made = merged(grown, value(2, 0, 256))

    assert graph(made).node(2)["widgets_values"] == [256, 128, 1, 7]
    assert not made.conflicts


@pytest.mark.parametrize(
    ("key", "ours", "theirs", "kind"),
    [("title", "A", "B", "title"), ("mode", 2, 4, "mode"), ("properties", {"x": 1}, {"x": 2}, "property")],
)
def test_7_titles_modes_and_properties_are_conflicts(key, ours, theirs, kind):
    made = merged(field(5, key, ours), field(5, key, theirs))

    assert [each.kind for each in made.conflicts] == [kind]
    assert graph(made).node(5)[key] == ours


def test_7_models_are_merged_by_name():
    def naming(name):
        return lambda tree: Graph.of(tree).node(1)["properties"].update(models=[{"name": name, "directory": "loras"}])

    made = merged(naming("a"), naming("b"))

    assert [each["name"] for each in graph(made).node(1)["properties"]["models"]] == ["a", "b"]
    assert not made.conflicts


@pytest.mark.parametrize(
    ("key", "ours", "theirs"), [("pos", [1, 2], [3, 4]), ("size", [100, 90], [99, 98]), ("color", "#222", "#333")]
)
def test_8_how_it_looks_is_ours_with_a_note(key, ours, theirs):
    made = merged(field(5, key, ours), field(5, key, theirs))
    alone = merged(nothing, field(5, key, theirs))

    assert graph(made).node(5)[key] == ours
    assert graph(alone).node(5)[key] == theirs
    assert not made.conflicts
    assert len(made.notes) == 1


@pytest.mark.parametrize("turned", [False, True])
def test_9_a_deleted_node_that_was_edited_is_kept_with_its_links(turned):
    sides = [deleted(5), value(5, 2, 40)]

    made = merged(sides[turned], sides[not turned])

    assert kinds(made) == [("delete/edit", "5", "")]
    assert graph(made).node(5)["widgets_values"][2] == 40
    assert [source(made, 5, slot) for slot in range(4)] == [[1, 0], [3, 0], [4, 0], [2, 0]]
    assert source(made, 6, 0) == [5, 0]
    gone = taking(made, "theirs" if turned else "ours")
    assert 5 not in {node["id"] for node in tree(gone)["nodes"]}
    assert source(gone, 6, 0) is None
    kept = taking(made, "base")
    assert graph(kept).node(5)["widgets_values"][2] == 20


def test_10_a_deleted_node_that_was_only_moved_goes():
    made = merged(deleted(8), field(8, "pos", [5, 5]))

    assert 8 not in {node["id"] for node in tree(made)["nodes"]}
    assert not made.conflicts


def test_11_a_deleted_node_that_was_linked_from_is_kept():
    def used(tree):
        graph = Graph.of(tree)
        preview = graph.append("PreviewImage", [], [{"name": "images", "type": "IMAGE", "link": None}], [])
        graph.connect(graph.node(6), 0, preview["id"], 0)

    made = merged(deleted(6), used)

    assert kinds(made) == [("delete/use", "6", "")]
    assert source(made, 9, 0) == [6, 0]
    assert source(made, 7, 0) == [6, 0]


def test_12_a_deleted_node_that_was_fed_anew_is_kept():
    made = merged(deleted(6), between("Blur", 6, 0))

    assert kinds(made) == [("delete/edit", "6", "")]
    assert source(made, 6, 0) == [9, 0]


def test_13_two_sources_of_one_input_are_a_conflict():
    made = merged(relinked(4, 0, 5, 1), between("Other", 5, 1))

    assert kinds(made) == [("link", "5", "link/positive")]
    assert source(made, 5, 1) == [4, 0]
    assert source(taking(made, "theirs"), 5, 1) == [9, 0]
    assert source(taking(made, "base"), 5, 1) == [3, 0]


@pytest.mark.parametrize("turned", [False, True])
def test_14_a_cut_link_that_was_rewired_is_rewired(turned):
    sides = [lambda tree: Graph.of(tree).cut(Graph.of(tree).into(5, 1)), relinked(4, 0, 5, 1)]

    made = merged(sides[turned], sides[not turned])

    assert kinds(made) == [("link", "5", "link/positive")]
    assert source(made, 5, 1) == [4, 0]


def test_15_two_nodes_on_one_link_are_a_conflict_or_a_chain():
    ours, theirs = between("LoraA", 5, 0, "ours"), between("LoraB", 5, 0, "theirs")

    made = merged(ours, theirs)
    chained = merged(ours, theirs, chain=True)

    assert kinds(made) == [("insert", "5", "link/model")]
    assert {node["id"]: node["title"] for node in tree(made)["nodes"][-2:]} == {9: "ours", 10: "theirs"}
    assert [source(made, 5, 0), source(made, 9, 0), source(made, 10, 0)] == [[9, 0], [1, 0], [1, 0]]
    for both in (chained, taking(made, "both")):
        assert [source(both, 5, 0), source(both, 10, 0), source(both, 9, 0)] == [[10, 0], [9, 0], [1, 0]]
        assert not both.conflicts


def test_16_two_new_nodes_of_one_id_are_two_nodes():
    made = merged(between("A", 5, 0), between("B", 6, 0))

    assert {node["id"]: node["type"] for node in tree(made)["nodes"][-2:]} == {9: "A", 10: "B"}
    assert [source(made, 5, 0), source(made, 6, 0), source(made, 10, 0)] == [[9, 0], [10, 0], [5, 0]]
    assert tree(made)["last_node_id"] == 10
    assert not made.conflicts


def test_17_the_same_new_node_is_one():
    made = merged(between("A", 5, 0), between("A", 5, 0))

    assert [node["id"] for node in tree(made)["nodes"]] == [*range(1, 10)]
    assert source(made, 5, 0) == [9, 0]
    assert not made.conflicts


def test_18_new_links_of_one_id_have_two():
    made = merged(relinked(4, 0, 5, 1), relinked(3, 0, 5, 2))

    assert len({row[0] for row in tree(made)["links"]}) == 9
    assert [source(made, 5, 1), source(made, 5, 2)] == [[4, 0], [3, 0]]


def test_19_and_20_other_ids_are_no_change_and_counters_are_the_greatest():
    def renumbered(tree):
        from tests.merge.edits import renumbered as shifted

        tree.update(shifted(tree, 100))

    made = merged(renumbered, value(5, 2, 30))
    turned = merged(value(5, 2, 30), renumbered)

    assert graph(made).node(105)["widgets_values"][2] == 30
    assert graph(turned).node(5)["widgets_values"][2] == 30
    assert tree(made)["last_node_id"] == tree(turned)["last_node_id"] == 108
    assert not made.conflicts + turned.conflicts


def retyped(tree):
    node = Graph.of(tree).node(5)
    node["type"] = "KSamplerLite"
    node["inputs"] = [each for each in node["inputs"] if each["name"] != "denoise"]
    node["widgets_values"] = node["widgets_values"][:6]
    node["properties"] = {}


def test_21_edits_survive_a_new_type_where_their_names_do():
    made = merged(retyped, value(5, 2, 30))
    lost = merged(retyped, value(5, 6, 0.5))

    assert graph(made).node(5)["type"] == "KSamplerLite"
    assert graph(made).node(5)["widgets_values"][2] == 30
    assert not made.conflicts
    assert kinds(lost) == [("type", "5", "widget/denoise")]


def test_22_two_new_types_are_a_conflict():
    def other(tree):
        retyped(tree)
        Graph.of(tree).node(5)["type"] = "KSamplerHeavy"

    made = merged(retyped, other)

    assert kinds(made) == [("type", "5", "")]
    assert graph(made).node(5)["type"] == "KSamplerLite"
    assert graph(taking(made, "theirs")).node(5)["type"] == "KSamplerHeavy"
    assert graph(taking(made, "base")).node(5)["type"] == "KSampler"


def inner(node: int, place: int, new: Any) -> Edit:
    def edit(tree: Tree) -> None:
        Graph.of(tree, 0).node(node)["widgets_values"][place] = new

    return edit


def test_23_subgraphs_are_merged_inside():
    made = merged(inner(34, 2, 30), inner(34, 3, 7), SUBGRAPH)
    clash = merged(inner(34, 2, 30), inner(34, 2, 40), SUBGRAPH)

    assert graph(made, 0).node(34)["widgets_values"][2:4] == [30, 7]
    assert not made.conflicts
    assert [each.subject.scope for each in clash.conflicts] == [DEFINITION]


def without_subgraph(tree):
    for node in (10, 11):
        deleted(node)(tree)
    tree["definitions"]["subgraphs"] = []


@pytest.mark.parametrize("turned", [False, True])
def test_24_a_definition_that_was_edited_is_kept_with_its_instances(turned):
    sides = [without_subgraph, inner(34, 2, 30)]

    made = merged(sides[turned], sides[not turned], SUBGRAPH)

    assert kinds(made) == [("delete/edit", DEFINITION, "")]
    assert graph(made, 0).node(34)["widgets_values"][2] == 30
    assert source(made, 20, 0) == [10, 0]
    gone = tree(taking(made, "theirs" if turned else "ours"))
    assert gone["definitions"]["subgraphs"] == []
    assert {node["type"] for node in gone["nodes"]} == {"CheckpointLoaderSimple", "SaveImage", "MarkdownNote"}
    assert graph(taking(made, "base"), 0).node(34)["widgets_values"][2] == 20


@pytest.mark.parametrize("turned", [False, True])
def test_10_a_definition_goes_in_which_only_a_value_changed_that_no_instance_has(turned):
    """All instances have prompts of their own in its place."""
    sides = [without_subgraph, inner(32, 0, "a fox")]

    made = merged(sides[turned], sides[not turned], SUBGRAPH)

    assert tree(made)["definitions"]["subgraphs"] == []
    assert not made.conflicts


def test_25_two_new_definitions_of_one_id_are_two():
    base = copy.deepcopy(SUBGRAPH)
    without_subgraph(base)

    def added(steps):
        def edit(tree):
            tree.update(copy.deepcopy(SUBGRAPH))
            inner(34, 2, steps)(tree)

        return edit

    made = merged(added(30), added(40), base)

    ids = [each["id"] for each in tree(made)["definitions"]["subgraphs"]]
    assert len(set(ids)) == 2
    assert ids[0] == DEFINITION
    assert {node["type"] for node in tree(made)["nodes"]} >= set(ids)


def with_input(name: str, type_: str = "INT") -> Edit:
    def edit(tree: Tree) -> None:
        (definition,) = tree["definitions"]["subgraphs"]
        definition["inputs"].append({"id": f"id-{name}", "name": name, "type": type_, "linkIds": [], "pos": [0, 0]})
        for node in (10, 11):
            Graph.of(tree).node(node)["inputs"].append({"name": name, "type": type_, "link": None})

    return edit


def test_26_new_inputs_of_a_subgraph_are_all_there():
    made = merged(with_input("a"), with_input("b"), SUBGRAPH)

    names = ["text", "clip", "model", "seed", "vae", "a", "b"]
    assert [each["name"] for each in tree(made)["definitions"]["subgraphs"][0]["inputs"]] == names
    assert [each["name"] for each in graph(made).node(10)["inputs"]] == names
    assert not made.conflicts


def test_27_a_removed_input_that_is_used_anew_is_kept():
    base = copy.deepcopy(SUBGRAPH)
    with_input("image", "IMAGE")(base)

    def removed(tree):
        tree["definitions"]["subgraphs"][0]["inputs"].pop()
        for node in (10, 11):
            Graph.of(tree).node(node)["inputs"].pop()

    def used(tree):
        graph = Graph.of(tree)
        picture = graph.append("LoadImage", ["a.png"], [], [{"name": "IMAGE", "type": "IMAGE", "links": []}])
        graph.connect(picture, 0, 11, 5)

    made = merged(removed, used, base)

    assert kinds(made) == [("io", "image", "")]
    assert source(made, 11, 5) == [37, 0]


def test_28_the_order_of_inputs_is_that_of_who_changed_it():
    def turned(tree):
        definition = tree["definitions"]["subgraphs"][0]
        order = [4, 3, 2, 1, 0]
        definition["inputs"] = [definition["inputs"][each] for each in order]
        for row in definition["links"]:
            if row["origin_id"] == -10:
                row["origin_slot"] = order.index(row["origin_slot"])
        for id_ in (10, 11):
            node = Graph.of(tree).node(id_)
            node["inputs"] = [node["inputs"][each] for each in order]
            node["widgets_values"].reverse()
        for row in tree["links"]:
            if row[3] in (10, 11):
                row[4] = order.index(row[4])

    for sides in ((turned, inner(34, 2, 30)), (inner(34, 2, 30), turned)):
        made = merged(sides[0], sides[1], SUBGRAPH)

        assert tree(made)["definitions"]["subgraphs"][0]["inputs"][0]["name"] == "vae"
        assert source(made, 10, 0) == [1, 2]
        assert not made.conflicts


def grouped(title: str, number: int = 1) -> Edit:
    group = {"id": number, "title": title, "bounding": [0, 0, 10, 10], "flags": {}}
    return lambda tree: tree["groups"].append(dict(group))


def test_29_groups_are_merged_as_nodes_are():
    made = merged(grouped("A"), grouped("B"))
    base = copy.deepcopy(TXT2IMG)
    grouped("A")(base)
    kept = merged(lambda tree: tree["groups"].clear(), lambda tree: tree["groups"][0].update(title="C"), base)
    moved = merged(lambda tree: tree["groups"].clear(), lambda tree: tree["groups"][0].update(bounding=[1] * 4), base)

    assert [(each["id"], each["title"]) for each in tree(made)["groups"]] == [(1, "A"), (2, "B")]
    assert kinds(kept) == [("group", "1", "")]
    assert [each["title"] for each in tree(kept)["groups"]] == ["C"]
    assert tree(moved)["groups"] == []
    assert not made.conflicts + moved.conflicts


def test_30_what_stands_in_extra_is_merged_by_what_it_is():
    def extra(**more):
        return lambda tree: tree.setdefault("extra", {}).update(more)

    versions = merged(extra(frontendVersion="1.9.2"), extra(frontendVersion="1.10.0"))
    views = merged(extra(ds={"scale": 1}), extra(ds={"scale": 2}))
    apps = merged(extra(linearData={"inputs": [["5", "steps"]]}), extra(linearData={"inputs": [["5", "cfg"]]}))
    unknown = merged(extra(pack={"a": 1}), extra(pack={"a": 2}))

    assert tree(versions)["extra"]["frontendVersion"] == "1.10.0"
    assert tree(views)["extra"]["ds"] == {"scale": 1}
    assert [each.kind for each in unknown.conflicts] == ["field"]
    assert tree(unknown)["extra"]["pack"] == {"a": 1}
    assert not versions.conflicts + views.conflicts
    assert apps.conflicts or len(tree(apps)["extra"]["linearData"]["inputs"]) == 2


def test_30_new_nodes_in_the_app_mode_have_their_new_ids():
    base = copy.deepcopy(TXT2IMG)
    base["extra"]["linearData"] = {"inputs": [[5, "steps"]], "outputs": [7]}

    def added(tree):
        between("A", 5, 0)(tree)
        tree["extra"]["linearData"]["inputs"].append([9, "strength"])

    made = merged(added, added, base)
    other = merged(between("B", 6, 0), added, base)

    assert tree(made)["extra"]["linearData"]["inputs"] == [[5, "steps"], [9, "strength"]]
    assert tree(other)["extra"]["linearData"]["inputs"] == [[5, "steps"], [10, "strength"]]
    both = merged(
        lambda tree: (between("B", 6, 0)(tree), tree["extra"]["linearData"]["inputs"].insert(0, [9, "x"])), added, base
    )
    assert tree(both)["extra"]["linearData"]["inputs"] == [[9, "x"], [5, "steps"], [10, "strength"]]


def ring_base() -> Tree:
    base = copy.deepcopy(TXT2IMG)
    graph = Graph.of(base)
    for _ in range(2):
        graph.append(
            "Invert",
            [],
            [{"name": "image", "type": "IMAGE", "link": None}],
            [{"name": "out", "type": "IMAGE", "links": []}],
        )
    return base


def test_31_links_that_go_round_are_a_conflict():
    made = merged(relinked(9, 0, 10, 0), relinked(10, 0, 9, 0), ring_base())

    assert [each.kind for each in made.conflicts] == ["cycle"]
    assert source(made, 10, 0) == [9, 0]
    assert source(made, 9, 0) is None


def test_32_a_link_that_does_not_fit_any_more_is_flagged():
    def other_type(tree):
        node = Graph.of(tree).node(7)
        node["type"] = "SaveLatent"
        node["inputs"][0]["type"] = "LATENT"
        Graph.of(tree).cut(Graph.of(tree).into(7, 0))

    made = merged(other_type, between("Sharpen", 7, 0))

    assert {each.kind for each in made.conflicts} == {"link"} or {each.kind for each in made.conflicts} == {"type"}


def test_33_both_sides_added_the_file():
    sides = [copy.deepcopy(TXT2IMG) for _ in range(2)]
    value(5, 2, 30)(sides[1])
    between("A", 7, 0)(sides[1])

    made = merge(None, *(read_json(json.dumps(each), "flow.json") for each in sides))

    assert kinds(made) == [("widget", "5", "widget/steps"), ("link", "7", "link/images")]
    assert made.conflicts[0].values.base != 20
    assert len(tree(made)["nodes"]) == 9


def test_33_a_record_in_base_is_no_fact():
    first = merged(value(5, 2, 30), value(5, 2, 40))
    texts = [json.dumps(TXT2IMG), json.dumps(TXT2IMG)]
    value(5, 3, 9)(other := copy.deepcopy(TXT2IMG))

    made = merge(first.document, *(read_json(text, "flow.json") for text in (texts[0], json.dumps(other))))

    assert "wftools" not in tree(made).get("extra", {})


def test_33_conflicts_that_ours_has_open_stay_open():
    first = merged(value(5, 2, 30), value(5, 2, 40))
    value(5, 3, 9)(other := copy.deepcopy(TXT2IMG))

    made = merge(read_json(json.dumps(TXT2IMG), "b"), first.document, read_json(json.dumps(other), "t"))

    assert kinds(made) == [("widget", "5", "widget/steps")]
    assert graph(made).node(5)["widgets_values"][2:4] == [30, 9]


def test_33_conflicts_that_theirs_has_open_stay_open():
    first = merged(value(5, 2, 30), value(5, 2, 40))
    second = merged(value(5, 3, 6), value(5, 3, 7))
    value(3, 0, "a fox")(other := copy.deepcopy(TXT2IMG))
    base = read_json(json.dumps(TXT2IMG), "b")

    alone = merge(base, read_json(json.dumps(other), "o"), first.document)
    beside = merge(base, second.document, first.document)

    assert (kinds(alone), alone.exit_status) == ([("widget", "5", "widget/steps")], 1)
    assert graph(alone).node(5)["widgets_values"][2] == 30
    assert [(each.id, each.key[-1]) for each in beside.conflicts] == [("c1", "cfg"), ("c2", "steps")]
    assert graph(Merged(resolved(beside.document, {"c2": Take("theirs")}).document)).node(5)["widgets_values"][2] == 40


def test_33_conflicts_that_theirs_has_open_are_over_what_the_result_calls_so():
    """Theirs added the node in dispute under an id that ours gave to another one."""
    base = copy.deepcopy(TXT2IMG)
    value(5, 2, 21)(before := copy.deepcopy(base))
    before["nodes"].append({**copy.deepcopy(before["nodes"][4]), "id": 9, "inputs": [], "outputs": []})
    before["last_node_id"] = 9
    theirs = merged(value(9, 2, 30), value(9, 2, 40), before)
    ours = copy.deepcopy(base)
    Graph.of(ours).append("VAELoader", [], [], ["a.safetensors"])

    made = merge(read_json(json.dumps(base), "b"), read_json(json.dumps(ours), "o"), theirs.document)

    assert kinds(made) == [("widget", "10", "widget/steps")]
    assert graph(made).node(10)["widgets_values"][2] == 30


def test_33_a_conflict_of_base_that_one_side_has_resolved_is_resolved():
    base = merged(value(5, 2, 30), value(5, 2, 40)).document
    chosen = resolved(base, {"c1": Take("theirs")}).document
    other = json.loads(base.text)
    value(5, 3, 9)(other)
    other = read_json(json.dumps(other), "flow.json")

    for made in (merge(base, other, chosen), merge(base, chosen, other)):
        assert made.conflicts == ()
        assert graph(made).node(5)["widgets_values"][2:4] == [40, 9]


def test_a_union_has_both_where_both_can_be_had():
    text = "a red circle on a blue background, best quality, sharp"
    base = copy.deepcopy(TXT2IMG)
    value(3, 0, text)(base)

    texts = merged(value(3, 0, text + ", 8k"), value(3, 0, text + ", film"), base, favor="union")
    kept = merged(deleted(5), value(5, 2, 40), favor="union")
    chained = merged(between("A", 5, 0), between("B", 5, 0), favor="union")
    values = merged(value(5, 2, 30), value(5, 2, 40), favor="union")

    assert graph(texts).node(3)["widgets_values"] == [text + ", 8k, film"]
    assert graph(kept).node(5)["widgets_values"][2] == 40
    assert [source(chained, 5, 0), source(chained, 10, 0), source(chained, 9, 0)] == [[10, 0], [9, 0], [1, 0]]
    assert not texts.conflicts + kept.conflicts + chained.conflicts
    assert len(values.conflicts) == 1


def test_a_result_that_would_be_broken_is_not_given():
    """Each side puts one subgraph into the other: together they would hold each other."""
    base = copy.deepcopy(SUBGRAPH)
    base["definitions"]["subgraphs"].append({**copy.deepcopy(SUBGRAPH["definitions"]["subgraphs"][0]), "id": "other"})
    types = [each["id"] for each in base["definitions"]["subgraphs"]]

    def holding(outer, inner):
        return lambda tree: Graph.of(tree, outer).append(types[inner], [], [], []) and None

    sides = [copy.deepcopy(base) for _ in range(3)]
    holding(0, 1)(sides[1])
    holding(1, 0)(sides[2])

    made = merge(*(read_json(json.dumps(each), "flow.json") for each in sides))

    assert kinds(made) == [("graph", "", "")]
    assert {key: each for key, each in tree(made).items() if key != "extra"} == {
        key: each for key, each in sides[1].items() if key != "extra"
    }
    assert tree(taking(made, "theirs")) == sides[2]


PROMPT: Tree = {
    "1": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
    "2": {
        "class_type": "KSampler",
        "inputs": {"latent_image": ["1", 0], "steps": 20, "cfg": 5},
        "_meta": {"title": "K"},
    },
}


def test_35_prompts_are_merged_alike_and_still_run():
    def steps(number):
        return lambda tree: tree["2"]["inputs"].update(steps=number)

    clean = merged(steps(30), lambda tree: tree["2"]["inputs"].update(cfg=7), PROMPT)
    clash = merged(steps(30), steps(40), PROMPT)
    added = merged(
        lambda tree: tree.update({"3": {"class_type": "A", "inputs": {"x": ["2", 0]}}}),
        lambda tree: tree.update({"3": {"class_type": "B", "inputs": {"x": ["2", 0]}}}),
        PROMPT,
    )

    assert tree(clean)["2"]["inputs"] == {"latent_image": ["1", 0], "steps": 30, "cfg": 7}
    assert kinds(clash) == [("widget", "2", "widget/steps")]
    assert all("class_type" in node for node in tree(clash).values())
    assert tree(clash)["2"]["inputs"]["steps"] == 30
    assert tree(taking(clash, "theirs")) == {
        **PROMPT,
        "2": {**PROMPT["2"], "inputs": {**PROMPT["2"]["inputs"], "steps": 40}},
    }
    assert sorted(node["class_type"] for node in tree(added).values()) == ["A", "B", "EmptyLatentImage", "KSampler"]
