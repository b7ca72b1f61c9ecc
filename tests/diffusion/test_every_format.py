"""Every loader takes every format of model files: the same networks come out of each."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from tests.seeded_models import CLIP_L, UNET, VAE, shapes_of
from tests.weights.ggufs import Gguf
from tests.weights_from_seed import weights_from_seed
from wftools.context import Context
from wftools.diffusion.adapters.loading import adapter_tensors
from wftools.diffusion.networks.clip_text import ClipText
from wftools.diffusion.networks.clip_vision import ClipVision
from wftools.diffusion.networks.compact import Compact
from wftools.diffusion.networks.controlnet import ControlNet
from wftools.diffusion.networks.gligen import Gligen
from wftools.diffusion.networks.photomaker import PhotoMaker
from wftools.diffusion.networks.rrdb import Rrdb
from wftools.diffusion.networks.style import Redux
from wftools.diffusion.networks.taesd import TaesdDecoder, TaesdEncoder
from wftools.diffusion.networks.unet import UNet
from wftools.diffusion.networks.vae import AutoencoderKL
from wftools.diffusion.ops import weights_of
from wftools.diffusion.text.embeddings import find_embedding
from wftools.errors import InputError
from wftools.folders import Folders
from wftools.nodes.controlnet import control_net_loader
from wftools.nodes.gligen import gligen_loader
from wftools.nodes.image_upscale_model import upscale_model_loader
from wftools.nodes.loaders import (
    checkpoint_loader_simple,
    clip_loader,
    clip_vision_loader,
    dual_clip_loader,
    unet_loader,
    vae_loader,
)
from wftools.nodes.loaders_gguf import clip_loader_gguf, dual_clip_loader_gguf, unet_loader_gguf
from wftools.nodes.photomaker import photomaker_loader
from wftools.nodes.style import style_model_loader
from wftools.weights.keymaps import diffusers_vae
from wftools.weights.networks.clip_text import ClipTextConfig
from wftools.weights.networks.clip_vision import ClipVisionConfig
from wftools.weights.networks.controlnet import ControlNetConfig
from wftools.weights.networks.gligen import GligenConfig
from wftools.weights.networks.photomaker import PhotoMakerConfig
from wftools.weights.networks.style import ReduxConfig
from wftools.weights.networks.taesd import TaesdConfig
from wftools.weights.networks.upscaler import CompactConfig, RrdbConfig
from wftools.weights.tensorfile import open_tensors

if TYPE_CHECKING:
    from pathlib import Path

    from wftools.weights.tensorfile import Shape

Tensors = dict[str, Tensor]

SMALL_UNET: Final = dataclasses.replace(UNET, channel_mult=(1,), transformer_depth=(1,), res_blocks=1)
VISION: Final = ClipVisionConfig(width=64, layers=2, mlp_width=96, patch=4, positions=17, projection_width=80)
BIG_TEXT: Final = ClipTextConfig(
    width=64, layers=32, mlp_width=64, vocabulary=64, positions=77, head_dim=64, projection_width=64
)
SMALL_TEXT: Final = dataclasses.replace(CLIP_L, vocabulary=64)
GLIGEN: Final = GligenConfig(widths=(32, 64, 64), text_width=CLIP_L.width, token_width=16, hidden=32)


@dataclass(frozen=True)
class Loader:
    """A loader: the folder of its files, what tensors they have, and how it is called with names of files."""

    folder: str
    shapes: Callable[[], Mapping[str, Shape]]
    load: Callable[[Context, Sequence[str]], object]
    files: Mapping[str, str] = field(default_factory=lambda: {"model": ""})  # how they begin -> tensors' names do


def of(make: Callable[[Any], nn.Module], config: object, prefix: str = "") -> dict[str, Shape]:
    with torch.device("meta"):
        return shapes_of(make(config), prefix)


def gligen_shapes() -> dict[str, Shape]:
    found: dict[str, Shape] = {}
    places = ("input_blocks.1.1", "middle_block.1", "output_blocks.10.1")
    for name, shape in of(Gligen, GLIGEN).items():
        kind, index, *rest = name.split(".")
        place = f"{places[int(index)]}.transformer_blocks.0.fuser" if kind == "fusers" else f"{kind}.{index}"
        found[".".join((place, *rest))] = shape
    return found


def checkpoint_shapes() -> dict[str, Shape]:
    unet, vae = of(UNet, SMALL_UNET, "model.diffusion_model."), of(AutoencoderKL, VAE, "first_stage_model.")
    return unet | vae | of(ClipText, SMALL_TEXT, "cond_stage_model.transformer.text_model.")


def openclip_shapes() -> dict[str, Shape]:
    """A text encoder whose queries, keys and values are one tensor, and whose projection is turned."""
    width, square = BIG_TEXT.width, (BIG_TEXT.width, BIG_TEXT.width)
    found: dict[str, Shape] = {"token_embedding.weight": (BIG_TEXT.vocabulary, width)}
    found |= {"positional_embedding": (77, width), "text_projection": square}
    found |= {f"ln_final.{kind}": (width,) for kind in ("weight", "bias")}
    for layer in (f"transformer.resblocks.{number}" for number in range(BIG_TEXT.layers)):
        found |= {f"{layer}.attn.in_proj_weight": (3 * width, width), f"{layer}.attn.in_proj_bias": (3 * width,)}
        for name in ("attn.out_proj", "mlp.c_fc", "mlp.c_proj"):
            found |= {f"{layer}.{name}.weight": square, f"{layer}.{name}.bias": (width,)}
        found |= {f"{layer}.{name}.{kind}": (width,) for name in ("ln_1", "ln_2") for kind in ("weight", "bias")}
    return found


def both_texts() -> dict[str, Shape]:
    big = {f"g.{name}": shape for name, shape in openclip_shapes().items()}
    return of(ClipText, SMALL_TEXT, "l.text_model.") | big


def taesds() -> dict[str, Shape]:
    config = TaesdConfig(width=8)
    return of(TaesdEncoder, config, "encoder.") | of(TaesdDecoder, config, "decoder.")


def photomaker_shapes() -> dict[str, Shape]:
    return of(PhotoMaker, PhotoMakerConfig(vision=VISION, second_width=CLIP_L.width - 80), "id_encoder.")


SMALL_VAE: Final = "VAELoader, a small one"
CLIP_TYPE: Final = "stable_diffusion"
LORA: Final = "lora_unet_middle_block_1_transformer_blocks_0_attn1_to_q"

LOADERS: Final[Mapping[str, Loader]] = {
    "CheckpointLoaderSimple": Loader(
        "checkpoints", checkpoint_shapes, lambda c, names: checkpoint_loader_simple(ckpt_name=names[0], context=c)
    ),
    "UNETLoader": Loader(
        "diffusion_models",
        lambda: of(UNet, SMALL_UNET),
        lambda c, names: unet_loader(unet_name=names[0], weight_dtype="default", context=c),
    ),
    "UnetLoaderGGUF": Loader(
        "unet", lambda: of(UNet, SMALL_UNET), lambda c, names: unet_loader_gguf(unet_name=names[0], context=c)
    ),
    "VAELoader": Loader(
        "vae", lambda: of(AutoencoderKL, VAE), lambda c, names: vae_loader(vae_name=names[0], context=c)
    ),
    SMALL_VAE: Loader(
        "vae_approx",
        taesds,
        lambda c, _: vae_loader(vae_name="taesd", context=c),
        {"taesd_encoder": "encoder.", "taesd_decoder": "decoder."},
    ),
    "CLIPLoader": Loader(
        "text_encoders",
        lambda: of(ClipText, SMALL_TEXT, "text_model."),
        lambda c, names: clip_loader(clip_name=names[0], type=CLIP_TYPE, context=c),
    ),
    "CLIPLoaderGGUF": Loader(
        "clip",
        lambda: of(ClipText, SMALL_TEXT, "text_model."),
        lambda c, names: clip_loader_gguf(clip_name=names[0], type=CLIP_TYPE, context=c),
    ),
    "DualCLIPLoader": Loader(
        "text_encoders",
        both_texts,
        lambda c, names: dual_clip_loader(clip_name1=names[0], clip_name2=names[1], type="sdxl", context=c),
        {"large": "l.", "big": "g."},
    ),
    "DualCLIPLoaderGGUF": Loader(
        "text_encoders",
        both_texts,
        lambda c, names: dual_clip_loader_gguf(clip_name1=names[1], clip_name2=names[0], type="sdxl", context=c),
        {"large": "l.", "big": "g."},
    ),
    "ControlNetLoader": Loader(
        "controlnet",
        lambda: of(ControlNet, ControlNetConfig(encoder=SMALL_UNET)),
        lambda c, names: control_net_loader(control_net_name=names[0], context=c),
    ),
    "UpscaleModelLoader": Loader(
        "upscale_models",
        lambda: of(Rrdb, RrdbConfig(channels=4, growth=4, blocks=2)),
        lambda c, names: upscale_model_loader(model_name=names[0], context=c),
    ),
    "UpscaleModelLoader, a compact one": Loader(
        "upscale_models",
        lambda: of(Compact, CompactConfig(channels=8, layers=2)),
        lambda c, names: upscale_model_loader(model_name=names[0], context=c),
    ),
    "CLIPVisionLoader": Loader(
        "clip_vision",
        lambda: of(ClipVision, VISION),
        lambda c, names: clip_vision_loader(clip_name=names[0], context=c),
    ),
    "StyleModelLoader": Loader(
        "style_models",
        lambda: of(Redux, ReduxConfig(width=16, hidden=32, text_width=12)),
        lambda c, names: style_model_loader(style_model_name=names[0], context=c),
    ),
    "GLIGENLoader": Loader("gligen", gligen_shapes, lambda c, names: gligen_loader(gligen_name=names[0], context=c)),
    "PhotoMakerLoader": Loader(
        "photomaker", photomaker_shapes, lambda c, names: photomaker_loader(photomaker_model_name=names[0], context=c)
    ),
    "LoraLoader": Loader(
        "loras",
        lambda: {f"{LORA}.lora_up.weight": (64, 32), f"{LORA}.lora_down.weight": (32, 64), f"{LORA}.alpha": ()},
        lambda c, names: adapter_tensors(names[0], c),
    ),
    "an embedding": Loader(
        "embeddings",
        lambda: {"emb_params": (4, 128)},
        lambda c, names: {"vectors": find_embedding(names[0], c.folders, "clip_l")},
    ),
}


def as_safetensors(path: Path, tensors: Tensors) -> Tensors:
    save_file(tensors, path)
    return tensors


def as_checkpoint(path: Path, tensors: Tensors) -> Tensors:
    torch.save({"state_dict": tensors, "epoch": 3, "pytorch-lightning_version": "1.4.2"}, path)
    return tensors


def as_old_pickle(path: Path, tensors: Tensors) -> Tensors:
    torch.save(tensors, path, _use_new_zipfile_serialization=False)
    return tensors


def as_index(path: Path, tensors: Tensors) -> Tensors:
    """Its tensors in two files."""
    shards = {f"{path.name}.{number}.safetensors": sorted(tensors)[number::2] for number in range(2)}
    for shard, names in shards.items():
        save_file({name: tensors[name] for name in names}, path.with_name(shard))
    path.write_text(json.dumps({"weight_map": {name: shard for shard, names in shards.items() for name in names}}))
    return tensors


def as_gguf(kind: str | None) -> Callable[[Path, Tensors], Tensors]:
    def write(path: Path, tensors: Tensors) -> Tensors:
        file = Gguf(path)
        for name, tensor in tensors.items():
            if kind is None:
                file.add(name, tensor)
            else:
                file.add_blocks(name, tensor, kind)
        file.write()
        return file.decoded

    return write


# How a file of a format is written, by its suffix; it gives the numbers that are in it.
FORMATS: Final[Mapping[str, tuple[str, Callable[[Path, Tensors], Tensors]]]] = {
    "safetensors": (".safetensors", as_safetensors),
    "checkpoint": (".ckpt", as_checkpoint),
    "old pickle": (".pt", as_old_pickle),
    "GGUF": (".gguf", as_gguf(None)),
    "GGUF in Q8_0": (".gguf", as_gguf("Q8_0")),
    "GGUF in Q4_1": (".gguf", as_gguf("Q4_1")),
    "an index": (".safetensors.index.json", as_index),
}


@cache
def tensors_of(loader: str) -> Tensors:
    return weights_from_seed(LOADERS[loader].shapes(), 4)


def written(models: Path, loader: str, format_: str) -> tuple[tuple[str, ...], Tensors]:
    """The files of a loader in a format: their names, and what numbers are in them."""
    suffix, write = FORMATS[format_]
    folder = models / LOADERS[loader].folder
    held: Tensors = {}
    folder.mkdir(parents=True)
    for name, prefix in LOADERS[loader].files.items():
        tensors = {each.removeprefix(prefix): it for each, it in tensors_of(loader).items() if each.startswith(prefix)}
        held |= {prefix + each: it for each, it in write(folder / (name + suffix), tensors).items()}
    return tuple(name + suffix for name in LOADERS[loader].files), held


def loaded(loader: str, models: Path, names: Sequence[str]) -> Tensors:
    """All numbers that a loader has found."""
    return numbers_in(LOADERS[loader].load(Context(Folders(models=models)), names))


def numbers_in(value: object, at: str = "") -> Tensors:
    """The weights of all networks in a value, by where they are in it."""
    found: Tensors = {}
    if isinstance(value, Tensor):
        found[at] = value.float()
    elif isinstance(value, nn.Module):
        for name, weight in weights_of(value).items():
            found[f"{at}.{name}"] = weight.source.weight(torch.float32, torch.device("cpu"))
    elif isinstance(value, tuple):
        for index, each in enumerate(value):
            found |= numbers_in(each, f"{at}.{index}")
    elif isinstance(value, Mapping):
        for key, each in value.items():
            found |= numbers_in(each, f"{at}.{key}")
    elif dataclasses.is_dataclass(value):
        for each in dataclasses.fields(value):
            found |= numbers_in(getattr(value, each.name), f"{at}.{each.name}")
    return found


# Small VAEs are found by the beginnings of their files' names, and by suffixes of models.
CASES: Final = [
    (loader, format_) for loader in LOADERS for format_ in FORMATS if (loader, format_) != (SMALL_VAE, "an index")
]


@pytest.mark.parametrize(("loader", "format_"), CASES)
def test_a_loader_finds_the_same_in_every_format(tmp_path: Path, loader: str, format_: str) -> None:
    """Bit for bit what is in the file; in blocks, what gguf-py decodes. GGUF has no scalars, but rows of one value."""
    names, held = written(tmp_path / "tested", loader, format_)
    for name, prefix in LOADERS[loader].files.items():
        (tmp_path / "plain" / LOADERS[loader].folder).mkdir(parents=True, exist_ok=True)
        part = {each.removeprefix(prefix): it.clone() for each, it in held.items() if each.startswith(prefix)}
        save_file(part, tmp_path / "plain" / LOADERS[loader].folder / f"{name}.safetensors")

    found = loaded(loader, tmp_path / "tested", names)

    expected = loaded(loader, tmp_path / "plain", [f"{name}.safetensors" for name in LOADERS[loader].files])
    assert found.keys() == expected.keys()
    assert found
    assert [name for name in found if not torch.equal(found[name].reshape(-1), expected[name].reshape(-1))] == []


@pytest.mark.parametrize(("loader", "format_"), [case for case in CASES if "VAELoader" in case or "GGUF" in case])
def test_a_file_that_is_cut_off_is_one_error_with_its_name(tmp_path: Path, loader: str, format_: str) -> None:
    names, _ = written(tmp_path, loader, format_)
    path = tmp_path / LOADERS[loader].folder / names[0]
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    with pytest.raises(InputError) as error:
        loaded(loader, tmp_path, names)

    assert error.value.place is not None
    assert error.value.place.file == str(path)


def test_linear_layers_that_stand_for_convolutions_may_be_in_blocks(tmp_path: Path) -> None:
    """Diffusers has those in the attention of a VAE; the original has convolutions of one cell."""
    marker, linear = "decoder.up_blocks.0.resnets.0.norm1.weight", "decoder.mid_block.attentions.0.to_q.weight"
    file = Gguf(tmp_path / "a.gguf")
    file.add(marker, torch.ones(32))
    file.add_blocks(linear, torch.randn(32, 32), "Q8_0")
    file.write()

    renamed = diffusers_vae.as_original(open_tensors(file.path))

    name = "decoder.mid.attn_1.q.weight"
    assert renamed.shapes[name] == (32, 32, 1, 1)
    assert torch.equal(renamed.tensor(name), file.decoded[linear][..., None, None])
