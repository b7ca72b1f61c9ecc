"""How a value became another, in few words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wftools.diff.changes import ABSENT, Endpoint
from wftools.diff.story import Telling, is_secret, plain, redacted

TEXT = "one two three four five six seven eight nine ten eleven twelve thirteen"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (20, 30, "20 → 30"),
        (1, True, "1 → true"),
        ("1", 1, '"1" → 1'),
        ("true", True, '"true" → true'),
        ("euler", "heun", "euler → heun"),
        ("", "x", '"" → x'),
        (" x", "x", '" x" → x'),
        (None, 1, "null → 1"),
        ([1, 2], [1, 3], "[1, 2] → [1, 3]"),
        (Endpoint("4", "MODEL"), ABSENT, "#4.MODEL → none"),
        ("a.safetensors", "b.safetensors", "a.safetensors → b.safetensors"),
        (TEXT, TEXT.replace("six", "6"), "…three four five [-six-]{+6+} seven eight nine…"),
        (TEXT, TEXT.replace("one", "1"), "[-one-]{+1+} two three four…"),
        (TEXT, f"{TEXT} more", "…ten eleven twelve thirteen{+ more+}"),
        ("a\nb", "a\nc", "a↵[-b-]{+c+}"),
        (
            TEXT,
            "another text, of which nothing stood there before",
            "one two three four five six seven eight nine te… → another text",
        ),
        (
            {"a": TEXT, "b": {"c": 1}, "d": 1},
            {"a": TEXT, "b": {"c": 2}, "e": 1},
            "b.c 1 → 2, -d 1, +e 1",
        ),
        ([{"x": index, "y": TEXT} for index in range(3)], [{"x": 7, "y": TEXT}], "0.x 0 → 7, -1 {"),
    ],
)
def test_a_change_is_told_by_what_is_new_in_it(old: Any, new: Any, told: str) -> None:
    assert plain(Telling().change("name", old, new)).startswith(told)


@given(st.text(), st.text())
def test_a_word_diff_has_both_texts_in_it(old: str, new: str) -> None:
    """In full: without what came it is the old text, without what went the new one."""
    pieces = Telling(is_full=True).words(old, new)

    assert "".join(piece.text for piece in pieces if piece.role != "inserted") == old
    assert "".join(piece.text for piece in pieces if piece.role != "deleted") == new


@given(st.text(), st.text())
def test_what_is_told_of_a_text_is_short(old: str, new: str) -> None:
    assert len(plain(Telling().change("text", old * 50, new * 50))) < 1000


@pytest.mark.parametrize(
    ("name", "value", "is_hidden"),
    [
        ("api_key", "x", True),
        ("apiKey", "x", True),
        ("APIKey", "x", True),
        ("OPENAI_API_KEY", "x", True),
        ("keyframe", "x", False),
        ("max_tokens", 5, False),
        ("steps", {"a": [{"token": "x"}]}, True),
        ("text", "hf_abcdefabcdefabcdef", True),
        ("text", "half_abcdefabcdefabcdef", False),
        ("url", "https://example.org/a?x=1", False),
    ],
)
def test_what_is_secret(name: str, value: Any, is_hidden: bool) -> None:
    assert is_secret(name, value) == is_hidden


def test_of_a_tree_only_what_is_secret_is_redacted() -> None:
    tree: Any = {"a": 1, "b": [{"token": "x", "c": 2}]}

    assert redacted("name", tree) == {"a": 1, "b": [{"token": "(redacted)", "c": 2}]}
    assert plain(Telling(redacts=True).change("name", {"token": "a"}, {"token": "b"})) == "(redacted)"
    assert plain(Telling(redacts=True).change("name", {"token": "a", "b": 1}, {"token": "b"})) == (
        '{"token": "(redacted)", "b": 1} → {"token": "(redacted)"}'
    )
