"""The values of a UI node's widgets by name, written as the node spells them: list, object or named copy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wftools.diff.changes import Absent
from wftools.diff.places import NAMED, VALUES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wftools.diff.changes import FactValue
    from wftools.diff.version import Part
    from wftools.document.document import Tree
    from wftools.values import Json


@dataclass(frozen=True, slots=True)
class Valued:
    """What the values of a node's widgets shall be, and how their spelling changes if it does."""

    part: Part
    wanted: Mapping[str, FactValue]
    spelling: tuple[Any, Any] | None = None  # before and after

    @property
    def names(self) -> Iterable[str]:
        """The names of all values, before and after."""
        return dict.fromkeys((*self.part.widgets, *self.wanted))

    @property
    def is_named(self) -> bool:
        """Whether there is a named copy, before or after."""
        assert self.part.places is not None
        spellings = (self.part.places.spelling, self.spelling[1] if self.spelling is not None else None)
        return any(isinstance(each, dict) and each.get("named") is not None for each in spellings)


def set_values(tree: Tree, valued: Valued, shown_as: Mapping[str, str]) -> None:
    """Give widgets of a node other values. `shown_as`: what the named copy calls those that an instance shows."""
    assert valued.part.places is not None
    values: dict[str, Json] = dict(valued.part.places.values)
    for name, value in valued.wanted.items():
        if isinstance(value, Absent):
            values.pop(name, None)
        else:
            values[name] = value  # type: ignore[assignment]  # no endpoint is the value of a widget
    before: dict[str, Any] = valued.part.places.spelling
    form, named = before["form"], before["named"]
    if valued.spelling is not None:
        old, new = ({"form": "none", "names": [], "named": None} | (each or {}) for each in valued.spelling)
        known = valued.part.places.declared
        values |= {name: known.get(name) for name in new["names"] if name not in values and name not in old["names"]}
        values = {name: values[name] for name in in_order([*values], new["names"])}
        form = new["form"] if form == old["form"] else form
        named = new["named"] if named == old["named"] else named
    _set_list(tree, form, before["form"], values)
    if named is not None or before["named"] is not None:
        _set_named(tree, named, values, valued.wanted, shown_as, is_only=form == "none")


def _set_list(tree: Tree, form: Any, before: Any, values: dict[str, Json]) -> None:
    if form == "list":
        tree[VALUES] = [*values.values()]
    elif form == "object":
        tree[VALUES] = values
    elif form != before:
        if form == "none":
            tree.pop(VALUES, None)
        else:
            tree[VALUES] = form


def _set_named(
    tree: Tree,
    named: Sequence[str] | None,
    values: Mapping[str, Json],
    wanted: Mapping[str, FactValue],
    shown_as: Mapping[str, str],
    *,
    is_only: bool,
) -> None:
    """Repeat values under their names; what stands there beside them stays."""
    if named is None:
        tree.pop(NAMED, None)
        return
    found = tree.get(NAMED)
    listed: Mapping[str, Json] = found if isinstance(found, dict) else {}
    names = dict(zip(named, values, strict=True)) if len(named) == len(values) else {}
    names |= {shown_as.get(name, name): name for name in values}
    names |= {name.rpartition(".")[2]: name for name in values if name.rpartition(".")[2] not in names}
    made = {}
    for spelled in [*named, *(shown_as.get(name, name) for name in values if is_only)]:
        name = names.get(spelled, spelled)
        if spelled in listed and name not in wanted:
            made[spelled] = listed[spelled]
        elif name in values:
            made[spelled] = values[name]
    tree[NAMED] = made


def in_order(names: Sequence[str], new: Sequence[str]) -> list[str]:
    """Names in the order to which another one was changed; what that one does not have stays behind its predecessor."""
    if [*names] == [*new]:
        return [*names]
    ordered = [name for name in dict.fromkeys(new) if name in names]
    known = set(ordered)
    for index, name in enumerate(names):
        if name in known:
            continue
        previous = next((each for each in reversed(names[:index]) if each in ordered), None)
        ordered.insert(ordered.index(previous) + 1 if previous is not None else 0, name)
    return ordered
