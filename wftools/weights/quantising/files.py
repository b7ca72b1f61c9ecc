"""A file quantised, or brought back to numbers of 16 or 32 bits, into another file; and what that cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wftools.errors import InputError, Place, counted, written
from wftools.escaping import json_bytes
from wftools.weights.converting.asking import Wanted, planned
from wftools.weights.dialects import understood
from wftools.weights.families import recognise
from wftools.weights.quantising.architectures import network_prefix
from wftools.weights.quantising.report import QuantizeReport, report_of
from wftools.weights.quantising.rules import as_it_is, is_quantised, plan_dequantised, plan_quantised
from wftools.weights.quantising.types import NATIVE
from wftools.weights.tensorfile import open_tensors
from wftools.weights.writers import WRITERS
from wftools.writing import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from wftools.weights.converting.asking import Only
    from wftools.weights.converting.carrying import Progress
    from wftools.weights.converting.plan import Plan
    from wftools.weights.quantising.rules import Rules
    from wftools.weights.tensorfile import TensorFile

SUFFIXES: Final = (".gguf",)
NATIVE_SUFFIXES: Final = (".safetensors", ".sft")


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


def quantising(path: Path, out: Path, rules: Rules, *, only: Only | None = None, again: bool = False) -> Task:
    """A file whose weights get other types; `only`: one of its networks; `again`: they are quantised already.

    Raises InputError.
    """
    suffixes = NATIVE_SUFFIXES if rules.is_native else SUFFIXES
    if out.suffix.lower() not in suffixes:
        form = "safetensors" if rules.is_native else "GGUF"
        hint = f"name it NAME{suffixes[0]}"
        raise InputError(f"files with the type {rules.type} are {form}", place=Place(str(out)), hint=hint)
    stored = open_tensors(path)
    file = understood(stored)
    already = _quantised(file)
    if already and not again:
        raise InputError(
            f"{counted(already, 'tensor')} are quantised already",
            place=file.place,
            hint="quantise the file that it was made from, or lose twice with `wftools model requantize`",
        )
    if again and not already:
        raise _nothing_quantised(file, "take `wftools model quantize`")
    return Task(plan_of(stored, out, rules, only), out, rules.type)


def plan_of(stored: TensorFile, out: Path, rules: Rules, only: Only | None = None) -> Plan:
    """The plan of a file, as it is stored, of the types that rules say. Raises InputError."""
    if rules.is_native:
        return planned(stored, out, Wanted(NATIVE[rules.type], only)).plans[""]
    return plan_quantised(_base(stored, understood(stored), out, only), rules)


def _base(stored: TensorFile, file: TensorFile, out: Path, only: Only | None) -> Plan:
    """The tensors that are to be quantised, under the names that they get. Raises InputError."""
    if only == "unet" and recognise(file) is None:  # of a family that is not run, its keys tell it from the rest
        prefix = network_prefix(file)
        if prefix is not None:
            return as_it_is(file.below(prefix))
    if only is None and not file.path.is_dir():
        return as_it_is(file)
    return planned(stored, out, Wanted(only=only, layout="single")).plans[""]


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
