"""The names that `import wftools` offers."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import wftools


def test_every_name_of_the_interface_is_there_and_documented() -> None:
    """And nothing else is offered."""
    assert sorted(wftools.__all__) == wftools.__all__
    assert set(dir(wftools)) == {*wftools.__all__, "__version__"}
    assert all((getattr(wftools, name).__doc__ or "").strip() for name in wftools.__all__)


def test_type_checkers_see_the_same_names() -> None:
    """They read the imports that do not run."""
    tree = ast.parse(Path(wftools.__file__).read_text("utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module != "__future__"]
    seen = {alias.name: node.module for node in imports for alias in node.names}

    lazily = {name: home for home, names in wftools._HOMES.items() for name in names}

    assert {name: home for name, home in seen.items() if name in wftools.__all__} == lazily
    assert lazily.keys() == set(wftools.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    """As of any module."""
    with pytest.raises(AttributeError, match="module 'wftools' has no attribute 'nope'"):
        wftools.nope  # noqa: B018


def test_the_names_bring_no_module_before_they_are_used() -> None:
    """`import wftools` is what every command pays for."""
    code = "import sys, wftools; print([m for m in sys.modules if m.startswith('wftools.')])"

    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(wftools.__file__).parents[1],
    )

    assert done.stdout == "[]\n"
