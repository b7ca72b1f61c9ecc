"""Calls the functions of nodes, measures them, and gives their errors the node at which they happened."""

from __future__ import annotations

import asyncio
import inspect
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import TYPE_CHECKING, Any

from wftools.errors import Place, RunError, WftoolsError
from wftools.runtime.arguments import arguments, block_in
from wftools.runtime.expansion import sources_in
from wftools.runtime.memory import peak_memory

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wftools.context import Context
    from wftools.runtime.arguments import Items
    from wftools.runtime.call import Call, Source
    from wftools.runtime.expansion import Promised


@dataclass
class Running:
    """What is known of a call from the time it is asked for until it is done."""

    call: Call
    context: Context
    asked: set[str] = field(default_factory=set)  # the lazy inputs that it needs
    parts: list[Promised] = field(default_factory=list)  # what each call of its function answered
    seconds: float = 0.0
    memory: int | None = None
    is_started: bool = False
    is_blocked: bool = False

    @property
    def inner(self) -> list[Source]:
        """The outputs of subgraphs that it waits for."""
        return [source for part in self.parts for source in sources_in(part)]


def invoke(running: Running, items: Mapping[str, Items], hidden: Mapping[str, Any]) -> list[Any]:
    """Call a node's function once for each element of its inputs; a call that is given a block answers with it."""
    call = running.call
    answers: list[Any] = []
    start, memory = perf_counter(), peak_memory()
    with blamed(call):
        for given in arguments(call, items):
            block = block_in(call, given)
            answers.append(block if block is not None else call.declared.function(**call.nested(given), **hidden))
    running.seconds += perf_counter() - start
    running.memory = _growth(memory, running.memory)
    return answers


async def awaited(running: Running, answers: list[Any]) -> list[Any]:
    """The answers of a node's calls, awaited together where they are awaitable."""
    start = perf_counter()
    places = [index for index, answer in enumerate(answers) if inspect.isawaitable(answer)]
    with blamed(running.call):
        values = await asyncio.gather(*(answers[index] for index in places))
    running.seconds += perf_counter() - start
    for index, value in zip(places, values, strict=True):
        answers[index] = value
    return answers


@contextmanager
def blamed(call: Call) -> Iterator[None]:
    """Give an error the node at which it happened. Raises RunError for whatever exception the node's code raises."""
    try:
        yield
    except WftoolsError as error:
        place = replace(error.place, node=call.name) if error.place is not None else place_of(call)
        raise RunError(error.message, place=place, hint=error.hint) from error
    except Exception as error:  # a node's code may raise anything
        said = " ".join(str(error).split())
        text = f"{type(error).__name__}: {said}" if said else type(error).__name__
        raise RunError(text, place=place_of(call)) from error


def place_of(call: Call) -> Place:
    """Where a node stands."""
    return Place(node=call.name, pointer=call.node.pointer or None)  # what an expansion adds stands in no file


def _growth(before: int | None, grown: int | None) -> int | None:
    after = peak_memory()
    return None if before is None or after is None else (grown or 0) + after - before
