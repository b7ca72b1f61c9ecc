"""JSON Pointer to line and column."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from tests.strategies import json_values, spelled
from wftools.document.pointer import parts, pointer
from wftools.document.positions import Positions

TEXT = """{
  "nodes": [
    {"id": 1, "a/b": {"~": [true, "x"]}},
    7
  ],
  "é": {}
}
"""


@pytest.mark.parametrize(
    ("where", "line", "column"),
    [
        ("", 1, 1),
        ("/nodes", 2, 12),
        ("/nodes/0", 3, 5),
        ("/nodes/0/id", 3, 12),
        ("/nodes/0/a~1b/~0/1", 3, 35),
        ("/nodes/1", 4, 5),
        ("/é", 6, 8),
        ("/nodes/9", 2, 12),  # not there: the nearest ancestor that is
        ("/nodes/0/nope/deeper", 3, 5),
    ],
)
def test_a_pointer_leads_to_line_and_column(where, line, column):
    positions = Positions(TEXT)

    assert positions.line_column(positions.offset(where)) == (line, column)


def test_the_key_of_a_member_has_a_place_of_its_own():
    positions = Positions(TEXT)

    assert positions.line_column(positions.key_offset("/nodes/0/id")) == (3, 6)
    assert positions.line_column(positions.key_offset("/nodes/1")) == (4, 5)


def _pointers(tree, start=()):
    yield start, tree
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from _pointers(value, (*start, key))
    if isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from _pointers(value, (*start, index))


@given(spelled(json_values))
def test_at_the_offset_of_any_pointer_its_value_starts(text):
    positions = Positions(text)

    for way, value in _pointers(json.loads(text)):
        found, _ = json.JSONDecoder().raw_decode(text, positions.offset(pointer(*way)))
        assert found == value


@given(spelled(json_values))
def test_a_pointer_is_taken_apart_into_what_it_was_made_of(text):
    for way, _ in _pointers(json.loads(text)):
        assert parts(pointer(*way)) == [str(part) for part in way]
