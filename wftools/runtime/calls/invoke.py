"""One call of a node: its arguments, its function, what it answered, and the blame if it fails.

An input that holds several values maps the node over them.
"""

from __future__ import annotations

import asyncio
import inspect
import re
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from wftools.errors import REPORT_TO, Place, RunError, WftoolsError
from wftools.memory import in_words
from wftools.runtime.plan.call import Upstream
from wftools.values import Block

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Iterator, Mapping

    from wftools.context import Context
    from wftools.runtime.plan.call import Call

Items = tuple[Any, ...]
"""What an output holds: one value, or the elements of a list."""

Outputs = tuple[Items, ...]
"""What a node gives, by slot."""

Promised = tuple[Upstream | Items, ...]
"""What a node's outputs will be: items, or what another node gives."""


# torch has an exception of its own for GPUs only; on the CPU it is a RuntimeError with one of these in its text.
_NO_MEMORY: Final = re.compile(
    r"^OutOfMemoryError|DefaultCPUAllocator|not enough memory|can't allocate memory|Storage size calculation overflowed"
)
_WANTED: Final = re.compile(r"tried to allocate (\d+) bytes")


def sources_in(outputs: Promised) -> tuple[Upstream, ...]:
    """The outputs of other nodes that have to be there first."""
    return tuple(output for output in outputs if isinstance(output, Upstream))


@dataclass
class Running:
    """What is known of a call from the time it is asked for until it is done."""

    call: Call
    context: Context
    asked: set[str] = field(default_factory=set)  # the lazy inputs that it needs
    parts: list[Promised] = field(default_factory=list)  # what each call of its function answered
    seconds: float = 0.0
    is_started: bool = False
    is_blocked: bool = False

    @property
    def inner(self) -> list[Upstream]:
        """The outputs of subgraphs that it waits for."""
        return [source for part in self.parts for source in sources_in(part)]


def invoke(running: Running, items: Mapping[str, Items], hidden: Mapping[str, Any]) -> list[Any]:
    """Call a node's function once for each element of its inputs; a call that is given a block answers with it."""
    call = running.call
    answers: list[Any] = []
    start = perf_counter()
    for given in arguments(call, items):
        block = block_in(call, given)
        answers.append(block if block is not None else call.declared.function(**call.nested(given), **hidden))
    running.seconds += perf_counter() - start
    return answers


async def awaited(running: Running, answers: list[Any]) -> list[Any]:
    """The answers of a node's calls, awaited together where they are awaitable."""
    start = perf_counter()
    places = [index for index, answer in enumerate(answers) if inspect.isawaitable(answer)]
    values = await asyncio.gather(*(_held(answers[index]) for index in places))
    running.seconds += perf_counter() - start
    for index, value in zip(places, values, strict=True):
        answers[index] = value
    return answers


async def _held(answer: Awaitable[Any]) -> Any:
    """An answer. What would end the process is an error like others, since the event loop lets nothing else pass."""
    try:
        return await answer
    except SystemExit as error:
        raise RuntimeError(f"the node's code asks to end the process: {error}") from error


def arguments(call: Call, items: Mapping[str, Items]) -> Iterator[dict[str, Any]]:
    """The arguments of each call of a node's function, by input name; `items` has what each input is given.

    One call for each element of the longest input; shorter ones repeat their last element. With an empty input there
    is no call. A node that takes lists is called once, with a list for every input.
    """
    if call.signature.is_input_list:
        yield {name: list(values) for name, values in items.items()}
        return
    lengths = [len(values) for values in items.values()]
    for index in range(max(lengths, default=1) if all(lengths) else 0):
        yield {name: values[min(index, len(values) - 1)] for name, values in items.items()}


def block_in(call: Call, given: Mapping[str, Any]) -> Block | None:
    """The first block among the arguments of a call, which then does not happen."""
    for value in given.values():
        elements = value if call.signature.is_input_list else (value,)
        for element in elements:
            if isinstance(element, Block):
                return element
    return None


def outputs_of(call: Call, answer: Any) -> Outputs:
    """The values that a function returned. Raises RunError if they are not as many or not of the form it declares."""
    declared = call.signature.outputs
    if isinstance(answer, Block):
        return ((answer,),) * len(declared)
    if not declared:
        return ()
    values = answer if call.declared.returns_tuple else (answer,)
    if not isinstance(values, tuple) or len(values) != len(declared):
        given = f"{len(values)} values" if isinstance(values, tuple) else f"a {type(values).__name__}"
        raise RunError(f"the node declares {len(declared)} outputs and returned {given}")
    outputs: list[Items] = []
    for output, value in zip(declared, values, strict=True):
        if not output.is_list or isinstance(value, Block):
            outputs.append((value,))
        elif isinstance(value, list | tuple):
            outputs.append(tuple(value))
        else:
            raise RunError(f"output {output.name!r} is declared as a list and is a {type(value).__name__}")
    return tuple(outputs)


def concatenated(call: Call, answers: Iterable[Outputs]) -> Outputs:
    """The outputs of a node whose function was called several times."""
    columns: list[list[Any]] = [[] for _ in call.signature.outputs]
    for answer in answers:
        for column, items in zip(columns, answer, strict=True):
            column.extend(items)
    return tuple(map(tuple, columns))


def blamed(error: BaseException, call: Call) -> RunError:
    """What a node's code has raised, with the node at which it happened."""
    if isinstance(error, WftoolsError):
        place = replace(error.place, node=call.name) if error.place is not None else place_of(call)
        return RunError(error.message, place=place, hint=error.hint)
    said = " ".join(str(error).split())
    if isinstance(error, MemoryError) or _NO_MEMORY.search(f"{type(error).__name__} {said}"):
        wanted = _WANTED.search(said)
        size = f": it asked for {in_words(int(wanted[1]))} at once" if wanted else ""
        hint = "use a smaller width, height or batch size"
        return RunError(f"needs more memory than there is{size}", place=place_of(call), hint=hint)
    text = f"{type(error).__name__}: {said}" if said else type(error).__name__
    is_ours = call.declared.function.__module__.startswith("wftools.")  # not a plug-in's
    hint = f"if ComfyUI runs this workflow, it is a fault of wftools; please report it: {REPORT_TO}"
    return RunError(text, place=place_of(call), hint=hint if is_ours else None)


def place_of(call: Call) -> Place:
    """Where a node stands."""
    return Place(node=call.name, pointer=call.node.pointer or None)  # what an expansion adds stands in no file
