"""Models, their parts and adapters as files: what the nodes that save them do.

A weight is made when it is written, so that a merged and adapted model needs no more memory to be saved than one of its
weights does.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, TypeAlias

import torch
from torch import Tensor

from wftools.diffusion.ops import Stored
from wftools.weights.mapped import DTYPES
from wftools.weights.writers import Outgoing, safetensors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import BinaryIO

    from wftools.weights.source import Weight

Content: TypeAlias = "Mapping[str, Weight | Tensor]"
"""What a file has by name: weights, which are written in one type, and tensors, which are written as they are."""

_NAMES = {getattr(torch, name): ours for ours, (_, name) in DTYPES.items() if hasattr(torch, name)}


def writing(
    content: Content, dtype: torch.dtype, metadata: Mapping[str, str], step: Callable[[int, int], None]
) -> Callable[[BinaryIO], None]:
    """What writes a safetensors file, its weights in a type, to a stream; `step` is told how many are written."""

    def outgoing(name: str, each: Weight | Tensor, done: Iterator[int]) -> Outgoing:
        its_dtype, source = (each.dtype, Stored(each)) if isinstance(each, Tensor) else (dtype, each.source)
        shape = tuple(each.shape)

        def data() -> Iterator[Tensor]:
            step(next(done), len(content))
            made = source.weight(its_dtype, torch.device("cpu"))
            assert tuple(made.shape) == shape, name
            yield made.detach()

        return Outgoing(name, _NAMES[its_dtype], shape, data)

    def write(stream: BinaryIO) -> None:
        done = count()
        safetensors.write(stream, [outgoing(name, each, done) for name, each in content.items()], metadata)

    return write
