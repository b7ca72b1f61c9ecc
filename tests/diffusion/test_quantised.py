"""Networks whose weights are in blocks: they compute what they would with the decoded weights, and stay as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch.testing import assert_close

from tests.diffusion.sources import LowRank
from tests.seeded_models import encoded, shapes_of, write_models
from tests.weights.ggufs import Gguf
from tests.weights_from_seed import weights_from_seed
from wftools.context import Context, Placement
from wftools.diffusion.model import LatentDiffusion
from wftools.diffusion.networks.unet import UNet
from wftools.diffusion.ops import Layer
from wftools.folders import Folders
from wftools.nodes.loaders import checkpoint_loader_simple
from wftools.nodes.loaders_gguf import clip_loader_gguf, unet_loader_gguf
from wftools.nodes.model_saving import model_save
from wftools.values import NetworkInputs
from wftools.weights.faults import ModelFileError
from wftools.weights.networks.unet import UNetConfig
from wftools.weights.quant.blocks import BLOCKS
from wftools.weights.quant.decoding import DECODERS
from wftools.weights.source import Blocks, original
from wftools.weights.tensorfile import open_tensors

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Literal

    from torch import Tensor, nn

    from wftools.values import Model

KINDS: Final = [kind for kind in DECODERS if kind != "Q1_0"]  # which gguf-py does not decode

X, SIGMA = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(0)), torch.ones(1)
INPUTS = NetworkInputs({"context": torch.randn(1, 77, 128, generator=torch.Generator().manual_seed(1))})
SMALL: Final = UNetConfig(model_channels=64, channel_mult=(1,), res_blocks=1, transformer_depth=(1,), context_dim=128)
UNET, CLIP_L = "model.diffusion_model.", "cond_stage_model.transformer."


@pytest.fixture(scope="module")
def tensors(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Tensor]:
    """A small model of the kind of Stable Diffusion 1."""
    folder = tmp_path_factory.mktemp("seeded")
    write_models(folder)
    return load_file(folder / "checkpoints/mini_sd15.safetensors")


@pytest.fixture(scope="module")
def unet() -> dict[str, Tensor]:
    """A UNet of one level."""
    with torch.device("meta"):
        shapes = shapes_of(UNet(SMALL))
    return weights_from_seed(shapes, 1)


def quantised(path: Path, tensors: dict[str, Tensor], kind: str) -> dict[str, Tensor]:
    """Write tensors in blocks, and give them decoded."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = Gguf(path)
    for name, tensor in tensors.items():
        file.add_blocks(name, tensor, kind)
    file.write()
    return file.decoded


def part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): each for name, each in tensors.items() if name.startswith(prefix)}


def network_of(model: Model) -> nn.Module:
    assert isinstance(model, LatentDiffusion)
    return model.network


def layers(model: Model) -> list[Layer]:
    return [each for each in network_of(model).modules() if isinstance(each, Layer)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_network_in_blocks_computes_what_it_would_with_the_decoded_weights(
    tmp_path: Path, unet: dict[str, Tensor], kind: str
) -> None:
    """Bit for bit; gguf-py writes the blocks and decodes them. Most are of convolutions, stored in another shape."""
    decoded = quantised(tmp_path / "unet/blocks.gguf", unet, kind)
    save_file(decoded, tmp_path / "unet/plain.safetensors")
    context = Context(Folders(models=tmp_path))

    model = unet_loader_gguf(unet_name="blocks.gguf", context=context)
    plain = unet_loader_gguf(unet_name="plain.safetensors", context=context)

    assert sum(isinstance(source, Blocks) for layer in layers(model) for source in layer.sources.values()) > 15
    for parameter in network_of(plain).parameters():  # in memory that is aligned as the decoded weights' is
        parameter.data = parameter.data.clone()
    expected = plain.denoised(X, SIGMA, INPUTS)
    assert torch.equal(model.denoised(X, SIGMA, INPUTS), expected)
    assert expected.isfinite().all()


@pytest.mark.parametrize("kind", sorted(set(BLOCKS) - set(DECODERS)))
def test_blocks_that_are_not_decoded_are_refused_before_anything_is_computed(
    tmp_path: Path, unet: dict[str, Tensor], kind: str
) -> None:
    (tmp_path / "unet").mkdir()
    file = Gguf(tmp_path / "unet/blocks.gguf")
    for name, tensor in unet.items():
        if tensor.ndim == 2 and tensor.shape[1] % BLOCKS[kind].elements == 0:
            file.add_zeros(name, tuple(tensor.shape), kind)
        else:
            file.add(name, tensor)
    file.write()

    with pytest.raises(ModelFileError, match=rf"blocks\.gguf: tensor .* of the UNet is in blocks of the type {kind}"):
        unet_loader_gguf(unet_name="blocks.gguf", context=Context(Folders(models=tmp_path)))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_weights_are_decoded_in_float32_and_rounded_once(
    tmp_path: Path, unet: dict[str, Tensor], dtype: Literal["float16", "bfloat16"]
) -> None:
    decoded = quantised(tmp_path / "unet/blocks.gguf", unet, "Q5_K")

    model = unet_loader_gguf(unet_name="blocks.gguf", context=Context(Folders(models=tmp_path)))

    for name, weight in model.weights().items():
        made = weight.source.weight(getattr(torch, dtype), torch.device("cpu"))
        assert torch.equal(made, decoded[name].to(getattr(torch, dtype))), name


@pytest.mark.parametrize(("weights", "keeps"), [("auto", False), ("mapped", False), ("resident", True)])
def test_no_layer_keeps_what_is_made_of_blocks_unless_weights_are_to_be_resident(
    tmp_path: Path, unet: dict[str, Tensor], weights: Literal["auto", "mapped", "resident"], *, keeps: bool
) -> None:
    """Also where an adapter has changed them: what it makes is as large."""
    quantised(tmp_path / "unet/blocks.gguf", unet, "Q8_0")
    context = Context(Folders(models=tmp_path), Placement(weights=weights))
    plain = unet_loader_gguf(unet_name="blocks.gguf", context=context)
    name = "middle_block.1.transformer_blocks.0.attn2.to_v.weight"
    up, down = torch.ones(64, 1), torch.ones(1, 128)
    model = plain.with_weights({name: lambda before: LowRank(before, up, down)})

    model.denoised(X, SIGMA, INPUTS)

    kept = {
        type(original(layer.sources["weight"])).__name__ if "weight" in layer.sources else "stored"
        for layer in layers(model)
        if "weight" in layer.kept
    }
    assert kept == ({"Blocks"} if keeps else set())


def test_an_adapter_changes_what_is_decoded(tmp_path: Path, unet: dict[str, Tensor]) -> None:
    decoded = quantised(tmp_path / "unet/blocks.gguf", unet, "Q4_0")
    name = "middle_block.1.transformer_blocks.0.attn2.to_v.weight"
    up, down = torch.ones(64, 1), torch.ones(1, 128)
    plain = unet_loader_gguf(unet_name="blocks.gguf", context=Context(Folders(models=tmp_path)))

    model = plain.with_weights({name: lambda before: LowRank(before, up, down)})

    made = model.weights()[name].source.weight(torch.float32, torch.device("cpu"))
    assert torch.equal(made, decoded[name] + up @ down)
    assert not torch.equal(model.denoised(X, SIGMA, INPUTS), plain.denoised(X, SIGMA, INPUTS))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["Q8_0", "Q4_K"])
