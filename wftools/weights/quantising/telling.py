"""A report in lines, for a terminal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from wftools.errors import counted, size_of
from wftools.escaping import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wftools.weights.quantising.report import ErrorReport, ProbeReport, QuantizeReport, TensorReport, TypeReport

WORST: Final = 5  # tensors that are told of
COARSE: Final = 20.0  # dB: what is below is heard of


def lines(report: QuantizeReport) -> Iterator[str]:
    """Sizes, what is of which type, and the error: of all, and of the worst tensors."""
    share = report.bytes_after / max(report.bytes_before, 1)
    yield printable(f"{report.source} -> {report.target}: {report.type}")
    yield (
        f"  {size_of(report.bytes_before)} -> {size_of(report.bytes_after)} ({share:.0%}), "
        f"{report.bits_before:.2f} -> {report.bits_after:.2f} bits a weight"
    )
    yield from table([("type", "tensors", "weights", "size", "SNR"), *(_row(each, report) for each in report.types)])
    if report.error is not None:
        yield (
            f"  what has changed: SNR {snr_of(report.error)}, cosine {report.error.cosine:.6f}, "
            f"mean squared error {report.error.mse:.3g}"
        )
        yield from _worst(report.tensors)
    for why, count in Counter(report.left_out.values()).items():
        yield printable(f"  left out: {counted(count, 'tensor')}: {why}")
    if report.probe is not None:
        yield told_of(report.probe)


def tensor_lines(report: QuantizeReport) -> Iterator[str]:
    """A line for each tensor: what becomes of it, and why."""
    yield from table(
        [
            ("from", "to", "size", "tensor"),
            *(
                (each.before, each.after, size_of(each.bytes_after), printable(f"{each.name} {each.shape}: {each.why}"))
                for each in report.tensors
            ),
        ]
    )
    for name, why in report.left_out.items():
        yield printable(f"  left out: {name}: {why}")


def told_of(probe: ProbeReport) -> str:
    """How far the picture moves, on one line."""
    psnr = "no pixel has changed" if probe.psnr is None else f"PSNR {probe.psnr:.1f} dB"
    return printable(
        f"  {probe.workflow}: {psnr}, SSIM {probe.ssim:.4f}, pixels differ by {probe.mean:.2f} of 255 on the average, "
        f"by {probe.largest:.0f} at most"
    )


def snr_of(error: ErrorReport | None) -> str:
    """An error as its signal to noise ratio."""
    if error is None:
        return "kept"
    return f"{error.snr:.1f} dB" if error.snr is not None else "exact"


def _row(each: TypeReport, report: QuantizeReport) -> tuple[str, ...]:
    error = "" if report.error is None else snr_of(each.error)  # of a plan nothing is known yet
    return (each.type, f"{each.tensors:,}", f"{each.weights:,}", size_of(each.bytes), error)


def _worst(tensors: Sequence[TensorReport]) -> Iterator[str]:
    changed = [(each.error.snr, each) for each in tensors if each.error is not None and each.error.snr is not None]
    if changed:
        yield "  worst:"
    for snr, each in sorted(changed, key=lambda one: one[0])[:WORST]:
        yield printable(f"    {snr:5.1f} dB  {each.after:5}  {each.name}")
    coarse = sum(snr < COARSE for snr, _ in changed)
    if coarse:
        yield f"  {counted(coarse, 'tensor')} below {COARSE:.0f} dB: --tensor gives single ones a better type"
    lost = sum(each.error.non_finite for each in tensors if each.error is not None)
    if lost:
        yield f"  {lost:,} numbers are not finite in the new file: too large for its type, or not finite before"


def table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Rows in columns, numbers to the right; the first column and the last are texts."""
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    last = len(widths) - 1
    for row in rows:
        cells = [
            each.ljust(width) if index in (0, last) else each.rjust(width)
            for index, (each, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield f"  {'  '.join(cells).rstrip()}"
