"""What a UI workflow would be for the server: subgraphs, reroutes, bypass, mute and primitives resolved."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from tests.graph.cases import LINK_KEYS, node, subgraph, workflow
from tests.strategies import ui_workflows
from wftools.document import read
from wftools.errors import LimitError
from wftools.graph import build
from wftools.graph.model import NodePath


def flat(workflow: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The prompt: inputs by node path."""
    view = build(read(json.dumps(workflow).encode())).flat
    return {path: {name: given.value for name, given in node.given.items()} for path, node in view.nodes.items()}


LOAD = node(1, "CheckpointLoaderSimple", outputs=["MODEL", "CLIP", "VAE"], values=["a.safetensors"])
LORA = node(2, "LoraLoader", [("model", "MODEL", 1), ("clip", "CLIP", 2)], ["MODEL", "CLIP"], ["b.safetensors", 1, 1])
TEXT = node(3, "CLIPTextEncode", [("clip", "CLIP", 3)], ["CONDITIONING"], ["a cat"])
LORA_LINKS = [[1, 1, 0, 2, 0, "MODEL"], [2, 1, 1, 2, 1, "CLIP"], [3, 2, 1, 3, 0, "CLIP"]]


def test_widgets_get_their_names_and_companions_are_left_out():
    sampler = node(4, "KSampler", [("model", "MODEL", None)], ["LATENT"], [7, "randomize", 20, 8, "euler", "normal", 1])

    assert flat(workflow([sampler], []))["4"] == {
        "seed": 7,
        "steps": 20,
        "cfg": 8,
        "sampler_name": "euler",
        "scheduler": "normal",
        "denoise": 1,
    }


@pytest.mark.parametrize(("mode", "clip"), [(0, ["2", 1]), (2, None), (4, ["1", 1])])
def test_a_muted_node_gives_nothing_and_a_bypassed_one_what_has_the_same_type(mode, clip):
    prompt = flat(workflow([LOAD, {**LORA, "mode": mode}, TEXT], LORA_LINKS))

    assert prompt["3"].get("clip") == clip
    assert ("2" in prompt) == (mode == 0)


def test_a_bypassed_node_without_a_fitting_input_gives_nothing():
    encode = node(5, "VAEDecode", [("samples", "LATENT", 4), ("vae", "VAE", None)], ["IMAGE"], mode=4)
    save = node(6, "SaveImage", [("images", "IMAGE", 5)], values=["x"])
    empty = node(4, "EmptyLatentImage", outputs=["LATENT"], values=[64, 64, 1])

    prompt = flat(workflow([empty, encode, save], [[4, 4, 0, 5, 0, "LATENT"], [5, 5, 0, 6, 0, "IMAGE"]]))

    assert prompt["6"] == {"filename_prefix": "x"}


def test_a_consumer_of_anything_gets_the_input_in_the_same_position():
    preview = node(9, "PreviewAny", [("source", "*", 4)])

    prompt = flat(workflow([LOAD, {**LORA, "mode": 4}, preview], [*LORA_LINKS[:2], [4, 2, 0, 9, 0, "*"]]))

    assert prompt["9"] == {"source": ["1", 0]}


@pytest.mark.parametrize(("modes", "source"), [((0, 0), ["1", 1]), ((2, 0), None), ((4, 0), ["1", 1])])
def test_reroutes_leave_no_trace(modes, source):
    first = node(10, "Reroute", [("", "*", 5)], ["CLIP"], mode=modes[0])
    second = node(11, "Reroute", [("", "*", 6)], ["CLIP"], mode=modes[1])
    text = node(3, "CLIPTextEncode", [("clip", "CLIP", 7)], ["CONDITIONING"], ["a cat"])
    links = [[5, 1, 1, 10, 0, "*"], [6, 10, 0, 11, 0, "*"], [7, 11, 0, 3, 0, "CLIP"]]

    prompt = flat(workflow([LOAD, first, second, text], links))

    assert set(prompt) == {"1", "3"}
    assert prompt["3"].get("clip") == source


def test_reroutes_in_a_circle_give_nothing():
    nodes = [
        node(10, "Reroute", [("", "*", 6)], ["*"]),
        node(11, "Reroute", [("", "*", 5)], ["*"]),
        node(12, "PreviewAny", [("source", "*", 7)]),
    ]

    prompt = flat(workflow(nodes, [[5, 10, 0, 11, 0, "*"], [6, 11, 0, 10, 0, "*"], [7, 10, 0, 12, 0, "*"]]))

    assert prompt == {"12": {}}


