"""What files hold: by the names and shapes of real ones, and of what else there is."""

import json
import lzma
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.weights.model_files import write_hollow, write_hollow_types
from wftools.weights.inspecting import describe, owners
from wftools.weights.inspecting.known import SIGNS
from wftools.weights.mapped import DTYPES
from wftools.weights.tensorfile import Shape, TensorFile, TensorInfo, open_tensors

DATA = Path(__file__).parents[2] / "data/weights"
KNOWN = [line.split(": ", 2) for line in (DATA / "networks.txt").read_text().splitlines()]


@cache
def networks() -> dict[str, dict[str, Shape]]:
    with lzma.open(DATA / "networks.json.xz") as file:
        return {name: {key: tuple(shape) for key, shape in shapes.items()} for name, shapes in json.load(file).items()}


def on_paper(shapes: dict[str, Shape], metadata: dict[str, str] | None = None) -> TensorFile:
    """A file that nobody can read a tensor of."""
    tensors = {name: TensorInfo("F16", shape, 0, 0) for name, shape in shapes.items()}
    return TensorFile(Path("nowhere"), "safetensors", tensors, metadata or {}, reader=lambda _: pytest.fail("read"))


@pytest.mark.parametrize(("name", "kind", "held"), KNOWN, ids=[name for name, *_ in KNOWN])
def test_what_is_published_is_known(name: str, kind: str, held: str) -> None:
    file = on_paper(networks()[name])

    found = describe(file)

    assert found.kind == kind
    assert ", ".join(f"{each.name} {each.variant}".strip() for each in found.components) == held
    nobodys = [key for key, owner in owners(file, found.components).items() if owner == "?"]
    assert len(nobodys) <= 6 or kind == "unknown"  # seconds, an augmentation of noise


@pytest.mark.parametrize("prefix", ["model.diffusion_model.", "model.", "net.", ""])
@pytest.mark.parametrize(
    "name", ["flux_dev", "wan_i2v", "qwen_image", "z_image", "pixart", "cosmos_predict2_2b_t2i", "chroma"]
)
def test_a_network_is_known_below_every_prefix(name: str, prefix: str) -> None:
    shapes = networks()[name]

    found = describe(on_paper({prefix + key: shape for key, shape in shapes.items()}))

    assert found.kind == "diffusion model"
    assert found.family == describe(on_paper(shapes)).family
    assert found.components[0].prefix == prefix


@pytest.mark.parametrize("name", [name for name, kind, _ in KNOWN if kind == "checkpoint"])
def test_a_part_of_a_checkpoint_is_told_alone_as_in_the_whole(name: str) -> None:
    shapes = networks()[name]
    file = on_paper(shapes)
    whole = describe(file)
    owner = owners(file, whole.components)

    for part in whole.components:
        own = {key: shape for key, shape in shapes.items() if owner[key] in {part.prefix, "?"}}
        assert part.name in {each.name for each in describe(on_paper(own)).components}


@pytest.mark.parametrize(
    ("metadata", "width", "family"),
    [({}, 0.05, "SD2 eps-prediction"), ({}, 0.2, "SD2 v-prediction")],
)
def test_what_sd2_predicts_is_told_by_the_spread_of_one_bias(
    tmp_path: Path, metadata: dict[str, str], width: float, family: str
) -> None:
    import struct

    shapes = networks()["sd21"]
    path = write_hollow(tmp_path / "model.safetensors", shapes, "F32", metadata)
    telling = "model.diffusion_model.output_blocks.11.1.transformer_blocks.0.norm1.bias"
    info = open_tensors(path).tensors[telling]
    with path.open("r+b") as file:
        file.seek(info.start)
        file.write(struct.pack("<320f", *([width, -width] * 160)))

    assert describe(open_tensors(path)).family == family


@pytest.mark.parametrize(
    ("shapes", "kind", "family"),
    [
        ({"emb_params": (2, 768)}, "embedding", "textual inversion for SD1"),
        ({"string_to_param.*": (3, 1024)}, "embedding", "textual inversion for SD2"),
        ({"<cat>": (768,)}, "embedding", "textual inversion for SD1"),
        ({"clip_l": (4, 768), "clip_g": (4, 1280)}, "embedding", "textual inversion for SDXL"),
        ({"emb_params": (2, 123)}, "embedding", "textual inversion"),
        ({"latent_tensor": (1, 4, 8, 8), "latent_format_version_0": (0,)}, "latent", "latent"),
        ({"state.0.exp_avg": (2, 2), "state.0.exp_avg_sq": (2, 2)}, "training state", "state of an optimiser"),
        ({"a": (2, 768)}, "unknown", ""),
        ({"weight": (2, 768), "bias": (2,)}, "unknown", ""),
        ({}, "unknown", ""),
        (
            {
                "image_proj.proj.weight": (3072, 1024),
                "ip_adapter.1.to_k_ip.weight": (320, 768),
                "ip_adapter.1.to_v_ip.weight": (320, 768),
            },
            "IP-Adapter",
            "IP-Adapter for SD1",
        ),
        (
            {
                "image_proj.latents": (1, 16, 1280),
                "ip_adapter.1.to_k_ip.weight": (640, 2048),
                "ip_adapter.1.to_v_ip.weight": (640, 2048),
            },
            "IP-Adapter",
            "IP-Adapter Plus for SDXL",
        ),
    ],
)
def test_small_things_are_known(shapes: dict[str, Shape], kind: str, family: str) -> None:
    found = describe(on_paper(shapes))

    assert (found.kind, found.family) == (kind, family)


