"""Where a file holds the prompt that was made of its workflow, that names the values of nodes of unknown types."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.graph.saved_nodes import workflow
from wftools.convert.to_api import to_api
from wftools.document import read
from wftools.graph import build


def converted(node, inputs, *, key="1", kind="Unknown Stamp"):
    flow = workflow({"type": "Unknown Stamp", **node})
    request = {
        "prompt": {key: {"class_type": kind, "inputs": inputs}},
        "extra_data": {"extra_pnginfo": {"workflow": flow}},
    }
    document = read(json.dumps(request).encode())
    assert document.companion is not None
    return to_api(build(replace(document.companion, companion=document)))


@pytest.mark.parametrize(
    ("values", "inputs"),
    [
        (["late summer", 24, True], {"text": "late summer", "size": 24, "bold": True}),
        ([7, "randomize", 0.5], {"seed": 7, "strength": 0.5}),
        (["a", None, "b"], {"one": "a", "other": "b"}),  # a button between them
        (["a {b|c}", 24], {"text": "a c", "size": 24}),  # replaced when it was queued
    ],
)
def test_values_have_the_names_of_the_prompt_beside_them(values, inputs):
    made = converted({"widgets_values": values}, inputs)

    kept = {name: value if value in values else values[0] for name, value in inputs.items()}
    assert made.prompt["1"]["inputs"] == kept
    assert made.lost == ()


@pytest.mark.parametrize("other", [{"key": "2"}, {"kind": "Another"}])
def test_the_prompt_of_another_node_names_nothing(other):
    made = converted({"widgets_values": ["late summer"]}, {"text": "late summer"}, **other)

    assert [each.values for each in made.lost] == [1]


def test_a_link_of_the_prompt_is_no_value():
    made = converted({"widgets_values": ["late summer"]}, {"text": "late summer", "image": ["9", 0]})

    assert made.prompt["1"]["inputs"] == {"text": "late summer"}
