"""Models in ONNX, against the same ones in torch."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import onnx
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.testing import assert_close

from tests.seeded_models import encoded
from wftools.context import Context
from wftools.diffusion.adapters.loading import with_adapters
from wftools.diffusion.checkpoint import load_checkpoint, load_clip, load_diffusion_model, load_vae
from wftools.diffusion.control.loading import load_control_net
from wftools.diffusion.networks.unet import sinusoidal_embedding
from wftools.diffusion.onnx.networks import numbers_of
from wftools.diffusion.patches import Control, Patches
from wftools.diffusion.upscaling import load_upscaler
from wftools.errors import InputError, RunError
from wftools.values import Clip, Hint, Model, NetworkInputs, TextOptions, Vae
from wftools.weights.faults import ModelFileError

pytestmark = pytest.mark.slow  # they wait for a model that is exported

HOSTILE = Path(__file__).parents[2] / "data/weights/hostile"
UNET, DECODER, TEXT = "tiny/unet/model.onnx", "tiny/vae_decoder/model.onnx", "tiny/text_encoder/model.onnx"

Loaded = tuple[Model, Clip, Vae]


def close(got: Tensor, expected: Tensor) -> None:
    """Both compute in float32; 1e-6 of the largest value was seen."""
    assert_close(got, expected, rtol=0, atol=float(expected.abs().max()) * 1e-5)


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def context_of(batch: int, width: int = 64) -> NetworkInputs:
    return NetworkInputs({"context": drawn(batch, 77, width, seed=1)})


@pytest.mark.parametrize("shape", [(1, 4, 8, 8), (3, 4, 6, 10), (2, 4, 7, 5)])
def test_a_unet_denoises_as_it_does_in_torch(shape: tuple[int, ...], context: Context, plain: Loaded) -> None:
    """Also where a batch has several times, and sides are odd."""
    model = load_diffusion_model(UNET, context)
    sigma, inputs = torch.linspace(0.5, 9.0, shape[0]), context_of(shape[0])

    got = model.denoised(drawn(*shape), sigma, inputs)

    close(got, plain[0].denoised(drawn(*shape), sigma, inputs))
    assert model.latent_format.to_network(got).equal(plain[0].latent_format.to_network(got))


def test_what_a_control_network_adds_reaches_the_unet(context: Context, plain: Loaded) -> None:
    """Whichever of both is in ONNX."""
    x, sigma, inputs = drawn(2, 4, 8, 8), torch.tensor([2.0, 2.0]), context_of(2)
    hint = Hint(drawn(1, 64, 64, 3).sigmoid())
    models = (plain[0], load_diffusion_model(UNET, context))
    nets = (load_control_net("tiny.safetensors", context), load_control_net("tiny.onnx", context))

    made = []
    for model in models:
        for net in nets:
            control = net.control(net.seen(hint, 8, 8, model), x, sigma, inputs, model, calls=1)
            made.append(model.denoised(x, sigma, inputs, Patches(control=control)))

    without = plain[0].denoised(x, sigma, inputs)
    assert (made[0] - without).abs().max() > 0.01 * without.abs().max()
    for each in made[1:]:
        close(each, made[0])


@pytest.mark.parametrize("text", ["a fox", "a (red:1.3) fox, [dim]", "fox " * 100, ""])
@pytest.mark.parametrize("layer", [None, -1, -2, -3, -9])
def test_texts_are_encoded_as_in_torch(text: str, layer: int | None, context: Context, plain: Loaded) -> None:
    clip = load_clip([TEXT], "stable_diffusion", context).with_options(TextOptions(layer=layer))

    (got,) = encoded(clip, text)

    (expected,) = encoded(plain[1].with_options(TextOptions(layer=layer)), text)
    close(got.tensor, expected.tensor)
    assert got.pooled_output is not None
    assert expected.pooled_output is not None
    close(got.pooled_output, expected.pooled_output)


@pytest.mark.parametrize("name", [DECODER, "tiny/vae_encoder/model.onnx"])
def test_pictures_become_latents_and_latents_pictures(name: str, context: Context, plain: Loaded) -> None:
    """Whichever of both graphs is named; each finds the other."""
    vae, latents, image = load_vae(name, context), drawn(2, 4, 9, 7), drawn(2, 18, 12, 3).sigmoid()

    assert vae.ratio == plain[2].ratio
    close(vae.decode(latents), plain[2].decode(latents))
    close(vae.encode(image), plain[2].encode(image))
    close(vae.decode_tiled(latents, 6, 2), plain[2].decode_tiled(latents, 6, 2))


def test_pictures_are_made_larger_as_in_torch(context: Context) -> None:
    upscaler, picture = load_upscaler("tiny.onnx", context), drawn(1, 3, 11, 14).sigmoid()

    assert upscaler.scale == 4
    close(upscaler(picture), load_upscaler("tiny.safetensors", context)(picture))
    with pytest.raises(RunError, match="3 channels, not 1"):
        upscaler(picture[:, :1])


@pytest.mark.parametrize("use", [
    lambda model: model.weights(),
    lambda model: with_adapters(model, {"lora_unet_x.lora_up.weight": torch.zeros(1, 1)}, 1.0),
    lambda model: model.with_weights({"out.2.weight": lambda source: source}),
])  # fmt: skip
def test_what_changes_weights_is_one_clear_error(use: Callable[[Any], object], context: Context) -> None:
    with pytest.raises(RunError, match="in ONNX, whose weights nothing can change"):
        use(load_diffusion_model(UNET, context))


def test_a_text_encoder_s_weights_are_no_one_s_to_change(context: Context) -> None:
    with pytest.raises(RunError, match="in ONNX, whose weights nothing can change"):
        load_clip([TEXT], "stable_diffusion", context).weights()


def test_patches_and_embeddings_are_one_clear_error(context: Context) -> None:
    model, clip = load_diffusion_model(UNET, context), load_clip([TEXT], "stable_diffusion", context)
    patches = Patches(middle=(lambda h, _at: h,))
    of_adapter = Patches(control=Control(input=(torch.zeros(1),)))
    (chunk,) = clip.tokenised("a fox")["clip_l"]

    with pytest.raises(RunError, match="in ONNX, and cannot be patched"):
        model.denoised(drawn(1, 4, 8, 8), torch.ones(1), context_of(1), patches)
    with pytest.raises(RunError, match="no inputs for what the control network adds"):
        model.denoised(drawn(1, 4, 8, 8), torch.ones(1), context_of(1), of_adapter)
    with pytest.raises(RunError, match="takes no embeddings"):
        clip.encode({"clip_l": ((replace(chunk[0], value=torch.zeros(64)), *chunk[1:]),)})


@pytest.mark.parametrize(("load", "message", "hint"), [
    (lambda context: load_diffusion_model(DECODER, context), "no unet in the file", "VAELoader"),
    (lambda context: load_vae(UNET, context), "no vae decoder in the file", "UNETLoader"),
    (lambda context: load_upscaler("other.onnx", context), "no upscaler in the file", "ControlNetLoader"),
    (lambda context: load_clip([UNET], "stable_diffusion", context), "no text encoder", ""),
])  # fmt: skip
def test_a_file_of_another_kind_is_said_to_be_one(
    load: Callable[[Context], object], message: str, hint: str, context: Context, folder: Path
) -> None:
    (folder / "upscale_models/other.onnx").write_bytes((folder / "controlnet/tiny.onnx").read_bytes())

    with pytest.raises(InputError, match=message) as error:
        load(context)

    assert hint in (error.value.hint or "")


def test_a_whole_checkpoint_is_not_onnx(context: Context, folder: Path) -> None:
    (folder / "checkpoints/x.onnx").write_bytes((folder / "tiny/unet/model.onnx").read_bytes())

    with pytest.raises(InputError, match="one part of a model"):
        load_checkpoint("x.onnx", context)


def test_a_decoder_alone_decodes(context: Context, folder: Path) -> None:
    (folder / "vae/alone.onnx").write_bytes((folder / "tiny/vae_decoder/model.onnx").read_bytes())
    vae = load_vae("alone.onnx", context)

    assert vae.decode(drawn(1, 4, 4, 4)).shape == (1, 8, 8, 3)
    with pytest.raises(RunError, match="no graph to encode pictures"):
        vae.encode(torch.zeros(1, 8, 8, 3))


@pytest.mark.parametrize("path", sorted(HOSTILE.glob("ox_*.onnx")), ids=lambda path: path.stem)
def test_onnxruntime_is_given_no_file_that_was_not_judged(
    path: Path, context: Context, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import onnxruntime

    def reached(*_: object, **__: object) -> None:
        raise AssertionError(path)

    (folder / "diffusion_models" / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(onnxruntime, "InferenceSession", reached)
    # What is only doubted is a model of another kind.
    expected = InputError if path.stem == "ox_two_graphs" else ModelFileError

    with pytest.raises(expected):
        load_diffusion_model(path.name, context)


def test_without_onnxruntime_it_is_said_what_to_install(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)

    with pytest.raises(InputError, match="package onnxruntime, which is not installed") as error:
        load_diffusion_model(UNET, context)

    assert error.value.hint == "pip install 'wftools[onnx]'"


def test_what_onnxruntime_does_not_take_is_an_error_that_names_the_file(context: Context, folder: Path) -> None:
    model = onnx.load(folder / "tiny/unet/model.onnx")
    next(node for node in model.graph.node if node.op_type == "Conv").attribute.pop()
    model.graph.node[0].op_type = "Relu"
    model.graph.node[0].input.append("sample")
    (folder / "diffusion_models/broken.onnx").write_bytes(model.SerializeToString())

    with pytest.raises(InputError, match=r"broken\.onnx: onnxruntime does not take the model"):
        load_diffusion_model("broken.onnx", context)


@settings(max_examples=30)
@given(st.lists(st.integers(0, 16384), min_size=1, max_size=6))
def test_numbers_are_told_by_their_embeddings(numbers: list[int]) -> None:
    embedded = sinusoidal_embedding(torch.tensor(numbers, dtype=torch.float32), 256)

    assert numbers_of(embedded).tolist() == numbers


# Files as other exporters write them.


class AsOptimum(nn.Module):
    """A UNet with the inputs that optimum gives it."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, sample: Tensor, timestep: Tensor, encoder_hidden_states: Tensor) -> Tensor:
        made: Tensor = self.network(sample, timestep.reshape(-1).expand(sample.shape[0]), encoder_hidden_states)
        return made


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("dtype", "batch", "time", "is_dynamic"), [
    (torch.float32, 2, torch.tensor(1.0), True),
    (torch.float32, 2, torch.tensor([1]), False),
    (torch.float16, 1, torch.tensor([1.0]), False),
])  # fmt: skip
def test_a_unet_of_another_exporter_runs(  # noqa: PLR0917
    dtype: torch.dtype, batch: int, time: Tensor, is_dynamic: bool, context: Context, plain: Loaded, folder: Path
) -> None:
    """Of a fixed batch or of any, with one time or a scalar, in float16."""
    network = AsOptimum(plain[0].network).to(dtype)  # type: ignore[attr-defined]
    axes = {"sample": {0: "batch", 2: "h", 3: "w"}, "encoder_hidden_states": {0: "batch"}, "out_sample": {0: "batch"}}
    path = folder / "diffusion_models/other.onnx"
    torch.onnx.export(
        network,
        (drawn(batch, 4, 8, 8).to(dtype), time, drawn(batch, 77, 64).to(dtype)),
        str(path),
        input_names=["sample", "timestep", "encoder_hidden_states"],
        output_names=["out_sample"],
        dynamic_axes=axes if is_dynamic else None,
        opset_version=17,
        dynamo=False,
    )
    network.to(torch.float32)
    _said(path, {"wftools.family": "sd1"})
    x, sigma, inputs = drawn(3, 4, 8, 8), torch.full((3,), 2.0), context_of(3)

    got = load_diffusion_model("other.onnx", context).denoised(x, sigma, inputs)

    expected = plain[0].denoised(x, sigma, inputs)
    assert_close(got, expected, rtol=0, atol=float(expected.abs().max()) * (1e-5 if dtype == torch.float32 else 1e-2))


def _said(path: Path, metadata: dict[str, str]) -> None:
    """What the widths of a small model do not tell."""
    model = onnx.load(path)
    onnx.helper.set_model_props(model, metadata)
    path.write_bytes(model.SerializeToString())


@pytest.mark.filterwarnings("ignore")
def test_an_upscaler_of_one_size_makes_pictures_of_any_larger(context: Context, folder: Path) -> None:
    class Doubled(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return nn.functional.interpolate(x, scale_factor=2.0, mode="nearest") * 0.5

    path = folder / "upscale_models/fixed.onnx"
    torch.onnx.export(Doubled(), (torch.zeros(1, 3, 16, 12),), str(path), opset_version=17, dynamo=False)
    picture = drawn(1, 3, 21, 40).sigmoid()

    upscaler = load_upscaler("fixed.onnx", context)

    assert upscaler.scale == 2
    close(upscaler(picture), nn.functional.interpolate(picture, scale_factor=2.0, mode="nearest") * 0.5)
    close(upscaler(picture[..., :5, :7]), nn.functional.interpolate(picture[..., :5, :7], scale_factor=2.0) * 0.5)
