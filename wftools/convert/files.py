"""Convert files and the files in folders, and put workflows into pictures."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final
from unicodedata import normalize

from wftools.convert.to_api import to_api
from wftools.convert.to_ui import to_ui
from wftools.document import Document, NotAWorkflowError, NothingEmbeddedError, SourceText, read
from wftools.document.containers import embed_texts
from wftools.document.files import STDIN, candidates, lacks_workflow
from wftools.errors import InputError, WftoolsError, foreseen, written
from wftools.fmt import formatted
from wftools.graph import build
from wftools.reading import opened
from wftools.writing import atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from wftools.catalog.lookup import Catalogue
    from wftools.convert.to_api import Lost
    from wftools.document import Form
    from wftools.document.files import Candidate

SUFFIX: Final = ".json"

_OTHER: Final[Mapping[Form, Form]] = {"ui": "api", "api": "ui"}
_KEYS: Final[Mapping[Form, str]] = {"ui": "workflow", "api": "prompt"}  # under which a container holds each form


@dataclass(frozen=True, slots=True)
class Conversion:
    """How to convert, and what to start from where a file holds both forms."""

    catalogue: Catalogue
    start: Form | None = None  # None: the form that is wanted
    prefer_named: bool = False
    seed: int = 0

    def convert(
        self, document: Document, form: Form | None = None
    ) -> tuple[Document, tuple[str, ...], tuple[Lost, ...]]:
        """The workflow of a file in one form, what could not be kept, and the values among it. Raises InputError.

        Without a form it is the other one: of what to start from, or of what the file gives whoever reads it.
        """
        companion = document.companion
        about_form: tuple[str, ...] = ()
        if form is None:
            form = _OTHER[self.start or document.form]
            if companion is not None and self.start is None:
                about_form = (f"holds both a workflow and a prompt; this is the {_KEYS[form]}, as with --to {form}",)
        wanted = self.start or form
        start = document
        if companion is not None and companion.form == wanted:
            start = replace(companion, companion=document)
        graph = build(start, self.catalogue, prefer_named=self.prefer_named)
        if form == "api":
            prompt = to_api(graph, seed=self.seed)
            tree, warnings, lost = prompt.prompt, prompt.warnings, prompt.lost
        else:
            rebuilt = to_ui(graph)
            tree, warnings, lost = rebuilt.workflow, rebuilt.warnings, ()
        # It stands alone, whatever the workflow was wrapped in.
        return Document(form, tree, SourceText(start.source.name, ""), tree), (*about_form, *warnings), lost


@dataclass(frozen=True, slots=True)
class ConvertedFile:
    """What became of one file: it was written, or it is to be printed, or there is an error, or it is no workflow."""

    name: str
    text: str | None = None  # None if it was written to a file
    warnings: tuple[str, ...] = ()
    error: WftoolsError | None = None
    lost: tuple[Lost, ...] = ()  # values that could not be named; the warnings tell of them, too
    is_other: bool = False  # whether it was found in a folder and holds no workflow


def convert_files(
    conversion: Conversion,
    paths: Iterable[str],
    form: Form | None,
    output: Path | None,
    *,
    begin: Callable[[str, int, int], None] = lambda *_: None,
) -> Iterator[ConvertedFile]:
    """Convert files and the files in folders, and write each result whole or not at all.

    Without a form each takes the other one. A file that cannot be converted is an error in its place; what is found in
    a folder and is no workflow is passed over. `begin` is told the name of each file before it is looked at, how many
    were before it, and how many there are. Raises InputError before anything is written if results would stand in one
    another's place, or in a source's.
    """
    found = list(candidates(paths))
    for number, (candidate, target) in enumerate(zip(found, _targets(found, output), strict=True)):
        begin(candidate.path, number, len(found))
        if not candidate.is_named and lacks_workflow(candidate.path):
            yield ConvertedFile(candidate.path, is_other=True)
            continue
        try:
            with foreseen(candidate.path):
                document, warnings, lost = conversion.convert(read(candidate.path), form)
                text = formatted(document)
                if target is not None:
                    with _writing(target) as stream:
                        stream.write(text.encode())
            yield ConvertedFile(document.source.name, text if target is None else None, warnings, lost=lost)
        except WftoolsError as error:
            if not candidate.is_named and isinstance(error, NotAWorkflowError | NothingEmbeddedError):
                yield ConvertedFile(candidate.path, is_other=True)
            else:
                yield ConvertedFile(candidate.path, error=error)


def embed_file(conversion: Conversion, path: str, form: Form | None, picture: Path, output: Path) -> ConvertedFile:
    """Put a workflow into a copy of a picture, in one form or in both. Raises InputError.

    A form that is not put in is taken out: it would belong to another workflow.
    """
    _refuse_sources([output], [path, str(picture)])
    with foreseen(path):
        document = read(path)
        texts = dict.fromkeys(_KEYS.values(), "")
        warnings: tuple[str, ...] = ()
        lost: tuple[Lost, ...] = ()
        for each in (form,) if form is not None else _KEYS:
            converted, more, unnamed = conversion.convert(document, each)
            texts[_KEYS[each]] = json.dumps(converted.tree)
            warnings += more
            lost += unnamed
    with foreseen(str(picture)), opened(picture) as stream, _writing(output) as out:
        embed_texts(stream, texts, out)
    return ConvertedFile(document.source.name, warnings=warnings, lost=lost)


def _targets(found: Sequence[Candidate], output: Path | None) -> Sequence[Path | None]:
    """Where each result goes; None is standard output. Raises InputError for results in one another's place."""
    is_one = len(found) == 1 and found[0].is_named
    if output is None:
        if not is_one:
            raise InputError("several workflows need a folder: -o FOLDER")
        return [None]
    if is_one and not os.path.isdir(output):  # noqa: PTH112  (Path.is_dir raises where a name is too long)
        targets = [output]
    else:
        targets = [output / name for name in _names(found)]
    _refuse_sources(targets, [candidate.path for candidate in found])
    return targets


