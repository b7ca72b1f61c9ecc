"""wftools deps"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wftools.cli.options import catalogue_options, folder_options, with_custom_nodes
from wftools.cli.output import emit, note, show_error
from wftools.errors import FAILED, listed
from wftools.escaping import json_bytes, printable

if TYPE_CHECKING:
    from wftools.catalog.lookup import Catalogue
    from wftools.deps.looking import Machine, Survey
    from wftools.deps.reading import Read
    from wftools.folders import Folders

DIFFERS = 1
MOST = 10  # names in one message

_FOLDER = click.Path(file_okay=False, exists=True, path_type=Path)


@click.command(
    "deps", short_help="Tell what workflows need: packs of nodes, models, input files, a version of ComfyUI."
)
@click.argument("paths", nargs=-1)
@click.option(
    "--format",
    "--output-format",
    "form",
    type=click.Choice(["text", "json", "comfy-deps"]),
    default="text",
    show_default=True,
    help="text is for people; json: see `wftools schema report-deps`; comfy-deps is what `comfy node install-deps "
    "--deps` takes.",
)
@folder_options
@click.option(
    "--custom-nodes",
    "custom_nodes",
    type=_FOLDER,
    multiple=True,
    metavar="FOLDER",
    help="ComfyUI's folder custom_nodes: which packs are installed in it, which versions, and what their nodes take. "
    "Their source is read, and none of it is run. Repeatable.",
)
@click.option(
    "--hash/--no-hash",
    "hashes",
    default=None,
    help="Read all files that are there, for their SHA256, and compare it with what workflows state. Without: with "
    "--lock and --check only.",
)
@click.option(
    "--lock",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="LOCK",
    help="Write down what is needed, with sizes and hashes of the files (schema: deps-lock).",
)
@click.option(
    "--check",
    type=click.Path(dir_okay=False, path_type=str),
    metavar="LOCK",
    help="Say only what of a lock is missing or differs on this machine, and where it is not what PATHS need now.",
)
@catalogue_options("newest", reads_packs=False)
@click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    paths: tuple[str, ...],
    form: str,
    folders: Folders,
    custom_nodes: tuple[Path, ...],
    hashes: bool | None,
    lock: Path | None,
    check: str | None,
    catalogue: Catalogue,
    quiet: bool,
) -> None:
    """Tell what workflows need to run somewhere else, and what of it is missing here.

    PATHS are UI workflows, API prompts, pictures that have one of them embedded, folders, or - for standard input. What
    several need is told once. Packs are known by what nodes say of themselves, else by their types. Models and input
    files are looked for in folders that are there, or named with --models-dir, --extra-model-paths and --input-dir.

    \b
      wftools deps flow.json --models-dir ComfyUI/models --input-dir ComfyUI/input
      wftools deps flow.json --format comfy-deps > deps.json && comfy node install-deps --deps deps.json
      wftools deps workflows/ --models-dir ComfyUI/models --lock workflows.lock
      wftools deps --check workflows.lock --models-dir ComfyUI/models --custom-nodes ComfyUI/custom_nodes

    Exit status: 0 told, or nothing differs from the lock; 1 something does; 2 wrong usage, or a file that could not be
    looked through.
    """
    if check is not None and (lock is not None or form != "text"):
        raise click.UsageError("--check says what differs, a line each: it goes without --lock and --format")
    if not paths and check is None:
        raise click.UsageError("name files, folders or -")
    from wftools.cli.progress import files_progress
    from wftools.deps.reading import needs_in_files

    if paths:
        catalogue = with_custom_nodes(catalogue, custom_nodes)
    with files_progress() as progress:
        found = needs_in_files(paths, catalogue, None if quiet else progress.begin)
    machine = _machine(ctx, folders, custom_nodes, looks_anyway=check is not None)
    if check is not None:
        status = _check(check, found if paths else None, machine, hashes=hashes is not False, quiet=quiet)
    else:
        status = _tell(found, machine, form, lock, hashes=hashes or (hashes is None and lock is not None), quiet=quiet)
    for fault in found.faults:
        show_error(fault)
    ctx.exit(FAILED if found.faults else status)


def _machine(ctx: click.Context, folders: Folders, custom_nodes: tuple[Path, ...], *, looks_anyway: bool) -> Machine:
    """Where to look. A folder of models that is not there says nothing, unless somebody named it."""
    from wftools.deps.installed import InstalledPacks
    from wftools.deps.looking import Machine

    def is_named(option: str) -> bool:
        return looks_anyway or ctx.get_parameter_source(option) is not click.core.ParameterSource.DEFAULT

    return Machine(
        folders,
        looks_for_models=is_named("models_dir") or is_named("extra_model_paths") or folders.models.is_dir(),
        looks_for_inputs=is_named("input_dir") or folders.input.is_dir(),
        packs=InstalledPacks(custom_nodes) if custom_nodes else None,
    )


def _tell(found: Read, machine: Machine, form: str, lock: Path | None, *, hashes: bool, quiet: bool) -> int:
    from wftools.deps.looking import surveyed

    survey = surveyed(found.needs, machine)
    if hashes:
        survey = _hashed(survey, quiet=quiet)
    if not found.needs.files and not found.faults:
        note("no workflow files found")
    if lock is not None:
        from wftools.cli.output import write_result
        from wftools.deps.lock import lock_of

        made = lock_of(survey)
        write_result(json_bytes(made.model_dump(mode="json")), lock)
        if made.unseen:
            note(f"the lock has the names only of what is not there: {listed(made.unseen, MOST)}")
    if form == "json":
        from wftools.deps.report import report

        emit(json_bytes(report(survey, found.faults).model_dump(mode="json")))
    elif form == "comfy-deps":
        from wftools.deps.comfy_deps import comfy_deps

        tree = comfy_deps(survey)
        emit(json_bytes(tree))
        if tree["unknown_nodes"]:
            note(f"no repository is known for the node types {listed(tree['unknown_nodes'], MOST)}")
    else:
        from wftools.deps.text import text

        emit(text(survey))
    return 0


def _check(lock: str, found: Read | None, machine: Machine, *, hashes: bool, quiet: bool) -> int:
    from wftools.deps.lock import outdated, read_lock, unlike

    locked = read_lock(lock)
    if machine.packs is None and locked.packs:
        note("packs of custom nodes were not looked for: name their folder with --custom-nodes")
    lines = list(outdated(locked, found.needs)) if found is not None else []
    lines += unlike(locked, machine, lambda survey: _hashed(survey, quiet=quiet) if hashes else survey)
    for line in lines:
        emit(printable(line))
    return DIFFERS if lines else 0


def _hashed(survey: Survey, *, quiet: bool) -> Survey:
    from wftools.cli.progress import names_and_bytes
    from wftools.deps.looking import hashed

    with names_and_bytes(survey.size, quiet=quiet) as progress:
        return hashed(survey, progress)
