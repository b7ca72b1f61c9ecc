"""Eight bits and a scale, beside what ComfyUI's own library made of the same weight."""

import math
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from wftools.weights.quant.scaled import in_scale, rotated, scale_of, steps

RECORDED = load_file(Path(__file__).parent.parent.parent / "data/weights/scaled.safetensors")
WAYS = {  # name -> type, whether each row has a scale, how many inputs are rotated together
    "float8_e4m3fn": ("F8_E4M3", False, 0),
    "float8_e5m2": ("F8_E5M2", False, 0),
    "int8": ("I8", False, 0),
    "int8_row": ("I8", True, 0),
    "int8_convrot_256": ("I8", True, 256),
    "int8_convrot_16": ("I8", True, 16),
}
ROTATION_ERROR = 2e-6  # relative to the scale: sums in another order; 3e-7 was seen


@pytest.mark.parametrize("way", WAYS)
def test_numbers_and_scales_are_comfyuis(way: str) -> None:
    dtype, by_row, group = WAYS[way]
    weight = rotated(RECORDED["weight"], group) if group else RECORDED["weight"]
    largest = weight.abs().amax(-1, keepdim=True) if by_row else weight.abs().max()

    scale = scale_of(largest, dtype)
    numbers = in_scale(weight, scale, dtype)

    torch.testing.assert_close(scale, RECORDED[f"{way}.scale"], rtol=ROTATION_ERROR if group else 0, atol=0)
    assert torch.equal(numbers.view(torch.uint8), RECORDED[way].view(torch.uint8))


@pytest.mark.parametrize("group", [256, 16])
def test_what_was_rotated_is_rotated_back(group: int) -> None:
    way = f"int8_convrot_{group}"

    weight = rotated(RECORDED[way].float() * RECORDED[f"{way}.scale"], group)

    torch.testing.assert_close(weight, RECORDED[f"{way}.weight"], rtol=0, atol=4e-6)
    assert (weight - RECORDED["weight"]).abs().max() <= math.sqrt(group) / 2 * RECORDED[f"{way}.scale"].max()


def test_a_part_is_rotated_as_in_the_whole() -> None:
    torch.manual_seed(0)
    weight = torch.randn(37, 512)

    assert torch.equal(torch.cat([rotated(weight[:5]), rotated(weight[5:])]), rotated(weight))


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [("I8", [127.0, -127.0, 0.0, 0.0]), ("F8_E4M3", [448.0, -448.0, float("nan"), 0.0])],
)
def test_what_is_beyond_the_largest_becomes_that(dtype: str, expected: list[float]) -> None:
    """ComfyUI's own library has the largest number for an infinity, too."""
    x = torch.tensor([float("inf"), float("-inf"), float("nan"), 0.0])

    numbers = in_scale(x, torch.tensor(0.5), dtype)

    torch.testing.assert_close(numbers.float(), torch.tensor(expected), rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize("dtype", ["I8", "F8_E4M3", "F8_E5M2"])
@pytest.mark.parametrize("weight", [torch.zeros(3), torch.tensor([1e-45, 0.0])], ids=["zeros", "denormal"])
def test_the_smallest_weights_have_a_scale_too(dtype: str, weight: Tensor) -> None:
    scale = scale_of(weight.abs().max(), dtype)

    numbers = in_scale(weight, scale, dtype)

    assert (numbers.float() * scale - weight).abs().max() <= 1e-37


@pytest.mark.parametrize(
    ("group", "is_one"), [(4, True), (256, True), (1024, True), (1, False), (8, False), (0, False)]
)
def test_groups_are_powers_of_four(group: int, *, is_one: bool) -> None:
    assert bool(steps(group)) == is_one
