"""`math`, and the constants of numpy: numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from wftools.scan.interpreter.builtin.functions import of_plain
from wftools.scan.interpreter.standard.declaring import functions
from wftools.scan.interpreter.values import Foreign, Undecided, Value, plain

if TYPE_CHECKING:
    from wftools.scan.interpreter.interpreter import Interpreter

MAX_FACTORIAL = 500
LARGE = frozenset({"factorial", "comb", "perm", "prod", "fsum", "sumprod", "lcm", "gcd", "dist", "ldexp"})
ITERABLE = frozenset({"prod", "fsum"})


def names(interpreter: Interpreter, module: str) -> dict[str, Value]:
    if module == "numpy":
        return {"pi": math.pi, "e": math.e, "inf": math.inf, "Inf": math.inf, "nan": math.nan, "newaxis": None}
    plainly = {name: value for name, value in vars(math).items() if not name.startswith("_") and name not in LARGE}
    return {
        **{name: of_plain(name, value) if callable(value) else value for name, value in plainly.items()},
        **{name: Foreign(name, _of_items(name), takes_unknown=False) for name in ITERABLE},
        **functions(
            factorial=_factorial, comb=_small("comb"), perm=_small("perm"), gcd=_small("gcd"), lcm=_small("lcm")
        ),
    }


def _factorial(_: Interpreter, number: Value) -> Value:
    if plain(number) > MAX_FACTORIAL:
        raise Undecided("a number of too many digits")
    return math.factorial(plain(number))


def _small(name: str):  # type: ignore[no-untyped-def]  # a function of numbers
    def apply(interpreter: Interpreter, *numbers: Value) -> Value:
        ready = [plain(each) for each in numbers]
        if name in {"comb", "perm"} and max(ready) > MAX_FACTORIAL:
            raise Undecided("a number of too many digits")
        return getattr(math, name)(*ready)

    return Foreign(name, apply, takes_unknown=False).function


def _of_items(name: str):  # type: ignore[no-untyped-def]  # a function of a list of numbers
    def apply(interpreter: Interpreter, items: Value) -> Value:
        from wftools.scan.interpreter import containers

        numbers = [plain(each) for each in containers.listed(interpreter, items)]
        interpreter.budget.bits(sum(each.bit_length() for each in numbers if isinstance(each, int)))
        if not all(isinstance(each, int | float) for each in numbers):
            raise Undecided("numbers that are not known")
        return getattr(math, name)(numbers)

    return apply
