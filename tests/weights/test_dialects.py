"""Files whose weights are numbers of eight bits with a scale, in the ways that ComfyUI has them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from wftools.errors import InputError
from wftools.weights.dialects import DIALECTS, understood
from wftools.weights.quant.scaled import rotated
from wftools.weights.source import Scaled
from wftools.weights.tensorfile import TensorFile, open_tensors

CPU = torch.device("cpu")

Tensors = dict[str, Tensor]


def quantised(weight: Tensor, dtype: torch.dtype = torch.float8_e4m3fn) -> tuple[Tensor, Tensor]:
    """A weight's numbers in eight bits, and the scale that they are to be multiplied with."""
    largest = torch.finfo(dtype).max if dtype.is_floating_point else 127
    scale = weight.abs().max() / largest
    numbers = weight / scale
    return (numbers if dtype.is_floating_point else numbers.round()).to(dtype), scale


def marked(tensors: Tensors, prefix: str = "") -> tuple[Tensors, dict[str, str]]:
    """All weights of two dimensions as `scaled_fp8` has them."""
    found: Tensors = {f"{prefix}scaled_fp8": torch.zeros(0).to(torch.float8_e4m3fn)}
    for name, tensor in tensors.items():
        if tensor.ndim == 2 and name.startswith(prefix):
            layer = name.removesuffix(".weight")
            found[name], found[f"{layer}.scale_weight"] = quantised(tensor)
            found[f"{layer}.scale_input"] = torch.ones(())
        else:
            found[name] = tensor
    return found, {}


def told_by_layer(tensors: Tensors, format: str = "float8_e4m3fn") -> tuple[Tensors, dict[str, str]]:  # noqa: A002
    """All weights of two dimensions as `comfy_quant` has them."""
    dtype = torch.int8 if format.startswith("int8") else getattr(torch, format)
    found: Tensors = {}
    for name, tensor in tensors.items():
        if tensor.ndim == 2:
            layer = name.removesuffix(".weight")
            found[name], found[f"{layer}.weight_scale"] = quantised(tensor, dtype)
            found[f"{layer}.comfy_quant"] = torch.tensor(
                list(json.dumps({"format": format}).encode()), dtype=torch.uint8
            )
        else:
            found[name] = tensor
    return found, {}


def told_at_once(tensors: Tensors) -> tuple[Tensors, dict[str, str]]:
    """The same, with what is told of the layers in the metadata."""
    found, _ = told_by_layer(tensors)
    layers = {name.removesuffix(".comfy_quant"): {"format": "float8_e4m3fn"} for name in found if "comfy_quant" in name}
    metadata = {"_quantization_metadata": json.dumps({"format_version": "1.0", "layers": layers})}
    return {name: tensor for name, tensor in found.items() if "comfy_quant" not in name}, metadata


WAYS: dict[str, Callable[[Tensors], tuple[Tensors, dict[str, str]]]] = {
    "marked": marked,
    "told by layer": told_by_layer,
    "e5m2": lambda tensors: told_by_layer(tensors, "float8_e5m2"),
    "int8": lambda tensors: told_by_layer(tensors, "int8_tensorwise"),
    "told at once": told_at_once,
}


def opened(path: Path, tensors: Tensors, metadata: dict[str, str] | None = None) -> TensorFile:
    save_file(tensors, path / "a.safetensors", metadata)
    return open_tensors(path / "a.safetensors")


@pytest.fixture
def plain() -> Tensors:
    torch.manual_seed(0)
    return {"a.weight": torch.randn(4, 6), "a.bias": torch.randn(4), "b.conv.weight": torch.randn(2, 2, 3, 3)}


@pytest.mark.parametrize("way", WAYS)
def test_a_scaled_weight_is_a_source_under_its_own_name(tmp_path: Path, plain: Tensors, way: str) -> None:
    """No key is left that a network would not know, and the weight is its numbers times the scale."""
    tensors, metadata = WAYS[way](plain)
    scales = [tensor for name, tensor in tensors.items() if name in ("a.scale_weight", "a.weight_scale")]

    file = understood(opened(tmp_path, tensors, metadata))

    assert file.tensors.keys() == plain.keys()
    source = file.weight("a.weight")
    assert not isinstance(source, Tensor)
    for scale in scales:
        assert torch.equal(source.weight(torch.float32, CPU), tensors["a.weight"].float() * scale)
    assert source.weight(torch.bfloat16, CPU).dtype == torch.bfloat16
    assert isinstance(file.weight("a.bias"), Tensor)
    assert (source.weight(torch.float32, CPU) - plain["a.weight"]).abs().max() < 0.3


@pytest.mark.parametrize("way", WAYS)
def test_a_source_stays_with_its_weight_under_another_name(tmp_path: Path, plain: Tensors, way: str) -> None:
    tensors, metadata = WAYS[way](plain)

    part = understood(opened(tmp_path, tensors, metadata)).below("a.")

    assert not isinstance(part.weight("weight"), Tensor)


def test_rows_may_have_a_scale_each(tmp_path: Path) -> None:
    numbers, scales = torch.ones(4, 6), torch.arange(4.0)[:, None]

    file = opened(tmp_path, {"w": numbers, "s": scales})

    assert torch.equal(Scaled(file, "w", "s").weight(torch.float32, CPU), scales.expand(4, 6))


