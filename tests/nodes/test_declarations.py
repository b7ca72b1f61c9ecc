"""wftools.nodes: what the nodes declare is what ComfyUI 0.33.0 declares."""

import json
import re
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from wftools.catalog.declare import Declared, declared_in
from wftools.catalog.lookup import Catalogue
from wftools.catalog.object_info import object_info
from wftools.catalog.target import Target
from wftools.plugins import Folder

TESTS = Path(__file__).parents[1]


def declared() -> list[Declared]:
    """Every node of every module."""
    return [node for module in Folder[ModuleType]("wftools.nodes").modules() for node in declared_in(module)]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue(target=Target("0.33.0"))


@pytest.mark.parametrize("node", declared(), ids=lambda node: node.type)
def test_a_node_is_declared_as_comfyui_declares_it(node: Declared, catalogue: Catalogue) -> None:
    """Every fact that a server tells: the order of inputs is that of the widgets, a false default another picture.

    Left out are the Python module, which is ours, and the hidden input CONTEXT, for which ComfyUI has globals.
    """
    fact = catalogue.signature(node.type)
    assert fact is not None

    signature = node.signature
    hidden = {name: kind for name, kind in signature.hidden.items() if kind != "CONTEXT"}
    told = replace(signature, hidden=hidden, module=fact.module, versions=fact.versions, origin=fact.origin)

    assert told == fact
    assert object_info(told) == object_info(fact)


def test_what_a_node_computes_is_tested_somewhere() -> None:
    """Against what ComfyUI computed (tests/data/parity), or in a test that calls its function."""
    lines = [line for path in (TESTS / "data/parity").glob("*.jsonl") for line in path.read_text("utf-8").splitlines()]
    recorded = {node.get("class_type") for line in lines for node in json.loads(line)["prompt"].values()}
    called = {word for path in TESTS.rglob("*.py") for word in re.findall(r"\w+", path.read_text("utf-8"))}

    assert {node.type for node in declared() if node.function.__name__ not in called} <= recorded


def test_no_type_is_declared_twice() -> None:
    types = [node.type for node in declared()]

    assert len(types) == len(set(types))
