"""Assignment: to names, attributes, items, and to several of them at once."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from wftools.scan.interpreter import attributes, containers, operators
from wftools.scan.interpreter.values import MISSING, Unknown, Value

if TYPE_CHECKING:
    from wftools.scan.interpreter.interpreter import Interpreter
    from wftools.scan.interpreter.scopes import Scope


def bind(interpreter: Interpreter, name: str, value: Value, scope: Scope) -> None:
    """`name = value`. A name of another scope keeps what it had, as far as it is doubtful that this is run."""
    place = scope.place_of(name)
    if place is not scope.names and interpreter.doubt:
        value = interpreter.either([place.get(name, MISSING), value], interpreter.doubt.reasons[-1])
    place[name] = value


def assign(interpreter: Interpreter, target: ast.expr, value: Value, scope: Scope) -> None:
    """`target = value`."""
    if isinstance(target, ast.Name):
        bind(interpreter, target.id, value, scope)
    elif isinstance(target, ast.Attribute):
        owner = interpreter.evaluate(target.value, scope)
        attributes.set_attribute(interpreter, owner, target.attr, value)
    elif isinstance(target, ast.Subscript):
        owner = interpreter.evaluate(target.value, scope)
        containers.set_item(interpreter, owner, interpreter.evaluate(target.slice, scope), value)
    elif isinstance(target, ast.Tuple | ast.List):
        _unpack(interpreter, target.elts, value, scope)
    elif isinstance(target, ast.Starred):
        assign(interpreter, target.value, value, scope)


def _unpack(interpreter: Interpreter, targets: list[ast.expr], value: Value, scope: Scope) -> None:
    if isinstance(value, Unknown):
        for target in targets:
            inner = target.value if isinstance(target, ast.Starred) else target
            assign(interpreter, inner, Unknown(value.reason), scope)
        return
    items = containers.listed(interpreter, value)
    vague = next((each for each in items if isinstance(each, Unknown) and each.many), None)
    if vague is not None:
        _unpack(interpreter, targets, Unknown(vague.reason), scope)
        return
    star = next((index for index, each in enumerate(targets) if isinstance(each, ast.Starred)), None)
    if star is None:
        if len(items) != len(targets):
            raise interpreter.error("ValueError", f"{len(items)} values to unpack, {len(targets)} expected")
        parts = items
    else:
        behind = len(targets) - star - 1
        if len(items) < len(targets) - 1:
            raise interpreter.error("ValueError", f"not enough values to unpack, at least {len(targets) - 1} expected")
        end = len(items) - behind
        parts = [*items[:star], items[star:end], *items[end:]]
    for target, part in zip(targets, parts, strict=True):
        assign(interpreter, target, part, scope)


def augment(interpreter: Interpreter, statement: ast.AugAssign, scope: Scope) -> None:
    """`target += value` and its like. The target's own parts are evaluated once."""
    target = statement.target
    kind = type(statement.op)
    if isinstance(target, ast.Name):
        before = interpreter.evaluate(ast.Name(target.id, ast.Load()), scope)
        value = interpreter.evaluate(statement.value, scope)
        bind(interpreter, target.id, operators.augmented(interpreter, kind, before, value), scope)
    elif isinstance(target, ast.Attribute):
        owner = interpreter.evaluate(target.value, scope)
        before = attributes.get(interpreter, owner, target.attr)
        value = interpreter.evaluate(statement.value, scope)
        attributes.set_attribute(interpreter, owner, target.attr, operators.augmented(interpreter, kind, before, value))
    elif isinstance(target, ast.Subscript):
        owner = interpreter.evaluate(target.value, scope)
        key = interpreter.evaluate(target.slice, scope)
        before = containers.get_item(interpreter, owner, key)
        value = interpreter.evaluate(statement.value, scope)
        containers.set_item(interpreter, owner, key, operators.augmented(interpreter, kind, before, value))


def delete(interpreter: Interpreter, target: ast.expr, scope: Scope) -> None:
    """`del target`."""
    if isinstance(target, ast.Name):
        if scope.place_of(target.id).pop(target.id, MISSING) is MISSING:
            raise interpreter.error("NameError", f"name '{target.id}' is not defined")
    elif isinstance(target, ast.Attribute):
        attributes.delete_attribute(interpreter, interpreter.evaluate(target.value, scope), target.attr)
    elif isinstance(target, ast.Subscript):
        owner = interpreter.evaluate(target.value, scope)
        containers.delete_item(interpreter, owner, interpreter.evaluate(target.slice, scope))
    elif isinstance(target, ast.Tuple | ast.List):
        for each in target.elts:
            delete(interpreter, each, scope)


def lose(interpreter: Interpreter, statement: ast.stmt, scope: Scope, reason: str) -> None:
    """The statement could not be followed: what it assigns is unknown."""
    for name in assigned_names(statement):
        scope.place_of(name)[name] = Unknown(reason)


def assigned_names(statement: ast.stmt) -> list[str]:
    """The names that a statement assigns, those in its bodies included; functions and classes keep theirs."""
    names: list[str] = []
    stack: list[ast.AST] = [statement]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.append(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.append(node.name)
            continue
        elif isinstance(node, ast.alias):
            names.append(node.asname or node.name.split(".")[0])
        stack.extend(ast.iter_child_nodes(node))
    return names
