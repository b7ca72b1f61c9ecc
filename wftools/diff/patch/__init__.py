"""Patches: changes of workflow files that can be kept, sent, reversed, and made in other files.

text = dumps([patch_of(comparison, "flow.json")])
patch = loads(text, "flow.wfpatch")
patched = apply_patch(patch.files[0], read("other.json"))
patched.document, patched.rejected, patched.fuzz
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from wftools.diff.patch.applying import Patched, apply_patch, composed_patch, inverted_patch
from wftools.diff.patch.model import FORMAT, FilePatch, Patch
from wftools.diff.patch.reading import loads
from wftools.diff.patch.writing import patch_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

__all__ = [
    "FilePatch",
    "Patch",
    "Patched",
    "apply_patch",
    "composed_patch",
    "dumps",
    "inverted_patch",
    "loads",
    "patch_of",
]


def dumps(patches: Iterable[FilePatch]) -> bytes:
    """The text of a patch of some files."""
    tree = Patch(format=FORMAT, files=[*patches]).model_dump(by_alias=True, exclude_unset=True)
    files = [_spelled(file, "    ", (*file, *_RESIDUALS)) for file in tree["files"]]
    text = f'{{\n  "format": {_line(FORMAT)},\n  "files": {_listed(files, "  ")}\n}}\n'
    return text.encode()


_RESIDUALS: Final = ("edits",)


def _spelled(tree: Mapping[str, Any], margin: str, open_: Container[str]) -> str:
    """An object with a member a line, of which lists have a line for each item: so a change of a patch is one line."""
    inner = f"{margin}  "
    members = []
    for key, value in tree.items():
        if isinstance(value, dict) and key in open_:
            text = _spelled(value, inner, open_)
        elif isinstance(value, list) and key in open_:
            text = _listed([*map(_line, value)], inner)
        else:
            text = _line(value)
        members.append(f"{inner}{_line(key)}: {text}")
    return "{\n" + ",\n".join(members) + f"\n{margin}}}"


def _listed(items: Sequence[str], margin: str) -> str:
    lines = ",\n".join(f"{margin}  {item}" for item in items)
    return f"[\n{lines}\n{margin}]" if items else "[]"


def _line(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair, which only an escape can say
        return json.dumps(value)
    return text
