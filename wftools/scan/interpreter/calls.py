"""Calls: which value takes which parameter, and what comes of it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from wftools.scan.interpreter import classes, containers
from wftools.scan.interpreter.builtin import methods
from wftools.scan.interpreter.limits import Bound
from wftools.scan.interpreter.scopes import Scope
from wftools.scan.interpreter.statements import Return
from wftools.scan.interpreter.values import (
    MISSING,
    BoundMethod,
    ClassMethod,
    ClassValue,
    Foreign,
    FunctionValue,
    Instance,
    NativeMethod,
    StaticMethod,
    Stream,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Generator

    from wftools.scan.interpreter.interpreter import Interpreter
    from wftools.scan.interpreter.statements import Run


def call(interpreter: Interpreter, function: Value, arguments: list[Value], named: dict[Value, Value]) -> Value:
    """`function(*arguments, **named)`. An Unknown with `many` among them stands for any number of them."""
    interpreter.budget.step()
    if isinstance(function, FunctionValue):
        return call_function(interpreter, function, arguments, named)
    if isinstance(function, BoundMethod):
        return call(interpreter, function.function, [function.owner, *arguments], named)
    if isinstance(function, NativeMethod):
        return methods.call(interpreter, function.owner, function.name, arguments, named)
    if isinstance(function, Foreign):
        return _call_foreign(interpreter, function, arguments, named)
    if isinstance(function, ClassValue):
        return classes.instantiate(interpreter, function, arguments, named)
    if isinstance(function, Unknown):
        return Unknown(function.reason)
    if isinstance(function, StaticMethod | ClassMethod):
        return call(interpreter, function.function, arguments, named)
    method = interpreter.special(function, "__call__")
    if method is MISSING:
        raise interpreter.error("TypeError", f"{containers.described(function)} is not callable")
    return call(interpreter, method, arguments, named)


def _call_foreign(
    interpreter: Interpreter, function: Foreign, arguments: list[Value], named: dict[Value, Value]
) -> Value:
    for value in (*arguments, *named):
        if isinstance(value, Unknown) and value.many:
            return Unknown(value.reason)  # nobody knows what it is given
    if not function.takes_unknown:
        for value in (*arguments, *named.values()):
            if isinstance(value, Unknown):
                return Unknown(value.reason)
    answer = interpreter.natively(function.function, interpreter, *arguments, **named)
    return interpreter.doubt.made(answer) if type(answer) in {list, dict, set, Instance, ClassValue} else answer


def call_function(
    interpreter: Interpreter, function: FunctionValue, arguments: list[Value], named: dict[Value, Value]
) -> Value:
    """Run a function's body. A generator function answers what its body will yield."""
    budget = interpreter.budget
    node = function.node
    scope = Scope("function", function.scope.module, {}, function.scope)
    _bind_parameters(interpreter, function, arguments, named, scope)
    scope.first = arguments[0] if arguments else MISSING
    weight = interpreter.nesting_of(node)
    if budget.calls >= interpreter.limits.calls or budget.nesting + weight > interpreter.limits.nesting:
        raise Bound(f"{function.name}() calls itself, or others, too deeply")
    if isinstance(node, ast.Lambda):
        budget.calls += 1
        budget.nesting += weight
        try:
            return interpreter.evaluate(node.body, scope)
        finally:
            budget.calls -= 1
            budget.nesting -= weight
    if interpreter.is_generator(node):
        return Stream(_generate(interpreter, node, scope, weight))
    depth_of_doubt = len(interpreter.doubt)
    budget.calls += 1
    budget.nesting += weight
    try:
        return _answer(interpreter, interpreter.run(node.body, scope), scope)
    finally:
        budget.calls -= 1
        budget.nesting -= weight
        interpreter.doubt.back_to(depth_of_doubt)