@pytest.mark.parametrize(("mode", "value", "given"), [(0, 30, 30), (2, 30, 30), (4, 30, 30), (0, 999_999, 10_000)])
def test_a_primitive_gives_its_value_within_the_range_of_the_widget(mode, value, given):
    """Also when it is muted: the value is written before anything runs."""
    primitive = node(20, "PrimitiveNode", outputs=["INT"], values=[value, "fixed"], mode=mode)
    sampler = node(4, "KSampler", [("*steps", "INT", 8)], ["LATENT"], [7, "fixed", 20, 8, "euler", "normal", 1])

    prompt = flat(workflow([primitive, sampler], [[8, 20, 0, 4, 0, "INT"]]))

    assert set(prompt) == {"4"}
    assert prompt["4"]["steps"] == given


def test_notes_are_in_no_prompt():
    assert flat(workflow([node(1, "Note", values=["x"]), node(2, "MarkdownNote", values=["y"])], [])) == {}


def test_a_list_as_a_value_is_wrapped():
    boxes = node(1, "CreateBoundingBoxes", values=[64, 64, [{"x": 0}], []])

    assert flat(workflow([boxes], []))["1"]["editor_state"] == {"__value__": [{"x": 0}]}


INNER = [
    node(
        7,
        "StringConcatenate",
        [("*string_a", "STRING", 1), ("*string_b", "STRING", None)],
        ["STRING"],
        ["ia", "ib", ""],
    )
]
INNER_LINKS = [(1, -10, 0, 7, 0, "STRING"), (2, 7, 0, -20, 0, "STRING")]


def host(id_, values=None, link=None, **more):
    return node(id_, "sub", [("*a", "STRING", link)], ["STRING"], values, **more)


def with_subgraph(*nodes, links=(), **more):
    definition = subgraph("sub", INNER, INNER_LINKS, [("a", "STRING", [1])], [("out", "STRING", [2])], **more)
    return workflow(list(nodes), list(links), definitions={"subgraphs": [definition]})


def test_a_subgraph_is_spelled_out_under_the_ids_that_comfyui_uses():
    preview = node(2, "PreviewAny", [("source", "*", 4)])

    prompt = flat(with_subgraph(host(5, ["host"]), preview, links=[[4, 5, 0, 2, 0, "STRING"]]))

    assert prompt == {
        "5:7": {"string_a": "host", "string_b": "ib", "delimiter": ""},
        "2": {"source": ["5:7", 0]},
    }


@pytest.mark.parametrize(("values", "given"), [(["host"], "host"), (None, "ia"), ([], "ia"), ([None], None)])
def test_the_value_of_an_instance_wins_over_the_one_inside(values, given):
    assert flat(with_subgraph(host(5, values)))["5:7"]["string_a"] == given


@pytest.mark.parametrize("proxies", [None, [["-1", "m"]], [["7", "upscale_method"]]])
def test_null_in_the_place_of_a_promoted_menu_is_its_first_choice(proxies):
    """As in a node's own list; the editor sends null where there is no menu."""
    scale = node(7, "ImageScaleBy", [("image", "IMAGE", None), ("*upscale_method", "COMBO", 1)], ["IMAGE"], ["area", 2])
    inside = subgraph("sub", [scale], [(1, -10, 0, 7, 1, "COMBO")], [("m", "COMBO", [1])], [])
    properties = {} if proxies is None else {"properties": {"proxyWidgets": proxies}}
    instance = node(5, "sub", [("*m", "COMBO", None)], [], [None], **properties)

    prompt = flat(workflow([instance], [], definitions={"subgraphs": [inside]}))

    assert prompt["5:7"]["upscale_method"] == "nearest-exact"


def test_a_link_into_an_instance_wins_over_its_value():
    text = node(3, "PrimitiveString", outputs=["STRING"], values=["linked"])

    prompt = flat(with_subgraph(text, host(5, ["host"], link=9), links=[[9, 3, 0, 5, 0, "STRING"]]))

    assert prompt["5:7"]["string_a"] == ["3", 0]


def test_two_instances_have_values_of_their_own():
    prompt = flat(with_subgraph(host(5, ["one"]), host(6, ["two"])))

    assert (prompt["5:7"]["string_a"], prompt["6:7"]["string_a"]) == ("one", "two")


