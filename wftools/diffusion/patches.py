"""Patches: what is changed of a network's way from input to output, by where on the way it happens.

They are values that the forward pass hands down to where they count. No module is touched, so the same network runs
with other patches, or none, in the next call.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, fields, replace
from functools import cache
from itertools import zip_longest
from typing import TYPE_CHECKING, Literal, Protocol

import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

    from wftools.values import Cond, Sampling

log = logging.getLogger(__name__)

Stage = Literal["input", "middle", "output"]
Which = Literal["self", "cross"]  # attn1 and attn2 in ComfyUI


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One call of the network."""

    sigma: Tensor  # (B,): of the latent that it is given
    shape: torch.Size  # of that latent, (B, C, …)
    branches: tuple[int, ...] = (0,)  # of each of the batch's equal parts: the conditioning that it belongs to
    conds: tuple[Cond, ...] = ()  # that each of these parts is about
    sampling: Sampling | None = None  # the run; None outside of one


NO_CALL = Call(torch.zeros(0), torch.Size())


@dataclass(frozen=True, slots=True, eq=False)
class At:
    """Where on its way the network is."""

    stage: Stage
    block: int  # of the stage, from 0
    transformer: int = 0  # of the block, from 0
    call: Call = NO_CALL
    spatial: int = 0  # which of the network's spatial transformers it is, from 0, on the way from first to last
    channels: int = 0  # of the network's first level


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


class TokenPatch(Protocol):
    """A change of tokens."""

    def __call__(self, x: Tensor, at: At, /) -> Tensor:
        """Others of x's shape, (B, T, C)."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """What an attention is given: tokens that are not projected yet, (B, T, C) for q and (B, S, …) for k and v."""

    q: Tensor
    k: Tensor
    v: Tensor
    then: Callable[[Tensor], Tensor] | None = None  # what is done to the attention's output


class AroundAttention(Protocol):
    """A change of what an attention is given, of what it gives, or of both."""

    def __call__(self, given: Given, at: At, /) -> Given:
        """What it is given now; `then` is the change of the output that belongs to it."""
        ...


class Attend(Protocol):
    """A computation of attention: q (B, T, C), k and v (B, S, C) -> (B, T, C)."""

    def __call__(self, q: Tensor, k: Tensor, v: Tensor, heads: int, at: At, /) -> Tensor:
        """What the queries find."""
        ...


class AroundNetwork(Protocol):
    """A change of what the network is given or gives, or of whether it is asked at all."""

    def __call__(self, x: Tensor, /, call: Call, network: Callable[[Tensor], Tensor]) -> Tensor:
        """The network's output for x, its scaled input, as `network` gives it."""
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

    def each(self, change: Callable[[Tensor], Tensor]) -> Control:
        """All of it changed alike."""
        input_, (middle,), skips = (
            tuple(None if tensor is None else change(tensor) for tensor in tensors)
            for tensors in (self.input, (self.middle,), self.skips)
        )
        return Control(input_, middle, skips)

    def plus(self, other: Control) -> Control:
        """The sums, where both add something."""
        return Control(
            _sums(self.input, other.input),
            _sums((self.middle,), (other.middle,))[0],
            _sums(self.skips, other.skips),
        )


def _sums(these: Sequence[Tensor | None], those: Sequence[Tensor | None]) -> tuple[Tensor | None, ...]:
    both = zip_longest(these, those)
    return tuple(this if that is None else that if this is None else this + that for this, that in both)


@dataclass(frozen=True, slots=True, eq=False)
class Patches:
    """All patches of a call by their place, in the order in which they take effect."""

    network: tuple[AroundNetwork, ...] = ()  # the first is outermost
    input: tuple[BlockPatch, ...] = ()  # of each input block's output
    input_after_skip: tuple[BlockPatch, ...] = ()  # the same, but only on the way down: the way up gets it unchanged
    middle: tuple[BlockPatch, ...] = ()
    output: tuple[OutputPatch, ...] = ()
    around_self: tuple[AroundAttention, ...] = ()  # of each self attention
    between: tuple[TokenPatch, ...] = ()  # after each self attention, before the cross attention
    around_cross: tuple[AroundAttention, ...] = ()  # of each cross attention
    attention: tuple[AttentionPatch, ...] = ()  # the last that is for a transformer counts, or else for its block
    control: Control | None = None
    skipped: frozenset[tuple[str, int]] = frozenset()  # blocks of transformers, by their kind and number
    call: Call = NO_CALL

    def and_then(self, more: Patches) -> Patches:
        """These patches with more after them; of what there can be one of, the later one."""
        return Patches(
            network=self.network + more.network,
            input=self.input + more.input,
            input_after_skip=self.input_after_skip + more.input_after_skip,
            middle=self.middle + more.middle,
            output=self.output + more.output,
            around_self=self.around_self + more.around_self,
            between=self.between + more.between,
            around_cross=self.around_cross + more.around_cross,
            attention=self.attention + more.attention,
            control=self.control if more.control is None else more.control,
            skipped=self.skipped | more.skipped,
            call=self.call if more.call is NO_CALL else more.call,
        )

    @property
    def reach_inside(self) -> bool:
        """Whether any has its place within the network."""
        return any(getattr(self, each.name) for each in fields(self) if each.name not in {"network", "call"})

    def given(self, which: Which, given: Given, at: At) -> tuple[Given, list[Callable[[Tensor], Tensor]]]:
        """What an attention is given there, and what is done to its output."""
        then = []
        for around in self.around_self if which == "self" else self.around_cross:
            given = around(given, at)
            if given.then is not None:
                then.append(given.then)
                given = replace(given, then=None)
        return given, then

    def attend(self, which: Which, at: At) -> Attend | None:
        """The attention that takes the place of the network's own there."""
        here = [patch for patch in self.attention if patch.is_for(which, at)]
        here.sort(key=lambda patch: patch.transformer is not None)
        return here[-1].attend if here else None

    def at(self, stage: Stage, block: int, channels: int = 0) -> At:
        """A place in this call, of a network whose first level has so many channels."""
        return At(stage, block, call=self.call, channels=channels)


NO_PATCHES = Patches()


def patched(h: Tensor, patches: tuple[BlockPatch, ...], at: At) -> Tensor:
    """Features after some patches."""
    for patch in patches:
        h = patch(h, at)
    return h


def controlled(h: Tensor, residuals: tuple[Tensor | None, ...], index: int) -> Tensor:
    """Features with what a control network adds to those of that number; what does not fit is left out, and told."""
    residual = residuals[index] if index < len(residuals) else None
    if residual is None:
        return h
    sizes = zip(reversed(residual.shape), reversed(h.shape), strict=False)
    if any(added not in {1, size} for added, size in sizes):
        _tell_misfit(tuple(residual.shape), tuple(h.shape))
        return h
    return h + residual


@cache  # once for all steps
def _tell_misfit(added: tuple[int, ...], features: tuple[int, ...]) -> None:
    log.warning("a control network adds %s to features of %s, which does not fit: it is left out", added, features)
