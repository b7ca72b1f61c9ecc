from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from tests.diffusion.sources import Times
from tests.seeded_models import UNET, encoded, shapes_of
from tests.weights.test_dialects import WAYS
from wftools.context import Context, Placement
from wftools.diffusion.checkpoint import load_checkpoint, load_clip, load_vae
from wftools.diffusion.networks.unet import UNet
from wftools.diffusion.sampling.run import sample
from wftools.errors import InputError, RunError
from wftools.folders import Folders
from wftools.values import Clip, Latent, Model, NetworkInputs, Vae
from wftools.weights.dialects import understood
from wftools.weights.source import Source
from wftools.weights.tensorfile import TensorFile, open_tensors

NAME = "mini_sd15.safetensors"
UNET_PREFIX = "model.diffusion_model."
VAE_PREFIX = "first_stage_model."
CLIP_PREFIX = "cond_stage_model.transformer."


@pytest.fixture
def own_models(tmp_path: Path) -> Context:
    """An empty folder of models."""
    for kind in ("checkpoints", "vae", "text_encoders"):
        (tmp_path / kind).mkdir()
    return Context(Folders(models=tmp_path))


@pytest.fixture(scope="session")
def tensors(models: Path) -> dict[str, Tensor]:
    return load_file(models / "checkpoints" / NAME)


