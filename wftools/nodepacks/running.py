"""What code of other people's takes for globals: the folders, the progress and the device of the node that runs."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from wftools.context import Context
from wftools.folders import Folders

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONTEXT: ContextVar[Context | None] = ContextVar("the context of the node that runs", default=None)


def current() -> Context:
    """The context of the node that runs; outside of one, a context with the usual folders."""
    return _CONTEXT.get() or Context(Folders())


@contextmanager
def within(context: Context) -> Iterator[None]:
    """Everything inside runs in that context."""
    token = _CONTEXT.set(context)
    try:
        yield
    finally:
        _CONTEXT.reset(token)


def declaring(folders: Folders) -> Context:
    """The context in which a pack is imported and asked for its inputs."""
    return Context(folders)
