"""Values as ComfyUI's nodes know them, and back: dictionaries and lists where wftools has values of its own.

Pictures, masks, numbers and texts are the same on both sides. Models, text encoders and VAEs are handed on as they are,
for other nodes of wftools to use.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from wftools.values import Area, Block, Cond, Latent

if TYPE_CHECKING:
    from collections.abc import Mapping

_LATENT: Final = frozenset(each.name for each in fields(Latent))
_COND: Final = frozenset(each.name for each in fields(Cond)) - {"tensor", "extras"}


def theirs(value: Any) -> Any:
    """A value as a node of ComfyUI takes it. Dictionaries and lists are new, since such nodes may change them."""
    match value:
        case Latent():
            said = {name: getattr(value, name) for name in _LATENT}
            if said["batch_index"] is not None:
                said["batch_index"] = list(said["batch_index"])
            return {name: each for name, each in said.items() if each is not None}
        case (Cond(), *_):
            return [[cond.tensor, dict(cond.named())] for cond in value]
    return value


def ours(value: Any, kind: str) -> Any:
    """What a node of ComfyUI gives at an output of that type, as wftools has it."""
    if _is_blocker(value):
        return Block(value.message)
    if kind in {"LATENT", "*"} and isinstance(value, dict) and "samples" in value:
        return _latent(value)
    if (kind == "CONDITIONING" and isinstance(value, list | tuple)) or (kind == "*" and _is_conditioning(value)):
        return tuple(_cond(*each) for each in value)
    return value


def _is_conditioning(value: Any) -> bool:
    """Whether a value of no known type is a list of pairs of a tensor and what is said of it."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(
            isinstance(each, list | tuple)
            and len(each) == 2
            and hasattr(each[0], "shape")
            and isinstance(each[1], dict)
            for each in value
        )
    )


def _is_blocker(value: Any) -> bool:
    return type(value).__name__ == "ExecutionBlocker" and hasattr(value, "message")


def _latent(value: Mapping[str, Any]) -> Latent:
    known = {name: each for name, each in value.items() if name in _LATENT}
    if known.get("batch_index") is not None:
        known["batch_index"] = tuple(known["batch_index"])
    return Latent(**known)


def _cond(tensor: Any, said: Mapping[str, Any]) -> Cond:
    known = {name: value for name, value in said.items() if name in _COND}
    if isinstance(known.get("area"), list | tuple):
        known["area"] = Area.of(tuple(known["area"]))
    return Cond(tensor, **known, extras={name: value for name, value in said.items() if name not in _COND})
