"""What the commands that quantise have in common: options, progress, and how a report is told."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from wftools.cli.options import folder_options
from wftools.cli.output import results_apart

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftools.folders import Folders
    from wftools.tradeoff.probe import Probe
    from wftools.weights.quantising.files import Task
    from wftools.weights.quantising.report import QuantizeReport

Function = TypeVar("Function", bound="Callable[..., Any]")

_FILE = click.Path(dir_okay=False, path_type=Path)


def fallback_option(function: Function) -> Function:
    """--fallback."""
    return click.option(
        "--fallback",
        type=click.Choice(["reshape", "block32", "keep"]),
        help="What to do with rows that are no whole blocks: store them in rows of 256, take a type of blocks of 32, "
        "or keep them. Without: rows of 256 in a UNet that stands alone, which ComfyUI-GGUF reads; else blocks of 32.",
    )(function)


def type_options(function: Function) -> Function:
    """--type, --tensor, --fallback, --compat, --only; the command is given the Rules that the first four make."""

    @click.option(
        "--type",
        "kind",
        required=True,
        metavar="TYPE",
        help="One type for every matrix that its blocks fit: q8_0, q6_k, q5_k, q5_1, q5_0, q4_k, q4_1, q4_0, iq4_nl, "
        "iq4_xs, q3_k, q2_k, f16, bf16; or a mix, which keeps what suffers most and gives some layers a better type: "
        "q5_k_m, q5_k_s, q4_k_m, q4_k_s, q3_k_l, q3_k_m, q3_k_s. Or one of ComfyUI's own, in .safetensors: fp8_scaled, "
        "int8_convrot, int8_row, int8_tensorwise.",
    )
    @click.option(
        "--tensor",
        "tensors",
        multiple=True,
        metavar="PATTERN=TYPE",
        help="The type of the tensors whose names match, with * and ?. The last that matches counts. Repeatable.",
    )
    @click.option(
        "--only",
        type=click.Choice(["unet", "vae", "clip", "clip_l", "clip_g", "clip_h"]),
        help="One network of a checkpoint, under its own names.",
    )
    @fallback_option
    @click.option(
        "--compat",
        type=click.Choice(["comfy-gguf", "sdcpp"]),
        help="Go by the rules of ComfyUI-GGUF or stable-diffusion.cpp: what they keep, and no blocks of 32 instead.",
    )
    @wraps(function)
    def wrapped(*args: Any, kind: str, tensors: tuple[str, ...], fallback: Any, compat: Any, **options: Any) -> Any:
        from wftools.weights.quantising.rules import Rules
        from wftools.weights.quantising.types import tensor_rule

        rules = Rules(kind.lower(), tuple(map(tensor_rule, tensors)), fallback, compat)
        return function(*args, rules=rules, **options)

    return wrapped  # type: ignore[return-value]


def making_options(function: Function) -> Function:
    """IN, OUT and what is said of making OUT; the command is given all but IN and OUT as `making`."""

    @click.argument("source", metavar="IN", type=click.Path(path_type=Path))
    @click.argument("out", metavar="OUT", type=_FILE)
    @click.option("--dry-run", is_flag=True, help="Print what would become of each tensor and why, and stop.")
    @click.option(
        "--report",
        "report_path",
        type=_FILE,
        metavar="FILE.json",
        help="Write sizes and errors, also of each tensor, for machines (schema: report-model-quantize).",
    )
    @click.option(
        "--probe",
        "workflow",
        type=_FILE,
        metavar="WORKFLOW",
        help="Run a workflow that loads IN with IN and with OUT, and say how far its pictures move.",
    )
    @folder_options
    @click.option("--jobs", type=click.IntRange(1, 256), default=1, show_default=True, help="Processes that encode.")
    @click.option("--force", is_flag=True, help="Replace OUT if it is there.")
    @click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
    @wraps(function)
    def wrapped(
        *,
        dry_run: bool,
        report_path: Path | None,
        workflow: Path | None,
        folders: Folders,
        jobs: int,
        force: bool,
        quiet: bool,
        **options: Any,
    ) -> Any:
        making = Making(dry_run, report_path, workflow, folders, jobs, force, quiet)
        return function(**options, making=making)

    return wrapped  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Making:
    """How a file is made, and what is told of it."""

    dry_run: bool
    report: Path | None
    workflow: Path | None
    folders: Folders
    jobs: int
    replaces: bool
    quiet: bool

    def make(self, task: Task) -> None:
        """Make the file of a task, or only plan it, and tell what it cost."""
        from wftools.weights.quantising.files import write_report
        from wftools.weights.quantising.telling import lines, tensor_lines

        with results_apart() as tell:
            if self.dry_run:
                report = task.planned()
                tell("\n".join(tensor_lines(report)))
            else:
                report = self._made(task)
            tell("\n".join(lines(report)))
        if self.report is not None:
            write_report(report, self.report)

    def _made(self, task: Task) -> QuantizeReport:
        from wftools.cli.progress import bar, status

        probe = self._probe(task)  # what is wrong with the workflow is said before anything is written
        with bar(task.plan.size, quiet=self.quiet) as progress:
            report = task.carried_out(progress=progress, jobs=self.jobs, replaces=self.replaces)
        if probe is None:
            return report
        with status(quiet=self.quiet) as told:
            told(str(self.workflow))
            return report.model_copy(update={"probe": probe.against(task.out)})

    def _probe(self, task: Task) -> Probe | None:
        if self.workflow is None:
            return None
        from wftools.tradeoff.probe import Probe

        return Probe(self.workflow, task.plan.file.path, self.folders)
