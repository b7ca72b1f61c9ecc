"""The numbers whose range the server tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wftools.catalog.literals import Unconvertible, convert
from wftools.catalog.validators import checks_itself

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.catalog.signature import Input
    from wftools.graph import Node
    from wftools.lint.subject import Subject


def numbers(subject: Subject) -> Iterator[tuple[Node, Input, Any, float]]:
    """Every literal number with its input: as it is written, and as the server converts it. NaN passes every test."""
    for node, declared, _, value in subject.literals():
        if checks_itself(node.type, declared.name):
            continue
        try:
            converted = convert(declared.type, value)
        except Unconvertible:
            continue
        if isinstance(converted, int | float):
            yield node, declared, value, converted
