import gzip
import json
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given
from torch import nn

from wftools.diffusion.networks.clip_text import ClipText
from wftools.diffusion.networks.clip_vision import ClipVision
from wftools.diffusion.networks.compact import Compact
from wftools.diffusion.networks.controlnet import ControlNet
from wftools.diffusion.networks.gligen import Gligen
from wftools.diffusion.networks.photomaker import PhotoMaker
from wftools.diffusion.networks.rrdb import Rrdb
from wftools.diffusion.networks.style import Redux, StyleAdapter
from wftools.diffusion.networks.t2i_adapter import LightAdapter, T2iAdapter
from wftools.diffusion.networks.taesd import TaesdDecoder, TaesdEncoder
from wftools.diffusion.networks.unet import UNet
from wftools.diffusion.networks.vae import AutoencoderKL
from wftools.errors import InputError
from wftools.plugins import Folder
from wftools.weights.networks.clip_text import ClipTextConfig, infer_clip_text
from wftools.weights.networks.clip_vision import ClipVisionConfig, infer_clip_vision
from wftools.weights.networks.controlnet import ControlNetConfig, UnionConfig, infer_controlnet
from wftools.weights.networks.declared import declaration, declared
from wftools.weights.networks.gligen import GligenConfig, infer_gligen
from wftools.weights.networks.photomaker import PhotoMakerConfig, infer_photomaker
from wftools.weights.networks.shapes import MAX_LAYERS, Shapes
from wftools.weights.networks.style import ReduxConfig, StyleAdapterConfig, infer_redux, infer_style_adapter
from wftools.weights.networks.t2i_adapter import (
    LightAdapterConfig,
    T2iAdapterConfig,
    infer_light_adapter,
    infer_t2i_adapter,
)
from wftools.weights.networks.taesd import TaesdConfig, infer_taesd_decoder, infer_taesd_encoder
from wftools.weights.networks.unet import LINEAR_HEAD_DIM, UNetConfig, infer_unet
from wftools.weights.networks.upscaler import CompactConfig, RrdbConfig, infer_compact, infer_rrdb
from wftools.weights.networks.vae import VaeConfig, infer_vae

DATA = Path(__file__).parent.parent / "data/weights"
PUBLISHED: dict[str, dict[str, tuple[int, ...]]] = {
    network: {name: tuple(shape) for name, shape in shapes.items()}
    for network, shapes in json.loads(gzip.decompress((DATA / "shapes.json.gz").read_bytes())).items()
}

PARTS: dict[str, tuple[Any, Any]] = {
    "unet": (UNet, infer_unet),
    "vae": (AutoencoderKL, infer_vae),
    "clip_l": (ClipText, infer_clip_text),
    "taesd_encoder": (TaesdEncoder, infer_taesd_encoder),
    "taesd_decoder": (TaesdDecoder, infer_taesd_decoder),
    "controlnet": (ControlNet, infer_controlnet),
    "t2i_adapter": (T2iAdapter, infer_t2i_adapter),
    "light_adapter": (LightAdapter, infer_light_adapter),
    "gligen": (Gligen, infer_gligen),
    "rrdb": (Rrdb, infer_rrdb),
    "compact": (Compact, infer_compact),
    "clip_vision": (ClipVision, infer_clip_vision),
    "photomaker": (PhotoMaker, infer_photomaker),
    "style_adapter": (StyleAdapter, infer_style_adapter),
    "redux": (Redux, infer_redux),
}


def built(make: Any, config: Any) -> Shapes:
    with torch.device("meta"):
        network: nn.Module = make(config)
    return {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}


@st.composite
def unet_configs(draw: st.DrawFn) -> UNetConfig:
    levels = draw(st.integers(1, 4))
    linear = draw(st.booleans())
    res_blocks = draw(st.integers(1, 3))
    depths = st.lists(st.integers(0, 3), min_size=levels, max_size=levels).map(tuple)
    depth = draw(depths.filter(any))
    way_up = levels * (res_blocks + 1)
    output_depth = draw(st.none() | st.lists(st.integers(0, 3), min_size=way_up, max_size=way_up).map(tuple))
    like_the_way_down = tuple(each for each in reversed(depth) for _ in range(res_blocks + 1))
    pooled_dim = draw(st.none() | st.integers(1, 99))
    context_only = tuple(draw(st.booleans()) and each > 0 for each in depth)
    return UNetConfig(
        in_channels=draw(st.sampled_from([4, 8, 9])),
        out_channels=draw(st.sampled_from([4, 8])),
        model_channels=draw(st.sampled_from([64, 128])),
        channel_mult=tuple(draw(st.lists(st.integers(1, 4), min_size=levels, max_size=levels))),
        res_blocks=res_blocks,
        transformer_depth=depth,
        output_depth=None if output_depth == like_the_way_down else output_depth,
        middle_depth=draw(st.none() | st.integers(0, 3)),
        context_dim=draw(st.integers(1, 63)),
        linear_projection=linear,
        pooled_dim=pooled_dim,
        classes=None if pooled_dim else draw(st.none() | st.integers(1, 99)),
        context_only=context_only if any(context_only) else None,
        is_temporal=draw(st.booleans()),
        head_dim=draw(st.sampled_from([16, 32, 64])) if linear else draw(st.sampled_from([None, 16, 32])),
        group_width=draw(st.sampled_from([1, 4])),
    )


