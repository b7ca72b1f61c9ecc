"""A tree as JSON text: a line for what changes together, and lines of their own for what changes alone."""

from __future__ import annotations

import json
from math import isfinite, isinf
from typing import TYPE_CHECKING, Any, Final

from wftools.document.javascript import number_as_text
from wftools.document.style import scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

INDENT: Final = "  "

# What stands on one line, whatever is in it: places, sizes, and other small facts.
_ON_A_LINE: Final = frozenset(
    {
        "pos",
        "size",
        "bounding",
        "flags",
        "ds",
        "offset",
        "widget",
        "config",
        "state",
        "inputNode",
        "outputNode",
        "_meta",
    }
)
# Lists whose items stand on a line each, whatever is in them.
_ITEMS_ON_A_LINE: Final = frozenset(
    {
        "links",
        "floatingLinks",
        "groups",
        "reroutes",
        "linkExtensions",
        "models",
        "previewExposures",
        "proxyWidgets",
    }
)
_SLOTS: Final = frozenset({"inputs", "outputs"})
# On a line if nothing in it is a list: the type, the pack, its version.
_PROPERTIES: Final = "properties"
# Lists with an item a line, though it may be a number.
_VALUES: Final = frozenset({"widgets_values"})

_TOO_LARGE: Final = "1e999"  # for every reader's numbers


def spelled(tree: Any, *, is_ui: bool = False, has_constants: bool = False) -> str:
    """The text of a tree, with a final newline.

    `is_ui`: spell 1e-05 as 0.00001, as the editor does. `has_constants`: spell numbers that are too large to be finite
    as the constant Infinity, which only some readers know, and not as 1e999, which all do.
    """
    return "".join(_Writer(is_ui, has_constants).value(tree, "", "")) + "\n"


class _Writer:
    def __init__(self, is_ui: bool, has_constants: bool) -> None:
        self._is_ui = is_ui
        self._has_constants = has_constants

    def value(self, value: Any, key: str, margin: str) -> Iterator[str]:
        """A value that stands after a key, or is an item of a list after that key."""
        if not isinstance(value, dict | list) or not value or self._fits_on_a_line(value, key):
            yield self.line(value)
        elif isinstance(value, dict):
            members = ((f"{scalar(name)}: ", each, name) for name, each in value.items())
            yield from self._block("{}", members, margin)
        elif key in _ITEMS_ON_A_LINE or (key in _SLOTS and margin):
            yield "[" + ",".join(f"\n{margin}{INDENT}{self.line(item)}" for item in value) + f"\n{margin}]"
        else:
            yield from self._block("[]", (("", each, "") for each in value), margin)

    def _block(self, brackets: str, members: Iterator[tuple[str, Any, str]], margin: str) -> Iterator[str]:
        inner = margin + INDENT
        yield brackets[0]
        for index, (name, each, key) in enumerate(members):
            yield f"{',' if index else ''}\n{inner}{name}"
            yield from self.value(each, key, inner)
        yield f"\n{margin}{brackets[1]}"

    def _fits_on_a_line(self, value: dict[str, Any] | list[Any], key: str) -> bool:
        if key in _ON_A_LINE:
            return True
        if isinstance(value, dict):
            return key == _PROPERTIES and not any(isinstance(each, dict | list) for each in value.values())
        if key in _VALUES:
            return False
        is_link = len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], int)  # in a prompt
        return is_link or all(each is None or isinstance(each, int | float) for each in value)

    def line(self, value: Any) -> str:
        """A value on one line."""
        if isinstance(value, dict):
            return "{" + ", ".join(f"{scalar(name)}: {self.line(each)}" for name, each in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(map(self.line, value)) + "]"
        if isinstance(value, float):
            return self._number(value)
        return scalar(value)

    def _number(self, number: float) -> str:
        if isinf(number) and not self._has_constants:
            return _TOO_LARGE if number > 0 else f"-{_TOO_LARGE}"
        is_as_javascript = self._is_ui and isfinite(number) and not number.is_integer()
        return number_as_text(number) if is_as_javascript else json.dumps(number)
