from dataclasses import dataclass, replace

import pytest
import torch
from torch import Tensor

from tests.seeded_models import encoded
from wftools.context import Context
from wftools.diffusion.families import sd1
from wftools.diffusion.guidance.cfg import Cfg
from wftools.diffusion.latents import ScaledLatents, fitted
from wftools.diffusion.sampling import FOLLOWING, NONE, Solver, sampler
from wftools.diffusion.sampling import run as run_module
from wftools.diffusion.sampling.lcm import lcm_upscale
from wftools.diffusion.sampling.mask import fitted_mask
from wftools.diffusion.sampling.noise import InitialNoise, generator, initial_noise, stepwise_noise
from wftools.diffusion.sampling.run import (
    Sampled,
    integrate,
    last_sigmas,
    noised,
    sample,
    sample_along,
    sample_section,
    sigmas_of,
)
from wftools.diffusion.sampling.step import Noise, Step, Steps
from wftools.errors import RunError
from wftools.values import Clip, Conditioning, Denoise, Latent, Model, Sampling, Vae
from wftools.weights.families import LatentForm

NO_RUN = Sampling(torch.zeros(0), torch.zeros(0))


@dataclass(frozen=True)
class Run:
    """A short run of the small model."""

    model: Model
    cond: Conditioning
    context: Context

    def __call__(self, latent: Latent, seed: int = 1, denoise: float = 1.0, cfg: float = 1.0, steps: int = 2) -> Latent:
        return sample(
            self.model,
            self.cond,
            self.cond,
            latent,
            seed=seed,
            steps=steps,
            cfg=cfg,
            sampler_name="euler",
            schedule_name="normal",
            denoise=denoise,
            context=self.context,
        )


@pytest.fixture
def run(mini_sd15: tuple[Model, Clip, Vae], context: Context) -> Run:
    return Run(mini_sd15[0], encoded(mini_sd15[1], "a cat"), context)


def some_latent() -> Tensor:
    return torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(3))


# Noise


def test_noise_is_one_draw_of_the_whole_batch() -> None:
    latent = torch.zeros(2, 4, 9, 9)

    torch.manual_seed(5)
    assert torch.equal(initial_noise(latent, generator(5)), torch.randn(latent.shape))


def test_a_sample_can_be_drawn_again_by_its_index() -> None:
    """One draw a sample, of which the wanted ones are taken."""
    torch.manual_seed(5)
    one_by_one = torch.cat([torch.randn(1, 4, 9, 9) for _ in range(4)])

    noise = initial_noise(torch.zeros(3, 4, 9, 9), generator(5), (3, 1, 3))

    assert torch.equal(noise, one_by_one[[3, 1, 3]])


@pytest.mark.parametrize("seed", [0, 2**63, 2**64 - 1])
def test_seeds_have_64_bits(seed: int) -> None:
    latent = torch.zeros(1, 4, 2, 2)

    noise = initial_noise(latent, generator(seed))

    torch.manual_seed(seed)
    assert torch.equal(noise, torch.randn(latent.shape))
    assert stepwise_noise(latent, seed)(torch.ones(()), torch.ones(())).shape == latent.shape


def test_stepwise_noise_comes_from_the_seed_that_follows() -> None:
    latent = torch.zeros(1, 4, 2, 2)

    noise = stepwise_noise(latent, 7)
    drawn = [noise(torch.ones(()), torch.zeros(())) for _ in range(2)]

    torch.manual_seed(8)
    assert torch.equal(torch.stack(drawn), torch.stack([torch.randn(latent.shape) for _ in range(2)]))


# Sigmas


@pytest.mark.parametrize(
    ("steps", "denoise", "full_steps"),
    [(8, 1.0, 8), (8, 0.99995, 8), (8, 0.5, 16), (6, 0.8, 7), (8, 0.55, 14)],
)
def test_with_denoise_the_end_of_a_longer_run_is_run(steps: int, denoise: float, full_steps: int) -> None:
    sigmas = sigmas_of(sd1.EPS.levels, "karras", "euler", steps, denoise)

    whole = sigmas_of(sd1.EPS.levels, "karras", "euler", full_steps, 1.0)
    assert torch.equal(sigmas, whole[-(steps + 1) :])


def test_samplers_that_look_between_sigmas_skip_the_last_but_one() -> None:
    sigmas = sigmas_of(sd1.EPS.levels, "normal", "dpm_2", 4, 1.0)

    whole = sigmas_of(sd1.EPS.levels, "normal", "euler", 5, 1.0)
    assert torch.equal(sigmas, whole[[0, 1, 2, 3, 5]])


