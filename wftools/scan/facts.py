"""The values of a pack's names -> facts of its node types, as a ComfyUI 0.33.0 with that pack would say them.

What a server asks of a pack, in which order, and what it makes of the answers stands here. What it would say is said in
the form of the shipped facts (see `catalog/packs/README.md`); what cannot be told is marked, and never guessed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.object_info import signature
from wftools.catalog.signature import AUTOGROW, COMBO, DYNAMIC_COMBO, DYNAMIC_SLOT, WILDCARD
from wftools.errors import InputError
from wftools.scan.comfyui.machine import files_in
from wftools.scan.interpreter.values import (
    MISSING,
    BoundMethod,
    ClassValue,
    FileMarker,
    Foreign,
    FunctionValue,
    Instance,
    Missing,
    ModuleValue,
    Unknown,
    plain,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from wftools.scan.interpreter import Interpreter

SECTIONS: Final = ("required", "optional")
COMPUTED: Final = "computed"  # why choices are open, or a type is not known: the source was not understood
DYNAMIC_GROUP: Final = "COMFY_DYNAMICGROUP_V3"

# Options that are prose, and no facts.
PROSE: Final = frozenset({"tooltip", "label_on", "label_off", "placeholder", "display_name"})
# False says as much as nothing, but for these.
TELLING: Final = frozenset({"default", "control_after_generate"})

_FLAGS: Final[Mapping[str, str]] = {
    "INPUT_IS_LIST": "is_input_list",
    "DEPRECATED": "deprecated",
    "EXPERIMENTAL": "experimental",
    "API_NODE": "api_node",
    "DEV_ONLY": "dev_only",
}
_ABSENT: Final = Missing()  # what the interpreter gives for an attribute that is surely not there
# What a pack raises if a server is to know of it. Other errors may be ours, as they come of what was not understood.
_MEANT: Final = ("ValueError", "RuntimeError", "AssertionError", "NotImplementedError", "Exception")
_DEVICES: Final = frozenset({"cuda", "gpu", "mps", "xpu", "npu", "directml", "nv"})


class Refused(Exception):  # noqa: N818  (a server's word, told of the type)
    """A server cannot say this of a node type, so that it has no such type."""


@dataclass
class PackFacts:
    """What is known of the node types of one pack."""

    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)  # types of which nothing is known, and why
    refused: dict[str, str] = field(default_factory=dict)  # types that a server does not have, and why
    incomplete: list[str] = field(default_factory=list)  # why there may be more types


def facts_of(
    interpreter: Interpreter, module: ModuleValue, core: Collection[str], registered: Mapping[Any, Any]
) -> PackFacts:
    """The facts of a pack that was read.

    `core` are the types of ComfyUI itself, which no pack can have; `registered` what the pack put among them by hand.
    """
    found = PackFacts()
    classes, found.incomplete = _items(registered)
    for node_type, cls in classes.items():
        if isinstance(node_type, str):
            _add(interpreter, found, node_type, cls, node_type)
    mappings = interpreter.attribute(module, "NODE_CLASS_MAPPINGS", None)
    if mappings is not None:
        names = _items(interpreter.attribute(module, "NODE_DISPLAY_NAME_MAPPINGS", None))[0]
        classes, reasons = _items(mappings)
        found.incomplete += reasons
        for node_type, cls in classes.items():
            if isinstance(node_type, str) and node_type not in core:
                _add(interpreter, found, node_type, cls, names.get(node_type, node_type))
    else:
        for cls in _listed(interpreter, module, found):
            _add_schema(interpreter, found, cls, core)
    return found


def _items(mappings: Any) -> tuple[Mapping[Any, Any], list[str]]:
    """What a mapping is known to have, and why it may have more."""
    if mappings is None:
        return {}, []
    if isinstance(mappings, Unknown):
        return {}, [mappings.reason]
    table = plain(mappings)
    if not isinstance(table, dict):
        return {}, ["NODE_CLASS_MAPPINGS is no dictionary"]
    return (
        {plain(key): value for key, value in table.items() if not isinstance(key, Unknown)},
        [key.reason for key in table if isinstance(key, Unknown)],
    )


def _listed(interpreter: Interpreter, module: ModuleValue, found: PackFacts) -> Iterator[Any]:
    """The classes that the entry point's extension lists."""
    entry_point = interpreter.attribute(module, "comfy_entrypoint", None)
    if entry_point is None:
        return
    extension = interpreter.call(entry_point)
    listed = interpreter.iterate(interpreter.call(interpreter.attribute(extension, "get_node_list")))
    if isinstance(listed, Unknown):
        found.incomplete.append(listed.reason)
        return
    for cls in listed:
        if isinstance(cls, Unknown):
            found.incomplete.append(cls.reason)
        else:
            yield cls


