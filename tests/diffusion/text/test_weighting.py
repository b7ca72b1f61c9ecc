import hypothesis.strategies as st
import pytest
from hypothesis import given

from wftools.diffusion.text.weighting import MAX_NESTING, weighted_segments
from wftools.errors import RunError


@pytest.mark.parametrize(
    ("prompt", "segments"),
    [
        ("", []),
        ("a cat", [("a cat", 1.0)]),
        ("a (red) cat", [("a ", 1.0), ("red", 1.1), (" cat", 1.0)]),
        ("(a:1.5)(b:0.3)", [("a", 1.5), ("b", 0.3)]),
        ("((c))", [("c", 1.1 * 1.1)]),
        ("(a (b:1.3) c:0.5)", [("a ", 0.5), ("b", 1.3), (" c", 0.5)]),  # a number replaces
        ("(a (b) c:0.5)", [("a ", 0.5), ("b", 0.5 * 1.1), (" c", 0.5)]),  # emphasis multiplies
        ("(a:-0.5)", [("a", -0.5)]),
        ("(12:30:1.2)", [("12:30", 1.2)]),  # the last colon counts
        ("(a:b)", [("a:b", 1.1)]),
        ("(:1.5)", [(":1.5", 1.1)]),
        ("(a:)", [("a:", 1.1)]),
        ("[a] BREAK b", [("[a] BREAK b", 1.0)]),
        (r"a \(b\) c", [("a (b) c", 1.0)]),
        (r"(d\):1.2)", [("d)", 1.2)]),
        (r"a \\(b\\)", [("a \\(b\\)", 1.0)]),
        ("(f", [("(f", 1.0)]),
        ("a (b", [("a ", 1.0), ("(b", 1.0)]),
        ("f) (g:1.2)", [("f) (g:1.2)", 1.0)]),  # one closed too many
        ("()", []),
        ("a\n(b)", [("a\n", 1.0), ("b", 1.1)]),
    ],
)
def test_what_a_prompt_means(prompt: str, segments: list[tuple[str, float]]) -> None:
    assert weighted_segments(prompt) == segments


@given(st.text(st.sampled_from("ab ,[]{}:.123\\"), max_size=30))
def test_a_prompt_without_parentheses_is_one_segment(prompt: str) -> None:
    assert weighted_segments(prompt) == ([(prompt, 1.0)] if prompt else [])


@given(st.text(st.sampled_from("ab()"), max_size=30))
def test_only_parentheses_are_lost(prompt: str) -> None:
    text = "".join(segment for segment, _ in weighted_segments(prompt))

    assert text.replace("(", "").replace(")", "") == prompt.replace("(", "").replace(")", "")


def test_parentheses_nested_without_sense_are_refused() -> None:
    depth = MAX_NESTING + 1

    with pytest.raises(RunError, match="parentheses inside one another"):
        weighted_segments("(" * depth + "a" + ")" * depth)
