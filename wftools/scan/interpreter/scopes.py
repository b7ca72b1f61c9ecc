"""Where names are looked up: modules, classes, functions and comprehensions, in one another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from wftools.scan.interpreter.values import MISSING, ClassValue, ModuleValue, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["module", "class", "function", "comprehension"]


class Scope:
    """The names of one place, and the place around it."""

    __slots__ = ("declared", "first", "kind", "made", "maybe", "module", "names", "outer")

    def __init__(self, kind: Kind, module: ModuleValue, names: dict[Value, Value], outer: Scope | None = None) -> None:
        self.kind: Kind = kind
        self.module = module
        self.names = names
        self.outer = outer
        self.declared: dict[str, dict[Value, Value]] = {}  # names that are `global` or `nonlocal`, and whose they are
        self.made: ClassValue | None = None  # of a class's scope: the class, once it is made
        self.first: Value = MISSING  # of a function's: its first argument, for `super()`
        self.maybe: list[Value] = []  # and what it answers where a test was unknown

    @property
    def around(self) -> Iterator[Scope]:
        """The scope and those around it, innermost first."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.outer

    def lookup(self, name: str) -> Value:
        """The value of a name, builtins left out; `MISSING` if nobody has it.

        The names of a class are seen by its body and by comprehensions in it, not by its functions.
        """
        if name in self.declared:
            return self.declared[name].get(name, MISSING)
        if name in self.names:
            return self.names[name]
        through_function = self.kind == "function"
        scope = self.outer
        while scope is not None:
            if not (scope.kind == "class" and through_function):
                if name in scope.declared:
                    return scope.declared[name].get(name, MISSING)
                if name in scope.names:
                    return scope.names[name]
            through_function = through_function or scope.kind == "function"
            scope = scope.outer
        return MISSING

    def place_of(self, name: str) -> dict[Value, Value]:
        """The names that an assignment to this name goes into."""
        return self.declared.get(name, self.names)

    def declare_global(self, name: str) -> None:
        self.declared[name] = self.module.names

    def declare_nonlocal(self, name: str) -> None:
        for scope in self.around:
            if scope is not self and scope.kind == "function" and name in scope.names:
                self.declared[name] = scope.names
                return

    @property
    def function(self) -> Scope | None:
        """The function that this belongs to, if any: comprehensions belong to the one they stand in."""
        for scope in self.around:
            if scope.kind == "function":
                return scope
            if scope.kind != "comprehension":
                return None
        return None

    @property
    def class_around(self) -> ClassValue | None:
        """The class in whose body this function stands."""
        return next((scope.made for scope in self.around if scope.kind == "class"), None)
