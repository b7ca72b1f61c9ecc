"""Prompts with custom nodes made into workflows, and back."""

from __future__ import annotations

import json
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from tests.graph.saved_nodes import saved, signatures, types, value
from wftools.catalog.lookup import shipped
from wftools.convert.to_api import to_api
from wftools.convert.to_ui import to_ui
from wftools.document import read
from wftools.graph import build

if TYPE_CHECKING:
    from collections.abc import Sequence

# What is shown is not sent; what the server knows and the editor keeps to itself is in no prompt.
NOT_SENT = {"Display Any (rgthree)", "TY_ExecutionTime", "VHS_SelectLatest"}


def there(prompt: dict[str, Any]) -> dict[str, Any]:
    return to_ui(build(read(json.dumps(prompt).encode()), shipped())).workflow


def back(workflow: dict[str, Any]) -> dict[str, Any]:
    made = to_api(build(read(json.dumps(workflow).encode()), shipped()))
    assert made.lost == ()
    return {path: node["inputs"] for path, node in made.prompt.items()}


def changed(node_types: Sequence[str]) -> list[str]:
    """Types whose nodes are not in a workflow what they were in the prompt."""
    found = []
    for node_type in node_types:
        for signature, today in signatures(node_type):
            if signature.is_older or node_type in NOT_SENT:
                continue
            _, named = saved(signature, partial(value, today, Random(node_type)))
            meta = {"cnr_id": signature.origin.pack if signature.origin is not None else ""}
            if back(there({"1": {"class_type": node_type, "inputs": named, "_meta": meta}})) != {"1": named}:
                found.append(node_type)
    return found


def test_there_and_back_is_the_same_prompt():
    assert changed(types()[::173]) == []


@pytest.mark.slow
def test_there_and_back_is_the_same_prompt_for_all_types():
    assert changed(types()) == []


def test_videohelpersuite_has_its_values_by_name():
    inputs = {"frame_rate": 8, "loop_count": 0, "filename_prefix": "ad", "format": "image/gif", "pingpong": False}
    prompt = {"1": {"class_type": "VHS_VideoCombine", "inputs": {**inputs, "save_output": True}}}

    (node,) = there(prompt)["nodes"]

    assert node["widgets_values"] == {**inputs, "save_output": True}


def test_rows_of_loras_stand_between_the_lines_of_their_node():
    rows = {f"lora_{number}": {"on": True, "lora": f"{number}.safetensors", "strength": 1} for number in (1, 2)}
    prompt = {"1": {"class_type": "Power Lora Loader (rgthree)", "inputs": rows}}

    workflow = there(prompt)

    assert workflow["nodes"][0]["widgets_values"] == [{}, *rows.values(), {}]
    assert back(workflow) == {"1": rows}
