"""Expressions."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING, Final

from wftools.scan.interpreter import assigning, attributes, calls, containers, operators, texts
from wftools.scan.interpreter.builtin import functions, methods
from wftools.scan.interpreter.builtin.errors import CAUGHT, error, native_name
from wftools.scan.interpreter.limits import Bound
from wftools.scan.interpreter.scopes import Scope
from wftools.scan.interpreter.values import (
    MISSING,
    FileMarker,
    FunctionValue,
    Stream,
    Undecided,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wftools.scan.interpreter.interpreter import Interpreter


def evaluate(interpreter: Interpreter, node: ast.expr, scope: Scope) -> Value:
    """The value of an expression; an Unknown where it cannot be told, or would take too much."""
    interpreter.budget.step()
    follow = EXPRESSIONS.get(type(node))
    if follow is None:  # of a Python that is newer than this
        return Unknown(f"{type(node).__name__} in the source")
    try:
        return follow(interpreter, node, scope)
    except (Undecided, Bound) as why:
        return Unknown(why.reason)
    except CAUGHT as fault:  # of Python, on values that do not fit: so it would do with the pack
        raise error(native_name(fault), str(fault)) from fault


def _constant(_: Interpreter, node: ast.Constant, __: Scope) -> Value:
    return node.value


def _name(interpreter: Interpreter, node: ast.Name, scope: Scope) -> Value:
    value = scope.lookup(node.id)
    if value is not MISSING:
        return value
    value = functions.BUILTINS.get(node.id, MISSING)
    if value is not MISSING:
        return value
    if hasattr(builtins, node.id):
        return Unknown(f"{node.id}()")
    if scope.module.incomplete or any(isinstance(each, Unknown) for each in scope.module.names):
        return Unknown(f"{node.id} of {scope.module.name}")
    raise interpreter.error("NameError", f"name '{node.id}' is not defined")


def _attribute(interpreter: Interpreter, node: ast.Attribute, scope: Scope) -> Value:
    return attributes.get(interpreter, interpreter.evaluate(node.value, scope), node.attr)


def _subscript(interpreter: Interpreter, node: ast.Subscript, scope: Scope) -> Value:
    owner = interpreter.evaluate(node.value, scope)
    return containers.get_item(interpreter, owner, interpreter.evaluate(node.slice, scope))


def _slice(interpreter: Interpreter, node: ast.Slice, scope: Scope) -> Value:
    parts = [
        None if each is None else interpreter.evaluate(each, scope) for each in (node.lower, node.upper, node.step)
    ]
    return slice(*parts)


def _call(interpreter: Interpreter, node: ast.Call, scope: Scope) -> Value:
    target = node.func
    if isinstance(target, ast.Name) and target.id in functions.OF_SCOPE and scope.lookup(target.id) is MISSING:
        arguments, named = _arguments(interpreter, node, scope)
        return functions.OF_SCOPE[target.id](interpreter, scope, *arguments, **named)
    if isinstance(target, ast.Attribute):
        owner = interpreter.evaluate(target.value, scope)
        if type(owner) in methods.TYPES:
            arguments, named = _arguments(interpreter, node, scope)
            return methods.call(interpreter, owner, target.attr, arguments, named)
        function = attributes.get(interpreter, owner, target.attr)
    else:
        function = interpreter.evaluate(target, scope)
    arguments, named = _arguments(interpreter, node, scope)
    return calls.call(interpreter, function, arguments, named)


def _arguments(interpreter: Interpreter, node: ast.Call, scope: Scope) -> tuple[list[Value], dict[Value, Value]]:
    arguments: list[Value] = []
    for each in node.args:
        if isinstance(each, ast.Starred):
            arguments.extend(containers.iterate(interpreter, interpreter.evaluate(each.value, scope)))
        else:
            arguments.append(interpreter.evaluate(each, scope))
    named: dict[Value, Value] = {}
    for keyword in node.keywords:
        value = interpreter.evaluate(keyword.value, scope)
        if keyword.arg is not None:
            named[keyword.arg] = value
        else:
            named.update(containers.pairs_of_mapping(interpreter, value))
    return arguments, named


def _items(interpreter: Interpreter, nodes: list[ast.expr], scope: Scope) -> list[Value]:
    items: list[Value] = []
    for each in nodes:
        if isinstance(each, ast.Starred):
            items.extend(containers.listed(interpreter, interpreter.evaluate(each.value, scope)))
            interpreter.budget.length(len(items))
        else:
            items.append(interpreter.evaluate(each, scope))
    return items


def _list(interpreter: Interpreter, node: ast.List, scope: Scope) -> Value:
    return interpreter.doubt.made(_items(interpreter, node.elts, scope))


def _tuple(interpreter: Interpreter, node: ast.Tuple, scope: Scope) -> Value:
    return tuple(_items(interpreter, node.elts, scope))


def _set(interpreter: Interpreter, node: ast.Set, scope: Scope) -> Value:
    made: set[Value] = set()
    for item in _items(interpreter, node.elts, scope):
        containers.check_key(interpreter, item)
        made.add(item)
    return interpreter.doubt.made(made)


def _dict(interpreter: Interpreter, node: ast.Dict, scope: Scope) -> Value:
    made: dict[Value, Value] = {}
    interpreter.doubt.made(made)
    for key_node, value_node in zip(node.keys, node.values, strict=True):
        if key_node is None:
            for key, value in containers.pairs_of_mapping(interpreter, interpreter.evaluate(value_node, scope)):
                containers.set_key(interpreter, made, key, value)
        else:
            key = interpreter.evaluate(key_node, scope)
            containers.set_key(interpreter, made, key, interpreter.evaluate(value_node, scope))
    return made


def _joined_text(interpreter: Interpreter, node: ast.JoinedStr, scope: Scope) -> Value:
    parts = []
    for each in node.values:
        part: Value = each.value if isinstance(each, ast.Constant) else interpreter.evaluate(each, scope)
        if isinstance(part, Unknown):
            return part
        parts.append(part)
    interpreter.budget.length(sum(map(len, parts)))
    return "".join(parts)


def _formatted(interpreter: Interpreter, node: ast.FormattedValue, scope: Scope) -> Value:
    value = interpreter.evaluate(node.value, scope)
    spec = "" if node.format_spec is None else interpreter.evaluate(node.format_spec, scope)
    if isinstance(spec, Unknown):
        return spec
    if node.conversion == ord("r") or node.conversion == ord("a"):
        value = texts.representation(interpreter, value)
    elif node.conversion == ord("s"):
        value = texts.text(interpreter, value)
    return texts.formatted(interpreter, value, spec)


def _binary(interpreter: Interpreter, node: ast.BinOp, scope: Scope) -> Value:
    """A chain of operators is evaluated in a loop, as it may be long."""
    chain = [node]
    while isinstance(chain[-1].left, ast.BinOp):
        chain.append(chain[-1].left)
    value = interpreter.evaluate(chain[-1].left, scope)
    for each in reversed(chain):
        other = interpreter.evaluate(each.right, scope)
        try:
            value = operators.binary(interpreter, type(each.op), value, other)
        except (Undecided, Bound) as why:
            value = Unknown(why.reason)
    return value


def _unary(interpreter: Interpreter, node: ast.UnaryOp, scope: Scope) -> Value:
    return operators.unary(interpreter, type(node.op), interpreter.evaluate(node.operand, scope))


def _bool(interpreter: Interpreter, node: ast.BoolOp, scope: Scope) -> Value:
    wanted = isinstance(node.op, ast.Or)
    value: Value = None
    for each in node.values:
        value = interpreter.evaluate(each, scope)
        if each is not node.values[-1] and operators.truth(interpreter, value) == wanted:
            return value
    return value


def _compare(interpreter: Interpreter, node: ast.Compare, scope: Scope) -> Value:
    left = interpreter.evaluate(node.left, scope)
    answer: Value = True
    for operator, right_node in zip(node.ops, node.comparators, strict=True):
        right = interpreter.evaluate(right_node, scope)
        answer = operators.compare(interpreter, type(operator), left, right)
        if len(node.ops) > 1 and not operators.truth(interpreter, answer):
            return answer
        left = right
    return answer


def _conditional(interpreter: Interpreter, node: ast.IfExp, scope: Scope) -> Value:
    try:
        holds = operators.truth(interpreter, interpreter.evaluate(node.test, scope))
    except Undecided as why:
        depth = len(interpreter.doubt)
        interpreter.doubt.begin(why.reason)
        try:
            both = [interpreter.evaluate(each, scope) for each in (node.body, node.orelse)]
        finally:
            interpreter.doubt.back_to(depth)
        return interpreter.either(both, why.reason)
    return interpreter.evaluate(node.body if holds else node.orelse, scope)


def _lambda(interpreter: Interpreter, node: ast.Lambda, scope: Scope) -> Value:
    arguments = node.args
    return FunctionValue(
        "<lambda>",
        node,
        scope,
        tuple(interpreter.evaluate(each, scope) for each in arguments.defaults),
        {
            parameter.arg: interpreter.evaluate(default, scope)
            for parameter, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            if default is not None
        },
    )


def _named(interpreter: Interpreter, node: ast.NamedExpr, scope: Scope) -> Value:
    value = interpreter.evaluate(node.value, scope)
    while scope.kind == "comprehension" and scope.outer is not None:
        scope = scope.outer
    assigning.assign(interpreter, node.target, value, scope)
    return value


def _await(interpreter: Interpreter, node: ast.Await, scope: Scope) -> Value:
    """A coroutine is run where it is called, so its value is there already."""
    return interpreter.evaluate(node.value, scope)


def _yield(_: Interpreter, __: ast.expr, ___: Scope) -> Value:
    raise Undecided("a yield within an expression")


# ---------------------------------------------------------------------------------------------------------------------
# Comprehensions


def _turns(
    interpreter: Interpreter, generators: list[ast.comprehension], scope: Scope, make: Callable[[], Value]
) -> Iterator[Value]:
    """What a comprehension makes, turn by turn. A turn of which nobody knows whether it is taken gives an Unknown.

    The names of files are kept where the test of one is not known: they stand for those that pass it.
    """
    if not generators:
        yield make()
        return
    first = generators[0]
    source = interpreter.evaluate(first.iter, scope)
    containers.check_length(interpreter, source)
    for item in containers.iterate(interpreter, source):
        if isinstance(item, Unknown) and item.many:
            yield item
            continue
        assigning.assign(interpreter, first.target, item, scope)
        try:
            taken = all(operators.truth(interpreter, interpreter.evaluate(test, scope)) for test in first.ifs)
        except Undecided as why:
            if FileMarker.find(item) is None:
                yield Unknown(why.reason, many=True)
                continue
            taken = True
        if taken:
            yield from _turns(interpreter, generators[1:], scope, make)


def _comprehension_scope(scope: Scope) -> Scope:
    return Scope("comprehension", scope.module, {}, scope)


def _list_comprehension(interpreter: Interpreter, node: ast.ListComp, scope: Scope) -> Value:
    inner = _comprehension_scope(scope)
    items = _turns(interpreter, node.generators, inner, lambda: interpreter.evaluate(node.elt, inner))
    return containers.listed(interpreter, Stream(items))


def _set_comprehension(interpreter: Interpreter, node: ast.SetComp, scope: Scope) -> Value:
    inner = _comprehension_scope(scope)
    made: set[Value] = set()
    interpreter.doubt.made(made)
    turns = _turns(interpreter, node.generators, inner, lambda: interpreter.evaluate(node.elt, inner))
    containers.update_set(interpreter, made, Stream(turns))
    return made


def _dict_comprehension(interpreter: Interpreter, node: ast.DictComp, scope: Scope) -> Value:
    inner = _comprehension_scope(scope)
    made: dict[Value, Value] = {}
    interpreter.doubt.made(made)

    def pair() -> tuple[Value, Value]:
        return interpreter.evaluate(node.key, inner), interpreter.evaluate(node.value, inner)

    for turn in _turns(interpreter, node.generators, inner, pair):
        key, value = (turn, turn) if isinstance(turn, Unknown) else turn
        containers.set_key(interpreter, made, key, value)
    return made


def _generator(interpreter: Interpreter, node: ast.GeneratorExp, scope: Scope) -> Value:
    inner = _comprehension_scope(scope)
    return Stream(_turns(interpreter, node.generators, inner, lambda: interpreter.evaluate(node.elt, inner)))


EXPRESSIONS: Final[dict[type[ast.expr], Callable[..., Value]]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.Call: _call,
    ast.List: _list,
    ast.Tuple: _tuple,
    ast.Set: _set,
    ast.Dict: _dict,
    ast.JoinedStr: _joined_text,
    ast.FormattedValue: _formatted,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _bool,
    ast.Compare: _compare,
    ast.IfExp: _conditional,
    ast.Lambda: _lambda,
    ast.NamedExpr: _named,
    ast.Await: _await,
    ast.Yield: _yield,
    ast.YieldFrom: _yield,
    ast.ListComp: _list_comprehension,
    ast.SetComp: _set_comprehension,
    ast.DictComp: _dict_comprehension,
    ast.GeneratorExp: _generator,
}
