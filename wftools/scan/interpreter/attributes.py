"""Attributes: of instances, classes, modules, functions and Python's own values."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from wftools.scan.interpreter import calls, classes
from wftools.scan.interpreter.builtin import methods
from wftools.scan.interpreter.builtin.errors import is_exception
from wftools.scan.interpreter.builtin.types import OBJECT, TYPE, type_of
from wftools.scan.interpreter.values import (
    MISSING,
    BoundMethod,
    ClassMethod,
    ClassValue,
    Foreign,
    FunctionValue,
    Instance,
    ModuleValue,
    Property,
    StaticMethod,
    Super,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftools.scan.interpreter.interpreter import Interpreter


def get(interpreter: Interpreter, owner: Value, name: str) -> Value:
    """`owner.name`."""
    found = find(interpreter, owner, name)
    if found is MISSING:
        raise interpreter.error("AttributeError", f"{owner!r} has no attribute '{name}'"[:200])
    return found


def find(interpreter: Interpreter, owner: Value, name: str) -> Value:
    """`owner.name`, or `MISSING`."""
    if isinstance(owner, Unknown):
        return Unknown(owner.reason)
    if isinstance(owner, Instance):
        return _of_instance(interpreter, owner, name)
    if isinstance(owner, ClassValue):
        return _of_class(interpreter, owner, name)
    if isinstance(owner, ModuleValue):
        return _of_module(interpreter, owner, name)
    if isinstance(owner, FunctionValue | Foreign):
        return _of_function(interpreter, owner, name)
    if isinstance(owner, Super):
        return _of_super(interpreter, owner, name)
    if isinstance(owner, BoundMethod | ClassMethod | StaticMethod):
        return _of_method(interpreter, owner, name)
    if isinstance(owner, Property):
        return _of_property(owner, name)
    if name == "__class__":
        return type_of(owner)
    return methods.find(owner, name)


def bind(interpreter: Interpreter, found: Value, owner: Value, cls: ClassValue) -> Value:
    """What an attribute of a class is, got through an instance of it."""
    if isinstance(found, FunctionValue):
        return BoundMethod(found, owner)
    if isinstance(found, Foreign):
        return BoundMethod(found, owner)
    if isinstance(found, ClassMethod):
        return BoundMethod(found.function, cls)
    if isinstance(found, StaticMethod):
        return found.function
    if isinstance(found, Property):
        return calls.call(interpreter, found.getter, [owner], {})
    getter = interpreter.special(found, "__get__")
    if getter is not MISSING:
        return calls.call(interpreter, getter, [owner, cls], {})
    return found


def bind_to_class(interpreter: Interpreter, found: Value, cls: ClassValue) -> Value:
    """What an attribute of a class is, got through the class."""
    if isinstance(found, ClassMethod):
        if isinstance(found.function, Property):
            return calls.call(interpreter, found.function.getter, [cls], {})
        return BoundMethod(found.function, cls)
    if isinstance(found, StaticMethod):
        return found.function
    getter = interpreter.special(found, "__get__") if isinstance(found, Instance) else MISSING
    if getter is not MISSING:
        return calls.call(interpreter, getter, [None, cls], {})
    return found


def _of_instance(interpreter: Interpreter, owner: Instance, name: str) -> Value:
    cls = owner.cls
    found = cls.lookup(name)
    if isinstance(found, Property):
        return bind(interpreter, found, owner, cls)
    if name in owner.attributes:
        return owner.attributes[name]
    if found is not MISSING and not isinstance(found, Unknown):
        return bind(interpreter, found, owner, cls)
    if name == "__class__":
        return cls
    if name == "__dict__":
        return owner.attributes
    if owner.native is not MISSING:
        native = methods.find(owner.native, name)
        if native is not MISSING:
            return native
    if found is MISSING:
        method = cls.lookup("__getattr__")
        if method is not MISSING:
            return calls.call(interpreter, bind(interpreter, method, owner, cls), [name], {})
        return _default(interpreter, owner, name)
    return found


def _default(interpreter: Interpreter, owner: Instance, name: str) -> Value:
    """What `object` and exceptions give to all."""
    if name == "__doc__":
        return None
    if name == "with_traceback" and is_exception(owner.cls):
        return Foreign(name, lambda *_: owner)
    found = classes.method_of_object(name, owner)
    return found if found is not MISSING else _more_of(owner.cls, name)


def _more_of(cls: ClassValue, name: str) -> Value:
    """What a class of Python's library has besides what is told of it here: unknown."""
    return Unknown(f"{name} of {cls.name}") if any(each.partial for each in cls.classes) else MISSING


