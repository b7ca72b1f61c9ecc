"""A CLIP text encoder in ONNX: token ids to states."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NoReturn

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from wftools.diffusion.onnx.session import Session, open_session
from wftools.diffusion.ops import closed
from wftools.diffusion.text.prompt import Chunk, chunks_of
from wftools.diffusion.text.tower import Encoded, encoded
from wftools.errors import RunError
from wftools.weights.networks.clip_text import CUT_LAYERS
from wftools.weights.tensorfile import open_tensors

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from wftools.context import Placement
    from wftools.diffusion.text.prompt import FindEmbedding

_LAST, _PROJECTED, _LAYER = "last_hidden_state", "text_embeds", "hidden_states."
_NORM: Final = "final_layer_norm"
_EPSILON: Final = 1e-5


@dataclass(frozen=True, slots=True, eq=False)
class OnnxTower:
    """A text encoder of CLIP's form, and how it is read: a kind of `text.clip.Encoder`."""

    session: Session
    pad: int  # the id after the end of the text
    layer: int  # whose states are taken, unless a call says otherwise
    is_normalised: bool  # whether these pass the network's final normalisation
    norm: tuple[Tensor, Tensor] | None = field(default=None)  # weight and bias of it, where the file has them by name

    def tokenised(self, text: str, find_embedding: FindEmbedding) -> tuple[Chunk, ...]:
        """A prompt as chunks of 77 tokens, at least one. Raises RunError for one that is too long."""
        return chunks_of(text, find_embedding, self.pad, "transformers 5")

    def encode(self, chunks: Sequence[Chunk], layer: int | None = None, *, is_projected: bool = True) -> Encoded:
        """As `Tower.encode`. Raises RunError for a layer that the graph does not give, and for embeddings."""
        wholes: list[Tensor] = []

        def states_of(batch: Sequence[Chunk]) -> tuple[Tensor, Tensor]:
            given = {"input_ids": _ids(batch)}
            names = [_LAST, *self._names(layer), *([_PROJECTED] if _PROJECTED in self.session.outputs else [])]
            last, *others = (each.float() for each in self.session.in_batches(given, names))
            if names[-1] == _PROJECTED:
                wholes.append(others.pop())
            return self._read(others[0] if others else None, last), last

        def projected(pooled: Tensor) -> Tensor:
            return wholes[0][:1] if is_projected and wholes else pooled

        return encoded(chunks, self.pad, states_of, projected)

    def with_device(self, _device: str | None) -> OnnxTower:
        """The same: it runs on the CPU."""
        return self

    def weights(self) -> NoReturn:
        """Raise RunError: nobody sees them."""
        raise closed()

    def with_weights(self, _changes: object) -> NoReturn:
        """Raise RunError."""
        raise closed()

    def with_bypasses(self, _bypasses: object) -> NoReturn:
        """Raise RunError."""
        raise closed()

    def _names(self, layer: int | None) -> list[str]:
        """The output with the states of a layer; none if they are those that the graph gives last, normalised."""
        layers = [name for name in self.session.outputs if name.startswith(_LAYER)]
        wanted = self.layer if layer is None else layer
        depth = len(layers) - 1  # the first are the vectors before any layer
        if not layers and self.is_normalised and (layer is None or layer == -1):
            # Where a family reads the layer before the last, exporters that give one only leave the last out.
            return []
        if not layers:
            raise RunError(
                "the text encoder's file has its last states only, and not those of the layers before",
                place=self.session.place,
                hint="export it with `wftools model export-onnx`, or load it from another format",
            )
        if depth == CUT_LAYERS and layer is None and self.layer < -1:
            wanted += 1  # the last layer is not there, since nothing reads it
        if -wanted > depth or (wanted == -1 and self.is_normalised):
            return []
        return [f"{_LAYER}{depth + 1 + wanted}"]

    def _read(self, states: Tensor | None, last: Tensor) -> Tensor:
        if states is None:
            return last
        if not self.is_normalised:
            return states
        if self.norm is None:
            raise RunError(
                "the text encoder's file does not tell how the states of a layer are normalised",
                place=self.session.place,
                hint="take its last layer, or load it from another format",
            )
        weight, bias = self.norm
        return F.layer_norm(states, weight.shape, weight, bias, _EPSILON)


def open_onnx_tower(path: Path, pad: int, _placement: Placement, *, layer: int, is_normalised: bool) -> OnnxTower:
    """The text encoder in a file. Raises ModelFileError or InputError as `open_session` does."""
    file = open_tensors(path)
    session = open_session(path)
    parts = [
        next((name for name in file.tensors if name.endswith(f"{_NORM}.{each}")), None) for each in ("weight", "bias")
    ]
    norm = tuple(file.read(name).float() for name in parts if name is not None)
    return OnnxTower(session, pad, layer, is_normalised, (norm[0], norm[1]) if len(norm) == 2 else None)


def _ids(batch: Sequence[Chunk]) -> Tensor:
    values: list[list[Any]] = [[token.value for token in chunk] for chunk in batch]
    if any(isinstance(value, Tensor) for row in values for value in row):
        raise RunError("the text encoder is in ONNX, which takes no embeddings", hint="load it from another format")
    return torch.tensor(values)
