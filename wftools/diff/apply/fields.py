"""Sets single facts in the JSON of their subject."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wftools.diff.apply.rows import named_slots
from wftools.diff.apply.values import in_order
from wftools.diff.apply.words import list_of
from wftools.diff.changes import Absent
from wftools.diff.version import models_by_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.diff.changes import FactValue, Key
    from wftools.document.document import Tree

_HOLDERS: Final[Mapping[str, str]] = {
    "flag": "flags",
    "property": "properties",
    "extra": "extra",
    "config": "config",
    "meta": "_meta",
    "given": "inputs",  # of a prompt
}
_KEPT: Final = frozenset({"name", "label", "link", "links"})  # of a slot: what its declaration does not say


def set_fact(tree: Tree, key: Key, value: FactValue) -> None:
    """Set the value of one key, or take the key away."""
    if len(key) == 1:
        if key == ("mode",) and isinstance(value, Absent) and "mode" in tree:
            tree["mode"] = 0  # the same as none
        else:
            set_or_drop(tree, key[0], value)
    elif key[0] == "model":
        _set_model(tree, key[1], value)
    elif key[0] in _HOLDERS:
        holder = tree.get(_HOLDERS[key[0]])
        if not isinstance(holder, dict):
            if isinstance(value, Absent):
                return
            holder = tree[_HOLDERS[key[0]]] = {}
        set_or_drop(holder, key[1], value)


def set_or_drop(tree: Tree, key: str, value: FactValue) -> None:
    """Set the value of a key, or take the key away if there is none."""
    if isinstance(value, Absent):
        tree.pop(key, None)
    else:
        tree[key] = value


def _set_model(tree: Tree, name: str, value: FactValue) -> None:
    properties = tree.get("properties")
    models = dict(models_by_name(list_of(properties, "models")))
    if isinstance(value, Absent):
        models.pop(name, None)
    else:
        models[name] = value  # type: ignore[assignment]  # no endpoint is a model
    if not isinstance(properties, dict):
        properties = tree["properties"] = {}
    properties["models"] = [*models.values()]


def change_slots(tree: Tree, key: str, changed: Mapping[Key, tuple[FactValue, FactValue]]) -> None:
    """Change the slots under a key of a node: what they are, their labels, their order; links stay with them.

    A slot in whose place stands one of another name is that one, renamed.
    """
    kind = key.removesuffix("s")
    whole = changed.get((key,))
    old, new = ([*map(str, each)] if isinstance(each, list) else [] for each in whole or (None, None))
    slots = named_slots(tree, key)
    renamed = {
        before: after
        for before, after in zip(old, new, strict=False)
        if before in slots and after not in slots and before not in new and after not in old
        if {(kind, before), (kind, after)} <= changed.keys()
    }
    made = {renamed.get(name, name): slot for name, slot in slots.items()}
    declared = {each[1]: value for each, (_, value) in changed.items() if each[0] == kind and len(each) == 2}
    for name, value in declared.items():
        if name not in renamed:
            _declare(made, name, value, kind)
    for name in renamed.values():
        made[name]["name"] = _plain(name, made)
    labels = {each[1]: value for each, (_, value) in changed.items() if each[0] == kind and len(each) > 2}
    for name, value in sorted(labels.items(), key=lambda each: not isinstance(each[1], Absent)):
        slot = made.get(renamed.get(name, name))
        if isinstance(slot, dict):
            set_or_drop(slot, "label", value)
    if whole is not None and not isinstance(whole[1], list):
        set_or_drop(tree, key, [*made.values()] if made else whole[1])
    elif made or isinstance(tree.get(key), list) or whole is not None:
        tree[key] = [made[name] for name in (in_order([*made], new) if new else made)]


def _declare(slots: dict[str, Any], name: str, value: FactValue, kind: str) -> None:
    """Have a slot be what it is declared to be, or not be; its label and its links stay."""
    if isinstance(value, Absent):
        slots.pop(name, None)
    elif not isinstance(value, dict):
        slots[name] = value
    else:
        slot = slots.get(name)
        if not isinstance(slot, dict):
            end: Tree = {"link": None} if kind == "input" else {"links": None}
            slots[name] = {"name": _plain(name, slots), **value, **end}
            return
        for key in [key for key in slot if key not in _KEPT and key not in value]:
            del slot[key]
        slot.update(value)


def _plain(name: str, names: Mapping[str, Any]) -> str:
    """The name of a slot without the number that tells it from another one of that name."""
    base, _, number = name.rpartition("#")
    return base if number.isdigit() and base in names else name
