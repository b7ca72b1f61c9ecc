"""Which value of `widgets_values` belongs to which input.

The editor saves the values of a node's widgets as a list without names. The order is that of the declaration: required
inputs, then optional ones, each followed by its companions, which have a place in the list and none in the prompt (the
mode that changes a seed after a run, a button for uploads). A dynamic combo is followed by the widgets of its option.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from wftools.document.javascript import number_as_text
from wftools.document.pointer import pointer
from wftools.graph.widget_values.order import (
    CONTROL,
    CONTROL_MODES,
    CUSTOM_COMBO,
    SEEDS,
    SavedValue,
    WidgetPlace,
    companions,
    index_of_choice,
    is_saved,
    is_widget,
    places_of,
    widget_places,
    with_editor_widgets,
)
from wftools.graph.widget_values.spelling import default, for_null

if TYPE_CHECKING:
    from wftools.catalog.signature import Input, NodeSignature

__all__ = ["Binding", "Widget", "bind", "bind_named", "bind_unknown", "is_widget"]


@dataclass(slots=True)  # not frozen: see graph/__init__.py
class Widget:
    """A widget of a node and its value."""

    name: str  # of the input, dotted for a sub-input
    declared: Input | None  # None where the node type is not known
    value: Any
    key: str | None  # where the value stands in the node: "widgets_values/3"; None for a default


@dataclass(frozen=True, slots=True)
class Binding:
    """The widgets of a node by input name, and how well the saved values fit the declaration."""

    widgets: Mapping[str, Widget]
    saved: tuple[SavedValue, ...]  # the list as the editor would save it, companions included
    fits: bool = True  # whether the list that was saved has as many places
    unnamed: tuple[int, ...] = ()  # the places in that list of values that no widget takes

    @property
    def places(self) -> int:
        """How many places the declaration has in the list."""
        return len(self.saved)


def bind(signature: NodeSignature, values: Sequence[Any] | Mapping[str, Any] | None) -> Binding:
    """Give the saved values of a node to its widgets: by position, or by name where an object was saved."""
    signature = with_editor_widgets(signature, values)
    if isinstance(values, Mapping):
        return _Binder(_ByName(values, "widgets_values")).bind(signature)
    return _Binder(_ByPosition(_without_dummies(signature, list(values or ())))).bind(signature, len(values or ()))


def bind_named(signature: NodeSignature, values: Mapping[str, Any]) -> Binding:
    """Give the values of `widgets_values_named` to the widgets of a node."""
    signature = with_editor_widgets(signature, values)
    return _Binder(_ByName(values, "widgets_values_named")).bind(signature)


class _Binder:
    """Walks the widgets of a declaration in the order of their places."""

    def __init__(self, reader: _Reader) -> None:
        self._reader = reader
        self._widgets: dict[str, Widget] = {}
        self._saved: list[SavedValue] = []

    def bind(self, signature: NodeSignature, places: int = 0) -> Binding:
        """The binding; `places` are those of the list that was saved, if there was one."""
        self._walk(places_of(signature), "")
        if signature.type == CUSTOM_COMBO:
            index = index_of_choice({name: widget.value for name, widget in self._widgets.items()})
            self._widgets["index"] = replace(self._widgets["index"], value=index)
            self._saved = [(name, index if name == "index" else value) for name, value in self._saved]
        unnamed = tuple(self._reader.rest()) if signature.pack is not None else ()
        return Binding(self._widgets, tuple(self._saved), not places or places == len(self._saved), unnamed)

    def _walk(self, places: Iterable[WidgetPlace], prefix: str) -> None:
        for place in places:
            if isinstance(place, tuple):
                self._skip(place)
                continue
            named = replace(place, name=prefix + place.name) if prefix else place
            if is_saved(named):
                self._take(named)
            else:
                self._widgets[named.name] = _widget(named, None, None)

    def _take(self, declared: Input) -> None:
        widget = _widget(declared, *self._reader.read(declared.name))
        self._widgets[declared.name] = widget
        self._saved.append((declared.name, widget.value))
        self._skip(companions(declared, widget.value))
        brought = declared.brings(widget.value)
        if brought:
            self._walk(widget_places(brought), declared.name + ".")

    def _skip(self, places: tuple[SavedValue, ...]) -> None:
        self._saved += places
        self._reader.skip(len(places))


def _widget(declared: Input, value: Any, key: str | None) -> Widget:
    if key is None:
        value = default(declared)
    elif value is None:
        value = for_null(declared)
    elif declared.options.get("multiline") and isinstance(value, int | float) and not isinstance(value, bool):
        value = number_as_text(value)
    return Widget(declared.name, declared, value, key)


def bind_unknown(slots: Sequence[Any], values: Any, named: Mapping[str, Any] | None) -> Binding:
    """The widgets of a node of unknown type, from what the file itself says: named values, or the slots of widgets."""
    if named:
        own = {n: v for n, v in named.items() if n.partition("#")[0] != CONTROL}  # the second is `…#1`
        widgets = {n: Widget(n, None, v, "widgets_values_named" + pointer(n)) for n, v in own.items()}
        return Binding(widgets, _places(widgets))
    if isinstance(values, Mapping):
        widgets = {name: Widget(name, None, value, "widgets_values" + pointer(name)) for name, value in values.items()}
        return Binding(widgets, _places(widgets))
    names = [slot.widget.name for slot in slots if slot.widget is not None]
    places = _without_controls(names, list(values or ()))
    widgets = {n: Widget(n, None, v, f"widgets_values/{i}") for n, (i, v) in zip(names, places, strict=False)}
    named_keys = {widget.key for widget in widgets.values()}
    rest = ((i, v) for i, v in enumerate(values or ()) if f"widgets_values/{i}" not in named_keys)
    return Binding(widgets, _places(widgets), unnamed=tuple(_telling(rest)))


def _telling(values: Iterable[tuple[int, Any]]) -> Iterator[int]:
    """The places of values that say something: not those of buttons, nor of what becomes of a seed after a run."""
    before: Any = None
    for place, value in values:
        is_mode = isinstance(before, int) and isinstance(value, str) and value in CONTROL_MODES
        if value not in (None, "") and not is_mode:
            yield place
        before = value


def _places(widgets: Mapping[str, Widget]) -> tuple[SavedValue, ...]:
    return tuple((name, widget.value) for name, widget in widgets.items())


def _without_controls(names: Sequence[str], values: Sequence[Any]) -> list[tuple[int, Any]]:
    """The values that belong to names: a mode of control after a seed is none, if there are values to spare."""
    kept: list[tuple[int, Any]] = []
    spare = len(values) - len(names)
    for index, value in enumerate(values):
        after_seed = bool(kept) and len(kept) <= len(names) and names[len(kept) - 1] in SEEDS
        if spare > 0 and after_seed and isinstance(value, str) and value in CONTROL_MODES:
            spare -= 1
        else:
            kept.append((index, value))
    return kept


def _without_dummies(signature: NodeSignature, values: Sequence[Any]) -> list[tuple[int, Any]]:
    """The values with their places, without those of inputs that are forced to be sockets.

    Files from before frontend 1.16 have a value for such an input as well.
    """
    places = list(enumerate(values))
    forced = {each.name for each in signature.inputs if each.options.get("forceInput")}
    if not forced:
        return places
    free = tuple(replace(each, options={**each.options, "forceInput": False}) for each in signature.inputs)
    binding = _Binder(_ByPosition(places)).bind(replace(signature, inputs=free))
    if binding.places != len(values):
        return places
    dummies = {binding.widgets[name].key for name in forced if name in binding.widgets}
    return [(index, value) for index, value in places if f"widgets_values/{index}" not in dummies]


class _Reader(Protocol):
    """Where the values of widgets come from."""

    def read(self, name: str) -> tuple[Any, str | None]:
        """The value of a widget and its key in the node; (None, None) if there is none."""

    def skip(self, places: int) -> None:
        """Leave out the places of companions."""

    def rest(self) -> Iterable[int]:
        """The places of values that are left."""


class _ByPosition(_Reader):
    def __init__(self, values: Sequence[tuple[int, Any]]) -> None:
        self._values = iter(values)

    def read(self, name: str) -> tuple[Any, str | None]:  # noqa: ARG002
        index, value = next(self._values, (None, None))
        return value, f"widgets_values/{index}" if index is not None else None

    def skip(self, places: int) -> None:
        for _ in range(places):
            next(self._values, None)

    def rest(self) -> Iterable[int]:
        return _telling(self._values)


class _ByName(_Reader):
    def __init__(self, values: Mapping[str, Any], key: str) -> None:
        self._values = values
        self._key = key

    def read(self, name: str) -> tuple[Any, str | None]:
        if name not in self._values:
            return None, None
        return self._values[name], self._key + pointer(name)

    def skip(self, places: int) -> None:
        pass

    def rest(self) -> Iterable[int]:
        return ()