def _add(interpreter: Interpreter, found: PackFacts, node_type: str, cls: Any, display_name: Any) -> None:
    """Say what is known of one type that NODE_CLASS_MAPPINGS has."""
    for table in (found.nodes, found.unknown, found.refused):
        table.pop(node_type, None)
    if isinstance(cls, Unknown):
        found.unknown[node_type] = cls.reason
        return
    try:
        said = _schema(interpreter, cls)
        entry = _entry(said) if said is not None else _Class(interpreter, cls).entry(display_name)
        _keep(found, node_type, {**entry, **_checks(interpreter, cls, is_schema=said is not None)})
    except Refused as why:
        found.refused[node_type] = str(why)
    except _NotTold as why:
        found.unknown[node_type] = why.reason


def _keep(found: PackFacts, node_type: str, entry: dict[str, Any]) -> None:
    """Add an entry, if it is one that can be read: a server tells of anything that JSON can hold."""
    try:
        signature(node_type, entry)
    except InputError as fault:
        raise _NotTold(fault.message) from fault
    found.nodes[node_type] = entry


def _add_schema(interpreter: Interpreter, found: PackFacts, cls: Any, core: Collection[str]) -> None:
    """Say what is known of one type that an extension lists: its schema has the name."""
    node_type: Any = None
    try:
        said = _schema(interpreter, cls)
        node_type = plain(said["name"]) if said is not None else None
        if isinstance(node_type, str) and node_type not in core:
            _keep(found, node_type, {**_entry(said or {}), **_checks(interpreter, cls, is_schema=True)})
    except (Refused, _NotTold) as why:
        if node_type is None:
            schema = interpreter.call(interpreter.attribute(cls, "define_schema"))
            node_type = plain(interpreter.attribute(schema, "node_id", None))
        if isinstance(node_type, str) and node_type not in core:
            told = found.refused if isinstance(why, Refused) else found.unknown
            told[node_type] = str(why)
    if not isinstance(node_type, str):
        found.incomplete.append(f"{getattr(cls, 'name', 'a class')} has no schema that could be read")


class _NotTold(Exception):  # noqa: N818  (what the source does not tell is no error)
    """The source does not tell this."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _schema(interpreter: Interpreter, cls: Any) -> dict[str, Any] | None:
    """What a class of the newer form says of itself, still in values; None for the older form."""
    if not isinstance(cls, ClassValue) or isinstance(cls.lookup("GET_NODE_INFO_V1"), Unknown):
        return None
    info = interpreter.attribute(cls, "GET_NODE_INFO_V1", None)
    if info is None:
        return None
    said = _answer(interpreter, info)
    assert isinstance(said, dict)
    return said


def _answer(interpreter: Interpreter, function: Any) -> Any:
    """What a method of a class answers. Raises Refused if it fails, _NotTold if it is not known."""
    answer = function if isinstance(function, Unknown) else interpreter.call(function)
    if not isinstance(answer, Unknown):
        return answer
    if answer.reason.partition(":")[0] in _MEANT:
        raise Refused(answer.reason)
    raise _NotTold(answer.reason)


def _entry(said: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of what a schema says."""
    declared = _Sections()
    entry: dict[str, Any] = declared.written(said["input"])
    entry["output"] = [_output(kind, declared.partly) for kind in said["output"]]
    entry.update(_named(said["output_name"], said["output"], entry["output"]))
    for key in ("output_is_list", "output_matchtypes"):
        values = [_json(each) for each in said[key]]
        if any(values):
            entry[key] = values
    if isinstance(said["output_node"], Unknown):
        declared.partly.append(f"is_output_node: {said['output_node'].reason}")
    for flag in ("output_node", *_FLAGS.values()):
        if plain(said[flag]) is True:
            entry[flag] = True
    for key in ("display_name", "category"):
        value = plain(said[key])
        if isinstance(value, str):
            entry[key] = value
    return {**entry, **declared.marks()}


