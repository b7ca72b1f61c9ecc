"""The event loop of a run: asynchronous nodes share it, synchronous ones hold it while they work."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable


def complete(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end, and cancel what it has left running.

    Why not asyncio.run: its handler of Ctrl-C waits until a coroutine awaits something, which a sampler never does.
    """
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(coroutine)
    finally:
        loop.run_until_complete(_cancel(asyncio.all_tasks(loop)))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


async def _cancel(tasks: Iterable[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
