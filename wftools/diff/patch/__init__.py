"""Patches: changes of workflow files that can be kept, sent, reversed, and made in other files.

text = dumps([patch_of(comparison, "flow.json")])
patch = loads(text, "flow.wfpatch")
patched = apply_patch(patch.files[0], read("other.json"))
patched.document, patched.rejected, patched.fuzz
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from wftools.diff.patch.applying import Patched, apply_patch, inverted_patch
from wftools.diff.patch.model import FORMAT, FilePatch, Patch
from wftools.diff.patch.reading import loads
from wftools.diff.patch.writing import patch_of

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["FilePatch", "Patch", "Patched", "apply_patch", "dumps", "inverted_patch", "loads", "patch_of"]


def dumps(patches: Iterable[FilePatch]) -> bytes:
    """The text of a patch of some files."""
    patch = Patch(format=FORMAT, files=[*patches])
    tree = patch.model_dump(by_alias=True, exclude_unset=True)
    return (json.dumps(tree, indent=2, ensure_ascii=False) + "\n").encode("utf-8", "surrogatepass")