def test_a_whole_checkpoint_in_blocks_is_three_networks(tmp_path: Path, tensors: dict[str, Tensor], kind: str) -> None:
    """As stable-diffusion.cpp writes it, and quantising here: under the names of a checkpoint."""
    decoded = quantised(tmp_path / "checkpoints/blocks.gguf", tensors, kind)
    save_file(decoded, tmp_path / "checkpoints/plain.safetensors")
    context = Context(Folders(models=tmp_path))

    model, clip, vae = checkpoint_loader_simple(ckpt_name="blocks.gguf", context=context)
    same_model, same_clip, same_vae = checkpoint_loader_simple(ckpt_name="plain.safetensors", context=context)

    weights = network_of(model).state_dict()
    assert all(torch.equal(each, decoded[UNET + name]) for name, each in weights.items())
    assert_close(model.denoised(X, SIGMA, INPUTS), same_model.denoised(X, SIGMA, INPUTS))
    assert_close(encoded(clip, "a cat")[0].tensor, encoded(same_clip, "a cat")[0].tensor)
    assert_close(vae.decode(X), same_vae.decode(X))


@pytest.mark.parametrize("kind", KINDS)
def test_of_a_table_in_blocks_those_rows_are_decoded_that_are_asked_for(tmp_path: Path, kind: str) -> None:
    table = torch.randn(64, 256, generator=torch.Generator().manual_seed(0))
    decoded = quantised(tmp_path / "a.gguf", {"table": table}, kind)["table"]
    ids = torch.tensor([[3, 63, 0], [3, 3, 17]])
    source = opened_table(tmp_path)

    rows = source.rows(ids, torch.float32)

    assert torch.equal(rows, decoded[ids])
    assert torch.equal(source.rows(ids, torch.bfloat16), decoded[ids].bfloat16())


def test_rows_that_are_no_whole_blocks_are_those_of_the_whole_table(tmp_path: Path) -> None:
    decoded = quantised(tmp_path / "a.gguf", {"table": torch.randn(64, 24)}, "Q8_0")["table"]
    ids = torch.tensor([5, 0])

    assert torch.equal(opened_table(tmp_path).rows(ids, torch.float32), decoded[ids])


def opened_table(folder: Path) -> Blocks:
    source = open_tensors(folder / "a.gguf").sources["table"]
    assert isinstance(source, Blocks)
    return source


def test_a_text_encoder_in_blocks_reads_its_table_row_by_row(
    tmp_path: Path, tensors: dict[str, Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its table of tokens is a quarter of it, and a prompt has a few of them."""
    quantised(tmp_path / "clip/blocks.gguf", part(tensors, CLIP_L), "Q4_0")
    clip = clip_loader_gguf(clip_name="blocks.gguf", type="stable_diffusion", context=Context(Folders(models=tmp_path)))
    made: list[tuple[int, ...]] = []
    whole = Blocks.weight

    def noted(self: Blocks, dtype: torch.dtype, device: torch.device) -> Tensor:
        made.append(self.shape)
        return whole(self, dtype, device)

    monkeypatch.setattr(Blocks, "weight", noted)

    encoded(clip, "a cat")

    assert made
    assert (49408, 128) not in made


def test_a_model_in_blocks_is_saved_as_numbers(tmp_path: Path, unet: dict[str, Tensor]) -> None:
    """What it is saved as is float: blocks are made by those who say which."""
    decoded = quantised(tmp_path / "unet/blocks.gguf", unet, "Q5_1")
    context = Context(Folders(models=tmp_path, output=tmp_path / "output"))
    model = unet_loader_gguf(unet_name="blocks.gguf", context=context)

    model_save(model=model, filename_prefix="saved", context=context)

    saved = load_file(tmp_path / "output/saved_00001_.safetensors")
    assert saved.keys() == {UNET + name for name in decoded}
    assert all(torch.equal(saved[UNET + name], decoded[name]) for name in decoded)
