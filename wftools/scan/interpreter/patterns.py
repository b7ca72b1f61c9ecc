"""Patterns of `match` statements."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from wftools.scan.interpreter import assigning, attributes, containers, operators
from wftools.scan.interpreter.builtin.functions import is_instance
from wftools.scan.interpreter.values import MISSING, ClassValue, Undecided, Unknown, Value, plain

if TYPE_CHECKING:
    from wftools.scan.interpreter.interpreter import Interpreter
    from wftools.scan.interpreter.scopes import Scope


def matches(interpreter: Interpreter, pattern: ast.pattern, subject: Value, scope: Scope) -> bool:
    """Whether a pattern fits, and bind its names. Raises `Undecided` if that is not known."""
    if isinstance(pattern, ast.MatchAs):
        if pattern.pattern is not None and not matches(interpreter, pattern.pattern, subject, scope):
            return False
        if pattern.name is not None:
            assigning.bind(interpreter, pattern.name, subject, scope)
        return True
    if isinstance(pattern, ast.MatchOr):
        return any(matches(interpreter, each, subject, scope) for each in pattern.patterns)
    if isinstance(subject, Unknown):
        raise Undecided(subject.reason)
    if isinstance(pattern, ast.MatchValue):
        value = interpreter.evaluate(pattern.value, scope)
        return operators.truth(interpreter, operators.compare(interpreter, ast.Eq, subject, value))
    if isinstance(pattern, ast.MatchSingleton):
        return subject is pattern.value
    if isinstance(pattern, ast.MatchSequence):
        return _sequence(interpreter, pattern, plain(subject), scope)
    if isinstance(pattern, ast.MatchMapping):
        return _mapping(interpreter, pattern, plain(subject), scope)
    if isinstance(pattern, ast.MatchClass):
        return _class(interpreter, pattern, subject, scope)
    raise Undecided("a pattern of an unknown kind")


def _sequence(interpreter: Interpreter, pattern: ast.MatchSequence, subject: Value, scope: Scope) -> bool:
    if not isinstance(subject, list | tuple):
        return False
    patterns = pattern.patterns
    star = next((index for index, each in enumerate(patterns) if isinstance(each, ast.MatchStar)), None)
    if star is None:
        return len(subject) == len(patterns) and all(
            matches(interpreter, each, item, scope) for each, item in zip(patterns, subject, strict=True)
        )
    behind = len(patterns) - star - 1
    if len(subject) < len(patterns) - 1:
        return False
    end = len(subject) - behind
    named = patterns[star]
    if isinstance(named, ast.MatchStar) and named.name is not None:
        assigning.bind(interpreter, named.name, list(subject[star:end]), scope)
    fixed = [*zip(patterns[:star], subject[:star], strict=True), *zip(patterns[star + 1 :], subject[end:], strict=True)]
    return all(matches(interpreter, each, item, scope) for each, item in fixed)


def _mapping(interpreter: Interpreter, pattern: ast.MatchMapping, subject: Value, scope: Scope) -> bool:
    if not isinstance(subject, dict):
        return False
    keys = [interpreter.evaluate(each, scope) for each in pattern.keys]
    for key, each in zip(keys, pattern.patterns, strict=True):
        if not containers.contains(interpreter, subject, key):
            return False
        if not matches(interpreter, each, containers.get_key(interpreter, subject, key), scope):
            return False
    if pattern.rest is not None:
        rest = {key: value for key, value in subject.items() if not any(key is each or key == each for each in keys)}
        assigning.bind(interpreter, pattern.rest, rest, scope)
    return True


def _class(interpreter: Interpreter, pattern: ast.MatchClass, subject: Value, scope: Scope) -> bool:
    cls = interpreter.evaluate(pattern.cls, scope)
    if not is_instance(interpreter, subject, cls):
        return False
    names: Value = ()
    if isinstance(cls, ClassValue):
        names = cls.lookup("__match_args__")
        if names is MISSING and cls.native is not None and len(pattern.patterns) == 1:
            return matches(interpreter, pattern.patterns[0], subject, scope)
    fixed = list(zip(names if isinstance(names, tuple) else (), pattern.patterns, strict=False))
    for name, each in (*fixed, *zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True)):
        value = attributes.find(interpreter, subject, name)
        if value is MISSING or not matches(interpreter, each, value, scope):
            return False
    return True