@pytest.mark.parametrize(
    ("proxies", "values", "given"),
    [
        ([["7", "string_a"]], ["x"], ("x", "ib")),
        ([["-1", "a"]], ["x"], ("x", "ib")),
        ([["7", "string_b"], ["-1", "a"]], ["x", "y"], ("y", "x")),
        ([["7", "$$canvas-image-preview"], ["7", "string_b"]], ["p", "x"], ("ia", "x")),
        ([["7", "3: string_b"]], ["x"], ("ia", "x")),
        ([["99", "string_b"]], ["x"], ("ia", "ib")),
    ],
)
def test_proxy_widgets_of_older_files_say_what_the_values_are_for(proxies, values, given):
    prompt = flat(with_subgraph(host(5, values, properties={"proxyWidgets": proxies})))

    assert (prompt["5:7"]["string_a"], prompt["5:7"]["string_b"]) == given


def test_a_node_inside_whose_id_is_taken_gets_the_next_free_one():
    root = node(7, "PrimitiveString", outputs=["STRING"], values=["root"])

    prompt = flat(with_subgraph(root, host(5, ["x"])))

    assert set(prompt) == {"7", "5:51"}


@pytest.mark.parametrize(("mode", "source"), [(2, None), (4, ["3", 0])])
def test_the_inside_of_a_muted_or_bypassed_instance_is_left_out(mode, source):
    text = node(3, "PrimitiveString", outputs=["STRING"], values=["linked"])
    preview = node(2, "PreviewAny", [("source", "STRING", 4)])
    links = [[9, 3, 0, 5, 0, "STRING"], [4, 5, 0, 2, 0, "STRING"]]

    prompt = flat(with_subgraph(text, host(5, link=9, mode=mode), preview, links=links))

    assert set(prompt) == {"3", "2"}
    assert prompt["2"].get("source") == source


def test_an_input_that_leads_straight_to_an_output_passes_through():
    definition = subgraph("sub", [], [(1, -10, 0, -20, 0, "STRING")], [("a", "STRING", [1])], [("out", "STRING", [1])])
    nodes = [
        node(3, "PrimitiveString", outputs=["STRING"], values=["x"]),
        host(5, link=9),
        node(2, "PreviewAny", [("source", "*", 4)]),
    ]
    links = [[9, 3, 0, 5, 0, "STRING"], [4, 5, 0, 2, 0, "STRING"]]

    assert flat(workflow(nodes, links, definitions={"subgraphs": [definition]}))["2"] == {"source": ["3", 0]}


@pytest.mark.parametrize("rows", [(10, 11), (11, 10)])
def test_of_several_links_to_an_output_the_one_that_it_names_first_counts(rows):
    """As in the editor; the order of the rows is that in which they were made."""
    loads = [node(id_, "LoadImage", outputs=["IMAGE", "MASK"], values=["a.png", "image"]) for id_ in (7, 8)]
    links = {10: [10, 7, 0, -20, 0, "IMAGE"], 11: [11, 8, 0, -20, 0, "IMAGE"]}
    inside = subgraph("uuid", loads, [links[id_] for id_ in rows], outputs=[("image", "IMAGE", (11, 10))])
    save = node(6, "SaveImage", [("images", "IMAGE", 1)], values=["x"])
    around = workflow([node(5, "uuid", outputs=["IMAGE"]), save], [[1, 5, 0, 6, 0, "IMAGE"]])

    prompt = flat({**around, "definitions": {"subgraphs": [inside]}})

    assert prompt["6"]["images"] == ["5:8", 0]


def test_a_subgraph_that_contains_itself_ends():
    definition = subgraph("sub", [host(8)], [], [("a", "STRING", [])], [("out", "STRING", [])])

    assert flat(workflow([host(5)], [], definitions={"subgraphs": [definition]})) == {}


def test_subgraphs_that_multiply_are_refused():
    levels = [
        subgraph(f"s{level}", [node(10 * level + i, f"s{level + 1}") for i in range(10)], []) for level in range(1, 9)
    ]
    levels.append(subgraph("s9", [node(99, "PrimitiveString", values=["x"])], []))

    with pytest.raises(LimitError, match="subgraphs"):
        flat(workflow([node(1, "s1")], [], definitions={"subgraphs": levels}))


