"""A file quantised, or brought back to numbers of 16 or 32 bits, into another file; and what that cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wftools.errors import InputError, Place, counted, written
from wftools.escaping import json_bytes
from wftools.weights.dialects import understood
from wftools.weights.quantising.report import QuantizeReport, report_of
from wftools.weights.quantising.rules import is_quantised, plan_dequantised, plan_quantised
from wftools.weights.tensorfile import open_tensors
from wftools.weights.writers import WRITERS
from wftools.writing import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from wftools.weights.converting.carrying import Progress
    from wftools.weights.converting.plan import Plan
    from wftools.weights.quantising.rules import Rules
    from wftools.weights.tensorfile import TensorFile

SUFFIX: Final = ".gguf"


@dataclass(frozen=True, slots=True)
class Task:
    """A file to be made: its plan, what it is to be called, and what was asked for."""

    plan: Plan
    out: Path
    type: str

    def planned(self) -> QuantizeReport:
        """What it would be."""
        return report_of(self.plan, self.type, self.out)

    def carried_out(self, *, progress: Progress | None = None, jobs: int = 1, replaces: bool = False) -> QuantizeReport:
        """Write the file, and report. Raises InputError."""
        from wftools.weights.converting.carrying import carry_out

        outcomes = carry_out(self.plan, self.out, progress=progress, jobs=jobs, replaces=replaces)
        return report_of(self.plan, self.type, self.out, outcomes)


def quantising(path: Path, out: Path, rules: Rules, *, again: bool = False) -> Task:
    """A file whose weights get other types; `again`: they are quantised already. Raises InputError."""
    if out.suffix.lower() != SUFFIX:
        raise InputError(f"files with the type {rules.type} are GGUF", place=Place(str(out)), hint="name it NAME.gguf")
    file = _opened(path)
    already = _quantised(file)
    if already and not again:
        raise InputError(
            f"{counted(already, 'tensor')} are quantised already",
            place=file.place,
            hint="quantise the file that it was made from, or lose twice with `wftools model requantize`",
        )
    if again and not already:
        raise _nothing_quantised(file, "take `wftools model quantize`")
    return Task(plan_quantised(file, rules), out, rules.type)


def dequantising(path: Path, out: Path, dtype: str) -> Task:
    """A file whose quantised weights become numbers of a plain type. Raises InputError."""
    writers = {suffix: name for name in WRITERS.names() for suffix in WRITERS.load(name).SUFFIXES}
    form = writers.get(out.suffix.lower())
    if form is None:
        hint = f"name a file that ends in {', '.join(sorted(writers))}"
        raise InputError("the name does not say which format to write", place=Place(str(out)), hint=hint)
    file = _opened(path)
    if not _quantised(file):
        raise _nothing_quantised(file, "`wftools model convert` writes other types and formats")
    return Task(plan_dequantised(file, dtype, form), out, dtype.lower())


def write_report(report: QuantizeReport, path: Path) -> None:
    """Write a report as JSON. Raises InputError."""
    with written(path):
        write_atomically(path, json_bytes(report.model_dump()))


def _opened(path: Path) -> TensorFile:
    return understood(open_tensors(path))


def _quantised(file: TensorFile) -> int:
    return sum(is_quantised(file, name) for name in file.tensors)


def _nothing_quantised(file: TensorFile, hint: str) -> InputError:
    return InputError("no tensor is quantised", place=file.place, hint=hint)
