"""Which steps are left out, and what is told of them; recorded runs hold it against ComfyUI."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
import torch
from torch import Tensor

from wftools.diffusion.caching import easy_cache, lazy_cache
from wftools.diffusion.guidance import Guidance
from wftools.diffusion.guidance.cfg import Cfg
from wftools.diffusion.patches import NO_PATCHES, Patches
from wftools.diffusion.sampling.levels import DiscreteLevels
from wftools.diffusion.sampling.parametrise import Eps
from wftools.values import Cond, Model, NetworkInputs, Sampling

if TYPE_CHECKING:
    from collections.abc import Callable

SHAPE = (1, 4, 16, 16)
SIGMAS = (14.0, 6.0, 3.0, 1.5, 0.7, 0.3, 0.1)


@dataclass(frozen=True)
class Halving:
    """A model whose network gives half of its input, and counts how often it is asked."""

    parametrisation: Eps = field(default_factory=lambda: Eps(DiscreteLevels()))
    guidance: Guidance = field(default_factory=Guidance)
    patches: Patches = NO_PATCHES
    calls: list[int] = field(default_factory=list)
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    def memory_of(self, _x: Tensor) -> int:
        return 0

    def inputs(self, cond: Cond, _latent: Tensor, _sampling: Sampling) -> NetworkInputs:
        return NetworkInputs({"context": cond.tensor})

    def denoised(self, x: Tensor, _sigma: Tensor, inputs: NetworkInputs, patches: Patches = NO_PATCHES) -> Tensor:
        def network(x: Tensor) -> Tensor:
            self.calls.append(len(x))
            return x / 2 + inputs.tensors["context"].mean(dim=(1, 2))[:, None, None, None]

        if not self.patches.network:
            return network(x)
        (around,) = self.patches.network
        return around(x, call=patches.call, network=network)

    def with_guidance(self, more: Guidance) -> Halving:
        return replace(self, guidance=self.guidance.and_then(more))

    def with_patches(self, more: Patches) -> Halving:
        return replace(self, patches=self.patches.and_then(more))


def text(value: float) -> tuple[Cond, ...]:
    return (Cond(torch.full((1, 3, 2), value)),)


def told(technique: Callable[[Model], Model], sigmas: tuple[float, ...] = SIGMAS) -> tuple[list[Tensor], int]:
    """What a guider tells along some sigmas of a latent that hardly changes, and how often the network was asked."""
    model = Halving()
    x = torch.randn(SHAPE, generator=torch.Generator().manual_seed(0))
    guider = Cfg(technique(model), text(1.0), text(-1.0), 3.0).during(Sampling(x, x))  # type: ignore[arg-type]
    answers = [guider(x * (1 + index / 100), torch.tensor(sigma)) for index, sigma in enumerate(sigmas)]
    return answers, len(model.calls)


CACHES = {"easy": easy_cache, "lazy": lazy_cache}


@pytest.mark.parametrize("cache", CACHES.values(), ids=CACHES)
def test_steps_that_change_little_are_left_out_and_told_as_the_last_one_was(cache: Callable[..., Model]) -> None:
    plain, every = told(lambda model: model)

    answers, asked = told(lambda model: cache(model, 3.0, 0.0, 1.0))

    # The rate of change is known after the second step, from the third on nothing is computed.
    assert (asked, every) == (2, 7)
    for index, (answer, expected) in enumerate(zip(answers, plain, strict=True)):
        torch.testing.assert_close(answer, expected, atol=0.05 * max(index - 1, 1e-3), rtol=0.0)
    assert not torch.equal(answers[-1], plain[-1])


@pytest.mark.parametrize("cache", CACHES.values(), ids=CACHES)
@pytest.mark.parametrize(("percents", "asked"), [((0.0, 1.0), 7), ((1.0, 1.0), 7), ((0.0, 0.0), 7)])
def test_without_a_threshold_or_a_range_every_step_is_computed(
    cache: Callable[..., Model], percents: tuple[float, float], asked: int
) -> None:
    plain, _ = told(lambda model: model)
    threshold = 0.0 if percents == (0.0, 1.0) else 3.0

    answers, count = told(lambda model: cache(model, threshold, *percents))

    assert count == asked
    assert all(torch.equal(*pair) for pair in zip(answers, plain, strict=True))


@pytest.mark.parametrize(("cache", "threshold"), [(easy_cache, 0.025), (lazy_cache, 0.005)])
def test_changes_that_add_up_are_computed_again(cache: Callable[..., Model], threshold: float) -> None:
    """Each step changes the input by about a hundredth, the network's output as much, and what is told less."""
    _, asked = told(lambda model: cache(model, threshold, 0.0, 1.0))

    assert 2 < asked < 7


@pytest.mark.parametrize("cache", CACHES.values(), ids=CACHES)
def test_another_run_begins_anew(cache: Callable[..., Model]) -> None:
    model = Halving()
    cached = cache(model, 3.0, 0.0, 1.0)
    x = torch.ones(SHAPE)

    for _ in range(2):
        guider = Cfg(cached, text(1.0), text(-1.0), 3.0).during(Sampling(x, x))
        for sigma in SIGMAS:
            guider(x, torch.tensor(sigma))

    assert len(model.calls) % 2 == 0
    assert model.calls[: len(model.calls) // 2] == model.calls[len(model.calls) // 2 :]


@pytest.mark.parametrize("cache", CACHES.values(), ids=CACHES)
def test_left_out_steps_are_told_of_if_wanted(cache: Callable[..., Model], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        told(lambda model: cache(model, 3.0, 0.0, 1.0, is_verbose=True))

    assert "leaves out the step at sigma 0.1" in caplog.text


def test_both_sides_are_told_whether_the_step_was_computed_or_not() -> None:
    x = torch.ones(SHAPE)
    guider = Cfg(lazy_cache(Halving(), 3.0, 0.0, 1.0), text(1.0), text(-1.0), 3.0)  # type: ignore[arg-type]
    in_run = guider.during(Sampling(x, x))

    pairs = [in_run.pair(x * (1 + index / 100), torch.tensor(sigma)) for index, sigma in enumerate(SIGMAS)]

    assert torch.equal(pairs[-1].uncond, pairs[1].uncond)
    assert not torch.equal(pairs[-1].denoised, pairs[1].denoised)
