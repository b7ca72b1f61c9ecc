"""A conversion in lines, for a terminal: what becomes of each tensor, and what it cost."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from wftools.errors import counted, shown, size_of
from wftools.escaping import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from wftools.weights.converting.asking import Conversion
    from wftools.weights.converting.carrying import Outcome

NAMED: Final = 5  # tensors of which one line tells


def planned_lines(conversion: Conversion) -> Iterator[str]:
    """A line for each tensor of the new files: the type that it has and the one that it gets, its size, and why."""
    rows = [("from", "to", "size", "tensor")]
    for folder, plan in conversion.plans.items():
        for each in plan.tensors:
            info = plan.file.tensors[each.source]
            name = f"{folder}/{each.name}" if folder else each.name
            why = f": {each.why}" if each.why else ""
            rows.append((info.dtype, each.dtype, size_of(each.size), printable(f"{name} {[*each.shape]}{why}")))
    widths = [max(len(row[index]) for row in rows) for index in range(3)]
    for old, new, size, name in rows:
        yield f"  {old.ljust(widths[0])}  {new.ljust(widths[1])}  {size.rjust(widths[2])}  {name}".rstrip()
    for name, why in conversion.left_out.items():
        yield printable(f"  left out: {name}: {why}")


def lines(source: Path, out: Path, conversion: Conversion, outcomes: Sequence[Outcome] = ()) -> Iterator[str]:
    """Sizes, types, what was left out, and the error where numbers have changed."""
    tensors = [each for plan in conversion.plans.values() for each in plan.tensors]
    yield printable(f"{source} -> {out}")
    types = Counter(each.dtype for each in tensors)
    told = ", ".join(f"{count} {dtype}" for dtype, count in sorted(types.items()))
    sizes = f"{size_of(conversion.size_before)} -> {size_of(conversion.size)}"
    yield f"  {counted(len(tensors), 'tensor')} ({told}), {sizes}"
    for why, count in Counter(conversion.left_out.values()).items():
        yield f"  left out: {counted(count, 'tensor')}: {why}"
    changed = [each for each in outcomes if each.error is not None and each.error.noise > 0]
    if changed:
        worst = min(changed, key=lambda each: each.error.snr if each.error else 0.0)
        assert worst.error is not None
        yield printable(
            f"  {counted(len(changed), 'tensor')} lost digits: SNR {worst.error.snr:.1f} dB at worst, "
            f"largest error {worst.error.largest:.3g}, in {worst.planned.name}"
        )


def warnings(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """What is no longer finite, or was not and cannot be said so in the new type."""
    lost = [each for each in outcomes if each.error is not None and each.error.non_finite]
    if lost:
        count = sum(each.error.non_finite for each in lost if each.error is not None)
        names = ", ".join(shown(each.planned.name) for each in lost[:NAMED])
        more = f" and {len(lost) - NAMED} more" if len(lost) > NAMED else ""
        yield (
            f"{counted(count, 'number')} did not fit the new type, or had no form in it, in {names}{more}; "
            "casts do to them what torch's do, scales take the largest number instead: bf16 has room for all"
        )