controlnet_configs = st.builds(
    ControlNetConfig,
    encoder=unet_configs().map(lambda config: replace(config, out_channels=4, output_depth=None, is_temporal=False)),
    hint_channels=st.integers(1, 4),
    union=st.none() | st.builds(UnionConfig, types=st.integers(1, 8), layers=st.integers(1, 2)),
)

adapter_configs = st.builds(
    T2iAdapterConfig,
    in_channels=st.sampled_from([64, 192, 256, 768]),
    channels=st.lists(st.integers(1, 8), min_size=1, max_size=4).map(lambda widths: tuple(sorted(widths))),
    kernel=st.sampled_from([1, 3]),
)

light_adapter_configs = st.integers(1, 4).flatmap(
    lambda levels: st.builds(
        LightAdapterConfig,
        in_channels=st.sampled_from([64, 192]),
        channels=st.tuples(*[st.integers(1, 8)] * levels),
        inner=st.tuples(*[st.integers(1, 8)] * levels),
        blocks=st.integers(1, 4),
    )
)

gligen_configs = st.builds(
    GligenConfig,
    widths=st.lists(st.sampled_from([64, 128]), min_size=1, max_size=12).map(tuple),
    text_width=st.integers(1, 99),
    token_width=st.sampled_from([1, 768, 1024]),
    hidden=st.integers(1, 99),
    frequencies=st.integers(1, 9),
)

rrdb_configs = st.builds(
    RrdbConfig,
    in_channels=st.sampled_from([3, 12, 48]),
    channels=st.integers(1, 9),
    growth=st.integers(1, 9),
    blocks=st.integers(1, 3),
    doublings=st.integers(0, 3),
    is_plus=st.booleans(),
)

compact_configs = st.sampled_from([1, 3, 4]).flatmap(
    lambda colours: st.builds(
        CompactConfig,
        in_channels=st.just(colours),
        out_channels=st.just(colours),
        channels=st.integers(1, 9),
        layers=st.integers(1, 9),
        upscale=st.integers(1, 5),
    )
)

clip_vision_configs = st.builds(
    ClipVisionConfig,
    width=st.sampled_from([32, 64, 512]),
    layers=st.integers(1, 26),
    mlp_width=st.integers(1, 99),
    patch=st.sampled_from([7, 14]),
    positions=st.integers(1, 9).map(lambda side: side**2 + 1),
    projection_width=st.integers(1, 99),
    head_dim=st.none() | st.just(16),
)

photomaker_configs = st.builds(
    PhotoMakerConfig,
    vision=clip_vision_configs,
    second_width=st.integers(1, 99),
)

style_adapter_configs = st.builds(
    StyleAdapterConfig,
    width=st.sampled_from([8, 64]),
    text_width=st.integers(1, 99),
    tokens=st.integers(1, 9),
    layers=st.integers(1, 4),
)

redux_configs = st.builds(
    ReduxConfig, width=st.integers(1, 99), hidden=st.integers(1, 99), text_width=st.integers(1, 99)
)

vae_configs = st.builds(
    VaeConfig,
    image_channels=st.integers(1, 4),
    channels=st.sampled_from([32, 64]),
    channel_mult=st.lists(st.integers(1, 4), min_size=1, max_size=5).map(tuple),
    res_blocks=st.integers(1, 3),
    z_channels=st.integers(1, 16),
    embed_dim=st.none() | st.integers(1, 16),
    is_temporal=st.booleans(),
    group_width=st.sampled_from([1, 4]),
)

clip_configs = st.builds(
    ClipTextConfig,
    width=st.sampled_from([64, 128]),
    layers=st.integers(1, 14),
    mlp_width=st.integers(1, 99),
    vocabulary=st.integers(1, 99),
    positions=st.integers(1, 99),
    head_dim=st.sampled_from([32, 64]),
    projection_width=st.none() | st.integers(1, 99),
)

taesd_configs = st.builds(
    TaesdConfig, latent_channels=st.integers(1, 16), width=st.integers(1, 8), image_channels=st.integers(1, 4)
)


def test_every_network_that_files_hold_is_held_to_these_laws() -> None:
    modules = Folder[ModuleType]("wftools.weights.networks").modules()
    infers = {value for module in modules for name, value in vars(module).items() if name.startswith("infer_")}

    assert {infer for _, infer in PARTS.values()} == infers


