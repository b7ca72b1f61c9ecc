"""What can be wrong with a model file, by codes that programs can tell apart. No torch.

A fault that forbids using a file is a `ModelFileError`; what need not be one is a `Doubt`, which it is opened with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wftools.errors import InputError, listed, shown
from wftools.escaping import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wftools.errors import Place

# What `wftools model verify` reports: code -> what it means.
CODES: Final[Mapping[str, str]] = {
    "EMPTY": "the file has no bytes",
    "UNREADABLE": "the file cannot be opened or read",
    "NOT_A_MODEL": "neither the content nor the name is that of a model file",
    "FORMAT_MISMATCH": "the content is of another format than the name says",
    "TOO_LARGE": "a table of the file is larger than any that models need",
    "BAD_NAME": "a tensor has a name that could mislead a terminal or a file system",
    "TENSOR_DIMS": "a tensor has more dimensions than any network",
    "TENSOR_BOUNDS": "a tensor reaches beyond its numbers, or has a size that no tensor has",
    "TENSOR_EXPAND": "a tensor is larger than the numbers that are stored for it",
    "TENSOR_DUPLICATE": "two tensors have one name",
    "EMPTY_TENSOR": "a tensor has no elements",
    "NONFINITE": "a tensor has values that are not finite",
    "PICKLE_GLOBAL": "the pickle names a class or function that has nothing to do with weights",
    "PICKLE_OPCODE": "the pickle takes a step that no file of weights needs",
    "PICKLE_SYNTAX": "the pickle is broken",
    "PICKLE_SIZE": "the pickle is larger, or says more, than any that weights need",
    "EXTRA_PICKLE": "the archive has a pickle that is not read",
    "NOT_A_CHECKPOINT": "the file holds no table of tensors",
    "STORAGE_MISSING": "the numbers of a tensor are not in the file",
    "STORAGE_KEY": "the numbers of a tensor have a name that torch would not have given",
    "STORAGE_SIZE": "the numbers of a tensor are more or fewer than is said of them",
    "BYTE_ORDER": "the numbers have their bytes in another order",
    "ZIP_SYNTAX": "the archive is broken",
    "ZIP_NAME": "a member of the archive has two names, or two have one",
    "ZIP_CRC": "the checksum of a member is wrong",
    "ZIP_BOUNDS": "a member reaches beyond the end of the archive",
    "ZIP_COMPRESSED": "a member is compressed",
    "ZIP_ENCRYPTED": "a member is encrypted",
    "TORCHSCRIPT": "the file is a TorchScript archive, which holds a program",
    "LEGACY_TAR": "the file is an archive of torch before 0.1.10",
    "ST_HEADER": "the header of the safetensors file is not as it must be",
    "ST_DUPLICATE": "two tensors have one name",
    "ST_DTYPE": "a tensor has a type that safetensors does not know",
    "ST_SIZE": "the shape of a tensor does not fit its bytes",
    "ST_LAYOUT": "tensors overlap, leave gaps, or do not end with the file",
    "INDEX_SYNTAX": "the index of shards is not as it must be",
    "INDEX_PATH": "the index names a file outside of its folder",
    "INDEX_MISSING": "a shard, or a tensor of one, is not there",
    "INDEX_EXTRA": "a shard has tensors that the index does not name",
    "GGUF_MAGIC": "the file does not start as GGUF does",
    "GGUF_VERSION": "the version of GGUF is not one that is read",
    "GGUF_COUNT": "the file says that it has more entries than fit into it",
    "GGUF_TRUNCATED": "the file ends too early",
    "GGUF_SYNTAX": "an entry is not as it must be",
    "GGUF_DEPTH": "arrays stand in arrays",
    "GGUF_DUPLICATE": "a key or a tensor's name is there twice",
    "GGUF_META": "a value that readers go by is not one that it may be",
    "GGUF_DTYPE": "a tensor has a type that is not known",
    "GGUF_LAYOUT": "a tensor is not where it may be, or overlaps another",
    "GGUF_GAP": "there are bytes that belong to no tensor",
    "ORIG_SHAPE": "the shape that a tensor is to be given does not fit it",
    "BAD_UTF8": "a text is not UTF-8",
    "ONNX_SYNTAX": "the protobuf is broken",
    "ONNX_VERSION": "the version of ONNX is not one that is read",
    "ONNX_DTYPE": "a tensor has a type that is not known",
    "ONNX_DUPLICATE": "two tensors, or two nodes, make one name",
    "ONNX_SIZE": "the shape of a tensor does not fit its bytes",
    "ONNX_EXT_PATH": "the data of a tensor lies outside of the file's folder",
    "ONNX_EXT_MISSING": "the file with the data of a tensor is not there",
    "ONNX_EXT_BOUNDS": "the data of a tensor reaches beyond its file",
    "ONNX_EXT_KEY": "the data of a tensor is described by what no exporter writes",
    "ONNX_OP": "a node is of a set of operators that is not ONNX's own",
    "ONNX_RESOURCE": "a node would make a tensor that is larger than any network's",
    "ONNX_MERGED": "the file has its graph in pieces, so that readers could disagree about it",
}


class ModelFileError(InputError):
    """A model file that is not used: `code` is one of `CODES`, `offset` the byte that it is about."""

    def __init__(
        self, code: str, message: str, *, offset: int | None = None, place: Place | None = None, hint: str | None = None
    ) -> None:
        assert code in CODES, code
        told = message if offset is None else f"{message} (at byte {offset:,})"
        super().__init__(told, place=place, hint=hint)
        self.code = code
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Doubt:
    """What a file has that need not be a fault: `code` is one of `CODES`, `offset` the byte that it is about."""

    code: str
    message: str
    offset: int | None = None


MAX_NAMED: Final = 8  # tensors that one doubt names

_LEADS_AWAY: Final = re.compile(r"(.*[/\\])?\.\.([/\\].*)?|[/\\].*|[A-Za-z]:[/\\].*", re.DOTALL)


def is_misleading(name: str) -> bool:
    """Whether a tensor's name moves a terminal's cursor when it is shown, or leads out of a folder as a file's name."""
    return printable(name) != name or _LEADS_AWAY.fullmatch(name) is not None


def misleading(names: Iterable[str]) -> Iterator[Doubt]:
    """A doubt, if some of the names could mislead."""
    if found := [shown(name) for name in names if is_misleading(name)]:
        yield Doubt("BAD_NAME", f"tensors have names that could mislead: {listed(found, MAX_NAMED)}")
