"""`inspect`, `types`' questions: what a class has, and what a function takes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from wftools.scan.interpreter import attributes, calls, operators
from wftools.scan.interpreter.builtin.types import OBJECT
from wftools.scan.interpreter.standard.declaring import functions
from wftools.scan.interpreter.values import (
    MISSING,
    BoundMethod,
    ClassMethod,
    ClassValue,
    Foreign,
    FunctionValue,
    Instance,
    ModuleValue,
    StaticMethod,
    Stream,
    Undecided,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from wftools.scan.interpreter.interpreter import Interpreter


def names(interpreter: Interpreter, module: str) -> dict[str, Value]:
    return {
        "Parameter": PARAMETER,
        **functions(
            isclass=_kind(ClassValue),
            isfunction=_kind(FunctionValue),
            ismethod=_kind(BoundMethod),
            ismodule=_kind(ModuleValue),
            isroutine=_kind(FunctionValue, BoundMethod, Foreign),
            isgenerator=_kind(Stream),
            iscoroutinefunction=_is_async,
            isabstract=lambda *_: False,
            isgeneratorfunction=_is_generator,
            getmembers=_members,
            signature=_signature,
            getmro=lambda _, cls: cls.mro if isinstance(cls, ClassValue) else Unknown("the bases of a class"),
            getdoc=lambda interpreter, owner: attributes.find(interpreter, owner, "__doc__"),
            getmodule=_module,
            unwrap=_unwrapped,
            currentframe=lambda _: None,
            stack=lambda *_: STACK,
            getsource=lambda *_: Unknown("the source of a function"),
            getfile=_file,
            getsourcefile=_file,
        ),
    }


STACK: list[Value] = []  # who calls is a plain server: nobody who validates


def _kind(*kinds: type):  # type: ignore[no-untyped-def]  # a test of a value
    def test(_: Interpreter, value: Value) -> bool:
        if isinstance(value, Unknown):
            raise Undecided(value.reason)
        return isinstance(value, kinds)

    return test


def _function_of(value: Value) -> Value:
    while isinstance(value, BoundMethod | ClassMethod | StaticMethod):
        value = value.function
    return value


def _is_async(_: Interpreter, value: Value) -> bool:
    function = _function_of(value)
    return isinstance(function, FunctionValue) and isinstance(function.node, ast.AsyncFunctionDef)


def _is_generator(interpreter: Interpreter, value: Value) -> bool:
    function = _function_of(value)
    return isinstance(function, FunctionValue) and interpreter.is_generator(function.node)


def _members(interpreter: Interpreter, owner: Value, test: Value = None) -> Value:
    """Names and values, by name; those of a class's bases included."""
    if isinstance(owner, Unknown):
        return [Unknown(owner.reason, many=True)]
    named = dict(attributes.names_of(owner) or {})
    cls = owner if isinstance(owner, ClassValue) else owner.cls if isinstance(owner, Instance) else None
    for each in cls.classes if cls is not None else ():
        named = {**each.attributes, **named}
    found: list[Value] = []
    for name in sorted(each for each in named if isinstance(each, str)):
        value = attributes.find(interpreter, owner, name)
        if value is MISSING:
            continue
        try:
            if test is None or operators.truth(interpreter, calls.call(interpreter, test, [value], {})):
                found.append((name, value))
        except Undecided as why:
            found.append(Unknown(why.reason, many=True))
    return found


def _module(interpreter: Interpreter, owner: Value) -> Value:
    name = attributes.find(interpreter, owner, "__module__")
    return interpreter.modules.loaded.get(name, Unknown("the module of a value"))


def _file(interpreter: Interpreter, owner: Value) -> Value:
    module = owner if isinstance(owner, ModuleValue) else _module(interpreter, owner)
    return attributes.find(interpreter, module, "__file__")


def _unwrapped(interpreter: Interpreter, function: Value, **_: Value) -> Value:
    for _turn in range(interpreter.limits.calls):
        inner = attributes.find(interpreter, function, "__wrapped__")
        if inner is MISSING or inner is function:
            return function
        function = inner
    return Unknown("a function that wraps itself")


# ---------------------------------------------------------------------------------------------------------------------
# Signatures

EMPTY = ClassValue("_empty", (OBJECT,), builtin=True)
KINDS = ("POSITIONAL_ONLY", "POSITIONAL_OR_KEYWORD", "VAR_POSITIONAL", "KEYWORD_ONLY", "VAR_KEYWORD")
PARAMETER = ClassValue(
    "Parameter",
    (OBJECT,),
    {"empty": EMPTY, **{kind: index for index, kind in enumerate(KINDS)}},
    builtin=True,
    partial=True,
)
SIGNATURE = ClassValue("Signature", (OBJECT,), {"empty": EMPTY}, builtin=True, partial=True)


def _signature(interpreter: Interpreter, owner: Value, **_: Value) -> Value:
    bound = isinstance(owner, BoundMethod)
    if isinstance(owner, ClassValue):
        owner, bound = owner.lookup("__init__"), True
    function = _function_of(owner)
    if not isinstance(function, FunctionValue):
        raise Undecided("the parameters of a function")
    listed = _parameters(interpreter, function)
    if bound:
        listed = listed[1:]
    annotation: Value = EMPTY
    if not isinstance(function.node, ast.Lambda) and function.node.returns is not None:
        annotation = interpreter.evaluate(function.node.returns, function.scope)
    parameters = {each.attributes["name"]: each for each in listed}
    return Instance(SIGNATURE, {"parameters": parameters, "return_annotation": annotation})


def _parameters(interpreter: Interpreter, function: FunctionValue) -> list[Instance]:
    given = function.node.args
    positional = [*given.posonlyargs, *given.args]
    defaults = dict(zip(reversed([each.arg for each in positional]), reversed(function.defaults), strict=False))
    defaults |= function.keyword_defaults

    def parameter(node: ast.arg, kind: int) -> Instance:
        annotation = EMPTY if node.annotation is None else interpreter.evaluate(node.annotation, function.scope)
        return Instance(
            PARAMETER,
            {"name": node.arg, "kind": kind, "default": defaults.get(node.arg, EMPTY), "annotation": annotation},
        )

    return [
        *(parameter(each, 0) for each in given.posonlyargs),
        *(parameter(each, 1) for each in given.args),
        *(parameter(each, 2) for each in ([given.vararg] if given.vararg else [])),
        *(parameter(each, 3) for each in given.kwonlyargs),
        *(parameter(each, 4) for each in ([given.kwarg] if given.kwarg else [])),
    ]
