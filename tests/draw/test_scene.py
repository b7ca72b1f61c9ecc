"""What a picture of a workflow consists of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings

from tests.strategies import odd_prompts, odd_workflows
from wftools.document import read
from wftools.draw import compose, drawing
from wftools.draw.scene import ROOT
from wftools.errors import LimitError, WftoolsError
from wftools.graph import build

SAMPLES = Path(__file__).parents[2] / "sample_workflows"
LOOKS = Path(__file__).parents[1] / "data" / "draw" / "looks.json"


def drawn(tree):
    return drawing(build(read(json.dumps(tree).encode(), "flow.json")))


def sample(name):
    return drawing(build(read(SAMPLES / name)))


def by_id(scene):
    return {node.id: node for node in scene.nodes}


def ui_node(id_, kind="PreviewAny", **more):
    return {"id": id_, "type": kind, "pos": [0, 0], "size": [200, 100], **more}


def test_slots_and_widgets_are_where_the_editor_has_them():
    """As its frontend 1.58.1 answered for this file."""
    node = by_id(sample("txt2img.json").root)["5"]

    assert [slot.at for slot in node.inputs if not slot.of_widget] == [(10, 14), (10, 34), (10, 54), (10, 74)]
    assert node.outputs[0].at == (300 - 9, 14)
    assert [(each.label, each.place.y) for each in node.widgets] == [
        ("seed", 86),
        ("control after generate", 110),
        ("steps", 134),
        ("cfg", 158),
        ("sampler_name", 182),
        ("scheduler", 206),
        ("denoise", 230),
    ]
    assert next(slot.at for slot in node.inputs if slot.name == "seed") == (10, 96)


def test_values_are_shown_as_the_editor_shows_them():
    node = by_id(sample("txt2img.json").root)["5"]

    assert [each.text for each in node.widgets] == ["7", "fixed", "20", "5.0", "euler", "normal", "1.00"]


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.glob("*.json")))
def test_links_run_from_the_dot_of_an_output_to_that_of_an_input(name):
    for scene in sample(name).scenes.values():
        nodes = by_id(scene)
        for link in scene.links:
            source, target = nodes[link.source], nodes[link.target]
            starts = [(source.body.x + x, source.body.y + y) for x, y in (slot.at for slot in source.outputs)]
            ends = [(target.body.x + x, target.body.y + y) for x, y in (slot.at for slot in target.inputs)]
            assert link.points[0] in starts
            assert link.points[-1] in ends


def test_every_template_is_drawn_with_all_of_its_nodes_and_links_that_are_there(templates):
    for path in templates[::8]:
        tree = json.loads(path.read_bytes())
        made = drawing(build(read(path)))
        definitions = (tree.get("definitions") or {}).get("subgraphs") or []
        assert len(made.root.nodes) == len(tree["nodes"])
        assert made.scenes.keys() == {ROOT, *(each["id"] for each in definitions)}
        linked = {row[0] for row in tree["links"] if row}
        named = [slot.get("link") for node in tree["nodes"] for slot in node.get("inputs") or ()]
        assert len(made.root.links) <= sum(link in linked for link in named)
        for scene in made.scenes.values():
            for node in scene.nodes:
                assert all(each.place.bottom <= node.body.height + 6 for each in node.widgets if each.place), (
                    path.name,
                    node.id,
                )


def test_an_instance_shows_its_own_values_and_opens_its_definition():
    made = sample("subgraph.json")
    first, second = (node for node in made.root.nodes if node.kind == "subgraph")

    assert [each.text for each in first.widgets] == ["a small blue square on a yellow background", "3"]
    assert [each.text for each in second.widgets] == ["a large green triangle on a pink background", "4"]
    assert first.inside == second.inside
    inside = made.scenes[first.inside]
    assert {node.kind for node in inside.nodes} == {"node", "inputs", "outputs"}
    assert {link.source for link in inside.links} >= {"-10"}
    assert {link.target for link in inside.links} >= {"-20"}


def test_looks_of_nodes():
    nodes = by_id(drawing(build(read(LOOKS))).root)

    assert nodes["2"].is_bypassed
    assert nodes["4"].is_muted
    assert nodes["6"].is_collapsed
    assert nodes["6"].body.height == 0
    assert (nodes["3"].color, nodes["3"].bgcolor) == ("#223322", "#335533")
    assert nodes["30"].kind == "reroute"
    assert nodes["32"].inputs[0].dot == "hollow"
    assert nodes["32"].outputs[0].dot == "list"
    assert [each.text for each in nodes["32"].widgets] == ["20", "fixed"]
    assert [each.is_linked for each in nodes["5"].widgets if each.name == "steps"] == [True]


def test_nodes_that_exist_in_the_editor_only_show_what_they_hold():
    nodes = by_id(
        drawn(
            {
                "nodes": [
                    ui_node(1, "Reroute (rgthree)"),
                    ui_node(2, "SetNode", widgets_values=["canvas"]),
                    ui_node(3, "Note Plus (mtb)", widgets_values=["read me", "p {}", "markdown"]),
                    ui_node(4, "Label (rgthree)", title="Step 1"),
                ],
                "links": [],
                "version": 0.4,
            }
        ).root
    )

    assert nodes["1"].kind == "reroute"
    assert [(each.label, each.text) for each in nodes["2"].widgets] == [("Constant", "canvas")]
    assert [each.text for each in nodes["3"].widgets] == ["read me"]
    assert nodes["4"].title == "Step 1"


def test_a_link_is_drawn_through_its_reroutes():
    scene = drawing(build(read(LOOKS))).root

    (link,) = (each for each in scene.links if each.target == "7")
    assert link.points[1:-1] == ((1470, 120),)
    assert [(each.at, each.type) for each in scene.reroutes] == [((1470, 120), "IMAGE")]


def test_a_prompt_is_laid_out_along_its_links_without_overlaps():
    prompt = {
        "1": {"class_type": "PrimitiveString", "inputs": {"value": "a"}},
        "57:3": {"class_type": "StringTrim", "inputs": {"string": ["1", 0], "mode": "Both"}},
        "57:4": {"class_type": "NoSuchNode", "inputs": {"in": ["57:3", 0], "count": 3}},
        "9": {"class_type": "PreviewAny", "inputs": {"source": ["57:4", 2]}, "_meta": {"title": "Shown"}},
    }

    scene = drawn(prompt).root

    nodes = by_id(scene)
    assert len(scene.links) == 3
    assert all(nodes[each.source].frame.right < nodes[each.target].frame.x for each in scene.links)
    assert nodes["9"].title == "Shown"
    assert [each.text for each in nodes["57:4"].widgets] == ["3"]
    assert [group.title for group in scene.groups] == ["Subgraph 57"]
    assert all(not each.hidden for each in scene.nodes)


def test_nodes_without_a_place_are_laid_out_below_the_others():
    tree = {
        "nodes": [ui_node(1), {"id": 2, "type": "PreviewAny"}, ui_node(3, pos="here"), ui_node(4, pos=[10**400, 0])],
        "links": [],
    }

    nodes = by_id(drawn(tree).root)

    assert nodes["1"].body.y == 0
    assert min(nodes[id_].frame.y for id_ in "234") > nodes["1"].body.bottom
    assert len({(node.body.x, node.body.y) for node in nodes.values()}) == 4


def test_borders_without_a_place_stand_beside_what_is_in_a_subgraph():
    tree = json.loads((SAMPLES / "subgraph.json").read_text("utf-8"))
    (definition,) = tree["definitions"]["subgraphs"]
    for border in ("inputNode", "outputNode"):
        del definition[border]["bounding"]

    nodes = by_id(drawn(tree).scenes[definition["id"]])

    inner = [node.frame for node in nodes.values() if node.kind == "node"]
    assert nodes["-10"].frame.right < min(frame.x for frame in inner)
    assert nodes["-20"].frame.x > max(frame.right for frame in inner)


def test_what_does_not_fit_is_counted():
    node = ui_node(5, "KSampler", size=[300, 130], widgets_values=[1, "fixed", 20, 8, "euler", "normal", 1])

    (shown,) = drawn({"nodes": [node], "links": []}).root.nodes

    assert [each.place is None for each in shown.widgets] == 2 * [False] + 5 * [True]
    assert shown.hidden == 5


def test_a_float_is_shown_without_the_noise_of_arithmetic_and_with_all_digits_else():
    node = ui_node(1, "ThresholdMask", widgets_values=[0.4099999999999999])
    other = ui_node(2, "ThresholdMask", widgets_values=[0.41001])

    first, second = drawn({"nodes": [node, other], "links": []}).root.nodes

    assert (first.widgets[0].text, second.widgets[0].text) == ("0.41", "0.41001")


def test_too_many_nodes_are_one_error(monkeypatch):
    monkeypatch.setattr(compose, "MAX_DRAWN", 2)

    with pytest.raises(LimitError, match="3 nodes; a picture can have 2"):
        drawn({"nodes": [ui_node(1), ui_node(2), ui_node(3)], "links": []})


@settings(max_examples=200)
@given(odd_workflows() | odd_prompts())
def test_any_file_that_can_be_read_can_be_drawn(tree):
    try:
        document = read(json.dumps(tree).encode())
        graph = build(document)
        _ = graph.flat
    except WftoolsError:  # what cannot be read at all is another test's
        return

    made = drawing(graph)

    for scene in made.scenes.values():
        for node in scene.nodes:
            assert all(abs(each) < 1e9 for each in (node.body.x, node.body.y, node.body.width, node.body.height))
