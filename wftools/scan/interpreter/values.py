"""What interpreted code computes with.

Numbers, texts, `None`, tuples, lists, dicts and sets are Python's own. Everything else is one of the classes here.

**What is not known** is an `Unknown` with a reason, wherever it stands:
- as a value or an item of a list: this one is not known (with `many`: it stands for any number of items);
- as a *key* of a dict: the dict may have further keys, or lack some of those it has (`partly(dict)` tells).
An `Unknown` cannot be compared or tested: that raises `Undecided`, so that nothing is decided by accident. Ask
`isinstance(value, Unknown)` first.

**Subclasses** of text, dict, tuple … are `Instance`s with a `native` value; `plain(value)` gives it. Members of an enum
that is also text or number have one, too.

**Files** that lie on somebody's machine are texts with a mark inside, which survives whatever is done with texts:
`FileMarker("loras", suffix=".safetensors").text`, and `FileMarker.find(text)` reads what became of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final, NoReturn, TypeAlias

from wftools.scan.interpreter.limits import Bound

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Collection, Iterator, Mapping

    from wftools.scan.interpreter.scopes import Scope

Value: TypeAlias = Any  # of interpreted code: one of Python's own values, or of the classes below


class Undecided(Exception):  # noqa: N818  what follows is unknown; no error
    """Something was asked of a value that is not known."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unknown:
    """A value that is not known, and why. Each is another one, as far as dicts and sets are concerned."""

    __slots__ = ("many", "reason")

    def __init__(self, reason: str, *, many: bool = False) -> None:
        self.reason = reason
        self.many = many

    def __repr__(self) -> str:
        return f"Unknown({self.reason!r})"

    def _undecided(self, *_: object) -> NoReturn:
        raise Undecided(self.reason)

    __hash__ = object.__hash__
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _undecided
    __bool__ = __len__ = __iter__ = __contains__ = __str__ = __format__ = _undecided
    __int__ = __float__ = __index__ = _undecided


class Raised(Exception):  # noqa: N818  carries an error of the interpreted code
    """An exception of the interpreted code on its way to who catches it."""

    def __init__(self, value: Instance) -> None:
        super().__init__(value)
        self.value = value


class ClassValue:
    """A class: of the pack, one of Python's own, or one that a foreign module offers.

    `native` is Python's own type, for the classes that stand for one (`str`, `dict`); their subclasses find it by `of`.
    A base that is unknown stands as such in `bases` and in `mro`.
    """

    __slots__ = (
        "attributes", "bases", "builtin", "members", "metaclass", "module", "mro", "name", "native_type", "on_subclass",
        "partial", "registered", "subclasses",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        bases: tuple[Value, ...] = (),
        attributes: dict[Value, Value] | None = None,
        *,
        mro: tuple[ClassValue | Unknown, ...] | None = None,
        native: type | None = None,
        metaclass: ClassValue | None = None,
        module: str = "builtins",
        builtin: bool = False,
        partial: bool = False,
    ) -> None:
        self.name = name
        self.bases = bases
        self.attributes: dict[Value, Value] = attributes if attributes is not None else {}
        self.native_type = native
        self.metaclass = metaclass
        self.module = module
        self.builtin = builtin
        self.partial = partial  # whether its objects have more than is told here
        self.members: dict[str, Instance] | None = None  # of an enum
        self.registered: list[ClassValue] = []  # classes that count as its subclasses
        self.subclasses: list[ClassValue] = []  # if it is the pack's own
        self.on_subclass: Callable[..., None] | None = None  # what is done to a class that inherits from it
        self.mro = (self, *(mro if mro is not None else merged_mro(bases)))

    def __repr__(self) -> str:
        return f"<class {self.name}>"

    @property
    def native(self) -> type | None:
        """The type of Python's that its instances are, if it is not just `object`."""
        return next((each.native_type for each in self.classes if each.native_type not in {None, object}), None)

    @property
    def classes(self) -> Iterator[ClassValue]:
        """The class and those it inherits from, in order, as far as they are known."""
        return (each for each in self.mro if isinstance(each, ClassValue))

    @property
    def unknown_base(self) -> Unknown | None:
        return next((each for each in self.mro if isinstance(each, Unknown)), None)

    def lookup(self, name: str, after: ClassValue | None = None) -> Value:
        """What the class or the first of its bases has under a name, unbound; `MISSING` if none has.

        `after`: start behind that class, as `super()` does. Past a base that is unknown anything may follow.
        """
        mro = self.mro
        if after is not None:
            mro = mro[mro.index(after) + 1 :] if after in mro else ()
        for each in mro:
            if isinstance(each, Unknown):
                return Unknown(f"{name} of {self.name}: {each.reason}")
            if name in each.attributes:
                return each.attributes[name]
        return MISSING

    def is_a(self, other: ClassValue) -> bool:
        return any(each is other for each in self.mro)


