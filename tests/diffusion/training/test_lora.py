"""Training of adapters: ComfyUI's numbers are recorded; here is what must hold whatever they are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from wftools.context import Context
from wftools.diffusion.adapters.loading import with_adapters
from wftools.diffusion.training.data import data_set
from wftools.diffusion.training.lora import Recipe, existing_adapter, train_lora
from wftools.diffusion.training.untrained import ALGORITHMS, factorised
from wftools.errors import RunError
from wftools.folders import Folders
from wftools.values import Cond

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from wftools.values import Clip, Conditioning, Model, Vae

FP32 = Recipe(steps=1, rank=1, training_dtype="fp32", adapter_dtype="fp32", learning_rate=1e-2)
CONTEXT = Context(Folders())


@pytest.fixture(scope="module")
def cond(mini_sd15: tuple[Model, Clip, Vae]) -> Conditioning:
    _, clip, _ = mini_sd15
    return clip.encode(clip.tokenised("a red fox"))


def latents(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(len(shape)))


def trained(model: Model, cond: Conditioning, recipe: Recipe, context: Context = CONTEXT) -> Mapping[str, Tensor]:
    torch.manual_seed(0)
    return train_lora(model, data_set([latents(1, 4, 4, 4)], [cond], in_buckets=False), recipe, context).tensors


@pytest.mark.slow
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_trained_adapter_is_for_every_weight_and_bias(
    algorithm: str, mini_sd15: tuple[Model, Clip, Vae], cond: Conditioning, caplog: pytest.LogCaptureFixture
) -> None:
    model, _, _ = mini_sd15

    tensors = trained(model, cond, replace(FP32, algorithm=algorithm))
    changed = with_adapters(model, tensors, 1.0)

    assert not caplog.records, "every tensor is for a weight that is there"
    assert changed.weights().keys() == model.weights().keys()
    count = sum(
        name.startswith("diffusion_model.") and name.endswith((".alpha", ".diff", ".diff_b")) for name in tensors
    )
    assert count == len(model.weights()), "an alpha or a difference for each"


@pytest.mark.slow
@pytest.mark.parametrize("depth", [1, 2])
def test_what_is_computed_again_on_the_way_back_changes_no_number(
    depth: int, mini_sd15: tuple[Model, Clip, Vae], cond: Conditioning
) -> None:
    model, _, _ = mini_sd15

    plain, again = (trained(model, cond, replace(FP32, checkpoint_depth=each)) for each in (None, depth))

    assert plain.keys() == again.keys()
    assert all(torch.equal(plain[name], again[name]) for name in plain)


@pytest.mark.slow
def test_beside_the_layers_it_learns_the_same(mini_sd15: tuple[Model, Clip, Vae], cond: Conditioning) -> None:
    model, _, _ = mini_sd15
    sgd = replace(FP32, optimiser="SGD", learning_rate=1e-4)

    within, beside = (trained(model, cond, replace(sgd, is_bypass=is_bypass)) for is_bypass in (False, True))

    for name in ("diffusion_model.out.2.lora_down.weight", "diffusion_model.middle_block.1.norm.diff"):
        torch.testing.assert_close(within[name], beside[name], rtol=1e-3, atol=1e-7)


@pytest.mark.slow
def test_the_model_stays_as_it_is_and_ctrl_c_takes_effect_at_the_next_pass(
    mini_sd15: tuple[Model, Clip, Vae], cond: Conditioning
) -> None:
    model, _, _ = mini_sd15
    name = "out.2.weight"
    before = model.weights()[name].source.weight(torch.float32, torch.device("cpu")).clone()
    told: list[tuple[int, int]] = []
    context = replace(CONTEXT, report=lambda done, total: told.append((done, total)), cancelled=lambda: len(told) > 1)

    with pytest.raises(KeyboardInterrupt):
        trained(model, cond, replace(FP32, steps=3, accumulation=2), context)

    assert told == [(0, 6), (1, 6)]
    assert torch.equal(model.weights()[name].source.weight(torch.float32, torch.device("cpu")), before)


COND = (Cond(torch.zeros(1, 1, 1)),)


def test_latents_of_one_size_are_one_group_whose_conditioning_may_be_shared() -> None:
    data = data_set([latents(1, 4, 8, 8), latents(2, 4, 8, 8)], [COND], in_buckets=False)

    assert [tuple(group.shape) for group in data.groups] == [(3, 4, 8, 8)]
    assert len(data.conds) == 3


def test_latents_of_several_sizes_stay_apart() -> None:
    data = data_set([latents(2, 4, 8, 8), latents(1, 4, 8, 6)], [COND * 3], in_buckets=False)

    assert [len(group) for group in data.groups] == [1, 1, 1]
    assert data.kind == "single"


def test_buckets_stay_batches_and_number_their_latents_through() -> None:
    data = data_set([latents(2, 4, 8, 8), latents(1, 4, 8, 6)], [COND * 2, COND], in_buckets=True)

    assert [len(group) for group in data.groups] == [2, 1]
    assert data.starts == [0, 2]


@pytest.mark.parametrize(("count", "in_buckets"), [(2, False), (4, False), (2, True)])
def test_each_latent_needs_a_conditioning(count: int, in_buckets: bool) -> None:
    with pytest.raises(RunError, match=rf"{count} positive conditionings for 3 latents"):
        data_set([latents(2, 4, 8, 8), latents(1, 4, 8, 8)], [COND] * count, in_buckets=in_buckets)


@pytest.mark.slow
@pytest.mark.parametrize("in_buckets", [False, True])
def test_latents_of_several_sizes_are_trained_on(
    in_buckets: bool, mini_sd15: tuple[Model, Clip, Vae], cond: Conditioning
) -> None:
    model, _, _ = mini_sd15
    data = data_set([latents(2, 4, 4, 4), latents(1, 4, 4, 2)], [cond * 3], in_buckets=in_buckets)

    losses = train_lora(model, data, replace(FP32, batch_size=2, accumulation=2), CONTEXT).losses

    assert len(losses) == 2
    assert all(loss > 0 for loss in losses)


@pytest.mark.slow
def test_an_adapter_that_is_there_is_gone_on_with(mini_sd15: tuple[Model, Clip, Vae], cond: Conditioning) -> None:
    model, _, _ = mini_sd15
    name = "diffusion_model.out.2.lora_up.weight"
    first = trained(model, cond, FP32)
    data = data_set([latents(1, 4, 4, 4)], [cond], in_buckets=False)

    second = train_lora(model, data, replace(FP32, learning_rate=1e-7, algorithm="LoHa"), CONTEXT, first).tensors

    assert second.keys() == first.keys(), "it keeps its algorithm"
    torch.testing.assert_close(second[name], first[name], rtol=0.0, atol=1e-5)


def test_a_name_without_steps_is_no_adapter_to_go_on_with() -> None:
    with pytest.raises(RunError, match="does not tell for how many steps"):
        existing_adapter("mine.safetensors", CONTEXT)


@pytest.mark.parametrize("algorithm", ["LoRA", "LoHa", "LoKr"])
def test_what_is_not_trained_yet_changes_nothing(algorithm: str) -> None:
    tensors = ALGORITHMS[algorithm]((8, 6, 3, 3), 2, torch.Generator())

    zeros = [name for name, tensor in tensors.items() if not tensor.any()]
    assert len(zeros) == 1


@given(st.integers(1, 400), st.integers(1, 128))
def test_factors_multiply_to_the_number_the_smaller_first(number: int, wanted: int) -> None:
    smaller, larger = factorised(number, wanted)

    assert smaller * larger == number
    assert smaller <= larger
    assert number % wanted or wanted in {smaller, larger}
