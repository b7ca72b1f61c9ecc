"""A model file: names, shapes, types and metadata at once, each tensor when it is asked for."""

from __future__ import annotations

import stat
from bisect import bisect_left
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Final, Protocol

from wftools.errors import InputError, LimitError, Place, WftoolsError, shown
from wftools.plugins import Folder
from wftools.weights.faults import ModelFileError, misleading
from wftools.weights.mapped import DTYPES
from wftools.weights.quant.blocks import BLOCKS, BlockType
from wftools.weights.source import Rounded

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Collection, Iterator, Mapping
    from io import BufferedReader
    from pathlib import Path

    from torch import Tensor

    from wftools.weights.faults import Doubt
    from wftools.weights.source import Source

HEAD_BYTES: Final = 512  # enough for every format to know itself by
MAX_RAW_BYTES: Final = 2**16  # of texts and single values that are kept as tensors

PIECE: Final = 2**20  # elements: enough to keep a processor busy, few enough for its memory

HOLD_ANYTHING: Final = frozenset({"pickle"})  # formats whose names are given to files of others

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """One tensor as its file describes it."""

    dtype: str  # safetensors' names: "F32", "F16", "BF16" …; a block format's own: "Q4_K"
    shape: Shape
    start: int  # where its bytes stand in the file
    stop: int
    file: Path | None = None  # another file that has them: a shard, data beside the model
    is_plain: bool = True  # they are its numbers in order, or its blocks; else only the format can read them


