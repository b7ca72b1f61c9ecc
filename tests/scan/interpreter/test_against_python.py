"""Small programs, made at random: the interpreter agrees with Python on their value, or on the error."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.scan.interpreter.packs import interpreter_of, is_unknown

if TYPE_CHECKING:
    from pathlib import Path

NUMBERS = st.sampled_from(["0", "1", "-2", "3", "7.5", "True", "n"])
TEXTS = st.sampled_from(["''", "'a'", "'ab c'", "'%s'", "s", "f'{n}-{s}'"])
LISTS = st.sampled_from(["[]", "[1, 2]", "['a', 'b']", "(1, 'x')", "rows", "[n, s]"])
OTHERS = st.sampled_from(["None", "{}", "{'k': 1, 's': s}", "{1, 2}", "range(4)"])
ATOMS = NUMBERS | TEXTS | LISTS | OTHERS

OPERATORS = st.sampled_from(["+", "-", "*", "/", "//", "%", "==", "!=", "<", "<=", ">", ">=", "in", "and", "or", "is"])
METHODS = st.sampled_from(
    [
        "upper()",
        "strip()",
        "split()",
        "count('a')",
        "index(1)",
        "copy()",
        "items()",
        "keys()",
        "get('k')",
        "startswith('a')",
        "replace('a','b')",
        "join(['x','y'])",
        "title()",
        "find('b')",
        "append(1)",
        "bit_length()",
    ]
)
FUNCTIONS = st.sampled_from(
    [
        "len",
        "str",
        "repr",
        "list",
        "tuple",
        "bool",
        "int",
        "float",
        "sorted",
        "sum",
        "max",
        "min",
        "any",
        "all",
        "abs",
        "dict",
        "set",
        "type",
    ]
)


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({} {} {})".format, inner, OPERATORS, inner),
        st.builds("{}.{}".format, inner.map("({})".format), METHODS),
        st.builds("{}({})".format, FUNCTIONS, inner),
        st.builds("({})[{}]".format, inner, inner),
        st.builds("({})[{}:]".format, inner, NUMBERS),
        st.builds("[x for x in {} if x]".format, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("[{}, *{}]".format, inner, inner),
        st.builds("{{'a': {}, **{}}}".format, inner, inner),
        st.builds("(lambda q: {})({})".format, inner.map(lambda text: re.sub(r"\bn\b", "q", text)), inner),
        st.builds("isinstance({}, (str, list))".format, inner),
        st.builds("f'{{{}!r:>4}}'".format, inner.filter(lambda text: not set("'{}\\") & set(text))),
    )


EXPRESSIONS = st.recursive(ATOMS, _larger, max_leaves=6)
STATEMENTS = st.one_of(
    st.builds("n = {}".format, EXPRESSIONS),
    st.builds("s += {}".format, TEXTS),
    st.builds("rows = rows + [{}]".format, EXPRESSIONS),
    st.builds("rows[{}] = {}".format, NUMBERS, EXPRESSIONS),
    st.builds("for n in list({}):\n    rows.append(n)".format, EXPRESSIONS),
    st.builds("if {}:\n    s = 'yes'\nelse:\n    s = 'no'".format, EXPRESSIONS),
    st.builds("try:\n    n = {}\nexcept (TypeError, ValueError):\n    n = -1".format, EXPRESSIONS),
    st.builds("n, *rows = {}".format, LISTS),
)
START = "n = 2\ns = 'ab'\nrows = [3, 1]\n"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STATEMENTS, max_size=4), EXPRESSIONS)
def test_the_interpreter_agrees_with_python(tmp_path: Path, statements: list[str], expression: str):
    """Statements that Python does not get through end the program for it; here they are wrapped, so that both go on."""
    wrapped = ["try:\n    " + each.replace("\n", "\n    ") + "\nexcept Exception:\n    pass" for each in statements]
    source = START + "\n".join(
        [*wrapped, f"try:\n    X = {expression}\nexcept Exception as error:\n    X = type(error)"]
    )
    expected: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what makes no sense
        run = compile(source, "program", "exec", dont_inherit=True)
    exec(run, expected)
    interpreter = interpreter_of(tmp_path, {"__init__.py": source.encode()})

    value = interpreter.attribute(interpreter.load(), "X")

    assert is_unknown(value) or "Unknown(" in spelled(value) or spelled(value) == spelled(expected["X"])


def spelled(value: Any) -> str:
    """A value as text: classes by name, views of dicts as lists."""
    if isinstance(value, type):
        return f"<class {value.__name__}>"
    if isinstance(value, list | tuple):
        return f"{type(value).__name__}({', '.join(map(spelled, value))})"
    if isinstance(value, dict):
        return f"dict({', '.join(f'{spelled(key)}: {spelled(each)}' for key, each in value.items())})"
    if isinstance(value, type({}.keys()) | type({}.items()) | type({}.values())):
        return spelled(list(value))
    if isinstance(value, set):
        return f"set({', '.join(sorted(map(spelled, value)))})"
    return "a method" if callable(value) and not hasattr(value, "name") else repr(value)
