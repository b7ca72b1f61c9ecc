"""wftools.texts: texts as nodes change them, with limits."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wftools.errors import WftoolsError
from wftools.texts import EXTRACTS, extracted, first_object, formatted, joined, matches, replaced, substituted

TEXT = st.text(st.sampled_from("ab1{}(): \n"), max_size=30)


@given(TEXT, TEXT, TEXT)
def test_a_passage_is_replaced_as_python_does_it(text: str, old: str, new: str) -> None:
    assert replaced(text, old, new) == text.replace(old, new)


@given(TEXT, st.integers() | TEXT)
def test_a_template_is_filled_as_python_does_it_or_refused_as_there(template: str, value: object) -> None:
    """`{` is a template's own; what `format` raises is one error of ours."""
    try:
        expected = template.format(a=value)
    except (KeyError, IndexError, ValueError, TypeError, AttributeError):
        with pytest.raises(WftoolsError):
            formatted(template, {"a": value})
    else:
        assert formatted(template, {"a": value}) == expected


@pytest.mark.parametrize("template", ["{a.__class__}", "{a[__x__]}", "{a:>999999999}", "{a:{b}}", "{a:.9999999f}"])
def test_no_template_reads_what_is_private_or_fills_memory(template: str) -> None:
    with pytest.raises(WftoolsError):
        formatted(template, {"a": 1.5, "b": "9" * 20})


@pytest.mark.parametrize(
    ("pattern", "what", "group", "expected"),
    [
        (r"(\w)(\d)", "First Match", 1, "a1"),
        (r"(\w)(\d)", "All Matches", 2, "a\nb"),  # ComfyUI's: the first group, where there are any
        (r"\w\d", "All Matches", 2, "a1\nb2"),
        (r"(\w)(\d)", "First Group", 2, "1"),
        (r"(\w)(\d)", "First Group", 3, ""),
        (r"(\w)(\d)", "All Groups", 0, "a1\nb2"),
        (r"\w\d", "All Groups", 0, ""),
        (r"(x)?\d", "All Groups", 1, ""),
        (r"(x)?\d", "All Matches", 1, "\n"),
        (r"(", "First Match", 0, ""),
    ],
)
def test_what_a_regular_expression_extracts(pattern: str, what: str, group: int, expected: str) -> None:
    assert what in EXTRACTS
    assert extracted(matches(pattern, "a1 b2", re.IGNORECASE), what, group) == expected


def test_a_malformed_expression_is_an_error_where_something_is_to_be_replaced() -> None:
    with pytest.raises(WftoolsError, match="unterminated"):
        substituted("(", "x", "abc", 0, 0)
    with pytest.raises(WftoolsError, match="group"):
        substituted("a", r"\3", "abc", 0, 0)
    assert substituted("a|b", "x", "abc", 1, 0) == "xbc"


def test_only_texts_are_joined() -> None:
    with pytest.raises(WftoolsError, match="list"):
        joined((["a"], "b"), "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("say {no} ```json {'a'} {\"a\": [1]}```", {"a": [1]}), ("[1]", {}), ('{"a":' * 9000, {}), ("", {})],
)
def test_the_first_object_in_a_text_is_found_wherever_it_stands(text: str, expected: object) -> None:
    assert first_object(text) == expected
