"""`enum`: classes whose names are their members."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.scan.interpreter import calls, containers
from wftools.scan.interpreter.builtin.constructors import construct
from wftools.scan.interpreter.builtin.types import BY_TYPE, OBJECT, TYPE
from wftools.scan.interpreter.standard.declaring import functions
from wftools.scan.interpreter.values import (
    MISSING,
    ClassMethod,
    ClassValue,
    Foreign,
    FunctionValue,
    Instance,
    NativeMethod,
    Property,
    StaticMethod,
    Unknown,
    Value,
    plain,
)

if TYPE_CHECKING:
    from wftools.scan.interpreter.interpreter import Interpreter

NO_MEMBERS = (FunctionValue, ClassMethod, StaticMethod, Property, Foreign, NativeMethod)


def names(interpreter: Interpreter, module: str) -> dict[str, Value]:
    return {
        "Enum": ENUM,
        "IntEnum": INT_ENUM,
        "StrEnum": STR_ENUM,
        "Flag": FLAG,
        "IntFlag": INT_FLAG,
        "EnumMeta": ENUM_TYPE,
        "EnumType": ENUM_TYPE,
        "auto": AUTO,
        "member": Foreign("member", lambda _, value: value),
        **functions(unique=lambda _, cls: cls, nonmember=lambda _, value: Property(Foreign("value", lambda *_: value))),
    }


def make_members(interpreter: Interpreter, cls: ClassValue) -> None:
    """Turn the names of a new enum into members. Those with the value of another are the same member."""
    members: dict[str, Instance] = {}
    count = 0
    ignored = plain(cls.attributes.get("_ignore_", ()))
    ignored = ignored.split() if isinstance(ignored, str) else ignored
    for name, value in list(cls.attributes.items()):
        if not isinstance(name, str) or name in ignored or _is_hidden(name) or _is_descriptor(interpreter, value):
            continue
        count += 1
        member = _member(interpreter, cls, name, value, count, list(members.values()))
        same = _with_same_value(members, member.attributes["_value_"])
        members[name] = same if same is not None else member
        cls.attributes[name] = members[name]
    if members or any(each.members for each in cls.classes if each is not cls):
        cls.members = members


def _is_hidden(name: str) -> bool:
    return (name.startswith("_") and name.endswith("_")) or name.startswith("__")


def _is_descriptor(interpreter: Interpreter, value: Value) -> bool:
    return isinstance(value, NO_MEMBERS) or (
        isinstance(value, Instance) and interpreter.special(value, "__get__") is not MISSING
    )


def _member(
    interpreter: Interpreter, cls: ClassValue, name: str, value: Value, count: int, before: list[Instance]
) -> Instance:
    if isinstance(value, Instance) and value.cls is AUTO:
        value = _automatic(interpreter, cls, name, count, before)
    elif isinstance(value, tuple) and any(isinstance(each, Instance) and each.cls is AUTO for each in value):
        automatic = _automatic(interpreter, cls, name, count, before)
        value = tuple(automatic if isinstance(each, Instance) and each.cls is AUTO else each for each in value)
    arguments = list(value) if isinstance(value, tuple) else [value]
    maker = cls.lookup("__new__")
    function = maker.function if isinstance(maker, StaticMethod) else maker
    if isinstance(function, FunctionValue):
        made = calls.call(interpreter, function, [cls, *arguments], {})
        member = made if isinstance(made, Instance) else Instance(cls)
    else:
        member = Instance(cls)
        if cls.native is not None:
            native = construct(interpreter, cls.native, arguments, {})
            member.native = MISSING if isinstance(native, Unknown) else native
    if "_value_" not in member.attributes:
        is_native = member.native is not MISSING and not isinstance(value, tuple) and not isinstance(value, Unknown)
        member.attributes["_value_"] = member.native if is_native and cls.native is not None else value
    member.attributes |= {"_name_": name, "name": name}
    init = cls.lookup("__init__")
    if isinstance(init, FunctionValue):
        calls.call(interpreter, init, [member, *arguments], {})
    member.attributes["value"] = member.attributes["_value_"]
    return member


def _automatic(interpreter: Interpreter, cls: ClassValue, name: str, count: int, before: list[Instance]) -> Value:
    values = [each.attributes["_value_"] for each in before]
    method = cls.lookup("_generate_next_value_")
    if method is not MISSING and not isinstance(method, Unknown):
        function = method.function if isinstance(method, StaticMethod | ClassMethod) else method
        return calls.call(interpreter, function, [name, 1, count - 1, values], {})
    if cls.is_a(STR_ENUM):
        return name.lower()
    numbers = [each for each in map(plain, values) if isinstance(each, int)]
    if cls.is_a(FLAG) or cls.is_a(INT_FLAG):
        return 1 << max(numbers).bit_length() if numbers else 1
    return max(numbers) + 1 if numbers else 1


def _with_same_value(members: dict[str, Instance], value: Value) -> Instance | None:
    if isinstance(value, Unknown):
        return None
    for member in members.values():
        other = member.attributes["_value_"]
        if type(other) is type(value) and isinstance(value, str | int | float | tuple) and other == value:
            return member
    return None


def _call(interpreter: Interpreter, cls: ClassValue, *arguments: Value, **named: Value) -> Value:
    """`SomeEnum(value)` finds a member; `Enum("Name", names)` makes a new enum."""
    if cls.members:
        from wftools.scan.interpreter.builtin.constructors import member_of

        return member_of(interpreter, cls, list(arguments))
    if len(arguments) < 2:
        return Unknown("a member of an enum that has none")
    name, given = arguments[:2]
    return _by_function(interpreter, cls, plain(name), given)


def _by_function(interpreter: Interpreter, cls: ClassValue, name: str, given: Value) -> Value:
    from wftools.scan.interpreter import classes

    if isinstance(plain(given), str):
        given = given.replace(",", " ").split()
    if isinstance(given, dict):
        pairs = list(given.items())
    else:
        listed = containers.listed(interpreter, given)
        pairs = [each if isinstance(each, tuple) else (each, Instance(AUTO)) for each in listed]
    return classes.make(interpreter, name, (cls,), dict(pairs), {})


AUTO = ClassValue("auto", (OBJECT,), functions(__init__=lambda *_, **__: None), builtin=True)
ENUM_TYPE = ClassValue(
    "EnumType",
    (TYPE,),
    functions(
        __call__=_call,
        __iter__=lambda interpreter, cls: list(dict.fromkeys((cls.members or {}).values())),
        __len__=lambda interpreter, cls: len(dict.fromkeys((cls.members or {}).values())),
        __contains__=lambda interpreter, cls, item: _has(cls, item),
    ),
    builtin=True,
)


def _has(cls: ClassValue, item: Value) -> Value:
    if isinstance(item, Instance):
        return item.cls is cls
    return any(
        type(member.attributes["_value_"]) is type(item) and member.attributes["_value_"] == item
        for member in (cls.members or {}).values()
    )


def _enum(name: str, *bases: ClassValue) -> ClassValue:
    made = ClassValue(name, bases, metaclass=ENUM_TYPE, builtin=True)
    made.on_subclass = make_members
    return made


ENUM = _enum("Enum", OBJECT)
INT_ENUM = _enum("IntEnum", BY_TYPE[int], ENUM)
STR_ENUM = _enum("StrEnum", BY_TYPE[str], ENUM)
FLAG = _enum("Flag", ENUM)
INT_FLAG = _enum("IntFlag", BY_TYPE[int], FLAG)
STR_ENUM.attributes["__str__"] = Foreign("__str__", lambda _, owner: plain(owner))
INT_ENUM.attributes["__str__"] = Foreign("__str__", lambda _, owner: str(plain(owner)))


def _combine(interpreter: Interpreter, left: Value, right: Value) -> Value:
    """Flags that are put together are no member that has a name."""
    return Unknown("flags put together")


FLAG.attributes["__or__"] = Foreign("__or__", _combine)
