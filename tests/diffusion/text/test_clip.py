"""CLIP as a handle: options, several encoders, patches."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
import torch
from safetensors.torch import save_file

from tests.seeded_models import CLIP_L, encoded
from wftools.context import Context, Placement
from wftools.diffusion.checkpoint import load_clip
from wftools.diffusion.networks.clip_text import ClipText
from wftools.diffusion.text.clip import TextEncoders
from wftools.diffusion.text.tokenizer import END
from wftools.diffusion.text.tower import AT_ONCE, Encoded, Tower
from wftools.errors import RunError
from wftools.folders import Folders
from wftools.values import Clip, Cond, Model, TextOptions, Token, Vae
from wftools.weights.networks.clip_text import ClipTextConfig

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from torch import Tensor

    from wftools.diffusion.ops import Bypass
    from wftools.diffusion.text.prompt import Chunk, FindEmbedding
    from wftools.weights.source import Source, Weight


@pytest.fixture
def clip(mini_sd15: tuple[Model, Clip, Vae]) -> Clip:
    return mini_sd15[1]


def states(clip: Clip, text: str = "a cat") -> Tensor:
    return encoded(clip, text)[0].tensor


def test_an_earlier_layer_is_another_conditioning_with_the_same_pooled_state(clip: Clip) -> None:
    earlier = clip.with_options(TextOptions(layer=-2))

    (before,), (after,) = encoded(clip, "a cat"), encoded(earlier, "a cat")

    assert not torch.allclose(before.tensor, after.tensor)
    assert before.pooled_output is not None
    assert after.pooled_output is not None
    assert torch.equal(before.pooled_output, after.pooled_output)
    assert torch.equal(states(clip), before.tensor)


@pytest.mark.parametrize("layer", [-1, -CLIP_L.layers - 1, -24])
def test_a_layer_that_is_not_there_is_the_last_one(clip: Clip, layer: int) -> None:
    assert torch.equal(states(clip.with_options(TextOptions(layer=layer))), states(clip))


def test_a_layer_that_is_not_there_is_normalised_by_every_encoder(mini_sd15: tuple[Model, Clip, Vae]) -> None:
    """Those of SDXL normalise no other."""
    clip = mini_sd15[1]
    assert isinstance(clip, TextEncoders)
    tower = clip.encoders["clip_l"]
    assert isinstance(tower, Tower)
    bare = replace(tower, is_normalised=False)
    chunks = tower.tokenised("a cat", lambda _name: None)

    assert torch.equal(bare.encode(chunks, -CLIP_L.layers - 1).states, tower.encode(chunks, -1).states)
    assert not torch.allclose(bare.encode(chunks, -1).states, tower.encode(chunks, -1).states)


def test_the_options_of_one_call_leave_the_handle_s_own(clip: Clip) -> None:
    tokens = clip.tokenised("a cat")

    (once,) = clip.encode(tokens, TextOptions(layer=-2))

    assert torch.equal(once.tensor, states(clip.with_options(TextOptions(layer=-2))))
    assert torch.equal(clip.encode(tokens)[0].tensor, states(clip))


def test_a_long_prompt_is_encoded_in_batches(mini_sd15: tuple[Model, Clip, Vae]) -> None:
    """As many chunks at a time as memory allows, as if they were one."""
    clip = mini_sd15[1]
    words = ["cat", "dog", "fox", "owl", "elk"]
    chunks = AT_ONCE + 2
    text = " ".join(words[index % 5] for index in range(75 * chunks))

    (cond,) = encoded(clip, text)

    assert cond.tensor.shape == (1, 77 * chunks, CLIP_L.width)
    torch.testing.assert_close(
        cond.tensor[:, : 77 * 5], cond.tensor[:, -77 * 5 - 77 * 2 : -77 * 2], rtol=1e-4, atol=1e-4
    )


def test_a_changed_weight_leaves_the_original_as_it_was(clip: Clip) -> None:
    @dataclass
    class Doubled:
        old: Source

        def weight(self, dtype: torch.dtype, device: torch.device) -> Tensor:
            return self.old.weight(dtype, device) * 2

    before = states(clip)
    name = "clip_l.encoder.layers.0.mlp.fc1.weight"

    once = clip.with_weights({name: Doubled})
    twice = once.with_weights({name: Doubled})

    assert len({states(each).sum().item() for each in (clip, once, twice)}) == 3
    assert torch.equal(states(clip), before)


def test_a_weight_that_is_not_there_cannot_be_changed(clip: Clip) -> None:
    for name in ("clip_l.nothing.weight", "clip_g.encoder.layers.0.mlp.fc1.weight"):
        with pytest.raises(KeyError):
            clip.with_weights({name: lambda source: source})


# Several encoders


@dataclass(frozen=True)
class Letters:
    """A text encoder that has a token a letter, and three states: 1, 2 and 3 times the letters' numbers."""

    factor: float = 1.0

    def tokenised(self, text: str, _find_embedding: FindEmbedding) -> tuple[Chunk, ...]:
        return (tuple(Token(ord(letter)) for letter in text),)

    def encode(self, chunks: Sequence[Chunk], layer: int | None, *, is_projected: bool = True) -> Encoded:
        ids = torch.tensor([[token.value for chunk in chunks for token in chunk]], dtype=torch.float32)
        return Encoded(ids[..., None] * (3 + 1 + (layer or -1)) * self.factor, ids.sum(1, keepdim=True))

    def weights(self) -> Mapping[str, Weight]:
        return {}

    def with_bypasses(self, bypasses: Mapping[str, Bypass]) -> Letters:
        raise NotImplementedError

    def with_device(self, device: str | None) -> Letters:
        raise NotImplementedError

    def with_weights(self, changes: Mapping[str, Callable[[Source], Source]]) -> Letters:
        return replace(self, factor=self.factor * 10 ** len(changes))


