"""Whatever a workflow holds, it is told, or one clear error says why not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings

from tests.overview.flows import document
from tests.strategies import odd_prompts, odd_workflows
from wftools.catalog.lookup import newest
from wftools.errors import WftoolsError
from wftools.overview import overview
from wftools.overview.files import Seen
from wftools.overview.reporters import REPORTERS


def told(tree: Any) -> None:
    try:
        seen = Seen("x.json", overview(document(tree)))
    except WftoolsError:
        return
    for name in REPORTERS.names():
        assert list(REPORTERS.load(name).render([seen])) != [] or name == "parameters"


@pytest.mark.slow
@given(odd_prompts())
@settings(max_examples=40)
def test_an_odd_prompt(tree: dict[str, Any]) -> None:
    told(tree)


@pytest.mark.slow
@given(odd_workflows())
@settings(max_examples=40)
def test_an_odd_workflow(tree: dict[str, Any]) -> None:
    told(tree)


@pytest.mark.slow
def test_a_node_of_every_known_type_is_told() -> None:
    """Each with its defaults, linked to the one before it."""
    catalogue = newest()
    nodes: dict[str, Any] = {}
    last = ""
    for index, name in enumerate(sorted(catalogue.types())):
        signature = catalogue.signature(name)
        inputs: dict[str, Any] = {}
        for each in signature.inputs if signature is not None else ():
            choices = each.choices or [None]
            default = each.default if each.default is not None else choices[0]
            inputs[each.name] = default if default is not None else [last, 0]
        nodes[str(index)] = {"class_type": name, "inputs": json.loads(json.dumps(inputs, default=str))}
        last = str(index)
        if len(nodes) == 50:
            told(nodes)
            nodes = {}
    told(nodes)
