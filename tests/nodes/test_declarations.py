"""wftools.nodes: what the nodes declare is what ComfyUI 0.33.0 declares."""

from typing import Any

import pytest

from wftools.catalog.declare import Declared, declared_in
from wftools.catalog.lookup import Catalogue
from wftools.catalog.signature import Input, NodeSignature, Output
from wftools.catalog.target import Target
from wftools.plugins import Folder

OF_THE_FORM = {"listed"}  # in which of its two forms ComfyUI's own declaration is written


def declared() -> list[Declared]:
    """Every node of every module."""
    return [node for module in Folder("wftools.nodes").modules() for node in declared_in(module)]


def told(found: Input) -> tuple[str, str, bool, dict[str, Any]]:
    """What an input says, its choices as a list."""
    options = {name: value for name, value in found.options.items() if name not in OF_THE_FORM}
    return found.name, found.type, found.required, options


def shown(output: Output) -> tuple[str, str, bool]:
    return output.name, output.type, output.is_list


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue(target=Target("0.33.0"))


@pytest.mark.parametrize("node", declared(), ids=lambda node: node.type)
def test_a_node_is_declared_as_comfyui_declares_it(node: Declared, catalogue: Catalogue) -> None:
    """Names, order, types, defaults, ranges, choices, outputs, category: the order of inputs is that of the widgets."""
    fact = catalogue.signature(node.type)
    signature = node.signature

    assert isinstance(fact, NodeSignature)
    assert [told(found) for found in signature.inputs] == [told(found) for found in fact.inputs]
    assert [shown(output) for output in signature.outputs] == [shown(output) for output in fact.outputs]
    assert {name: kind for name, kind in signature.hidden.items() if kind != "CONTEXT"} == dict(fact.hidden)
    for name in ("display_name", "category", "output_node", "is_input_list", "deprecated", "experimental", "api_node"):
        assert getattr(signature, name) == getattr(fact, name), name


def test_no_type_is_declared_twice() -> None:
    types = [node.type for node in declared()]

    assert len(types) == len(set(types))
