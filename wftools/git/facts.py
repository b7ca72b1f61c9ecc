"""What a fact of one version means, with nothing to compare it with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.diff.facts import control_of, is_drawn_seed, meaning

if TYPE_CHECKING:
    from wftools.diff.changes import Class, FactValue, Key
    from wftools.diff.version import Part


def class_of_fact(part: Part, key: Key, value: FactValue) -> Class:
    """The class that a change of a fact would have."""
    if key[0] == "widget" and is_drawn(part, key[1]):
        return "volatile"
    return meaning(part.subject.kind, key, value, value)[0]


def is_drawn(part: Part, widget: str) -> bool:
    """Whether a widget has its value from the last run: a seed under `randomize` and the like."""
    control = control_of(widget, [*part.widgets])
    return control is not None and is_drawn_seed(widget, part.widgets[control])