@dataclass(frozen=True, eq=False)
class TensorFile:
    """The tensors of one file, or some of them under other names."""

    path: Path
    format: str  # the module of `weights.formats` that read the header
    tensors: Mapping[str, TensorInfo]
    metadata: Mapping[str, str]
    reader: Callable[[str], Tensor]  # the format's way to one tensor, by a key of `tensors`
    sources: Mapping[str, Source] = field(default_factory=dict)  # what a dialect makes of some tensors
    doubts: tuple[Doubt, ...] = ()  # what need not be a fault

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        """Every tensor's shape, by name."""
        return {name: info.shape for name, info in self.tensors.items()}

    def read(self, name: str) -> Tensor:
        """One tensor as it is stored, mapped from the file where the format allows it. Raises InputError.

        Of a type in blocks these are its bytes, uint8 (blocks, bytes a block).
        """
        if name not in self.tensors:
            raise InputError(f"there is no tensor {shown(name)}", place=self.place)
        return self.reader(name)

    def weight(self, name: str) -> Tensor | Source:
        """One tensor as a network computes with it: as it is stored, or made by a source. Raises InputError."""
        return self.sources[name] if name in self.sources else self.read(name)

    def renamed(self, names: Mapping[str, str]) -> TensorFile:
        """The same file under other names, and only what `names` (new name -> name in this file) lists."""
        return replace(
            self,
            tensors={new: self.tensors[old] for new, old in names.items()},
            reader=lambda new: self.reader(names[new]),
            sources={new: self.sources[old] for new, old in names.items() if old in self.sources},
        )

    def below(self, prefix: str) -> TensorFile:
        """The tensors whose names start with a prefix, without it, sorted. Families ask for the same ones again."""
        if prefix and prefix not in self._below:
            start = bisect_left(self._sorted, prefix)
            names = takewhile(lambda name: name.startswith(prefix), islice(self._sorted, start, None))
            self._below[prefix] = self.renamed({name[len(prefix) :]: name for name in names})
        return self._below[prefix] if prefix else self

    def without(self, ignored: re.Pattern[str]) -> TensorFile:
        """The same file without the tensors whose whole name matches a pattern."""
        return self.renamed({name: name for name in self.tensors if not ignored.fullmatch(name)})

    def rounded(self, dtype: str) -> TensorFile:
        """The same file with its floating-point tensors brought to another type, by torch's name: "float8_e4m3fn"."""
        import torch

        wanted = getattr(torch, dtype)

        def read(name: str) -> Tensor:
            stored = self.reader(name)
            return stored.to(wanted) if stored.is_floating_point() else stored

        return replace(
            self,
            reader=read,
            tensors={name: replace(info, is_plain=False) for name, info in self.tensors.items()},
        )

    def decoded(self, dtype: str) -> TensorFile:
        """The same file with what sources make rounded to a type, by torch's name, wherever it is used."""
        return replace(self, sources={name: Rounded(source, dtype) for name, source in self.sources.items()})

    def tensor(self, name: str) -> Tensor:
        """One tensor as numbers: as it is stored, or made in float32 by a source. Raises InputError."""
        import torch

        weight = self.weight(name)
        return weight if isinstance(weight, torch.Tensor) else weight.weight(torch.float32, torch.device("cpu"))

    def pieces(self, name: str, count: int = PIECE) -> Iterator[Tensor]:
        """The numbers of a tensor as they are stored, flat and in order, so many at a time; all but the last are full.

        Each piece has memory of its own, so that a file of any size needs no more than that; mapped memory counts as
        the process's. Of a type in blocks they are whole blocks, uint8 (blocks, bytes a block). Raises InputError.
        """
        import torch

        info = self.tensors[name]
        block = BLOCKS.get(info.dtype)
        if not info.is_plain:
            rows = count if block is None else max(1, count // block.elements)
            stored = _rows(self.read(name), block)
            yield from (stored[start : start + rows].clone() for start in range(0, len(stored), rows))
            return
        size, step = (DTYPES[info.dtype][0], count) if block is None else (block.bytes, max(1, count // block.elements))
        path = info.file or self.path
        with _opened(path) as file:
            for start in range(info.start, info.stop, step * size):
                piece = torch.empty(min(step * size, info.stop - start), dtype=torch.uint8)
                file.seek(start)
                if file.readinto(piece.numpy().data) != len(piece):
                    raise InputError(
                        "the file has become shorter since its header was read",
                        place=Place(str(path)),
                        hint="download or save the file again",
                    )
                yield piece.view(-1, size) if block is not None else piece.view(getattr(torch, DTYPES[info.dtype][1]))

    def said(self, sources: Mapping[str, Source], keys: Collection[str]) -> TensorFile:
        """The same file with sources for some of its tensors, and without the keys that say how they are made."""
        tensors = {name: info for name, info in self.tensors.items() if name not in keys}
        return replace(self, tensors=tensors, sources={**self.sources, **sources})

    def raw(self, name: str) -> bytes:
        """The bytes of one small tensor, without torch. Raises LimitError if it is not small."""
        info = self.tensors[name]
        if info.stop - info.start > MAX_RAW_BYTES:
            raise LimitError(f"tensor {shown(name)} has more than {MAX_RAW_BYTES:,} bytes", place=self.place)
        with _opened(info.file or self.path) as file:
            file.seek(info.start)
            return file.read(info.stop - info.start)

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self.tensors)

    @cached_property
    def _below(self) -> dict[str, TensorFile]:
        return {}

    @property
    def place(self) -> Place:
        """Where errors about this file point."""
        return Place(str(self.path))

    @contextmanager
    def blamed(self) -> Iterator[None]:
        """Errors that are raised inside, and do not say where they stand, point at this file."""
        try:
            yield
        except WftoolsError as error:
            error.place = error.place or self.place
            raise


def _rows(stored: Tensor, block: BlockType | None) -> Tensor:
    return stored.reshape(-1) if block is None else stored.reshape(-1, block.bytes)


def _opened(path: Path) -> BufferedReader:
    try:
        return path.open("rb")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", place=Place(str(path))) from error


class ModelFormat(Protocol):
    """What a module of `formats/` has."""

    SUFFIXES: tuple[str, ...]

    def sniff(self, head: bytes, /) -> bool:
        """Whether a file that starts with these bytes is meant to be one."""
        ...

    def open_file(self, path: Path, /) -> TensorFile:
        """Read the header only. Raises InputError with the offset."""
        ...


FORMATS: Final[Folder[ModelFormat]] = Folder("wftools.weights.formats")


def open_tensors(path: Path, formats: Collection[str] = ()) -> TensorFile:
    """Read the header of a model file, or of all files of a model's folder: of any format, or of some only.

    The content decides which format a file is, never the name alone. The name counts where the content speaks for no
    format, so that a damaged header is reported as such. A name that promises a format which runs nothing must keep it,
    as others go by it; what torch's names hold may be anything. Raises ModelFileError if the file cannot be read, or is
    not what it must be.
    """
    from wftools.weights.model_folder import MODEL_INDEX, open_folder

    try:
        if not formats and (path.is_dir() or path.name == MODEL_INDEX):
            return open_folder(path if path.is_dir() else path.parent)
        file = FORMATS.load(_format(path, formats)).open_file(path)
    except OSError as error:
        raise ModelFileError("UNREADABLE", f"cannot be read: {error.strerror}", place=Place(str(path))) from error
    if any(doubt.code == "BAD_NAME" for doubt in file.doubts):  # of one of its files
        return file
    return replace(file, doubts=(*file.doubts, *misleading(file.tensors)))


def _format(path: Path, formats: Collection[str]) -> str:
    """Which format a file is in, if it may be in that. Raises ModelFileError and OSError."""
    place = Place(str(path))
    if "\0" in str(path):
        raise ModelFileError("UNREADABLE", "cannot be read: no name of a file has NUL in it", place=place)
    if not stat.S_ISREG(path.stat().st_mode):  # nobody may ever write into a pipe
        raise ModelFileError("UNREADABLE", "cannot be read: it is not a file", place=place)
    with path.open("rb") as opened:
        head = opened.read(HEAD_BYTES)
    if not head:
        raise ModelFileError("EMPTY", "the file is empty", offset=0, place=place, hint="download or save it again")
    by_content = next((name for name in FORMATS.names() if FORMATS.load(name).sniff(head)), None)
    by_name = next((name for name in FORMATS.names() if path.name.lower().endswith(FORMATS.load(name).SUFFIXES)), None)
    found = by_content or by_name
    if found is None:
        hint = f"the formats known are {', '.join(FORMATS.names())}"
        raise ModelFileError("NOT_A_MODEL", "not a model file that wftools can read", place=place, hint=hint)
    if by_name not in {None, found, *HOLD_ANYTHING}:
        message = f"the name is that of a {by_name} file, the content of a {by_content} file"
        raise ModelFileError("FORMAT_MISMATCH", message, offset=0, place=place, hint="give it the name of what it is")
    if formats and found not in formats:
        message = f"is a {found} file, expected {' or '.join(formats)}"
        raise ModelFileError("FORMAT_MISMATCH", message, offset=0, place=place)
    return found


def together(path: Path, form: str, names: Mapping[str, tuple[TensorFile, str]]) -> TensorFile:
    """The tensors of several files as one, without metadata: name -> the file that has it, and its name there."""

    def described(file: TensorFile, name: str) -> TensorInfo:
        return replace(file.tensors[name], file=file.tensors[name].file or file.path)

    files = dict.fromkeys(file for file, _ in names.values())
    return TensorFile(
        path,
        form,
        {new: described(file, old) for new, (file, old) in names.items()},
        {},
        lambda new: names[new][0].read(names[new][1]),
        {new: file.sources[old] for new, (file, old) in names.items() if old in file.sources},
        tuple(replace(doubt, message=f"{file.path.name}: {doubt.message}") for file in files for doubt in file.doubts),
    )


def identity(path: Path) -> tuple[str, int, int]:
    """What tells a file from its later versions: path, size, time of change in nanoseconds. A cache key."""
    status = path.stat()
    return str(path.resolve()), status.st_size, status.st_mtime_ns
