"""What a pack keeps of a server's object_info: facts, and no prose."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping
from typing import Any, Final, NamedTuple

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
# What the facts of custom packs say besides: what no server tells, and what their own browser code goes by.
_OF_PACKS: Final = FACTS | {
    "_dynamic",
    "advanced",
    "defaultInput",
    "default_omitted",
    "display",
    "dynamic_enum",
    "folders",
    "formats",
    "image_preview",
    "multi_select",
    "omitted",
    "open",
    "prefix",
    "pysssss.binding",
    "text_upload",
    "unknown",
    "vhs_path_extensions",
}
_BESIDE: Final = ("flexible", "validates", "validates_all", "partly", "established", "output_is_text", "dev_only")

MAX_DEFAULT: Final = 200  # characters of a default; longer ones are prose
MAX_CHOICES: Final = 12_000  # characters of a list of choices

# Input name -> options that name the kind of file: {"folder": "vae", "extra_options": ["pixel_space"]}. A sub-input of
# a dynamic combo is named `input.key.name`.
FileLists = Mapping[str, Mapping[str, Any]]

_TELLING: Final = frozenset({"default", "control_after_generate"})  # false says something else than nothing


def facts(
    entry: Mapping[str, Any], file_lists: FileLists | None = None, *, options: Container[str] = FACTS
) -> dict[str, Any]:
    """An entry of object_info without prose, and with the kind of file where a server lists its own files."""
    kept: dict[str, Any] = {"input": _sections(entry.get("input") or {}, _Keeping(file_lists or {}, options), "")}
    for key in ("output", "output_name", "output_is_list", "output_matchtypes"):
        if any(entry.get(key) or ()):
            kept[key] = entry[key]
    if kept.get("output_name") == kept.get("output"):
        kept.pop("output_name", None)
    kept.update({flag: True for flag in FLAGS if entry.get(flag)})
    kept.update({key: entry[key] for key in ("display_name", "category", "python_module") if entry.get(key)})
    return kept


def custom_facts(entry: Mapping[str, Any], file_lists: FileLists | None = None) -> dict[str, Any]:
    """An entry of a custom pack, as a server or a scan gives it, without prose and without long texts."""
    kept = facts(entry, file_lists, options=_OF_PACKS)
    kept.pop("python_module", None)
    kept.update({key: entry[key] for key in _BESIDE if entry.get(key)})
    for section in ("required", "optional"):
        for declaration in (kept["input"].get(section) or {}).values():
            _shorten(declaration)
    return {**kept, "output": kept.get("output", [])}


def _shorten(declaration: list[Any]) -> None:
    """Leave out what is long, and say how long it was."""
    options = declaration[1] if len(declaration) > 1 else {}
    default = options.get("default")
    if isinstance(default, str) and len(default) > MAX_DEFAULT:
        options["default_omitted"] = len(options.pop("default"))
    kind = declaration[0]
    choices = kind if isinstance(kind, list) else options.get("options") if kind == COMBO else None
    if isinstance(choices, list) and len(json.dumps(choices)) > MAX_CHOICES:
        is_listed = choices is declaration[0]
        told = {**options, "open": "long", "omitted": len(choices)}
        declaration[:] = [[], told] if is_listed else [declaration[0], {**told, "options": []}]


def file_lists_of(entry: Any, prefix: str = "") -> dict[str, dict[str, Any]]:
    """The inputs of an entry, or of several, that list files, those of dynamic combos included: path -> options."""
    found: dict[str, dict[str, Any]] = {}
    for each in entry if isinstance(entry, list) else [entry] if entry else []:
        found.update(_file_lists_in(each["input"], prefix))
    return found


def _file_lists_in(sections: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for section in ("required", "optional"):
        for name, (kind, *rest) in (sections.get(section) or {}).items():
            options = rest[0] if rest else {}
            if "folder" in options or "folders" in options:
                yield prefix + name, {key: options[key] for key in _FILES if key in options}
            if kind == DYNAMIC_COMBO:
                for option in options["options"]:
                    yield from _file_lists_in(option["inputs"], f"{prefix}{name}.{option['key']}.")


_FILES: Final = ("folder", "folders", "extra_options")


class _Keeping(NamedTuple):
    """What is kept of declarations."""

    file_lists: FileLists
    options: Container[str]


def _sections(sections: Mapping[str, Any], keeping: _Keeping, prefix: str) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for section in ("required", "optional"):
        declared = sections.get(section) or {}
        if declared:
            kept[section] = {name: _facts_of(prefix + name, spec, keeping) for name, spec in declared.items()}
    if sections.get("hidden"):
        kept["hidden"] = sections["hidden"]
    return kept


def _facts_of(path: str, declaration: Any, keeping: _Keeping) -> list[Any]:
    kind, *rest = declaration
    options = {
        name: value
        for name, value in (rest[0] if rest else {}).items()
        if name in keeping.options and (value is not False or name in _TELLING)
    }
    is_told = not options.keys().isdisjoint(_FILES[:2])  # by a scan
    files = keeping.file_lists.get(path) if not is_told else None
    if isinstance(kind, list) and files is not None:
        options["listed"] = True
        kind = COMBO
    if files is not None:
        options.pop("options", None)
        options.pop("default", None)  # a server's default is one of its own files
        options.update(files)
    if kind == DYNAMIC_COMBO:
        options["options"] = [
            {"key": key, "inputs": _sections(option.get("inputs") or {}, keeping, f"{path}.{key}.")}
            for option in options["options"]
            for key in [option["key"]]
        ]
    if kind == AUTOGROW:
        template = options["template"]
        options["template"] = {**template, "input": _sections(template["input"], keeping, path + ".")}
    return [kind, options] if options else [kind]