def _of_class(interpreter: Interpreter, owner: ClassValue, name: str) -> Value:
    found = owner.lookup(name)
    if found is not MISSING and not isinstance(found, Unknown):
        return bind_to_class(interpreter, found, owner)
    own = _SELF_OF_CLASS.get(name)
    if own is not None:
        return own(owner)
    if owner.members is not None and name == "__members__":
        return dict(owner.members)
    method = of_metaclass(interpreter, owner, name)
    if method is not MISSING:
        return method
    native = owner.native
    if native is not None:
        found_native = methods.of_type(native, name)
        if found_native is not MISSING:
            return found_native
    if found is not MISSING:
        return found
    if name in classes.BY_NAME:
        return classes.BY_NAME[name]
    if owner.metaclass is not None:
        method = of_metaclass(interpreter, owner, "__getattr__")
        if method is not MISSING:
            return calls.call(interpreter, method, [name], {})
    return _more_of(owner, name)


_SELF_OF_CLASS: Final[dict[str, Callable[[ClassValue], Value]]] = {
    "__name__": lambda cls: cls.name,
    "__qualname__": lambda cls: cls.name,
    "__module__": lambda cls: cls.module,
    "__doc__": lambda cls: None,
    "__bases__": lambda cls: cls.bases or ((OBJECT,) if cls is not OBJECT else ()),
    "__base__": lambda cls: cls.bases[0] if cls.bases else OBJECT,
    "__mro__": lambda cls: cls.mro,
    "__dict__": lambda cls: cls.attributes,
    "__class__": lambda cls: cls.metaclass or TYPE,
    "__annotations__": lambda cls: {},
    "mro": lambda cls: Foreign("mro", lambda _: list(cls.mro)),
    "__subclasses__": lambda cls: Foreign("__subclasses__", lambda _: list(cls.subclasses)),
}


def of_metaclass(interpreter: Interpreter, owner: ClassValue, name: str) -> Value:
    """What the class of a class defines, bound to that class."""
    if owner.metaclass is None:
        return MISSING
    found = owner.metaclass.lookup(name)
    return MISSING if found is MISSING else bind(interpreter, found, owner, owner.metaclass)


def _of_module(interpreter: Interpreter, owner: ModuleValue, name: str) -> Value:
    found = owner.lookup(name)
    if found is not MISSING:
        return found
    if name == "__dict__":
        return owner.names
    if name == "__name__":
        return owner.name
    if name in {"__doc__", "__spec__", "__loader__"}:
        return None
    getter = owner.names.get("__getattr__")
    if isinstance(getter, FunctionValue):
        return calls.call(interpreter, getter, [name], {})
    return MISSING


def _of_function(interpreter: Interpreter, owner: FunctionValue | Foreign, name: str) -> Value:
    if name in owner.attributes:
        return owner.attributes[name]
    if name in {"__name__", "__qualname__"}:
        return owner.name
    if name == "__dict__":
        return owner.attributes
    if name == "__call__":
        return owner
    if name == "__get__":
        return Foreign(
            "__get__", lambda _, instance, cls=None: owner if instance is None else BoundMethod(owner, instance)
        )
    if isinstance(owner, FunctionValue):
        return _of_own_function(owner, name)
    return None if name in {"__doc__", "__module__"} else MISSING


def _of_own_function(owner: FunctionValue, name: str) -> Value:
    if name == "__doc__":
        return None if isinstance(owner.node, ast.Lambda) else ast.get_docstring(owner.node, clean=False)
    if name == "__module__":
        return owner.scope.module.name
    if name == "__defaults__":
        return owner.defaults or None
    if name == "__kwdefaults__":
        return owner.keyword_defaults or None
    if name == "__annotations__":
        return {}
    if name in {"__code__", "__globals__", "__closure__"}:
        return owner.scope.module.names if name == "__globals__" else Unknown("the code of a function")
    return MISSING