def side_by_side(encoded: Mapping[str, Encoded]) -> Cond:
    length = min(each.states.shape[1] for each in encoded.values())
    return Cond(torch.cat([each.states[:, :length] for each in encoded.values()], dim=2), encoded["b"].pooled)


@pytest.fixture
def two(context: Context) -> TextEncoders:
    return TextEncoders({"a": Letters(), "b": Letters()}, side_by_side, context.folders)


def test_one_text_is_read_by_all_encoders_or_each_has_its_own(two: TextEncoders) -> None:
    (same,), (own,) = two.encode(two.tokenised("A")), two.encode(two.tokenised({"a": "A", "b": "BB"}))

    assert same.tensor.tolist() == [[[3 * 65, 3 * 65]]]
    assert own.tensor.tolist() == [[[3 * 65, 3 * 66]]]
    assert own.pooled_output is not None
    assert own.pooled_output.tolist() == [[132]]


def test_an_encoder_without_a_text_reads_an_empty_one(two: TextEncoders) -> None:
    assert two.tokenised({"a": "A"})["b"] == ((),)


def test_options_are_those_of_all_encoders_weights_those_of_one(two: TextEncoders) -> None:
    changed = two.with_options(TextOptions(layer=-2)).with_weights({"b.x": lambda source: source})

    (cond,) = changed.encode(changed.tokenised("A"))

    assert cond.tensor.tolist() == [[[2 * 65, 20 * 65]]]


def test_pictures_are_refused_by_encoders_that_cannot_see(two: TextEncoders) -> None:
    with pytest.raises(RunError, match="read no pictures"):
        two.tokenised("A", [torch.zeros(1, 8, 8, 3)])


def test_a_projection_is_that_of_the_pooled_state_only() -> None:
    torch.manual_seed(0)
    network = ClipText(replace(CLIP_L, projection_width=3)).requires_grad_(False)
    tower = Tower(network, END, Placement(), is_normalised=False)
    chunks = tower.tokenised("a cat", lambda _: None)

    projected = tower.encode(chunks)
    network.text_projection = None

    assert projected.pooled.shape == (1, 3)
    assert torch.equal(projected.states, tower.encode(chunks).states)
    assert not torch.equal(projected.states, replace(tower, is_normalised=True).encode(chunks).states)


@pytest.mark.parametrize("layer", [None, -2, -3, -24, -25])
def test_layers_are_counted_from_one_that_a_file_leaves_out(tmp_path: Path, layer: int | None) -> None:
    """Diffusers has SD2's text encoder without its last layer, which nothing reads."""
    network = ClipText(ClipTextConfig(width=8, layers=24, mlp_width=8, head_dim=8))
    weights = {f"text_model.{name}": weight.detach().clone() for name, weight in network.state_dict().items()}
    (tmp_path / "text_encoders").mkdir()
    save_file(weights, tmp_path / "text_encoders/whole.safetensors", {"wftools.clip_h.head_dim": "8"})
    cut = {name: weight for name, weight in weights.items() if ".layers.23." not in name}
    save_file(cut, tmp_path / "text_encoders/cut.safetensors", {"wftools.clip_h.head_dim": "8"})
    context = Context(Folders(models=tmp_path))

    whole, without = (load_clip([f"{name}.safetensors"], "stable_diffusion", context) for name in ("whole", "cut"))

    of_layer = TextOptions(layer=layer)
    if layer is not None:
        whole, without = whole.with_options(of_layer), without.with_options(of_layer)
    if layer == -25:  # beyond the first: the last that there is
        assert not torch.equal(states(without), states(whole))
    else:
        assert torch.equal(states(without), states(whole))
