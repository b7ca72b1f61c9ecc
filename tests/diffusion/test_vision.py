"""wftools.diffusion.vision: what is seen in pictures, and what the old families make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from wftools.context import Context, Placement
from wftools.diffusion.cameras import moving, placed
from wftools.diffusion.networks.clip_vision import ClipVision
from wftools.diffusion.unclip import MERGED_NOISE, ShownPicture, picture_vector
from wftools.diffusion.vision import VisionEncoder
from wftools.errors import InputError, RunError
from wftools.folders import Folders
from wftools.nodes.conditioning_pictures import clip_vision_encode, unclip_conditioning
from wftools.nodes.loaders import clip_vision_loader
from wftools.values import ClipVisionOutput, Cond
from wftools.weights.keymaps.openclip import IN_LAYER, VISION_NAMES, VISION_PROJECTION
from wftools.weights.networks.clip_vision import ClipVisionConfig

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = ClipVisionConfig(width=64, layers=2, mlp_width=32, patch=4, positions=17, projection_width=8)


@pytest.fixture(scope="module")
def network() -> ClipVision:
    torch.manual_seed(0)
    network = ClipVision(CONFIG)
    torch.nn.init.normal_(network.vision_model.embeddings.class_embedding)
    return network.requires_grad_(False)


def openclip_names(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of an encoder of pictures as OpenCLIP has them."""
    outside = {f"vision_model.{new}": old for old, new in VISION_NAMES.items()}
    in_layer = {new: old for old, new in IN_LAYER.items()}
    found = {}
    for name, tensor in tensors.items():
        _, _, layer = name.partition("vision_model.encoder.layers.")
        number, _, rest = layer.partition(".")
        module, _, kind = rest.rpartition(".")
        if name in outside:
            found[outside[name]] = tensor
        elif name == VISION_PROJECTION[1]:
            found[VISION_PROJECTION[0]] = tensor.T.contiguous()
        elif module in in_layer:
            found[f"transformer.resblocks.{number}.{in_layer[module]}.{kind}"] = tensor
        elif module.endswith("q_proj"):
            parts = [tensors[name.replace("q_proj", each)] for each in ("q_proj", "k_proj", "v_proj")]
            found[f"transformer.resblocks.{number}.attn.in_proj_{kind}"] = torch.cat(parts)
    return found


@pytest.mark.parametrize("layout", ["transformers", "openclip", "whole CLIP"])
def test_an_encoder_of_pictures_is_read_in_any_layout(tmp_path: Path, network: ClipVision, layout: str) -> None:
    (tmp_path / "clip_vision").mkdir()
    tensors = network.state_dict()
    if layout == "openclip":
        tensors = {f"visual.{name}": tensor for name, tensor in openclip_names(tensors).items()}
    elif layout == "whole CLIP":
        tensors = {**tensors, "text_model.x": torch.zeros(1), "logit_scale": torch.zeros(())}
    save_file(tensors, tmp_path / "clip_vision/a.safetensors")
    picture = torch.rand(2, 20, 30, 3)

    vision = clip_vision_loader(clip_name="a.safetensors", context=Context(Folders(models=tmp_path)))
    seen = clip_vision_encode(clip_vision=vision, image=picture, crop="center")

    expected = VisionEncoder(network, Placement()).encode(picture)
    torch.testing.assert_close(seen.image_embeds, expected.image_embeds)
    torch.testing.assert_close(seen.penultimate_hidden_states, expected.penultimate_hidden_states)
    assert seen.last_hidden_state.shape == (2, 17, 64)


def test_a_file_without_an_encoder_of_pictures_is_refused(tmp_path: Path) -> None:
    (tmp_path / "clip_vision").mkdir()
    save_file({"w": torch.zeros(1)}, tmp_path / "clip_vision/a.safetensors")

    with pytest.raises(InputError, match=r"a\.safetensors: there is no encoder of pictures"):
        clip_vision_loader(clip_name="a.safetensors", context=Context(Folders(models=tmp_path)))


# unCLIP

EMBEDS = torch.randn(1, 8, generator=torch.Generator().manual_seed(0))
SEEN = ClipVisionOutput(torch.zeros(1), torch.zeros(1), EMBEDS)


def test_a_picture_is_told_with_its_noise_and_strength() -> None:
    plain = picture_vector([ShownPicture(SEEN, 1.0, 0.0)], 8, seed=7, merged_noise=MERGED_NOISE)
    strong = picture_vector([ShownPicture(SEEN, 2.0, 0.0)], 8, seed=7, merged_noise=MERGED_NOISE)
    noisy = picture_vector([ShownPicture(SEEN, 1.0, 0.9)], 8, seed=7, merged_noise=MERGED_NOISE)

    assert plain.shape == (1, 16)
    torch.testing.assert_close(plain[:, :8], EMBEDS, atol=0.05, rtol=0)
    torch.testing.assert_close(strong, 2 * plain)
    assert not torch.allclose(noisy[:, :8], EMBEDS, atol=0.5)


def test_another_seed_is_another_noise() -> None:
    first, again, other = (
        picture_vector([ShownPicture(SEEN, 1.0, 0.5)], 8, seed=seed, merged_noise=0.0) for seed in (7, 7, 8)
    )

    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_pictures_are_added_to_those_that_a_conditioning_shows() -> None:
    cond = Cond(torch.zeros(1, 77, 8))

    once = unclip_conditioning(conditioning=(cond,), clip_vision_output=SEEN)
    twice = unclip_conditioning(conditioning=once, clip_vision_output=SEEN, strength=0.5, noise_augmentation=0.25)

    assert [len(each[0].extras["unclip_conditioning"]) for each in (once, twice)] == [1, 2]
    assert twice[0].extras["unclip_conditioning"][1].noise_augmentation == 0.25
    assert unclip_conditioning(conditioning=once, clip_vision_output=SEEN, strength=0.0) == once


# Cameras


def test_a_camera_moves_on_from_picture_to_picture() -> None:
    path = moving((10.0, 0), (0.0, 90.0), 3)
    told = placed(torch.zeros(1, 1, 8), path)

    assert path == [(10.0, 0), (10.0, 90.0), (10.0, 180.0)]
    assert told.shape == (3, 1, 12)
    assert told[:, 0, 9].tolist() == pytest.approx([0, 1, 0], abs=1e-6)
    assert told[:, 0, 10].tolist() == pytest.approx([1, 0, -1], abs=1e-6)


def test_latents_that_are_no_whole_videos_are_refused() -> None:
    from wftools.diffusion.networks.temporal import along_time

    with pytest.raises(RunError, match="5 latents are no videos of 2 frames"):
        along_time(torch.zeros(5, 1, 2, 2), 2)
