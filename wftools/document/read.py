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
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from wftools.document.containers import identify, read_texts
from wftools.document.document import Document, Form
from wftools.document.jsontext import MAX_BYTES, JsonError, decode, parse
from wftools.document.pointer import parts, pointer
from wftools.document.positions import Positions
from wftools.document.source import SourceText, TextDefect
from wftools.errors import InputError, LimitError, Place

if TYPE_CHECKING:
    from collections.abc import Callable

STDIN: Final = "<stdin>"


class NotAWorkflowError(InputError):
    """The file can be read, and is no workflow."""


class NothingEmbeddedError(InputError):
    """A picture, video or sound without a workflow in it."""


_HEAD: Final = 4096


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
    if source == "-":
        if sys.stdin is None:
            raise InputError("standard input is closed", place=Place(name or STDIN))
        return _read_stream(sys.stdin.buffer, name or STDIN)
    path = Path(source)
    try:
        with path.open("rb") as stream:
            return _read_stream(stream, name or str(path))
    except IsADirectoryError as error:
        raise InputError("is a folder", place=Place(str(path)), hint="name the files in it") from error
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
    form, base, companion = found
    source = SourceText(name, text, container, key, base)
    other = None
    if companion is not None:
        other_form, other_base = companion
        other = Document(other_form, _at(tree, other_base), replace(source, base=other_base), tree, defects)
    return Document(form, _at(tree, base), source, tree, defects, other)


def _read_stream(stream: BinaryIO, name: str) -> Document:
    if not stream.seekable():
        stream = io.BytesIO(_bounded(stream, name))
    head = stream.read(_HEAD)
    stream.seek(0)
    container = identify(head)
    if container is None:
        return _from_bytes(_bounded(stream, name), name)
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


def _bounded(stream: BinaryIO, name: str) -> bytes:
    data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise LimitError(f"the file is larger than {MAX_BYTES // 2**20} MB", place=Place(name))
    return data


def _from_bytes(data: bytes, name: str) -> Document:
    if not data.strip():
        raise NotAWorkflowError("the file is empty", place=Place(name))
    try:
        text, defects = decode(data)
    except JsonError as error:
        message = f"neither JSON nor a file that can hold a workflow: {error.message}"
        raise InputError(message, place=Place(name)) from error
    document = read_json(text, name)
    return replace(document, defects=(*defects, *document.defects)) if defects else document


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


def _find(tree: Any) -> tuple[Form, str, tuple[Form, str] | None] | None:
    """The form of the workflow in a tree, its JSON Pointer, and the same of its companion."""
    if not isinstance(tree, dict):
        return None
    return next((found for look in _LOOKS if (found := look(tree)) is not None), None)


def _look_for_workflow(tree: dict[str, Any]) -> tuple[Form, str, None] | None:
    return ("ui", "", None) if isinstance(tree.get("nodes"), list) and not _has_class(tree["nodes"]) else None


def _look_for_request(tree: dict[str, Any]) -> tuple[Form, str, tuple[Form, str] | None] | None:
    prompt, extra = tree.get("prompt"), tree.get("extra_data")
    base, extra_base = "/prompt", "/extra_data"
    if isinstance(prompt, list) and len(prompt) > 3:  # an entry of /history
        extra, prompt = prompt[3], prompt[2]
        base, extra_base = "/prompt/2", "/prompt/3"
    if not isinstance(prompt, dict) or _has_class(tree.get("prompt")):
        return None
    workflow = _at(extra, "/extra_pnginfo/workflow")
    companion: tuple[Form, str] | None = None
    if isinstance(workflow, dict) and isinstance(workflow.get("nodes"), list):
        companion = ("ui", f"{extra_base}/extra_pnginfo/workflow")
    return "api", base, companion


def _look_for_history(tree: dict[str, Any]) -> tuple[Form, str, tuple[Form, str] | None] | None:
    """An answer of /history: entries by id. The newest one, which stands last, counts."""
    if not tree or not all(isinstance(entry, dict) and "outputs" in entry for entry in tree.values()):
        return None
    key, entry = list(tree.items())[-1]
    found = _look_for_request(entry)
    if found is None:
        return None
    form, base, companion = found
    start = pointer(key)
    return form, start + base, companion and (companion[0], start + companion[1])


def _look_for_prompt(tree: dict[str, Any]) -> tuple[Form, str, None] | None:
    """An API prompt, malformed ones included: some value looks like a node."""
    nodes = any(isinstance(value, dict) and ("class_type" in value or "inputs" in value) for value in tree.values())
    return ("api", "", None) if nodes else None


def _look_for_malformed_workflow(tree: dict[str, Any]) -> tuple[Form, str, None] | None:
    return ("ui", "", None) if "nodes" in tree and ("links" in tree or "version" in tree) else None


_LOOKS: Final[tuple[Callable[[dict[str, Any]], tuple[Form, str, tuple[Form, str] | None] | None], ...]] = (
    _look_for_workflow,
    _look_for_request,
    _look_for_history,
    _look_for_prompt,
    _look_for_malformed_workflow,
)


def _has_class(value: Any) -> bool:
    """Whether this is a node of an API prompt: `nodes` and `prompt` are possible ids of nodes."""
    return isinstance(value, dict) and "class_type" in value


def _at(tree: Any, place: str) -> Any:
    for part in parts(place):
        if isinstance(tree, list) and part.isdigit() and int(part) < len(tree):
            tree = tree[int(part)]
        elif isinstance(tree, dict) and part in tree:
            tree = tree[part]
        else:
            return None
    return tree


def _described(tree: Any) -> str:
    if isinstance(tree, dict):
        keys = ", ".join(repr(key) for key in list(tree)[:4])
        return f"an object with {keys}" if keys else "an empty object"
    return {list: "an array", str: "a string", bool: "true or false", type(None): "null"}.get(type(tree), "a number")


def _at_place(error: InputError, place: Place) -> InputError:
    return type(error)(error.message, place=place, hint=error.hint)
