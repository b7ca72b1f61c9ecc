"""What the editor has to know of a node and a prompt does not say: its slots, and the order of its widgets."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.expand import expand
from wftools.catalog.literals import WRAPPED
from wftools.catalog.signature import WILDCARD, Input
from wftools.graph.authored.slots import declared_slots
from wftools.graph.sending import CURVE, resolved
from wftools.graph.widget_values import Binding, bind_named, bind_unknown, is_widget
from wftools.graph.widget_values.order import CONTROLLED, SEEDS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from wftools.catalog.signature import NodeSignature
    from wftools.graph.widget_values.order import SavedValue

# What would be taken for a comment or a choice, if it stood in a prompt as it is.
_COMMENT: Final = re.compile(r"(?<=/)[/*]")
_CHOICE: Final = re.compile(r"[{}|]")


@dataclass(frozen=True, slots=True)
class Form:
    """The slots and widgets of one node."""

    signature: NodeSignature | None  # None for an unknown type
    slots: tuple[Input, ...]  # sockets and linked widgets, in the editor's order
    binding: Binding  # the values of its widgets, companions included

    def has_widget(self, name: str) -> bool:
        """Whether an input has a widget."""
        return name in self.binding.widgets

    def holds(self, name: str, value: Any) -> bool:
        """Whether a widget can hold a literal of a prompt so that the editor sends it like that."""
        widget = self.binding.widgets.get(name)
        if widget is None or widget.declared is None:
            return widget is not None
        if is_dynamic(widget.declared, value):
            return bool(resolved(escaped(value), random.Random(0)) == value)
        return widget.declared.type != CURVE or unwrapped(value) is not value


def form(signature: NodeSignature | None, values: Mapping[str, Any], linked: Collection[str]) -> Form:
    """The form of a node of a prompt: its signature, its literals, and which of its inputs are linked."""
    plain = {name: unwrapped(value) for name, value in values.items()}
    if signature is None:
        binding = replace(bind_unknown((), None, plain), saved=tuple(_guessed(plain)))
        return Form(None, tuple(Input(name, WILDCARD) for name in linked), binding)
    for name, each in expand(signature, plain).items():
        if name in plain and is_dynamic(each, plain[name]):
            plain[name] = escaped(plain[name])
    binding = bind_named(signature, plain)
    declared = declared_slots(signature, binding, [name for name in linked if "." in name])
    slots = [each for each in declared if each.name in linked or not is_widget(each)]
    known = {each.name for each in slots}
    return Form(signature, (*slots, *(Input(name, WILDCARD) for name in linked if name not in known)), binding)


def _guessed(values: Mapping[str, Any]) -> Iterator[SavedValue]:
    """The places of widgets in the order of the prompt; the editor adds a control to whatever is called a seed."""
    for name, value in values.items():
        yield name, value
        if name.rpartition(".")[2] in SEEDS and isinstance(value, int):
            yield CONTROLLED


def is_dynamic(declared: Input, value: Any) -> bool:
    """Whether the editor takes comments and choices out of a value when a workflow is queued."""
    return bool(declared.options.get("dynamicPrompts")) and isinstance(value, str)


def unwrapped(value: Any) -> Any:
    """A literal as the editor holds it: a list, which the server would take for a link, is wrapped in a prompt."""
    if isinstance(value, dict) and (isinstance(value.get(WRAPPED), list) or value.get("__type__") == CURVE):
        return value.get(WRAPPED)
    return value


def escaped(text: str) -> str:
    r"""A text that the editor turns into this one when a workflow is queued: `\{` for `{`, and `/{/}` for `//`."""
    return _COMMENT.sub(r"{\g<0>}", _CHOICE.sub(r"\\\g<0>", text))