@pytest.mark.parametrize("denoise", [1e-9, 5e-324, float("nan")])
def test_a_run_without_end_is_refused(denoise: float) -> None:
    """Its sigmas would take all memory, if there is such a number of them at all."""
    levels = sd1.EPS.levels

    with pytest.raises(RunError, match="the 8 steps are the last of"):
        sigmas_of(levels, "karras", "euler", 8, denoise)
    with pytest.raises(RunError, match="the 8 steps are the last of"):
        last_sigmas(levels, "karras", 8, denoise)


# Start


def test_a_run_from_the_highest_sigma_starts_from_noise_of_the_whole_deviation() -> None:
    parametrisation = sd1.EPS
    highest = parametrisation.levels.sigmas[-1]
    latent, noise = torch.ones(1, 1, 1, 1), torch.ones(1, 1, 1, 1)

    full = parametrisation.start(latent, noise, highest)
    partial = parametrisation.start(latent, noise, highest * 0.99)

    assert full.item() == pytest.approx(1 + (highest.item() ** 2 + 1) ** 0.5)
    assert partial.item() == pytest.approx(1 + highest.item() * 0.99)


# Runs


def test_without_denoise_the_latent_stays_as_it_is(run: Run) -> None:
    latent = some_latent()

    assert torch.equal(run(Latent(latent), denoise=0.0).samples, latent)


def test_a_result_is_no_empty_latent_but_keeps_what_goes_with_it(run: Run) -> None:
    mask = torch.ones(1, 64, 64)

    result = run(Latent(torch.zeros(1, 4, 8, 8), noise_mask=mask, batch_index=(0,), downscale_ratio_spacial=8))

    assert result.noise_mask is mask
    assert result.batch_index == (0,)
    assert result.downscale_ratio_spacial is None


def test_a_run_leaves_its_latent_and_torch_s_own_generator_alone(run: Run) -> None:
    latent = Latent(some_latent(), noise_mask=torch.ones(1, 64, 64))
    state = torch.get_rng_state()

    run(latent)

    assert torch.equal(latent.samples, some_latent())
    assert torch.equal(torch.get_rng_state(), state)


def test_outside_its_mask_a_latent_stays_as_it_is(run: Run) -> None:
    mask = torch.zeros(1, 64, 64)
    mask[:, :, 32:] = 1.0

    samples = run(Latent(some_latent(), noise_mask=mask)).samples

    torch.testing.assert_close(samples[..., :3], some_latent()[..., :3], rtol=1e-5, atol=1e-5)
    assert (samples[..., 5:] - some_latent()[..., 5:]).abs().mean() > 0.1


