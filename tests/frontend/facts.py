"""The answer to GET /object_info, from the shipped facts of one version of ComfyUI."""

from __future__ import annotations

from typing import Any, Final

from wftools.catalog.lookup import catalogue
from wftools.catalog.object_info import object_info
from wftools.catalog.packs import editor_names
from wftools.catalog.target import Target

_FOLDER: Final = "folder"


def recorded_object_info(version: str = "0.33.0") -> dict[str, Any]:
    """What a server of that version says of its nodes; it has no model files, so a choice of files offers none."""
    known = catalogue(target=Target(version))
    signatures = (known.signature(node_type) for node_type in sorted(known.types()))
    answer = {each.type: _without_files(object_info(each)) for each in signatures if each is not None}
    for node_type in answer.keys() & editor_names().keys():
        answer[node_type]["display_name"] = None  # then the editor has a name of its own
    return answer


def _without_files(tree: Any) -> Any:
    """The tree with an empty list of options for each choice of files, wherever it stands."""
    if isinstance(tree, dict):
        kept = {key: _without_files(value) for key, value in tree.items()}
        return {**kept, "options": []} if _FOLDER in kept and "options" not in kept else kept
    return [_without_files(item) for item in tree] if isinstance(tree, list | tuple) else tree
