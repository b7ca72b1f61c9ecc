"""Packs of one module."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from wftools.catalog.target import NEWEST
from wftools.scan.packs import scan


@pytest.fixture
def pack(tmp_path):
    """What a scan says of a pack with this source."""

    def scanned(source: str, **more: str):
        folder = tmp_path / "pack"
        folder.mkdir(exist_ok=True)
        for name, text in {"__init__": source, **more}.items():
            (folder / f"{name}.py").write_text(dedent(text))
        return scan(folder, NEWEST)

    return scanned


@pytest.fixture
def node(pack):
    """What a scan says of a node class with this body, after this head."""

    def of(body: str, head: str = ""):
        inputs = "" if "INPUT_TYPES" in body else "@classmethod\ndef INPUT_TYPES(cls): return {'required': {}}\n"
        types = "" if "RETURN_TYPES" in body else "RETURN_TYPES = ()\n"
        text = indent(dedent(body) + "\n" + inputs + types, "    ")
        return pack(f"{dedent(head)}\nclass Node:\n{text}\nNODE_CLASS_MAPPINGS = {{'Node': Node}}\n")

    return of


@pytest.fixture
def declared(node):
    """The entry of a node whose inputs are declared like this."""

    def of(sections: str, head: str = ""):
        found = node(f"@classmethod\ndef INPUT_TYPES(cls): return {sections}\n", head)
        return found.nodes["Node"]

    return of
