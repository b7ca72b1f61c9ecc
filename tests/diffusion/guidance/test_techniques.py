"""What techniques of guidance leave as it is, and what they promise; what they compute is held by recorded runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
import torch
from torch import Tensor

from wftools.diffusion.guidance import Guidance, Guide
from wftools.diffusion.guidance.cfg import Cfg
from wftools.diffusion.guidance.dual import DualCfg
from wftools.diffusion.guidance.techniques.apg import apg
from wftools.diffusion.guidance.techniques.epsilon_scaling import epsilon_scaling
from wftools.diffusion.guidance.techniques.fresca import fresca
from wftools.diffusion.guidance.techniques.norms import cfg_norm, renorm_cfg
from wftools.diffusion.guidance.techniques.operated import operated_guidance
from wftools.diffusion.guidance.techniques.pag import perturbed_attention_guidance
from wftools.diffusion.guidance.techniques.perp_neg import PerpNegGuider, perp_neg
from wftools.diffusion.guidance.techniques.rescale import rescale_cfg
from wftools.diffusion.guidance.techniques.sag import map_size, self_attention_guidance
from wftools.diffusion.guidance.techniques.skip_layers import skip_layer_guidance, skip_layers_in_negative, skipping
from wftools.diffusion.guidance.techniques.tcfg import tcfg
from wftools.diffusion.guidance.techniques.tsr import temporal_score_rescaling
from wftools.diffusion.guidance.techniques.video import frame_guidance, linear, triangle
from wftools.diffusion.guidance.techniques.zero_star import cfg_zero_star
from wftools.diffusion.patches import NO_PATCHES, Patches
from wftools.diffusion.sampling.levels import DiscreteLevels, FlowLevels
from wftools.diffusion.sampling.parametrise import Eps, Flow
from wftools.errors import RunError
from wftools.nodes.advanced_guidance import (
    skip_layer_guidance_dit,
    skip_layer_guidance_dit_simple,
    skip_layer_guidance_sd3,
)
from wftools.values import Cond, Conditioning, Guider, Model, NetworkInputs, Pair, Parametrisation, Sampling

EPS, FLOW = Eps(DiscreteLevels()), Flow(FlowLevels())
SHAPE = (2, 4, 6, 8)
SIGMA = torch.tensor(0.7)


@dataclass(frozen=True)
class Prophet:
    """A model that says of every text what stands in it, and notes of which texts it was asked with which patches."""

    parametrisation: Parametrisation = EPS
    guidance: Guidance = field(default_factory=Guidance)
    asked: list[tuple[tuple[float, ...], frozenset[tuple[str, int]]]] = field(default_factory=list)
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    def memory_of(self, _x: Tensor) -> int:
        return 0

    def inputs(self, cond: Cond, _latent: Tensor, _sampling: Sampling) -> NetworkInputs:
        return NetworkInputs({"context": cond.tensor})

    def denoised(self, x: Tensor, _sigma: Tensor, inputs: NetworkInputs, patches: Patches = NO_PATCHES) -> Tensor:
        context = inputs.tensors["context"]
        self.asked.append((tuple(text.mean().item() for text in context[:: SHAPE[0]]), patches.skipped))
        worse = 0.5 if patches.skipped or patches.attention else 1.0
        return context[:, 0].reshape(x.shape) * worse

    def with_guidance(self, more: Guidance) -> Prophet:
        return replace(self, guidance=self.guidance.and_then(more))

    def with_patches(self, more: Patches) -> Prophet:
        return replace(self, guidance=self.guidance)


def text(seed: int) -> Conditioning:
    """A text of which the model says normal numbers."""
    said = torch.randn(SHAPE, generator=torch.Generator().manual_seed(seed))
    return (Cond(said.flatten(1)[:, None]),)


def said(conditioning: Conditioning) -> Tensor:
    return conditioning[0].tensor.reshape(SHAPE)


POSITIVE, NEGATIVE, EMPTY = text(1), text(2), text(3)
X = torch.randn(SHAPE, generator=torch.Generator().manual_seed(4))

Technique = Callable[[Model], Model]


def told(technique: Technique, scale: float = 3.0, parametrisation: Parametrisation = EPS) -> Tensor:
    """What a guider with the technique tells."""
    model = technique(Prophet(parametrisation))  # type: ignore[arg-type]
    return Cfg(model, POSITIVE, NEGATIVE, scale)(X, SIGMA)


def plain(scale: float = 3.0) -> Tensor:
    return said(NEGATIVE) + (said(POSITIVE) - said(NEGATIVE)) * scale


TURNED_OFF: dict[str, Technique] = {
    "rescale_cfg": lambda model: rescale_cfg(model, 0.0),
    "renorm_cfg without limit": lambda model: renorm_cfg(model, 100.0, 0.0),
    "renorm_cfg with a far limit": lambda model: renorm_cfg(model, 100.0, 1e6),
    "cfg_norm": lambda model: cfg_norm(model, 0.0, pre_cfg=True),
    "fresca": lambda model: fresca(model, 1.0, 1.0, 2),
    "epsilon_scaling": lambda model: epsilon_scaling(model, 1.0),
    "temporal_score_rescaling": lambda model: temporal_score_rescaling(model, 1.0, 2.0),
    "perturbed_attention_guidance": lambda model: perturbed_attention_guidance(model, 0.0),
    "operated_guidance": lambda model: operated_guidance(model, lambda latent: latent),
    "skip_layer_guidance of none": lambda model: skip_layer_guidance(model, None, 3.0),
    "skip_layers_in_negative of none": lambda model: skip_layers_in_negative(model, None),
    "skip_layer_guidance later": lambda model: skip_layer_guidance(model, skipping(model, "1", "", 0.9, 1.0), 3.0),
}


@pytest.mark.parametrize("technique", TURNED_OFF.values(), ids=TURNED_OFF)
@pytest.mark.parametrize("parametrisation", [EPS, FLOW], ids=["eps", "flow"])
def test_a_technique_that_is_turned_off_leaves_plain_guidance(
    technique: Technique, parametrisation: Parametrisation
) -> None:
    torch.testing.assert_close(told(technique, parametrisation=parametrisation), plain(), rtol=1e-4, atol=1e-4)


def test_apg_without_limits_adds_the_whole_guidance_once_more() -> None:
    """Its scale counts from 0, that of plain guidance from 1."""
    answer = told(lambda model: apg(model, 1.0, 0.0, 0.0), 3.0)

    torch.testing.assert_close(answer, plain(4.0), rtol=1e-4, atol=1e-4)


def test_apg_remembers_guidance_within_a_run_until_noise_rises() -> None:
    model = apg(Prophet(), 1.0, 0.0, 0.5)  # type: ignore[arg-type]
    guider = Cfg(model, POSITIVE, NEGATIVE, 3.0).during(Sampling(X, X))

    first, second, third, again = (guider(X, torch.tensor(sigma)) for sigma in (3.0, 2.0, 1.0, 3.0))

    assert torch.equal(first, again)
    torch.testing.assert_close(second - first, 0.5 * 3.0 * (said(POSITIVE) - said(NEGATIVE)), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(third - second, (second - first) / 2, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("threshold", [0.5, 5.0])
def test_apg_s_guidance_is_no_longer_than_its_threshold(threshold: float) -> None:
    answer = told(lambda model: apg(model, 1.0, threshold, 0.0), 3.0)

    added = (answer - plain(1.0)) / 3.0
    assert added.norm(p=2, dim=(-1, -2, -3)).tolist() == pytest.approx([threshold] * 2, rel=1e-4)


def test_rescaled_latents_of_a_flow_vary_as_the_unguided_ones() -> None:
    answer = told(lambda model: rescale_cfg(model, 1.0), 7.0, FLOW)

    torch.testing.assert_close(answer.std((1, 2, 3)), said(POSITIVE).std((1, 2, 3)))


def test_the_order_of_rescale_and_of_what_a_model_predicts_matters() -> None:
    """What is rescaled is decided when the node runs, as in ComfyUI."""

    def before_the_flow(model: Model) -> Model:
        return replace(rescale_cfg(model, 0.7), parametrisation=FLOW)  # type: ignore[type-var]

    answer = told(before_the_flow)

    torch.testing.assert_close(answer, told(lambda model: rescale_cfg(model, 0.7)))
    assert not torch.allclose(answer, told(lambda model: rescale_cfg(model, 0.7), parametrisation=FLOW), atol=1e-2)


def test_no_cell_is_longer_than_the_unguided_one() -> None:
    after = told(lambda model: cfg_norm(model, 1.0))
    before = told(lambda model: cfg_norm(model, 1.0, pre_cfg=True))

    wanted = said(POSITIVE).norm(dim=1)
    assert (after.norm(dim=1) <= wanted + 1e-5).all()
    torch.testing.assert_close((X - before).norm(dim=1), (X - said(POSITIVE)).norm(dim=1))


def test_a_cell_that_is_short_enough_stays_as_it_is() -> None:
    """A scale of 0 tells what the negative side says."""
    lengths = told(lambda model: cfg_norm(model, 1.0), 0.0).norm(dim=1)

    torch.testing.assert_close(lengths, torch.minimum(said(NEGATIVE).norm(dim=1), said(POSITIVE).norm(dim=1)))


def test_no_latent_is_longer_than_its_limit_and_early_ones_are_not_guided() -> None:
    limited = told(lambda model: renorm_cfg(model, 100.0, 1.0))
    early = told(lambda model: renorm_cfg(model, 0.5, 1.0))

    torch.testing.assert_close(limited.flatten(1).norm(dim=1), said(POSITIVE).flatten(1).norm(dim=1))
    assert torch.equal(early, said(POSITIVE))


def test_a_negative_side_that_says_the_same_changes_nothing() -> None:
    for technique in (tcfg, cfg_zero_star):
        model = technique(Prophet())  # type: ignore[arg-type]
        torch.testing.assert_close(Cfg(model, POSITIVE, POSITIVE, 5.0)(X, SIGMA), said(POSITIVE), rtol=1e-3, atol=1e-3)


def test_what_is_perpendicular_to_the_positive_side_is_left_out_and_the_rest_is_not() -> None:
    """A negative side that is the positive one seen from nothing has no perpendicular part."""
    towards = said(POSITIVE) - said(EMPTY)
    parallel = (Cond((said(EMPTY) + 2 * towards).flatten(1)[:, None]),)
    model = Prophet()

    by_guider = PerpNegGuider(model, POSITIVE, parallel, EMPTY, 3.0, 1.0)(X, SIGMA)  # type: ignore[arg-type]
    by_model = Cfg(perp_neg(model, EMPTY, 1.0), POSITIVE, parallel, 3.0)(X, SIGMA)  # type: ignore[arg-type]

    torch.testing.assert_close(by_guider, said(EMPTY) + 3.0 * towards, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(by_model, by_guider)


@pytest.mark.parametrize(("scale", "neg_scale", "sides"), [(3.0, 1.0, 3), (1.0, 1.0, 3), (3.0, 0.0, 2), (1.0, 0.0, 1)])
def test_perp_neg_asks_the_sides_that_count(scale: float, neg_scale: float, sides: int) -> None:
    model = Prophet()
    guider = PerpNegGuider(model, POSITIVE, NEGATIVE, EMPTY, scale, neg_scale)  # type: ignore[arg-type]

    answer = guider(X, SIGMA)
    pair = guider.during(Sampling(X, X)).pair(X, SIGMA)

    assert [len(texts) for texts, _ in model.asked] == [sides, 3]
    torch.testing.assert_close(answer, pair.denoised, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kind", ["cfg", "perp_neg", "dual_cfg"])
def test_what_is_around_guiders_is_around_each_kind_in_its_run(kind: str) -> None:
    runs: list[Sampling] = []

    def around(x: Tensor, sigma: Tensor, /, model: Model, sampling: Sampling, guide: Guide) -> Pair:
        runs.append(sampling)
        return guide(x, sigma)

    model = Prophet().with_guidance(Guidance(around_guider=(around,)))
    guider: Guider = {  # type: ignore[assignment]
        "cfg": lambda: Cfg(model, POSITIVE, NEGATIVE, 3.0),  # type: ignore[arg-type]
        "perp_neg": lambda: PerpNegGuider(model, POSITIVE, NEGATIVE, EMPTY, 3.0, 1.0),  # type: ignore[arg-type]
        "dual_cfg": lambda: DualCfg(model, POSITIVE, NEGATIVE, EMPTY, 3.0, 2.0),  # type: ignore[arg-type]
    }[kind]()
    run = Sampling(X, X)

    in_run = guider.during(run)
    answer, pair = in_run(X, SIGMA), in_run.pair(X, SIGMA)

    assert runs == [run, run]
    torch.testing.assert_close(answer, pair.denoised)


def test_frames_have_scales_of_their_own() -> None:
    assert linear(3).tolist() == [0.0, 0.5, 1.0]
    assert triangle(5).tolist() == [0.0, 0.5, 1.0, 0.5, 0.0]

    answer = told(lambda model: frame_guidance(model, linear, 1.0), 3.0)

    torch.testing.assert_close(answer[0], said(POSITIVE)[0])
    torch.testing.assert_close(answer[1], plain(3.0)[1])


# Skipped blocks


def test_guidance_leads_away_from_skipped_blocks() -> None:
    model = Prophet()
    guided = skip_layer_guidance_dit(model=model, double_layers="1, 12", single_layers="3")  # type: ignore[arg-type]
    late = torch.tensor(model.parametrisation.levels.at_percent(0.1))

    answer = Cfg(guided, POSITIVE, NEGATIVE, 1.0)(X, late)

    assert model.asked[1][1] == {("double", 1), ("double", 12), ("single", 3)}
    torch.testing.assert_close(answer, said(POSITIVE) * (1 + 3.0 * 0.5))


def test_the_negative_side_may_be_the_one_that_skips() -> None:
    model = Prophet()
    guided = skip_layer_guidance_dit_simple(model=model, double_layers="0", single_layers="")  # type: ignore[arg-type]

    answer = Cfg(guided, POSITIVE, NEGATIVE, 2.0)(X, SIGMA)

    assert [skipped for _, skipped in model.asked] == [frozenset(), {("double", 0)}]
    torch.testing.assert_close(answer, 2 * said(POSITIVE) - said(NEGATIVE) / 2)


@pytest.mark.parametrize("layers", ["", "none"])
def test_without_numbers_nothing_is_skipped(layers: str) -> None:
    model = Prophet()

    assert skip_layer_guidance_sd3(model=model, layers=layers) is model  # type: ignore[arg-type, comparison-overlap]


# Self-attention guidance


@pytest.mark.parametrize(
    ("tokens", "ratio", "size"),
    [(16, 1.0, (4, 4)), (20, 33 / 32, (5, 4)), (8, 0.5, (2, 4)), (1, 1.0, (1, 1)), (2, 2.0, (2, 1))],
)
def test_a_map_has_as_many_rows_for_its_columns_as_the_latent(tokens: int, ratio: float, size: tuple[int, int]) -> None:
    assert map_size(tokens, ratio) == size


def test_self_attention_guidance_says_when_it_saw_no_attention() -> None:
    with pytest.raises(RunError, match="saw no self attention in the middle"):
        told(lambda model: self_attention_guidance(model, 0.5, 2.0))
