"""Set values in a file: JSON, or a picture or other container with the workflow in it."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from wftools.document import Document, read
from wftools.document.files import STDIN, STDIN_NAME
from wftools.document.jsontext import MAX_BYTES
from wftools.document.saving import save
from wftools.document.textdiff import textdiff
from wftools.errors import InputError, Place, foreseen, written
from wftools.reading import opened, read_whole
from wftools.setting.apply import with_settings
from wftools.writing import atomically

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wftools.catalog.lookup import Catalogue
    from wftools.graph.naming import Setting
    from wftools.setting.switches import Switch


@dataclass(frozen=True, slots=True)
class SetFile:
    """A file after its settings: what was said of them, and the content where it goes to standard output."""

    name: str
    said: tuple[str, ...]
    diff: str
    content: bytes | None = None


def set_file(
    path: str,
    settings: Iterable[Setting],
    switches: Iterable[Switch] = (),
    catalogue: Catalogue | None = None,
    *,
    output: str | None = None,
    force: bool = False,
    shared: bool = False,
    writes: bool = True,
) -> SetFile:
    """Set values in a file, which is rewritten whole or not at all; not touched if it says the same already.

    `output`: where to write instead. Standard input goes to standard output, as does what is written to `-`.
    Raises InputError for what cannot be set, read or written.
    """
    name = STDIN_NAME if path == STDIN else path
    data = _standard_input() if path == STDIN else None
    document = read(data, name) if data is not None else read(path)
    changed = with_settings(document, settings, switches, catalogue, force=force, shared=shared)
    diff = textdiff(name, _texts(document), _texts(changed.document))
    target = output or path
    if not writes or (target == path != STDIN and not diff):
        return SetFile(name, changed.said, diff)
    with foreseen(name):
        if target == STDIN:
            out = io.BytesIO()
            _write(changed.document, document, path, data, out)
            return SetFile(name, changed.said, diff, out.getvalue())
        with written(target), atomically(Path(target)) as stream:
            _write(changed.document, document, path, data, stream)
    return SetFile(name, changed.said, diff)


def _standard_input() -> bytes:
    if sys.stdin is None:
        raise InputError("standard input is closed", place=Place(STDIN_NAME))
    return read_whole(sys.stdin.buffer, MAX_BYTES, STDIN_NAME)


def _texts(document: Document) -> str:
    """The texts of a file: a container has one for each form."""
    other = document.companion
    is_apart = other is not None and other.root is not document.root
    return "\n".join([document.text, *([other.text] if other is not None and is_apart else [])])


def _write(document: Document, old: Document, path: str, data: bytes | None, out: BinaryIO) -> None:
    save(document, old, io.BytesIO(data) if data is not None else opened(path), out)
