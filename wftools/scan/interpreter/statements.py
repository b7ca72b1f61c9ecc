"""Statements. A body is a Python generator, so that the interpreted code's own generators can be left and taken up."""

from __future__ import annotations

import ast
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from wftools.scan.interpreter import (
    assigning,
    attributes,
    calls,
    classes,
    containers,
    imports,
    operators,
    patterns,
)
from wftools.scan.interpreter.builtin.errors import BASE, CAUGHT, error, is_exception, native_name
from wftools.scan.interpreter.limits import Bound
from wftools.scan.interpreter.scopes import Scope
from wftools.scan.interpreter.values import (
    MISSING,
    POSTPONED,
    ClassValue,
    FunctionValue,
    Instance,
    Raised,
    Undecided,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from wftools.scan.interpreter.interpreter import Interpreter


@dataclass(frozen=True, slots=True)
class Return:
    """A body ends by returning this."""

    value: Value


@dataclass(frozen=True, slots=True)
class Leave:
    """A body ends by `break` or `continue`."""

    loop: bool


BREAK: Final = Leave(loop=True)
CONTINUE: Final = Leave(loop=False)

Signal: TypeAlias = Return | Leave | None
Run: TypeAlias = Generator[Value, Value, Signal]


def run(interpreter: Interpreter, body: list[ast.stmt], scope: Scope) -> Run:
    """Run statements one by one, until one ends the body."""
    for statement in body:
        interpreter.budget.step()
        kind = type(statement)
        simple = SIMPLE.get(kind)
        signal: Signal = None
        try:
            if simple is not None:
                if type(getattr(statement, "value", None)) in YIELDS:
                    signal = yield from _with_yield(interpreter, statement, scope)
                else:
                    signal = simple(interpreter, statement, scope)
            elif kind in COMPOUND:
                signal = yield from COMPOUND[kind](interpreter, statement, scope)
            else:  # of a Python that is newer than this
                assigning.lose(interpreter, statement, scope, f"{kind.__name__} in the source")
        except (Undecided, Bound) as why:
            assigning.lose(interpreter, statement, scope, why.reason)
        except CAUGHT as fault:  # of Python, on values that do not fit: so it would do with the pack
            raise error(native_name(fault), str(fault)) from fault
        if signal is not None:
            return signal
    return None


YIELDS: Final = (ast.Yield, ast.YieldFrom)


def _with_yield(interpreter: Interpreter, statement: ast.stmt, scope: Scope) -> Run:
    """`yield x`, `y = yield x`, `return (yield x)`; `yield from x` likewise."""
    node = statement.value  # type: ignore[attr-defined]
    answer: Value = None
    if isinstance(node, ast.YieldFrom):
        yield from containers.iterate(interpreter, interpreter.evaluate(node.value, scope))
    else:
        answer = yield (None if node.value is None else interpreter.evaluate(node.value, scope))
    if isinstance(statement, ast.Return):
        return Return(answer)
    if isinstance(statement, ast.Assign):
        for target in statement.targets:
            assigning.assign(interpreter, target, answer, scope)
    return None


# ---------------------------------------------------------------------------------------------------------------------
# Simple statements


def _expression(interpreter: Interpreter, statement: ast.Expr, scope: Scope) -> Signal:
    interpreter.evaluate(statement.value, scope)
    return None


def _assign(interpreter: Interpreter, statement: ast.Assign, scope: Scope) -> Signal:
    value = interpreter.evaluate(statement.value, scope)
    for target in statement.targets:
        assigning.assign(interpreter, target, value, scope)
    return None


def _annotated(interpreter: Interpreter, statement: ast.AnnAssign, scope: Scope) -> Signal:
    if scope.kind == "class" and isinstance(statement.target, ast.Name):
        annotations = scope.names.setdefault("__annotations__", {})
        if scope.module.names.get("annotations") is POSTPONED:
            annotations[statement.target.id] = ast.unparse(statement.annotation)
        else:
            annotations[statement.target.id] = interpreter.evaluate(statement.annotation, scope)
    if statement.value is not None:
        assigning.assign(interpreter, statement.target, interpreter.evaluate(statement.value, scope), scope)
    return None


def _augmented(interpreter: Interpreter, statement: ast.AugAssign, scope: Scope) -> Signal:
    assigning.augment(interpreter, statement, scope)
    return None


def _delete(interpreter: Interpreter, statement: ast.Delete, scope: Scope) -> Signal:
    for target in statement.targets:
        assigning.delete(interpreter, target, scope)
    return None


def _return(interpreter: Interpreter, statement: ast.Return, scope: Scope) -> Signal:
    return Return(None if statement.value is None else interpreter.evaluate(statement.value, scope))


def _raise(interpreter: Interpreter, statement: ast.Raise, scope: Scope) -> Signal:
    if statement.exc is None:
        if interpreter.handled:
            raise Raised(interpreter.handled[-1])
        raise interpreter.error("RuntimeError", "No active exception to reraise")
    value = interpreter.evaluate(statement.exc, scope)
    if isinstance(value, ClassValue):
        value = calls.call(interpreter, value, [], {})
    if isinstance(value, Instance):
        raise Raised(value)
    raise interpreter.error(
        "Exception", value.reason if isinstance(value, Unknown) else "exceptions must be exceptions"
    )


def _assert(interpreter: Interpreter, statement: ast.Assert, scope: Scope) -> Signal:
    try:
        holds = operators.truth(interpreter, interpreter.evaluate(statement.test, scope))
    except Undecided:
        return None
    if not holds:
        message = interpreter.evaluate(statement.msg, scope) if statement.msg is not None else ""
        raise interpreter.error("AssertionError", message)
    return None


def _global(_: Interpreter, statement: ast.Global, scope: Scope) -> Signal:
    for name in statement.names:
        scope.declare_global(name)
    return None


def _nonlocal(_: Interpreter, statement: ast.Nonlocal, scope: Scope) -> Signal:
    for name in statement.names:
        scope.declare_nonlocal(name)
    return None


def _function(interpreter: Interpreter, statement: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> Signal:
    arguments = statement.args
    function = FunctionValue(
        statement.name,
        statement,
        scope,
        tuple(interpreter.evaluate(each, scope) for each in arguments.defaults),
        {
            parameter.arg: interpreter.evaluate(default, scope)
            for parameter, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            if default is not None
        },
    )
    assigning.bind(
        interpreter, statement.name, _decorated(interpreter, function, statement.decorator_list, scope), scope
    )
    return None


def _decorated(interpreter: Interpreter, made: Value, decorators: list[ast.expr], scope: Scope) -> Value:
    """What decorators make of a function or class. One that is unknown is taken to answer what it was given."""
    functions = [interpreter.evaluate(each, scope) for each in decorators]
    for function in reversed(functions):
        answer = calls.call(interpreter, function, [made], {}) if not isinstance(function, Unknown) else function
        if not isinstance(answer, Unknown):
            made = answer
    return made


def _class(interpreter: Interpreter, statement: ast.ClassDef, scope: Scope) -> Signal:
    bases: list[Value] = []
    for node in statement.bases:
        if isinstance(node, ast.Starred):
            bases.extend(containers.iterate(interpreter, interpreter.evaluate(node.value, scope)))
        else:
            bases.append(interpreter.evaluate(node, scope))
    named = {each.arg: interpreter.evaluate(each.value, scope) for each in statement.keywords if each.arg is not None}
    own_bases = tuple(bases)
    metaclass = classes.metaclass_of(interpreter, own_bases, named)
    names = classes.prepared(interpreter, metaclass, statement.name, own_bases, named)
    inner = Scope("class", scope.module, names.native if isinstance(names, Instance) else names, scope)
    inner.names.setdefault("__module__", scope.module.name)
    inner.names.setdefault("__qualname__", statement.name)
    docstring = ast.get_docstring(statement, clean=False)
    if docstring is not None:
        inner.names["__doc__"] = docstring
    for _ in run(interpreter, statement.body, inner):
        pass
    interpreter.bodies[id(names)] = inner
    try:
        made = classes.make(interpreter, statement.name, own_bases, names, named, inner)
    finally:
        del interpreter.bodies[id(names)]
    assigning.bind(interpreter, statement.name, _decorated(interpreter, made, statement.decorator_list, scope), scope)
    return None


def _nothing(_: Interpreter, __: ast.stmt, ___: Scope) -> Signal:
    return None


SIMPLE: Final[dict[type[ast.stmt], Callable[..., Signal]]] = {
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Delete: _delete,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Assert: _assert,
    ast.Global: _global,
    ast.Nonlocal: _nonlocal,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Import: imports.import_statement,
    ast.ImportFrom: imports.from_statement,
    ast.Pass: _nothing,
    ast.Break: lambda *_: BREAK,
    ast.Continue: lambda *_: CONTINUE,
}


# ---------------------------------------------------------------------------------------------------------------------
# Statements with bodies


def _if(interpreter: Interpreter, statement: ast.If, scope: Scope) -> Run:
    while True:
        try:
            holds = operators.truth(interpreter, interpreter.evaluate(statement.test, scope))
        except Undecided as why:
            return (yield from _maybe(interpreter, [statement.body, statement.orelse], scope, why.reason))
        if holds:
            return (yield from run(interpreter, statement.body, scope))
        if len(statement.orelse) == 1 and isinstance(statement.orelse[0], ast.If):
            statement = statement.orelse[0]
            continue
        return (yield from run(interpreter, statement.orelse, scope))


def _maybe(interpreter: Interpreter, bodies: list[list[ast.stmt]], scope: Scope, reason: str) -> Run:
    """Run bodies of which just one will be run, nobody knows which."""
    before = dict(scope.names)
    outcomes: list[dict[str, Value]] = []
    signals: list[Signal] = []
    raised: Raised | None = None
    for body in bodies:
        depth = len(interpreter.doubt)
        interpreter.doubt.begin(reason)
        try:
            signal = yield from run(interpreter, body, scope)
        except Raised as fault:
            raised = fault
        else:
            signals.append(signal)
            if signal is None:
                outcomes.append(dict(scope.names))
        finally:
            interpreter.doubt.back_to(depth)
        _restore(scope.names, before)
    for name in dict.fromkeys(name for outcome in outcomes for name in outcome):
        scope.names[name] = interpreter.either([outcome.get(name, MISSING) for outcome in outcomes], reason)
    if not signals:
        assert raised is not None
        raise raised
    return _joined(interpreter, signals, scope, reason)


def _restore(names: dict[str, Value], before: dict[str, Value]) -> None:
    names.clear()
    names.update(before)


def _joined(interpreter: Interpreter, signals: list[Signal], scope: Scope, reason: str) -> Signal:
    """How code goes on after bodies of which one was run. If it may have been left, all that follows is in doubt."""
    function = scope.function
    returned = [each.value for each in signals if isinstance(each, Return)]
    if len(returned) == len(signals):
        return Return(interpreter.either(returned, reason))
    if function is not None:
        function.maybe.extend(returned)
    if all(each is signals[0] for each in signals):
        return signals[0]
    if any(each is not None for each in signals):
        interpreter.doubt.begin(reason)  # ended by the loop or the function
    return None


def _for(interpreter: Interpreter, statement: ast.For | ast.AsyncFor, scope: Scope) -> Run:
    depth = len(interpreter.doubt)
    for item in containers.iterate(interpreter, interpreter.evaluate(statement.iter, scope)):
        before_turn = len(interpreter.doubt)
        if isinstance(item, Unknown) and item.many:
            signal = yield from _maybe_a_turn(interpreter, statement, Unknown(item.reason), scope)
        else:
            assigning.assign(interpreter, statement.target, item, scope)
            signal = yield from run(interpreter, statement.body, scope)
            if len(interpreter.doubt) > before_turn:
                _end_of_turn(interpreter, before_turn, statement.body)
        if signal is BREAK or isinstance(signal, Return):
            interpreter.doubt.back_to(depth)
            return signal if isinstance(signal, Return) else None
    if len(interpreter.doubt) > depth and not _has_return(statement.body):
        interpreter.doubt.back_to(depth)
    return (yield from run(interpreter, statement.orelse, scope))


def _end_of_turn(interpreter: Interpreter, before: int, body: list[ast.stmt]) -> None:
    """After a turn that was left by `continue`, perhaps, the next is as certain as this one was."""
    if not _has_return(body) and not any(isinstance(each, ast.Break) for node in body for each in ast.walk(node)):
        interpreter.doubt.back_to(before)


def _has_return(body: list[ast.stmt]) -> bool:
    return any(isinstance(each, ast.Return) for node in body for each in ast.walk(node))


def _maybe_a_turn(interpreter: Interpreter, statement: ast.For | ast.AsyncFor, item: Unknown, scope: Scope) -> Run:
    """A turn for items of which nobody knows how many there are: its names are as after one turn, or as before."""
    before = dict(scope.names)
    assigning.assign(interpreter, statement.target, item, scope)
    signal = yield from _maybe(interpreter, [statement.body, []], scope, item.reason)
    for name, value in list(scope.names.items()):
        if name in before and value is not before[name]:
            scope.names[name] = interpreter.either([before[name], value], item.reason)
    return signal if isinstance(signal, Return) else None


def _while(interpreter: Interpreter, statement: ast.While, scope: Scope) -> Run:
    depth = len(interpreter.doubt)
    for _ in range(interpreter.limits.turns):
        interpreter.budget.step()
        try:
            holds = operators.truth(interpreter, interpreter.evaluate(statement.test, scope))
        except Undecided as why:
            signal = yield from _maybe(interpreter, [statement.body, []], scope, why.reason)
            return signal if isinstance(signal, Return) else None
        if not holds:
            return (yield from run(interpreter, statement.orelse, scope))
        signal = yield from run(interpreter, statement.body, scope)
        if signal is BREAK or isinstance(signal, Return):
            if not _has_return(statement.body):
                interpreter.doubt.back_to(depth)
            return signal if isinstance(signal, Return) else None
    raise Bound(f"a loop takes more than {interpreter.limits.turns} turns")


def _try(interpreter: Interpreter, statement: ast.Try, scope: Scope) -> Run:
    try:
        signal = yield from _try_body(interpreter, statement, scope)
    except Raised:
        last = yield from run(interpreter, statement.finalbody, scope)
        if last is not None:
            return last
        raise
    last = yield from run(interpreter, statement.finalbody, scope)
    return last if last is not None else signal


def _try_body(interpreter: Interpreter, statement: ast.Try, scope: Scope) -> Run:
    try:
        signal = yield from _guarded(interpreter, statement, scope)
    except Raised as raised:
        handler = _handler(interpreter, statement, raised.value, scope)
        if handler is None:
            raise
        if handler.name is not None:
            assigning.bind(interpreter, handler.name, raised.value, scope)
        interpreter.handled.append(raised.value)
        try:
            return (yield from run(interpreter, handler.body, scope))
        finally:
            interpreter.handled.pop()
    signal = _or_listed(interpreter, statement, scope, signal)
    if signal is not None:
        return signal
    return (yield from run(interpreter, statement.orelse, scope))


def _or_listed(interpreter: Interpreter, statement: ast.Try, scope: Scope, signal: Signal) -> Signal:
    """Where the body left a value unknown for which a handler lists items, it may have these, and others.

    Most such bodies ask a module of somebody else, of which nothing is known, not even whether it is there.
    """
    for handler in statement.handlers:
        for each in handler.body:
            match each:
                case ast.Assign([ast.Name(name)], ast.List() | ast.Tuple() as listed):
                    left = scope.place_of(name).get(name)
                    if isinstance(left, Unknown):
                        assigning.bind(interpreter, name, _and_others(interpreter, listed, left, scope), scope)
                case ast.Return(ast.List() | ast.Tuple() as listed):
                    if isinstance(signal, Return) and isinstance(signal.value, Unknown):
                        signal = Return(_and_others(interpreter, listed, signal.value, scope))
    return signal


def _and_others(interpreter: Interpreter, listed: ast.List | ast.Tuple, left: Unknown, scope: Scope) -> Value:
    value = [*interpreter.evaluate(listed, scope), Unknown(left.reason, many=True)]
    return interpreter.doubt.made(value)


def _guarded(interpreter: Interpreter, statement: ast.Try, scope: Scope) -> Run:
    """The body of a `try`: while it is run, exceptions are for the handlers."""
    guards = 1 if statement.handlers else 0
    interpreter.guards += guards
    try:
        return (yield from run(interpreter, statement.body, scope))
    finally:
        interpreter.guards -= guards


def _handler(interpreter: Interpreter, statement: ast.Try, value: Instance, scope: Scope) -> ast.ExceptHandler | None:
    for handler in statement.handlers:
        if handler.type is None:
            return handler
        kinds = interpreter.evaluate(handler.type, scope)
        for kind in kinds if isinstance(kinds, tuple) else (kinds,):
            if (is_exception(kind) and value.cls.is_a(kind)) or kind is BASE:
                return handler
    return None


def _with(interpreter: Interpreter, statement: ast.With | ast.AsyncWith, scope: Scope) -> Run:
    return (yield from _with_items(interpreter, statement.items, statement.body, scope))


def _with_items(interpreter: Interpreter, items: list[ast.withitem], body: list[ast.stmt], scope: Scope) -> Run:
    if not items:
        return (yield from run(interpreter, body, scope))
    manager = interpreter.evaluate(items[0].context_expr, scope)
    entered, leave = _entered(interpreter, manager)
    if items[0].optional_vars is not None:
        assigning.assign(interpreter, items[0].optional_vars, entered, scope)
    try:
        signal = yield from _with_items(interpreter, items[1:], body, scope)
    except Raised as raised:
        answer = leave([raised.value.cls, raised.value, None])
        if isinstance(answer, Unknown) or not operators.truth(interpreter, answer):
            raise
        return None
    leave([None, None, None])
    return signal


def _entered(interpreter: Interpreter, manager: Value) -> tuple[Value, Callable[[list[Value]], Value]]:
    """What a `with` gives, and what to call in the end with the exception. Managers that are unknown do nothing."""
    if isinstance(manager, Unknown):
        return manager, lambda _: None
    enter = attributes.find(interpreter, manager, "__enter__")
    leave = attributes.find(interpreter, manager, "__exit__")
    if enter is MISSING or leave is MISSING:
        enter = attributes.find(interpreter, manager, "__aenter__")
        leave = attributes.find(interpreter, manager, "__aexit__")
    if enter is MISSING or leave is MISSING:
        raise interpreter.error("TypeError", f"{containers.described(manager)} is no context manager")
    return calls.call(interpreter, enter, [], {}), lambda arguments: calls.call(interpreter, leave, arguments, {})


def _match(interpreter: Interpreter, statement: ast.Match, scope: Scope) -> Run:
    subject = interpreter.evaluate(statement.subject, scope)
    try:
        for case in statement.cases:
            if patterns.matches(interpreter, case.pattern, subject, scope) and (
                case.guard is None or operators.truth(interpreter, interpreter.evaluate(case.guard, scope))
            ):
                body = case.body
                break
        else:
            return None
    except Undecided as why:
        return (yield from _maybe(interpreter, [*(case.body for case in statement.cases), []], scope, why.reason))
    return (yield from run(interpreter, body, scope))


COMPOUND: Final[dict[type[ast.stmt], Callable[..., Run]]] = {
    ast.If: _if,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Match: _match,
}
