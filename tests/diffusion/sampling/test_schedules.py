from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from wftools.diffusion.sampling import schedule, schedules
from wftools.diffusion.sampling.levels import ContinuousVLevels, DiscreteLevels, EdmLevels, FlowLevels, FluxLevels
from wftools.errors import RunError
from wftools.values import NoiseLevels

RECORDED = load_file(Path(__file__).parent.parent.parent / "data/diffusion/sigmas.safetensors")

LEVELS: dict[str, NoiseLevels] = {
    "discrete": DiscreteLevels(),
    "zsnr": DiscreteLevels(zero_terminal_snr=True),
    "edm": EdmLevels(),
    "contv": ContinuousVLevels(),
    "flow3": FlowLevels(shift=3.0),
    "flux": FluxLevels(),
}

# Relative. float32 holds 1.2e-7, which is also the largest difference that was seen.
TOLERANCE = 1e-6

TABULATED = [name for name in RECORDED if not name.startswith("table.")]


@pytest.mark.parametrize("name", TABULATED)
def test_a_schedule_has_comfyui_s_sigmas(name: str) -> None:
    kind, schedule_name, steps = name.split(".")

    sigmas = schedule(schedule_name)(LEVELS[kind], int(steps))

    torch.testing.assert_close(sigmas, RECORDED[name], rtol=TOLERANCE, atol=0.0)


@pytest.mark.parametrize("kind", ["discrete", "zsnr"])
def test_the_table_is_comfyui_s(kind: str) -> None:
    torch.testing.assert_close(LEVELS[kind].sigmas, RECORDED[f"table.{kind}"], rtol=TOLERANCE, atol=0.0)


@pytest.mark.parametrize("kind", LEVELS)
def test_tables_ascend(kind: str) -> None:
    assert (LEVELS[kind].sigmas.diff() > 0).all()


@pytest.mark.parametrize("kind", ["discrete", "zsnr", "edm", "contv"])
def test_the_sigma_of_a_sigma_s_timestep_is_that_sigma(kind: str) -> None:
    levels = LEVELS[kind]
    sigmas = levels.sigmas[::50]

    torch.testing.assert_close(levels.sigma(levels.timestep(sigmas)), sigmas, rtol=1e-4, atol=0.0)


@pytest.mark.parametrize("kind", LEVELS)
def test_the_way_from_noise_to_picture_goes_downwards(kind: str) -> None:
    way = [LEVELS[kind].at_percent(percent / 10) for percent in range(11)]

    assert way == sorted(way, reverse=True)
    assert way[0] >= LEVELS[kind].sigmas[-1]
    assert way[-1] == 0


@pytest.mark.parametrize("kind", ["discrete", "zsnr"])
def test_half_the_way_is_in_the_middle_of_the_table(kind: str) -> None:
    """Sigma((1 - 0.5) * 999), between entries 499 and 500."""
    levels = LEVELS[kind]

    assert levels.sigmas[499] < levels.at_percent(0.5) < levels.sigmas[500]


def test_a_schedule_that_is_not_defined_for_one_step_gives_no_number() -> None:
    """ComfyUI goes on with that, to a latent without numbers."""
    assert schedule("kl_optimal")(DiscreteLevels(), 1).isnan().tolist() == [True, False]


@pytest.mark.parametrize(("a", "b"), [(0.0, 0.6), (0.6, 0.0)])
def test_a_beta_distribution_has_parameters_above_zero(a: float, b: float) -> None:
    with pytest.raises(RunError, match="no beta distribution"):
        schedules.beta(DiscreteLevels(), 4, a, b)


@pytest.mark.parametrize("steps", [1, 2, 7, 20])
def test_where_the_table_starts_at_zero_every_nth_entry_ends_there(steps: int) -> None:
    """ComfyUI counts one step more then, starts from the second entry and adds no zero."""
    levels = FlowLevels(shift=0.001)
    stride = 1000 // (steps + 1)

    sigmas = schedule("ddim_uniform")(levels, steps)

    assert torch.equal(sigmas, levels.sigmas[range(1, 1000, stride)].flip(0))


@pytest.mark.parametrize("steps", [2, 3, 9, 40])
def test_linear_quadratic_goes_on_smoothly_where_the_parabola_begins(steps: int) -> None:
    sigmas = schedule("linear_quadratic")(FlowLevels(), steps).double()
    linear = steps // 2

    assert sigmas[linear].item() == pytest.approx(0.975)
    assert sigmas[-1] == 0
    bends = sigmas.diff().diff()
    torch.testing.assert_close(bends[: linear - 1], torch.zeros(linear - 1).double(), rtol=0.0, atol=1e-6)
    after = bends[linear:]
    torch.testing.assert_close(after, after[:1].expand_as(after), rtol=0.0, atol=1e-6)
    if len(after):  # half a bend at the seam, where the slope is the line's
        assert bends[linear - 1].item() == pytest.approx(after[0].item() / 2, abs=1e-6)