@dataclass
class _Class:
    """A class of the older form, and what a server asks of it."""

    interpreter: Interpreter
    cls: Any

    def entry(self, display_name: Any) -> dict[str, Any]:
        """Its facts. Raises Refused where a server fails, _NotTold where its inputs are not known at all."""
        function = self._attribute("INPUT_TYPES")
        if function is _ABSENT:
            raise Refused("it has no INPUT_TYPES")
        types = _answer(self.interpreter, function)
        declared = _Sections()
        entry = declared.written(types)
        entry.update(self._outputs(declared.partly))
        is_output = self._attribute("OUTPUT_NODE")
        if isinstance(is_output, Unknown):
            declared.partly.append(f"OUTPUT_NODE: {is_output.reason}")
        elif _equals_true(is_output):
            entry["output_node"] = True
        for name, flag in _FLAGS.items():
            value = self._attribute(name)
            if value is not _ABSENT and not isinstance(value, Unknown) and self.interpreter.truth(value) is True:
                entry[flag] = True
        shown = plain(display_name)
        if isinstance(shown, str):
            entry["display_name"] = shown
        category = self._attribute("CATEGORY")
        entry["category"] = "sd" if category is _ABSENT else plain(category)
        if not isinstance(entry["category"], str):
            del entry["category"]
        return {**entry, **declared.marks()}

    def _outputs(self, partly: list[str]) -> dict[str, Any]:
        types = self._attribute("RETURN_TYPES")
        if types is _ABSENT:
            raise Refused("it has no RETURN_TYPES")
        is_text = isinstance(plain(types), str)
        kinds = self._sequence(types)
        if isinstance(kinds, Unknown):
            partly.append(f"RETURN_TYPES: {kinds.reason}")
            return {"output": []}
        said: dict[str, Any] = {"output": [_output(kind, partly) for kind in kinds]}
        names, lists = self._attribute("RETURN_NAMES"), self._attribute("OUTPUT_IS_LIST")
        if names is not _ABSENT and not isinstance(names := self._sequence(names), Unknown):
            said.update(_named(names, kinds, said["output"]))
        if lists is not _ABSENT and not isinstance(lists := self._sequence(lists), Unknown):
            values = [_json(each) for each in lists if not isinstance(each, Unknown)]
            if any(values):
                said["output_is_list"] = values
        if is_text:
            said["output_is_text"] = True
        return said

    def _sequence(self, value: Any) -> list[Any] | Unknown:
        if isinstance(value, Unknown) or plain(value) is None:
            return value if isinstance(value, Unknown) else []
        if isinstance(plain(value), list | tuple | str):
            return list(plain(value))
        raise Refused("RETURN_TYPES and the like are no tuples")

    def _attribute(self, name: str) -> Any:
        return self.interpreter.attribute(self.cls, name, _ABSENT)


def _equals_true(value: Any) -> bool:
    value = plain(value)
    return isinstance(value, bool | int | float) and value == 1


def _named(names: Iterable[Any], kinds: Iterable[Any], outputs: list[Any]) -> dict[str, Any]:
    """The names of outputs, if they are others than their types."""
    said = [_text(name, kind) for name, kind in zip(names, [*kinds, *(None for _ in names)], strict=False)]
    return {"output_name": said} if any(said) and said != outputs else {}


def _text(name: Any, kind: Any) -> Any:
    if isinstance(name, Unknown):
        return kind if isinstance(kind, str) else WILDCARD
    return _json(name)


def _output(kind: Any, partly: list[str]) -> Any:
    """The type of an output; choices of files as their kind."""
    if isinstance(kind, Unknown):
        partly.append(f"an output: {kind.reason}")
        return WILDCARD
    value = plain(kind)
    if isinstance(value, list | tuple):
        choices = [plain(each) for each in value if not isinstance(each, Unknown)]
        files = files_in(choices)
        return files.said() if files is not None else [_json(each) for each in choices if not _is_file(each)]
    return _json(value)


def _checks(interpreter: Interpreter, cls: Any, *, is_schema: bool) -> dict[str, Any]:
    """Which values the class checks itself, by the parameters of the method that does it."""
    method = interpreter.attribute(cls, "validate_inputs" if is_schema else "VALIDATE_INPUTS", _ABSENT)
    if method is _ABSENT or method is None:
        return {}
    if isinstance(method, Unknown):
        return {"validates": [], "validates_all": True}
    function, skipped = (method.function, 1) if isinstance(method, BoundMethod) else (method, 0)
    if isinstance(function, Foreign):
        return {"validates": list(function.attributes.get("parameters", ()))}
    if not isinstance(function, FunctionValue):
        return {"validates": [], "validates_all": True}
    arguments = function.node.args
    names = [each.arg for each in (*arguments.posonlyargs, *arguments.args)][skipped:]
    if arguments.kwarg is not None:
        return {"validates": names, "validates_all": True}
    return {"validates": names} if names else {}