def test_a_file_in_no_dialect_is_left_as_it_is(tmp_path: Path, plain: Tensors) -> None:
    """Also one with keys of a dialect, where nothing says that it is one: they are reported as unknown."""
    file = opened(tmp_path, {**plain, "a.scale_weight": torch.ones(())})

    assert understood(file) is file


def test_a_scale_without_a_weight_is_not_claimed(tmp_path: Path, plain: Tensors) -> None:
    tensors, _ = marked({**plain})

    file = understood(opened(tmp_path, {**tensors, "c.scale_weight": torch.ones(())}))

    assert "c.scale_weight" in file.tensors


def changed(**changes: Tensor | None) -> Callable[[Tensors], Tensors]:
    def change(tensors: Tensors) -> Tensors:
        more = {name.replace("_dot_", "."): tensor for name, tensor in changes.items()}
        return {name: tensor for name, tensor in {**tensors, **more}.items() if tensor is not None}

    return change


def text(value: bytes) -> Tensor:
    return torch.tensor(list(value), dtype=torch.uint8)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (changed(a_dot_weight_scale=None), r"'a\.weight_scale' is missing"),
        (changed(a_dot_weight_scale=torch.ones(3)), r"'a\.weight_scale' has the shape \[3\], expected one value"),
        (changed(a_dot_comfy_quant=text(b"{")), r"'a\.comfy_quant' is not JSON"),
        (changed(a_dot_comfy_quant=text(b"[" * 60_000)), r"'a\.comfy_quant' is not JSON"),
        (changed(a_dot_comfy_quant=text(b" " * 70_000)), "more than 65,536 bytes"),
        (changed(a_dot_comfy_quant=text(b"[]")), "does not read yet"),
        (changed(a_dot_comfy_quant=text(b'{"format": "nvfp4"}')), "nvfp4"),
        (changed(a_dot_comfy_quant=text(b'{"format": "int8_tensorwise"}')), "in F8_E4M3"),
        (changed(a_dot_weight=torch.ones(4, 3, dtype=torch.uint8)), "in U8"),
    ],
)
def test_what_is_said_wrongly_or_not_read_yet_is_refused_with_the_file(
    tmp_path: Path, plain: Tensors, change: Callable[[Tensors], Tensors], problem: str
) -> None:
    file = opened(tmp_path, change(told_by_layer(plain)[0]))

    with pytest.raises(InputError, match=rf"a\.safetensors: .*{problem}"):
        understood(file)


def test_a_weight_that_is_stored_rotated_is_turned_back(tmp_path: Path) -> None:
    """The rotation is its own inverse."""
    weight = torch.randn(4, 128, generator=torch.Generator().manual_seed(0))
    numbers, scale = quantised(rotated(weight, 64), torch.int8)
    tensors, _ = told_by_layer({"a.weight": torch.zeros(4, 128)}, "int8_tensorwise")
    told = text(b'{"format": "int8_tensorwise", "convrot": true, "convrot_groupsize": 64}')

    file = understood(
        opened(tmp_path, {**tensors, "a.weight": numbers, "a.weight_scale": scale, "a.comfy_quant": told})
    )

    made = file.tensor("a.weight")
    assert (made - weight).abs().max() < 0.1
    assert file.sources["a.weight"].weight(torch.bfloat16, CPU).equal(made.bfloat16())


@pytest.mark.parametrize("group", [b"256", b"8", b"0", b"-4", b"1", b"null", b"true", b'"64"', b"1e99", b"4.0"])
def test_a_rotation_that_does_not_fit_is_refused(tmp_path: Path, group: bytes) -> None:
    tensors, _ = told_by_layer({"a.weight": torch.randn(4, 64)}, "int8_tensorwise")
    told = text(b'{"format": "int8_tensorwise", "convrot": true, "convrot_groupsize": %s}' % group)

    with pytest.raises(InputError, match=r"a\.safetensors: .*rotated in groups of"):
        understood(opened(tmp_path, {**tensors, "a.comfy_quant": told}))


@pytest.mark.parametrize("told", ["[]", "{}", "{", '{"layers": 3}'])
def test_metadata_that_tells_of_no_layers_is_refused(tmp_path: Path, plain: Tensors, told: str) -> None:
    with pytest.raises(InputError, match=r"a\.safetensors: metadata _quantization_metadata"):
        understood(opened(tmp_path, plain, {"_quantization_metadata": told}))


def test_every_dialect_is_spoken_in_some_way_here(tmp_path: Path, plain: Tensors) -> None:
    """So that one that is added is held to the laws of all."""
    spoken = set()
    for way in WAYS.values():
        file = opened(tmp_path, *way(plain))
        spoken |= {name for name in DIALECTS.names() if DIALECTS.load(name).understood(file) is not file}

    assert spoken == set(DIALECTS.names())


@pytest.mark.parametrize("name", DIALECTS.names())
def test_every_dialect_leaves_another_file_as_it_is(tmp_path: Path, plain: Tensors, name: str) -> None:
    file = opened(tmp_path, plain)

    assert DIALECTS.load(name).understood(file) is file
