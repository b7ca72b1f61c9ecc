"""Steps of sampling that are not computed, since their outcome is about what came before: EasyCache and LazyCache.

Zhou et al. 2025, "Less is Enough: Training-Free Video Diffusion Acceleration via Runtime-Adaptive Caching". How much
the output changes with the input is measured at each step that is computed. As long as the changes that this predicts
add up to less than a threshold, the output is the input plus the difference that there was last. ComfyUI's LazyCache
does so with what the guider tells, EasyCache with each call of the network.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import torch

from wftools.diffusion.guidance import Evaluate, Guidance, Guide, Question
from wftools.diffusion.patches import Call, Patches

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from wftools.values import Model, Pair, Sampling

EVERY: Final = 8  # cells along a side: of so many one is compared

log = logging.getLogger(__name__)


def easy_cache(
    model: Model, threshold: float, start_percent: float, end_percent: float, *, is_verbose: bool = False
) -> Model:
    """Calls of the network that are left out, from one percent of sampling to another.

    The first cond that is asked about decides for all of its step.
    """
    cache = _EasyCache(threshold, start_percent, end_percent, is_verbose)
    return model.with_guidance(Guidance(around=(cache.around_step,))).with_patches(
        Patches(network=(cache.around_network,))
    )


def lazy_cache(
    model: Model, threshold: float, start_percent: float, end_percent: float, *, is_verbose: bool = False
) -> Model:
    """Steps at which the guider is not asked, from one percent of sampling to another."""
    return model.with_guidance(Guidance(around_guider=(_LazyCache(threshold, start_percent, end_percent, is_verbose),)))


@dataclass(slots=True, eq=False)
class _Changes:
    """How input and output changed so far in a run."""

    first_sigma: float  # above it nothing is left out
    last_sigma: float  # nor from here on
    rate: Tensor | float | None = None  # the change of the output by that of the input
    predicted: Tensor | float = 0.0  # changes of the output since it was last computed, as a share of it
    x: Tensor | None = None  # both as they were last, of every eighth cell
    output: Tensor | None = None
    size: Tensor | None = None  # of the output: the mean of its absolute values
    form: tuple[object, ...] | None = None  # what has to be the same all the time

    def of_input(self, x: Tensor) -> Tensor | None:
        """How much it has changed; None if there was none before."""
        return None if self.x is None else (x - self.x).abs().mean()

    def stay_below(self, threshold: float, change: Tensor | None, *, may: bool = True) -> bool:
        """Whether the output, after that change of the input, is still about the last one; if not, count anew."""
        if change is None or self.size is None or self.rate is None:
            return False
        self.predicted = self.predicted + self.rate * change / self.size
        if self.predicted < threshold and may:
            return True
        self.predicted = 0.0
        return False

    def note(self, x: Tensor, output: Tensor, size: Tensor, change: Tensor | None) -> None:
        """Take up what was computed after that change of the input."""
        if self.output is not None and change is not None:
            self.rate = (output - self.output).abs().mean() / change
        self.x, self.output, self.size = x.clone(), output.clone(), size

    def forget_other_forms(self, x: Tensor, form: tuple[object, ...]) -> bool:
        """Begin anew if x is of another form than before; outputs are then taken not to change, as in ComfyUI."""
        form = (x.device, x.dtype, *form)
        is_other = self.form not in {None, form}
        if is_other:
            log.warning("the shape of what is sampled has changed: what was remembered of earlier steps is forgotten")
            self.rate, self.predicted, self.x, self.output, self.size = 0.0, 0.0, None, None, None
        self.form = None if is_other else form
        return is_other


def _nothing_yet(model: Model, *percents: float) -> _Changes:
    first, last = (model.parametrisation.levels.at_percent(percent) for percent in percents)
    return _Changes(first, last)


@dataclass(frozen=True, slots=True, eq=False)
class _LazyCache:
    threshold: float
    start_percent: float
    end_percent: float
    is_verbose: bool

    def __call__(self, x: Tensor, sigma: Tensor, /, model: Model, sampling: Sampling, guide: Guide) -> Pair:
        if self not in sampling.memory:
            sampling.memory[self] = _Steps(_nothing_yet(model, self.start_percent, self.end_percent))
        steps: _Steps = sampling.memory[self]
        changes, sampled, change = steps.changes, _sampled(x), None
        if sigma <= changes.last_sigma:
            return guide(x, sigma)
        if sigma <= changes.first_sigma:
            changes.forget_other_forms(x, tuple(x.shape))
            change = changes.of_input(sampled)
            if steps.last is not None and changes.stay_below(self.threshold, change):
                if self.is_verbose:
                    log.info("LazyCache leaves out the step at sigma %.4g", sigma)
                return replace(steps.last, denoised=x + steps.difference)
        pair = guide(x, sigma)
        changes.note(sampled, _sampled(pair.denoised), pair.denoised.abs().mean(), change)
        steps.last, steps.difference = pair, pair.denoised - x
        return pair


@dataclass(slots=True, eq=False)
class _Steps:
    """What LazyCache remembers."""

    changes: _Changes
    last: Pair | None = None  # what the guider told last
    difference: Tensor | float = 0.0  # by which that was other than x


@dataclass(frozen=True, slots=True, eq=False)
class _EasyCache:
    threshold: float
    start_percent: float
    end_percent: float
    is_verbose: bool

    def around_step(self, question: Question, /, evaluate: Evaluate) -> tuple[Tensor, ...]:
        """Every step is decided about anew."""
        memory = question.sampling.memory
        if self not in memory:
            memory[self] = _Calls(_nothing_yet(question.model, self.start_percent, self.end_percent))
        memory[self].leaves_out = False
        return evaluate(question)

    def around_network(self, x: Tensor, /, call: Call, network: Callable[[Tensor], Tensor]) -> Tensor:
        """The network's output, or its input with what was added to it last for the same conds."""
        calls: _Calls | None = None if call.sampling is None else call.sampling.memory.get(self)
        if calls is None or call.sigma[0] <= calls.changes.last_sigma:
            return network(x)
        changes, change = calls.changes, None
        if call.sigma[0] <= changes.first_sigma:
            if changes.forget_other_forms(x, tuple(x.shape[1:])):
                calls.first, calls.leaves_out = None, False
                calls.differences.clear()
            is_known = all(cond in calls.differences for cond in call.conds)
            if calls.leaves_out and is_known:
                return calls.guessed(x, call.conds)
            if calls.first is None:
                calls.first = call.conds[0]
            if calls.first in call.conds:
                change = changes.of_input(calls.of_first(x, call.conds))
                calls.leaves_out = changes.stay_below(self.threshold, change, may=is_known)
                if calls.leaves_out:
                    if self.is_verbose:
                        log.info("EasyCache leaves out the step at sigma %.4g", call.sigma[0])
                    return calls.guessed(x, call.conds)
        output = network(x)
        differences = (output - x).chunk(len(call.conds))
        calls.differences.update(zip(call.conds, differences, strict=True))
        if calls.first in call.conds:
            changes.note(calls.of_first(x, call.conds), calls.of_first(output, call.conds), output.abs().mean(), change)
        return output


@dataclass(slots=True, eq=False)
class _Calls:
    """What EasyCache remembers."""

    changes: _Changes
    first: object | None = None  # the cond that decides
    leaves_out: bool = False  # in this step
    differences: dict[object, Tensor] = field(default_factory=dict)  # by which outputs were other than inputs, by cond

    def of_first(self, x: Tensor, conds: tuple[object, ...]) -> Tensor:
        """The part of a batch that is about the cond that decides, of every eighth cell."""
        return _sampled(x.chunk(len(conds))[conds.index(self.first)])

    def guessed(self, x: Tensor, conds: tuple[object, ...]) -> Tensor:
        """The output for a batch, as it would be if it differed from x as it did last."""
        parts = zip(x.chunk(len(conds)), conds, strict=True)
        return torch.cat([part + self.differences[cond] for part, cond in parts])


def _sampled(x: Tensor) -> Tensor:
    return x[..., ::EVERY, ::EVERY]
