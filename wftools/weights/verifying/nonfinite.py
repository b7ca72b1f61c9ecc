"""Where the numbers of a model are not finite: NaN and infinities, told by their bits. No torch for what is plain.

A number is not finite if all bits of its exponent are set. Of a tensor in blocks only the scales can be so: the rest
are whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from wftools.errors import Place
from wftools.weights.faults import ModelFileError
from wftools.weights.quant.blocks import BLOCKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from wftools.weights.tensorfile import TensorFile, TensorInfo

Progress = Callable[[int], object]
"""Is told how many bytes more have been looked at."""

PIECE: Final = 2**22  # bytes that are looked at together

# type -> bytes that are one number, the bits of its exponent; where one pattern alone is NaN, all bits of that
_EXPONENTS: Final[Mapping[str, tuple[int, int]]] = {
    "F64": (8, 0x7FF0_0000_0000_0000),
    "F32": (4, 0x7F80_0000),
    "C64": (4, 0x7F80_0000),
    "F16": (2, 0x7C00),
    "BF16": (2, 0x7F80),
    "F8_E5M2": (1, 0x7C),
    "F8_E4M3": (1, 0x7F),
    "F8_E8M0": (1, 0xFF),
}


def _halves(*places: int) -> tuple[tuple[int, int, int], ...]:
    return tuple((at, *_EXPONENTS["F16"]) for at in places)


# type -> its scales: where in a block, how many bytes, the bits of the exponent
_SCALES: Final[Mapping[str, tuple[tuple[int, int, int], ...]]] = {
    **dict.fromkeys(("Q4_0", "Q5_0", "Q8_0", "Q1_0", "IQ4_NL", "IQ4_XS"), _halves(0)),
    **dict.fromkeys(("IQ1_S", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S"), _halves(0)),
    **dict.fromkeys(("Q4_1", "Q5_1", "Q4_K", "Q5_K"), _halves(0, 2)),
    "Q2_K": _halves(80, 82),
    "Q3_K": _halves(108),
    "Q6_K": _halves(208),
    "TQ1_0": _halves(52),
    "TQ2_0": _halves(64),
    "IQ1_M": ((48, 8, 0x7000_C000_0000_0000),),  # a half, four bits of which stand in each of four words
    "Q8_1": ((0, 4, 0x7F80_0000), (4, 4, 0x7F80_0000)),
    "Q8_K": ((0, 4, 0x7F80_0000),),
    "MXFP4": ((0, *_EXPONENTS["F8_E8M0"]),),
    "NVFP4": (),  # ggml has no NaN there
}


def nonfinite(file: TensorFile, looked_at: Progress) -> Iterator[tuple[str, int | None]]:
    """The tensors with values that are not finite, and the byte of the first where that is known.

    Raises ModelFileError for a file that has become shorter.
    """
    known: dict[TensorInfo, int | None] = {}  # tensors may be views of the same numbers
    for name, info in file.tensors.items():
        if info.dtype not in _EXPONENTS and info.dtype not in _SCALES:
            continue
        if not info.is_plain:
            if _has_nonfinite(file, name):
                yield name, None
            continue
        if info not in known:
            known[info] = _first(info.file or file.path, info, looked_at)
        if known[info] is not None:
            yield name, known[info]


def _first(path: Path, info: TensorInfo, looked_at: Progress) -> int | None:
    """The byte of the first value that is not finite."""
    size = BLOCKS[info.dtype].bytes if info.dtype in BLOCKS else _EXPONENTS[info.dtype][0]
    step = PIECE // size * size
    with path.open("rb") as stream:
        for start in range(info.start, info.stop, step):
            stream.seek(start)
            piece = bytearray(min(step, info.stop - start))
            if stream.readinto(piece) != len(piece):
                hint = "download or save the file again"
                message = "the file has become shorter since its header was read"
                raise ModelFileError("UNREADABLE", message, offset=start, place=Place(str(path)), hint=hint)
            looked_at(len(piece))
            if (found := _first_of(piece, info.dtype)) is not None:
                return start + found
    return None


def _first_of(piece: bytearray, dtype: str) -> int | None:
    """Where in a piece the first value or scale stands that is not finite."""
    import numpy as np

    if dtype in _EXPONENTS:
        size, mask = _EXPONENTS[dtype]
        return _first_index(np.frombuffer(piece, f"<u{size}"), mask, size)
    of_block = BLOCKS[dtype].bytes
    blocks = np.frombuffer(piece, np.uint8).reshape(-1, of_block)
    found = []
    for at, size, mask in _SCALES[dtype]:
        scales = np.ascontiguousarray(blocks[:, at : at + size]).view(f"<u{size}").reshape(-1)
        first = _first_index(scales, mask, of_block)
        found += [first + at] if first is not None else []
    return min(found, default=None)


def _first_index(numbers: Any, mask: int, size: int) -> int | None:
    hits = (numbers & numbers.dtype.type(mask)) == mask
    return int(hits.argmax()) * size if hits.any() else None


def _has_nonfinite(file: TensorFile, name: str) -> bool:
    import torch

    pieces = file.pieces(name)
    return any(not torch.isfinite(piece.float() if piece.element_size() == 1 else piece).all() for piece in pieces)
