"""ComfyUI's object_info <-> NodeSignature.

object_info is what a ComfyUI server answers to `GET /object_info`: an object of node types, each with `input`,
`output`, `output_name` and flags. A pack (see `packs/`) is the same without prose, and with `{"folder": "checkpoints"}`
where a server lists the files it has. Facts of custom nodes say besides what a server does not: `open` beside choices
that are not all that there may be, `unknown` options, `flexible` sections, `validates` and `validates_all`, `partly`.

Strangers write object_info. What is used of it is checked here, once, so that nobody who holds a signature has to ask
whether a range has numbers or a name is a text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.signature import (
    AUTOGROW,
    COMBO,
    DYNAMIC_COMBO,
    DYNAMIC_SLOT,
    MATCH_TYPE,
    WILDCARD,
    Branches,
    Input,
    Matched,
    NodeSignature,
    OnceGiven,
    Output,
    Rows,
)
from wftools.catalog.validators import ALL
from wftools.errors import InputError, Place, shown
from wftools.reading import is_deeper

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

MAX_DEPTH: Final = 100  # of values in values; SaveVideo, with combos in combos in combos, has 19
MAX_ROWS: Final = 1_000  # of one autogrow input; ComfyUI's own nodes have 100 at most
MAX_INPUTS: Final = 10_000  # of a node type, with all rows and all that any choice brings

FLAGS: Final = ("output_node", "is_input_list", "deprecated", "experimental", "api_node")


class _Malformed(Exception):  # noqa: N818  (told as an InputError that names the node type)
    """What is not as a ComfyUI server writes it."""


def signature(node_type: str, entry: Any, source: str | None = None) -> NodeSignature:
    """One entry of object_info as a signature. Raises InputError, which names the source, if it is not of that form."""
    try:
        if is_deeper(
            entry, MAX_DEPTH - 1
        ):  # what the innermost holds counts too; functions that call themselves walk it
            raise _Malformed(f"its values are nested more than {MAX_DEPTH} deep")
        made = _signature(node_type, _object("the entry", entry))
        if _count(made.inputs) > MAX_INPUTS:
            raise _Malformed(f"it has more than {MAX_INPUTS:,} inputs")
    except _Malformed as error:
        raise InputError(
            f"the object_info of node type {shown(node_type)} is malformed: {error}",
            place=Place(source) if source is not None else None,
            hint="a ComfyUI server writes no such thing; leave the node type out of the file",
        ) from error
    return made


def _count(inputs: Iterable[Input]) -> int:
    """How many inputs these are with all that they may bring."""
    count = 0
    for each in inputs:
        count += 1
        match each.dynamic:
            case Rows():
                count += len(each.dynamic.names)
            case Branches():
                count += sum(map(_count, each.dynamic.options.values()))
            case OnceGiven():
                count += _count(each.dynamic.inputs)
    return count


def _signature(node_type: str, entry: Mapping[str, Any]) -> NodeSignature:
    sections = _object("input", entry.get("input"))
    hidden = _object("hidden", sections.get("hidden"))
    flags: Any = {flag: bool(entry.get(flag)) for flag in FLAGS}
    return NodeSignature(
        type=node_type,
        inputs=_inputs(sections, _object("input_order", entry.get("input_order"))),
        outputs=tuple(_outputs(entry)),
        hidden={name: str(kind[0] if isinstance(kind, list) and kind else kind) for name, kind in hidden.items()},
        display_name=_text("display_name", entry.get("display_name")) or node_type,
        category=_text("category", entry.get("category")),
        module=_text("python_module", entry.get("python_module")),
        versions=tuple(map(str, _list("versions", entry.get("versions")))),
        approximate=bool(entry.get("approximate")),
        own_checks=_own_checks(entry),
        is_flexible=bool(_list("flexible", entry.get("flexible"))),
        partly=tuple(map(str, _list("partly", entry.get("partly")))),
        **flags,
    )


def _own_checks(entry: Mapping[str, Any]) -> frozenset[str]:
    """The inputs whose values the class checks instead of the server."""
    names = map(str, _list("validates", entry.get("validates")))
    return frozenset((*names, ALL) if entry.get("validates_all") else names)


def _inputs(sections: Mapping[str, Any], order: Mapping[str, Any]) -> tuple[Input, ...]:
    """The inputs of `{"required": {name: [type, options]}, "optional": …}`, the required ones first."""
    found: list[Input] = []
    for section in ("required", "optional"):
        declared = _object(section, sections.get(section))
        first = [name for name in _list("input_order", order.get(section)) if isinstance(name, str)]
        for name in dict.fromkeys((*(name for name in first if name in declared), *declared)):
            try:
                found.append(_input(name, declared[name], required=section == "required"))
            except _Malformed as error:
                raise _Malformed(f"input {shown(name)}: {error}") from error
    return tuple(found)


def _input(name: str, declaration: Any, *, required: bool) -> Input:
    parts = declaration if isinstance(declaration, list) else [declaration]
    if not parts:
        raise _Malformed("it has no type")
    kind, options = parts[0], dict(_object("what stands beside the type", parts[1] if len(parts) > 1 else None))
    listed = bool(options.pop("listed", False)) or isinstance(kind, list)
    if isinstance(kind, list):
        kind, options["options"] = COMBO, kind
    _text("widgetType", options.get("widgetType"))
    _list("extra_options", options.get("extra_options"))
    dynamic: Rows | Branches | OnceGiven | Matched | None = None
    if kind in ("INT", "FLOAT"):
        _number("min", options.get("min"))
        _number("max", options.get("max"))
    elif kind == AUTOGROW:
        dynamic = _rows(_object("template", options.pop("template", None)))
    elif kind == DYNAMIC_COMBO:
        dynamic = _branches(_list("options", options.pop("options", None)))
    elif kind == DYNAMIC_SLOT:
        dynamic = OnceGiven(_inputs(_object("inputs", options.pop("inputs", None)), {}))
    elif kind == MATCH_TYPE:
        template = _object("template", options.pop("template", None))
        allowed = _text("allowed_types", template.get("allowed_types"))
        dynamic = Matched(_text("template_id", template.get("template_id")), allowed or WILDCARD)
    return Input(name, str(kind), required, options, listed, dynamic)


def _rows(template: Mapping[str, Any]) -> Rows:
    row = next(iter(_inputs(_object("input", template.get("input")), {})), None)
    if row is None or not isinstance(row.dynamic, Matched | None):
        raise _Malformed(f"its rows have {'no input' if row is None else 'rows or choices of their own'}")
    least = _rows_number("min", template.get("min"))
    if template.get("names") is not None:
        names = _list("names", template["names"])
        return Rows(row, tuple(_text("a row's name", name) for name in names), least)
    prefix = _text("prefix", template.get("prefix")) or row.name
    most = _rows_number("max", template.get("max"))
    return Rows(row, tuple(f"{prefix}{index}" for index in range(most)), least, prefix)


def _branches(options: Sequence[Any]) -> Branches:
    found: dict[str, tuple[Input, ...]] = {}
    for option in options:
        each = _object("an option", option)
        key = each.get("key")
        if not isinstance(key, str):
            raise _Malformed(f"'key' is {shown(key)}, expected a text")
        try:
            found.setdefault(key, _inputs(_object("inputs", each.get("inputs")), {}))
        except _Malformed as error:
            raise _Malformed(f"option {shown(key)}: {error}") from error
    return Branches(found)


def _outputs(entry: Mapping[str, Any]) -> Iterator[Output]:
    names = _list("output_name", entry.get("output_name"))
    lists = _list("output_is_list", entry.get("output_is_list"))
    matches = _list("output_matchtypes", entry.get("output_matchtypes"))
    for index, kind in enumerate(_list("output", entry.get("output"))):
        listing = kind if isinstance(kind, dict) else None
        choices = tuple(kind) if isinstance(kind, list) else () if listing is not None else None
        name = names[index] if index < len(names) else None
        match = matches[index] if index < len(matches) else None
        yield Output(
            name=str(name if name is not None else COMBO if listing is not None else kind),
            type=COMBO if choices is not None else str(kind),
            is_list=bool(lists[index]) if index < len(lists) else False,
            choices=choices,
            match=match if isinstance(match, str) else None,
            listing=listing,
        )


def _object(name: str, value: Any) -> Mapping[str, Any]:
    if value is not None and not isinstance(value, dict):
        raise _Malformed(f"{name!r} is {shown(value)}, expected an object")
    return value or {}


def _list(name: str, value: Any) -> Sequence[Any]:
    """A list, or a text: where a custom node has a text for a tuple, a server takes its letters, as Python does."""
    if value is not None and not isinstance(value, list | tuple | str):
        raise _Malformed(f"{name!r} is {shown(value)}, expected a list")
    return value or ()


def _text(name: str, value: Any) -> str:
    if value is not None and not isinstance(value, str):
        raise _Malformed(f"{name!r} is {shown(value)}, expected a text")
    return value or ""


def _number(name: str, value: Any) -> None:
    if value is not None and not isinstance(value, int | float):
        raise _Malformed(f"{name!r} is {shown(value)}, expected a number")


def _rows_number(name: str, value: Any) -> int:
    _number(name, value)
    if value is not None and not (0 <= value <= MAX_ROWS and value == int(value)):
        raise _Malformed(f"{name!r} is {shown(value)}, expected a whole number up to {MAX_ROWS:,}")
    return int(value or 0)


def object_info(signature: NodeSignature) -> dict[str, Any]:
    """A signature as a server gives it, with what is known besides; versions and where facts are from are left out."""
    sections: dict[str, Any] = {"required": {}, **_written(signature.inputs)}
    if signature.hidden:
        sections["hidden"] = dict(signature.hidden)
    return {
        "input": sections,
        "input_order": {section: list(names) for section, names in sections.items()},
        "is_input_list": signature.is_input_list,
        "output": [_kind(each) for each in signature.outputs],
        "output_is_list": [each.is_list for each in signature.outputs],
        "output_name": [each.name for each in signature.outputs],
        "output_matchtypes": [each.match for each in signature.outputs],
        "name": signature.type,
        "display_name": signature.display_name,
        "python_module": signature.module,
        "category": signature.category,
        **{flag: getattr(signature, flag) for flag in FLAGS},
        **dict(_beside(signature)),
    }


def _kind(output: Output) -> Any:
    if output.listing is not None:
        return dict(output.listing)
    return list(output.choices) if output.choices is not None else output.type


def _beside(signature: NodeSignature) -> Iterator[tuple[str, Any]]:
    """What a server does not tell, and the facts of packs do, where there is something to tell."""
    if signature.is_flexible:
        yield "flexible", ["optional"]
    if signature.own_checks - {ALL}:
        yield "validates", sorted(signature.own_checks - {ALL})
    if ALL in signature.own_checks:
        yield "validates_all", True
    if signature.partly:
        yield "partly", list(signature.partly)


def _written(inputs: Iterable[Input]) -> dict[str, Any]:
    """Inputs as `{"required": {name: [type, options]}, "optional": …}`."""
    sections: dict[str, Any] = {}
    for each in inputs:
        sections.setdefault("required" if each.required else "optional", {})[each.name] = _declaration(each)
    return sections


def _declaration(declared: Input) -> list[Any]:
    options = dict(declared.options)
    if declared.listed and "options" in options:
        return [options.pop("options"), options]
    if declared.listed:
        options["listed"] = True
    match declared.dynamic:
        case Rows(row, names, least, None):
            options["template"] = {"input": _written([row]), "names": list(names), "min": least}
        case Rows(row, names, least, prefix):
            options["template"] = {"input": _written([row]), "prefix": prefix, "min": least, "max": len(names)}
        case Branches(choices):
            options["options"] = [{"key": key, "inputs": _written(inputs)} for key, inputs in choices.items()]
        case OnceGiven(inputs):
            options["inputs"] = _written(inputs)
        case Matched(template, allowed):
            options["template"] = {"template_id": template, "allowed_types": allowed}
    return [declared.type, options]
