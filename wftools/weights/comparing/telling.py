"""What differs between two model files, for people. What files say of themselves is escaped, and cut to the width."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Final

from wftools.errors import counted, listed
from wftools.escaping import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wftools.weights.comparing import Compared, Comparison
    from wftools.weights.distance import Distance
    from wftools.weights.tensorfile import TensorFile

LABEL: Final = 12  # characters of the column in which lines say what they are about
LEAST_NAME: Final = 24  # characters of a name, however narrow the terminal
MAX_VALUE: Final = 40  # characters of a value of the metadata
_HEADS: Final = ("SNR dB", "cosine", "MSE", "largest")


def diff_text(comparison: Comparison, first: TensorFile, second: TensorFile, *, top: int, width: int) -> str:
    """All lines; of tensors, blocks and names no more than the `top` ones."""
    lines = [
        *_files(comparison, first, second),
        *_counts(comparison, top),
        *_parts(comparison, width),
        *_blocks(comparison, top, width),
        *_worst(comparison, top, width),
        *_others(comparison, top),
        *_metadata(comparison, top),
    ]
    return "\n".join(_cut(printable(line), width) for line in lines)


def _line(label: str, text: str) -> str:
    return f"  {label:<{LABEL}} {text}".rstrip()


def _files(comparison: Comparison, first: TensorFile, second: TensorFile) -> Iterator[str]:
    for label, file, found in zip(("A", "B"), (first, second), comparison.aligned.described, strict=True):
        held = f"{found.kind}: {found.family}" if found.family else found.kind
        yield f"{label}  {file.path}  {held} in {file.format}, {counted(len(file.tensors), 'tensor')}"
    if comparison.aligned.way:
        yield _line("names", comparison.aligned.way)


def _counts(comparison: Comparison, top: int) -> Iterator[str]:
    if comparison.is_equal:
        yield f"equal: {counted(len(comparison.tensors), 'tensor')}, and the metadata"
        return
    identical = len(comparison.tensors) - len(comparison.differing)
    yield ""
    yield _line("in both", f"{counted(len(comparison.tensors), 'tensor')}, {identical:,} of them identical")
    for label, names in (("only in A", comparison.only_first), ("only in B", comparison.only_second)):
        if names:
            yield _line(label, f"{counted(len(names), 'tensor')}: {listed(list(names), top)}")
    types = Counter(each.dtypes for each in comparison.differing if each.dtypes[0] != each.dtypes[1])
    for index, ((before, after), count) in enumerate(types.most_common()):
        yield _line("types" if index == 0 else "", f"{before} -> {after}: {counted(count, 'tensor')}")
    same = sum(each.has_same_numbers for each in comparison.differing)
    if same:
        yield _line("", f"{counted(same, 'tensor')} of another type with the same numbers")


def _parts(comparison: Comparison, width: int) -> Iterator[str]:
    moved = [group for group in comparison.parts if not group.distance.is_zero]
    rows = [(group.name, f"{group.differing:,} of {group.tensors:,} tensors", group.distance) for group in moved]
    yield from _table("part", rows, width)


def _blocks(comparison: Comparison, top: int, width: int) -> Iterator[str]:
    blocks = comparison.blocks
    rows = [(group.name, f"{group.differing:,} of {group.tensors:,} tensors", group.distance) for group in blocks[:top]]
    yield from _table(f"block, worst of {len(blocks):,}", rows, width)


def _worst(comparison: Comparison, top: int, width: int) -> Iterator[str]:
    worst = comparison.worst
    rows = [(each.name, _types(each), each.distance) for each in worst[:top] if each.distance is not None]
    yield from _table(f"tensor, worst of {len(worst):,}", rows, width)


def _types(each: Compared) -> str:
    before, after = each.dtypes
    return before if before == after else f"{before} -> {after}"


def _table(head: str, rows: Sequence[tuple[str, str, Distance]], width: int) -> Iterator[str]:
    """A line for each row, in columns; names give way where the terminal is narrow."""
    if not rows:
        return
    figures = [_HEADS, *(_figures(distance) for _, _, distance in rows)]
    columns = [max(len(row[column]) for row in figures) for column in range(len(_HEADS))]
    notes = max(len(note) for _, note, _ in rows)
    room = max(LEAST_NAME, width - sum(columns) - 2 * len(columns) - notes - 5)
    names = [head, *(_end(name, room) for name, _, _ in rows)]
    longest = max(map(len, names))
    yield ""
    for name, note, cells in zip(names, ["", *(note for _, note, _ in rows)], figures, strict=True):
        right = "  ".join(cell.rjust(size) for cell, size in zip(cells, columns, strict=True))
        yield f"  {name:<{longest}}  {note:<{notes}}  {right}"
    for name, _, distance in rows:
        if distance.non_finite:
            yield f"    {_end(name, room)}: {counted(distance.non_finite, 'number')} infinite or NaN in one file only"


def _figures(distance: Distance) -> tuple[str, str, str, str]:
    snr = f"{distance.snr:.1f}" if math.isfinite(distance.snr) else "-" if distance.snr > 0 else "none"
    return snr, f"{distance.cosine:.6f}", f"{distance.mse:.2e}", f"{distance.largest:.2e}"


def _others(comparison: Comparison, top: int) -> Iterator[str]:
    shapes = [each for each in comparison.tensors if each.distance is None]
    if not shapes:
        return
    yield ""
    yield _line("shapes", f"of {counted(len(shapes), 'tensor')} differ")
    for each in shapes[:top]:
        before, after = ("x".join(map(str, shape)) or "one number" for shape in each.shapes)
        yield f"    {each.name}  {before} -> {after}"
    if len(shapes) > top:
        yield f"    and {len(shapes) - top} more"


def _metadata(comparison: Comparison, top: int) -> Iterator[str]:
    if not comparison.metadata:
        return
    yield ""
    count = len(comparison.metadata)
    yield _line("metadata", f"{count} value{'' if count == 1 else 's'} differ{'s' if count == 1 else ''}")
    for key, (before, after) in list(comparison.metadata.items())[:top]:
        yield f"    {key}: {_value(before)} -> {_value(after)}"
    if count > top:
        yield f"    and {count - top} more"


def _value(value: str | None) -> str:
    if value is None:
        return "(none)"
    return value if len(value) <= MAX_VALUE else f"{value[:MAX_VALUE]}… ({len(value):,} characters)"


def _end(name: str, room: int) -> str:
    """The end of a name, which tells more than its beginning."""
    return name if len(name) <= room else f"…{name[1 - room :]}"


def _cut(line: str, width: int) -> str:
    return line if len(line) <= width else f"{line[: width - 1]}…"
