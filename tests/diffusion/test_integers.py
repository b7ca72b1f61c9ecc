"""Linear layers in whole numbers, against ComfyUI's own kernels and against what rounding may cost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from safetensors.torch import save_file

from tests.diffusion.sources import Times
from wftools.context import Placement
from wftools.diffusion import integers
from wftools.diffusion.integers import InIntegers, has_kernel, in_whole_numbers
from wftools.diffusion.loading import load_network
from wftools.diffusion.ops import Linear, Module, with_weights
from wftools.weights.dialects import understood
from wftools.weights.networks import Part
from wftools.weights.quant.scaled import in_scale, rotated, scale_of
from wftools.weights.tensorfile import open_tensors

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from wftools.weights.source import Source
    from wftools.weights.tensorfile import TensorFile

INPUTS, OUTPUTS = 256, 48
WAYS = ("one scale", "a scale a row", "rotated")

needs_kernel = pytest.mark.skipif(not has_kernel(), reason="torch multiplies no int8 here")


class OneLayer(Module):
    """A network of one layer."""

    def __init__(self, _config: object = None) -> None:
        super().__init__()
        self.layer = Linear(INPUTS, OUTPUTS)

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x)


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def saved(path: Path, way: str) -> TensorFile:
    """The layer, its weight in int8."""
    weight = random(OUTPUTS, INPUTS) / 16
    told: dict[str, object] = {"format": "int8_tensorwise"}
    if way == "rotated":
        weight = rotated(weight, 64)
        told |= {"convrot": True, "convrot_groupsize": 64}
    scale = scale_of(weight.abs().max() if way == "one scale" else weight.abs().amax(1, keepdim=True), "I8")
    tensors = {
        "layer.weight": in_scale(weight, scale, "I8"),
        "layer.weight_scale": scale,
        "layer.bias": random(OUTPUTS, seed=1),
        "layer.comfy_quant": torch.tensor(list(json.dumps(told).encode()), dtype=torch.uint8),
    }
    save_file(tensors, path / "layer.safetensors")
    return understood(open_tensors(path / "layer.safetensors"))


def source_in(file: TensorFile) -> InIntegers:
    """What makes the layer's weight."""
    source = in_whole_numbers(file.sources["layer.weight"])
    assert isinstance(source, InIntegers)
    return source


@needs_kernel
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("rows", [1, 3, 1100])
def test_products_are_those_of_comfyui_s_kernels(tmp_path: Path, way: str, rows: int) -> None:
    """Bit for bit, but for the rotation, whose sums are made in another order."""
    eager = pytest.importorskip("comfy_kitchen.backends.eager.quantization")
    file, x = saved(tmp_path, way), random(rows, INPUTS, seed=2)
    arguments = (x, file.read("layer.weight"), open_tensors(file.path).read("layer.weight_scale"))

    made = source_in(file).linear(x, file.read("layer.bias"))

    expected = eager.int8_linear(
        *arguments, file.read("layer.bias"), torch.float32, convrot=way == "rotated", convrot_groupsize=64
    )
    if way == "rotated":
        torch.testing.assert_close(made, expected, rtol=0, atol=0.02)
    else:
        assert torch.equal(made, expected)


@pytest.mark.parametrize("way", WAYS)
def test_inputs_are_rounded_and_nothing_else(tmp_path: Path, way: str) -> None:
    """Each input is off by half a step of its row at most, so each output by half a step times its weights' sizes."""
    file, x = saved(tmp_path, way), random(5, INPUTS, seed=2) * torch.tensor([[1e-6], [1.0], [100.0], [0.0], [3.0]])
    source = source_in(file)
    weight = source.weight(torch.float32, x.device)
    seen, stored = (rotated(x, 64), rotated(weight, 64)) if way == "rotated" else (x, weight)

    made = source.linear(x, None)

    bound = seen.abs().amax(1, keepdim=True) / 127 / 2 * stored.abs().sum(1)
    assert ((made - F.linear(x, weight)).abs() <= bound * 1.001 + 1e-30).all()
    assert not made[3].any()


def test_values_that_are_no_numbers_stay_in_their_row(tmp_path: Path) -> None:
    x = random(3, INPUTS)
    x[1, 7] = torch.nan

    made = source_in(saved(tmp_path, "one scale")).linear(x, None)

    assert made[[0, 2]].isfinite().all()
    assert made[1].isnan().all()


def test_a_model_multiplies_whole_numbers_only_where_that_is_asked_for(tmp_path: Path) -> None:
    file, x = saved(tmp_path, "one scale"), random(2, 7, INPUTS, seed=3)

    plain = load_network(OneLayer, Part(None, file), Placement())
    whole = load_network(OneLayer, Part(None, file), Placement(integers=True))

    weight = file.sources["layer.weight"].weight(torch.float32, x.device)
    assert torch.equal(plain(x), F.linear(x, weight, file.read("layer.bias")))
    assert not torch.equal(whole(x), plain(x)) or not has_kernel()
    torch.testing.assert_close(whole(x), plain(x), rtol=0, atol=0.1)
    assert whole(x.bfloat16()).dtype == torch.bfloat16
    assert not whole.layer.kept.get("weight", torch.empty(0)).numel()


def test_what_changes_such_a_weight_is_given_the_weight(tmp_path: Path) -> None:
    whole = load_network(OneLayer, Part(None, saved(tmp_path, "rotated")), Placement(integers=True))
    x = random(2, INPUTS)

    doubled = with_weights(whole, {"layer.weight": lambda before: Times(before, 2.0)})

    weight = whole.layer.sources["weight"].weight(torch.float32, x.device)
    assert torch.equal(doubled(x), F.linear(x, 2 * weight, whole.layer.bias))


def test_gradients_pass_through_floats(tmp_path: Path) -> None:
    source, x = source_in(saved(tmp_path, "one scale")), random(2, INPUTS).requires_grad_()

    source.linear(x, None).sum().backward()

    assert x.grad is not None
    torch.testing.assert_close(x.grad[0], source.weight(torch.float32, x.device).sum(0))


def test_without_a_kernel_floats_are_multiplied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where there is one that loses bits."""
    source, x = source_in(saved(tmp_path, "one scale")), random(2, INPUTS)
    monkeypatch.setattr(torch, "_int_mm", lambda a, b: (a.int() @ b.int()).clamp(max=2**15))
    integers.has_kernel.cache_clear()

    made = source.linear(x, None)

    integers.has_kernel.cache_clear()
    assert torch.equal(made, F.linear(x, source.weight(torch.float32, x.device)))


def test_other_weights_are_as_they_are(tmp_path: Path) -> None:
    tensors = {
        "layer.weight": random(OUTPUTS, INPUTS).to(torch.float8_e4m3fn),
        "layer.scale_weight": torch.ones(()),
        "scaled_fp8": torch.zeros(0).to(torch.float8_e4m3fn),
    }
    save_file(tensors, tmp_path / "a.safetensors")
    source: Source = understood(open_tensors(tmp_path / "a.safetensors")).sources["layer.weight"]

    assert in_whole_numbers(source) is source
