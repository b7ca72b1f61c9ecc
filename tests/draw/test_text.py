"""How much of a text fits, and how it is broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import odd_text
from wftools.draw.text import ELLIPSIS, fitted, width_of, wrapped, wrapped_words

if TYPE_CHECKING:
    from wftools.draw.scene import Word


@given(odd_text, st.integers(1, 30), st.integers(0, 400))
def test_what_fits_is_no_wider_than_the_room(text, size, room):
    shown = fitted(text, size, room)

    assert width_of(shown, size) <= room + 1e-6
    assert shown in (text, "") or shown.endswith(ELLIPSIS)


@given(odd_text, st.integers(1, 30), st.integers(1, 20))
def test_lines_are_no_longer_than_the_columns(text, columns, most):
    lines = wrapped(text, columns, most)

    assert len(lines) <= most
    assert all(len(line) <= columns for line in lines)


def test_lines_break_between_words():
    assert wrapped("a red circle on blue", 12, 9) == ["a red circle", "on blue"]
    assert wrapped("abcdefghij", 4, 2) == ["abcd", "efg" + ELLIPSIS]


@given(st.lists(st.tuples(st.sampled_from([None, "added", "removed"]), odd_text), max_size=6), st.integers(2, 30))
def test_words_keep_their_marks_in_lines(words, columns):
    lines = wrapped_words(words, columns, 100_000)

    joined = "".join(text for line in lines for _, text in line)
    whole = "".join(text.replace("\t", "    ") for _, text in words)
    assert "".join(joined.split()) == "".join("".join(whole.splitlines()).split())
    assert {mark for line in lines for mark, _ in line} <= {mark for mark, _ in words}


def test_of_a_long_text_the_part_that_changed_is_shown():
    words: list[Word] = [(None, "same\n" * 30), ("removed", "old"), ("added", "new"), (None, "\nrest")]

    lines = wrapped_words(words, 20, 3)

    assert lines == [[(None, "same")], [("removed", "old"), ("added", "new")], [(None, "rest")]]


@pytest.mark.parametrize(("text", "columns"), [("日本語", 4), ("a日b", 3)])
def test_wide_letters_take_two_columns(text, columns):
    assert all(2 * len(line) <= columns + 1 for line in wrapped(text, columns, 5))
    assert len(wrapped(text, columns, 5)) == 2
