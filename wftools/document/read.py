"""Any file that holds a workflow -> a Document. The content decides what a file is, never its name.

Forms (of ComfyUI's server and of its web frontend):
- a UI workflow: an object with `nodes`;
- an API prompt: an object of nodes, each with `class_type`;
- a queue request, POST /prompt: `{"prompt": API prompt, "extra_data": {"extra_pnginfo": {"workflow": UI workflow}}}`;
- an entry of /history: `{"prompt": [number, id, API prompt, extra data, outputs], …}`, alone or by id;
- a picture, video, sound or tensor file that holds `workflow` and `prompt` as metadata.
"""

from __future__ import annotations

import io
import os
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from wftools.document.containers import identify, read_texts
from wftools.document.document import Document, Form, Tree
from wftools.document.files import STDIN, STDIN_NAME
from wftools.document.jsontext import MAX_BYTES, JsonError, decode, parse
from wftools.document.pointer import pointer, value_at
from wftools.document.positions import Positions
from wftools.document.source import SourceText, TextDefect
from wftools.errors import InputError, LimitError, Place
from wftools.reading import opened, read_whole


class NotAWorkflowError(InputError):
    """The file can be read, and is no workflow."""


class NothingEmbeddedError(InputError):
    """A picture, video or sound without a workflow in it."""


_HEAD: Final = 4096

# What stands beside the prompt in a queue request and in an entry of the history.
_REQUEST: Final = frozenset({"client_id", "extra_data", "outputs", "prompt_id"})
_ID: Final = re.compile(r"[0-9]+(:[0-9]+)*")  # of a node, unless somebody has written it by hand


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
    found = _find(tree)
    if found is None:
        where = f"the {container} file's {key}" if container else "the JSON text"
        raise NotAWorkflowError(
            f"{where} is not a ComfyUI workflow: {_described(tree)}",
            place=Place(name, 1, 1),
            hint="expected an object with 'nodes' (UI) or an object of nodes with 'class_type' (API)",
        )

    def document(one: _Found, companion: Document | None = None) -> Document:
        source = SourceText(name, text, container, key, one.base)
        return Document(one.form, cast("Tree", value_at(tree, one.base)), source, tree, defects, companion)

    return document(found, document(found.companion) if found.companion else None)


def _read_stream(stream: BinaryIO, name: str) -> Document:
    if not stream.seekable():
        stream = io.BytesIO(read_whole(stream, MAX_BYTES, name))
    head = stream.read(_HEAD)
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


@dataclass(frozen=True, slots=True)
class _Found:
    """A workflow in a tree: its form, where it stands, and the workflow that goes with it."""

    form: Form
    base: str
    companion: _Found | None = None


def _find(tree: Any) -> _Found | None:
    if not isinstance(tree, dict):
        return None
    if isinstance(tree.get("nodes"), list):
        return _Found("ui", "")
    found = _in_request(tree, "") or _in_history(tree)
    if found is not None:
        return found
    if _is_prompt(tree):
        return _Found("api", "")
    return _Found("ui", "") if "nodes" in tree and ("links" in tree or "version" in tree) else None  # malformed


def _in_request(tree: dict[str, Any], base: str) -> _Found | None:
    """A queue request, or an entry of /history."""
    prompt, extra = tree.get("prompt"), tree.get("extra_data")
    at, extra_at = base + "/prompt", base + "/extra_data"
    if isinstance(prompt, list) and len(prompt) > 3:  # an entry of /history
        extra, prompt = prompt[3], prompt[2]
        at, extra_at = base + "/prompt/2", base + "/prompt/3"
    is_envelope = not _REQUEST.isdisjoint(tree)
    # `prompt` is a possible id of a node, and a possible key in any JSON.
    if not isinstance(prompt, dict) or "class_type" in prompt or not (is_envelope or _is_prompt(prompt)):
        return None
    for key in ("extra_pnginfo", "workflow"):
        extra = extra.get(key) if isinstance(extra, dict) else None
    if isinstance(extra, dict) and isinstance(extra.get("nodes"), list):
        return _Found("api", at, _Found("ui", f"{extra_at}/extra_pnginfo/workflow"))
    return _Found("api", at)


def _in_history(tree: dict[str, Any]) -> _Found | None:
    """An answer of /history: entries by id. The newest one, which stands last, counts."""
    if not tree or not all(isinstance(entry, dict) and "outputs" in entry for entry in tree.values()):
        return None
    key, entry = list(tree.items())[-1]
    return _in_request(entry, pointer(key))


def _is_prompt(tree: dict[str, Any]) -> bool:
    """Whether some member is a node, be it a malformed one. Keys as nodes have them stand in other JSON as well."""
    objects = ((key, value) for key, value in tree.items() if isinstance(value, dict))
    likely = ((key, value) for key, value in objects if isinstance(value.get("inputs", {}), dict))
    return any(
        isinstance(value.get("class_type"), str) or ("inputs" in value and _ID.fullmatch(key)) for key, value in likely
    )


def _described(tree: Any) -> str:
    if isinstance(tree, dict):
        keys = ", ".join(repr(key) for key in list(tree)[:4])
        return f"an object with {keys}" if keys else "an empty object"
    return {list: "an array", str: "a string", bool: "true or false", type(None): "null"}.get(type(tree), "a number")


def _at_place(error: InputError, place: Place) -> InputError:
    return type(error)(error.message, place=place, hint=error.hint)
