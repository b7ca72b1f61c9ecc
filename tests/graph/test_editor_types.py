"""The editor's own nodes: no trace of them in a prompt, and what passes through them arrives."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.graph.cases import node, subgraph, workflow
from wftools.catalog.given import ObjectInfo
from wftools.catalog.lookup import Catalogue
from wftools.document import read
from wftools.graph import NodePath, build
from wftools.graph.authored.editor_types import EDITOR_TYPES, NOTES, Does
from wftools.lint import Linter
from wftools.lint.finding import ERROR

LOAD = node(1, "LoadImage", outputs=["IMAGE", "MASK"], values=["a.png", "image"])
OTHER = node(2, "LoadImage", outputs=["IMAGE", "MASK"], values=["b.png", "image"])
SAVE = node(9, "SaveImage", [("images", "IMAGE", 9)], values=["x"])


def graph_of(tree: dict[str, Any]):
    return build(read(json.dumps(tree).encode()))


def source(tree: dict[str, Any], path: str = "9") -> Any:
    """What the images of a node come from."""
    return graph_of(tree).flat.nodes[path].values.get("images")


def findings(tree: dict[str, Any], code: str):
    return [each for each in Linter().lint(json.dumps(tree).encode()) if each.code == code]


def sets(id_, name, link, type_="SetNode", **more):
    return node(id_, type_, [("IMAGE", "IMAGE", link)], ["*"], [name], **more)


def gets(id_, name, type_="GetNode", **more):
    return node(id_, type_, [], ["IMAGE"], [name], **more)


INTO_SET = [1, 1, 0, 3, 0, "IMAGE"]
OUT_OF_GET = [9, 4, 0, 9, 0, "IMAGE"]


@pytest.mark.parametrize("name", EDITOR_TYPES)
def test_no_node_of_the_editors_own_is_in_a_prompt_or_a_finding(name):
    tree = workflow([LOAD, {**SAVE, "inputs": [{"name": "images", "type": "IMAGE", "link": 1}]}, node(5, name)], [])
    tree["links"] = [[1, 1, 0, 9, 0, "IMAGE"]]

    assert set(graph_of(tree).flat.nodes) == {"1", "9"}
    assert not findings(tree, "N101")
    assert [each for each in Linter().lint(json.dumps(tree).encode()) if each.severity is ERROR] == []


@pytest.mark.parametrize("name", [name for name, each in EDITOR_TYPES.items() if each.does in (Does.PASS, Does.SET)])
@pytest.mark.parametrize(("mode", "found"), [(0, ["1", 0]), (2, None), (4, ["1", 0])])
def test_what_passes_passes_its_first_input_unless_it_is_muted(name, mode, found):
    way = node(3, name, [("", "*", 1)], ["*"], ["name"], mode=mode)

    assert source(workflow([LOAD, way, SAVE], [INTO_SET, [9, 3, 0, 9, 0, "IMAGE"]])) == found


@pytest.mark.parametrize(
    "name", [name for name, each in EDITOR_TYPES.items() if each.does in (Does.NOTHING, Does.CHOOSE, Does.GIVE)]
)
def test_what_does_not_pass_gives_no_link(name):
    way = node(3, name, [("", "*", 1)], ["*"], ["name"])

    assert source(workflow([LOAD, way, SAVE], [INTO_SET, [9, 3, 0, 9, 0, "IMAGE"]])) is None


@pytest.mark.parametrize(("set_type", "get_type"), [("SetNode", "GetNode"), ("easy setNode", "easy getNode")])
def test_a_name_stands_for_what_feeds_the_node_that_sets_it(set_type, get_type):
    pair = [sets(3, "canvas", 1, set_type), gets(4, "canvas", get_type)]

    assert source(workflow([LOAD, *pair, SAVE], [INTO_SET, OUT_OF_GET])) == ["1", 0]


@pytest.mark.parametrize(
    "pair",
    [
        [sets(3, "canvas", 1), gets(4, "Canvas")],
        [sets(3, "", 1), gets(4, "")],
        [sets(3, "canvas", 1, "easy setNode"), gets(4, "canvas")],
        [gets(4, "canvas")],
        [sets(3, "canvas", 1), gets(4, "canvas", mode=2)],
        [sets(3, "canvas", 1), gets(4, "canvas", mode=4)],
    ],
)
def test_a_name_that_is_not_set_gives_nothing(pair):
    assert source(workflow([LOAD, *pair, SAVE], [INTO_SET, OUT_OF_GET])) is None


def test_a_name_that_is_set_to_nothing_gives_nothing():
    pair = [sets(3, "canvas", None), gets(4, "canvas")]

    assert source(workflow([LOAD, *pair, SAVE], [OUT_OF_GET])) is None


@pytest.mark.parametrize("mode", [2, 4])
def test_a_setter_that_is_off_is_read_all_the_same(mode):
    pair = [sets(3, "canvas", 1, mode=mode), gets(4, "canvas")]

    assert source(workflow([LOAD, *pair, SAVE], [INTO_SET, OUT_OF_GET])) == ["1", 0]


@pytest.mark.parametrize(
    "values", [{"widgets_values": {"Constant": "canvas"}}, {"widgets_values_named": {"Constant": "canvas"}}]
)
def test_a_name_may_be_saved_by_the_name_of_its_widget(values):
    pair = [{**sets(3, "canvas", 1), **values}, {**gets(4, "canvas"), **values}]
    for each in pair:
        if "widgets_values" not in values:
            del each["widgets_values"]

    assert source(workflow([LOAD, *pair, SAVE], [INTO_SET, OUT_OF_GET])) == ["1", 0]


def test_of_several_in_one_graph_the_first_counts():
    pair = [sets(5, "canvas", 2), sets(3, "canvas", 1), gets(4, "canvas")]
    links = [INTO_SET, [2, 2, 0, 5, 0, "IMAGE"], OUT_OF_GET]

    assert source(workflow([LOAD, OTHER, *pair, SAVE], links)) == ["2", 0]


def test_names_may_stand_in_a_row_and_in_a_circle():
    row = [sets(3, "a", 1), gets(5, "a"), sets(6, "b", 2), gets(4, "b")]
    circle = [sets(3, "a", 1), gets(5, "b"), sets(6, "b", 2), gets(4, "a")]

    assert source(workflow([LOAD, *row, SAVE], [INTO_SET, [2, 5, 0, 6, 0, "IMAGE"], OUT_OF_GET])) == ["1", 0]
    in_circle = [[1, 5, 0, 3, 0, "IMAGE"], [2, 4, 0, 6, 0, "IMAGE"], OUT_OF_GET]
    assert source(workflow([LOAD, *circle, SAVE], in_circle)) is None


def inside(getter, *others, id_="inner"):
    """A subgraph that saves what a name stands for."""
    return subgraph(id_, [getter, SAVE, *others], [(9, 4, 0, 9, 0, "IMAGE")])


def test_a_name_is_looked_up_in_the_graphs_around():
    middle = subgraph("middle", [node(20, "inner")], [])
    tree = workflow([LOAD, sets(3, "canvas", 1), node(30, "middle")], [INTO_SET])
    tree["definitions"] = {"subgraphs": [inside(gets(4, "canvas")), middle]}

    assert source(tree, "30:20:9") == ["1", 0]


def test_a_name_in_the_own_graph_comes_first():
    own = [node(21, "LoadImage", outputs=["IMAGE"], values=["c.png", "image"]), sets(22, "canvas", 1)]
    definition = subgraph(
        "inner", [gets(4, "canvas"), SAVE, *own], [(9, 4, 0, 9, 0, "IMAGE"), (1, 21, 0, 22, 0, "IMAGE")]
    )
    tree = workflow([LOAD, sets(3, "canvas", 1), node(30, "inner")], [INTO_SET])
    tree["definitions"] = {"subgraphs": [definition]}

    assert source(tree, "30:9") == ["30:21", 0]


def test_several_around_give_nothing():
    tree = workflow([LOAD, sets(3, "canvas", 1), sets(5, "canvas", None), node(30, "inner")], [INTO_SET])
    tree["definitions"] = {"subgraphs": [inside(gets(4, "canvas"))]}

    assert source(tree, "30:9") is None


def test_names_of_easy_use_end_at_the_border_of_their_graph():
    tree = workflow([LOAD, sets(3, "canvas", 1, "easy setNode"), node(30, "inner")], [INTO_SET])
    tree["definitions"] = {"subgraphs": [inside(gets(4, "canvas", "easy getNode"))]}

    assert source(tree, "30:9") is None


def test_a_name_that_is_set_inside_may_come_from_outside():
    inner = subgraph(
        "inner",
        [sets(3, "canvas", 1), gets(4, "canvas"), SAVE],
        [(1, -10, 0, 3, 0, "IMAGE"), (9, 4, 0, 9, 0, "IMAGE")],
        inputs=[("picture", "IMAGE", [1])],
    )
    tree = workflow([LOAD, node(30, "inner", [("picture", "IMAGE", 1)])], [[1, 1, 0, 30, 0, "IMAGE"]])
    tree["definitions"] = {"subgraphs": [inner]}

    assert source(tree, "30:9") == ["1", 0]


def test_a_component_whose_definition_is_in_the_file_is_a_group_node():
    name = "## invert [2c8c61]"
    inner = node(0, "ImageInvert", [("image", "IMAGE", None)], ["IMAGE"])
    tree = workflow(
        [LOAD, node(3, name, [("image", "IMAGE", 1)], ["IMAGE"]), SAVE], [INTO_SET, [9, 3, 0, 9, 0, "IMAGE"]]
    )
    tree["extra"] = {"groupNodes": {name: {"nodes": [inner], "links": [], "external": []}}}

    prompt = {node.type: node.values for node in graph_of(tree).flat.nodes.values()}

    assert set(prompt) == {"LoadImage", "ImageInvert", "SaveImage"}
    assert prompt["ImageInvert"] == {"image": ["1", 0]}


def test_a_component_without_a_definition_is_said_to_be_one():
    (found,) = findings(workflow([node(3, "## invert [2c8c61]")], []), "N101")

    assert found.hint is not None
    assert "component" in found.hint


def test_a_type_that_a_server_declares_is_the_servers():
    declared = ObjectInfo("a server", {"GetNode": {"input": {}, "output": ["IMAGE"]}})
    tree = workflow([gets(4, "canvas"), SAVE], [OUT_OF_GET])

    graph = build(read(json.dumps(tree).encode()), Catalogue((declared,)))

    assert graph.flat.nodes[NodePath("9")].values["images"] == ["4", 0]


@pytest.mark.parametrize(
    ("type_", "name", "value"),
    [("PrimitiveNode", "value", 7), *((note, "text", "hi") for note in sorted(NOTES)), ("SetNode", "Constant", "c")],
)
def test_what_an_editors_node_holds_is_seen_in_the_unfolded_view(type_, name, value):
    view = graph_of(workflow([node(3, type_, values=[value])], [])).unfolded

    assert view.nodes["3"].values == {name: value}


def test_an_input_that_a_name_leaves_open_is_told_so():
    found = findings(workflow([gets(4, "canvas"), SAVE], [OUT_OF_GET]), "N105")

    assert [(each.severity, each.hint) for each in found] == [
        (ERROR, "node 4 (GetNode) feeds it, and nothing sets 'canvas'")
    ]