def merged_mro(bases: tuple[Value, ...]) -> tuple[ClassValue | Unknown, ...]:
    """The order in which bases are searched (C3), without the class itself. A ValueError if there is none."""
    lines = [list(base.mro) if isinstance(base, ClassValue) else [base] for base in bases]
    lines.append(list(bases))
    order: list[ClassValue | Unknown] = []
    while lines := [line for line in lines if line]:
        for line in lines:
            head = line[0]
            if not any(any(each is head for each in other[1:]) for other in lines):
                break
        else:
            raise ValueError("cannot create a consistent method resolution order (MRO) for its bases")
        order.append(head)
        lines = [line[1:] if line[0] is head else line for line in lines]
    return tuple(order)


class Missing:
    """Nothing, where `None` is a value; `MISSING` is the one of its kind."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()


POSTPONED: Final = Unknown("annotations")  # what `from __future__ import annotations` binds


class Instance:
    """An object of a class. `native` is what it is besides: the text of a text subclass, the items of a dict's."""

    __slots__ = ("attributes", "cls", "native")

    def __init__(self, cls: ClassValue, attributes: dict[Value, Value] | None = None, native: Value = MISSING) -> None:
        self.cls = cls
        self.attributes: dict[Value, Value] = attributes if attributes is not None else {}
        self.native = native

    def __repr__(self) -> str:
        return f"<{self.cls.name} object>"

    def __hash__(self) -> int:
        try:
            return object.__hash__(self) if self.native is MISSING else hash(self.native)
        except TypeError:
            return object.__hash__(self)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if self.cls.unknown_base is not None or self.cls.lookup("__eq__") is not MISSING:
            raise Undecided(f"{self.cls.name} compares in a way of its own")
        if self.native is MISSING:
            return False
        return bool(self.native == plain(other))

    def __lt__(self, other: object) -> bool:
        if self.native is MISSING:
            raise Undecided(f"{self.cls.name} has an order of its own")
        return bool(self.native < plain(other))


@dataclass(slots=True, eq=False)
class FunctionValue:
    """A function or a lambda of the interpreted code."""

    name: str
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    scope: Scope  # where it was made
    defaults: tuple[Value, ...] = ()
    keyword_defaults: dict[str, Value] = field(default_factory=dict)
    attributes: dict[Value, Value] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<function {self.name}>"


@dataclass(slots=True, eq=False)
class Foreign:
    """A callable that is not interpreted: `function(interpreter, *args, **kwargs)` answers a value.

    It may raise `Undecided` (the call is unknown), `Bound`, or Python's own exceptions, which the pack's code sees.
    With `takes_unknown`, it is called with arguments that are `Unknown`, too; else the answer is unknown then.
    """

    name: str
    function: Callable[..., Value]
    takes_unknown: bool = True
    attributes: dict[Value, Value] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<foreign {self.name}>"


@dataclass(slots=True, eq=False)
class BoundMethod:
    """A function with its first argument."""

    function: Value
    owner: Value

    def __repr__(self) -> str:
        return f"<method {self.function!r}>"


@dataclass(slots=True, eq=False)
class ClassMethod:
    function: Value


@dataclass(slots=True, eq=False)
class StaticMethod:
    function: Value


@dataclass(slots=True, eq=False)
class Property:
    getter: Value
    setter: Value = None
    deleter: Value = None


@dataclass(slots=True, eq=False)
class Super:
    """What `super()` answers: the attributes of an object or class, from behind a class on."""

    after: ClassValue
    owner: Value  # the instance, or the class in a class method