def _of_super(interpreter: Interpreter, owner: Super, name: str) -> Value:
    through = owner.owner
    cls = through if isinstance(through, ClassValue) else through.cls
    found = cls.lookup(name, owner.after)
    if found is MISSING and isinstance(through, ClassValue) and through.metaclass is not None:
        found = through.metaclass.lookup(name, owner.after)
        if found is not MISSING:
            return bind(interpreter, found, through, through.metaclass)
    if found is not MISSING:
        if isinstance(through, ClassValue):
            return bind_to_class(interpreter, found, through)
        return bind(interpreter, found, through, cls)
    if isinstance(through, Instance) and through.native is not MISSING:
        native = methods.find(through.native, name)
        if native is not MISSING:
            return native
    return classes.method_of_object(name, owner)


def _of_method(interpreter: Interpreter, owner: BoundMethod | ClassMethod | StaticMethod, name: str) -> Value:
    if name in {"__func__", "__wrapped__"}:
        return owner.function
    if isinstance(owner, BoundMethod):
        if name == "__self__":
            return owner.owner
        if name == "__call__":
            return owner
    elif name == "__get__":

        def get_bound(_: Interpreter, instance: Value, cls: Value = None) -> Value:
            if isinstance(owner, ClassMethod):
                return BoundMethod(owner.function, cls if cls is not None else type_of(instance))
            return owner.function

        return Foreign("__get__", get_bound)
    return find(interpreter, owner.function, name)


def _of_property(owner: Property, name: str) -> Value:
    if name == "setter":
        return Foreign(name, lambda _, function: Property(owner.getter, function, owner.deleter))
    if name == "getter":
        return Foreign(name, lambda _, function: Property(function, owner.setter, owner.deleter))
    if name == "deleter":
        return Foreign(name, lambda _, function: Property(owner.getter, owner.setter, function))
    parts = {"fget": owner.getter, "fset": owner.setter, "fdel": owner.deleter, "__doc__": None}
    return parts.get(name, MISSING)


# ---------------------------------------------------------------------------------------------------------------------
# Changing


def set_attribute(interpreter: Interpreter, owner: Value, name: str, value: Value) -> None:
    """`owner.name = value`."""
    if isinstance(owner, Instance):
        found = owner.cls.lookup(name)
        if isinstance(found, Property):
            if found.setter is None:
                raise interpreter.error("AttributeError", f"property '{name}' of {owner!r} has no setter")
            calls.call(interpreter, found.setter, [owner, value], {})
            return
        setter = interpreter.special(found, "__set__") if isinstance(found, Instance) else MISSING
        if setter is not MISSING:
            calls.call(interpreter, setter, [owner, value], {})
            return
        method = owner.cls.lookup("__setattr__")
        if isinstance(method, FunctionValue):
            calls.call(interpreter, method, [owner, name, value], {})
            return
    set_plainly(interpreter, owner, name, value)


def set_plainly(interpreter: Interpreter, owner: Value, name: str, value: Value) -> None:
    if isinstance(owner, BoundMethod):
        raise interpreter.error("AttributeError", f"'method' object has no attribute '{name}'")
    names = names_of(owner)
    if names is None or (isinstance(owner, ClassValue) and owner.builtin):
        if isinstance(owner, Unknown):
            return
        raise interpreter.error("AttributeError", f"{owner!r} has no attribute '{name}' that can be set"[:200])
    doubt = interpreter.doubt.about(owner)
    if doubt is not None:
        value = interpreter.either([names.get(name, MISSING), value], doubt.reason)
    names[name] = value


def delete_attribute(interpreter: Interpreter, owner: Value, name: str) -> None:
    """`del owner.name`."""
    names = names_of(owner)
    if isinstance(owner, Unknown) or names is None:
        return
    if name not in names:
        raise interpreter.error("AttributeError", f"{owner!r} has no attribute '{name}'"[:200])
    if interpreter.doubt.about(owner) is None:
        del names[name]


def names_of(owner: Value) -> dict[Value, Value] | None:
    """The attributes of its own that a value has, if it can have some."""
    if isinstance(owner, Instance | ClassValue | FunctionValue | Foreign):
        return owner.attributes
    return owner.names if isinstance(owner, ModuleValue) else None
