"""Any file that holds a workflow -> a Document. The content decides what a file is, never its name.

That is JSON in which `recognise.py` finds a workflow, or a picture, video, sound or tensor file that holds `workflow`
and `prompt` as metadata.
"""

from __future__ import annotations

import io
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from wftools.document.containers import identify, read_texts
from wftools.document.document import Document, Tree
from wftools.document.files import HEAD, STDIN, STDIN_NAME
from wftools.document.jsontext import MAX_BYTES, JsonError, decode, parse
from wftools.document.pointer import parts, value_at
from wftools.document.positions import Positions
from wftools.document.recognise import Found, find
from wftools.document.source import SourceText, TextDefect
from wftools.errors import InputError, LimitError, Place, listed
from wftools.reading import opened, read_whole


class NotAWorkflowError(InputError):
    """The file can be read, and is no workflow."""


class NothingEmbeddedError(InputError):
    """A picture, video or sound without a workflow in it."""


_MOST_NAMED: Final = 4  # workflows, in a message


def read(source: str | os.PathLike[str] | bytes | BinaryIO, name: str | None = None) -> Document:
    """Read a path, bytes or a binary stream (`-` is standard input).

    A file that holds both a UI workflow and the prompt that was run gives the workflow, as the web frontend does, with
    the prompt as its companion. A malformed workflow is still a document; `defects` and `problems` say what is wrong.

    Raises InputError, with the place, for what is not a workflow at all.
    """
    if isinstance(source, bytes):
        return _read_stream(io.BytesIO(source), name or "<bytes>")
    if not isinstance(source, str | os.PathLike):
        return _read_stream(source, name or str(getattr(source, "name", "<stream>")))
    if source == STDIN:
        if sys.stdin is None:
            raise InputError("standard input is closed", place=Place(name or STDIN_NAME))
        return _read_stream(sys.stdin.buffer, name or STDIN_NAME)
    path = Path(source)
    try:
        with opened(path) as stream:
            return _read_stream(stream, name or str(path))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", place=Place(str(path))) from error


def read_json(text: str, name: str, container: str | None = None, key: str | None = None) -> Document:
    """Read a workflow from JSON text. Raises InputError, with the place, for what is not one."""
    tree, defects = _parse(text, name, container)
    found, *others = find(tree) or (None,)
    if found is not None and others:
        several = [" > ".join(parts(each.base)) for each in (found, *others)]
        raise NotAWorkflowError(
            f"holds several workflows: {listed(several, _MOST_NAMED)}",
            place=Place(name, 1, 1),
            hint="put each into a file of its own",
        )
    if found is None:
        where = f"the {container} file's {key}" if container else "the JSON text"
        raise NotAWorkflowError(
            f"{where} is not a ComfyUI workflow: {_described(tree)}",
            place=Place(name, 1, 1),
            hint="expected an object with 'nodes' (UI) or an object of nodes with 'class_type' (API)",
        )

    def document(one: Found, companion: Document | None = None) -> Document:
        source = SourceText(name, text, container, key, one.base)
        return Document(one.form, cast("Tree", value_at(tree, one.base)), source, tree, defects, companion)

    return document(found, document(found.companion) if found.companion else None)


def _read_stream(stream: BinaryIO, name: str) -> Document:
    if not stream.seekable():
        stream = io.BytesIO(read_whole(stream, MAX_BYTES, name))
    head = stream.read(HEAD)
    stream.seek(0)
    container = identify(head)
    if container is None:
        return _from_bytes(read_whole(stream, MAX_BYTES, name), name)
    try:
        texts = read_texts(stream)
    except InputError as error:
        raise _at_place(error, Place(name)) from error
    documents = [
        read_json(texts[key], name, container, key) for key in ("workflow", "prompt") if texts.get(key, "").strip()
    ]
    if not documents:
        raise NothingEmbeddedError(
            f"the {container} file holds no workflow",
            place=Place(name),
            hint="ComfyUI embeds one unless it is started with --disable-metadata; many sites remove it",
        )
    first, *rest = documents
    return replace(first, companion=rest[0]) if rest else first


def _from_bytes(data: bytes, name: str) -> Document:
    if not data.strip():
        raise NotAWorkflowError("the file is empty", place=Place(name))
    try:
        text, encoding, defects = decode(data)
    except JsonError as error:
        message = f"neither JSON nor a file that can hold a workflow: {error.message}"
        raise InputError(message, place=Place(name)) from error
    document = read_json(text, name)
    if not defects and encoding == document.source.encoding:
        return document

    def decoded(one: Document) -> Document:
        return replace(one, source=replace(one.source, encoding=encoding), defects=(*defects, *one.defects))

    companion = document.companion
    return replace(decoded(document), companion=companion and decoded(companion))


def _parse(text: str, name: str, container: str | None) -> tuple[Any, tuple[TextDefect, ...]]:
    try:
        tree, defects = parse(text)
    except JsonError as error:
        line, column = Positions(text).line_column(error.offset)
        inside = f" in its {container} metadata" if container else ""
        raise InputError(f"not JSON{inside}: {error.message}", place=Place(name, line, column)) from error
    except LimitError as error:
        raise _at_place(error, Place(name)) from error
    return tree, tuple(defects)


def _described(tree: Any) -> str:
    if isinstance(tree, dict):
        keys = ", ".join(repr(key) for key in list(tree)[:4])
        return f"an object with {keys}" if keys else "an empty object"
    return {list: "an array", str: "a string", bool: "true or false", type(None): "null"}.get(type(tree), "a number")


def _at_place(error: InputError, place: Place) -> InputError:
    return type(error)(error.message, place=place, hint=error.hint)
