"""What a pack keeps of a server's object_info: facts, and no prose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from wftools.catalog.object_info import FLAGS
from wftools.catalog.signature import AUTOGROW, COMBO, DYNAMIC_COMBO

# The options that decide what a widget takes or where it stands in a file; the rest is prose and looks.
FACTS: Final = frozenset(
    {
        "audio_upload",
        "control_after_generate",
        "default",
        "dynamicPrompts",
        "extra_options",
        "file_upload",
        "folder",
        "forceInput",
        "hidden",
        "image_folder",
        "image_upload",
        "lazy",
        "listed",
        "max",
        "min",
        "multiline",
        "multiselect",
        "options",
        "rawLink",
        "remote",
        "round",
        "slotType",
        "socketless",
        "step",
        "template",
        "video_upload",
        "widgetType",
    }
)
# Input name -> options that name the kind of file: {"folder": "vae", "extra_options": ["pixel_space"]}. A sub-input of
# a dynamic combo is named `input.key.name`.
FileLists = Mapping[str, Mapping[str, Any]]

_TELLING: Final = frozenset({"default", "control_after_generate"})  # false says something else than nothing


def facts(entry: Mapping[str, Any], file_lists: FileLists | None = None) -> dict[str, Any]:
    """An entry of object_info without prose, and with the kind of file where a server lists its own files."""
    kept: dict[str, Any] = {"input": _sections(entry.get("input") or {}, file_lists or {}, "")}
    for key in ("output", "output_name", "output_is_list", "output_matchtypes"):
        if any(entry.get(key) or ()):
            kept[key] = entry[key]
    if kept.get("output_name") == kept.get("output"):
        kept.pop("output_name", None)
    kept.update({flag: True for flag in FLAGS if entry.get(flag)})
    kept.update({key: entry[key] for key in ("display_name", "category", "python_module") if entry.get(key)})
    return kept


def _sections(sections: Mapping[str, Any], file_lists: FileLists, prefix: str) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for section in ("required", "optional"):
        declared = sections.get(section) or {}
        if declared:
            kept[section] = {name: _facts_of(prefix + name, spec, file_lists) for name, spec in declared.items()}
    if sections.get("hidden"):
        kept["hidden"] = sections["hidden"]
    return kept


def _facts_of(path: str, declaration: Any, file_lists: FileLists) -> list[Any]:
    kind, *rest = declaration
    options = {
        name: value
        for name, value in (rest[0] if rest else {}).items()
        if name in FACTS and (value is not False or name in _TELLING)
    }
    if isinstance(kind, list) and path in file_lists:
        options["listed"] = True
        kind = COMBO
    if path in file_lists:
        options.pop("options", None)
        options.pop("default", None)  # a server's default is one of its own files
        options.update(file_lists[path])
    if kind == DYNAMIC_COMBO:
        options["options"] = [
            {"key": key, "inputs": _sections(option.get("inputs") or {}, file_lists, f"{path}.{key}.")}
            for option in options["options"]
            for key in [option["key"]]
        ]
    if kind == AUTOGROW:
        template = options["template"]
        options["template"] = {**template, "input": _sections(template["input"], file_lists, path + ".")}
    return [kind, options] if options else [kind]
