"""Convert files: what to start from, and where the result goes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from wftools.cli.output import show_error
from wftools.convert.to_api import to_api
from wftools.convert.to_ui import to_ui
from wftools.document import Document, NotAWorkflowError, NothingEmbeddedError, SourceText, read
from wftools.document.containers import embed_texts
from wftools.document.files import candidates
from wftools.errors import InputError, Place
from wftools.fmt import formatted
from wftools.graph import build
from wftools.writing import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wftools.catalog.lookup import Catalogue
    from wftools.document import Form
    from wftools.document.files import Candidate

FAILED: Final = 2
STDIN: Final = "-"
SUFFIX: Final = ".json"

_KEYS: Final[dict[Form, str]] = {"ui": "workflow", "api": "prompt"}  # under which a container holds each form


@dataclass(frozen=True, slots=True)
class Conversion:
    """How to convert, and what to start from where a file holds both forms."""

    catalogue: Catalogue
    start: Form | None = None  # None: the form that is wanted
    prefer_named: bool = False
    seed: int = 0

    def convert(self, document: Document, form: Form) -> Document:
        """The workflow of a file in one form; what could not be kept goes to stderr. Raises InputError."""
        wanted = self.start or form
        companion = document.companion
        start = companion if companion is not None and companion.form == wanted else document
        if start.form == form:
            return _document(start, start.form, start.tree)
        graph = build(start, self.catalogue, prefer_named=self.prefer_named)
        if form == "api":
            made = to_api(graph, seed=self.seed)
            tree, warnings = made.prompt, made.warnings
        else:
            rebuilt = to_ui(graph)
            tree, warnings = rebuilt.workflow, rebuilt.warnings
        for warning in warnings:
            click.echo(f"{document.source.name}: {warning}", err=True)
        return _document(start, form, tree)


def convert_files(conversion: Conversion, paths: Iterable[str], form: Form, output: Path | None) -> int:
    """Convert files and the files in folders; return the exit status."""
    found = list(candidates(paths))
    targets = _targets(found, output)
    status = 0
    for candidate, target in zip(found, targets, strict=True):
        try:
            document = conversion.convert(read(candidate.path), form)
            _write(formatted(document).encode(), target)
        except (NotAWorkflowError, NothingEmbeddedError) as error:
            if candidate.is_named:
                show_error(error)
                status = FAILED
        except InputError as error:
            show_error(error)
            status = FAILED
    return status


def embed_file(conversion: Conversion, path: str, form: Form | None, picture: Path, output: Path) -> int:
    """Put a workflow into a copy of a picture, in one form or in both; return the exit status.

    A form that is not put in is taken out: it would belong to another workflow.
    """
    document = read(path)
    texts = dict.fromkeys(_KEYS.values(), "")
    for each in (form,) if form is not None else _KEYS:
        texts[_KEYS[each]] = json.dumps(conversion.convert(document, each).tree)
    out = BytesIO()
    try:
        with picture.open("rb") as stream:
            embed_texts(stream, texts, out)
    except InputError as error:
        raise type(error)(error.message, place=Place(str(picture)), hint=error.hint) from error
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", place=Place(str(picture))) from error
    _write(out.getvalue(), output)
    return 0


def _document(start: Document, form: Form, tree: dict[str, object]) -> Document:
    """A document that stands alone, whatever the workflow was wrapped in."""
    return Document(form, tree, SourceText(start.source.name, ""), tree)


def _targets(found: list[Candidate], output: Path | None) -> list[Path | None]:
    """Where each result goes; None is standard output. Raises UsageError for results in one another's place."""
    is_one = len(found) == 1 and found[0].is_named
    if output is None:
        if not is_one:
            raise click.UsageError("several workflows need a folder: -o FOLDER")
        return [None]
    if is_one and not output.is_dir():
        return [output]
    targets = [output / _name(candidate) for candidate in found]
    for index, target in enumerate(targets):
        if target in targets[:index]:
            both = " and ".join(found[each].path for each in (targets.index(target), index))
            raise click.UsageError(f"{both} would both be written to {target}")
        if any(_is_same(target, candidate.path) for candidate in found):
            raise click.UsageError(f"{target} would be overwritten; choose another folder")
    return list(targets)


def _name(candidate: Candidate) -> Path:
    """The name in the folder of results: as in the folder that was named."""
    if candidate.path == STDIN:
        return Path("stdin" + SUFFIX)
    path = Path(candidate.path)
    return (path.relative_to(candidate.folder) if candidate.folder else Path(path.name)).with_suffix(SUFFIX)


def _is_same(target: Path, path: str) -> bool:
    return path != STDIN and target.exists() and target.samefile(path)


def _write(data: bytes, target: Path | None) -> None:
    if target is None:
        click.echo(data, nl=False)
        return
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, data)
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", place=Place(str(target))) from error
