import math
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.testing import assert_close

from tests.seeded_models import shapes_of
from tests.weights_from_seed import weights_from_seed
from wftools.context import Context
from wftools.diffusion.networks.residual_attention import ResidualAttention
from wftools.diffusion.networks.style import Redux, StyleAdapter
from wftools.errors import InputError, RunError
from wftools.nodes.style import style_model_apply, style_model_loader
from wftools.values import ClipVisionOutput, Cond, Conditioning, StyleModel
from wftools.weights.networks.style import ReduxConfig, StyleAdapterConfig

WIDTH, TEXT_WIDTH, TOKENS = 16, 12, 3
SEEN = ClipVisionOutput(
    torch.randn(2, 5, WIDTH, generator=torch.Generator().manual_seed(3)), torch.zeros(0), torch.zeros(0)
)
PLAIN = (Cond(torch.zeros(1, 4, TEXT_WIDTH), extras={"kept": 1}),)


class Tokens:
    """A style model that says ones."""

    def tokens(self, seen: ClipVisionOutput) -> Tensor:
        return torch.ones(1, TOKENS, TEXT_WIDTH)


@pytest.fixture(scope="module")
def folder(models: Path) -> Path:
    (models / "style_models").mkdir(exist_ok=True)
    adapter = StyleAdapter(StyleAdapterConfig(width=WIDTH, text_width=TEXT_WIDTH, tokens=TOKENS, layers=2))
    redux = Redux(ReduxConfig(width=WIDTH, hidden=8, text_width=TEXT_WIDTH))
    for name, network in {"adapter": adapter, "redux": redux}.items():
        weights = weights_from_seed(shapes_of(network), 2)
        renamed = {key.replace(".in_proj.", ".in_proj_"): weight for key, weight in weights.items()}
        save_file(renamed, models / f"style_models/{name}.safetensors")
    save_file({"weight": torch.zeros(1)}, models / "style_models/none.safetensors")
    return models / "style_models"


def applied(strength: float, kind: str, conditioning: Conditioning = PLAIN, model: StyleModel | None = None) -> Cond:
    (cond,) = style_model_apply(
        conditioning=conditioning,
        style_model=model or Tokens(),
        clip_vision_output=SEEN,
        strength=strength,
        strength_type=kind,
    )
    return cond


@pytest.mark.parametrize(("name", "tokens"), [("adapter", TOKENS), ("redux", 5)])
def test_pictures_become_tokens_in_a_row(name: str, tokens: int, folder: Path, context: Context) -> None:
    model = style_model_loader(style_model_name=f"{name}.safetensors", context=context)

    assert model.tokens(SEEN).shape == (1, 2 * tokens, TEXT_WIDTH)


def test_a_file_of_another_kind_is_refused(folder: Path, context: Context) -> None:
    with pytest.raises(InputError, match="no style model"):
        style_model_loader(style_model_name="none.safetensors", context=context)


def test_another_vision_encoder_is_refused(folder: Path, context: Context) -> None:
    model = style_model_loader(style_model_name="redux.safetensors", context=context)

    with pytest.raises(RunError, match="width 9, the style model needs 16"):
        model.tokens(ClipVisionOutput(torch.zeros(1, 5, 9), torch.zeros(0), torch.zeros(0)))


def test_another_text_encoder_is_refused() -> None:
    with pytest.raises(RunError, match="9 wide, the style model's tokens 12"):
        applied(1.0, "multiply", (Cond(torch.zeros(1, 4, 9)),))


def test_the_tokens_follow_the_text_as_strongly_as_asked() -> None:
    cond = applied(0.5, "multiply")

    assert_close(
        cond.tensor, torch.cat([torch.zeros(1, 4, TEXT_WIDTH), torch.full((1, TOKENS, TEXT_WIDTH), 0.5)], dim=1)
    )
    assert cond.extras == {"kept": 1}


def test_attention_to_the_tokens_is_as_likely_as_asked() -> None:
    """From the text, and from the picture behind it, which is one cell where nothing is known."""
    cond = applied(0.5, "attn_bias")
    mask, bias = cond.extras["attention_mask"], math.log(0.5)

    assert_close(cond.tensor[:, 4:], torch.ones(1, TOKENS, TEXT_WIDTH))
    assert mask.shape == (1, 8, 8)
    assert_close(mask[:, :4, 4:7], torch.full((1, 4, 3), bias, dtype=torch.float16))
    assert_close(mask[:, 7:, 4:7], torch.full((1, 1, 3), bias, dtype=torch.float16))
    assert mask.count_nonzero() == 15
    assert cond.extras["attention_mask_img_shape"] == (1, 1)


def test_a_mask_that_is_there_makes_room() -> None:
    """Whatever the strength, and also where it says by truth what may be attended to."""
    allowed = torch.ones(1, 6, 6, dtype=torch.bool)
    allowed[0, 0, 5] = False
    masked = (
        Cond(torch.zeros(1, 4, TEXT_WIDTH), extras={"attention_mask": allowed, "attention_mask_img_shape": (1, 2)}),
    )

    mask = applied(1.0, "multiply", masked).extras["attention_mask"]

    assert mask.shape == (1, 9, 9)
    assert mask[0, 0, 8] == -math.inf
    assert mask.isfinite().sum() == 80
    assert mask[mask.isfinite()].count_nonzero() == 0


def test_an_attention_in_one_projection_is_torch_s_own() -> None:
    torch.manual_seed(0)
    layer, own = ResidualAttention(16, 4), nn.MultiheadAttention(16, 4, batch_first=True)
    own.load_state_dict(
        {
            "in_proj_weight": layer.attn.in_proj.weight,
            "in_proj_bias": layer.attn.in_proj.bias,
            "out_proj.weight": layer.attn.out_proj.weight,
            "out_proj.bias": layer.attn.out_proj.bias,
        }
    )
    x = torch.randn(2, 5, 16)

    assert_close(layer.attn(x), own(x, x, x, need_weights=False)[0])
