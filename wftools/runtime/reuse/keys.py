"""Content keys: two calls with one key give the same values, in whatever workflow they stand."""

from __future__ import annotations

import json
from dataclasses import asdict
from hashlib import sha256
from typing import TYPE_CHECKING

from wftools import __version__
from wftools.weights.tensorfile import identity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wftools.graph import NodePath
    from wftools.runtime.plan import Plan
    from wftools.runtime.plan.call import Call
    from wftools.runtime.surroundings import Surroundings


def content_keys(plan: Plan, surroundings: Surroundings) -> dict[NodePath, str]:
    """The key of every call of a plan that has one.

    A key holds what the result depends on: the version of wftools, the node, its literals, the hidden inputs that
    matter, what its `changed` says, the keys of what it is linked to, the placement, and the files that it reads. A
    call has none if its `changed` fails or gives NaN (ComfyUI's way to say "always"), if one of its files is not there
    yet, or if something that it is linked to has none.
    """
    keys: dict[NodePath, str] = {}
    for path, call in plan.calls.items():
        key = _key(call, keys, plan.reads[path], surroundings)
        if key is not None:
            keys[path] = key
    return keys


def _key(call: Call, keys: Mapping[NodePath, str], reads: tuple[Path, ...], surroundings: Surroundings) -> str | None:
    if any(source.path not in keys for source in call.links.values()):
        return None
    changed = _changed(call, surroundings)
    try:
        files = [identity(path) for path in reads]
    except OSError:
        return None
    if changed is None:
        return None
    parts = [
        __version__,
        call.declared.type,
        call.declared.function.__module__,
        call.literals,
        {name: [keys[source.path], source.slot] for name, source in call.links.items()},
        surroundings.hidden_key(call),
        asdict(surroundings.placement),
        files,
        changed,
    ]
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _changed(call: Call, surroundings: Surroundings) -> str | None:
    """What the node's `changed` says, as text; None if it says that the node must run."""
    if call.declared.changed is None:
        return ""
    context = surroundings.context(call, lambda _done, _total: None)
    try:
        value = call.declared.changed(**call.nested(call.literals), context=context)
    except Exception:  # a plug-in's code; mostly a file is not there, and the node itself will say so
        return None
    return repr(value) if value == value else None  # noqa: PLR0124  (NaN is the one value that differs from itself)
