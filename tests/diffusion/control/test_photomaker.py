from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from tests.seeded_models import CLIP_L, encoded, shapes_of
from tests.weights_from_seed import weights_from_seed
from wftools.context import Context
from wftools.diffusion.control.photomaker import load_photomaker
from wftools.diffusion.networks.photomaker import PhotoMaker as Network
from wftools.errors import InputError, RunError
from wftools.nodes.photomaker import photomaker_encode
from wftools.values import Clip, Conditioning, Model, PhotoMaker, Vae
from wftools.weights.networks.clip_vision import ClipVisionConfig
from wftools.weights.networks.photomaker import PhotoMakerConfig

VISION = ClipVisionConfig(width=64, layers=2, mlp_width=96, positions=5, projection_width=80)
CONFIG = PhotoMakerConfig(vision=VISION, second_width=CLIP_L.width - 80)


def weights(config: PhotoMakerConfig) -> dict[str, Tensor]:
    """As the published file names them, which also has a LoRA."""
    found = {"lora_weights.x": torch.zeros(1)}
    for name, weight in weights_from_seed(shapes_of(Network(config)), 9).items():
        found["id_encoder." + name] = weight
    return found


@pytest.fixture(scope="module")
def photomaker(models: Path, context: Context) -> PhotoMaker:
    (models / "photomaker").mkdir(exist_ok=True)
    save_file(weights(CONFIG), models / "photomaker/small.safetensors")
    return load_photomaker("small.safetensors", context)


@pytest.fixture(scope="module")
def clip(mini_sd15: tuple[Model, Clip, Vae]) -> Clip:
    return mini_sd15[1]


def said(photomaker: PhotoMaker, clip: Clip, text: str, image: Tensor) -> Conditioning:
    return photomaker_encode(photomaker=photomaker, image=image, clip=clip, text=text)


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("photograph of photomaker", [2]),  # counted with the start mark: the word before it
        ("a photomaker", [1]),
        ("a photograph  of photomaker", [4]),  # two spaces have an empty word between them
        ("a photomaker photomaker", [1]),
        ("photomakers", []),
        ("a photomaker, smiling", []),
        (" ".join(["a"] * 90 + ["photomaker"])[:80], []),
    ],
)
def test_the_state_before_the_word_is_fused_with_the_person(
    text: str, changed: list[int], photomaker: PhotoMaker, clip: Clip, picture: Tensor
) -> None:
    (plain,), (fused,) = encoded(clip, text), said(photomaker, clip, text, picture)

    assert [
        index for index in range(77) if not torch.allclose(plain.tensor[0, index], fused.tensor[0, index])
    ] == changed
    assert plain.pooled_output is not None
    assert fused.pooled_output is not None
    assert torch.equal(plain.pooled_output, fused.pooled_output)


def test_another_person_is_another_state(photomaker: PhotoMaker, clip: Clip, picture: Tensor) -> None:
    (one,), (other,) = (said(photomaker, clip, "a photomaker", image) for image in (picture, 1 - picture))

    assert not torch.allclose(one.tensor[0, 1], other.tensor[0, 1])


def test_as_the_first_word_it_takes_the_first_group_of_tokens_with_it(
    photomaker: PhotoMaker, clip: Clip, picture: Tensor
) -> None:
    """A group is all text of one weight: ComfyUI takes its number for that of a word."""
    (empty,), (fused,) = encoded(clip, ""), said(photomaker, clip, "photomaker in the rain", picture)

    assert torch.allclose(fused.tensor[0, 1:], empty.tensor[0, 1:], atol=1e-5)
    assert not torch.allclose(fused.tensor[0, 0], empty.tensor[0, 0])


def test_a_group_of_that_number_is_left_out(photomaker: PhotoMaker, clip: Clip, picture: Tensor) -> None:
    (without,), (with_it,) = (
        said(photomaker, clip, text, picture) for text in ("a photomaker (cat:1.0)", "a photomaker")
    )

    assert torch.allclose(without.tensor, with_it.tensor, atol=1e-5)


def test_a_prompt_of_more_than_one_chunk_is_refused(photomaker: PhotoMaker, clip: Clip, picture: Tensor) -> None:
    with pytest.raises(RunError, match="more than 77 tokens"):
        said(photomaker, clip, "a photomaker" + " tree" * 80, picture)


def test_the_text_encoders_of_another_family_are_refused(
    photomaker: PhotoMaker, models: Path, context: Context, clip: Clip, picture: Tensor
) -> None:
    save_file(weights(replace(CONFIG, second_width=9)), models / "photomaker/other.safetensors")

    with pytest.raises(RunError, match="width 128, PhotoMaker needs 89"):
        said(load_photomaker("other.safetensors", context), clip, "a photomaker", picture)


def test_a_file_without_it_is_refused(photomaker: PhotoMaker, models: Path, context: Context) -> None:
    save_file({"weight": torch.zeros(3)}, models / "photomaker/none.safetensors")

    with pytest.raises(InputError, match="no PhotoMaker"):
        load_photomaker("none.safetensors", context)
