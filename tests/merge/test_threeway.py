"""Three-way merges of single values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import json_values
from wftools.merge.threeway import ClashError, merged_json, merged_list, merged_text

texts = st.lists(st.sampled_from(["a cat", "on a mat", "best quality", "\n", ", ", "8k"]), max_size=8).map("".join)


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "expected"),
    [
        ("a\nb\nc\n", "a\nB\nc\n", "a\nb\nC\n", "a\nB\nC\n"),  # neighbouring lines: the words are apart
        ("a cat on a mat, best", "a black cat on a mat, best", "a cat on a mat, good", "a black cat on a mat, good"),
        ("a cat", "a dog", "a cow", None),
        ("a cat", "a cat, 8k", "a cat, best", None),
        ("", "mine", "theirs", None),
        ("one\ntwo\n", "one\n", "one\ntwo\nthree\n", None),
    ],
)
def test_texts_are_merged_by_lines_and_then_by_words(base, ours, theirs, expected):
    assert merged_text(base, ours, theirs) == expected
    assert merged_text(base, theirs, ours) == expected


def test_a_union_of_texts_has_both():
    assert merged_text("a cat", "a cat black", "a cat white", union=True) == "a cat black white"


@given(texts, texts)
def test_a_text_that_one_side_changed_is_that_side_s(base, changed):
    assert merged_text(base, changed, base) == merged_text(base, base, changed) == merged_text(base, changed, changed)
    assert merged_text(base, changed, base) == changed


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "expected"),
    [
        ("abc", "xabc", "abyc", "xabyc"),
        ("abc", "ac", "abcd", "acd"),
        ("", "a", "b", "ab"),
        ("ab", "ba", "abc", "bac"),
    ],
)
def test_names_keep_ours_order(base, ours, theirs, expected):
    assert "".join(merged_list(base, ours, theirs)) == expected


@given(*[st.lists(st.sampled_from("abcdef"), unique=True)] * 3)
def test_a_merged_list_has_what_no_side_took_out_once(base, ours, theirs):
    merged = merged_list(base, ours, theirs)

    assert len(set(merged)) == len(merged)
    assert set(merged) == {*ours, *theirs} - (set(base) - set(ours)) - (set(base) - set(theirs))


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "expected"),
    [
        ({"a": 1, "b": 1}, {"a": 2, "b": 1}, {"a": 1, "b": None}, {"a": 2, "b": None}),
        ({"a": 1}, {}, {"a": 1, "b": 2}, {"b": 2}),
        ([["1", "x"]], [["1", "x"], ["2", "y"]], [["1", "x"], ["3", "z"]], [["1", "x"], ["2", "y"], ["3", "z"]]),
    ],
)
def test_json_is_merged_entry_by_entry(base, ours, theirs, expected):
    assert merged_json(base, ours, theirs) == expected


@pytest.mark.parametrize(
    ("base", "ours", "theirs"),
    [({"a": 1}, {"a": 2}, {"a": 3}), ({"a": 1}, {}, {"a": 3}), ([1, 2], [1, 3], [4, 2])],
    ids=["values", "deleted and edited", "a point is one value"],
)
def test_entries_that_both_changed_clash(base, ours, theirs):
    with pytest.raises(ClashError):
        merged_json(base, ours, theirs)


@given(json_values, json_values)
def test_a_value_that_one_side_changed_is_that_side_s(base, changed):
    assert merged_json(base, changed, base) == merged_json(base, base, changed) == changed
