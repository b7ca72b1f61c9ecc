"""Workflows that nobody makes by hand: long, tangled, endless."""

from __future__ import annotations

from typing import Any

import pytest

from tests.overview.flows import BASE, document
from wftools.overview import overview
from wftools.overview.look import MAX_WALKED

LENGTH = 1500

Nodes = dict[str, list[Any]]


def inverted() -> Nodes:
    """A long chain, and as many outputs as are more than all ways may be looked at for."""
    nodes: Nodes = {"0": ["EmptyImage", {"width": 8, "height": 8, "batch_size": 1, "color": 0}]}
    nodes |= {str(index): ["ImageInvert", {"image": [str(index - 1), 0]}] for index in range(1, LENGTH)}
    return nodes | {f"p{index}": ["PreviewImage", {"images": [str(LENGTH - 1 - index), 0]}] for index in range(300)}


def combined() -> Nodes:
    """Ways that double at each node."""
    nodes: Nodes = {"0": ["CLIPTextEncode", {"text": "x"}]}
    for index in range(1, LENGTH):
        before = [str(index - 1), 0]
        nodes[str(index)] = ["ConditioningCombine", {"conditioning_1": before, "conditioning_2": before}]
    sampler = {"seed": 1, "steps": 2, "positive": [str(LENGTH - 1), 0], "model": ["m", 0]}
    return {**nodes, "s": ["KSampler", sampler], "o": ["SaveLatent", {"samples": ["s", 0]}]}


def switched() -> Nodes:
    nodes: Nodes = {"0": ["PrimitiveInt", {"value": 1}]}
    for index in range(1, LENGTH):
        ways = {"on_true": [str(index - 1), 0], "on_false": [str(max(index - 2, 0)), 0], "switch": ["0", 0]}
        nodes[str(index)] = ["ComfySwitchNode", ways]
    return {**nodes, "o": ["PreviewAny", {"source": [str(LENGTH - 1), 0]}]}


def strong() -> Nodes:
    """Nodes of an unknown type that all apply something to what the one before them has applied."""
    nodes: Nodes = {str(i): ["Foo", {"strength": 1, "foo": [str(i - 1), 0]}] for i in range(1, LENGTH)}
    return {**nodes, "o": ["Bar", {"foo": [str(LENGTH - 1), 0]}]}


def tangled() -> Nodes:
    """Each node needs many others, in circles."""
    nodes: Nodes = {
        str(index): ["Foo", {**{f"input{slot}": [str((index * slot + 1) % 200), slot] for slot in range(20)}, "seed": 1,
                             "steps": 2, "text": [str(index), 0]}]
        for index in range(200)
    }  # fmt: skip
    return {**nodes, "o": ["SaveLatent", {"samples": ["5", 0]}]}


def broken() -> Nodes:
    """Links to nodes and slots that are not there, and values of other kinds than are meant."""
    nodes = {path: [kind, dict(inputs)] for path, (kind, inputs) in BASE.items()}
    nodes["sampler"][1] |= {"seed": None, "steps": {"a": 1}, "cfg": [], "positive": ["gone", 3], "model": ["model", -7]}
    nodes["latent"][1] |= {"width": "wide", "height": float(2**70), "batch_size": True}
    nodes["negative"][1]["text"] = [["negative", 0]]
    nodes["decode"][1]["samples"] = ["sampler", 10**12]
    return nodes


@pytest.mark.parametrize(
    "make", [pytest.param(inverted, marks=pytest.mark.slow), combined, switched, strong, tangled, broken]
)
def test_it_is_told_all_the_same(make: Any) -> None:
    tree = {path: {"class_type": kind, "inputs": inputs} for path, (kind, inputs) in make().items()}

    seen = overview(document(tree))

    assert sum(seen.nodes.values()) == len(tree)
    assert seen.outputs


def test_ways_of_very_many_outputs_are_not_all_looked_at() -> None:
    assert LENGTH * 300 > MAX_WALKED
