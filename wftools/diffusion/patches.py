"""Patches: what is changed of a network's way from input to output, by where on the way it happens.

They are values that the forward pass hands down to where they count. No module is touched, so the same network runs
with other patches, or none, in the next call.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from torch import Tensor

Stage = Literal["input", "middle", "output"]
Which = Literal["self", "cross"]


@dataclass(frozen=True, slots=True, eq=False)
class At:
    """Where on its way the network is."""

    stage: Stage
    block: int  # of the stage, from 0
    transformer: int = 0  # of the block, from 0
    sigma: Tensor | None = None  # (B,): of the latent that the network was given


class BlockPatch(Protocol):
    """A change of features."""

    def __call__(self, h: Tensor, at: At, /) -> Tensor:
        """Other features of h's shape, or of another one that the blocks after it take."""
        ...


class OutputPatch(Protocol):
    """A change of what an output block is given: the features from below, and those from the way down beside it."""

    def __call__(self, h: Tensor, skip: Tensor, at: At, /) -> tuple[Tensor, Tensor]:
        """Both anew."""
        ...


class Attend(Protocol):
    """A computation of attention: q (B, T, C), k and v (B, S, C) -> (B, T, C)."""

    def __call__(self, q: Tensor, k: Tensor, v: Tensor, heads: int, at: At, /) -> Tensor:
        """What the queries find."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class AttentionPatch:
    """An attention in place of the network's own, in one block."""

    attend: Attend
    which: Which
    stage: Stage
    block: int
    transformer: int | None = None  # None: in each transformer of the block

    def is_for(self, which: Which, at: At) -> bool:
        """Whether this is the place."""
        place = (which, at.stage, at.block)
        return place == (self.which, self.stage, self.block) and self.transformer in {None, at.transformer}


@dataclass(frozen=True, slots=True, eq=False)
class Control:
    """What a control network adds to the features of this call; None adds nothing."""

    input: tuple[Tensor | None, ...] = ()  # to each input block's output
    middle: Tensor | None = None
    skips: tuple[Tensor | None, ...] = ()  # to what each input block hands over to the way up


@dataclass(frozen=True, slots=True, eq=False)
class Patches:
    """All patches of a call by their place, in the order in which they take effect."""

    input: tuple[BlockPatch, ...] = ()  # of each input block's output
    input_after_skip: tuple[BlockPatch, ...] = ()  # the same, but only on the way down: the way up gets it unchanged
    middle: tuple[BlockPatch, ...] = ()
    output: tuple[OutputPatch, ...] = ()
    attention: tuple[AttentionPatch, ...] = ()  # the last that is for a place counts
    control: Control | None = None
    sigma: Tensor | None = None  # (B,): of the call
    branches: tuple[int, ...] = ()  # of the calls that were joined to this one: which conditioning each belongs to

    @property
    def has_places(self) -> bool:
        """Whether anything is changed; else only the call is described."""
        return any(getattr(self, each.name) for each in fields(self) if each.name not in {"sigma", "branches"})

    def and_then(self, more: Patches) -> Patches:
        """These patches with more after them; of what there can be one of, the later one."""
        return Patches(
            input=self.input + more.input,
            input_after_skip=self.input_after_skip + more.input_after_skip,
            middle=self.middle + more.middle,
            output=self.output + more.output,
            attention=self.attention + more.attention,
            control=self.control if more.control is None else more.control,
            sigma=self.sigma if more.sigma is None else more.sigma,
            branches=more.branches or self.branches,
        )

    def attend(self, which: Which, at: At) -> Attend | None:
        """The attention that takes the place of the network's own there."""
        return next((patch.attend for patch in reversed(self.attention) if patch.is_for(which, at)), None)

    def at(self, stage: Stage, block: int) -> At:
        """A place in this call."""
        return At(stage, block, sigma=self.sigma)


NO_PATCHES = Patches()


def patched(h: Tensor, patches: tuple[BlockPatch, ...], at: At) -> Tensor:
    """Features after some patches."""
    for patch in patches:
        h = patch(h, at)
    return h


def controlled(h: Tensor, residuals: tuple[Tensor | None, ...], index: int) -> Tensor:
    """Features with what a control network adds to those of that number."""
    residual = residuals[index] if index < len(residuals) else None
    return h if residual is None else h + residual
