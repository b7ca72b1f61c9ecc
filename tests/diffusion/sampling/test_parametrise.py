"""What networks predict: from the right prediction, the latent comes out."""

import pytest
import torch
from torch import Tensor

from wftools.diffusion.latents import ScaledLatents
from wftools.diffusion.sampling.choices import PLAYGROUND, continuous_edm, continuous_v, discrete, with_noise_scale
from wftools.diffusion.sampling.levels import (
    CascadeLevels,
    CosmosLevels,
    DiscreteLevels,
    DistilledLevels,
    EdmLevels,
    FlowLevels,
    FluxLevels,
    flux_levels,
)
from wftools.diffusion.sampling.parametrise import X0, CosmosFlow, Edm, Eps, Flow, ImgToImg, ImgToImgFlow, Lcm, Velocity
from wftools.errors import RunError
from wftools.values import Model, NoiseLevels, Parametrisation

LATENT, NOISE = torch.randn(2, 2, 4, 3, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
SIGMA = torch.tensor([0.3, 0.7], dtype=torch.float64)
BESIDE = SIGMA.reshape(2, 1, 1, 1)


def velocity(deviation: float) -> Tensor:
    """The change of a circle from latent to noise, by the angle: Salimans and Ho 2022."""
    change: Tensor = (deviation**2 * NOISE - BESIDE * LATENT) / (deviation * (BESIDE**2 + deviation**2) ** 0.5)
    return change


@pytest.mark.parametrize(
    ("parametrisation", "prediction"),
    [
        (Eps(DiscreteLevels()), NOISE),
        (Velocity(DiscreteLevels()), velocity(1.0)),
        (Edm(EdmLevels()), -velocity(0.5)),
        (X0(DiscreteLevels()), LATENT),
        (ImgToImg(DiscreteLevels()), LATENT),
        (CosmosFlow(CosmosLevels()), NOISE - LATENT),
        (Flow(FlowLevels()), NOISE - LATENT),
        (Flow(FlowLevels(), 8.0), 8.0 * NOISE - LATENT),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_right_prediction_gives_the_latent(parametrisation: Parametrisation, prediction: Tensor) -> None:
    x = parametrisation.noised(LATENT, NOISE, SIGMA)

    torch.testing.assert_close(parametrisation.denoised(x, prediction, SIGMA), LATENT)


@pytest.mark.parametrize("deviation", [1.0, 0.5])
def test_the_network_s_input_has_unit_variance(deviation: float) -> None:
    parametrisation = Eps(EdmLevels(), deviation)

    scaled = parametrisation.scaled(torch.ones(2, 1, dtype=torch.float64), SIGMA)

    torch.testing.assert_close(scaled.flatten() ** -2, deviation**2 + SIGMA**2)


def test_cosmos_network_sees_shares_of_latent_and_noise() -> None:
    parametrisation = CosmosFlow(CosmosLevels())
    share = BESIDE / (1 + BESIDE)

    scaled = parametrisation.scaled(parametrisation.noised(LATENT, NOISE, SIGMA), SIGMA)

    torch.testing.assert_close(scaled, LATENT * (1 - share) + NOISE * share)
    torch.testing.assert_close(parametrisation.start(LATENT, NOISE, torch.tensor(120.0)), LATENT + 120.0 * NOISE)


def test_a_consistency_model_is_the_noise_s_prediction_but_near_the_end() -> None:
    parametrisation, whole = Lcm(DistilledLevels()), Eps(DistilledLevels())
    x, sigma = torch.ones(1, 1), torch.tensor([14.0])

    torch.testing.assert_close(
        parametrisation.denoised(x, x * 0.1, sigma), whole.denoised(x, x * 0.1, sigma), rtol=1e-4, atol=1e-4
    )


def test_a_flow_between_pictures_starts_from_one_and_ends_at_the_other() -> None:
    parametrisation = ImgToImgFlow(DiscreteLevels())
    sigma = torch.tensor(14.6)

    assert parametrisation.is_flow
    assert torch.equal(parametrisation.start(LATENT, NOISE, sigma), LATENT)
    assert torch.equal(parametrisation.denoised(LATENT, NOISE, SIGMA), NOISE)
    assert torch.equal(parametrisation.finish(LATENT, sigma), 1.0 - LATENT)


@pytest.mark.parametrize(
    "levels", [CosmosLevels(0.01, 50.0), CascadeLevels(), DistilledLevels(), DistilledLevels(zero_terminal_snr=True)]
)
def test_the_sigma_of_a_sigma_s_timestep_is_that_sigma(levels: NoiseLevels) -> None:
    sigmas = levels.sigmas[:: max(1, len(levels.sigmas) // 20)]
    inside = sigmas[(sigmas > 0.05) & (sigmas < 40.0)]

    torch.testing.assert_close(levels.sigma(levels.timestep(inside)), inside, rtol=1e-3, atol=0.0)


def test_a_consistency_model_knows_every_twentieth_level() -> None:
    whole, distilled = DiscreteLevels(), DistilledLevels()

    assert torch.equal(distilled.sigmas, whole.sigmas[19::20])
    assert distilled.timestep(whole.sigmas[[19, 999]]).tolist() == [19, 999]


def test_a_shift_of_cascade_s_levels_is_one_of_the_log_snr() -> None:
    plain, shifted = CascadeLevels(), CascadeLevels(2.0)
    time = torch.linspace(0.1, 0.9, 5)

    torch.testing.assert_close(shifted.sigma(time), plain.sigma(time) * 2.0)
    assert shifted.at_percent(0.5) > plain.at_percent(0.5) > plain.at_percent(1.0) == 0


def test_the_shift_of_flux_is_linear_in_the_number_of_tokens() -> None:
    shifts = [flux_levels(0.5, 1.15, side, side).shift for side in (256, 1024)]

    assert shifts == pytest.approx([0.5, 1.15])


def test_discrete_levels_keep_the_betas_that_the_model_has() -> None:
    own = Eps(DiscreteLevels(beta_start=0.0001, beta_end=0.02))

    v, lcm = (discrete(own, name, zero_terminal_snr=True) for name in ("v_prediction", "lcm"))

    assert v == Velocity(DiscreteLevels(True, 0.0001, 0.02))
    assert lcm == Lcm(DistilledLevels(True, 0.0001, 0.02))
    assert discrete(lcm, "eps", zero_terminal_snr=False) == own
    assert discrete(Flow(FlowLevels()), "x0", zero_terminal_snr=False) == X0(DiscreteLevels())


def test_playground_has_latents_of_its_own() -> None:
    assert continuous_edm("edm_playground_v2.5", 0.002, 80.0) == Edm(EdmLevels(0.002, 80.0))
    assert isinstance(PLAYGROUND, ScaledLatents)
    torch.testing.assert_close(PLAYGROUND.from_network(PLAYGROUND.to_network(LATENT)), LATENT)


@pytest.mark.parametrize("parametrisation", [Eps(DiscreteLevels()), Flow(FluxLevels())])
def test_only_a_flow_with_discrete_levels_has_a_scale_of_noise(parametrisation: Parametrisation) -> None:
    assert with_noise_scale(Flow(FlowLevels(3.0)), 7.5) == Flow(FlowLevels(3.0), 7.5)
    with pytest.raises(RunError, match="only flows"):
        with_noise_scale(parametrisation, 7.5)


@pytest.mark.parametrize("ends", [(0.0, 120.0), (0.002, 0.0)])
def test_levels_between_sigmas_have_ends_above_zero(ends: tuple[float, float]) -> None:
    for choose in (continuous_v, lambda *given: continuous_edm("eps", *given)):
        with pytest.raises(RunError, match="no logarithms"):
            choose(*ends)


def test_other_levels_leave_the_model_s_own_alone(mini_sd15: tuple[Model, object, object]) -> None:
    from wftools.nodes.model_sampling import model_sampling_aura_flow, model_sampling_flux, model_sampling_sd3

    model = mini_sd15[0]

    flows = [
        model_sampling_sd3(model=model),
        model_sampling_aura_flow(model=model),
        model_sampling_flux(model=model),
    ]

    assert [flow.parametrisation for flow in flows] == [
        Flow(FlowLevels(3.0)),
        Flow(FlowLevels(1.73, multiplier=1.0)),
        Flow(flux_levels(0.5, 1.15, 1024, 1024)),
    ]
    assert model.parametrisation == Eps(DiscreteLevels())
