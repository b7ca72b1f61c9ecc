"""A node class as ComfyUI knows it, declared for the catalogue and called by the executor.

The class says what it takes (`INPUT_TYPES`), what it gives (`RETURN_TYPES`) and which method does it (`FUNCTION`).
`IS_CHANGED`, `VALIDATE_INPUTS` and `check_lazy_status` are asked as ComfyUI's server asks them.
"""

from __future__ import annotations

import inspect
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog import object_info
from wftools.catalog.declare import Declared
from wftools.catalog.signature import Input, NodeSignature
from wftools.catalog.validators import ALL, TYPES
from wftools.context import Saved
from wftools.errors import InputError, RunError
from wftools.folders import Folders
from wftools.nodepacks.exchange import ours, theirs
from wftools.nodepacks.importing import not_offered
from wftools.nodepacks.running import declaring, within
from wftools.values import PENDING, Expand, Need

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from wftools.context import Context

# Hidden inputs that the adapter asks for, beside those of the class.
CONTEXT: Final = "wftools context"
PROMPT: Final = "wftools prompt"


@dataclass(frozen=True)
class Foreign(Declared):
    """A node whose declaration is a class of ComfyUI's form."""

    cls: Any = None
    folders: Folders = field(default_factory=Folders)
    pack: str = ""
    instances: dict[str, Any] = field(default_factory=dict)  # by node: a class may keep something between its calls

    @classmethod
    def of(cls, name: str, node_class: Any, display_name: str, *, pack: str, folders: Folders) -> Foreign:
        """The node of a class. Raises InputError if it is none."""
        absent = [
            each for each in ("INPUT_TYPES", "RETURN_TYPES", "FUNCTION") if getattr(node_class, each, None) is None
        ]
        if absent:
            raise InputError(
                f"the node type {name!r} of the pack {pack} is not declared as ComfyUI wants it: "
                f"its class has no {absent[0]}"
            )
        holder: list[Foreign] = []
        method = getattr(node_class, node_class.FUNCTION, None)
        function = _caller(holder, is_async=inspect.iscoroutinefunction(method))
        function.__module__ = getattr(node_class, "__module__", pack)
        function.__name__ = name
        made = cls(
            type=name,
            function=function,
            category=str(getattr(node_class, "CATEGORY", "sd")),
            display_name=display_name,
            output_node=bool(getattr(node_class, "OUTPUT_NODE", False)),
            is_input_list=bool(getattr(node_class, "INPUT_IS_LIST", False)),
            outputs=(),
            deprecated=bool(getattr(node_class, "DEPRECATED", False)),
            experimental=bool(getattr(node_class, "EXPERIMENTAL", False)),
            changed=None,
            checks={},
            more={},
            unlisted={},
            cls=node_class,
            folders=folders,
            pack=pack,
        )
        holder.append(made)
        if _hook(node_class, "IS_CHANGED") is not None:
            object.__setattr__(made, "changed", made._changed)  # the one value that needs the node itself
        return made

    @cached_property
    def returns_tuple(self) -> bool:
        """Always: one value for each output."""
        return True

    @cached_property
    def signature(self) -> NodeSignature:
        """What the class says of itself. Raises InputError if it says it otherwise than ComfyUI can read it."""
        try:
            entry = self._entry()
        except (Exception, SystemExit) as error:  # other people's code may raise anything
            absent = not_offered(error)
            problem = f"{type(error).__name__}: {error}" if absent is None else f"{absent} of ComfyUI is not offered"
            raise InputError(
                f"the node type {self.type!r} of the pack {self.pack} says not what it takes: {problem}"
            ) from error
        plain = object_info.signature(self.type, entry, self.pack)
        hidden = {**plain.hidden, CONTEXT: "CONTEXT", PROMPT: "PROMPT"}
        return NodeSignature(
            **{
                **{name: getattr(plain, name) for name in plain.__dataclass_fields__},
                "hidden": hidden,
                "own_checks": self._own_checks,
            }
        )

    def _entry(self) -> dict[str, Any]:
        """The class's entry of object_info."""
        types = self._input_types
        kinds = list(self.cls.RETURN_TYPES)
        lists = getattr(self.cls, "OUTPUT_IS_LIST", None) or [False] * len(kinds)
        names = getattr(self.cls, "RETURN_NAMES", None) or kinds
        return {
            "input": {
                section: {str(name): _declaration(each) for name, each in dict(types.get(section) or {}).items()}
                for section in ("required", "optional")
            }
            | {"hidden": {str(name): _kind(kind) for name, kind in dict(types.get("hidden") or {}).items()}},
            "output": [_kind(kind) for kind in kinds],
            "output_is_list": list(lists),
            "output_name": [str(name) if not isinstance(name, list | tuple) else "COMBO" for name in names],
            "output_matchtypes": getattr(self.cls, "OUTPUT_MATCHTYPES", None),
            "display_name": self.display_name,
            "category": self.category,
            "python_module": f"custom_nodes.{self.pack}",
            "output_node": self.output_node,
            "is_input_list": self.is_input_list,
            "deprecated": self.deprecated,
            "experimental": self.experimental,
        }

    @cached_property
    def _input_types(self) -> Mapping[str, Any]:
        with within(declaring(self.folders)):
            types: Mapping[str, Any] = self.cls.INPUT_TYPES()
        return types

    @cached_property
    def _own_checks(self) -> frozenset[str]:
        """The inputs that VALIDATE_INPUTS takes over from the server."""
        hook = _hook(self.cls, "VALIDATE_INPUTS")
        if hook is None:
            return frozenset()
        names, takes_all = _parameters(hook)
        return frozenset({TYPES if name == "input_types" else name for name in names} | ({ALL} if takes_all else set()))

    def undeclared(self, name: str, *, is_linked: bool) -> Input | None:
        """Links always, as ComfyUI hands them on; others where the class says that it has them."""
        optional = self._input_types.get("optional")
        is_flexible = isinstance(optional, dict) and type(optional) is not dict and name in optional
        takes_all = bool(getattr(self.cls, "ACCEPT_ALL_INPUTS", False))
        return Input(name, "*", required=False) if is_linked or is_flexible or takes_all else None

    def refusal(self, literals: Mapping[str, Any], linked: Mapping[str, str]) -> str | None:
        """What VALIDATE_INPUTS says."""
        hook = _hook(self.cls, "VALIDATE_INPUTS")
        if hook is None:
            return None
        names, takes_all = _parameters(hook)
        given = {name: value for name, value in literals.items() if takes_all or name in names}
        if "input_types" in names:
            given["input_types"] = dict(linked)
        try:
            with within(declaring(self.folders)):
                answer = hook(**given)
        except Exception as error:  # other people's code may raise anything
            return f"its VALIDATE_INPUTS fails: {type(error).__name__}: {error}"
        if answer is True:
            return None
        return answer if isinstance(answer, str) else "its VALIDATE_INPUTS refuses what it is given"

    def _changed(self, *, context: Context, **literals: Any) -> object:
        """What IS_CHANGED says; inputs that are linked are None, as for ComfyUI."""
        hook = _hook(self.cls, "IS_CHANGED")
        assert hook is not None
        names, takes_all = _parameters(hook)
        linked = {each.name: None for each in self.signature.inputs if each.name not in literals}
        given = {name: value for name, value in {**linked, **literals}.items() if takes_all or name in names}
        with within(context):
            return hook(**given)

    def call(self, given: dict[str, Any]) -> Any:
        """One call of the method that does it, or what it needs first."""
        context, prompt = given.pop(CONTEXT), given.pop(PROMPT)
        hidden = self.signature.hidden
        arguments = {name: value if name in hidden else self._given(value) for name, value in given.items()}
        for name, kind in hidden.items():
            if kind == "DYNPROMPT":
                from wftools.nodepacks.offered.comfy_execution.graph import DynamicPrompt

                arguments[name] = DynamicPrompt(prompt or {})
            if self.is_input_list and name in arguments and name not in {CONTEXT, PROMPT}:
                arguments[name] = [arguments[name]]
        with within(context), self._offered():
            target = self._target(context.node)
            needed = self._needed(target, arguments)
            if needed:
                return Need(needed)
            arguments = {name: None if _is_pending(value) else value for name, value in arguments.items()}
            answer = getattr(target, self.cls.FUNCTION)(**arguments)
        return _Awaited(self, answer, context) if inspect.isawaitable(answer) else self._answered(answer, context)

    @contextmanager
    def _offered(self) -> Iterator[None]:
        """Raise RunError where the node's code wants something of ComfyUI that is not there."""
        try:
            yield
        except (ImportError, AttributeError) as error:
            absent = not_offered(error)
            if absent is None:
                raise
            raise RunError(
                f"the node needs {absent} of ComfyUI, which wftools does not offer",
                hint="run workflows with this node in ComfyUI",
            ) from error

    def _target(self, node: str) -> Any:
        """The object whose method is called: one for each node."""
        if node not in self.instances:
            self.instances[node] = self.cls()
        return self.instances[node]

    def _given(self, value: Any) -> Any:
        if self.is_input_list and isinstance(value, list):
            return [theirs(each) for each in value]
        if isinstance(value, dict):  # a dynamic input
            return {name: self._given(each) for name, each in value.items()}
        return theirs(value)

    def _needed(self, target: Any, arguments: Mapping[str, Any]) -> tuple[str, ...]:
        """The lazy inputs that the node asks for."""
        pending = {name for name, value in arguments.items() if _is_pending(value)}
        if not pending:
            return ()
        if not hasattr(target, "check_lazy_status"):
            return tuple(sorted(pending))
        shown = {name: None if name in pending else value for name, value in arguments.items()}
        names, takes_all = _parameters(target.check_lazy_status)
        asked = target.check_lazy_status(**{n: v for n, v in shown.items() if takes_all or n in names}) or ()
        return tuple(sorted(pending.intersection(asked)))

    def _answered(self, answer: Any, context: Context) -> Any:
        """The values of the outputs; what is shown is noted."""
        result = answer
        if hasattr(answer, "as_answer"):  # what nodes of the newer form give
            answer = result = answer.as_answer()
        if isinstance(answer, dict):
            context.saved.extend(_shown(answer.get("ui") or {}, context))
            result = answer.get("result", ())
            if "expand" in answer:
                return Expand(
                    _subgraph(answer["expand"]), tuple(result) if isinstance(result, list | tuple) else (result,)
                )
        kinds = [output.type for output in self.signature.outputs]
        if type(result).__name__ == "ExecutionBlocker":
            return ours(result, "*")
        values = list(result) if isinstance(result, list | tuple) else [] if result is None else [result]
        if len(values) < len(kinds):
            raise RunError(f"the node declares {len(kinds)} outputs and returned {len(values)}")
        return tuple(
            [ours(each, output.type) for each in value]
            if output.is_list and isinstance(value, list | tuple)
            else ours(value, output.type)
            for output, value in zip(self.signature.outputs, values, strict=False)
        )