@pytest.mark.parametrize(
    "spell",
    [
        lambda w: w,
        lambda w: {**w, "version": 1, "links": [dict(zip(LINK_KEYS, row, strict=True)) for row in w["links"]]},
        lambda w: {**w, "nodes": [{**n, "id": str(n["id"])} for n in w["nodes"]]},
        lambda w: {**w, "links": [[row[0], row[1], str(row[2]), row[3], str(row[4]), row[5]] for row in w["links"]]},
    ],
)
def test_every_spelling_of_a_graph_is_the_same_graph(spell):
    one = workflow([LOAD, LORA, TEXT], LORA_LINKS)

    assert flat(spell(one)) == flat(one)


def test_the_slot_s_own_link_decides_and_a_row_that_none_names_feeds_a_free_slot():
    preview = node(2, "PreviewAny", [("source", "*", 5)])
    free = node(3, "PreviewAny", [("source", "*", None)])
    texts = [
        node(8, "PrimitiveString", outputs=["STRING"], values=["x"]),
        node(9, "PrimitiveString", outputs=["STRING"], values=["y"]),
    ]
    links = [[4, 8, 0, 2, 0, "*"], [5, 9, 0, 2, 0, "*"], [6, 8, 0, 3, 0, "*"]]

    prompt = flat(workflow([*texts, preview, free], links))

    assert (prompt["2"], prompt["3"]) == ({"source": ["9", 0]}, {"source": ["8", 0]})


@given(ui_workflows())
def test_every_link_of_the_flattened_view_leads_to_a_node_that_runs(tree):
    view = build(read(json.dumps(tree).encode())).flat

    virtual = {"Reroute", "Note", "PrimitiveNode"}
    for each in view.nodes.values():
        assert each.type not in virtual
        for _, link in each.links:
            assert link.source in view.nodes


@given(ui_workflows())
def test_flattening_the_flattened_changes_nothing(tree):
    """The prompt of a workflow is an API prompt, and its graph is the same graph."""
    view = build(read(json.dumps(tree).encode())).flat
    prompt = {path: {"class_type": n.type, "inputs": n.values} for path, n in view.nodes.items()}
    if prompt:
        again = build(read(json.dumps(prompt).encode())).flat

        assert {p: n.type for p, n in again.nodes.items()} == {p: n.type for p, n in view.nodes.items()}
        assert list(again.links()) == [
            type(link)(link.source, link.slot, link.target, link.input, f"/{link.target}/inputs/{link.input}")
            for link in view.links()
        ]


@pytest.mark.parametrize(
    ("way", "links", "blamed"),
    [
        (node(8, "Reroute", [("", "*", 1)], ["IMAGE"], mode=2), [[1, 5, 0, 8, 0, "IMAGE"]], "8"),
        (node(8, "Reroute", [("", "*", 1)], ["IMAGE"]), [[1, 5, 0, 8, 0, "IMAGE"]], None),
        (node(8, "Reroute", [("", "*", None)], ["IMAGE"]), [], "8"),
        (node(8, "EmptyLatentImage", [], ["LATENT"], mode=4), [], "8"),
        (node(8, "ImageInvert", [("image", "IMAGE", 1)], ["IMAGE"], mode=4), [[1, 5, 0, 8, 0, "IMAGE"]], "8"),
    ],
)
def test_a_node_tells_why_a_link_gives_it_nothing(way, links, blamed):
    """The nearest node that is off, else where the way ends; None if that is no node: there is no node 5."""
    user = node(9, "PreviewImage", [("images", "IMAGE", 2)])
    rows = [*links, [2, 8, 0, 9, 0, "IMAGE"]]

    nodes = build(read(json.dumps(workflow([way, user], rows)).encode())).flat.nodes

    assert {name: at and at.id for name, at in nodes[NodePath("9")].lost.items()} == {"images": blamed}


def test_the_graph_is_a_networkx_multidigraph():
    import networkx as nx

    graph = build(read(json.dumps(workflow([LOAD, LORA, TEXT], LORA_LINKS)).encode())).flat.graph

    assert isinstance(graph, nx.MultiDiGraph)
    assert set(graph.edges(keys=True)) == {("1", "2", "model"), ("1", "2", "clip"), ("2", "3", "clip")}
    assert graph.nodes[NodePath("2")]["node"].type == "LoraLoader"
    assert list(nx.topological_sort(graph)) == ["1", "2", "3"]


def test_every_official_template_has_a_graph(templates):
    for path in templates:
        graph = build(read(path))
        assert graph.flat.nodes
