"""What patches change, and that they change nothing else."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from tests.seeded_models import encoded
from wftools.context import Context
from wftools.diffusion.guidance import Asked, Guidance
from wftools.diffusion.model import LatentDiffusion
from wftools.diffusion.networks.attention import attention
from wftools.diffusion.patches import At, AttentionPatch, Call, Control, Given, Patches
from wftools.diffusion.sampling.run import sample
from wftools.errors import RunError
from wftools.values import Clip, Latent, Model, NetworkInputs, Vae

RECORDED = Path(__file__).parent.parent / "data/diffusion/patches.safetensors"
PROMPTS = (
    "a photo of a red fox (standing:1.3) in the [snow], (soft (warm:1.2) light:0.8)",
    "blurry, low quality, (ugly:1.4)",
)

# Relative L2; the reference differs from itself by 1.6e-5, and the effect of any patch is 1e-2 or more.
TOLERANCE = 1e-4


@pytest.fixture
def model(mini_sd15: tuple[Model, Clip, Vae]) -> Model:
    return mini_sd15[0]


def x_of(generator: torch.Generator | None = None) -> Tensor:
    return torch.randn(2, 4, 16, 16, generator=generator or torch.Generator().manual_seed(0))


def denoised(model: Model) -> Tensor:
    source = torch.Generator().manual_seed(0)
    x, context = x_of(source), torch.randn(2, 77, 128, generator=source)
    with torch.no_grad():
        return model.denoised(x, torch.tensor([3.0, 3.0]), NetworkInputs({"context": context}))


@dataclass
class Seen:
    """Attention as it is, or only its values, and where it was asked."""

    places: list[At]
    only_values: bool = False

    def __call__(self, q: Tensor, k: Tensor, v: Tensor, heads: int, at: At) -> Tensor:
        self.places.append(at)
        return v if self.only_values else attention(q, k, v, heads)


def test_an_attention_is_replaced_where_it_is_said_and_nowhere_else(model: Model) -> None:
    before = denoised(model)
    same, values = Seen([]), Seen([], only_values=True)

    unchanged = model.with_patches(Patches(attention=(AttentionPatch(same, "cross", "input", 4),)))
    changed = unchanged.with_patches(Patches(attention=(AttentionPatch(values, "self", "middle", 0, 0),)))

    torch.testing.assert_close(denoised(unchanged), before)
    assert not torch.allclose(denoised(changed), before, atol=1e-3)
    assert [(at.stage, at.block, at.transformer) for at in same.places] == [("input", 4, 0)] * 2
    assert [(at.stage, at.block, at.transformer) for at in values.places] == [("middle", 0, 0)]
    assert values.places[0].call.sigma.tolist() == [3.0, 3.0]
    assert values.places[0].call.shape == (2, 4, 16, 16)
    assert [same.places[0].spatial, values.places[0].spatial] == [2, 6]


def test_the_attention_for_one_transformer_counts_before_that_for_its_whole_block(model: Model) -> None:
    of_one, of_all = Seen([]), Seen([])
    patches = (AttentionPatch(of_one, "self", "output", 5, 0), AttentionPatch(of_all, "self", "output", 5))

    denoised(model.with_patches(Patches(attention=patches)))

    assert [len(each.places) for each in (of_one, of_all)] == [1, 0]


def test_what_is_around_attention_changes_what_it_is_given_and_gives_in_order(model: Model) -> None:
    before, order = denoised(model), []

    def around(name: str, factor: float) -> Patches:
        def change(given: Given, at: At) -> Given:
            if at.spatial:
                return given
            order.append(name)

            def back(h: Tensor) -> Tensor:
                order.append(f"{name} back")
                return h / factor

            return replace(given, v=given.v * factor, then=back)

        return Patches(around_self=(change,), around_cross=(change,))

    both = model.with_patches(around("first", 2.0)).with_patches(around("second", 5.0))

    after = denoised(both)

    assert order == ["first", "second", "first back", "second back"] * 2
    # The bias of the output's projection is divided, too.
    assert 0 < (after - before).norm() / before.norm() < 0.1


def test_tokens_are_changed_between_the_two_attentions(model: Model) -> None:
    places: list[At] = []

    def note(x: Tensor, at: At) -> Tensor:
        places.append(at)
        return x * 0

    changed = denoised(model.with_patches(Patches(between=(note,))))

    assert [at.spatial for at in places] == list(range(16))
    assert not torch.allclose(changed, denoised(model), atol=1e-3)


def test_what_is_around_the_network_may_answer_for_it(model: Model) -> None:
    calls: list[Call] = []

    def twice(x: Tensor, /, call: Call, network: Callable[[Tensor], Tensor]) -> Tensor:
        calls.append(call)
        return network(x) + network(x)

    def nothing(x: Tensor, /, call: Call, network: Callable[[Tensor], Tensor]) -> Tensor:
        calls.append(call)
        return x * 0

    outer = model.with_patches(Patches(network=(twice,)))

    torch.testing.assert_close(denoised(outer.with_patches(Patches(network=(nothing,)))), denoised(outer) * 0 + x_of())
    assert [call.shape for call in calls] == [(2, 4, 16, 16)] * 4


def test_the_later_attention_counts_and_no_other_transformer_is_touched(model: Model) -> None:
    first, second, elsewhere = Seen([]), Seen([]), Seen([])

    denoised(
        model.with_patches(
            Patches(
                attention=(
                    AttentionPatch(first, "self", "output", 5),
                    AttentionPatch(second, "self", "output", 5),
                    AttentionPatch(elsewhere, "self", "output", 5, 1),
                )
            )
        )
    )

    assert [len(each.places) for each in (first, second, elsewhere)] == [0, 1, 0]


def test_block_patches_see_every_block_and_take_effect_in_order(model: Model) -> None:
    before, places = denoised(model), []

    def noted(h: Tensor, at: At) -> Tensor:
        places.append((at.stage, at.block))
        return h

    def double(h: Tensor, skip: Tensor, at: At) -> tuple[Tensor, Tensor]:
        places.append((at.stage, at.block))
        return h * 2, skip

    def halve(h: Tensor, skip: Tensor, _at: At) -> tuple[Tensor, Tensor]:
        return h / 2, skip

    patched = model.with_patches(Patches(input=(noted,), middle=(noted,), output=(double,)))

    torch.testing.assert_close(denoised(patched.with_patches(Patches(output=(halve,)))), before)
    assert places == [
        *(("input", index) for index in range(12)),
        ("middle", 0),
        *(("output", index) for index in range(12)),
    ]
    assert not torch.allclose(denoised(patched), before, atol=1e-3)


def test_what_comes_after_the_skip_changes_the_way_down_only(model: Model) -> None:
    skips: dict[str, list[Tensor]] = {"before": [], "after": []}

    def zero_first(h: Tensor, at: At) -> Tensor:
        return h * 0 if at.block == 0 else h

    def noting(which: str) -> Patches:
        def note(h: Tensor, skip: Tensor, _at: At) -> tuple[Tensor, Tensor]:
            skips[which].append(skip)
            return h, skip

        return Patches(output=(note,))

    denoised(model.with_patches(noting("before")))
    denoised(model.with_patches(noting("after")).with_patches(Patches(input_after_skip=(zero_first,))))

    assert torch.equal(skips["before"][-1], skips["after"][-1])
    assert not torch.allclose(skips["before"][-2], skips["after"][-2])


def test_a_control_network_s_residuals_are_added_where_they_belong(model: Model) -> None:
    seen: list[tuple[At, Tensor, Tensor]] = []

    def note(h: Tensor, skip: Tensor, at: At) -> tuple[Tensor, Tensor]:
        seen.append((at, h, skip))
        return h, skip

    denoised(model.with_patches(Patches(output=(note,))))
    plain, seen[:] = list(seen), []
    residuals = tuple(None if index else torch.full((1, 32, 16, 16), 7.0) for index in range(12))
    denoised(model.with_patches(Patches(output=(note,), control=Control(middle=torch.ones(1), skips=residuals))))

    torch.testing.assert_close(seen[0][1], plain[0][1] + 1)
    torch.testing.assert_close(seen[-1][2], plain[-1][2] + 7)
    torch.testing.assert_close(seen[0][2], plain[0][2])


def test_dropping_a_patched_handle_leaves_the_original_as_it_was(model: Model) -> None:
    before = denoised(model)

    patched = model.with_patches(Patches(middle=(lambda h, _at: h * 0,)))

    assert not torch.allclose(denoised(patched), before, atol=1e-3)
    del patched
    assert torch.equal(denoised(model), before)


def test_a_model_whose_network_has_no_place_for_patches_says_so(model: Model) -> None:
    assert isinstance(model, LatentDiffusion)

    with pytest.raises(RunError, match="Identity, cannot be patched"):
        replace(model, network=nn.Identity()).with_patches(Patches())


# Of whole runs


def free_u(h: Tensor, skip: Tensor, _at: At) -> tuple[Tensor, Tensor]:
    """FreeU (Si et al. 2023): features are stronger, low frequencies of skips weaker."""
    scales = {128: (1.1, 0.9), 64: (1.2, 0.2)}  # four times and twice the channels of the first level
    if h.shape[1] not in scales:
        return h, skip
    backbone, low = scales[h.shape[1]]
    h = h.clone()
    h[:, : h.shape[1] // 2] *= backbone
    spectrum = torch.fft.fftshift(torch.fft.fftn(skip, dim=(-2, -1)), dim=(-2, -1))
    mask = torch.ones(skip.shape[-2:])
    row, column = (size // 2 for size in skip.shape[-2:])
    mask[row - 1 : row + 1, column - 1 : column + 1] = low
    return h, torch.fft.ifftn(torch.fft.ifftshift(spectrum * mask, dim=(-2, -1)), dim=(-2, -1)).real


def rescaled(asked: Asked) -> Tensor:
    """RescaleCFG (Lin et al. 2023, section 3.4): v is guided, then 0.7 of it gets the deviation of the one side."""
    scale = asked.sigma**2 + 1
    root = scale**0.5

    def v(denoised: Tensor) -> Tensor:
        return (asked.x / scale - denoised) * root / asked.sigma

    cond, uncond = v(asked.cond), v(asked.uncond)
    guided = uncond + asked.scale * (cond - uncond)
    fitted = guided * (cond.std((1, 2, 3), keepdim=True) / guided.std((1, 2, 3), keepdim=True))
    rescaled_v: Tensor = 0.7 * fitted + 0.3 * guided
    return asked.x / scale - rescaled_v * asked.sigma / root


def test_a_run_with_freeu_ends_where_comfyui_s_does(mini_sd15: tuple[Model, Clip, Vae], context: Context) -> None:
    model = mini_sd15[0].with_patches(Patches(output=(free_u,)))

    assert error(run(model, mini_sd15[1], context), "patch_freeu") < TOLERANCE


def test_a_run_with_rescaled_guidance_ends_where_comfyui_s_does(
    mini_sd15: tuple[Model, Clip, Vae], context: Context
) -> None:
    model = mini_sd15[0].with_guidance(Guidance(combine=rescaled))

    assert error(run(model, mini_sd15[1], context), "patch_rescale_cfg") < TOLERANCE


def run(model: Model, clip: Clip, context: Context, steps: int = 5) -> Tensor:
    positive, negative = (encoded(clip, prompt) for prompt in PROMPTS)
    latent = Latent(torch.zeros(1, 4, 8, 16))
    return sample(
        model,
        positive,
        negative,
        latent,
        seed=7,
        steps=steps,
        cfg=6.5,
        sampler_name="euler",
        schedule_name="normal",
        context=context,
    ).samples


def error(got: Tensor, name: str) -> float:
    expected = load_file(RECORDED)[name]
    return float((got - expected).norm() / expected.norm())


def test_patches_of_one_call_come_after_the_model_s_own(model: Model) -> None:
    inputs = NetworkInputs({"context": torch.zeros(1, 77, 128)})
    x, sigma, order = torch.ones(1, 4, 8, 8), torch.ones(1), []

    def noting(name: str) -> Patches:
        def note(h: Tensor, _at: At) -> Tensor:
            order.append(name)
            return h

        return Patches(middle=(note,))

    with torch.no_grad():
        model.with_patches(noting("model")).denoised(x, sigma, inputs, noting("call"))
        model.denoised(x, sigma, inputs)

    assert order == ["model", "call"]
