"""A family is two modules of one name. Here one is made of nothing but what stands in this module: videos by a flow.

Its latents have five axes, its network predicts a velocity, its text encoder and its VAE are its own. The network moves
every latent straight to a point that the text names, so that what comes out is known exactly.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from tests.seeded_models import encoded
from wftools.context import Context
from wftools.diffusion import families as running
from wftools.diffusion.checkpoint import load_checkpoint, load_clip, load_vae
from wftools.diffusion.loading import load_network
from wftools.diffusion.ops import Embedding, Linear, Module
from wftools.diffusion.sampling.levels import FlowLevels
from wftools.diffusion.sampling.parametrise import Flow
from wftools.diffusion.text.clip import TextEncoders
from wftools.errors import RunError
from wftools.folders import Folders
from wftools.nodes.latent import empty_latent_image, vae_decode, vae_encode
from wftools.nodes.sampling import k_sampler
from wftools.plugins import Folder
from wftools.values import Clip, Cond, Latent, Model, NetworkInputs, Sampling, Token, Vae
from wftools.weights import families as recognised
from wftools.weights.families import CheckpointForm, LatentForm, Parts
from wftools.weights.networks import Part

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from torch import nn

    from wftools.diffusion.ops import Bypass
    from wftools.diffusion.text.prompt import Chunk, FindEmbedding
    from wftools.diffusion.text.tower import Encoded
    from wftools.weights.source import Source, Weight
    from wftools.weights.tensorfile import TensorFile

CHANNELS, WIDTH, LETTERS = 2, 3, 128


# How its files are recognised: what would be weights/families/straight.py

LATENT_FORM = LatentForm(
    CHANNELS, 4, dimensions=3, temporal_ratio=4, scale=2.0, shift=0.25, means=(0.5, -0.5), deviations=(3.0, 4.0)
)


@dataclass(frozen=True)
class StraightConfig:
    """The network's one number."""

    width: int


def recognise(file: TensorFile) -> Parts | None:
    """The networks by the tensors that only they have."""
    network, text, vae = (file.below(prefix) for prefix in ("straight.", "letters.", "blocks."))
    if not network.tensors:
        return None
    return Parts(
        Part(StraightConfig(network.shapes["target.weight"][1]), network),
        Part(None, vae) if vae.tensors else None,
        {"letters": Part(None, text)} if text.tensors else {},
    )


# How it runs: what would be diffusion/families/straight.py and its networks


class Straight(Module):
    """The velocity from a point, that the text names, to the noise: x moves straight there."""

    def __init__(self, config: StraightConfig) -> None:
        super().__init__()
        self.config = config
        self.target = Linear(config.width, CHANNELS)

    def forward(self, x: Tensor, timesteps: Tensor, context: Tensor, frames: int) -> Tensor:
        assert x.shape[2] == frames
        target = self.target(context.mean(1))[:, :, None, None, None]  # (B, C, 1, 1, 1)
        return (x - target) / (timesteps / 1000).reshape(-1, 1, 1, 1, 1)


class Letters(Module):
    """A vector for each letter."""

    def __init__(self, _config: None) -> None:
        super().__init__()
        self.table = Embedding(LETTERS, WIDTH)


class Blocks(Module):
    """Colours for the channels of a latent."""

    def __init__(self, _config: None) -> None:
        super().__init__()
        self.colours = Linear(CHANNELS, 3, bias=False)


@dataclass(frozen=True)
class States:
    """What the encoder gives."""

    states: Tensor
    pooled: Tensor


@dataclass(frozen=True)
class Reader:
    """The text encoder."""

    network: Letters

    def tokenised(self, text: str, _find_embedding: FindEmbedding) -> tuple[Chunk, ...]:
        return (tuple(Token(ord(letter)) for letter in text),)

    def encode(self, chunks: Sequence[Chunk], layer: int | None, *, is_projected: bool = True) -> Encoded:
        states = self.network.table(torch.tensor([[token.value for chunk in chunks for token in chunk]]))
        return States(states, states.mean(1))  # type: ignore[return-value]

    def weights(self) -> Mapping[str, Weight]:
        return {}

    def with_bypasses(self, bypasses: Mapping[str, Bypass]) -> Reader:
        raise NotImplementedError

    def with_device(self, device: str | None) -> Reader:
        raise NotImplementedError

    def with_weights(self, changes: Mapping[str, Callable[[Source], Source]]) -> Reader:
        raise NotImplementedError


