"""Guidance: what a sampler is told for a noisy latent, made of what the network says of it.

A guider (`values.Guider`) asks the network (`batches.predictions`) and combines its answers. How it does so are options
of the model, since nodes such as RescaleCFG change the model. Their order is ComfyUI's:

    scale_at         what scale a call of the guider has
    around_guider    each call of the guider
      around         each evaluation of conditionings, those of other options included
      before         changes what the sides predict
      combine        makes one prediction of them
      after          changes it

Options are values. Those that remember something from call to call keep it in the run (`values.Sampling.memory`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from wftools.diffusion.patches import NO_PATCHES

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.diffusion.patches import Patches
    from wftools.values import Conditioning, Model, Pair, Sampling


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What a noisy latent is without noise, as each of some conditionings sees it."""

    model: Model
    branches: tuple[
        Conditioning | None, ...
    ]  # None is not asked: zeros; of a guider's, positive and negative come first
    x: Tensor  # the noisy latent, (B, C, …)
    sigma: Tensor  # ()
    sampling: Sampling
    patches: Patches = NO_PATCHES  # of these calls, after the model's own


class Evaluate(Protocol):
    """The answer to a question."""

    def __call__(self, question: Question, /) -> tuple[Tensor, ...]:
        """A latent without noise for each branch, of x's shape."""
        ...


class Around(Protocol):
    """A change of how conditionings are evaluated: of the question, of the answer, or in place of both."""

    def __call__(self, question: Question, /, evaluate: Evaluate) -> tuple[Tensor, ...]:
        """As `evaluate` gives it, which may be called any number of times."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What the network was asked in one call of a guider, and what it answered."""

    question: Question
    scale: float
    cond: Tensor  # the latent without noise, as the positive side sees it
    uncond: Tensor  # and as the negative side does; zeros where that was not asked

    @property
    def model(self) -> Model:
        """The model that was asked."""
        return self.question.model

    @property
    def x(self) -> Tensor:
        """The noisy latent, (B, C, …)."""
        return self.question.x

    @property
    def sigma(self) -> Tensor:
        """The deviation of its noise, ()."""
        return self.question.sigma

    @property
    def positive(self) -> Conditioning | None:
        """The conditioning of the one side."""
        return self.question.branches[0]

    @property
    def negative(self) -> Conditioning | None:
        """The conditioning of the other side, None where that was not asked."""
        return self.question.branches[1]


class Before(Protocol):
    """A change of the sides' predictions."""

    def __call__(self, asked: Asked, /) -> Asked:
        """The same with other predictions."""
        ...


class Combine(Protocol):
    """One latent of the two sides' predictions."""

    def __call__(self, asked: Asked, /) -> Tensor:
        """The latent without noise."""
        ...


class After(Protocol):
    """A change of what the sides' predictions were combined to."""

    def __call__(self, denoised: Tensor, asked: Asked, /) -> Tensor:
        """The changed latent without noise."""
        ...


class Guide(Protocol):
    """A call of a guider."""

    def __call__(self, x: Tensor, sigma: Tensor, /) -> Pair:
        """What it makes of a noisy latent; the side that it did not ask is zeros."""
        ...


class ScaleAt(Protocol):
    """A scale of guidance that differs from step to step."""

    def __call__(self, sigma: Tensor, /) -> float | None:
        """The scale at that sigma; None: as it was."""
        ...


class AroundGuider(Protocol):
    """A change of what samplers are told, or of whether the guider is asked at all."""

    def __call__(self, x: Tensor, sigma: Tensor, /, model: Model, sampling: Sampling, guide: Guide) -> Pair:
        """As `guide` gives it, which may be called any number of times; for the run of a model."""
        ...


class NoiseChange(Protocol):
    """A change of the noise that a run starts with."""

    def __call__(self, noise: Tensor, seed: int, /) -> Tensor:
        """Other noise of the same shape; `seed` is the run's."""
        ...


class MaskAt(Protocol):
    """A mask that differs from step to step."""

    def __call__(self, mask: Tensor, sigma: Tensor, sampling: Sampling, model: Model, /) -> Tensor:
        """What sampling may change at that sigma, of the mask's shape."""
        ...


@dataclass(frozen=True, slots=True)
class Guidance:
    """A model's options for guiders, each in the order in which they were added."""

    scale_at: tuple[ScaleAt, ...] = ()  # the last that says something counts
    around_guider: tuple[AroundGuider, ...] = ()  # the first is outermost
    around: tuple[Around, ...] = ()  # the first is outermost
    windows: Around | None = None  # around all of those
    before: tuple[Before, ...] = ()
    combine: Combine | None = None  # in place of the guider's own formula
    after: tuple[After, ...] = ()
    always_both: bool = False  # ask the negative side even where the scale makes it count for nothing
    mask_at: MaskAt | None = None  # None: the mask is the same throughout
    noise: NoiseChange | None = None

    def and_then(self, more: Guidance) -> Guidance:
        """These options with more after them; of what there can be one of, the later one."""
        return Guidance(
            scale_at=self.scale_at + more.scale_at,
            around_guider=self.around_guider + more.around_guider,
            around=self.around + more.around,
            windows=more.windows or self.windows,
            before=self.before + more.before,
            combine=more.combine or self.combine,
            after=self.after + more.after,
            always_both=self.always_both or more.always_both,
            mask_at=more.mask_at or self.mask_at,
            noise=more.noise or self.noise,
        )

    def scale(self, scale: float, sigma: Tensor) -> float:
        """The scale of a call at that sigma, by the last that says something of it, or else as the guider has it."""
        said = [own for scale_at in self.scale_at if (own := scale_at(sigma)) is not None]
        return said[-1] if said else scale
