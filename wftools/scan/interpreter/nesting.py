"""Python's own stack, which has to hold what the interpreted code nests."""

from __future__ import annotations

import ast
import inspect
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

FRAMES: Final = 4  # of ours, for each level of syntax that is being evaluated
SPARE: Final = 2_000  # frames for all else
PARSER: Final = (
    1_000  # frames while source is parsed; Python 3.11 lets the parser use as much of the C stack as this says
)


def frames_in_use() -> int:
    frame, count = inspect.currentframe(), 0
    while frame is not None:
        frame, count = frame.f_back, count + 1
    return count


@contextmanager
def deep_enough(levels: int) -> Iterator[None]:
    """Have Python allow as many frames as that many levels of syntax take."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, frames_in_use() + FRAMES * levels + SPARE))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


@contextmanager
def shallow() -> Iterator[None]:
    """Have Python allow few more frames than there are: for its parser, whose own depth follows that."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(min(before, frames_in_use() + PARSER))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def depth(tree: ast.AST, limit: int) -> int:
    """How many levels of syntax are in one another; one more than `limit` if there are more than that.

    What is a chain (`a + b + c`, `elif`) is one level, as it is evaluated in a loop.
    """
    level: list[ast.AST] = [tree]
    for count in range(limit + 1):
        inner: list[ast.AST] = []
        for node in level:
            if isinstance(node, ast.BinOp | ast.If):
                _add_links(node, inner)
            else:
                _add_parts(node, inner)
        if not inner:
            return count
        level = inner
    return limit + 1


_FLAT: Final = (ast.expr_context, ast.operator, ast.Constant, ast.Name)  # nothing is in them


def _add_parts(node: ast.AST, parts: list[ast.AST]) -> None:
    for name in node._fields:
        part = getattr(node, name, None)
        if isinstance(part, list):
            parts.extend([each for each in part if isinstance(each, ast.AST)])
        elif isinstance(part, ast.AST) and not isinstance(part, _FLAT):
            parts.append(part)


def _add_links(node: ast.BinOp | ast.If, parts: list[ast.AST]) -> None:
    """What is in all links of a chain of operators, or of `elif`."""
    link: ast.AST = node
    while isinstance(link, ast.BinOp):
        parts.append(link.right)
        link = link.left
        if not isinstance(link, ast.BinOp):
            parts.append(link)
    while isinstance(link, ast.If):
        parts.append(link.test)
        parts.extend(link.body)
        if len(link.orelse) != 1 or not isinstance(link.orelse[0], ast.If):
            parts.extend(link.orelse)
            break
        link = link.orelse[0]