def _names(found: Sequence[Candidate]) -> Iterator[Path]:
    """The names of the results in their folder, as in the folders that were named: `a.json` for `a.png`.

    Where a file `a.json` stands beside `a.png`, the latter's is `a.png.json`; what was found in a folder gets a number
    if that is taken too. Raises InputError for equal names of files that were named; names are equal if some system
    takes them for one: `X.json` and `x.json`.
    """
    sources: list[Path] = []
    for candidate in found:
        path = Path(candidate.path if candidate.path != STDIN else "stdin" + SUFFIX)
        sources.append(path.relative_to(candidate.folder) if candidate.folder else Path(path.name))
    names = [source.with_suffix(SUFFIX) for source in sources]
    shared = _repeated(names)
    names = [
        source.with_name(source.name + SUFFIX) if _folded(name) in shared and source.suffix.lower() != SUFFIX else name
        for source, name in zip(sources, names, strict=True)
    ]
    taken = {_folded(name) for name in names}
    for group in _repeated(names).values():
        of_json = [index for index in group if sources[index].suffix.lower() == SUFFIX]
        keeping, *others = sorted(group, key=lambda index: (index not in of_json, index))
        for index in others:
            if found[index].is_named:
                both = f"{found[keeping].path} and {found[index].path}"
                raise InputError(f"{both} would both be written to {names[index]}", hint="convert them one by one")
            stem = names[index].stem
            numbered = (names[index].with_stem(f"{stem}-{number}") for number in count(2))
            names[index] = next(name for name in numbered if _folded(name) not in taken)
            taken.add(_folded(names[index]))
    yield from names


def _repeated(names: Sequence[Path]) -> dict[str, list[int]]:
    """The places of names that come more than once, by what they have in common."""
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        places.setdefault(_folded(name), []).append(place)
    return {folded: each for folded, each in places.items() if len(each) > 1}


def _folded(name: Path) -> str:
    """What a file system that ignores case, or how accents are composed, makes of a name."""
    return normalize("NFC", normalize("NFD", str(name)).casefold())


def _refuse_sources(targets: Iterable[Path], sources: Iterable[str]) -> None:
    """Raise InputError if a source would be overwritten."""
    identities = {_identity(source) for source in sources if source != STDIN}
    for target in targets:
        identity = _identity(target)
        if identity is not None and identity in identities:
            raise InputError(f"{target} would be overwritten; choose another place for what is written")


def _identity(path: str | Path) -> tuple[int, int] | None:
    """Which file a path leads to, by whatever name; None if there is none."""
    try:
        status = os.stat(os.path.realpath(path))  # noqa: PTH116  (`x/../e.json` is there although no `x` may be)
    except OSError:
        return None
    return status.st_dev, status.st_ino


@contextmanager
def _writing(path: Path) -> Iterator[BinaryIO]:
    """A file that is there once all of it is; its folder is made. Raises InputError."""
    with written(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomically(path) as stream:
            yield stream
