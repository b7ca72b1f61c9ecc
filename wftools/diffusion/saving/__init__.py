"""Models, their parts and adapters as files: what the nodes that save them do.

A weight is made when it is written, so that a merged and adapted model needs no more memory to be saved than one of its
weights does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import torch
from torch import Tensor

from wftools.diffusion.ops import Stored
from wftools.weights.formats.safetensors import header, in_order
from wftools.weights.mapped import DTYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import BinaryIO

    from wftools.weights.source import Weight

Content: TypeAlias = "Mapping[str, Weight | Tensor]"
"""What a file has by name: weights, which are written in one type, and tensors, which are written as they are."""

_NAMES = {getattr(torch, name): ours for ours, (_, name) in DTYPES.items() if hasattr(torch, name)}


def writing(
    content: Content, dtype: torch.dtype, metadata: Mapping[str, str], step: Callable[[int, int], None]
) -> Callable[[BinaryIO], None]:
    """What writes a safetensors file, its weights in a type, to a stream; `step` is told how many are written."""
    described = {
        name: (_NAMES[each.dtype if isinstance(each, Tensor) else dtype], tuple(each.shape))
        for name, each in content.items()
    }

    def write(stream: BinaryIO) -> None:
        stream.write(header(described, metadata))
        for done, name in enumerate(in_order(described)):
            step(done, len(described))
            each = content[name]
            source = Stored(each) if isinstance(each, Tensor) else each.source
            made = source.weight(each.dtype if isinstance(each, Tensor) else dtype, torch.device("cpu"))
            assert tuple(made.shape) == described[name][1], name
            stream.write(made.detach().contiguous().reshape(-1).view(torch.uint8).numpy().data)

    return write
