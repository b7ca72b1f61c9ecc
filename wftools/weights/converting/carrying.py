"""Carry out a plan: the new file is written whole or not at all, and its numbers pass through memory in pieces.

What keeps its type keeps its bytes. All else is decoded, or cast to float32, and then cast or encoded; what that costs
is measured in the same pass. Each piece is encoded by itself, in whole blocks, so that neither their size nor the
number of processes shows in the file.
"""

from __future__ import annotations

import math
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, Final

from wftools.errors import InputError, Place, WftoolsError, shown, written
from wftools.weights.converting.numbers import as_numbers, is_kept, numbers, regrouped, torch_dtype
from wftools.weights.distance import NOTHING, distance
from wftools.weights.quant.blocks import BLOCKS
from wftools.weights.quant.scaled import in_scale
from wftools.weights.tensorfile import PIECE
from wftools.weights.writers import WRITERS, Outgoing
from wftools.writing import atomically

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from torch import Tensor

    from wftools.weights.converting.plan import Plan, Planned
    from wftools.weights.distance import Distance
    from wftools.weights.tensorfile import TensorFile

Progress = Callable[["Planned", int], None]
"""Is told of so many bytes of a tensor that are done."""

Encoder = Callable[[Iterator["Tensor"], str], Iterator[tuple["Tensor", "Distance"]]]
"""Puts numbers into blocks of a type, piece by piece, and measures what that costs."""

ALIGNED: Final = 256  # elements that are whole blocks of every type; pieces are multiples of it

# Torch's files of these names are tables of tensors, and what loads them expects nothing beside; a .ckpt has tables in
# a table, and a place for metadata.
BARE: Final = (".pt", ".pth", ".bin", ".pkl")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a tensor; `error` is None where its bytes are the old ones."""

    planned: Planned
    error: Distance | None = None


def carry_out(
    plan: Plan,
    out: Path,
    *,
    progress: Progress | None = None,
    jobs: int = 1,
    replaces: bool = False,
    count: int = PIECE,
) -> tuple[Outcome, ...]:
    """Write the file that is planned, and tell of each tensor what it cost. Raises InputError.

    `out` is none of the files that the plan reads; `replaces`: it may be there. So many `jobs` are done at a time:
    processes encode the blocks whose scales are searched for, and torch's threads do all else. `count`: elements in a
    piece, a multiple of `ALIGNED`.
    """
    check_out(plan.file, out, replaces=replaces)
    check_holds(plan)
    if out.suffix.lower() in BARE:
        plan = replace(plan, metadata={})
    with written(out), atomically(out, replaces=replaces) as stream, _threads(jobs), _encoder(plan, jobs) as encoder:
        return write(plan, stream, encoder, progress, count)


def check_out(file: TensorFile, out: Path, *, replaces: bool) -> None:
    """Raise InputError if the new file would stand in the place of one that it is made from, or of any other."""
    sources = {file.path, *(info.file for info in file.tensors.values() if info.file is not None)}
    place = Place(str(out))
    if not os.path.lexists(out):
        return
    if any(source.exists() and out.exists() and source.samefile(out) for source in sources):
        raise InputError("is the file that is read", place=place, hint="name another file to write")
    if not replaces:
        raise InputError("is there already", place=place, hint="name another file, or replace it with --force")


def check_holds(plan: Plan) -> None:
    """Raise InputError for a tensor that the format of a plan has no form for."""
    writer = WRITERS.load(plan.format)
    for each in plan.tensors:
        if not writer.holds(each.dtype, each.shape):
            raise InputError(
                f"tensor {shown(each.name)} is {each.dtype} {list(each.shape)}, which {plan.format} files cannot hold",
                place=plan.file.place,
            )


def write(
    plan: Plan, stream: BinaryIO, encoder: Encoder, progress: Progress | None = None, count: int = PIECE
) -> tuple[Outcome, ...]:
    """The same into a stream."""
    assert count % ALIGNED == 0, count
    errors: dict[str, Distance | None] = {}

    def data(planned: Planned) -> Iterator[Tensor]:
        error = NOTHING if is_changed(plan.file, planned) else None
        made = _copied(plan.file, planned, count) if error is None else _made(plan.file, planned, encoder, count)
        for piece, its_error in made:
            if error is not None and its_error is not None:
                error += its_error
            if progress is not None:
                progress(planned, piece.numel() * piece.element_size())
            yield piece
        errors[planned.name] = error

    outgoing = [Outgoing(each.name, each.dtype, each.shape, partial(data, each)) for each in plan.tensors]
    WRITERS.load(plan.format).write(stream, outgoing, plan.metadata)
    return tuple(Outcome(each, errors.get(each.name)) for each in plan.tensors)


def is_changed(file: TensorFile, planned: Planned) -> bool:
    """Whether a tensor's bytes will be others than in the old file."""
    return planned.scale is not None or not all(is_kept(file, name, planned.dtype) for name in planned.sources)


