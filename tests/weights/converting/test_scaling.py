"""Weights in eight bits with a scale: what ComfyUI reads, and what our own dialects make of it."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from tests.weights.converting.checkpoints import bits
from wftools.errors import InputError
from wftools.weights.converting.asking import Wanted, planned
from wftools.weights.converting.carrying import Outcome, carry_out
from wftools.weights.converting.types import Types
from wftools.weights.dialects import understood
from wftools.weights.tensorfile import TensorFile, open_tensors

RECORDED = load_file(Path(__file__).parent.parent.parent / "data/weights/scaled.safetensors")

# way -> types asked for, and the largest error in units of the largest weight: half a step of 127, or of 3 and 2 bits
WAYS: dict[str, tuple[Types, float]] = {
    "float8_e4m3fn": (Types("fp8_e4m3fn", "comfy_quant"), 2**-4),
    "float8_e5m2": (Types("fp8_e5m2", "comfy_quant"), 2**-3),
    "scaled_fp8": (Types("fp8_e4m3fn", "scaled_fp8"), 2**-4),
    "int8": (Types("int8"), 1 / 254),
    "int8_row": (Types("int8_row"), 1 / 254),
    "int8_convrot": (Types("int8_convrot"), 16 / 254),
}


@pytest.fixture
def model() -> dict[str, Tensor]:
    """A network with matrices, among other things."""
    torch.manual_seed(0)
    return {
        "model.diffusion_model.blocks.0.proj.weight": torch.randn(24, 256),
        "model.diffusion_model.blocks.0.proj.bias": torch.randn(24),
        "model.diffusion_model.blocks.0.odd.weight": torch.randn(24, 130),
        "model.diffusion_model.blocks.0.conv.weight": torch.randn(24, 24, 3, 3),
        "model.diffusion_model.pos_embed.weight": torch.randn(48, 48),
        "model.diffusion_model.tiny.weight": torch.randn(4, 8),
        "cond_stage_model.proj.weight": torch.randn(48, 48),
    }


def made(source: dict[str, Tensor], out: Path, wanted: Wanted, **options: Any) -> tuple[Outcome, ...]:
    save_file(source, out.with_name("in.safetensors"))
    return carry_out(planned(open_tensors(out.with_name("in.safetensors")), out, wanted).plans[""], out, **options)


@pytest.mark.parametrize("way", WAYS)
def test_scaled_layers_are_read_back_within_half_a_step(tmp_path: Path, model: dict[str, Tensor], way: str) -> None:
    """Every other tensor keeps its bytes; no name is left that a network would not know."""
    types, step = WAYS[way]

    made(model, tmp_path / "out.safetensors", Wanted(types))

    file = understood(open_tensors(tmp_path / "out.safetensors"))
    assert file.tensors.keys() == model.keys()
    assert set(file.sources) == {f"model.diffusion_model.blocks.0.{name}.weight" for name in ("proj", "odd")}
    for name, tensor in model.items():
        new = file.tensor(name)
        if name in file.sources:
            assert (new - tensor).abs().max() <= step * tensor.abs().max()
        else:
            assert bits(new) == bits(tensor), name


@pytest.mark.parametrize(
    ("way", "types"),
    [
        ("float8_e4m3fn", Types("fp8_e4m3fn", "comfy_quant")),
        ("float8_e5m2", Types("fp8_e5m2", "comfy_quant")),
        ("int8", Types("int8")),
        ("int8_row", Types("int8_row")),
        ("int8_convrot_256", Types("int8_convrot")),
    ],
)
@pytest.mark.parametrize("count", [256, 2**20])
def test_a_layer_is_what_comfyui_makes_of_it(tmp_path: Path, way: str, types: Types, count: int) -> None:
    """The numbers, the scale and its shape, and what is told; in pieces of any size."""
    made({"a.weight": RECORDED["weight"]}, tmp_path / "out.safetensors", Wanted(types), count=count)

    new = load_file(tmp_path / "out.safetensors")
    assert new.keys() == {"a.weight", "a.weight_scale", "a.comfy_quant"}
    assert bits(new["a.weight"]) == bits(RECORDED[way])
    torch.testing.assert_close(new["a.weight_scale"], RECORDED[f"{way}.scale"], rtol=2e-6, atol=0)
    told = {"format": "int8_tensorwise" if way.startswith("int8") else way}
    if "convrot" in way:
        told |= {"convrot": True, "convrot_groupsize": 256}  # type: ignore[dict-item]
    assert json.loads(bits(new["a.comfy_quant"])) == told


def test_the_first_layout_has_a_marker_below_the_network(tmp_path: Path, model: dict[str, Tensor]) -> None:
    made(model, tmp_path / "out.safetensors", Wanted(WAYS["scaled_fp8"][0]))

    new = load_file(tmp_path / "out.safetensors")
    assert new["model.diffusion_model.scaled_fp8"].dtype == torch.float8_e4m3fn
    assert new["model.diffusion_model.scaled_fp8"].numel() == 0
    assert new["model.diffusion_model.blocks.0.proj.scale_weight"].shape == ()


def test_rows_that_are_no_groups_of_256_are_rotated_in_smaller_ones_or_not_at_all(tmp_path: Path) -> None:
    tensors = {"a.weight": torch.randn(8, 320), "b.weight": torch.randn(16, 130)}

    made(tensors, tmp_path / "out.safetensors", Wanted(Types("int8_convrot")))

    new = load_file(tmp_path / "out.safetensors")
    assert json.loads(bits(new["a.comfy_quant"]))["convrot_groupsize"] == 64
    assert "convrot" not in json.loads(bits(new["b.comfy_quant"]))


def test_what_eight_bits_leave_out_gets_the_type_that_is_said(tmp_path: Path, model: dict[str, Tensor]) -> None:
    made(model, tmp_path / "out.safetensors", Wanted(Types("int8", rest="bf16")))

    dtypes = {name: str(tensor.dtype) for name, tensor in load_file(tmp_path / "out.safetensors").items()}
    assert dtypes["model.diffusion_model.blocks.0.proj.weight"] == "torch.int8"
    assert dtypes["model.diffusion_model.blocks.0.proj.weight_scale"] == "torch.float32"
    assert dtypes["model.diffusion_model.blocks.0.conv.weight"] == "torch.bfloat16"
    assert dtypes["model.diffusion_model.blocks.0.proj.bias"] == "torch.bfloat16"


def test_float8_without_a_scale_is_for_all_that_is_large(tmp_path: Path, model: dict[str, Tensor]) -> None:
    outcomes = made(model, tmp_path / "out.safetensors", Wanted(Types("fp8_e4m3fn")))

    new = load_file(tmp_path / "out.safetensors")
    for name, tensor in model.items():
        is_large = tensor.ndim > 1 and tensor.numel() > 1024
        assert bits(new[name]) == bits(tensor.to(torch.float8_e4m3fn) if is_large else tensor), name
    assert {each.planned.why for each in outcomes} == {"asked for", "no matrix", "at most 1,024 elements"}


@pytest.mark.parametrize("way", WAYS)
def test_a_scale_stays_where_a_network_is_taken_out(tmp_path: Path, model: dict[str, Tensor], way: str) -> None:
    """Whichever way it was said; numbers and scale keep their bytes. A cast goes by what they mean."""
    tensors = dict(model)
    made(tensors, tmp_path / "scaled.safetensors", Wanted(WAYS[way][0]))
    scaled = open_tensors(tmp_path / "scaled.safetensors")
    before = understood(scaled)

    for types, out in ((Types(), "kept.safetensors"), (Types("fp32"), "cast.safetensors"), (Types(), "a.gguf")):
        carry_out(planned(scaled, tmp_path / out, Wanted(types, prune=True)).plans[""], tmp_path / out)
    kept, cast = (understood(open_tensors(tmp_path / name)) for name in ("kept.safetensors", "cast.safetensors"))
    decoded = open_tensors(tmp_path / "a.gguf")

    assert set(kept.sources) == set(before.sources)
    assert not cast.sources
    assert cast.tensors.keys() == decoded.tensors.keys() == model.keys()
    for name in before.sources:
        assert torch.equal(kept.tensor(name), before.tensor(name))
        assert torch.equal(cast.tensor(name), before.tensor(name))
        assert torch.equal(decoded.tensor(name), before.tensor(name).half())


def test_a_scale_needs_a_matrix(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no layer can have a scale"):
        made({"a.bias": torch.ones(3), "b.weight": torch.ones(8, 8)}, tmp_path / "a.safetensors", Wanted(Types("int8")))


def test_gguf_has_no_scales(tmp_path: Path, model: dict[str, Tensor]) -> None:
    with pytest.raises(InputError, match="GGUF has no numbers of eight bits"):
        made(model, tmp_path / "out.gguf", Wanted(Types("int8")))


@pytest.mark.parametrize(
    ("dtype", "scaled", "rest"), [("fp16", "comfy_quant", None), (None, "comfy_quant", None), ("fp16", None, "bf16")]
)
def test_options_that_say_nothing_together_are_refused(dtype: str | None, scaled: Any, rest: str | None) -> None:
    with pytest.raises(InputError, match="only"):
        Types(dtype, scaled, rest)


def test_numbers_that_are_not_finite_spoil_no_scale(tmp_path: Path) -> None:
    """They are counted; the others are what they would be without them."""
    torch.manual_seed(0)
    tensor = torch.randn(40, 64)
    tensor[0, :3] = torch.tensor([float("nan"), float("inf"), float("-inf")])

    outcome = made({"a.weight": tensor}, tmp_path / "out.safetensors", Wanted(Types("int8")))[0]

    file: TensorFile = understood(open_tensors(tmp_path / "out.safetensors"))
    assert outcome.error is not None
    assert outcome.error.non_finite == 3
    assert (file.tensor("a.weight") - tensor)[1:].abs().max() <= tensor[1:].abs().max() / 254 * 1.0001
