"""Bolya and Hoffman 2023, "Token Merging for Fast Stable Diffusion"."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import torch

from wftools.diffusion.patches import At, Given, Patches

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Model

SIDE: Final = 2  # cells along the squares of which one is kept


def merge_tokens(model: Model, ratio: float) -> Model:
    """On the first level self attention asks for fewer tokens: that share of them goes without.

    In each square of 2 x 2 cells one at random is kept. Of the others those that are most like a kept one are merged
    into it, and get its answer.
    """
    return model.with_patches(Patches(around_self=(_Merge(ratio),)))


@dataclass(frozen=True, slots=True)
class _Merge:
    ratio: float

    def __call__(self, given: Given, at: At) -> Given:
        height, width = at.call.shape[-2:]
        tokens = given.q.shape[1]
        is_first_level = math.ceil(math.sqrt(height * width // tokens)) <= 1
        count = int(tokens * self.ratio)
        if not is_first_level or count <= 0 or width == 1 or height == 1:
            return given
        source = None if at.call.sampling is None else at.call.sampling.source
        matching = matched(given.q, height, width, count, source)
        return replace(given, q=matching.merged(given.q), then=matching.unmerged)


@dataclass(frozen=True, slots=True, eq=False)
class Matching:
    """Which tokens are merged into which. Indices are of shape (B or 1, n, 1)."""

    kept: Tensor  # of all: those that others may be merged into
    apart: Tensor  # of all: those that stay as they are
    gone: Tensor  # of all: those that are merged
    into: Tensor  # of those that are kept: where each goes

    def merged(self, x: Tensor) -> Tensor:
        """Tokens (B, T, C) without those that are gone, first those that stay apart."""
        kept = _taken(x, self.kept)
        into = self.into.expand(len(x), -1, x.shape[-1])
        kept = kept.scatter_reduce(1, into, _taken(x, self.gone), reduce="mean")
        return torch.cat([_taken(x, self.apart), kept], dim=1)

    def unmerged(self, x: Tensor) -> Tensor:
        """All tokens again, those that were merged as what they were merged into: the way back of `merged`."""
        apart, kept = x[:, : self.apart.shape[1]], x[:, self.apart.shape[1] :]
        total = self.kept.shape[1] + self.apart.shape[1] + self.gone.shape[1]
        whole = x.new_zeros(len(x), total, x.shape[-1])
        for places, tokens in ((self.kept, kept), (self.apart, apart), (self.gone, _taken(kept, self.into))):
            whole.scatter_(1, places.expand(tokens.shape), tokens)
        return whole


def matched(x: Tensor, height: int, width: int, count: int, source: torch.Generator | None) -> Matching:
    """A matching of the cells (B, height * width, C) of a map by their likeness, in which `count` are merged."""
    rows, columns = height // SIDE, width // SIDE
    chosen = torch.randint(SIDE * SIDE, size=(rows, columns, 1), generator=source).to(x.device)
    squares = torch.zeros(rows, columns, SIDE * SIDE, dtype=torch.int64, device=x.device)
    squares.scatter_(2, chosen, -1)
    marks = torch.zeros(height, width, dtype=torch.int64, device=x.device)
    marks[: rows * SIDE, : columns * SIDE] = (
        squares.view(rows, columns, SIDE, SIDE).transpose(1, 2).reshape(rows * SIDE, columns * SIDE)
    )
    order = marks.reshape(1, -1, 1).argsort(dim=1)
    kept, others = order[:, : rows * columns], order[:, rows * columns :]
    directions = x / x.norm(dim=-1, keepdim=True)
    likeness = _taken(directions, others) @ _taken(directions, kept).transpose(1, 2)
    most, nearest = likeness.max(dim=-1)
    by_likeness = most.argsort(dim=-1, descending=True)[..., None]
    gone, apart = by_likeness[:, :count], by_likeness[:, count:]
    return Matching(kept, _taken(others, apart), _taken(others, gone), _taken(nearest[..., None], gone))


def _taken(x: Tensor, places: Tensor) -> Tensor:
    """The tokens (B, n, C) at places (B or 1, n, 1) of some (B or 1, T, C)."""
    batch = max(len(x), len(places))
    return x.expand(batch, -1, -1).gather(1, places.expand(batch, -1, x.shape[-1]))