def _copied(file: TensorFile, planned: Planned, count: int) -> Iterator[tuple[Tensor, None]]:
    for piece in chain.from_iterable(file.pieces(name, count) for name in planned.sources):
        yield piece, None


def _made(file: TensorFile, planned: Planned, encoder: Encoder, count: int) -> Iterator[tuple[Tensor, Distance]]:
    """The new pieces, and how far they are from what the old ones mean."""
    values = chain.from_iterable(numbers(file, name, count) for name in planned.sources)
    if planned.scale is not None:
        yield from _in_scale(file, planned, values, count)
    elif planned.dtype in BLOCKS:
        whole = regrouped(values, count) if len(planned.sources) > 1 else values
        yield from encoder(whole, planned.dtype)
    else:
        new = torch_dtype(planned.dtype)
        for some in values:
            cast = some.to(new)
            yield cast, distance(some, as_numbers(cast))


def _in_scale(
    file: TensorFile, planned: Planned, values: Iterator[Tensor], count: int
) -> Iterator[tuple[Tensor, Distance]]:
    """The numbers that stand for others with a scale: one for the tensor, or one for each row."""
    assert planned.scale is not None
    scale = file.read(planned.scale).reshape(-1)
    row = math.prod(planned.shape[1:]) if len(scale) > 1 else ALIGNED
    rows = max(1, count // row)
    for index, some in enumerate(regrouped(values, rows * row)):
        own = scale[index * rows : (index + 1) * rows, None] if len(scale) > 1 else scale
        x = some.float().reshape(-1, row) if len(scale) > 1 else some.float()
        made = in_scale(x, own, planned.dtype)
        yield made.reshape(-1), distance(some, (made.float() * own).reshape(-1))


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """So many threads of torch, one unless more are asked for.

    A piece takes less than a millisecond: on a machine with other work, threads that wait for each other at the end of
    each step took twenty times the time of all processors.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def _encoder(plan: Plan, jobs: int) -> Iterator[Encoder]:
    """What puts numbers into blocks: this process, or several others for the types that are worth the way to them.

    Why not threads: most of the time goes into steps that are too short for them, and they wait for each other.
    """
    from wftools.weights.quant.encoding import SEARCHED

    if jobs == 1 or not any(each.dtype in SEARCHED and is_changed(plan.file, each) for each in plan.tensors):
        yield _here
        return
    # New processes start from nothing, since threads of torch do not survive a fork.
    pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_prepare)
    try:
        there = partial(_there, pool, 2 * jobs)
        yield lambda values, kind: (there if kind in SEARCHED else _here)(values, kind)
    except BrokenProcessPool as error:
        hint = "if memory is short, use fewer jobs"
        raise WftoolsError("a process that encoded weights has ended before it was done", hint=hint) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _here(values: Iterator[Tensor], kind: str) -> Iterator[tuple[Tensor, Distance]]:
    for some in values:
        yield _encoded(some, kind)


def _there(
    pool: ProcessPoolExecutor, ahead: int, values: Iterator[Tensor], kind: str
) -> Iterator[tuple[Tensor, Distance]]:
    """The same by other processes, in order; so many pieces are on their way at a time."""
    import torch

    running: deque[Any] = deque()
    for some in values:
        running.append(pool.submit(_encoded_bytes, some.float().numpy(), kind))
        if len(running) == ahead:
            packed, error = running.popleft().result()
            yield torch.from_numpy(packed), error
    while running:
        packed, error = running.popleft().result()
        yield torch.from_numpy(packed), error


def _prepare() -> None:
    """A process of several computes by itself, and leaves Ctrl-C to the one that started it."""
    import signal

    import torch

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(1)


def _encoded_bytes(values: Any, kind: str) -> tuple[Any, Distance]:
    import torch

    packed, error = _encoded(torch.from_numpy(values), kind)
    return packed.numpy(), error


def _encoded(values: Tensor, kind: str) -> tuple[Tensor, Distance]:
    from wftools.weights.quant.decoding import decode  # type: ignore[import-untyped, unused-ignore]
    from wftools.weights.quant.encoding import encode  # type: ignore[import-untyped, unused-ignore]

    packed = encode(values.float(), kind)
    return packed, distance(values, decode(packed, kind))
