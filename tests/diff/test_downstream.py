"""Which outputs lie downstream of a change."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from wftools.diff import compared
from wftools.diff.downstream import Downstream
from wftools.document import read_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftools.document.document import Tree

SUBGRAPHS = json.loads((Path(__file__).parents[2] / "sample_workflows" / "subgraph.json").read_text("utf-8"))


def outputs(old: Tree, new: Tree) -> list[str]:
    """The ids of the outputs downstream of all that means something."""
    comparison = compared(*(read_json(json.dumps(tree), "flow.json") for tree in (old, new)))
    return [each.id for each in Downstream(comparison).of(comparison.at("semantic"))]


def node(tree: Tree, id_: int) -> Any:
    return next(each for each in tree["nodes"] if each["id"] == id_)


def inside(tree: Tree) -> Any:
    return tree["definitions"]["subgraphs"][0]


def set_seed(tree: Tree) -> None:
    node(tree, 10)["widgets_values"][1] = 99
    node(tree, 10).get("widgets_values_named", {}).update(seed=99)


def widen(tree: Tree) -> None:
    size = node(inside(tree), 31)
    size["widgets_values"][0] = size["widgets_values_named"]["width"] = 256


@pytest.mark.parametrize(
    ("edit", "reached"),
    [
        pytest.param(set_seed, ["20"], id="a value of one instance"),
        pytest.param(widen, ["20", "21"], id="a value inside a subgraph"),
        pytest.param(lambda tree: node(tree, 1).update(mode=2), ["20", "21"], id="what feeds both"),
        pytest.param(lambda tree: node(tree, 10).update(title="Mine"), [], id="a title"),
        pytest.param(lambda tree: tree.update(groups=[{"id": 1, "title": "G"}]), [], id="a group"),
    ],
)
def test_the_outputs_that_may_come_out_otherwise(edit: Callable[[Tree], Any], reached: list[str]) -> None:
    new = deepcopy(SUBGRAPHS)
    edit(new)

    assert outputs(SUBGRAPHS, new) == reached


def test_what_a_removed_node_fed_comes_out_otherwise() -> None:
    old = {
        "1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}},
        "2": {"class_type": "ImageInvert", "inputs": {"image": ["1", 0]}},
        "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "a"}},
        "4": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "b"}},
    }
    new = {id_: each for id_, each in old.items() if id_ != "2"}

    assert outputs(old, new) == ["3"]


def test_of_types_that_nobody_knows_the_last_in_a_row_are_outputs() -> None:
    old: Tree = {
        "1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}},
        "2": {"class_type": "SomeFilter", "inputs": {"image": ["1", 0]}},
        "3": {"class_type": "SomeWriter", "inputs": {"images": ["2", 0]}},
    }
    new = deepcopy(old)
    new["1"]["inputs"]["image"] = "b.png"

    assert outputs(old, new) == ["3"]


def test_what_is_muted_is_no_output() -> None:
    new = deepcopy(SUBGRAPHS)
    set_seed(new)
    old = deepcopy(SUBGRAPHS)
    for tree in (old, new):
        node(tree, 20)["mode"] = 2

    assert outputs(old, new) == []