class Stream:
    """An iterator: what a generator function, `map`, `iter` and the like answer. It is followed once."""

    __slots__ = ("source",)

    def __init__(self, source: Iterator[Value]) -> None:
        self.source = source

    def __iter__(self) -> Iterator[Value]:
        return self.source


class NativeMethod:
    """A method of one of Python's own values: `"text".upper`."""

    __slots__ = ("name", "owner")

    def __init__(self, owner: Value, name: str) -> None:
        self.owner = owner
        self.name = name


class ModuleValue:
    """A module: its names. Those of foreign modules that are not listed are `otherwise`, if that is given.

    `otherwise` is an `Unknown`, or a function from a name to a value.
    """

    __slots__ = ("incomplete", "name", "names", "otherwise", "path")

    def __init__(
        self,
        name: str,
        names: dict[Value, Value] | None = None,
        *,
        path: str | None = None,
        otherwise: Unknown | Callable[[str], Value] | None = None,
    ) -> None:
        self.name = name
        self.names: dict[Value, Value] = names if names is not None else {}
        self.path = path
        self.otherwise = otherwise
        self.incomplete: str | None = None  # why it was not read to its end

    def __repr__(self) -> str:
        return f"<module {self.name}>"

    def lookup(self, name: str) -> Value:
        if name in self.names:
            return self.names[name]
        if callable(self.otherwise):
            value = self.otherwise(name)
            if value is not MISSING:
                self.names[name] = value
            return value
        if self.otherwise is not None:
            return Unknown(f"{name} of {self.otherwise.reason}")
        return Unknown(f"{name} of {self.name}: {self.incomplete}") if self.incomplete else MISSING


def foreign_module(name: str, names: Mapping[str, Value], *, complete: bool = False) -> ModuleValue:
    """A module that is not the pack's: what it offers. Other names of it are unknown, unless it is `complete`."""
    return ModuleValue(name, dict(names), otherwise=None if complete else Unknown(f"in {name}"))


def plain(value: Value) -> Value:
    """A value as Python's own, where it is one: text subclasses as text, members of str and int enums as these."""
    if isinstance(value, Instance) and value.native is not MISSING:
        return value.native
    return value


def is_vague(items: Collection[Value]) -> bool:
    """Whether items have an Unknown among them that stands for any number of them."""
    return Unknown in map(type, items) and any(isinstance(each, Unknown) and each.many for each in items)


def partly(value: Mapping[Value, Value]) -> list[str]:
    """Why a dict may have other keys than it has; nothing if it has just these."""
    if Unknown not in map(type, value):
        return []
    return [key.reason for key in value if isinstance(key, Unknown)]


# ---------------------------------------------------------------------------------------------------------------------
# Files that lie on somebody's machine

_MARKS: Final = range(0xF0000, 0xF4000)  # a private-use plane: no text of a pack has these
_MARK: Final = re.compile(f"[{chr(_MARKS.start)}-{chr(_MARKS.stop - 1)}]")


@dataclass(frozen=True, slots=True)
class FileMarker:
    """Any file of a kind of folder, in a text: what stands before its name and behind it.

    `folder` is a name of folder_paths (`loras`), or whatever whoever made the marker calls it (`input:image`).
    """

    folder: str
    prefix: str = ""
    suffix: str = ""

    _folders: ClassVar[list[str]] = []

    @property
    def text(self) -> str:
        """The text that stands for such a file. Its mark is one character: lower() and slices leave it whole."""
        folders = FileMarker._folders
        if self.folder not in folders:
            if len(folders) >= len(_MARKS):
                raise Bound("too many kinds of folders")
            folders.append(self.folder)
        return f"{self.prefix}{chr(_MARKS.start + folders.index(self.folder))}{self.suffix}"

    def could_be(self, text: str) -> bool:
        """Whether such a file may have this text."""
        return (
            text.startswith(self.prefix)
            and text.endswith(self.suffix)
            and len(text) > len(self.prefix) + len(self.suffix)
        )

    @staticmethod
    def find(text: object) -> FileMarker | None:
        """Read the marker in a text, if there is one."""
        text = plain(text)
        if not isinstance(text, str) or text.isascii() or not (mark := _MARK.search(text)):
            return None
        number = ord(mark.group()) - _MARKS.start
        if number >= len(FileMarker._folders):
            return None
        return FileMarker(FileMarker._folders[number], text[: mark.start()], text[mark.end() :])
