"""Ids of nodes: which are numbers, and their order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wftools.document.ids import as_number, sort_key


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=6) | st.integers().map(str), max_size=8))
def test_numbers_come_first_and_in_their_order(ids):
    ordered = sorted(ids, key=sort_key)

    numbers = [number for id_ in ordered if (number := as_number(id_)) is not None]
    assert numbers == sorted(numbers)
    assert sorted(set(ids), key=sort_key) == list(dict.fromkeys(ordered))


def test_an_id_is_a_number_as_javascript_would_write_it():
    assert [as_number(id_) for id_ in ("0", "57", "-5", "05", "-0", "²", "5.0", "9" * 5000, "", "-")] == [
        0,
        57,
        -5,
        None,
        None,
        None,
        None,
        None,
        None,
        None,
    ]