def _answer(interpreter: Interpreter, body: Run, scope: Scope) -> Value:
    """What a body returns when it is run; yields of a body that is no generator lead nowhere."""
    try:
        while True:
            next(body)
    except StopIteration as stop:
        signal = stop.value
    value = signal.value if isinstance(signal, Return) else None
    if not scope.maybe:
        return value
    return interpreter.either([*scope.maybe, value], "it depends on a test that is unknown")


def _generate(
    interpreter: Interpreter, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope, weight: int
) -> Generator[Value, Value, Value]:
    """The values that a generator function yields, its body run as they are asked for."""
    budget = interpreter.budget
    body = interpreter.run(node.body, scope)
    sent: Value = None
    while True:
        if budget.calls >= interpreter.limits.calls or budget.nesting + weight > interpreter.limits.nesting:
            raise Bound("generators call one another too deeply")
        budget.calls += 1
        budget.nesting += weight
        try:
            value = body.send(sent)
        except StopIteration as stop:
            return stop.value.value if isinstance(stop.value, Return) else None
        finally:
            budget.calls -= 1
            budget.nesting -= weight
        sent = yield value


def _bind_parameters(
    interpreter: Interpreter, function: FunctionValue, arguments: list[Value], named: dict[Value, Value], scope: Scope
) -> None:
    """Give every parameter its value; what is missing or left over is a TypeError of the interpreted code."""
    parameters = function.node.args
    names = scope.names
    unknown = next((each for each in named if isinstance(each, Unknown)), None)
    given = {name: value for name, value in named.items() if not isinstance(name, Unknown)}
    positional = [*parameters.posonlyargs, *parameters.args]
    many = next((index for index, each in enumerate(arguments) if isinstance(each, Unknown) and each.many), None)
    if many is not None:
        unknown = arguments[many]
    for parameter, value in zip(positional, arguments[:many], strict=False):
        names[parameter.arg] = value
    rest = arguments[len(positional) :]
    if parameters.vararg is not None:
        names[parameters.vararg.arg] = tuple(rest)
    elif rest and many is None:
        raise interpreter.error("TypeError", f"{function.name}() takes {len(positional)} positional arguments")
    by_name = {each.arg for each in (*parameters.args, *parameters.kwonlyargs)}
    further: dict[Value, Value] = {}
    for name, value in given.items():
        if name in by_name:
            if name in names:
                raise interpreter.error("TypeError", f"{function.name}() got multiple values for argument '{name}'")
            names[name] = value
        else:
            further[name] = value
    if parameters.kwarg is not None:
        if unknown is not None:
            further[unknown] = Unknown(unknown.reason)
        names[parameters.kwarg.arg] = interpreter.doubt.made(further)
    elif further:
        raise interpreter.error("TypeError", f"{function.name}() got an unexpected keyword argument")
    _fill_defaults(interpreter, function, scope, unknown)


def _fill_defaults(interpreter: Interpreter, function: FunctionValue, scope: Scope, unknown: Unknown | None) -> None:
    """Parameters that nothing was given for: unknown, if anything may have been; else their default."""
    parameters = function.node.args
    positional = [each.arg for each in (*parameters.posonlyargs, *parameters.args)]
    defaults = dict(zip(reversed(positional), reversed(function.defaults), strict=False)) | function.keyword_defaults
    for name in (*positional, *(each.arg for each in parameters.kwonlyargs)):
        if name in scope.names:
            continue
        if unknown is not None:
            scope.names[name] = Unknown(unknown.reason)
        elif name in defaults:
            scope.names[name] = defaults[name]
        else:
            raise interpreter.error("TypeError", f"{function.name}() missing a required argument: '{name}'")


def yields(node: ast.AST) -> bool:
    """Whether a function is a generator: functions and classes in it do not count."""
    stack: list[ast.AST] = list(node.body) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else []
    while stack:
        each = stack.pop()
        if isinstance(each, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            stack.extend(ast.iter_child_nodes(each))
    return False
