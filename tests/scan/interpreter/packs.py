"""Packs written for one test, and what the interpreter makes of them."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING, Any

from wftools.scan.interpreter import Interpreter, Limits, ModuleValue, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def pack(folder: Path, files: Mapping[str, str | bytes] | str) -> Path:
    """A pack of these files; of one `__init__.py`, if a text is given."""
    root = folder / "some_pack"
    for name, content in ({"__init__.py": files} if isinstance(files, str) else files).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else dedent(content).encode())
    return root


def interpreter_of(
    folder: Path,
    files: Mapping[str, str | bytes] | str,
    foreign: Mapping[str, ModuleValue] | None = None,
    limits: Limits | None = None,
) -> Interpreter:
    return Interpreter(pack(folder, files), foreign, limits)


def value_of(folder: Path, files: Mapping[str, str | bytes] | str, name: str = "X", **foreign: ModuleValue) -> Any:
    """What a name of the pack has as its value."""
    interpreter = interpreter_of(folder, files, foreign)
    module = interpreter.load()
    assert isinstance(module, ModuleValue)
    return interpreter.attribute(module, name)


def is_unknown(value: object) -> bool:
    return isinstance(value, Unknown)
