"""A model in several files (*.safetensors.index.json, *.bin.index.json): a table says which file has which tensor.

    {"metadata": {"total_size": …}, "weight_map": {name of a tensor: name of a file in the same folder, or below it}}

Only what the table names belongs to the model. The files are opened when the table is sound as a whole: none of its
names may lead out of the folder, and neither may symbolic links, except as those of the table itself do: in Hugging
Face's cache all files of a model are links to one other folder.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from dataclasses import replace
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any, Final, NoReturn

from wftools.errors import Place, listed, shown
from wftools.weights.faults import MAX_NAMED, Doubt, ModelFileError, is_misleading
from wftools.weights.tensorfile import TensorFile, open_tensors, together

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SUFFIXES: Final = (".index.json",)

SHARDS: Final = ("pickle", "safetensors")  # the formats that models in several files are in

MAX_BYTES: Final = 2**24  # those of the largest language models have a tenth
MAX_METADATA: Final = 2**16  # characters of a value that is made JSON

_HEAD: Final = re.compile(rb"[ \t\r\n]*\{[ \t\r\n]*[\"}]")


def sniff(head: bytes) -> bool:
    """Whether a file starts as a JSON object does, and is text from the start."""
    return _HEAD.match(head) is not None and b"\0" not in head


def open_file(path: Path) -> TensorFile:
    """Read the table, and the headers of the files that it names. Raises ModelFileError."""
    table = read_table(path)
    names = table.get("weight_map")
    if not isinstance(names, dict) or not names or not all(isinstance(shard, str) for shard in names.values()):
        _refuse(path, "INDEX_SYNTAX", "there is no weight_map that names a file for each tensor")
    paths = {shard: below(path, shard) for shard in sorted(set(names.values()))}
    for shard, found in paths.items():
        if not found.is_file():
            _refuse(path, "INDEX_MISSING", f"{shown(shard)}, a file of the model, is not there")
    shards = {shard: open_tensors(found, SHARDS) for shard, found in paths.items()}
    for name, shard in names.items():
        if name not in shards[shard].tensors:
            _refuse(path, "INDEX_MISSING", f"tensor {shown(name)} is not in {shown(shard)}, where it is said to be")
    metadata = {key: value for shard in shards.values() for key, value in shard.metadata.items()}
    file = together(path, "index", {name: (shards[shard], name) for name, shard in names.items()})
    doubts = (*file.doubts, *_not_named(shards, names))
    return replace(file, metadata={**metadata, **texts(table.get("metadata"))}, doubts=doubts)


def read_table(path: Path) -> dict[str, Any]:
    """A JSON file with an object in it. Raises ModelFileError."""
    with path.open("rb") as file:
        if (size := os.fstat(file.fileno()).st_size) > MAX_BYTES:
            _refuse(path, "TOO_LARGE", f"the index has {size:,} bytes; at most {MAX_BYTES:,} are read")
        data = file.read(size)

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) < len(items):
            ((repeated, _),) = Counter(key for key, _ in items).most_common(1)
            _refuse(path, "INDEX_SYNTAX", f"the key {shown(repeated)} is there twice")
        return found

    try:
        text = data.decode("utf-8")
        table = json.loads(text, object_pairs_hook=pairs)
    except UnicodeDecodeError as error:
        _refuse(path, "INDEX_SYNTAX", "the index is not UTF-8", error.start)
    except json.JSONDecodeError as error:
        _refuse(path, "INDEX_SYNTAX", "the index is not JSON", len(text[: error.pos].encode()))
    except (RecursionError, ValueError):  # nested too deeply; an integer of thousands of digits
        _refuse(path, "INDEX_SYNTAX", "the index is not a plain table")
    if not isinstance(table, dict):
        _refuse(path, "INDEX_SYNTAX", "the index is not a table", 0)
    return table


def below(index: Path, name: str) -> Path:
    """The path of a file that an index names. Raises ModelFileError for one that leads out of its folder."""
    parts = PurePosixPath(name).parts
    is_plain = not (is_misleading(name) or "\\" in name or PureWindowsPath(name).drive) and parts
    if not is_plain:
        _refuse(index, "INDEX_PATH", f"{shown(name)} is not the name of a file in the same folder")
    path = index.parent.joinpath(*parts)
    try:
        found = path.resolve()
        homes = (index.parent.resolve(), index.resolve().parent)
    except (OSError, RuntimeError, ValueError):  # links in a circle; a name that is too long
        _refuse(index, "INDEX_PATH", f"{shown(name)} leads nowhere")
    if not any(found.is_relative_to(home) for home in homes):
        _refuse(index, "INDEX_PATH", f"{shown(name)} is a link that leads out of the folder")
    return path


def texts(metadata: Any) -> dict[str, str]:
    """Metadata as texts, what is none as JSON, and what is too long for either left out."""
    if not isinstance(metadata, dict):
        return {}
    told = {key: value if isinstance(value, str) else json.dumps(value) for key, value in metadata.items()}
    return {key: text for key, text in told.items() if len(text) <= MAX_METADATA}


def _not_named(shards: dict[str, TensorFile], names: dict[str, str]) -> Iterator[Doubt]:
    for shard, file in shards.items():
        if more := [shown(name) for name in file.tensors if names.get(name) != shard]:
            message = f"{shown(shard)} has tensors that the index does not name: {listed(more, MAX_NAMED)}"
            yield Doubt("INDEX_EXTRA", message)


def _refuse(path: Path, code: str, message: str, offset: int | None = None) -> NoReturn:
    raise ModelFileError(code, message, offset=offset, place=Place(str(path)))
