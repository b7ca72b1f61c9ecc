"""The interpreter: what is asked from outside, and what its parts ask of one another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wftools.scan.interpreter import attributes, calls, containers, expressions, imports, operators, statements
from wftools.scan.interpreter.builtin.errors import CAUGHT, error, native_name
from wftools.scan.interpreter.builtin.types import type_of
from wftools.scan.interpreter.doubt import Doubt, either
from wftools.scan.interpreter.files import PackFiles
from wftools.scan.interpreter.limits import Bound, Budget, Exhausted, Limits
from wftools.scan.interpreter.nesting import deep_enough, depth
from wftools.scan.interpreter.values import (
    MISSING,
    ClassValue,
    Instance,
    ModuleValue,
    Raised,
    Undecided,
    Unknown,
    Value,
    plain,
)

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from wftools.scan.interpreter.scopes import Scope


class Interpreter:
    """Follows the source of one pack to the values that its names have.

    `pack` is a folder, or a single module. `foreign` are modules that the pack may import and that are not its own, by
    their dotted names; they win over Python's own. What is asked (`load`, `call`, `attribute`, `item`, `iterate`,
    `truth`) answers a value, or an `Unknown` that says why not: an error of the interpreted code that nobody caught is
    one, too. `files` makes what it sees of folders. Nothing is imported, nothing is executed, and no file outside the
    pack is opened.
    """

    def __init__(
        self,
        pack: Path,
        foreign: Mapping[str, ModuleValue] | None = None,
        limits: Limits | None = None,
        *,
        files: Callable[[Path, Limits], PackFiles] = PackFiles,
    ) -> None:
        self.limits = limits or Limits()
        self.budget = Budget(self.limits)
        self.doubt = Doubt()
        self.files = files(pack, self.limits)
        self.modules = imports.Modules(self.files, dict(foreign or {}))
        self.incomplete: list[str] = []  # modules that were not read to their end, and why
        self.handled: list[Instance] = []  # exceptions that are being handled: what `raise` alone raises again
        self.guards = 0  # `try` statements that are being run: whether an exception may be caught
        self.bodies: dict[int, Scope] = {}  # of classes being made, by the identity of their names
        self._is_running = False
        self._nestings: dict[ast.AST, int] = {}
        self._generators: dict[ast.AST, bool] = {}

    # -- asked from outside -------------------------------------------------------------------------------------------

    def load(self, name: str | None = None) -> ModuleValue | Unknown:
        """A module by its dotted name, as imported by Python; the pack itself without one.

        A relative name (".nodes") is one of the pack's.
        """
        module: ModuleValue | Unknown = self._outermost(lambda: imports.load(self, name or ""))
        return module

    def call(self, function: Value, *arguments: Value, **named: Value) -> Value:
        return self._outermost(lambda: self._called(function, list(arguments), named))

    def _called(self, function: Value, arguments: list[Value], named: dict[Value, Value]) -> Value:
        """What a call answers, if it can be looked through: it is neither too deep nor too large."""
        answer = calls.call(self, function, arguments, named)
        self.budget.measure(plain(answer))
        return answer

    def attribute(self, value: Value, name: str, default: Value = MISSING) -> Value:
        """An attribute as `value.name` gives it; without one, `default`, or else an Unknown that says so."""
        return self._outermost(lambda: attributes.get(self, value, name), default)

    def item(self, value: Value, key: Value, default: Value = MISSING) -> Value:
        return self._outermost(lambda: containers.get_item(self, value, key), default)

    def iterate(self, value: Value) -> list[Value] | Unknown:
        """All items of a value, in order. A part that is not known stands as an Unknown, with `many`."""
        items: list[Value] | Unknown = self._outermost(lambda: containers.listed(self, value))
        return items

    def truth(self, value: Value) -> bool | Unknown:
        answer: bool | Unknown = self._outermost(lambda: operators.truth(self, value))
        return answer

    def type_of(self, value: Value) -> ClassValue | Unknown:
        return type_of(value)

    def _outermost(self, work: Callable[[], Value], default: Value = MISSING) -> Any:
        """Do it; what keeps it from being done is an Unknown."""
        if self._is_running:
            return self._protected(work, default)
        self._is_running = True
        left = self.budget.begin_slice()
        try:
            with deep_enough(self.limits.nesting):
                return self._protected(work, default)
        except Exhausted as end:
            return Unknown(end.reason)
        finally:
            self.budget.end_slice(left)
            self.budget.calls = self.budget.nesting = 0
            self.doubt.back_to(0)
            self._is_running = False

    def _protected(self, work: Callable[[], Value], default: Value) -> Any:
        try:
            return work()
        except Raised as raised:
            if default is not MISSING and raised.value.cls.name in {"AttributeError", "KeyError", "IndexError"}:
                return default
            return Unknown(self.said(raised.value))
        except (Undecided, Bound) as why:
            return Unknown(why.reason)
        except RecursionError:
            return Unknown("it is nested too deeply")

    def said(self, exception: Instance) -> str:
        """An exception as a reason: its class and what it says."""
        arguments = exception.attributes.get("args", ())
        text = ", ".join(each for each in arguments if isinstance(each, str)) if isinstance(arguments, tuple) else ""
        return f"{exception.cls.name}: {text[:200]}" if text else exception.cls.name

    # -- what the parts ask of one another ----------------------------------------------------------------------------

    def evaluate(self, node: ast.expr, scope: Scope) -> Value:
        return expressions.evaluate(self, node, scope)

    def run(self, body: list[ast.stmt], scope: Scope) -> statements.Run:
        return statements.run(self, body, scope)

    def error(self, kind: str, message: str) -> Raised:
        """An exception of Python's own, to be raised into the interpreted code."""
        return error(kind, message)

    def special(self, value: Value, name: str) -> Value:
        """A method like `__len__` that the class of an instance defines itself, bound; `MISSING` if it does not."""
        if not isinstance(value, Instance):
            return MISSING
        found = value.cls.lookup(name)
        if found is MISSING:
            return MISSING
        return attributes.bind(self, found, value, value.cls)

    def either(self, values: list[Value], reason: str) -> Value:
        return either(values, reason, self.budget)

    def nesting_of(self, node: ast.AST) -> int:
        if node not in self._nestings:
            self._nestings[node] = depth(node, self.limits.syntax)
        return self._nestings[node]

    def is_generator(self, node: ast.AST) -> bool:
        if node not in self._generators:
            self._generators[node] = calls.yields(node)
        return self._generators[node]

    def natively(self, function: Callable[..., Value], *arguments: Any, **named: Any) -> Value:
        """What a function of Python's own answers; its exceptions are the interpreted code's."""
        try:
            return function(*arguments, **named)
        except RecursionError as fault:
            raise Bound("it is nested too deeply") from fault
        except MemoryError as fault:
            raise Bound("it takes too much memory") from fault
        except CAUGHT as fault:
            raise error(native_name(fault), str(fault)) from fault
