"""Which nodes make something, and with which seed, steps and sampler: on the node, or on what it is linked to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wftools.graph.model import Linked
from wftools.overview.model import From
from wftools.overview.ways import is_bundle

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wftools.graph.model import Given, Node
    from wftools.overview.model import Told
    from wftools.overview.ways import Ways

# What inputs are called, the likeliest name first.
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "seed": ("seed", "noise_seed"),
    "steps": ("steps", "total_steps", "steps_total", "num_inference_steps", "num_steps"),
    "start": ("start_at_step", "start_step"),
    "end": ("end_at_step", "end_step", "last_step"),
    "cfg": ("cfg", "cfg_scale", "cfg_conds", "true_cfg", "true_cfg_scale"),
    "guidance": ("guidance", "embedded_guidance_scale", "guidance_scale"),
    "shift": ("shift", "flow_shift", "max_shift"),
    "sampler": ("sampler_name", "sampler"),
    "scheduler": ("scheduler", "scheduler_name"),
    "denoise": ("denoise", "denoise_strength", "denoising_strength"),
}
_HELPERS: Final = frozenset({"GUIDER", "NOISE", "SAMPLER", "SIGMAS"})
"""Types of links that carry how to sample, rather than what."""

_NO_MEDIA: Final = frozenset({"STRING", "INT", "FLOAT", "BOOLEAN", "COMBO", "*", ""})
_MADE: Final = frozenset({"IMAGE", "VIDEO", "AUDIO", "MESH"})
_TEXT: Final = re.compile(r"prompt|text|lyrics", re.IGNORECASE)
MAX_STEP: Final = 10_000  # what samplers have for "to the last step"


def is_pass(ways: Ways, node: Node) -> bool:
    """Whether a node samples: it has a seed and steps, or sigmas and a sampler, and a model to do it with."""
    names = {bare(name) for name in node.given}
    settles = not names.isdisjoint(_NAMES["seed"]) and not names.isdisjoint(_NAMES["steps"])
    settles = settles or ("sigmas" in names and not names.isdisjoint({"sampler", "guider", "noise"}))
    if settles and "learning_rate" not in names:
        kinds = ((name, ways.output(link.source, link.slot)[1]) for name, link in node.links)
        if any(
            "MODEL" in (kind or name).upper() or kind == "CONDITIONING" or is_helper(kind, name) for name, kind in kinds
        ):
            return True
    return is_service(ways, node)


def is_service(ways: Ways, node: Node) -> bool:
    """Whether a node has something made as a whole, by a service mostly: a picture, a video, a sound, of a text."""
    signature = node.signature
    kinds = set(ways.output_types(node))
    if signature is not None and signature.api_node:
        return not kinds <= _NO_MEDIA
    has_text = any(ways.type_of(node, name) == "STRING" and _TEXT.search(bare(name)) for name in node.given)
    is_known = signature is not None and "seed" not in {bare(name) for name in node.given}
    return has_text and not is_known and not kinds.isdisjoint(_MADE) and "LATENT" not in kinds


def bare(name: str) -> str:
    """The name of an input without those of the inputs that bring it: `model.seed` is a seed."""
    return name.rpartition(".")[2].lower()


def is_helper(kind: str, name: str) -> bool:
    """Whether what an input is linked to says how to sample; of an unknown type, the name of the input tells."""
    return (kind or name.upper()) in _HELPERS or is_bundle(kind or name)


def helpers(ways: Ways, node: Node) -> Iterator[tuple[str, Node]]:
    """A node, and those that it is told by how to sample, the nearest first; each with what it is linked as."""
    waiting, seen = [("", node)], {node.path}
    while waiting:
        kind, here = waiting.pop(0)
        yield kind, here
        chosen = ways.chosen(here)
        for name, link in here.links:
            linked = ways.output(link.source, link.slot)[1]
            follows = is_helper(linked, name) or (name == chosen and linked not in ("MODEL", "LATENT", "IMAGE"))
            if follows and chosen in (None, name) and link.source in ways.nodes and link.source not in seen:
                seen.add(link.source)
                waiting.append(((linked or name).upper(), ways.nodes[link.source]))


def settings(ways: Ways, node: Node) -> dict[str, Told]:
    """How a node samples. What nothing tells is left out, and so is what changes nothing."""
    found: dict[str, Told] = {}
    for kind, here in helpers(ways, node):
        given = {bare(name): each for name, each in here.given.items()}
        for setting, names in _NAMES.items():
            written = next((given[name] for name in names if name in given), None)
            if written is not None and setting not in found and not _is_helper_link(ways, written):
                found[setting] = ways.value(written)
        if kind in ("SAMPLER", "SIGMAS") and not any(is_helper(ways.type_of(here, n), n) for n, _ in here.links):
            found.setdefault("sampler" if kind == "SAMPLER" else "scheduler", named_by_type(here.type))
    if found.get("start") == 0:
        del found["start"]
    end, steps = found.get("end"), found.get("steps")
    if isinstance(end, int) and (end >= MAX_STEP or end < 0 or end == steps):
        del found["end"]
    return {name: found[name] for name in _NAMES if name in found}


def _is_helper_link(ways: Ways, given: Given) -> bool:
    return isinstance(given, Linked) and is_helper(ways.output(given.source, given.slot)[1], "")


def named_by_type(node_type: str) -> str:
    """The sampler or schedule that a node is for, where it has no choice of them: `KarrasScheduler` is karras."""
    bare = node_type.removeprefix("Sampler").removesuffix("Scheduler").removesuffix("Sampler")
    if bare == node_type or not bare:
        return node_type
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", bare).lower()


def number(told: Told | None) -> float | None:
    """A value as a number, if it is one."""
    return told if isinstance(told, int | float) and not isinstance(told, bool | From) else None
