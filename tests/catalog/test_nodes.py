"""Finding the nodes that can be run: built in, and those of plug-ins."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from wftools.catalog import nodes
from wftools.catalog.nodes import NodeTypes
from wftools.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NODE = """
from wftools.catalog.declare import INT, node

@node("{type}", category="test")
def one() -> INT:
    return 1
"""


def install(folder: Path, name: str, code: str) -> None:
    """What pip leaves behind for a distribution with one module, and a plug-in in it."""
    (folder / f"{name}.py").write_text(code)
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[wftools.nodes]\n{name} = {name}\n")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in which distributions are installed, as far as this process can see."""
    monkeypatch.syspath_prepend(tmp_path)
    nodes._plugged_in.cache_clear()
    yield tmp_path
    nodes._plugged_in.cache_clear()
    for path in tmp_path.glob("*.py"):
        sys.modules.pop(path.stem, None)


def test_built_in_nodes_are_found() -> None:
    """By type, with the function that they are."""
    declared = NodeTypes()["KSampler"]

    assert declared.function.__module__ == "wftools.nodes.sampling"


def test_a_type_that_nobody_has_is_missing() -> None:
    """As in any mapping."""
    assert "Nothing" not in NodeTypes()
    assert NodeTypes().get("Nothing") is None


def test_a_plug_in_is_found_by_its_entry_point(site: Path) -> None:
    """Nobody has to name it."""
    install(site, "wftools_test_plug", NODE.format(type="One"))

    assert NodeTypes()["One"].function() == 1
    assert "One" in list(NodeTypes())
    assert len(NodeTypes()) == len(list(NodeTypes()))


def test_a_plug_in_does_not_replace_a_built_in_type(site: Path) -> None:
    """A workflow means the same on every machine."""
    install(site, "wftools_test_thief", NODE.format(type="KSampler"))

    assert NodeTypes()["KSampler"].function.__module__ == "wftools.nodes.sampling"
    assert list(NodeTypes()).count("KSampler") == 1


def test_a_broken_plug_in_is_named_when_it_is_needed(site: Path) -> None:
    """And is in nobody's way who does not need it."""
    install(site, "wftools_test_broken", "import not_there_at_all")

    assert "KSampler" in NodeTypes()
    with pytest.raises(InputError, match="'wftools_test_broken' cannot be imported: ModuleNotFoundError") as error:
        NodeTypes()["One"]
    assert error.value.hint == "repair or uninstall wftools_test_broken"


def test_two_plug_ins_with_one_type_are_an_error(site: Path) -> None:
    """Which of them runs must not depend on their names."""
    install(site, "wftools_test_a", NODE.format(type="One"))
    install(site, "wftools_test_b", NODE.format(type="One"))

    with pytest.raises(InputError, match="'One' is declared twice: in wftools_test_a and in wftools_test_b"):
        NodeTypes()["One"]
