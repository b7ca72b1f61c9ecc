"""ComfyUI's own node classes, as packs see them that stand on them: what the catalogue says of their types."""

from __future__ import annotations

from copy import deepcopy
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.packs import PACKS, pack
from wftools.catalog.signature import COMBO
from wftools.catalog.validators import OWN_CHECKS
from wftools.scan.comfyui.machine import listed, suffixes_of
from wftools.scan.interpreter.values import ClassMethod, ClassValue, Foreign, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wftools.scan.interpreter import Interpreter
    from wftools.scan.interpreter.values import Value

SCHEMA: Final = ("define_schema", "GET_NODE_INFO_V1", "validate_inputs")  # what classes of the newer form have

_FLAGS: Final[Mapping[str, str]] = {
    "output_node": "OUTPUT_NODE",
    "is_input_list": "INPUT_IS_LIST",
    "deprecated": "DEPRECATED",
    "experimental": "EXPERIMENTAL",
    "api_node": "API_NODE",
}
# What a server asks of a class, and the catalogue knows: a class that has none of these lacks it.
_TOLD: Final = frozenset(
    {
        "INPUT_TYPES", "RETURN_TYPES", "RETURN_NAMES", "OUTPUT_IS_LIST", "CATEGORY", "VALIDATE_INPUTS", "DEV_ONLY",
        *SCHEMA, *_FLAGS.values(),
    }
)  # fmt: skip


class _Attributes(dict[str, Any]):
    """The attributes of a class of the core, read when they are asked for. Its methods are there, but unknown."""

    def __init__(self, node_type: str, version: str) -> None:
        super().__init__()
        self._node_type = node_type
        self._version = version
        self._is_read = False

    def __contains__(self, name: object) -> bool:
        self._read()
        return super().__contains__(name) or not (name in _TOLD or str(name).startswith("__"))

    def __missing__(self, name: str) -> Any:
        self._read()
        return super().get(name, Unknown(f"{name} of ComfyUI's {self._node_type}"))

    def get(self, name: str, default: Any = None) -> Any:
        """What the class has under that name."""
        return self[name] if name in self else default  # noqa: SIM401  (this is what `get` is)

    def _read(self) -> None:
        if not self._is_read:
            self._is_read = True
            entry = pack(PACKS[self._version]).entry(self._node_type)
            self.update({name: value for name, value in _declared(self._node_type, entry).items() if name not in self})


def core_class(node_type: str, version: str) -> ClassValue:
    """The class of a core node type of that version."""
    return ClassValue(node_type, (), _Attributes(node_type, version), module="nodes")


def _declared(node_type: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    """What a server would find at the class, and packs ask of it."""

    def inputs(*_: object) -> dict[str, Any]:
        return _sections(entry["input"])

    declared: dict[str, Any] = {
        "INPUT_TYPES": ClassMethod(Foreign("INPUT_TYPES", inputs)),
        "RETURN_TYPES": tuple(entry.get("output") or ()),
        "CATEGORY": entry.get("category", "sd"),
    }
    for key, name in (("output_name", "RETURN_NAMES"), ("output_is_list", "OUTPUT_IS_LIST")):
        if key in entry:
            declared[name] = tuple(entry[key])
    declared.update({name: True for flag, name in _FLAGS.items() if entry.get(flag)})
    checks = "VALIDATE_INPUTS"
    if _is_schema(entry):
        checks = "validate_inputs"
        define = Foreign("define_schema", lambda *_: Unknown(f"the schema of ComfyUI's {node_type}"))
        declared["define_schema"] = ClassMethod(define)
        declared["GET_NODE_INFO_V1"] = ClassMethod(
            Foreign("GET_NODE_INFO_V1", partial(_info, node_type, entry, define))
        )
    if node_type in OWN_CHECKS:
        declared[checks] = Foreign(
            checks, lambda *_, **__: True, attributes={"parameters": tuple(sorted(OWN_CHECKS[node_type]))}
        )
    return declared


def _is_schema(entry: Mapping[str, Any]) -> bool:
    """Whether the class is of the newer form, as choices, types and hidden inputs show that only this form has."""
    sections = entry["input"]
    declared = [each for name in ("required", "optional") for each in sections.get(name, {}).values()]
    return any(isinstance(kind, list) for kind in sections.get("hidden", {}).values()) or any(
        (kind == COMBO and not (more and "listed" in more[0])) or str(kind).startswith("COMFY_")
        for kind, *more in declared
    )


def _info(
    node_type: str, entry: Mapping[str, Any], define: Foreign, interpreter: Interpreter, cls: ClassValue
) -> Value:
    """What a server says of a class that stands on one of the newer form: the same, unless it has its own schema."""
    own = cls.lookup("define_schema")
    if not (isinstance(own, ClassMethod) and own.function is define):
        schema = interpreter.call(interpreter.attribute(cls, "define_schema"))
        interpreter.call(interpreter.attribute(schema, "finalize"))
        return interpreter.call(interpreter.attribute(schema, "said"))
    outputs = entry.get("output") or []
    return {
        "input": _sections(entry["input"]),
        "output": outputs,
        "output_name": entry.get("output_name", outputs),
        "output_is_list": entry.get("output_is_list", ()),
        "output_matchtypes": entry.get("output_matchtypes", ()),
        "name": node_type,
        "display_name": entry.get("display_name"),
        "category": entry.get("category", "sd"),
        **{flag: bool(entry.get(flag)) for flag in (*_FLAGS, "dev_only")},
    }


def _sections(sections: Mapping[str, Any]) -> dict[str, Any]:
    """Sections of inputs as a class declares them, made anew: packs change what they get."""
    made: dict[str, Any] = {"required": {}}
    for section in ("required", "optional"):
        if section in sections:
            made[section] = {name: declaration(each) for name, each in deepcopy(sections[section]).items()}
    if "hidden" in sections:
        made["hidden"] = {
            name: kind[0] if isinstance(kind, list) else kind for name, kind in sections["hidden"].items()
        }
    return made


def declaration(said: Sequence[Any]) -> tuple[Any, ...]:
    """An input of the catalogue as a class declares it."""
    kind, options = said[0], dict(said[1]) if len(said) > 1 else {}
    is_listed = options.pop("listed", False)
    if "folder" in options:
        folder = options.pop("folder")
        choices = [*options.pop("extra_options", ()), *listed(folder, suffixes_of(folder))]
        if is_listed:
            kind = choices
        else:
            options["options"] = choices
    elif isinstance(kind, list):
        kind = list(kind)
    return (kind, options) if options or kind == COMBO else (kind,)
