"""What a comparison marks in the pictures of both versions."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import odd_prompts, odd_workflows
from tests.versions import pairs
from wftools.diff import FileDiff, Options, Report, compared
from wftools.diff.picture import GONE, pictures
from wftools.diff.reporters import REPORTERS
from wftools.document import read
from wftools.errors import WftoolsError

SAMPLES = Path(__file__).parents[2] / "sample_workflows"
SVG = "{http://www.w3.org/2000/svg}"


def document(tree, name):
    return read(json.dumps(tree).encode(), name)


def sample(name="txt2img.json"):
    return json.loads((SAMPLES / name).read_text("utf-8"))


def made(old, new, *, shows_moves=True):
    comparison = compared(document(old, "old.json"), document(new, "new.json"))
    return pictures(comparison, comparison.at("semantic"), shows_moves=shows_moves)


def report(old, new):
    files = document(old, "old.json"), document(new, "new.json")
    return Report((FileDiff("flow.json", *files, compared(*files)),), Options())


def rendered(form, made):
    found = REPORTERS.load(form).render(made)
    assert isinstance(found, bytes)
    return found


def node_of(tree, id_):
    return next(node for node in tree["nodes"] if node["id"] == id_)


def by_id(scene):
    return {node.id: node for node in scene.nodes}


def marks(scene):
    return {node.id: node.mark for node in scene.nodes if node.mark is not None}


@pytest.fixture
def edited():
    """A sample in which a value was changed, a node moved, one removed with its link, one added and linked."""
    tree = sample()
    node_of(tree, 5)["widgets_values"][2] = 30
    node_of(tree, 2)["pos"] = [40, 700]
    tree["nodes"] = [node for node in tree["nodes"] if node["id"] != 4]
    tree["links"] = [row for row in tree["links"] if 4 not in (row[1], row[3])]
    next(slot for slot in node_of(tree, 5)["inputs"] if slot["name"] == "negative")["link"] = None
    node_of(tree, 6)["outputs"][0]["links"].append(90)
    tree["nodes"].append(
        {
            "id": 50,
            "type": "PreviewImage",
            "pos": [420, 420],
            "size": [300, 200],
            "inputs": [{"name": "images", "type": "IMAGE", "link": 90}],
            "outputs": [],
        }
    )
    tree["links"].append([90, 6, 0, 50, 0, "IMAGE"])
    return tree


def test_each_version_has_the_marks_of_what_is_in_it(edited):
    made_of = made(sample(), edited)

    assert marks(made_of.old.root) == {"5": "changed", "2": "moved", "4": "removed"}
    assert marks(made_of.new.root) == {"5": "changed", "2": "moved", "50": "added"}
    steps = next(each for each in by_id(made_of.new.root)["5"].widgets if each.name == "steps")
    assert (steps.mark, steps.was, steps.text) == ("changed", "20", "30")
    assert [(each.target, each.mark) for each in made_of.new.root.links if each.mark] == [("50", "added")]
    links = [(each.source, each.target, each.mark) for each in made_of.old.root.links if each.mark]
    assert links == [("1", "4", "removed"), ("4", "5", "removed")]


def test_a_node_that_was_moved_says_where_it_stood(edited):
    size = by_id(made(sample(), edited).new.root)["2"]

    assert (size.was_at.x, size.was_at.y) == (40, 370)
    assert by_id(made(sample(), edited, shows_moves=False).new.root)["2"].mark is None


def test_what_is_gone_stands_in_the_picture_of_both_beside_what_took_its_place(edited):
    scene = made(sample(), edited).both.root

    gone, new = by_id(scene)[GONE + "4"], by_id(scene)["50"]
    assert gone.mark == "removed"
    assert gone.frame.y > new.frame.bottom
    (link,) = (each for each in scene.links if each.target == GONE + "4")
    assert (link.source, link.mark) == ("1", "removed")
    assert link.points[-1] == (gone.body.x + 10, gone.body.y + 14)


def test_a_renumbered_node_is_no_change():
    tree = sample()
    text = json.dumps(tree["nodes"])
    tree["nodes"] = json.loads(text)
    node_of(tree, 5)["id"] = 77
    for row in tree["links"]:
        row[1], row[3] = (77 if row[1] == 5 else row[1]), (77 if row[3] == 5 else row[3])

    both = made(sample(), tree)

    assert marks(both.old.root) == marks(both.new.root) == {}
    assert len(both.both.root.nodes) == len(tree["nodes"])


def test_changes_inside_a_subgraph_are_marked_in_its_scene():
    old, new = sample("subgraph.json"), sample("subgraph.json")
    (definition,) = new["definitions"]["subgraphs"]
    node_of(definition, 34)["widgets_values"][2] = 5

    both = made(old, new).both

    assert marks(both.root) == {}
    assert marks(both.scenes[definition["id"]]) == {"34": "changed"}


def test_a_widget_that_an_instance_shows_is_marked_where_it_is_shown():
    old, new = sample("subgraph.json"), sample("subgraph.json")
    node_of(new, 10)["widgets_values"][0] = "a red star"

    host = by_id(made(old, new).new.root)["10"]

    assert [(each.name, each.mark) for each in host.widgets] == [("text", "changed"), ("seed", None)]


def test_a_group_that_went_is_marked():
    old, new = sample(), sample()
    old["groups"] = [{"id": 1, "title": "A", "bounding": [0, 0, 500, 300]}]

    both = made(old, new)

    assert [group.mark for group in both.old.root.groups] == ["removed"]
    assert [group.mark for group in both.both.root.groups] == ["removed"]


def test_prompts_are_compared_too():
    old = {"1": {"class_type": "PrimitiveString", "inputs": {"value": "a"}}}
    new = {
        "1": {"class_type": "PrimitiveString", "inputs": {"value": "b"}},
        "2": {"class_type": "PreviewAny", "inputs": {"source": ["1", 0]}},
    }

    assert marks(made(old, new).new.root) == {"1": "changed", "2": "added"}


def test_a_value_before_is_shown_as_the_value_now():
    old, new = sample(), sample()
    node_of(new, 5)["widgets_values"][3] = 6

    cfg = next(each for each in by_id(made(old, new).new.root)["5"].widgets if each.name == "cfg")

    assert (cfg.was, cfg.text) == ("5.0", "6.0")


def test_words_of_texts_are_compared_in_the_picture():
    old, new = sample(), sample()
    node_of(new, 3)["widgets_values"] = ["a red circle on a very dark background"]

    root = ET.fromstring(rendered("svg", report(old, new)))

    words = [(each.get("class"), each.text) for each in root.iter(f"{SVG}tspan")]
    assert words == [("word removed", "blue"), ("word added", "very dark")]


def test_what_is_the_same_of_two_prompts_stands_in_one_place():
    """Prompts have no places; laid out one by one, everything would have moved."""
    old = {
        "1": {"class_type": "PrimitiveString", "inputs": {"value": "a"}},
        "2": {"class_type": "StringTrim", "inputs": {"string": ["1", 0], "mode": "Both"}},
        "3": {"class_type": "PreviewAny", "inputs": {"source": ["2", 0]}},
    }
    new = {"1": old["1"], "3": {"class_type": "PreviewAny", "inputs": {"source": ["1", 0]}}}

    both = made(old, new)

    before, after = by_id(both.old.root), by_id(both.new.root)
    assert marks(both.old.root)["2"] == "removed"
    assert [before[id_].body.x for id_ in "13"] == [after[id_].body.x for id_ in "13"]
    assert before["1"].frame.right < before["2"].frame.x
    assert before["2"].frame.right < before["3"].frame.x


def test_secrets_are_in_no_picture():
    old, new = sample(), sample()
    for tree, key in ((old, "sk-aaaaaaaaaaaaaaaaaaaaaaaa"), (new, "sk-bbbbbbbbbbbbbbbbbbbbbbbb")):
        inputs = [{"name": "api_key", "type": "STRING", "widget": {"name": "api_key"}, "link": None}]
        tree["nodes"].append(
            {"id": 60, "type": "Asker", "pos": [0, 900], "size": [300, 100], "inputs": inputs, "widgets_values": [key]}
        )

    whole = Report((FileDiff("flow.json", None, document(new, "new.json")),), Options())
    for form in ("svg", "html"):
        for one in (report(old, new), whole):
            text = rendered(form, one).decode()
            assert "api_key" in text
            assert "aaaaaaaa" not in text
            assert "bbbbbbbb" not in text


def test_the_svg_shows_the_scenes_that_changed(edited):
    root = ET.fromstring(rendered("svg", report(sample(), edited)))

    classes = [each.get("class") or "" for each in root.iter(f"{SVG}rect")]
    assert {"mark added", "mark removed", "mark changed"} <= set(classes)
    assert "mark moved" not in classes  # below the level
    assert {"added", "removed", "changed"} <= {each.text for each in root.iter(f"{SVG}text")}
    assert "20 → 30" in {each.text for each in root.iter(f"{SVG}text")}


def test_every_real_pair_has_pictures():
    for pair in pairs():
        files = pair.document("old"), pair.document("new")
        one = Report((FileDiff("flow.json", *files, compared(*files)),), Options())
        ET.fromstring(rendered("svg", one))
        assert b"</html>" in rendered("html", one)


@settings(max_examples=80)
@given(st.data())
def test_whatever_can_be_compared_has_pictures(data):
    trees = odd_workflows() if data.draw(st.booleans()) else odd_prompts()
    old, new = data.draw(trees), data.draw(trees)
    try:
        one = report(old, data.draw(st.sampled_from([old, new])))
    except WftoolsError:  # what cannot be read or compared is another test's
        return

    ET.fromstring(rendered("svg", one))
    rendered("html", one).decode()
