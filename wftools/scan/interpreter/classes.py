"""Classes: how they are made, and how objects are made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wftools.scan.interpreter import attributes, calls, texts
from wftools.scan.interpreter.builtin import constructors
from wftools.scan.interpreter.builtin.errors import is_exception
from wftools.scan.interpreter.builtin.types import OBJECT, TYPE, type_of
from wftools.scan.interpreter.values import (
    MISSING,
    ClassMethod,
    ClassValue,
    Foreign,
    FunctionValue,
    Instance,
    StaticMethod,
    Super,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from wftools.scan.interpreter.interpreter import Interpreter
    from wftools.scan.interpreter.scopes import Scope


# ---------------------------------------------------------------------------------------------------------------------
# Making classes


def metaclass_of(interpreter: Interpreter, bases: tuple[Value, ...], named: dict[Value, Value]) -> Value:
    """The class of a class that is to be made: given, or that of a base; `TYPE` if none has one of its own."""
    if "metaclass" in named:
        return named["metaclass"]
    return next((base.metaclass for base in bases if isinstance(base, ClassValue) and base.metaclass), TYPE)


def prepared(
    interpreter: Interpreter, metaclass: Value, name: str, bases: tuple[Value, ...], named: dict[Value, Value]
) -> Value:
    """The names that the body of a class begins with."""
    method = metaclass.lookup("__prepare__") if isinstance(metaclass, ClassValue) else MISSING
    if method is MISSING or not isinstance(metaclass, ClassValue):
        return {}
    bound = attributes.bind_to_class(interpreter, method, metaclass)
    names = calls.call(
        interpreter, bound, [name, bases], {key: value for key, value in named.items() if key != "metaclass"}
    )
    return names if isinstance(names, dict | Instance) else {}


def make(
    interpreter: Interpreter,
    name: str,
    bases: tuple[Value, ...],
    names: Value,
    named: dict[Value, Value],
    scope: Scope | None = None,
) -> Value:
    """The class that a `class` statement or `type(name, bases, names)` makes.

    `scope` is that of the body; its functions find the class there (`super()`).
    """
    metaclass = metaclass_of(interpreter, bases, named)
    named = {key: value for key, value in named.items() if key != "metaclass"}
    if (isinstance(metaclass, ClassValue) and metaclass is not TYPE) or isinstance(metaclass, FunctionValue | Foreign):
        made = calls.call(interpreter, metaclass, [name, bases, names], named)
    else:
        made = make_plainly(interpreter, None, name, bases, names, named)
    if scope is not None and isinstance(made, ClassValue) and scope.made is None:
        scope.made = made
    return made


def make_plainly(
    interpreter: Interpreter,
    metaclass: ClassValue | None,
    name: str,
    bases: tuple[Value, ...],
    names: Value,
    named: dict[Value, Value],
) -> ClassValue:
    """What `type.__new__` does: the class, `__set_name__` of its attributes, `__init_subclass__` of its bases."""
    given = names.native if isinstance(names, Instance) else names
    own = dict(given) if isinstance(given, dict) else {}
    bases = tuple(base for base in bases if isinstance(base, ClassValue | Unknown)) or (OBJECT,)
    for special in ("__init_subclass__", "__class_getitem__"):
        if isinstance(own.get(special), FunctionValue):
            own[special] = ClassMethod(own[special])
    if isinstance(own.get("__new__"), FunctionValue):
        own["__new__"] = StaticMethod(own["__new__"])
    module = own.get("__module__")
    made: ClassValue = interpreter.natively(
        ClassValue, name, bases, own, metaclass=metaclass, module=module if isinstance(module, str) else ""
    )
    interpreter.doubt.made(made)
    scope = interpreter.bodies.get(id(names))
    if scope is not None:
        scope.made = made
    for base in bases:
        if isinstance(base, ClassValue) and not base.builtin:
            base.subclasses.append(made)
    for key, value in list(own.items()):
        if isinstance(value, Instance):
            method = interpreter.special(value, "__set_name__")
            if method is not MISSING:
                calls.call(interpreter, method, [made, key], {})
    on_made = next((base.on_subclass for base in made.classes if base.on_subclass is not None), None)
    if on_made is not None:
        on_made(interpreter, made)
    hook = made.lookup("__init_subclass__", made)
    if hook is not MISSING and not isinstance(hook, Unknown):
        calls.call(interpreter, attributes.bind_to_class(interpreter, hook, made), [], named)
    return made


def new_class(
    interpreter: Interpreter, metaclass: ClassValue, arguments: list[Value], named: dict[Value, Value]
) -> Value:
    """`metaclass(name, bases, names)`: its `__new__` and `__init__`, or those of `type`."""
    if len(arguments) != 3:
        return Unknown(f"{metaclass.name}() of what it does not take")
    method = metaclass.lookup("__new__")
    if method is MISSING or isinstance(method, Unknown):
        name, bases, names = arguments
        made: Value = make_plainly(interpreter, metaclass, str(name), tuple(bases), names, named)
    else:
        function = method.function if isinstance(method, StaticMethod) else method
        made = calls.call(interpreter, function, [metaclass, *arguments], named)
    method = metaclass.lookup("__init__")
    if isinstance(method, FunctionValue) and isinstance(made, ClassValue):
        calls.call(interpreter, method, [made, *arguments], named)
    return made


# ---------------------------------------------------------------------------------------------------------------------
# Making objects


def instantiate(interpreter: Interpreter, cls: ClassValue, arguments: list[Value], named: dict[Value, Value]) -> Value:
    """`cls(*arguments, **named)`."""
    if cls.metaclass is not None:
        method = attributes.of_metaclass(interpreter, cls, "__call__")
        if method is not MISSING:
            return calls.call(interpreter, method, arguments, named)
    return instantiate_plainly(interpreter, cls, arguments, named)


def instantiate_plainly(
    interpreter: Interpreter, cls: ClassValue, arguments: list[Value], named: dict[Value, Value]
) -> Value:
    """What `type.__call__` does: `__new__`, then `__init__`."""
    if cls.is_a(TYPE):
        if cls is TYPE and len(arguments) == 1:
            return type_of(arguments[0])
        return make_by_type(interpreter, cls, arguments, named)
    if cls.members is not None:
        return constructors.member_of(interpreter, cls, arguments)
    method = cls.lookup("__new__")
    if method is MISSING or isinstance(method, Unknown):
        made = new(interpreter, cls, arguments, named)
    else:
        function = method.function if isinstance(method, StaticMethod) else method
        made = calls.call(interpreter, function, [cls, *arguments], named)
    if not isinstance(made, Instance) or not made.cls.is_a(cls):
        return made
    init = made.cls.lookup("__init__")
    if init is not MISSING and not isinstance(init, Unknown):
        calls.call(interpreter, attributes.bind(interpreter, init, made, made.cls), arguments, named)
    return made


def make_by_type(interpreter: Interpreter, cls: ClassValue, arguments: list[Value], named: dict[Value, Value]) -> Value:
    """`type(name, bases, names)`, or the same of a metaclass."""
    if len(arguments) != 3:
        return Unknown("type() of what it does not take")
    name, bases, names = arguments
    if isinstance(name, Unknown) or not isinstance(bases, tuple):
        return Unknown("a class whose name or bases are unknown")
    if cls is TYPE:
        return make(interpreter, str(name), bases, names, named)
    return new_class(interpreter, cls, arguments, named)


def new(interpreter: Interpreter, cls: ClassValue, arguments: list[Value], named: dict[Value, Value]) -> Value:
    """What `object.__new__` makes, or that of the Python type that the class inherits from."""
    if cls.builtin and cls.native_type is not None:
        return constructors.construct(interpreter, cls.native_type, arguments, named)
    native_type = cls.native
    native: Any = MISSING
    if native_type is not None:
        if cls.lookup("__init__") is MISSING or native_type not in {list, dict, set, bytearray}:
            native = constructors.construct(interpreter, native_type, arguments, named)
        else:
            native = native_type()
        if isinstance(native, Unknown):
            return Unknown(native.reason)
    made = Instance(cls, native=native)
    if is_exception(cls):
        made.attributes["args"] = tuple(arguments)
    elif native_type is None and (arguments or named) and cls.lookup("__init__") is cls.lookup("__new__") is MISSING:
        return Unknown(f"{cls.name}() of what it does not take")
    return interpreter.doubt.made(made)


# ---------------------------------------------------------------------------------------------------------------------
# What `object` and `type` do for those who call them by name, or by `super()`


def _object_new(interpreter: Interpreter, cls: Value, *arguments: Value, **named: Value) -> Value:
    if not isinstance(cls, ClassValue):
        return Unknown("an object of a class that is unknown")
    if cls.is_a(TYPE) and len(arguments) == 3:
        name, bases, names = arguments
        return make_plainly(interpreter, cls, str(name), tuple(bases), names, named)
    return new(interpreter, cls, list(arguments), named)


def _object_init(interpreter: Interpreter, owner: Value, *arguments: Value, **named: Value) -> None:
    """Nothing, but for exceptions and for dicts and lists, which take their items then."""
    if isinstance(owner, Instance):
        if is_exception(owner.cls):
            owner.attributes["args"] = tuple(arguments)
        elif isinstance(owner.native, dict | list | set) and (arguments or named):
            made = constructors.construct(interpreter, type(owner.native), list(arguments), named)
            owner.native.clear()
            owner.native.extend(made) if isinstance(owner.native, list) else owner.native.update(made)


def _type_call(interpreter: Interpreter, cls: Value, *arguments: Value, **named: Value) -> Value:
    return instantiate_plainly(interpreter, cls, list(arguments), named)


def _setattr(interpreter: Interpreter, owner: Value, name: str, value: Value) -> None:
    attributes.set_plainly(interpreter, owner, name, value)


def _getattribute(interpreter: Interpreter, owner: Value, name: str) -> Value:
    return attributes.get(interpreter, owner, name)


def _nothing(_: Interpreter, *__: Value, **___: Value) -> None:
    return None


def _no_names(_: Interpreter, *__: Value, **___: Value) -> dict[str, Value]:
    return {}


OBJECT.attributes |= {
    "__init_subclass__": ClassMethod(Foreign("__init_subclass__", _nothing)),
}
BY_NAME = {
    "__new__": Foreign("__new__", _object_new),
    "__init__": Foreign("__init__", _object_init),
    "__call__": Foreign("__call__", _type_call),
    "__setattr__": Foreign("__setattr__", _setattr),
    "__getattribute__": Foreign("__getattribute__", _getattribute),
    "__prepare__": Foreign("__prepare__", _no_names),
    "__str__": Foreign("__str__", lambda interpreter, owner: texts.representation(interpreter, owner)),
    "__hash__": Unknown("a hash"),
    "__eq__": Unknown("how objects compare"),
    "__ne__": Unknown("how objects compare"),
    "__repr__": Unknown("the text of an object"),
    "__format__": Unknown("the text of an object"),
    "__reduce__": Unknown("how objects are copied"),
    "__reduce_ex__": Unknown("how objects are copied"),
}


def method_of_object(name: str, owner: Value) -> Value:
    """A method that every object has, bound to `owner` (a Super: to what it stands for); `MISSING` if there is none."""
    found = BY_NAME.get(name, MISSING)
    if found is MISSING or isinstance(found, Unknown) or name == "__new__":
        return found
    from wftools.scan.interpreter.values import BoundMethod

    return BoundMethod(found, owner.owner if isinstance(owner, Super) else owner)
