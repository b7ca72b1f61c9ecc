"""wftools run"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import click

from wftools.cli.options import custom_nodes_option, folder_options, nodes_option, read_packs
from wftools.cli.output import note, results_apart, show_error, show_file
from wftools.errors import WftoolsError
from wftools.escaping import json_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.catalog.nodes import NodeTypes
    from wftools.document import Form
    from wftools.folders import Folders
    from wftools.runtime import WorkflowReport

DTYPES = ("float32", "float16", "bfloat16")
WEIGHTS = ("auto", "resident", "mapped")
FORMS: Final[Mapping[str, Form]] = {"workflow": "ui", "prompt": "api"}


@click.command("run", short_help="Run workflow files, without ComfyUI.")
@click.argument("paths", nargs=-1, required=True)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NODE.INPUT=VALUE",
    help="Give an input another value: 3.seed=5. Nodes are named by id, or by a title or type that one "
    "node has. VALUE is JSON, or a text. Repeatable.",
)
@click.option(
    "--from",
    "form",
    type=click.Choice(list(FORMS)),
    help="What to run if a file holds both. Without: the workflow of a picture, the prompt of a request.",
)
@folder_options
@nodes_option
@custom_nodes_option
@click.option("--keep-going", is_flag=True, help="Run the other workflows if one fails.")
@click.option("--dry-run", is_flag=True, help="Print what would run, be read and be written, and stop.")
@click.option(
    "--capture-dir",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Write every node's outputs as tensors to FOLDER/<workflow>.safetensors. Nothing is reused then.",
)
@click.option("--open", "is_opening", is_flag=True, help="Show what was written, with the system's viewer.")
@click.option("--disable-metadata", is_flag=True, help="Do not save the workflow in the files that are written.")
@click.option("--device", default="cpu", show_default=True, help="Where tensors are computed: cpu, cuda, cuda:1 ...")
@click.option("--dtype", type=click.Choice(DTYPES), default="float32", show_default=True, help="In which precision.")
@click.option(
    "--weights",
    type=click.Choice(WEIGHTS),
    default="auto",
    show_default=True,
    help="Weights of another precision than that of the computation are converted once and kept (resident), at every "
    "step, which needs the least memory (mapped), or once as far as free memory allows (auto), save for those of eight "
    "bits and fewer, which stay as they are.",
)
@click.option(
    "--integers",
    is_flag=True,
    help="Multiply weights that are int8 in whole numbers: the inputs of their layers are rounded to int8 too. It is "
    "faster where the processor multiplies int8 (AVX512-VNNI, AMX), and changes the picture a little.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one report for machines (schema: report-run).")
@click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
@click.option("-v", "--verbose", is_flag=True, help="Print a line for each node, and tracebacks of failing nodes.")
@click.option("--traceback", "with_traceback", is_flag=True, help="Print tracebacks of failing nodes.")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    paths: tuple[str, ...],
    settings: tuple[str, ...],
    form: str | None,
    folders: Folders,
    packs: tuple[Path, ...],
    custom_nodes: tuple[Path, ...],
    keep_going: bool,
    dry_run: bool,
    capture_dir: Path | None,
    is_opening: bool,
    disable_metadata: bool,
    device: str,
    dtype: str,
    weights: Literal["auto", "resident", "mapped"],
    integers: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    with_traceback: bool,
) -> None:
    """Run workflow files, without ComfyUI: what their output nodes need, and nothing else.

    PATHS are UI workflows, API prompts, files that have one of them embedded, or - for standard input. They run one
    after another; what they have in common, such as a checkpoint, is loaded once.

    \b
      wftools run flow.json --models-dir ComfyUI/models
      wftools run flow.json --set 3.seed=5 --set "6.text=a red fox"
      wftools run picture.png --dry-run
      wftools run a.json b.json --keep-going --json > report.json

    What was written is printed on stdout, a path a line; progress and errors on stderr. Exit status: 0 all ran,
    2 something did not, 130 interrupted.
    """
    from wftools.catalog.target import Target
    from wftools.context import Placement
    from wftools.runtime import Options, RunReport, Session, setting
    from wftools.runtime.cores import share_cores
    from wftools.runtime.telling.lines import remarks, results
    from wftools.runtime.telling.progress import progress

    share_cores()
    options = Options(
        folders=folders,
        placement=Placement(device, dtype, weights=weights, integers=integers),
        settings=tuple(map(setting, settings)),
        form=FORMS[form] if form is not None else None,
        keep_going=keep_going,
        dry_run=dry_run,
        metadata=not disable_metadata,
        capture=capture_dir,
    )
    known = read_packs(custom_nodes, Target().version, quiet=quiet)
    shown = progress(quiet=quiet, verbose=verbose)
    session = Session(options, nodes=_nodes(packs, folders), known=known, progress=shown)
    report = RunReport(workflows=[])
    with results_apart() as tell:
        try:
            for workflow in session.each(paths):
                report.workflows.append(workflow)
                for line in results(workflow) if not as_json else ():
                    tell(line)
                for error in workflow.errors:
                    if (with_traceback or verbose) and error.traceback is not None:
                        note(error.traceback.rstrip(), keep="\n")
                    show_error(error.error())
                for remark in remarks(workflow):
                    note(remark)
                if is_opening:
                    _open(workflow)
        finally:
            if as_json:
                tell(json_bytes(report.model_dump()))
    ctx.exit(report.exit_status)


def _nodes(packs: tuple[Path, ...], folders: Folders) -> NodeTypes:
    """The node types that can be run. Raises InputError for a pack that cannot be imported, before anything runs."""
    from wftools.catalog.nodes import NodeTypes

    if not packs:
        return NodeTypes()
    from wftools.nodepacks import NodePacks

    given = NodePacks(packs, folders)
    tuple(given)
    return NodeTypes(given)


def _open(report: WorkflowReport) -> None:
    """Show what a workflow has written to the output folder."""
    try:
        for file in report.files:
            if file.kind == "output":
                show_file(file.path)
    except WftoolsError as error:
        show_error(error)