def test_progress_is_told_step_by_step(mini_sd15: tuple[Model, Clip, Vae], context: Context) -> None:
    seen: list[tuple[int, int]] = []
    reporting = replace(context, report=lambda done, total: seen.append((done, total)))

    Run(mini_sd15[0], encoded(mini_sd15[1], ""), reporting)(Latent(some_latent()), steps=3)

    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_progress_counts_a_sampler_s_own_steps(
    mini_sd15: tuple[Model, Clip, Vae], context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that knows how many it makes, and then makes one more."""

    def three_steps(denoise: Denoise, x: Tensor, sigmas: Tensor, noise: Noise, **_options: object) -> Steps:
        for index in range(3):
            yield Step(index, sigmas[0], x, x, total=2)
        return x

    seen: list[tuple[int, int]] = []
    reporting = replace(context, report=lambda done, total: seen.append((done, total)))
    monkeypatch.setattr(run_module, "sampler", lambda _name: Solver(three_steps, NONE))

    Run(mini_sd15[0], encoded(mini_sd15[1], ""), reporting)(Latent(some_latent()), steps=8)

    assert seen == [(1, 2), (2, 2), (3, 3)]


def test_a_cancelled_run_stops(mini_sd15: tuple[Model, Clip, Vae], context: Context) -> None:
    cancelled = replace(context, cancelled=lambda: True)

    with pytest.raises(KeyboardInterrupt):
        Run(mini_sd15[0], encoded(mini_sd15[1], ""), cancelled)(Latent(some_latent()))


@pytest.mark.parametrize("samples", [torch.ones(1, 16, 8, 8), torch.zeros(1, 4, 3, 8, 8)])
def test_a_latent_of_another_kind_is_refused(run: Run, samples: Tensor) -> None:
    with pytest.raises(RunError, match="the model needs 4 channels"):
        run(Latent(samples))


def test_an_empty_latent_of_another_kind_is_taken_as_one_of_the_model_s(run: Run) -> None:
    result = run(Latent(torch.zeros(1, 16, 4, 5), downscale_ratio_spacial=16))

    assert torch.equal(result.samples, run(Latent(torch.zeros(1, 4, 8, 10))).samples)


@pytest.mark.parametrize(
    ("shape", "ratio", "wanted", "expected"),
    [
        ((2, 16, 8, 8), None, LatentForm(4, 8), (2, 4, 8, 8)),
        ((1, 4, 8, 8), 8, LatentForm(4, 8), (1, 4, 8, 8)),
        ((1, 128, 4, 5), 16, LatentForm(4, 8), (1, 4, 8, 10)),
        ((1, 4, 8, 12), 8, LatentForm(128, 16), (1, 128, 4, 6)),
        ((1, 4, 8, 12), 8, LatentForm(16, 8, dimensions=3), (1, 16, 1, 8, 12)),
        ((1, 4, 5, 8, 12), 8, LatentForm(16, 4, dimensions=3), (1, 16, 5, 16, 24)),
    ],
)
def test_an_empty_latent_keeps_its_size_in_pixels(
    shape: tuple[int, ...], ratio: int | None, wanted: LatentForm, expected: tuple[int, ...]
) -> None:
    latent = Latent(torch.zeros(shape), downscale_ratio_spacial=ratio)

    assert fitted(latent, ScaledLatents(wanted)).samples.shape == expected


@pytest.mark.parametrize(
    ("mask_shape", "latent_shape"),
    [
        ((1, 16, 16), (1, 4, 8, 8)),
        ((2, 1, 16, 16), (3, 4, 8, 8)),
        ((5, 16, 16), (2, 4, 3, 7)),
        ((16, 16), (1, 4, 8, 8)),
        ((16, 16), (2, 4, 3, 8, 8)),
        ((5, 16, 16), (1, 4, 3, 8, 8)),
    ],
)
def test_a_mask_is_fitted_to_the_latent(mask_shape: tuple[int, ...], latent_shape: tuple[int, ...]) -> None:
    assert fitted_mask(torch.ones(mask_shape), torch.zeros(latent_shape)).shape == latent_shape


# Sections, and runs along sigmas of one's own


@dataclass(frozen=True)
class Section:
    """A part of a run of four steps."""

    run: Run

    def __call__(
        self, latent: Latent, start: int, end: int, *, leaves_noise: bool = False, is_empty: bool = False
    ) -> Latent:
        return sample_section(
            self.run.model,
            self.run.cond,
            self.run.cond,
            latent,
            noise=InitialNoise(1, is_empty=is_empty),
            steps=4,
            cfg=1.0,
            sampler_name="euler",
            schedule_name="normal",
            start=start,
            end=end,
            leaves_noise=leaves_noise,
            context=self.run.context,
        )


def test_two_sections_are_the_whole_run(run: Run) -> None:
    section = Section(run)
    whole = run(Latent(some_latent()), steps=4)

    first = section(Latent(some_latent()), 0, 2, leaves_noise=True)
    second = section(first, 2, 10_000, is_empty=True)

    torch.testing.assert_close(second.samples, whole.samples, rtol=1e-4, atol=1e-4)


def test_a_section_that_leaves_no_noise_goes_from_its_last_sigma_to_zero(run: Run) -> None:
    section = Section(run)

    assert not torch.equal(
        section(Latent(some_latent()), 0, 2).samples, section(Latent(some_latent()), 0, 2, leaves_noise=True).samples
    )


@pytest.mark.parametrize(("start", "end"), [(0, 0), (3, 2), (2, 2), (4, 10_000), (9, 9)])
def test_a_section_without_a_step_leaves_the_latent(run: Run, start: int, end: int) -> None:
    result = Section(run)(Latent(some_latent(), downscale_ratio_spacial=8), start, end)

    assert torch.equal(result.samples, some_latent())
    assert result.downscale_ratio_spacial is None


def along(run: Run, sigmas: Tensor, latent: Latent, *, is_empty: bool = False, name: str = "euler") -> Sampled:
    guider = Cfg(run.model, run.cond, run.cond, 1.0)
    return sample_along(sigmas, guider, sampler(name), InitialNoise(1, is_empty=is_empty), latent, context=run.context)


def test_what_the_last_step_made_of_the_latent_is_told_beside_where_it_led(run: Run) -> None:
    finished = along(run, torch.tensor([5.0, 1.0, 0.0]), Latent(some_latent(), downscale_ratio_spacial=8))
    stopped = along(run, torch.tensor([5.0, 1.0]), Latent(some_latent()))

    torch.testing.assert_close(finished.denoised.samples, finished.output.samples, rtol=1e-4, atol=1e-4)
    assert (stopped.denoised.samples - stopped.output.samples).std() > 0.1
    assert (finished.output.downscale_ratio_spacial, finished.denoised.downscale_ratio_spacial) == (None, 8)


@pytest.mark.parametrize("name", ["euler", "dpmpp_sde", "dpm_fast", "dpm_adaptive", "uni_pc", "sa_solver", "lcm"])
def test_one_sigma_is_where_a_run_starts_and_ends(run: Run, name: str) -> None:
    sampled = along(run, torch.tensor([2.0]), Latent(some_latent()), name=name)

    noise = initial_noise(some_latent(), generator(1))
    torch.testing.assert_close(sampled.output.samples, some_latent() + noise * 2.0 / 0.18215, rtol=1e-4, atol=1e-4)
    assert sampled.denoised is sampled.output


def test_without_sigmas_nothing_is_done(run: Run) -> None:
    sampled = along(run, torch.zeros(0), Latent(some_latent()))

    assert torch.equal(sampled.output.samples, some_latent())


def test_brownian_noise_is_for_sigmas_above_zero(run: Run) -> None:
    with pytest.raises(RunError, match="above 0"):
        along(run, torch.zeros(2), Latent(some_latent()), name="dpmpp_sde")


def test_a_batch_of_nothing_is_refused(run: Run) -> None:
    with pytest.raises(RunError, match="holds no picture"):
        run(Latent(torch.zeros(0, 4, 8, 8)))


def test_ddim_holds_what_is_masked_to_other_noise_than_euler(run: Run) -> None:
    """On the way, where the mask's edge takes part; the latent outside of it stays as it is with both."""
    mask = torch.zeros(1, 64, 64)
    mask[:, :, 32:] = 1.0
    sigmas = torch.tensor([5.0, 1.0, 0.0])

    euler, ddim = (along(run, sigmas, Latent(some_latent(), mask), name=name).output for name in ("euler", "ddim"))

    assert (euler.samples - ddim.samples)[..., 5:].abs().max() > 1e-3
    torch.testing.assert_close(euler.samples[..., :3], ddim.samples[..., :3], rtol=1e-5, atol=1e-5)


def test_noise_is_added_of_as_much_as_lies_between_two_sigmas(run: Run) -> None:
    noise = initial_noise(some_latent(), generator(1))

    several, one, none = (
        noised(run.model, Latent(some_latent()), InitialNoise(1), torch.tensor(sigmas)).samples
        for sigmas in ([5.0, 4.0, 2.0], [3.0], [])
    )

    torch.testing.assert_close(several, one)
    torch.testing.assert_close(one, some_latent() + noise * 3.0 / 0.18215)
    assert torch.equal(none, some_latent())


def enlarged(run: Run, latent: Latent, seen: list[Step], steps: int | None) -> Tensor:
    options = {"total_upscale": 1.5, "upscale_steps": steps, "upscale_method": "bilinear"}
    return integrate(
        Cfg(run.model, run.cond, run.cond, 1.0),
        Solver(lcm_upscale, FOLLOWING, options),
        sigmas=torch.tensor([5.0, 2.0, 1.0, 0.0]),
        latent=latent,
        noise=initial_noise(latent.samples, generator(1)),
        seed=1,
        report=seen.append,
    )


@pytest.mark.parametrize(
    ("steps", "sides"), [(0, [8, 8, 8, 8]), (1, [8, 12, 12, 12]), (2, [8, 10, 12, 12]), (None, [8, 10, 12, 12])]
)
def test_a_sampler_may_enlarge_the_latent_on_its_first_steps(run: Run, steps: int | None, sides: list[int]) -> None:
    """None: on about half of them."""
    seen: list[Step] = []

    samples = enlarged(run, Latent(some_latent()), seen, steps)

    assert [*(step.x.shape[-1] for step in seen), samples.shape[-1]] == sides


def test_what_is_enlarged_cannot_be_held_to_a_mask(run: Run) -> None:
    with pytest.raises(RunError, match="this sampler makes the latent larger"):
        enlarged(run, Latent(some_latent(), torch.ones(1, 64, 64)), [], 1)
