r"""Weights in prompts: `(a cat:1.2)`, `(a cat)`, and `\(` for a parenthesis that means nothing.

A group in parentheses has the weight behind its last colon, or without a number there 1.1 times the weight around it.
Square brackets have no meaning. Parentheses that are not balanced stay as text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wftools.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Iterator

EMPHASIS: Final = 1.1
MAX_NESTING: Final = 100  # 1.1 ** 100 is beyond any use, and each level reads the text again
MAX_PARENTHESES: Final = 50_000  # opening ones: more than a prompt may have tokens

# Stand in for escaped parentheses while groups are sought: noncharacters, which Unicode keeps for such use.
_ESCAPED: Final = {r"\(": "\ufdd0", r"\)": "\ufdd1"}
_UNESCAPED: Final = str.maketrans({"\ufdd0": "(", "\ufdd1": ")"})


def weighted_segments(prompt: str) -> list[tuple[str, float]]:
    """A prompt as pieces of text with their weights, in order. Raises RunError for groups too many or too deep."""
    escaped = re.sub(r"\\[()]", lambda match: _ESCAPED[match.group()], prompt)
    if escaped.count("(") > MAX_PARENTHESES:
        raise RunError(f"the prompt has more than {MAX_PARENTHESES:,} parentheses")
    return [(text.translate(_UNESCAPED), weight) for text, weight in _weighted(escaped, 1.0, 0)]


def _weighted(text: str, weight: float, depth: int) -> Iterator[tuple[str, float]]:
    if depth > MAX_NESTING:
        raise RunError(f"the prompt has more than {MAX_NESTING} parentheses inside one another")
    for item in _items(text):
        if len(item) >= 2 and item.startswith("(") and item.endswith(")"):
            inner, inner_weight = _group(item[1:-1], weight)
            yield from _weighted(inner, inner_weight, depth + 1)
        else:
            yield item, weight


def _group(inner: str, weight: float) -> tuple[str, float]:
    """A group's text and weight. The number replaces the weight around it; emphasis without one multiplies it."""
    text, colon, number = inner.rpartition(":")
    if colon and text:
        try:
            return text, float(number)
        except ValueError:
            pass
    return inner, weight * EMPHASIS


def _items(text: str) -> Iterator[str]:
    """Split where a group of the outermost level starts or ends.

    The level is counted through the whole text, so after a closing parenthesis too many, groups are text as well.
    """
    start = 0
    level = 0
    for match in re.finditer(r"[()]", text):
        at = match.start()
        if match.group() == "(":
            if level == 0:
                if start < at:
                    yield text[start:at]
                start = at
            level += 1
        else:
            level -= 1
            if level == 0:
                yield text[start : at + 1]
                start = at + 1
    if start < len(text):
        yield text[start:]
