"""Data sets for training."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest
import torch

from wftools.context import Context
from wftools.diffusion.training.datasets import bucketed, encoded, load, save
from wftools.errors import InputError, RunError
from wftools.folders import Folders
from wftools.values import Area, Cond, Latent

if TYPE_CHECKING:
    from pathlib import Path

    from wftools.values import Clip, Vae


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return Context(Folders(models=tmp_path))


def latent(*shape: int) -> Latent:
    return Latent(torch.randn(shape))


COND = Cond(
    torch.randn(1, 3, 2),
    torch.randn(1, 2),
    area=Area((4, 4), (0, 1)),
    strength=0.5,
    default=True,
    extras={"width": 64, "caption": "a fox", "guide": torch.ones(2)},
)
PLAIN = Cond(torch.randn(1, 1, 2))


@pytest.mark.parametrize("shard_size", [1, 2, 1000])
def test_a_data_set_that_is_saved_is_loaded_as_the_same(shard_size: int, context: Context) -> None:
    latents, conds = [latent(1, 4, 2, 2), latent(2, 4, 2, 3), latent(1, 4, 1, 1)], [(COND,), (PLAIN, COND), (PLAIN,)]

    save("sub/set", latents, conds, shard_size, context)
    again, conds_again = load("sub/set", context)

    assert all(torch.equal(one.samples, other.samples) for one, other in zip(latents, again, strict=True))
    assert [len(each) for each in conds_again] == [1, 2, 1]
    cond = conds_again[1][1]
    assert torch.equal(cond.tensor, COND.tensor)
    assert cond.pooled_output is not None
    assert torch.equal(cond.pooled_output, cast("torch.Tensor", COND.pooled_output))
    assert (cond.area, cond.strength, cond.default) == (COND.area, COND.strength, COND.default)
    assert {name: cond.extras[name] for name in ("width", "caption")} == {"width": 64, "caption": "a fox"}
    assert torch.equal(cond.extras["guide"], torch.ones(2))


def test_torch_reads_what_is_saved(context: Context) -> None:
    save("set", [latent(1, 4, 2, 2)], [(COND,)], 1, context)

    shard = torch.load(context.folders.models / "datasets/set/shard_0000.pkl", weights_only=True)

    assert shard.keys() == {"latents", "conditioning"}
    assert shard["conditioning"][0][0][1]["strength"] == 0.5


def test_what_a_file_cannot_hold_is_an_error(context: Context) -> None:
    with pytest.raises(RunError, match="the conditioning says guide by a object"):
        save("set", [latent(1, 4, 2, 2)], [(PLAIN.with_extras(guide=object()),)], 1, context)


@pytest.mark.parametrize("name", ["nothing", "../models", "/etc"])
def test_a_data_set_that_is_not_there_is_an_error(name: str, context: Context) -> None:
    with pytest.raises(RunError):
        load(name, context)


def test_a_shard_that_lacks_half_of_a_pair_is_an_error(context: Context) -> None:
    folder = context.folders.models / "datasets/set"
    folder.mkdir(parents=True)
    torch.save({"latents": [{"samples": torch.ones(1, 4, 2, 2)}], "conditioning": []}, folder / "shard_0000.pkl")

    with pytest.raises(InputError, match="has no conditioning"):
        load("set", context)


def test_samples_of_one_size_are_put_together_in_the_order_of_sizes() -> None:
    wide, square, more = latent(1, 4, 2, 3), latent(2, 4, 2, 2), latent(1, 4, 2, 3)

    latents, conds = bucketed([wide, square, more], [(PLAIN,), (COND, PLAIN), (COND,)])

    assert [tuple(each.samples.shape) for each in latents] == [(2, 4, 2, 3), (2, 4, 2, 2)]
    assert torch.equal(latents[0].samples[1], more.samples[0])
    assert conds == [(PLAIN, COND), (COND, PLAIN)]


@pytest.mark.parametrize(
    ("conds", "message"),
    [([(PLAIN,)], "2 latents and 1 conditionings"), ([(PLAIN,), (PLAIN,)], "of 1 entries goes with 2 latents")],
)
def test_each_sample_needs_an_entry(conds: list[tuple[Cond, ...]], message: str) -> None:
    with pytest.raises(RunError, match=message):
        bucketed([latent(1, 4, 2, 2), latent(2, 4, 2, 2)], conds)


class Echo:
    """A VAE that leaves pictures as they are, and text encoders that tell the length of a text."""

    def encode(self, given: object) -> object:
        return given

    def tokenised(self, text: str) -> tuple[Cond, ...]:
        return (Cond(torch.full((1, 1, 1), float(len(text)))),)


@pytest.mark.parametrize(("texts", "lengths"), [(["a", "bc"], [1, 2]), (["abc"], [3, 3]), ([], [0, 0])])
def test_one_caption_or_none_is_for_all_pictures(texts: list[str], lengths: list[int]) -> None:
    images = [torch.ones(1, 2, 2, 4)] * 2

    latents, conds = encoded(images, texts, cast("Vae", Echo()), cast("Clip", Echo()))

    assert [int(cond.tensor) for (cond,) in conds] == lengths
    assert latents[0].samples.shape == (1, 2, 2, 3)


def test_another_number_of_captions_is_an_error() -> None:
    with pytest.raises(RunError, match="2 texts for 3 images"):
        encoded([torch.ones(1, 2, 2, 3)] * 3, ["a", "b"], cast("Vae", Echo()), cast("Clip", Echo()))