def below(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name[len(prefix) :]: tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def test_networks_in_files_of_their_own_equal_those_of_the_checkpoint(
    own_models: Context, tensors: dict[str, Tensor], mini_sd15: tuple[Model, Clip, Vae]
) -> None:
    save_file(below(tensors, VAE_PREFIX), own_models.folders.models / "vae/a.safetensors")
    save_file(below(tensors, CLIP_PREFIX), own_models.folders.models / "text_encoders/a.safetensors")
    _, clip, vae = mini_sd15
    latent = torch.randn(1, 4, 2, 2, generator=torch.Generator().manual_seed(0))

    own_clip = load_clip(["a.safetensors"], "stable_diffusion", own_models)
    own_vae = load_vae("a.safetensors", own_models)

    assert torch.equal(encoded(own_clip, "a cat")[0].tensor, encoded(clip, "a cat")[0].tensor)
    assert torch.equal(own_vae.decode(latent), vae.decode(latent))


def test_a_text_encoder_saved_without_text_model_in_its_names_is_found(
    own_models: Context, tensors: dict[str, Tensor], mini_sd15: tuple[Model, Clip, Vae]
) -> None:
    renamed = {name.replace(".text_model.", "."): tensor for name, tensor in tensors.items()}
    save_file(renamed, own_models.folders.models / "checkpoints/a.safetensors")

    _, clip, _ = load_checkpoint("a.safetensors", own_models)

    assert torch.equal(encoded(clip, "a cat")[0].tensor, encoded(mini_sd15[1], "a cat")[0].tensor)


def test_what_a_checkpoint_lacks_is_an_error_when_it_is_used(own_models: Context, tensors: dict[str, Tensor]) -> None:
    only_unet = {name: tensor for name, tensor in tensors.items() if name.startswith(UNET_PREFIX)}
    save_file(only_unet, own_models.folders.models / "checkpoints/a.safetensors")

    _, clip, vae = load_checkpoint("a.safetensors", own_models)

    with pytest.raises(RunError, match=r"a\.safetensors: the checkpoint has no text encoder"):
        encoded(clip, "a cat")
    with pytest.raises(RunError, match="the checkpoint has no VAE"):
        vae.decode(torch.zeros(1, 4, 2, 2))


@pytest.mark.parametrize("load", [load_checkpoint, load_vae, lambda name, c: load_clip([name], "stable_diffusion", c)])
def test_a_file_without_the_network_is_refused(own_models: Context, load: object) -> None:
    for kind in ("checkpoints", "vae", "text_encoders"):
        save_file({"w": torch.zeros(1)}, own_models.folders.models / kind / "a.safetensors")

    with pytest.raises(InputError, match=r"a\.safetensors: there is no .* that wftools knows"):
        load("a.safetensors", own_models)  # type: ignore[operator]


def test_a_network_that_takes_what_nothing_gives_it_is_refused(own_models: Context) -> None:
    with torch.device("meta"):
        shapes = shapes_of(UNet(replace(UNET, in_channels=6)), UNET_PREFIX)
    save_file(
        {name: torch.zeros(shape, dtype=torch.float16) for name, shape in shapes.items()},
        own_models.folders.models / "checkpoints/a.safetensors",
    )

    with pytest.raises(RunError, match="takes 2 channels beside the latent"):
        load_checkpoint("a.safetensors", own_models)


def test_a_text_encoder_of_another_family_is_not_run_yet(own_models: Context) -> None:
    for names, clip_type in ((["a.safetensors"], "sd3"), (["a.safetensors"] * 2, "flux")):
        with pytest.raises(RunError, match=f"'{clip_type}' are not implemented"):
            load_clip(names, clip_type, own_models)


def test_metadata_gives_what_shapes_do_not_show(own_models: Context, tensors: dict[str, Tensor]) -> None:
    """The same weights with wider heads give another result."""
    path = own_models.folders.models / "checkpoints"
    save_file(tensors, path / "a.safetensors")
    save_file(tensors, path / "b.safetensors", {"wftools.unet.head_dim": "32"})
    x, context = torch.randn(1, 4, 8, 8), torch.randn(1, 77, 128)

    narrow, wide = (
        load_checkpoint(name, own_models)[0].denoised(x, torch.tensor([1.0]), NetworkInputs({"context": context}))
        for name in ("a.safetensors", "b.safetensors")
    )

    assert not torch.allclose(narrow, wide)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_a_file_in_half_precision_is_computed_in_float32(
    own_models: Context, tensors: dict[str, Tensor], dtype: torch.dtype
) -> None:
    rounded = {name: tensor.to(dtype) for name, tensor in tensors.items()}
    path = own_models.folders.models / "checkpoints"
    save_file(rounded, path / "half.safetensors")
    save_file({name: tensor.float() for name, tensor in rounded.items()}, path / "full.safetensors")
    x, context = torch.randn(1, 4, 8, 8), torch.randn(1, 77, 128)

    half, full = (
        load_checkpoint(name, own_models)[0].denoised(x, torch.tensor([1.0]), NetworkInputs({"context": context}))
        for name in ("half.safetensors", "full.safetensors")
    )

    torch.testing.assert_close(half, full)  # not equal: tensors lie at other addresses in the two files


def test_a_patched_model_shares_weights_and_leaves_the_original_as_it_was(
    mini_sd15: tuple[Model, Clip, Vae],
) -> None:
    model = mini_sd15[0]
    x, inputs, sigma = torch.randn(1, 4, 8, 8), NetworkInputs({"context": torch.randn(1, 77, 128)}), torch.tensor([1.0])
    before = model.denoised(x, sigma, inputs)

    patched = model.with_weights({"out.2.weight": lambda before: Times(before, 0.0)})

    assert not torch.equal(patched.denoised(x, sigma, inputs), before)
    del patched
    assert torch.equal(model.denoised(x, sigma, inputs), before)


def test_conditioning_of_another_text_encoder_is_refused(context: Context, mini_sd15: tuple[Model, Clip, Vae]) -> None:
    model, clip, _ = mini_sd15
    (cond,) = encoded(clip, "a cat")
    other = (replace(cond, tensor=torch.zeros(1, 77, 64)),)

    with pytest.raises(RunError, match="64 wide, the model needs 128"):
        sample(
            model,
            other,
            other,
            Latent(torch.zeros(1, 4, 8, 8)),
            seed=0,
            steps=1,
            cfg=1.0,
            sampler_name="euler",
            schedule_name="normal",
            context=context,
        )


# Relative L2. bfloat16 has 8 bits; 0.011 was the most that was seen.
BFLOAT16_TOLERANCE = 0.03


@pytest.mark.parametrize("channels_last", [False, True])
def test_networks_compute_as_the_placement_says(
    context: Context, mini_sd15: tuple[Model, Clip, Vae], channels_last: bool
) -> None:
    placement = Placement(dtype="bfloat16", channels_last=channels_last)
    model, clip, vae = load_checkpoint(NAME, replace(context, placement=placement))
    x, text, sigma = torch.randn(1, 4, 8, 8), NetworkInputs({"context": torch.randn(1, 77, 128)}), torch.tensor([14.0])
    picture = torch.rand(1, 16, 16, 3)

    pairs = [
        (model.denoised(x, sigma, text) - x, mini_sd15[0].denoised(x, sigma, text) - x),
        (encoded(clip, "a cat")[0].tensor, encoded(mini_sd15[1], "a cat")[0].tensor),
        (vae.encode(picture), mini_sd15[2].encode(picture)),
        (vae.decode(x), mini_sd15[2].decode(x)),
    ]

    for rough, exact in pairs:
        assert rough.dtype == torch.float32
        assert 0 < (rough - exact).norm() / exact.norm() < BFLOAT16_TOLERANCE


@pytest.mark.parametrize("placement", [Placement(dtype="int8"), Placement(device="abacus")])
def test_a_placement_that_cannot_be_is_refused(context: Context, placement: Placement) -> None:
    with pytest.raises(RunError, match=r"int8|abacus"):
        encoded(load_checkpoint(NAME, replace(context, placement=placement))[1], "a cat")


@pytest.mark.parametrize("way", WAYS)
def test_a_checkpoint_in_eight_bits_computes_as_the_same_weights_made_whole(
    own_models: Context, tensors: dict[str, Tensor], way: str
) -> None:
    """The network and the text encoder, whose keys of scales no network knows."""
    small, metadata = WAYS[way](tensors)
    folder = own_models.folders.models / "checkpoints"
    save_file(small, folder / "small.safetensors", metadata)
    file = understood(open_tensors(folder / "small.safetensors"))
    made = {name: weight_of(file, name) for name in tensors}
    save_file(made, folder / "whole.safetensors")
    x, sigma, context = torch.randn(1, 4, 8, 8), torch.tensor([1.0]), torch.randn(1, 77, 128)

    (small_model, small_clip, _), (whole_model, whole_clip, _) = (
        load_checkpoint(f"{name}.safetensors", own_models) for name in ("small", "whole")
    )

    assert small["model.diffusion_model.time_embed.0.weight"].itemsize == 1
    torch.testing.assert_close(
        small_model.denoised(x, sigma, NetworkInputs({"context": context})),
        whole_model.denoised(x, sigma, NetworkInputs({"context": context})),
    )
    torch.testing.assert_close(encoded(small_clip, "a cat")[0].tensor, encoded(whole_clip, "a cat")[0].tensor)


def weight_of(file: TensorFile, name: str) -> Tensor:
    weight = file.weight(name)
    return weight if isinstance(weight, Tensor) else weight.weight(torch.float32, torch.device("cpu"))


def test_a_key_that_no_dialect_claims_is_still_unknown(own_models: Context, tensors: dict[str, Tensor]) -> None:
    small, _ = WAYS["marked"](tensors)
    small[f"{UNET_PREFIX}time_embed.0.scale_output"] = torch.ones(())
    save_file(small, own_models.folders.models / "checkpoints/a.safetensors")

    with pytest.raises(InputError, match=r"no place for 1 tensor: 'time_embed\.0\.scale_output'"):
        load_checkpoint("a.safetensors", own_models)


def test_a_weight_in_eight_bits_can_be_patched(own_models: Context, tensors: dict[str, Tensor]) -> None:
    save_file(WAYS["marked"](tensors)[0], own_models.folders.models / "checkpoints/a.safetensors")
    model = load_checkpoint("a.safetensors", own_models)[0]
    x, sigma, inputs = torch.randn(1, 4, 8, 8), torch.tensor([1.0]), NetworkInputs({"context": torch.randn(1, 77, 128)})
    before = model.denoised(x, sigma, inputs)

    @dataclass
    class Halved:
        old: Source

        def weight(self, dtype: torch.dtype, device: torch.device) -> Tensor:
            return self.old.weight(dtype, device) / 2

    patched = model.with_weights({"time_embed.0.weight": Halved})

    assert not torch.equal(patched.denoised(x, sigma, inputs), before)
    assert torch.equal(model.denoised(x, sigma, inputs), before)
