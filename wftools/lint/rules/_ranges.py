"""What value-below-min and value-above-max share: numbers outside the range that the server tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from wftools.catalog.literals import Unconvertible, convert, limits
from wftools.catalog.validators import checks_itself
from wftools.errors import shown
from wftools.lint.finding import Found, at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.lint.subject import Subject


def outside(subject: Subject, side: Literal["below", "above"]) -> Iterator[Found]:
    """Every literal that is, as the server converts it, beyond its input's limit. NaN passes every test."""
    for node, declared, _, value in subject.literals():
        if checks_itself(node.signature, declared.name):
            continue
        try:
            number = convert(declared.type, value)
        except Unconvertible:
            continue
        if not isinstance(number, int | float):
            continue
        least, most = limits(declared)
        is_outside = number < least if side == "below" else number > most
        if is_outside and not subject.passes_elsewhere(node, declared, value):
            taken = f"at least {least}" if side == "below" else f"at most {most}"
            yield Found(
                at(node, declared.name),
                f"{declared.name} is {shown(value)}, {taken} is taken",
                hint=subject.hinted(None, node),
                severity=subject.judged(node),
            )
