"""ComfyUI's object_info <-> NodeSignature.

object_info is what a ComfyUI server answers to `GET /object_info`: an object of node types, each with `input`,
`output`, `output_name` and flags. A pack (see `packs/`) is the same without prose, and with `{"folder": "checkpoints"}`
where a server lists the files it has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from wftools.catalog.signature import AUTOGROW, COMBO, DYNAMIC_COMBO, Input, NodeSignature, Output
from wftools.errors import InputError

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
_FLAGS: Final = ("output_node", "is_input_list", "deprecated", "experimental", "api_node")


def signature(node_type: str, entry: Any) -> NodeSignature:
    """One entry of object_info as a signature. Raises InputError if it is not of that form."""
    try:
        return _signature(node_type, entry)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"object_info of {node_type!r} is not as a ComfyUI server writes it") from error


def _signature(node_type: str, entry: Mapping[str, Any]) -> NodeSignature:
    sections = entry.get("input") or {}
    order = entry.get("input_order") or {}
    hidden = {
        name: kind if isinstance(kind, str) else str(kind[0]) for name, kind in (sections.get("hidden") or {}).items()
    }
    return NodeSignature(
        type=node_type,
        inputs=tuple(inputs(sections, order)),
        outputs=tuple(_outputs(entry)),
        hidden=hidden,
        display_name=entry.get("display_name") or node_type,
        category=entry.get("category") or "",
        module=entry.get("python_module") or "",
        versions=tuple(entry.get("versions") or ()),
        approximate=bool(entry.get("approximate")),
        **{flag: bool(entry.get(flag)) for flag in _FLAGS},
    )


def inputs(sections: Mapping[str, Any], order: Mapping[str, Any] | None = None) -> Iterator[Input]:
    """The inputs of `{"required": {name: [type, options]}, "optional": …}`, the required ones first."""
    for section in ("required", "optional"):
        declared = sections.get(section) or {}
        names = [name for name in (order or {}).get(section) or () if name in declared]
        for name in [*names, *(name for name in declared if name not in names)]:
            yield _input(name, declared[name], required=section == "required")


def _input(name: str, declaration: Any, *, required: bool) -> Input:
    kind, *rest = declaration if isinstance(declaration, list | tuple) else (declaration,)
    options = rest[0] if rest and isinstance(rest[0], Mapping) else {}
    if isinstance(kind, list):
        return Input(name, COMBO, required, {**options, "options": kind}, listed=True)
    return Input(name, str(kind), required, options, listed=bool(options.get("listed")))


def _outputs(entry: Mapping[str, Any]) -> Iterator[Output]:
    types = entry.get("output") or ()
    names = entry.get("output_name") or ()
    lists = entry.get("output_is_list") or ()
    matches = entry.get("output_matchtypes") or ()
    for index, kind in enumerate(types):
        choices = tuple(kind) if isinstance(kind, list) else None
        name = names[index] if index < len(names) else None
        yield Output(
            name=str(name if name is not None else kind),
            type=COMBO if choices is not None else str(kind),
            is_list=bool(lists[index]) if index < len(lists) else False,
            choices=choices,
            match=matches[index] if index < len(matches) else None,
        )


def object_info(signature: NodeSignature) -> dict[str, Any]:
    """A signature as a server gives it; what a server does not tell (versions) is left out."""
    required = {each.name: _declaration(each) for each in signature.inputs if each.required}
    optional = {each.name: _declaration(each) for each in signature.inputs if not each.required}
    sections: dict[str, Any] = {"required": required}
    if optional:
        sections["optional"] = optional
    if signature.hidden:
        sections["hidden"] = dict(signature.hidden)
    return {
        "input": sections,
        "input_order": {section: list(names) for section, names in sections.items()},
        "is_input_list": signature.is_input_list,
        "output": [list(each.choices) if each.choices is not None else each.type for each in signature.outputs],
        "output_is_list": [each.is_list for each in signature.outputs],
        "output_name": [each.name for each in signature.outputs],
        "output_matchtypes": [each.match for each in signature.outputs],
        "name": signature.type,
        "display_name": signature.display_name,
        "python_module": signature.module,
        "category": signature.category,
        **{flag: getattr(signature, flag) for flag in _FLAGS},
    }


def _declaration(declared: Input) -> list[Any]:
    options = dict(declared.options)
    if declared.listed and "options" in options:
        return [options.pop("options"), options]
    return [declared.type, options]


def facts(entry: Mapping[str, Any], file_lists: FileLists | None = None) -> dict[str, Any]:
    """An entry of object_info without prose, and with the kind of file where a server lists its own files."""
    kept: dict[str, Any] = {"input": _sections(entry.get("input") or {}, file_lists or {}, "")}
    for key in ("output", "output_name", "output_is_list", "output_matchtypes"):
        if any(entry.get(key) or ()):
            kept[key] = entry[key]
    if kept.get("output_name") == kept.get("output"):
        kept.pop("output_name", None)
    kept.update({flag: True for flag in _FLAGS if entry.get(flag)})
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