class _Awaited:
    """What an asynchronous method will answer."""

    def __init__(self, node: Foreign, answer: Any, context: Context) -> None:
        self._node, self._answer, self._context = node, answer, context

    def __await__(self) -> Iterator[Any]:
        return self._finished().__await__()

    async def _finished(self) -> Any:
        with within(self._context), self._node._offered():  # noqa: SLF001  (one thing in two classes)
            answer = await self._answer
        return self._node._answered(answer, self._context)  # noqa: SLF001  (one thing in two classes)


def _caller(holder: list[Foreign], *, is_async: bool) -> Callable[..., Any]:
    """The function of a node that is not there yet."""
    if is_async:

        async def call_later(**given: Any) -> Any:
            answer = holder[0].call(given)
            return await answer if inspect.isawaitable(answer) else answer

        return call_later

    def call(**given: Any) -> Any:
        return holder[0].call(given)

    return call


def _hook(cls: Any, name: str) -> Callable[..., Any] | None:
    """A class's own answer to one of the server's questions."""
    hook = getattr(cls, name, None)
    return hook if callable(hook) else None


def _parameters(function: Callable[..., Any]) -> tuple[frozenset[str], bool]:
    """The names that a function takes, and whether it takes all others too."""
    parameters = inspect.signature(function).parameters.values()
    return (
        frozenset(each.name for each in parameters if each.kind not in {each.VAR_KEYWORD, each.VAR_POSITIONAL}),
        any(each.kind is each.VAR_KEYWORD for each in parameters),
    )


