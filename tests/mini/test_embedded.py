"""The model that comes with wftools."""

import zlib
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from wftools.errors import RunError
from wftools.folders import BUILT_IN, Folders
from wftools.mini.judge import see, wrong
from wftools.mini.render import render
from wftools.mini.scene import PLAIN, scene
from wftools.mini.score import NAME, Painter, Settings, accuracy, painter, prompts

KINDS = ("checkpoints", "diffusion_models", "text_encoders", "vae")

LARGEST_IN_WHEEL = 15 * 10**6  # bytes, compressed as a wheel does

# Twelve pictures: far below what the 200 prompts give, so that another processor's rounding does not matter.
FEW = 12
LEAST_RIGHT = 0.75
QUICK = Settings(steps=10)


@pytest.fixture(scope="module")
def embedded() -> Painter:
    torch.set_num_threads(1)
    return painter()


@pytest.mark.parametrize("kind", [*KINDS, "unet", "clip"])
def test_the_embedded_model_is_found_without_any_folder(tmp_path: Path, kind: str) -> None:
    assert Folders(models=tmp_path / "nowhere").find(kind, NAME) == BUILT_IN


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_that_name_in_the_users_folders_comes_first(tmp_path: Path, kind: str) -> None:
    own = tmp_path / kind / NAME
    own.parent.mkdir()
    save_file({"w": torch.zeros(1)}, own)

    assert Folders(models=tmp_path).find(kind, NAME) == own


def test_it_stands_for_no_other_kind_and_no_other_name(tmp_path: Path) -> None:
    for kind, name in (("loras", NAME), ("checkpoints", f"sub/{NAME}")):
        with pytest.raises(RunError, match="is not there"):
            Folders(models=tmp_path).find(kind, name)


def test_it_is_small_in_a_wheel() -> None:
    assert len(zlib.compress(BUILT_IN.read_bytes(), 6)) < LARGEST_IN_WHEEL


def right(painter: Painter, settings: Settings) -> float:
    """The share of a few prompts that come out right in shape, colour and ground."""
    few = prompts()[:FEW]
    return accuracy((each.wants, see(painter.paint(each.prompt, each.seed, settings))) for each in few)["together"]


def test_pictures_match_their_prompts(embedded: Painter) -> None:
    assert right(embedded, QUICK) >= LEAST_RIGHT


def test_guidance_makes_pictures_match(embedded: Painter) -> None:
    assert right(embedded, replace(QUICK, cfg=1.0)) < right(embedded, QUICK)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("attribute", "prompt", "names"),
    [
        ("colour", "a star", ("red", "yellow", "white", "blue")),
        ("shape", "a red shape", ("circle", "star", "heart", "triangle")),
    ],
)
def test_what_a_negative_prompt_names_becomes_rarer(
    embedded: Painter, attribute: str, prompt: str, names: tuple[str, ...]
) -> None:
    def share(*, is_named: bool) -> int:
        """How many pictures show a thing, where it is named in their negative prompt or where it is not."""
        return sum(
            getattr(see(embedded.paint(prompt, seed, replace(QUICK, negative=name if is_named else ""))), attribute)
            == name
            for name in names
            for seed in range(4)
        )

    assert share(is_named=True) < share(is_named=False)


def test_the_strength_decides_what_is_left_of_a_picture(embedded: Painter) -> None:
    before = scene(10**9, PLAIN)
    picture = render([before])[0]
    shape = "star" if before.words.shape != "star" else "heart"

    prompt = f"a {before.words.colour} {shape} on a {before.words.ground} background"

    weak, strong = (embedded.paint(prompt, 0, replace(QUICK, denoise=denoise), picture) for denoise in (0.2, 0.95))

    assert not wrong(before.words, see(weak))
    assert see(strong).shape == shape
    assert (weak - picture).norm() < (strong - picture).norm()


def test_a_seed_is_a_picture(embedded: Painter) -> None:
    first, again, other = (embedded.paint("a red circle", seed, Settings(steps=4)) for seed in (1, 1, 2))

    assert torch.equal(first, again)
    assert not torch.equal(first, other)
