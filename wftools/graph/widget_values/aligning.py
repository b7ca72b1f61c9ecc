"""Which saved value is for which widget, where the list is not quite what the declaration says.

Lists of custom nodes differ from it all the time: an input that is a socket today was a widget once, a button of the
pack's script has a place, results of the last run stand behind the widgets, an older version had a widget less. So the
list is laid beside the declared places, as two texts are compared: a place may be without a value, a value without a
place, and both cost something, as does a value of the wrong kind. The cheapest way through is taken.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from wftools.catalog.signature import COMBO
from wftools.graph.widget_values.added import RESULTS
from wftools.graph.widget_values.order import (
    CONTROL,
    CONTROL_MODES,
    brought,
    buttons,
    companions,
    is_beside,
    is_forced,
    is_saved,
    is_widget,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wftools.catalog.signature import Input, NodeSignature

MAX_VALUES: Final = 1_000  # of a list that is laid beside the places; no node has a tenth of that
MAX_STEPS: Final = 10_000
MAX_COST: Final = 60  # four values of wrong kinds: such a list is of something else

OLDER: Final = "older"  # why the choices are not known: those of older signatures are not

_NOTHING: Final[tuple[Any, ...]] = (None, "", {})  # what buttons and lines have

# What it costs. Only what is free is sound: it may be just so in a file that nobody has spoiled.
_WITHOUT_PLACE: Final = 12  # a value with no place for it
_NOTHING_WITHOUT_PLACE: Final = 2  # null or "", as a button has it, where no button is known
_NEWER: Final = 5  # one behind all others: a newer version has a place for it
_WITHOUT_VALUE: Final = 12  # a widget for which no value was saved, before others that have one
_NEW: Final = 4  # the same behind all that have one: an older version lacks it
_WRONG: Final = 15  # a value of a kind that the widget does not take
_ODD: Final = 3  # one that it takes, and that it would hardly have
_UNLIKELY: Final = 1


@dataclass(frozen=True, slots=True)
class Alignment:
    """Which places of the list the widgets have."""

    found: Mapping[str, int]  # the name of a widget -> the place of its value
    unnamed: tuple[int, ...]  # places of values that say something and are for no widget
    cost: int  # 0: a list of just this form is what the editor saves
    has_wrong_kinds: bool = False  # whether a widget has a value that it does not take


@dataclass(frozen=True, slots=True)
class _Place:
    """A declared place in the list."""

    name: str
    declared: Input | None  # None for what stands beside the widgets: modes of control, buttons
    absent: int  # what it costs if it is not there
    is_dummy: bool = False  # the place that a socket has in files of some editors
    choices: Sequence[Any] = ()


class _Chain(NamedTuple):
    """Places in order."""

    place: _Place
    rest: _Chain | None
    ended: int  # what it costs if the declared places end before this one: an older version did not have what is behind


def aligned(
    signature: NodeSignature,
    values: Sequence[Any],
    hints: Mapping[str, Input] | None = None,
    limit: int = MAX_COST,
) -> Alignment | None:
    """The values laid beside the places of a signature; None where it would cost more than the limit.

    `hints` are the inputs that the type has today: of an older signature, only names and types are known.
    """
    if len(values) > MAX_VALUES:
        return None
    return _Aligner(signature, values, hints or {}).best(limit)


class _Aligner:
    """Finds the cheapest way: a state is how many places and how many values are behind us."""

    def __init__(self, signature: NodeSignature, values: Sequence[Any], hints: Mapping[str, Input]) -> None:
        self._signature = signature
        self._values = values
        self._hints = hints
        self._chains: dict[tuple[int, str], _Chain | None] = {}

    def best(self, limit: int) -> Alignment | None:
        """The cheapest alignment."""
        order = count(0, -1)
        start = self._chain([*_places(self._signature.inputs, "", self._hints)], None)
        waiting: list[tuple[int, int, _Chain | None, int, Any]] = [(0, next(order), start, 0, None)]
        done: set[tuple[int, int]] = set()
        while waiting and len(done) < MAX_STEPS:
            cost, _, chain, index, way = heapq.heappop(waiting)
            if cost > limit:
                return None
            if (id(chain), index) in done:
                continue
            done.add((id(chain), index))
            if chain is None and index == len(self._values):
                return self._alignment(cost, way)
            for more, onward, step in self._steps(chain, index):
                if cost + more > limit:
                    continue
                at = index if step is _ABSENT else index + 1
                heapq.heappush(waiting, (cost + more, next(order), onward, at, (step, index, way)))
        return None

    def _steps(self, chain: _Chain | None, index: int) -> Iterator[tuple[int, _Chain | None, Any]]:
        """The ways on; of those that cost the same the last one is gone first, and gone to its end."""
        has_value = index < len(self._values)
        if chain is not None:
            yield chain.ended, None, _ABSENT
            yield chain.place.absent, chain.rest, _ABSENT
        if has_value:
            yield self._skipping(chain, index), chain, None
        if has_value and chain is not None:
            value = self._values[index]
            taken = _taking(chain.place, value)
            if taken is not None:
                yield taken, self._after(chain, value), chain.place

    def _skipping(self, chain: _Chain | None, index: int) -> int:
        value = self._values[index]
        if value in _NOTHING:
            return _NOTHING_WITHOUT_PLACE if chain is not None else int(value == "")  # it may be a text
        if chain is None and self._signature.type in RESULTS:
            return 0
        if _is_mode(self._values, index):
            return _NOTHING_WITHOUT_PLACE
        return _WITHOUT_PLACE if chain is not None else _NEWER

    def _after(self, chain: _Chain, value: Any) -> _Chain | None:
        """The places that follow one that has this value."""
        place, rest = chain.place, chain.rest
        more = brought(place.declared, value) if place.declared is not None and not place.is_dummy else None
        if more is None:
            return rest
        key = (id(chain), str(value))
        if key not in self._chains:
            prefix = place.name + "." if more.prefix else ""
            self._chains[key] = self._chain([*_places(more.inputs, prefix, self._hints)], rest)
        return self._chains[key]

    @staticmethod
    def _chain(places: Sequence[_Place], rest: _Chain | None) -> _Chain | None:
        for place in reversed(places):
            rest = _Chain(place, rest, min(place.absent, _NEW) + (rest.ended if rest is not None else 0))
        return rest

    def _alignment(self, cost: int, way: Any) -> Alignment:
        found: dict[str, int] = {}
        unnamed: list[int] = []
        has_wrong_kinds = False
        while way is not None:
            step, index, way = way
            if isinstance(step, _Place):
                if step.declared is not None and not step.is_dummy:
                    found[step.name] = index
                    is_wrong_kind = _kind(step.declared, step.choices, self._values[index]) >= _WRONG
                    has_wrong_kinds = has_wrong_kinds or is_wrong_kind
            elif step is None and self._says_something(index):
                unnamed.append(index)
        return Alignment(found, tuple(reversed(unnamed)), cost, has_wrong_kinds)

    def _says_something(self, index: int) -> bool:
        value = self._values[index]
        if value in _NOTHING or _is_mode(self._values, index):
            return False
        return self._signature.type not in RESULTS


_ABSENT: Final = object()


def _places(inputs: Sequence[Input], prefix: str, hints: Mapping[str, Input]) -> Iterator[_Place]:
    """The places of some inputs, those among them that sockets have in files of some editors."""
    required = sum(each.required for each in inputs)
    for number, each in enumerate(inputs, 1):
        name = prefix + each.name
        if is_beside(each):
            yield _Place(name, None, 0)
        elif is_widget(each) and is_saved(each):
            yield _Place(name, each, _WITHOUT_VALUE, choices=_choices(each, hints))
            beside = companions(each, None)
            yield from (_Place(other, None, _ODD if other == CONTROL else _UNLIKELY) for other, _ in beside)
        elif is_forced(each):
            yield _Place(name, each, 0, is_dummy=True, choices=_choices(each, hints))
        if number == required:
            yield from (_Place(button, None, _UNLIKELY) for button, _ in buttons(inputs))


def _choices(declared: Input, hints: Mapping[str, Input]) -> Sequence[Any]:
    """What a menu offers as far as it is known, or what it offers today."""
    if declared.type != COMBO:
        return ()
    known = declared.choices or (*declared.options.get("extra_options", ()),)
    today = hints.get(declared.name)
    return known or (today.choices if today is not None and today.type == COMBO else None) or ()


def _taking(place: _Place, value: Any) -> int | None:
    """What it costs to give a value to a place; None for a value that cannot be meant for it."""
    if place.declared is None:
        return _beside(place.name, value)
    return _kind(place.declared, place.choices, value)


def _beside(name: str, value: Any) -> int | None:
    if isinstance(value, bool):  # the first editors had a switch behind a seed
        return _UNLIKELY if name == CONTROL else _ODD
    if name != CONTROL:
        return 0 if value in (None, {}) or isinstance(value, str) else None
    if isinstance(value, str) and value in CONTROL_MODES:
        return 0
    return _ODD if value in (None, "") else None  # some packs have a button there


def is_wrong(declared: Input, value: Any) -> bool:
    """Whether a value is of a kind that a widget does not take."""
    return _kind(declared, _choices(declared, {}), value) >= _WRONG


def is_as_declared(
    signature: NodeSignature,
    places: Sequence[tuple[str, Input | None]],
    values: Sequence[Any],
    hints: Mapping[str, Input] | None = None,
) -> bool:
    """Whether values, each in the place of the same number, are all of the kinds that are declared there.

    Then it is the cheapest way that there is, and the only one that is free.
    """
    if any(map(is_beside, signature.inputs)):  # has a place in some files, and in others not
        return False
    return all(
        (_beside(name, value) if declared is None else _kind(declared, _choices(declared, hints or {}), value)) == 0
        for (name, declared), value in zip(places, values, strict=True)
    )


def _kind(declared: Input, choices: Sequence[Any], value: Any) -> int:
    """How little a value is of the kind that a widget takes."""
    kind = declared.options.get("widgetType", declared.type)
    if value is None:
        return 2 * _UNLIKELY
    if value == declared.default and type(value) is type(declared.default):
        return 0  # packs declare defaults of other kinds, and the editor keeps them
    if kind == COMBO:
        return _as_choice(declared, choices, value)
    match kind:
        case "INT" | "FLOAT" | "INT:seed":
            if isinstance(value, bool) or not isinstance(value, int | float):
                return _WRONG
            is_whole = isinstance(value, int) or value.is_integer()  # neither infinity nor NaN is
            return 0 if kind == "FLOAT" or is_whole else _ODD
        case "BOOLEAN":
            return 0 if isinstance(value, bool) else _ODD if value in (0, 1) else _WRONG
        case "STRING":
            return (_ODD if value in CONTROL_MODES else 0) if isinstance(value, str) else _WRONG
    return 0


def _as_choice(declared: Input, choices: Sequence[Any], value: Any) -> int:
    if isinstance(value, dict | list):
        return _WRONG
    if any(value == each and isinstance(value, bool) == isinstance(each, bool) for each in choices):
        return 0
    if not choices and declared.is_open and declared.options["open"] != OLDER:
        return 0
    if not isinstance(value, str):
        return _WRONG if isinstance(value, bool) or choices else _ODD
    if value in CONTROL_MODES:
        return _WRONG
    if declared.folder is not None or "folders" in declared.options:
        return 0 if "." in value else _UNLIKELY  # the names of files
    return _ODD if choices else 0


def _is_mode(values: Sequence[Any], index: int) -> bool:
    """Whether a value says what becomes of the number before it after a run."""
    value, before = values[index], values[index - 1] if index else None
    is_number = isinstance(before, int | float) and not isinstance(before, bool)
    return is_number and isinstance(value, str) and value in CONTROL_MODES
