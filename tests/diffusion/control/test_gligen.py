from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from tests.seeded_models import CLIP_L, encoded, shapes_of
from tests.weights_from_seed import weights_from_seed
from wftools.context import Context
from wftools.diffusion.control.gligen import MAX_BOXES, Boxes, load_gligen
from wftools.diffusion.networks.gligen import Gligen
from wftools.diffusion.patches import At
from wftools.errors import InputError, RunError
from wftools.nodes.gligen import gligen_text_box_apply
from wftools.values import Clip, Cond, Conditioning, Grounder, Model, Vae
from wftools.weights.networks.gligen import GligenConfig

CONFIG = GligenConfig(widths=(32, 64, 64), text_width=CLIP_L.width, token_width=16, hidden=32)
PLACES = ("input_blocks.1.1", "middle_block.1", "output_blocks.10.1")  # as strings the last would be the second


@pytest.fixture(scope="module")
def weights() -> dict[str, Tensor]:
    """As files name them, among others of the UNet."""
    found = {"input_blocks.0.0.weight": torch.zeros(1)}
    for name, weight in weights_from_seed(shapes_of(Gligen(CONFIG)), 8).items():
        if name.startswith("fusers."):
            _, index, rest = name.split(".", 2)
            found[f"{PLACES[int(index)]}.transformer_blocks.0.fuser.{rest}"] = weight
        else:
            found[name] = weight
    return found


@pytest.fixture(scope="module")
def gligen(models: Path, context: Context, weights: dict[str, Tensor]) -> Grounder:
    (models / "gligen").mkdir(exist_ok=True)
    save_file(weights, models / "gligen/small.safetensors")
    return load_gligen("small.safetensors", context)


@pytest.fixture(scope="module")
def said(mini_sd15: tuple[Model, Clip, Vae]) -> Cond:
    return encoded(mini_sd15[1], "a hat")[0]


def fused(conditioning: Conditioning, spatial: int, width: int, size: tuple[int, int] = (8, 8)) -> Tensor:
    """What a UNet's tokens become in one of its transformers."""
    grounding = conditioning[0].gligen
    assert grounding is not None
    (patch,) = grounding.patches(torch.Size((1, 4, *size)), torch.device("cpu")).between
    x = torch.randn(2, 5, width, generator=torch.Generator().manual_seed(0))
    return patch(x, At("input", 1, spatial=spatial))


def placed(gligen: Grounder, said: Cond, conditioning: Conditioning | None = None, left: int = 0) -> Conditioning:
    return gligen.placed(conditioning or (said,), said, left=left, top=8, width=32, height=24)


def test_tokens_see_where_a_box_is(gligen: Grounder, said: Cond) -> None:
    here, there = (fused(placed(gligen, said, left=left), 0, 32) for left in (0, 16))

    assert not torch.allclose(here, there)


def test_a_box_is_a_share_of_the_latent(gligen: Grounder, said: Cond) -> None:
    """The same pixels are another part of a larger picture."""
    conditioning = placed(gligen, said)

    assert not torch.allclose(fused(conditioning, 0, 32), fused(conditioning, 0, 32, (16, 16)))


def test_boxes_add_up_and_each_conditioning_keeps_its_own(gligen: Grounder, said: Cond) -> None:
    one = placed(gligen, said)
    two = placed(gligen, said, one, left=16)

    assert [len(each[0].gligen.boxes) for each in (one, two)] == [1, 2]
    assert not torch.allclose(fused(one, 0, 32), fused(two, 0, 32))


def test_calls_of_one_size_have_the_same_patches(gligen: Grounder, said: Cond) -> None:
    """So they stay one batch."""
    grounding = placed(gligen, said)[0].gligen
    assert grounding is not None
    small, again, large = (grounding.patches(torch.Size((1, 4, n, n)), torch.device("cpu")) for n in (8, 8, 16))

    assert small is again
    assert small is not large


def test_layers_stand_in_the_order_of_the_unet_s_way(gligen: Grounder, said: Cond) -> None:
    conditioning = placed(gligen, said)

    assert not torch.allclose(fused(conditioning, 1, 64), fused(conditioning, 2, 64))


@pytest.mark.parametrize(("spatial", "width"), [(3, 32), (0, 64)])
def test_a_model_of_another_family_is_refused(spatial: int, width: int, gligen: Grounder, said: Cond) -> None:
    with pytest.raises(RunError, match="other models"):
        fused(placed(gligen, said), spatial, width)


def test_there_are_only_so_many_boxes(gligen: Grounder, said: Cond) -> None:
    conditioning: Conditioning = (said,)
    for _ in range(MAX_BOXES):
        conditioning = placed(gligen, said, conditioning)

    assert torch.isfinite(fused(conditioning, 0, 32)).all()
    with pytest.raises(RunError, match="30 boxes"):
        placed(gligen, said, conditioning)


@pytest.mark.parametrize(("pooled", "problem"), [(torch.zeros(1, 7), "7 wide, .* needs 128"), (None, "no vector")])
def test_another_text_encoder_is_refused(pooled: Tensor | None, problem: str, gligen: Grounder, said: Cond) -> None:
    with pytest.raises(RunError, match=problem):
        placed(gligen, Cond(said.tensor, pooled), (said,))


def test_the_node_says_it_in_pixels(gligen: Grounder, said: Cond, mini_sd15: tuple[Model, Clip, Vae]) -> None:
    (cond,) = gligen_text_box_apply(
        conditioning_to=(said,),
        clip=mini_sd15[1],
        gligen_textbox_model=gligen,
        text="a hat",
        width=64,
        height=31,
        x=8,
        y=23,
    )

    assert isinstance(cond.gligen, Boxes)
    (box,) = cond.gligen.boxes
    assert (box.left, box.top, box.width, box.height) == (1, 2, 8, 3)


def test_a_file_without_such_layers_is_refused(gligen: Grounder, models: Path, context: Context) -> None:
    save_file({"weight": torch.zeros(3)}, models / "gligen/none.safetensors")

    with pytest.raises(InputError, match="no GLIGEN"):
        load_gligen("none.safetensors", context)
