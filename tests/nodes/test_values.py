"""wftools.nodes.primitive and .utilities: values pass through; PreviewAny writes them as text."""

from typing import Any

import pytest
import torch

from wftools.context import Context, Saved
from wftools.nodes.primitive import (
    primitive_boolean,
    primitive_bounding_box,
    primitive_float,
    primitive_int,
    primitive_string,
    primitive_string_multiline,
)
from wftools.nodes.utilities import preview_any
from wftools.values import Audio, Latent


@pytest.mark.parametrize(
    ("function", "value"),
    [
        (primitive_int, -(2**63) + 1),
        (primitive_float, 0.1),
        (primitive_string, "日本"),
        (primitive_boolean, False),
        (primitive_string_multiline, "x\ny"),
    ],
)
def test_a_primitive_gives_its_value(function: Any, value: Any) -> None:
    assert function(value=value) is value


def test_a_bounding_box_is_named_numbers() -> None:
    assert primitive_bounding_box(x=1, y=2, width=3, height=4) == {"x": 1, "y": 2, "width": 3, "height": 4}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("日本\n", "日本\n"),
        (5, "5"),
        (0.1, "0.1"),
        (1e-7, "1e-07"),
        (True, "True"),
        (None, "None"),
        ({"x": 1, "name": "é"}, '{\n    "x": 1,\n    "name": "é"\n}'),
        ([1, [2.5, None]], "[\n    1,\n    [\n        2.5,\n        null\n    ]\n]"),
        ((), "[]"),
        (torch.tensor([1.0, 2.5]), "tensor([1.0000, 2.5000])"),
        ({"samples": torch.tensor([1])}, "{'samples': tensor([1])}"),
        (Latent(torch.tensor([1])), "{'samples': tensor([1])}"),
        (Audio(torch.tensor([1.0]), 8000), "{'waveform': tensor([1.]), 'sample_rate': 8000}"),
        ({1}, "{1}"),
    ],
)
def test_a_value_is_shown_as_text(context: Context, value: Any, text: str) -> None:
    assert preview_any(source=value, context=context) == text
    assert context.saved == [Saved("text", text=text)]


def test_six_values_at_each_end_of_a_large_tensor_are_shown(context: Context) -> None:
    """More than torch prints by itself, which it does again afterwards."""
    text = preview_any(source=torch.zeros(2000), context=context)

    assert text.count("0.") == 12
    assert str(torch.zeros(2000)).count("0.") == 6


def test_a_preview_leaves_the_way_tensors_are_printed(context: Context) -> None:
    """It shows six values at each end, whatever else is set."""
    torch.set_printoptions(edgeitems=2)
    try:
        before = str(torch.arange(5000))
        assert preview_any(source=torch.arange(5000), context=context).count(",") > before.count(",")
        assert str(torch.arange(5000)) == before
    finally:
        torch.set_printoptions(profile="default")