def esrgan(blocks: int = 2, prefix: str = "") -> dict[str, Shape]:
    names: dict[str, Shape] = {"conv_first.weight": (64, 3, 3, 3), "conv_last.weight": (3, 64, 3, 3)}
    names |= {f"conv_up{n}.weight": (64, 64, 3, 3) for n in (1, 2)}
    for block in range(blocks):
        names |= {f"body.{block}.rdb{n}.conv1.weight": (32, 64, 3, 3) for n in (1, 2, 3)}
    return {prefix + name: shape for name, shape in names.items()}


def compact(scale: int) -> dict[str, Shape]:
    return {
        "body.0.weight": (64, 3, 3, 3),
        "body.1.weight": (64,),
        "body.2.weight": (64, 64, 3, 3),
        "body.3.weight": (64,),
        "body.4.weight": (3 * scale**2, 64, 3, 3),
    }


@pytest.mark.parametrize(
    ("shapes", "family"),
    [
        (esrgan(), "ESRGAN x4"),
        (esrgan(prefix="params_ema."), "ESRGAN x4"),
        (compact(4), "Real-ESRGAN compact x4"),
        (compact(2), "Real-ESRGAN compact x2"),
        (
            {
                "conv_first.weight": (180, 3, 3, 3),
                "layers.0.residual_group.blocks.0.attn.relative_position_bias_table": (225, 6),
                "norm.weight": (180,),
                "upsample.0.weight": (256, 64, 3, 3),
                "upsample.2.weight": (256, 64, 3, 3),
            },
            "SwinIR x4",
        ),
        (
            {
                "conv_first.weight": (180, 3, 3, 3),
                "layers.0.residual_group.overlap_attn.relative_position_bias_table": (1, 6),
                "upsample.0.weight": (576, 64, 3, 3),
            },
            "HAT x3",
        ),
        (
            {
                "conv_1.eval_conv.weight": (48, 3, 3, 3),
                "block_1.c1_r.eval_conv.weight": (48, 48, 3, 3),
                "upsampler.0.weight": (12, 48, 3, 3),
            },
            "SPAN x2",
        ),
    ],
)
def test_upscalers_are_known_with_their_scale(shapes: dict[str, Shape], family: str) -> None:
    found = describe(on_paper(shapes))

    assert (found.kind, found.family) == ("upscaler", family)


def test_a_unet_that_cannot_be_built_is_one_all_the_same() -> None:
    shapes = {
        "input_blocks.0.0.weight": (320, 4, 3, 3),
        "time_embed.0.weight": (1280, 320),
        "out.2.weight": (4, 320, 3, 3),
        "input_blocks.1.0.op.weight": (1, 1, 1, 1),
    }

    found = describe(on_paper(shapes))

    assert found.kind == "diffusion model"
    assert "cannot be built" in found.notes[0]


@given(
    st.lists(
        st.tuples(
            st.sampled_from([name for sign in SIGNS for name in sign.needs]), st.lists(st.integers(0, 9), max_size=5)
        )
    )
)
def test_nothing_that_has_names_of_networks_is_an_error(tensors: list[tuple[str, list[int]]]) -> None:
    found = describe(on_paper({name: tuple(shape) for name, shape in tensors}))

    assert found.kind


def test_a_file_of_many_gigabytes_is_told_by_its_header(tmp_path: Path) -> None:
    path = write_hollow(tmp_path / "flux.safetensors", networks()["flux_dev"], "BF16")

    found = describe(open_tensors(path))

    assert path.stat().st_size > 20 * 2**30
    assert found.family == "Flux.1 dev"


def test_every_type_has_a_hollow_file(tmp_path: Path) -> None:
    path = write_hollow_types(tmp_path / "a.safetensors", {dtype: (dtype, (2, 3)) for dtype in DTYPES})

    assert {info.dtype for info in open_tensors(path).tensors.values()} == set(DTYPES)
