"""Which value of `widgets_values` belongs to which input.

The editor saves the values of a node's widgets as a list without names. The order is that of the declaration: required
inputs, then optional ones, each followed by its companions, which have a place in the list and none in the prompt (the
mode that changes a seed after a run, a button for uploads). A dynamic combo is followed by the widgets of its option.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Protocol

from wftools.catalog.literals import literal
from wftools.document.javascript import number_as_text
from wftools.document.pointer import pointer
from wftools.graph.widget_values.added import (
    CUSTOM_COMBO,
    Values,
    as_named_today,
    index_of_choice,
    is_shown_only,
    with_editor_widgets,
)
from wftools.graph.widget_values.aligning import MAX_COST, Alignment, aligned, is_as_declared, is_wrong
from wftools.graph.widget_values.by_prompt import places_by_prompt
from wftools.graph.widget_values.order import (
    CONTROL,
    CONTROL_MODES,
    SavedValue,
    WidgetPlace,
    brought,
    companions,
    is_of_pack,
    is_saved,
    is_widget,
    places_of,
    widget_places,
)
from wftools.graph.widget_values.spelling import default, for_null

if TYPE_CHECKING:
    from wftools.catalog.signature import Input, NodeSignature

__all__ = ["Binding", "Widget", "bind", "bind_by_prompt", "bind_named", "bind_unknown", "is_of_pack", "is_widget"]


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
    fits: bool = True  # whether the list that was saved has as many places, or is explained by what scripts do to it
    unnamed: int = 0  # saved values that say something, and that no widget takes
    cost: int = 0  # by how much the list differs from what is declared: see `aligning`

    @property
    def places(self) -> int:
        """How many places the declaration has in the list."""
        return len(self.saved)


def bind(
    signature: NodeSignature, values: Values, hints: Mapping[str, Input] | None = None, *, limit: int = MAX_COST
) -> Binding:
    """Give the saved values of a node to its widgets: by position, or by name where an object was saved.

    `hints` are the inputs that the type has today, if this is the signature of an older version. `limit`: from which
    cost on it does not matter how badly the values fit.
    """
    if isinstance(values, Mapping):
        return _bind_object(signature, values)
    listed = list(values or ())
    signature = with_editor_widgets(signature, listed)
    if not is_of_pack(signature):
        return _Binder(_ByPosition(_without_dummies(signature, listed))).bind(signature, len(listed))
    by_place = _Binder(_ByPosition(list(enumerate(listed)))).bind(signature, len(listed))
    if not listed or (by_place.fits and _is_as_declared(by_place, signature, listed, hints)):
        return _with_defaults(by_place, hints)
    alignment = aligned(signature, listed, hints, limit)
    if alignment is None:
        return _as_far_as_kinds_fit(by_place, signature, listed, limit + 1)
    binding = _with_defaults(_Binder(_ByAlignment(alignment, listed)).bind(signature), hints)
    lacks = any(each.key is None and each.declared and is_saved(each.declared) for each in binding.widgets.values())
    return replace(
        binding,
        saved=_as_saved(binding, alignment, listed),
        fits=not (lacks or alignment.unnamed or alignment.has_wrong_kinds),
        unnamed=len(alignment.unnamed),
        cost=alignment.cost,
    )


def _is_as_declared(
    binding: Binding, signature: NodeSignature, values: Sequence[Any], hints: Mapping[str, Input] | None
) -> bool:
    """Whether the list is of just the form that the editor saves: of that of most nodes, no more is to be found out."""
    widgets = binding.widgets
    places = [(name, widgets[name].declared if name in widgets else None) for name, _ in binding.saved]
    return is_as_declared(signature, places, values, hints)


def _as_far_as_kinds_fit(whole: Binding, signature: NodeSignature, values: Sequence[Any], cost: int) -> Binding:
    """A list of something else: its values by place, up to the first that its widget does not take.

    `whole` are all of them by place.
    """
    wrong = (
        each for each in whole.widgets.values() if each.key and each.declared and is_wrong(each.declared, each.value)
    )
    first = next(wrong, None)
    end = int(first.key.rpartition("/")[2]) if first is not None and first.key else min(whole.places, len(values))
    binding = _Binder(_ByPosition(list(enumerate(values[:end])))).bind(signature)
    return replace(binding, fits=False, unnamed=sum(map(_says_something, values[end:])), cost=cost)


def _with_defaults(binding: Binding, hints: Mapping[str, Input] | None) -> Binding:
    """The same, with today's defaults for what was not saved: those of older versions are not known."""
    for name, widget in binding.widgets.items():
        if widget.key is None and hints and name in hints and is_widget(hints[name]):
            widget.value = default(hints[name])
    return binding


def _as_saved(binding: Binding, alignment: Alignment, values: Sequence[Any]) -> tuple[SavedValue, ...]:
    """The list as it was saved, with names; if it is just as long as it would be saved, its companions have theirs."""
    if alignment.cost == 0 and len(values) == binding.places:
        return binding.saved
    names = {place: name for name, place in alignment.found.items()}
    lacking = [
        (name, value) for name, value in binding.saved if name not in alignment.found and name in binding.widgets
    ]
    return (*((names.get(place, ""), value) for place, value in enumerate(values)), *lacking)


