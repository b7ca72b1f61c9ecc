"""The toolchain for ComfyUI workflow files: lint, format, convert and run them, without ComfyUI.

    from wftools import Linter, build, read, to_api

    document = read("flow.json")                  # or a picture that ComfyUI saved
    for finding in Linter().lint_document(document):
        print(finding.line, finding.code, finding.message)
    prompt = to_api(build(document)).prompt       # what the web editor would send to the server

These names are the interface; each is imported when it is asked for. What stands elsewhere may change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from wftools.convert.to_api import to_api
    from wftools.convert.to_ui import to_ui
    from wftools.diff import Comparison, compared
    from wftools.document import Document, dumps, read
    from wftools.document.containers import embed_texts
    from wftools.errors import InputError, RunError, WftoolsError
    from wftools.fmt import formatted
    from wftools.folders import Folders
    from wftools.graph import WorkflowGraph, build
    from wftools.lint import Finding, Linter
    from wftools.runtime import Options, Session

__all__ = [
    "Comparison",
    "Document",
    "Finding",
    "Folders",
    "InputError",
    "Linter",
    "Options",
    "RunError",
    "Session",
    "WftoolsError",
    "WorkflowGraph",
    "build",
    "compared",
    "dumps",
    "embed_texts",
    "formatted",
    "read",
    "to_api",
    "to_ui",
]
__version__ = "0.1.0"

_HOMES: Final = {
    "wftools.convert.to_api": ("to_api",),
    "wftools.convert.to_ui": ("to_ui",),
    "wftools.diff": ("Comparison", "compared"),
    "wftools.document": ("Document", "dumps", "read"),
    "wftools.document.containers": ("embed_texts",),
    "wftools.errors": ("InputError", "RunError", "WftoolsError"),
    "wftools.fmt": ("formatted",),
    "wftools.folders": ("Folders",),
    "wftools.graph": ("WorkflowGraph", "build"),
    "wftools.lint": ("Finding", "Linter"),
    "wftools.runtime": ("Options", "Session"),
}


def __getattr__(name: str) -> Any:
    home = next((module for module, names in _HOMES.items() if name in names), None)
    if home is None:
        raise AttributeError(f"module 'wftools' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