def _is_pending(value: Any) -> bool:
    return value is PENDING or (isinstance(value, list) and any(each is PENDING for each in value))


def _declaration(given: Any) -> list[Any]:
    """An input as object_info has it; a class may have a tuple, a list, or the type alone."""
    parts = list(given) if isinstance(given, list | tuple) else [given]
    if not parts:
        return []
    options = parts[1] if len(parts) > 1 and isinstance(parts[1], dict) else {}
    return [_kind(parts[0]), dict(options)]


def _kind(kind: Any) -> Any:
    """A type: its name, or the choices of a combo. Some packs have a text of their own that equals every other."""
    return list(kind) if isinstance(kind, list | tuple) else str.__str__(kind) if isinstance(kind, str) else str(kind)


def _subgraph(prompt: Mapping[str, Any]) -> dict[str, Any]:
    """A subgraph that a node answers with: values in it that no file could spell are wftools' again."""
    return {
        name: {**entry, "inputs": {key: ours(value, "*") for key, value in entry.get("inputs", {}).items()}}
        for name, entry in prompt.items()
    }


def _shown(told: Mapping[str, Any], context: Context) -> Iterator[Saved]:
    """What a node tells a browser to show: files that it wrote, texts."""
    entries: Iterable[Any] = [
        each for value in told.values() for each in (value if isinstance(value, list | tuple) else [value])
    ]
    for each in entries:
        if isinstance(each, dict) and isinstance(each.get("filename"), str):
            area = str(each.get("type") or "output")
            if area in {"output", "temp"}:
                yield Saved(area, context.folders.area(area) / str(each.get("subfolder") or "") / each["filename"])
        elif isinstance(each, str):
            yield Saved("text", text=each)
