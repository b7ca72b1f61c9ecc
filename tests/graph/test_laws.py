"""What holds of the graph of any file, however odd."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import json_values
from wftools.convert.to_api import to_api
from wftools.document import read
from wftools.errors import WftoolsError
from wftools.graph import build
from wftools.graph.sending import as_queued
from wftools.graph.traverse import depth

odd_ids = st.sampled_from(
    [0, 1, 2, 3, 4, -1, -10, -20, 2**70, "1", "²", "05", "-3", "", "a:b", "9" * 4400, 1.0, 2.5, None]
)
odd_values = st.sampled_from([float("inf"), float("-inf"), float("nan"), 1e300, True, 5, "x", "", None, [1], {"a": 1}])
values = st.lists(odd_values | json_values, max_size=4) | odd_values | json_values
types = st.sampled_from(
    [
        "CLIPTextEncode",
        "KSampler",
        "LoadImage",
        "Reroute",
        "PrimitiveNode",
        "Note",
        "SaveImage",
        "Custom",
        "a",
        "b",
        "c",
    ]
)
slots = st.integers(-2, 3) | st.sampled_from(["0", "1", None, 2**70, 1.0])


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, Any]:
    """Nodes and links, many of shapes that the editor does not make; `a`, `b` and `c` are subgraphs."""
    names = st.sampled_from(["text", "seed", "image", "upload", "model", "filename_prefix", "in"])
    nodes = [
        {
            "id": draw(odd_ids),
            "type": draw(types),
            "mode": draw(st.sampled_from([0, 0, 0, 2, 4, None, "x"])),
            "inputs": [
                {
                    "name": (name := draw(names)),
                    "type": draw(st.sampled_from(["IMAGE", "STRING", "*", 0, None, ["INT", "FLOAT"]])),
                    "link": draw(st.integers(1, 9) | st.none()),
                    **({"widget": {"name": name}} if draw(st.booleans()) else {}),
                }
                for _ in range(draw(st.integers(0, 3)))
            ],
            "outputs": [{"name": "o", "type": draw(st.sampled_from(["IMAGE", "STRING", "*"])), "links": [1]}],
            "widgets_values": draw(values),
            "properties": draw(st.just({}) | st.just({"proxyWidgets": [["1", "text"], [2, "seed"], ["-1", "in"], 5]})),
            **({"title": draw(odd_values)} if draw(st.booleans()) else {}),
            **({"widgets_values_named": draw(json_values)} if draw(st.booleans()) else {}),
        }
        for _ in range(draw(st.integers(0, 5)))
    ]
    ends = odd_ids | st.sampled_from([-10, -20, 1, 2])
    links = [
        [
            draw(st.integers(1, 9)),
            draw(ends),
            draw(slots),
            draw(ends),
            draw(slots),
            draw(st.sampled_from(["*", None, 5])),
        ]
        for _ in range(draw(st.integers(0, 8)))
    ]
    return {"nodes": nodes, "links": links}


@st.composite
def tangles(draw: st.DrawFn) -> dict[str, Any]:
    """UI workflows whose subgraphs hold and feed each other and themselves."""
    names, ids = st.sampled_from("xyz"), st.lists(st.integers(1, 9), max_size=2)
    boundary = st.lists(st.builds(lambda n, i: {"name": n, "type": "*", "linkIds": i}, names, ids), max_size=3)
    keys = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
    definitions = []
    for name in "abc":
        graph = draw(graphs())
        links = [dict(zip(keys, row, strict=True)) for row in graph["links"]]
        definitions.append(
            {"id": name, "name": name, **graph, "links": links, "inputs": draw(boundary), "outputs": draw(boundary)}
        )
    return {**draw(graphs()), "definitions": {"subgraphs": definitions}, "version": 0.4}


@given(tangles())
@settings(max_examples=150)
def test_any_workflow_has_a_graph_and_a_prompt_or_is_refused(tree):
    try:
        document = read(json.dumps(tree).encode())
        graph = build(document)
        depth(graph.flat)
        to_api(graph)
    except WftoolsError:
        return
    assert set(graph.flat.graph.nodes) == set(graph.flat.nodes)


@given(tangles())
@settings(max_examples=50)
def test_flattening_what_is_flat_changes_nothing(tree):
    """The prompt of a workflow is a prompt, and its graph has the same nodes, values and links."""
    try:
        view = build(read(json.dumps(tree).encode())).flat
        prompt = {path: {"class_type": node.type, "inputs": node.values} for path, node in view.nodes.items()}
        again = build(read(json.dumps(prompt).encode())).flat if prompt else view
    except WftoolsError:
        return
    assert [(p, n.type, repr(n.values)) for p, n in again.nodes.items()] == [
        (p, n.type, repr(n.values)) for p, n in view.nodes.items()
    ]


@given(tangles())
@settings(max_examples=50)
def test_nothing_changes_a_graph_once_it_is_made(tree):
    try:
        document = read(json.dumps(tree).encode())
        graph = build(document)
        before = {path: repr(node) for path, node in graph.flat.nodes.items()}
    except WftoolsError:
        return
    saved = copy.deepcopy(document.tree)
    as_queued(graph.flat)
    to_api(graph)
    depth(graph.flat)
    assert {path: repr(node) for path, node in graph.flat.nodes.items()} == before
    assert repr(document.tree) == repr(saved)