@dataclass(frozen=True)
class Painter:
    """The VAE: a latent of t cells of time is 4 (t - 1) + 1 frames."""

    network: Blocks

    def encode(self, image: Tensor) -> Tensor:
        frames = image[::4, ::4, ::4] @ torch.linalg.pinv(self.network.colours.weight).T  # (t, h, w, C)
        made: Tensor = frames.movedim(-1, 0)[None]
        return made

    def decode(self, samples: Tensor) -> Tensor:
        frames = self.network.colours(samples.movedim(1, -1)).flatten(0, 1)  # (B t, h, w, 3)
        frames = frames[torch.arange(4 * (len(frames) - 1) + 1) // 4]
        return frames.repeat_interleave(4, 1).repeat_interleave(4, 2)


def inputs(network: Straight, cond: Cond, latent: Tensor, sampling: Sampling) -> NetworkInputs:
    """The text, and how many frames there are."""
    assert sampling.latent.shape == latent.shape
    return NetworkInputs({"context": cond.tensor}, {"frames": latent.shape[2]})


def clip(texts: Mapping[str, Part[Any]], context: Context) -> TextEncoders:
    reader = Reader(load_network(Letters, texts["letters"], context.placement))
    return TextEncoders(
        {"letters": reader}, lambda all_: Cond(all_["letters"].states, all_["letters"].pooled), context.folders
    )


def vae(part: Part[Any], context: Context) -> Painter:
    return Painter(load_network(Blocks, part, context.placement))


def parametrisation(file: TensorFile, _network: Part[StraightConfig]) -> Flow:
    """A flow; its shift is a value in the file."""
    return Flow(FlowLevels(shift=file.read("shift").item()))


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Context:
    """A folder with a checkpoint of the family, which is registered by two modules and a name in the tuple."""
    weights_side = SimpleNamespace(
        LATENT_FORM=LATENT_FORM,
        CLIP_TYPES=("straight",),
        SAVED=CheckpointForm({"letters": "letters."}),
        recognise=recognise,
    )
    running_side = SimpleNamespace(
        network=Straight, parametrisation=parametrisation, memory_of=lambda _network, x: x.nbytes, inputs=inputs
    )
    running_side.clip, running_side.vae = clip, vae
    monkeypatch.setitem(sys.modules, f"{recognised.__name__}.straight", weights_side)
    monkeypatch.setitem(sys.modules, f"{running.__name__}.straight", running_side)
    monkeypatch.setattr(recognised, "FAMILIES", ("straight", *recognised.FAMILIES))

    torch.manual_seed(0)
    modules: dict[str, nn.Module] = {
        "straight": Straight(StraightConfig(WIDTH)),
        "letters": Letters(None),
        "blocks": Blocks(None),
    }
    tensors = {f"{key}.{name}": each for key, module in modules.items() for name, each in module.state_dict().items()}
    for folder in ("checkpoints", "vae", "text_encoders"):
        (tmp_path / folder).mkdir()
        save_file({**tensors, "shift": torch.tensor(3.0)}, tmp_path / folder / "straight.safetensors")
    return Context(Folders(models=tmp_path))


Loaded = tuple[Model, Clip, Vae]


@pytest.fixture
def loaded(context: Context) -> Loaded:
    return load_checkpoint("straight.safetensors", context)


def point(loaded: Loaded, text: str) -> Tensor:
    """The latent that a text names, at the VAE's scale: (C,)."""
    target: Linear = loaded[0].network.target  # type: ignore[attr-defined]
    with torch.no_grad():
        at_network_s_scale = target(encoded(loaded[1], text)[0].tensor.mean(1))[0]
    return at_network_s_scale * torch.tensor(LATENT_FORM.deviations) / 2.0 + 0.25 + torch.tensor(LATENT_FORM.means)


def run(loaded: Loaded, context: Context, latent: Latent, cfg: float = 1.0, **options: Any) -> Latent:
    return k_sampler(
        model=loaded[0],
        seed=1,
        steps=3,
        cfg=cfg,
        positive=encoded(loaded[1], "sea"),
        negative=encoded(loaded[1], "no"),
        latent_image=latent,
        context=context,
        **{"sampler_name": "euler", "scheduler": "normal", **options},
    )


def filled(values: Tensor, shape: tuple[int, ...]) -> Tensor:
    return values.reshape(1, -1, 1, 1, 1).expand(shape)


SHAPE = (1, CHANNELS, 3, 4, 5)


@pytest.mark.parametrize("sampler_name", ["euler", "euler_ancestral", "heun", "dpmpp_2m"])
def test_a_video_is_sampled_to_where_its_flow_leads(context: Context, loaded: Loaded, sampler_name: str) -> None:
    result = run(loaded, context, Latent(torch.zeros(SHAPE)), sampler_name=sampler_name)

    torch.testing.assert_close(result.samples, filled(point(loaded, "sea"), SHAPE), rtol=1e-4, atol=1e-4)


def test_guidance_goes_beyond_the_point_away_from_the_other(context: Context, loaded: Loaded) -> None:
    wanted = point(loaded, "no") + 2.5 * (point(loaded, "sea") - point(loaded, "no"))

    result = run(loaded, context, Latent(torch.zeros(SHAPE)), cfg=2.5)

    torch.testing.assert_close(result.samples, filled(wanted, SHAPE), rtol=1e-4, atol=1e-4)


def test_an_empty_picture_is_a_video_of_one_frame(context: Context, loaded: Loaded) -> None:
    latent = empty_latent_image(width=32, height=16, batch_size=1)

    result = run(loaded, context, latent)

    assert result.samples.shape == (1, CHANNELS, 1, 4, 8)


def test_a_result_is_decoded_to_frames(context: Context, loaded: Loaded) -> None:
    result = run(loaded, context, Latent(torch.zeros(SHAPE)))

    frames = vae_decode(samples=result, vae=loaded[2])

    colour = loaded[2].network.colours(point(loaded, "sea"))  # type: ignore[attr-defined]
    assert frames.shape == (9, 16, 20, 3)
    torch.testing.assert_close(frames, colour.expand_as(frames), rtol=1e-3, atol=1e-3)


def test_frames_are_encoded_and_changed_where_a_mask_allows_it(context: Context, loaded: Loaded) -> None:
    encoded_frames = vae_encode(pixels=torch.rand(9, 16, 20, 3), vae=loaded[2])
    mask = torch.zeros(1, 16, 20)
    mask[..., 10:] = 1.0

    result = run(loaded, context, Latent(encoded_frames.samples, noise_mask=mask), denoise=0.7)

    assert encoded_frames.samples.shape == SHAPE
    torch.testing.assert_close(result.samples[..., :2], encoded_frames.samples[..., :2], rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(
        result.samples[..., 3:], filled(point(loaded, "sea"), (*SHAPE[:-1], 2)), rtol=1e-4, atol=1e-4
    )


def test_what_only_a_value_tells_is_read_from_the_file(loaded: Loaded) -> None:
    assert loaded[0].parametrisation.levels == FlowLevels(shift=3.0)


def test_files_of_their_own_are_known_by_the_family_s_type(context: Context, loaded: Loaded) -> None:
    own_clip = load_clip(["straight.safetensors"], "straight", context)
    own_vae = load_vae("straight.safetensors", context)

    assert torch.equal(encoded(own_clip, "sea")[0].tensor, encoded(loaded[1], "sea")[0].tensor)
    assert own_vae.decode(torch.ones(SHAPE)).shape == (9, 16, 20, 3)


def test_a_latent_of_other_channels_is_refused(context: Context, loaded: Loaded) -> None:
    with pytest.raises(RunError, match="the model needs 2 channels and 5 axes"):
        run(loaded, context, Latent(torch.ones(1, 4, 8, 8)))


@pytest.mark.parametrize("name", Folder("wftools.diffusion.families").names())
def test_every_family_that_runs_is_one_that_is_recognised(name: str) -> None:
    assert name in recognised.FAMILIES
    for needed in ("network", "parametrisation", "memory_of", "inputs", "clip", "vae"):
        assert callable(getattr(running.family(name), needed))
