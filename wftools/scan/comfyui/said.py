"""What the inputs of schemas take and say, for `sources/schema.py`: done here and not interpreted, as it is often."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from wftools.scan.interpreter.values import Instance, Unknown, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wftools.scan.interpreter import Interpreter


def take(
    _interpreter: Interpreter,
    part: Instance,
    names: Sequence[str],
    defaults: Mapping[str, Any],
    values: Sequence[Any],
    given: Mapping[Any, Any],
) -> None:
    """Keep what is given, by place or by name, as attributes. Raises TypeError for what is not taken."""
    if len(values) > len(names):
        raise TypeError(f"takes {len(names)} arguments, and {len(values)} were given")
    named = {**dict(zip(names, values, strict=False)), **given}
    others = next((name for name in named if isinstance(name, Unknown)), None)  # of `**` of what is not known
    for name in named:
        if not isinstance(name, Unknown) and name not in names:
            raise TypeError(f"got an unexpected keyword argument '{name}'")
    for name in names:
        value = named.get(name, others)
        part.attributes[name] = deepcopy(defaults.get(name)) if value is None else value


def say(interpreter: Interpreter, part: Instance, names: Mapping[str, str]) -> dict[Any, Any]:
    """What was given, by the names that object_info has for it, and what a pack adds to that."""
    said: dict[Any, Any] = {}
    for name, attribute in names.items():
        value = interpreter.attribute(part, attribute, None)
        if value is not None:
            method = interpreter.attribute(value, "as_dict", None) if isinstance(value, Instance) else None
            said[name] = value if method is None else interpreter.call(method)
    more = plain(part.attributes.get("extra_dict"))
    if isinstance(more, dict):
        said.update({name: value for name, value in more.items() if value is not None})
    return said
