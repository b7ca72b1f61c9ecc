"""wftools.numbers: expressions and conversions."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wftools.errors import RunError
from wftools.numbers import converted, evaluated

NUMBERS = st.integers(-1000, 1000) | st.floats(-1e6, 1e6)


@given(NUMBERS, NUMBERS)
def test_an_expression_has_the_value_that_python_gives_it(a: float, b: float) -> None:
    expected = max(a, b) - min(a, b) * 2 + sum([a, b]) + abs(b)

    value, whole, truth = evaluated("max(a, b) - min(values) * 2 + sum(a, b) + abs(b)", {"a": a, "b": b})

    assert (value, whole, truth) == (float(expected), int(expected), bool(expected))


@pytest.mark.parametrize(
    "expression",
    ["", " ", "1/0", "foo + 1", "9**9**9", "pow(9, 99999)", "__import__('os').getpid()", "a.__class__", "'x'",
     "sqrt(-1)",
     "1e999", "(" * 500, "[1][9]", "log(0)", "'a' * 999999999", "a if", "lambda: 1"],
)  # fmt: skip
def test_what_has_no_value_is_one_error(expression: str) -> None:
    with pytest.raises(RunError, match="expression"):
        evaluated(expression, {"a": 1})


@pytest.mark.parametrize(
    ("value", "number", "whole"),
    [
        (True, 1.0, 1),
        (-3.7, -3.7, -3),
        (" 42 ", 42.0, 42),
        ("1e3", 1000.0, 1000),
        ("-0.5", -0.5, 0),
        (2**60 + 1, float(2**60), 2**60 + 1),
    ],
)
def test_numbers_are_converted_from_whatever_spells_them(value: object, number: float, whole: int) -> None:
    assert converted(value) == (number, whole)


@pytest.mark.parametrize("value", ["", "three", "inf", math.nan, None, [], 10**400])
def test_what_is_no_finite_number_is_refused(value: object) -> None:
    with pytest.raises(RunError):
        converted(value)
