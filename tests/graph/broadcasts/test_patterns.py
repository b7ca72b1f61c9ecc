"""Regular expressions of JavaScript, without its backtracking."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wftools.errors import LimitError
from wftools.graph.broadcasts.patterns import Effort, MalformedPatternError, Pattern, RefusedPatternError


def found(source: str, text: str) -> bool:
    return Pattern(source).is_in(text, Effort())


# Asked of Node.js: new RegExp(source).test(text)
@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        ("Sampler", "My KSampler 2", True),
        ("sampler", "My KSampler 2", False),
        (r"(_|\b)pos(itive|_|\b)", "positive", True),
        (r"(_|\b)pos(itive|_|\b)", "clip_pos_2", True),
        (r"(_|\b)pos(itive|_|\b)", "compose", False),
        ("^(?!.*neg).*$", "my positive", True),
        ("^(?!.*neg).*$", "my negative", False),
        ("(?=.*b)a", "xab", True),
        ("a|", "", True),
        ("[^]", "\n", True),
        ("[]", "a", False),
        (".", "\u2028", False),
        ("]{,2}", "]{,2}", True),
        (r"\d{2,3}$", "a 1234", True),
        (r"^\d{2,3}$", "1234", False),
        (r"\bé", "aé", True),
        (r"[\w-]+x", "a-x", True),
        (r"[a-\d]", "-", True),
        (r"\x61\u0062\-", "ab-", True),
        ("(?<name>a)b", "ab", True),
        ("a$", "a\n", False),
    ],
)
def test_a_pattern_is_found_where_javascript_finds_it(source, text, expected):
    assert found(source, text) is expected


@pytest.mark.parametrize("source", ["(", ")", "*", "a**", "{2}", "a{2,1}", "[a", "[b-a]", "\\", "^*", "(?x)", "[\\"])
def test_what_javascript_does_not_take_is_malformed(source):
    with pytest.raises(MalformedPatternError):
        Pattern(source)


@pytest.mark.parametrize(
    "source",
    [
        "(?<=a)b",
        "(?<!a)b",
        r"(a)\1",
        r"(?<n>a)\k<n>",
        "a{100000}",
        "(a{1000}){1000}",
        "(" * 100 + ")" * 100,
        "a" * 2000,
    ],
)
def test_what_may_take_long_is_refused(source):
    with pytest.raises(RefusedPatternError):
        Pattern(source)


@pytest.mark.parametrize("source", ["(a+)+$", "^(a|a)*$", "^(a*)*$", "(a|aa)+$", "^(([a-z])+.)+[A-Z]([a-z])+$"])
def test_a_search_takes_steps_in_proportion_to_the_text(source):
    """A backtracking search of these doubles with each further character."""
    text = "a" * 1000 + "!"

    assert found(source, text) is False


def test_a_search_of_nothing_repeated_ends():
    assert found("(((){5000}){5000}){5000}x", "x")


def test_all_searches_together_are_bounded():
    pattern = Pattern("(?=.*b)a")

    with pytest.raises(LimitError):
        pattern.is_in("a" * 1000, Effort(100_000))


parts = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"\d", r"\w", r"\b", "^", "(?:a|b)", "(?=b)", "(?!a)"])
times = st.sampled_from(["", "", "*", "+", "?", "{2}", "{1,2}", "{1,}"])


@st.composite
def patterns(draw: st.DrawFn) -> str:
    pieces = draw(st.lists(st.tuples(parts, times), max_size=5))
    places = (r"\b", "^", "(?=b)", "(?!a)")
    rows = "".join(part if part in places else part + count for part, count in pieces)
    return f"({rows}){draw(times)}|{draw(parts)}" if draw(st.booleans()) else rows


@given(patterns(), st.text("ab1_ ", max_size=8))
def test_what_both_languages_write_alike_is_found_alike(source, text):
    assert found(source, text) is bool(re.search(source, text, re.ASCII))


@given(st.text("ab|()[]{}*+?\\^$.-,1:=!<>", max_size=20), st.text("ab", max_size=5))
def test_any_text_is_a_pattern_or_said_not_to_be(source, text):
    try:
        found(source, text)
    except (MalformedPatternError, RefusedPatternError):
        return
