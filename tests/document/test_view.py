"""The typed view of trees that are not as the format says."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import json_values, ui_workflows
from wftools.document import read
from wftools.document.ui import UiWorkflow
from wftools.document.view import MAX_MALFORMED, view
from wftools.errors import LimitError

BASE = {
    "nodes": [
        {
            "id": 1,
            "type": "A",
            "pos": [0, 0],
            "inputs": [{"name": "x", "type": "INT", "link": None}],
            "outputs": [{"name": "y", "type": "INT", "links": [1]}],
        }
    ],
    "links": [[1, 1, 0, 1, 0, "INT"]],
    "groups": [{"bounding": [0, 0, 1, 1]}],
    "version": 0.4,
}


@pytest.mark.parametrize(
    ("way", "value", "message"),
    [
        (("version",), "0.4", "expected a number, got '0.4'"),
        (("nodes", 0, "mode"), 99, "expected 0, 1, 2, 3 or 4, got 99"),
        (("nodes", 0, "id"), None, "expected an integer or a string, got None"),
        (("nodes", 0, "pos", 1), "left", "expected a number, got 'left'"),
        (("nodes", 0, "inputs", 0), 5, "expected an object, got 5"),
        (("groups", 0, "bounding"), [0, 0], "expected a list of 4 items, got [0, 0]"),
        (("nodes", 0, "outputs", 0, "links", 0), None, "expected an integer, got None"),
        (("links", 0), [1, 2], "expected an object, got [1, 2]"),
    ],
)
def test_a_wrong_value_is_told_with_its_place_and_what_was_expected(way, value, message):
    tree = copy.deepcopy(BASE)
    at: Any = tree
    for part in way[:-1]:
        at = at[part]
    at[way[-1]] = value

    workflow, (problem,) = view(UiWorkflow, tree)

    assert problem.pointer == "/" + "/".join(map(str, way))
    assert problem.message == message
    assert len(workflow.nodes) == 1


def test_both_spellings_of_links_are_read_under_any_version():
    rows = [
        [5, 1, "0", 2, 0, "IMAGE"],
        {"id": 6, "origin_id": 1, "origin_slot": 0, "target_id": 2, "target_slot": 1, "type": "MASK"},
        [7, 1, 0, 2, 2],
    ]

    workflow, problems = view(UiWorkflow, {"nodes": [], "links": rows})

    assert not problems
    assert [(link.id, link.origin_slot, link.type) for link in workflow.links] == [
        (5, 0, "IMAGE"),
        (6, 0, "MASK"),
        (7, 0, None),
    ]


@given(ui_workflows(), st.data())
def test_any_value_in_any_place_still_gives_a_view(workflow, data):
    """Whatever stands in the place of whatever, the view exists, and the tree is not touched."""
    ways = [way for way in _ways(workflow) if way]
    way = data.draw(st.sampled_from(ways))
    at = workflow
    for part in way[:-1]:
        at = at[part]
    at[way[-1]] = data.draw(json_values)
    before = json.dumps(workflow)

    view(UiWorkflow, workflow)

    assert json.dumps(workflow) == before


def _ways(tree, start=()):
    yield start
    children = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in children:
        yield from _ways(value, (*start, key))


def test_a_well_formed_file_has_no_problems():
    document = read(json.dumps(BASE).encode())

    assert document.problems == ()
    assert document.ui.nodes[0].type == "A"


def test_a_workflow_with_no_end_of_malformed_values_is_refused():
    """To say of each what is wrong with it would take gigabytes."""
    tree = {"nodes": [0] * (MAX_MALFORMED + 1), "links": [], "version": 0.4}

    with pytest.raises(LimitError, match="more than 10,000 values"):
        view(UiWorkflow, tree)
