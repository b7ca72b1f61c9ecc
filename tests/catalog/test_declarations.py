"""Every node that runs here is declared as ComfyUI 0.33.0 declares it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from wftools.catalog.lookup import catalogue
from wftools.catalog.nodes import NodeTypes
from wftools.catalog.target import target

if TYPE_CHECKING:
    from wftools.catalog.signature import Input, NodeSignature

# Looks, and what is said elsewhere in a declaration: the choices of a list are its options in either form.
LOOKS = {"listed", "multiselect", "hidden", "socketless"}
OURS = {"CONTEXT"}      # a hidden input that ComfyUI does not have


def facts(signature: NodeSignature) -> dict[str, Any]:
    return {
        "inputs": [_input(each) for each in signature.inputs],
        "outputs": [(each.name, each.type, each.is_list) for each in signature.outputs],
        "hidden": {kind for kind in signature.hidden.values() if kind not in OURS},
        "names": (signature.display_name, signature.category),
        "flags": (signature.output_node, signature.is_input_list, signature.deprecated, signature.experimental),
    }


def _input(each: Input) -> tuple[Any, ...]:
    options = {
        name: value
        for name, value in each.options.items()
        if name not in LOOKS and (value is not False or name == "default")
    }
    return each.name, each.type, each.required, options


@pytest.mark.parametrize("node_type", sorted(NodeTypes()))
def test_a_declaration_equals_the_recorded_facts(node_type):
    recorded = catalogue(target=target("0.33.0")).signature(node_type)

    assert facts(NodeTypes()[node_type].signature) == facts(recorded)