@given(
    unet_configs().map(lambda config: ("unet", config))
    | st.tuples(st.sampled_from(["taesd_encoder", "taesd_decoder"]), taesd_configs)
    | vae_configs.map(lambda config: ("vae", config))
    | clip_configs.map(lambda config: ("clip_l", config))
    | controlnet_configs.map(lambda config: ("controlnet", config))
    | adapter_configs.map(lambda config: ("t2i_adapter", config))
    | light_adapter_configs.map(lambda config: ("light_adapter", config))
    | gligen_configs.map(lambda config: ("gligen", config))
    | rrdb_configs.map(lambda config: ("rrdb", config))
    | compact_configs.map(lambda config: ("compact", config))
    | clip_vision_configs.map(lambda config: ("clip_vision", config))
    | photomaker_configs.map(lambda config: ("photomaker", config))
    | style_adapter_configs.map(lambda config: ("style_adapter", config))
    | redux_configs.map(lambda config: ("redux", config))
)
def test_the_config_of_a_built_network_is_read_off_its_shapes(case: tuple[str, Any]) -> None:
    """With the metadata that says what shapes do not show."""
    network, config = case
    make, infer = PARTS[network]

    shapes = built(make, config)

    told = declaration(network, getattr(config, "encoder", getattr(config, "vision", config)))
    assert infer(shapes, declared(told, network)) == config


@pytest.mark.parametrize("network", PUBLISHED)
def test_a_published_network_is_built_tensor_by_tensor(network: str) -> None:
    make, infer = PARTS[network.split(maxsplit=1)[0]]

    assert built(make, infer(PUBLISHED[network], {})) == PUBLISHED[network]


@pytest.mark.parametrize(
    ("network", "config"),
    [
        ("unet sd1", UNetConfig()),
        (
            "unet sdxl",
            UNetConfig(
                channel_mult=(1, 2, 4),
                transformer_depth=(0, 2, 10),
                middle_depth=10,
                context_dim=2048,
                linear_projection=True,
                pooled_dim=2816,
                head_dim=LINEAR_HEAD_DIM,
            ),
        ),
        ("vae", VaeConfig()),
        ("clip_l", ClipTextConfig()),
    ],
)
def test_the_defaults_are_those_of_the_published_networks(network: str, config: object) -> None:
    assert PARTS[network.split(maxsplit=1)[0]][1](PUBLISHED[network], {}) == config


@pytest.mark.parametrize(("layers", "activation"), [(12, "quick_gelu"), (24, "gelu")])
def test_the_depth_tells_whose_text_encoder_it_is(layers: int, activation: str) -> None:
    assert ClipTextConfig(layers=layers).activation == activation


@pytest.mark.parametrize("infer", [infer for _, infer in PARTS.values()])
def test_a_file_without_the_network_has_no_config(infer: Any) -> None:
    assert infer({"w": (3,)}, {}) is None


@pytest.mark.parametrize(
    ("network", "tensor"),
    [
        ("unet sd1", "out.2.weight"),
        ("unet sd1", "input_blocks.1.0.out_layers.3.weight"),
        ("unet sd1", "middle_block.1.transformer_blocks.0.attn2.to_k.weight"),
        ("clip_l", "embeddings.position_embedding.weight"),
    ],
)
@pytest.mark.parametrize("shape", [None, (3,), (0, 10**12), (0, 10**12, 1, 1)])
def test_a_tensor_that_tells_is_missed_by_name(network: str, tensor: str, shape: tuple[int, ...] | None) -> None:
    shapes = {name: other for name, other in PUBLISHED[network].items() if name != tensor}
    if shape is not None:
        shapes[tensor] = shape

    with pytest.raises(InputError, match=tensor):
        PARTS[network.split(maxsplit=1)[0]][1](shapes, {})


def test_a_file_cannot_have_a_network_of_a_million_layers_built() -> None:
    shapes = {**PUBLISHED["clip_l"], **{f"encoder.layers.{index}.mlp.fc1.weight": (0, 0) for index in range(10**6)}}
    shapes["encoder.layers.0.mlp.fc1.weight"] = (3072, 768)

    config = infer_clip_text(shapes, {})

    assert config is not None
    assert config.layers == MAX_LAYERS


@pytest.mark.parametrize("value", ["", "0", "-1", "1.5", "٣", "9999999999", "abc"])
def test_metadata_that_is_no_sensible_number_is_refused(value: str) -> None:
    with pytest.raises(InputError, match=r"wftools\.unet\.head_dim"):
        declared({"wftools.unet.head_dim": value}, "unet")


@pytest.mark.parametrize(
    ("make", "config", "problem"),
    [
        (UNet, UNetConfig(model_channels=40), "32 groups"),
        (UNet, UNetConfig(model_channels=32, head_dim=24), "heads of 24"),
        (UNet, UNetConfig(model_channels=4), "8 heads"),
        (AutoencoderKL, VaeConfig(channels=40), "32 groups"),
        (ClipText, ClipTextConfig(width=100), "heads of 64"),
    ],
)
def test_a_config_that_cannot_be_built_says_why(make: Any, config: object, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        built(make, config)
