"""Ids of nodes, links and groups, and of what stands inside of others: `57:3` is node 3 of instance 57."""

from __future__ import annotations

from typing import Final

MAX_DIGITS: Final = 15  # of an id that is a number: JavaScript tells all whole numbers of so many digits apart


def as_number(id_: str) -> int | None:
    """The whole number that an id spells, as JavaScript would write it; None for any other id.

    `05`, `5.0` and `²` are texts, and so is what is too long for JavaScript to be exact.
    """
    digits = id_.removeprefix("-")
    is_whole = digits.isascii() and digits.isdigit() and len(digits) <= MAX_DIGITS
    return int(id_) if is_whole and (digits[0] != "0" or id_ == "0") else None


def sort_key(path: str) -> tuple[tuple[bool, int, str], ...]:
    """The order of paths: `57:3` after `57:2` and before `57:11`, numbers before other ids."""
    numbers = ((as_number(part), part) for part in path.split(":"))
    return tuple((number is None, number or 0, part) for number, part in numbers)
