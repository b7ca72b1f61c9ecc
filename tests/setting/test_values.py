"""What an input takes of what was typed, and how it is written."""

from __future__ import annotations

from typing import Any

import pytest

from wftools.catalog.signature import COMBO, Input
from wftools.errors import InputError
from wftools.graph.naming import setting
from wftools.setting.values import fitting, spelled_like

STEPS = Input("steps", "INT", options={"min": 1, "max": 100})
CFG = Input("cfg", "FLOAT", options={"min": 0.0, "max": 100.0})
TEXT = Input("text", "STRING")
TILED = Input("tiled", "BOOLEAN")
SAMPLER = Input("sampler_name", COMBO, options={"options": ["euler", "heun"]})
SIZE = Input("size", COMBO, options={"options": ["512", "1024"]})
COUNT = Input("count", COMBO, options={"options": [1, 2]})
MODEL_FILE = Input("ckpt_name", COMBO, options={"folder": "checkpoints"})
DEVICE = Input("device", COMBO, options={"options": ["cpu"], "open": "devices"})
SIZES = Input("sizes", COMBO, options={"options": ["a", "b"], "multiselect": True})


@pytest.mark.parametrize(
    ("declared", "typed", "expected"),
    [
        (STEPS, "30", 30),
        (STEPS, "30.0", 30),
        (CFG, "7", 7),
        (CFG, "7.5", 7.5),
        (TEXT, "a red fox", "a red fox"),
        (TEXT, '"a red fox"', "a red fox"),
        (TEXT, "1.50", "1.50"),  # a text, though it could be read as a number
        (TEXT, "true", "true"),
        (TEXT, "", ""),
        (TILED, "true", True),
        (SAMPLER, "heun", "heun"),
        (SIZE, "1024", "1024"),  # the choice, which is a text
        (COUNT, "2", 2),
        (MODEL_FILE, "sd15.safetensors", "sd15.safetensors"),
        (SIZES, '["b"]', ["b"]),
        (DEVICE, "cuda:1", "cuda:1"),  # not all choices are known
    ],
)
def test_a_value_is_what_its_input_takes(declared: Input, typed: str, expected: Any) -> None:
    value = fitting(setting(f"3.x={typed}"), None, [declared])

    assert (type(value), value) == (type(expected), expected)


@pytest.mark.parametrize(
    ("declared", "typed", "message", "hint"),
    [
        (STEPS, "many", "steps takes a whole number, not 'many'", None),
        (STEPS, "2.5", "steps takes a whole number, not 2.5", None),
        (STEPS, "true", "steps takes a whole number, not True", None),
        (STEPS, "NaN", "NaN is no value that JSON has", None),
        (CFG, "-Infinity", "-Infinity is no value that JSON has", None),
        (SIZES, "[1e999]", "[1e999] is no value that JSON has", None),
        (STEPS, "0", "steps is 0, at least 1 is taken", None),
        (STEPS, "101", "steps is 101, at most 100 is taken", None),
        (CFG, "null", "cfg takes a number, not None", None),
        (TILED, "1", "tiled takes true or false, not 1", None),
        (SAMPLER, "eular", "sampler_name does not offer 'eular'", "did you mean 'euler'?"),
        (SAMPLER, "5", "sampler_name does not offer '5'", "it offers euler, heun"),
        (COUNT, "true", "count does not offer 'true'", "it offers 1, 2"),
        (SIZES, '["c"]', "sizes does not offer 'c'", "it offers a, b"),
        (Input("model", "MODEL"), "x", "model takes MODEL, which only a link gives", None),
    ],
)
def test_what_an_input_does_not_take_is_refused(declared: Input, typed: str, message: str, hint: str | None) -> None:
    with pytest.raises(InputError) as caught:
        fitting(setting(f"3.x={typed}"), None, [declared])

    assert caught.value.message == f"3.x: {message}"
    assert (caught.value.hint or "").startswith(hint or "")


def test_what_one_version_of_a_node_takes_is_taken() -> None:
    newer = Input("sampler_name", COMBO, options={"options": ["euler", "new"]})

    assert fitting(setting("3.x=new"), None, [SAMPLER, newer]) == "new"


def test_a_class_that_checks_its_input_itself_takes_what_is_not_offered() -> None:
    assert fitting(setting("3.x=other"), None, [SAMPLER], is_checked_by_class=True) == "other"


@pytest.mark.parametrize(
    ("old", "typed", "expected"),
    [
        ("a", "5", "5"),
        ("a", "null", "null"),
        ("a", '"b"', "b"),
        (1, "5", 5),
        (1, "2.5", 2.5),
        (True, "false", False),
        (None, "5", 5),
        ([1], "[2]", [2]),
        (1, "many", None),
        (1, "true", None),
        (0.5, "null", None),
        (True, "1", None),
    ],
)
def test_where_nothing_is_declared_the_old_value_tells_what_is_taken(old: Any, typed: str, expected: Any) -> None:
    """None: it is refused."""
    if expected is None:
        with pytest.raises(InputError, match="the input has "):
            fitting(setting(f"3.x={typed}"), old, [])
    else:
        assert repr(fitting(setting(f"3.x={typed}"), old, [])) == repr(expected)


@pytest.mark.parametrize(
    ("old", "new", "in_ui", "in_prompt"),
    [
        (8, 7.0, 7, 7),
        (8, 7.5, 7.5, 7.5),
        (8.0, 7, 7.0, 7.0),
        (7.5, 7, 7, 7.0),  # the editor writes 7, Python 7.0
        ("x", 7, 7, 7),
        (None, 7.0, 7, 7.0),
        (8, 2**63, 2**63, 2**63),
        (8.0, 2**63 + 1, 2**63 + 1, 2**63 + 1),  # no float holds it
        (8, True, True, True),
        (8, -0.0, -0.0, -0.0),
    ],
)
def test_a_number_is_spelled_as_the_one_before_it(old: Any, new: Any, in_ui: Any, in_prompt: Any) -> None:
    assert repr(spelled_like(old, new, is_ui=True)) == repr(in_ui)
    assert repr(spelled_like(old, new, is_ui=False)) == repr(in_prompt)
