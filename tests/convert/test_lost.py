"""Values that nothing names are told, and only they."""

from __future__ import annotations

import json

import pytest

from wftools.convert.to_api import to_api
from wftools.document import read
from wftools.graph import build


def converted(*nodes):
    rows = [{"id": index, "pos": [0, 0], "size": [1, 1], **node} for index, node in enumerate(nodes, 1)]
    return to_api(build(read(json.dumps({"nodes": rows, "links": [], "version": 0.4}).encode())))


@pytest.mark.parametrize(
    ("values", "lost"),
    [
        (["late summer", 24, True], 3),
        ([None, "", 7], 1),  # the places of buttons
        ([7, "randomize", 8], 2),  # what becomes of a seed after a run
        (["randomize"], 1),
        ([], 0),
        (None, 0),
    ],
)
def test_values_of_an_unknown_node_are_lost_where_they_say_something(values, lost):
    made = converted({"type": "Unknown Stamp", "title": "Mine", "widgets_values": values})

    assert [(each.path, each.type, each.title, each.values) for each in made.lost] == [
        ("1", "Unknown Stamp", "Mine", lost)
    ] * bool(lost)


def test_values_that_the_file_names_are_kept():
    slot = {"name": "text", "type": "STRING", "widget": {"name": "text"}, "link": None}

    made = converted({"type": "Unknown Stamp", "inputs": [slot], "widgets_values": ["late summer"]})

    assert made.lost == ()
    assert made.prompt["1"]["inputs"] == {"text": "late summer"}


def test_a_type_with_many_nodes_is_one_message():
    made = converted(*[{"type": "Unknown Stamp", "widgets_values": [1, 2]}] * 1500)

    (message,) = [each for each in made.warnings if "left out" in each]
    assert message.startswith("Unknown Stamp: 3000 values left out")
    assert "1500 nodes 1, 2, 3, 4, 5 and 1495 more" in message


def test_the_editor_goes_by_place_in_nodes_of_the_core_so_nothing_of_theirs_is_lost():
    made = converted({"type": "EmptyImage", "widgets_values": [72, 40, 1, 0, 99]})

    assert made.lost == ()