def _bind_object(signature: NodeSignature, values: Mapping[str, Any]) -> Binding:
    """The values of `widgets_values` where that is an object, with the names that they have there."""
    named = as_named_today(signature, values)
    binding = _Binder(_ByName(named, "widgets_values", values)).bind(with_editor_widgets(signature, named))
    if not is_of_pack(signature):
        return binding
    known = {*binding.widgets, *(name for name, _ in binding.saved), *signature.hidden, *signature.by_name}
    more = {
        name: Widget(name, None, value, "widgets_values" + pointer(name))
        for name, value in named.items()
        if name not in known and not is_shown_only(name, value) and not name.startswith(CONTROL)
    }
    return replace(binding, widgets={**binding.widgets, **more}, saved=(*binding.saved, *_places(more)))


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
        return Binding(self._widgets, tuple(self._saved), not places or places == len(self._saved))

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
        more = brought(declared, widget.value)
        if more is not None:
            self._walk(widget_places(more.inputs), more.prefix)

    def _skip(self, places: tuple[SavedValue, ...]) -> None:
        self._saved += places
        self._reader.skip(len(places))


def _widget(declared: Input, value: Any, key: str | None) -> Widget:
    if key is None:
        value = default(declared)
    elif value is None:
        value = for_null(declared)
    elif (
        declared.type == "STRING"
        and declared.options.get("multiline")
        and isinstance(value, int | float)
        and not isinstance(value, bool)
    ):
        value = number_as_text(value)
    return Widget(declared.name, declared, value, key)


def bind_unknown(slots: Sequence[Any], values: Any, named: Mapping[str, Any] | None) -> Binding:
    """The widgets of a node of unknown type, from what the file itself says: named values, or the slots of widgets.

    Older editors have slots of those widgets alone that were turned into inputs, and linked: they name no list that is
    longer.
    """
    if named:
        own = {n: v for n, v in named.items() if n.partition("#")[0] != CONTROL}  # the second is `…#1`
        widgets = {n: Widget(n, None, v, "widgets_values_named" + pointer(n)) for n, v in own.items()}
        return Binding(widgets, _places(widgets))
    if isinstance(values, Mapping):
        widgets = {
            name: Widget(name, None, value, "widgets_values" + pointer(name))
            for name, value in values.items()
            if name != _PREVIEW
        }
        return Binding(widgets, _places(widgets))
    of_widgets = [slot for slot in slots if slot.widget is not None]
    names = [slot.widget.name for slot in of_widgets]
    places = _without_controls(names, list(values or ()))
    if any(_says_something(value) for _, value in places[len(names) :]) and all(
        slot.link is not None for slot in of_widgets
    ):
        names = []
    widgets = {n: Widget(n, None, v, f"widgets_values/{i}") for n, (i, v) in zip(names, places, strict=False)}
    unnamed = sum(_says_something(value) for _, value in places[len(names) :])
    return Binding(widgets, _places(widgets), fits=not unnamed, unnamed=unnamed)


_PREVIEW: Final = "videopreview"


def bind_by_prompt(values: Any, given: Mapping[str, Any], signature: NodeSignature | None) -> Binding:
    """The widgets of a node, named by the prompt of the same file; `given` are the literals that it has there.

    What is not found among the saved values is as the prompt has it.
    """
    listed = values if isinstance(values, list) else []
    places = places_by_prompt(listed, given)
    declared = signature.by_name if signature is not None else {}
    widgets = {
        name: Widget(name, declared.get(name), listed[places[name]], f"widgets_values/{places[name]}")
        if name in places
        else Widget(name, declared.get(name), literal(value), None)
        for name, value in given.items()
    }
    names = {place: name for name, place in places.items()}
    return Binding(widgets, tuple((names.get(place, ""), value) for place, value in enumerate(listed)))


def _says_something(value: Any) -> bool:
    """Whether a value is more than what a button has."""
    return value is not None and value != ""


def _places(widgets: Mapping[str, Widget]) -> tuple[SavedValue, ...]:
    return tuple((name, widget.value) for name, widget in widgets.items())


def _without_controls(names: Sequence[str], values: Sequence[Any]) -> list[tuple[int, Any]]:
    """The values that may belong to names, which a mode of control after a number does not, if there are more."""
    kept: list[tuple[int, Any]] = []
    spare = len(values) - len(names)
    for index, value in enumerate(values):
        after_number = bool(kept) and isinstance(kept[-1][1], int) and not isinstance(kept[-1][1], bool)
        if spare > 0 and after_number and isinstance(value, str) and value in CONTROL_MODES:
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


class _ByPosition(_Reader):
    def __init__(self, values: Sequence[tuple[int, Any]]) -> None:
        self._values = iter(values)

    def read(self, name: str) -> tuple[Any, str | None]:  # noqa: ARG002
        index, value = next(self._values, (None, None))
        return value, f"widgets_values/{index}" if index is not None else None

    def skip(self, places: int) -> None:
        for _ in range(places):
            next(self._values, None)


class _ByAlignment(_Reader):
    def __init__(self, alignment: Alignment, values: Sequence[Any]) -> None:
        self._found = alignment.found
        self._values = values

    def read(self, name: str) -> tuple[Any, str | None]:
        place = self._found.get(name)
        return (self._values[place], f"widgets_values/{place}") if place is not None else (None, None)

    def skip(self, places: int) -> None:
        pass


class _ByName(_Reader):
    """`held`: what the node has itself, where names are not as they were saved."""

    def __init__(self, values: Mapping[str, Any], key: str, held: Mapping[str, Any] | None = None) -> None:
        self._values = values
        self._key = key
        self._held = values if held is None else held

    def read(self, name: str) -> tuple[Any, str | None]:
        if name not in self._values:
            return None, None
        return self._values[name], self._key + (pointer(name) if name in self._held else "")

    def skip(self, places: int) -> None:
        pass