class _Sections:
    """Sections of inputs, as they are declared, become those of object_info; notes what is not known of them."""

    def __init__(self) -> None:
        self.partly: list[str] = []
        self.flexible: list[str] = []

    def marks(self) -> dict[str, Any]:
        """What is said beside the inputs."""
        said: dict[str, Any] = {}
        if self.flexible:
            said["flexible"] = self.flexible
        if self.partly:
            said["partly"] = list(dict.fromkeys(self.partly))
        return said

    def written(self, types: Any) -> dict[str, Any]:
        """`input` and `input_order`. Raises Refused."""
        sections = self.sections(types)
        order = {name: list(sections[name]) for name in SECTIONS if name in sections}
        return {"input": sections, "input_order": order}

    def sections(self, types: Any) -> dict[str, Any]:
        """The inputs by section and name; a section without inputs is left out."""
        table = self._table("INPUT_TYPES", types)
        found: dict[str, Any] = {}
        for section in SECTIONS:
            declared = {
                _key(name): self.input(each) for name, each in self._table(section, table.get(section, {})).items()
            }
            if declared:
                found[section] = declared
        hidden = {_key(name): _hidden(kind) for name, kind in self._table("hidden", table.get("hidden", {})).items()}
        if hidden:
            found["hidden"] = hidden
        return found

    def _table(self, name: str, value: Any) -> Mapping[Any, Any]:
        """A dictionary's known items; what is not known of it is noted."""
        if isinstance(value, Unknown):
            self.partly.append(f"{name}: {value.reason}")
            return {}
        table = plain(value)
        if not isinstance(table, dict):
            raise Refused(f"{name} is no dictionary")
        if isinstance(value, Instance) and value.cls.lookup("__contains__") is not MISSING:
            self.flexible.append(name)
        self.partly += [f"{name}: {key.reason}" for key in table if isinstance(key, Unknown)]
        return {plain(key): each for key, each in table.items() if not isinstance(key, Unknown)}

    def input(self, declared: Any) -> list[Any]:
        """An input as `[type, options]`."""
        value = plain(declared)
        parts = list(value) if isinstance(value, list | tuple) else [value]
        if not parts:
            raise Refused("an input has no type")
        options = self._options(parts[1] if len(parts) > 1 else {})
        kind = plain(parts[0])
        if isinstance(kind, Unknown):
            why = _why(kind.reason)
            return [WILDCARD if why == COMPUTED else [], {**options, "open": why}]
        if isinstance(kind, list | tuple):
            kind, options = self._choices(kind, options)
        elif isinstance(kind, str):
            try:
                self._of_type(kind, options)
            except _NotTold as why:
                return [WILDCARD, {"open": _why(why.reason)}]
        else:
            kind = _json(kind)
        if kind in (AUTOGROW, DYNAMIC_COMBO, DYNAMIC_SLOT, DYNAMIC_GROUP):
            return [kind, options]
        return [kind, said] if (said := _told(options)) else [kind]

    def _options(self, declared: Any) -> dict[str, Any]:
        """The options beside a type, still in values: what is no fact is left out."""
        if isinstance(declared, Unknown):
            return {"unknown": [WILDCARD]}
        table = plain(declared)
        if not isinstance(table, dict):
            return {}
        found: dict[str, Any] = {}
        for key, each in table.items():
            name, value = plain(key), plain(each)
            if isinstance(name, Unknown):
                found.setdefault("unknown", []).append(WILDCARD)
            elif name not in PROSE and (value is not False or name in TELLING):
                found[_key(name)] = value
        return found

    def _choices(self, listed: Iterable[Any], options: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """Choices that stand where a type could: files become their kind."""
        known, why = _known(listed)
        files = files_in(known)
        if files is None:
            return [_json(each) for each in known if not _is_file(each)], {**options, **why}
        return COMBO, {**_without_file(options), "listed": True, **files.said(), **why}

    def _of_type(self, kind: str, options: dict[str, Any]) -> None:
        """What stands among the options of a type and is more than a value."""
        if kind == AUTOGROW:
            template = _known_table(options.get("template"))
            options["template"] = {
                _key(name): self.sections(_known_table(each)) if name == "input" else _json(each)
                for name, each in template.items()
            }
        elif kind == DYNAMIC_COMBO:
            options["options"] = [
                {"key": _json(option.get("key")), "inputs": self.sections(_known_table(option.get("inputs")))}
                for option in map(_known_table, _known_list(options.get("options")))
            ]
        elif kind == DYNAMIC_SLOT:
            options["inputs"] = self.sections(_known_table(options.get("inputs")))
        elif kind == DYNAMIC_GROUP:
            options["template"] = self.sections(_known_table(options.get("template")))
        elif isinstance(options.get("options"), list | tuple):
            known, why = _known(options["options"])
            files = files_in(known)
            if files is None:
                options["options"] = [each for each in known if not _is_file(each)]
            else:
                del options["options"]
                if _is_file(options.get("default")):
                    del options["default"]
                options.update(files.said())
            options.update(why)


def _known_table(value: Any) -> dict[Any, Any]:
    """A dictionary of which all is known. Raises _NotTold for any other, Refused for what is none."""
    table = plain(value)
    if isinstance(table, Unknown):
        raise _NotTold(table.reason)
    if not isinstance(table, dict):
        raise Refused("a dynamic input is not declared as a server reads it")
    reason = next((key.reason for key in table if isinstance(key, Unknown)), None)
    if reason is not None:
        raise _NotTold(reason)
    return {plain(key): each for key, each in table.items()}


def _known_list(value: Any) -> list[Any]:
    """A list of which all is known. Raises _NotTold for any other, Refused for what is none."""
    listed = plain(value)
    unknown = next(
        (each for each in (listed, *(listed if isinstance(listed, list) else ())) if isinstance(each, Unknown)), None
    )
    if unknown is not None:
        raise _NotTold(unknown.reason)
    if not isinstance(listed, list | tuple):
        raise Refused("a dynamic input is not declared as a server reads it")
    return list(listed)


def _told(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options as JSON; those that are not known are named."""
    said: dict[str, Any] = {}
    unknown = list(options.get("unknown", ()))
    for name, value in options.items():
        if name == "unknown":
            continue
        try:
            said[name] = _json(value)
        except _NotTold:
            unknown.append(name)
    if _is_file(said.get("default")):
        del said["default"]
    if unknown:
        said["unknown"] = list(dict.fromkeys(unknown))
    return said


def _without_file(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a list of files: a default that is one of them says nothing."""
    return {name: value for name, value in options.items() if name != "default" or not _is_file(value)}


def _known(listed: Iterable[Any]) -> tuple[list[Any], dict[str, Any]]:
    """The choices that are known, and why there may be others."""
    items = list(listed)
    known = [plain(each) for each in items if not isinstance(each, Unknown)]
    words = {each.partition(":")[0] for each in known if isinstance(each, str)}
    if "cpu" in words and not words & _DEVICES:  # the processor is everywhere; what else there is, each machine knows
        return known, {"open": "devices"}
    unknown = next((each for each in items if isinstance(each, Unknown)), None)
    if unknown is not None:
        return known, {"open": _why(unknown.reason)}
    if any(map(_is_file, known)):
        return known, {} if files_in(known) is not None else {"open": "machine"}
    return known, {} if known else {"open": "empty"}


def _why(reason: str) -> str:
    """The word of the facts for a reason."""
    return reason if reason in ("devices", "machine", "pack files") else COMPUTED


def _is_file(value: Any) -> bool:
    return isinstance(value, str) and FileMarker.find(value) is not None


def _hidden(kind: Any) -> Any:
    value = plain(kind)
    first = plain(value[0]) if isinstance(value, list | tuple) and value else value
    return WILDCARD if isinstance(first, Unknown) else _json(first)


def _key(name: Any) -> str:
    """A key as JSON has it. Raises Refused for what can be none."""
    name = plain(name)
    if name is None or isinstance(name, bool):
        return {None: "null", True: "true", False: "false"}[name]
    if isinstance(name, str):
        return name
    if isinstance(name, int | float):
        return str(name)
    raise Refused("a name is no text")


def _json(value: Any) -> Any:
    """A value as a server writes it. Raises Refused for what JSON cannot hold, _NotTold for what is not known."""
    value = plain(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [_json(each) for each in value]
    if isinstance(value, dict):
        if any(isinstance(key, Unknown) for key in value):
            raise _NotTold(COMPUTED)
        return {_key(name): _json(each) for name, each in value.items()}
    if isinstance(value, Unknown):
        raise _NotTold(value.reason)
    raise Refused(f"JSON cannot hold {_called(value)}")


def _called(value: Any) -> str:
    if isinstance(value, Instance):
        return f"an object of {value.cls.name}"
    return f"the class {value.name}" if isinstance(value, ClassValue) else "what it is given"
