"""What is trained on, and which of it a pass is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, Literal

import torch

from wftools.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from wftools.values import Conditioning


Kind = Literal["whole", "buckets", "single"]
"""One group, several, or each latent by itself."""


@dataclass(frozen=True, slots=True, eq=False)
class DataSet:
    """Latents in groups of one size, and what each latent is a picture of."""

    groups: Sequence[Tensor]  # each (b, C, h, w)
    conds: Conditioning  # one for each latent, in the order of the groups
    kind: Kind = "whole"
    starts: Sequence[int] = field(default=(0,))  # the number of each group's first latent

    @property
    def size(self) -> int:
        """How many latents there are."""
        return sum(map(len, self.groups))

    def drawn(self, size: int, source: torch.Generator) -> list[tuple[Tensor, list[int]]]:
        """What one pass is about: batches of latents with their numbers, `size` in all, or as many as there are.

        A bucket is drawn by how many latents it has. Latents of many sizes are batches of one.
        """
        if self.kind == "single":
            chosen = torch.randperm(self.size, generator=source)[:size].tolist()
            return [(self.groups[number], [number]) for number in chosen]
        group = 0
        if self.kind == "buckets":
            sizes = torch.tensor([len(each) for each in self.groups], dtype=torch.float32)
            group = int(torch.multinomial(sizes, 1, generator=source))
        chosen = torch.randperm(len(self.groups[group]), generator=source)[:size].tolist()
        return [(self.groups[group][chosen], [self.starts[group] + index for index in chosen])]


def data_set(latents: Sequence[Tensor], conditionings: Sequence[Conditioning], *, in_buckets: bool) -> DataSet:
    """Latents, each (b, C, h, w), and their conditionings. Raises RunError if there are not as many.

    A single conditioning is for all latents, or has an entry for each.
    """
    conds = tuple(cond for each in conditionings for cond in each)
    if in_buckets:
        return _counted(latents, conds, "buckets")
    samples = [one for each in latents for one in torch.split(each, 1)]
    conds = conds * len(samples) if len(conds) == 1 else conds
    if len({one.shape for one in samples}) == 1:
        return _counted([latents[0] if len(latents) == 1 else torch.cat(samples)], conds, "whole")
    return _counted(samples, conds, "single")


def _counted(groups: Sequence[Tensor], conds: Conditioning, kind: Kind) -> DataSet:
    count = sum(map(len, groups))
    if len(conds) < count or (len(conds) > count and kind != "buckets"):
        raise RunError(f"there are {len(conds)} positive conditionings for {count} latents")
    return DataSet(groups, conds, kind, list(accumulate(map(len, groups[:-1]), initial=0)))
