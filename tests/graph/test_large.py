"""Chains and nests that are longer than Python's stack, circles, and small files that would be large ones."""

from __future__ import annotations

import json

import pytest

from tests.graph.cases import node, subgraph, workflow
from wftools.document import read
from wftools.errors import LimitError
from wftools.graph import build

LENGTH = 5_000  # Python's stack holds about a thousand calls


def view(tree):
    return build(read(json.dumps(tree).encode())).flat


@pytest.mark.parametrize(("kind", "mode"), [("Reroute", 0), ("ImageInvert", 4)])
def test_a_long_way_through_is_followed_to_its_start(kind, mode):
    image = node(0, "EmptyImage", outputs=["IMAGE"], values=[16, 16, 1, 0])
    ways = [node(i, kind, [("image", "IMAGE", i)], ["IMAGE"], mode=mode) for i in range(1, LENGTH)]
    users = [node(-i, "PreviewImage", [("images", "IMAGE", LENGTH + i)]) for i in range(1, LENGTH)]
    links = [[i, i - 1, 0, i, 0, "IMAGE"] for i in range(1, LENGTH)]
    taps = [[LENGTH + i, i, 0, -i, 0, "IMAGE"] for i in range(1, LENGTH)]

    nodes = view(workflow([image, *ways, *users], [*links, *taps])).nodes

    assert len(nodes) == LENGTH
    assert all(node.given["images"].value == ["0", 0] for path, node in nodes.items() if path != "0")


def test_a_value_comes_through_subgraphs_in_subgraphs():
    depth = 2_000
    hosts = [node(1, f"s{i}", [("*text", "STRING", 1)]) for i in range(1, depth)]
    inner = node(1, "PrimitiveString", [("*value", "STRING", 1)], values=["own"])
    insides = [
        subgraph(f"s{i}", [host], [[1, -10, 0, 1, 0, "STRING"]], [("text", "STRING", [1])])
        for i, host in enumerate([*hosts, inner])
    ]

    nodes = view(workflow([node(1, "s0", values=["given"])], [], definitions={"subgraphs": insides})).nodes

    assert [node.given["value"].value for node in nodes.values()] == ["given"]


def test_a_circle_through_the_borders_of_subgraphs_feeds_nothing():
    """A holds B and B holds A; what goes into one goes into the other, and comes out again."""
    insides = [
        subgraph(
            name,
            [
                node(1, other, [("*text", "STRING", 1)], ["STRING"]),
                node(2, other, [("*text", "STRING", 3)], ["STRING"]),
            ],
            [[1, -10, 0, 1, 0, "STRING"], [2, 1, 0, -20, 0, "STRING"], [3, 1, 0, 2, 0, "STRING"]],
            [("text", "STRING", [1])],
            [("out", "STRING", [2])],
        )
        for name, other in (("a", "b"), ("b", "a"))
    ]
    host = node(1, "a", outputs=["STRING"], values=["x"])
    end = node(2, "PreviewAny", [("source", "STRING", 1)])

    nodes = view(workflow([host, end], [[1, 1, 0, 2, 0, "STRING"]], definitions={"subgraphs": insides})).nodes

    assert {path: dict(node.links) for path, node in nodes.items()} == {"2": {}}


@pytest.mark.parametrize("innermost", ["Note", "missing-definition", "PrimitiveString", None])
def test_instances_are_counted_whether_or_not_anything_is_in_them(innermost):
    levels = 30
    insides = [
        subgraph(f"s{i}", [node(1, f"s{i + 1}"), node(2, f"s{i + 1}")] if i + 1 < levels else [], [])
        for i in range(levels)
    ]
    if innermost is not None:
        insides[-1]["nodes"] = [node(1, innermost)]

    with pytest.raises(LimitError, match="subgraphs"):
        view(workflow([node(1, "s0")], [], definitions={"subgraphs": insides}))
