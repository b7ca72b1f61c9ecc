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
    600  # frames while source is parsed; Python 3.11 lets the parser use as much of the C stack as this says
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
            inner.extend(_below(node))
        if not inner:
            return count
        level = inner
    return limit + 1


def _below(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.BinOp):
        while isinstance(node, ast.BinOp):
            yield node.right
            node = node.left
        yield node
    elif isinstance(node, ast.If):
        while True:
            yield node.test
            yield from node.body
            if len(node.orelse) != 1 or not isinstance(node.orelse[0], ast.If):
                break
            node = node.orelse[0]
        yield from node.orelse
    else:
        yield from ast.iter_child_nodes(node)
