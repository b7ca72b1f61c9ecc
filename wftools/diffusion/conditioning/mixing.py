"""What can be made of the vectors of conditionings, whatever encoder they are from."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import torch
import torch.nn.functional as F  # noqa: N812

from wftools.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from wftools.values import Cond, Conditioning

log = logging.getLogger(__name__)

# Vectors that stand in extras: of the text of a song.
LYRICS: Final = "conditioning_lyrics"


def averaged(to: Conditioning, other: Conditioning, strength: float) -> Conditioning:
    """Each cond of one conditioning, with the rest of the strength from the first cond of another.

    The other text is cut to the length of each, or filled up with zeros.
    """
    first = _first(other)
    return tuple(_between(cond, first, strength) for cond in to)


def concatenated(to: Conditioning, other: Conditioning) -> Conditioning:
    """Each cond of one conditioning, with the tokens of the first cond of another behind its own."""
    first = _first(other)
    return tuple(replace(cond, tensor=_joined(cond.tensor, first.tensor)) for cond in to)


def scaled(conditioning: Conditioning, factor: float) -> Conditioning:
    """All vectors times a factor."""
    return tuple(_mapped(cond, lambda vectors: vectors * factor) for cond in conditioning)


def zeroed(conditioning: Conditioning) -> Conditioning:
    """All vectors zero, those of a song's text, too."""
    return tuple(_silent(_mapped(cond, torch.zeros_like)) for cond in conditioning)


def _first(conditioning: Conditioning) -> Cond:
    if not conditioning:
        raise RunError("the conditioning has no entries")
    if len(conditioning) > 1:
        log.warning("a conditioning has %d entries, of which only the first is used, as in ComfyUI", len(conditioning))
    return conditioning[0]


def _between(cond: Cond, other: Cond, strength: float) -> Cond:
    tokens = cond.tensor.shape[1]
    text = other.tensor[:, :tokens]
    text = F.pad(text, (0, 0, 0, tokens - text.shape[1]))
    if text.shape[-1] != cond.tensor.shape[-1]:
        raise _of_other_widths(cond.tensor, other.tensor)
    tensor = cond.tensor * strength + text * (1.0 - strength)
    if other.pooled_output is None:
        return replace(cond, tensor=tensor)
    pooled = other.pooled_output if cond.pooled_output is None else cond.pooled_output
    return replace(cond, tensor=tensor, pooled_output=pooled * strength + other.pooled_output * (1.0 - strength))


def _joined(text: Tensor, more: Tensor) -> Tensor:
    if text.shape[-1] != more.shape[-1]:
        raise _of_other_widths(text, more)
    if len(text) != len(more):
        raise RunError(f"texts for {len(text)} and for {len(more)} pictures cannot be joined")
    return torch.cat([text, more], dim=1)


def _of_other_widths(text: Tensor, other: Tensor) -> RunError:
    return RunError(
        f"one conditioning is {text.shape[-1]} wide, the other one {other.shape[-1]}",
        hint="encode both prompts with text encoders of the same kind",
    )


def _mapped(cond: Cond, change: Callable[[Tensor], Tensor]) -> Cond:
    pooled = cond.pooled_output
    return replace(cond, tensor=change(cond.tensor), pooled_output=None if pooled is None else change(pooled))


def _silent(cond: Cond) -> Cond:
    lyrics = cond.extras.get(LYRICS)
    return cond if lyrics is None else replace(cond, extras={**cond.extras, LYRICS: torch.zeros_like(lyrics)})
