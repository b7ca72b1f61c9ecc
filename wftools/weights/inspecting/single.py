"""Files of one small thing: a textual inversion, a hypernetwork, an upscaler, what an optimiser keeps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wftools.errors import InputError
from wftools.weights.inspecting.signs import Component
from wftools.weights.networks.hypernetwork import find_hypernetwork
from wftools.weights.networks.upscaler import find_compact, find_rrdb, unwrapped

if TYPE_CHECKING:
    from wftools.weights.tensorfile import TensorFile

# The width of a token's vector -> whose text encoder reads it.
_OF_WIDTH: Final = {768: "for SD1", 1024: "for SD2", 1280: "for SDXL, ViT-bigG"}
_VECTORS: Final = re.compile(r"emb_params|string_to_param\.[^.]*|<[^<>]+>")
_FEW: Final = 4  # tensors of an embedding at most
_OPTIMISER: Final = re.compile(r"(.*\.)?(exp_avg|exp_avg_sq|momentum_buffer)")


def single_in(file: TensorFile) -> tuple[Component, ...]:
    """The one thing in a file; empty if it is none of these."""
    try:
        found = _embedding(file) or _hypernetwork(file) or _upscaler(file) or _optimiser(file)
    except InputError:  # it is there, but cannot be built: then nothing says what it is
        found = None
    return () if found is None else (found,)


def _embedding(file: TensorFile) -> Component | None:
    """Vectors in the place of tokens; for SDXL, those of both its text encoders."""
    shapes = file.shapes
    if set(shapes) == {"clip_l", "clip_g"} and all(len(shape) == 2 for shape in shapes.values()):
        vectors = shapes["clip_l"][0]
        return Component("embedding", "textual inversion", "for SDXL", "", "", {"vectors": vectors}, "clip_l, clip_g")
    named = [name for name in shapes if _VECTORS.fullmatch(name) and 1 <= len(shapes[name]) <= 2]
    if len(named) != 1 or len(shapes) > _FEW:
        return None
    shape = shapes[named[0]]
    vectors = shape[0] if len(shape) == 2 else 1
    facts = {"vectors": vectors, "width": shape[-1]}
    return Component("embedding", "textual inversion", _OF_WIDTH.get(shape[-1], ""), "", "", facts, named[0])


def _hypernetwork(file: TensorFile) -> Component | None:
    nets = find_hypernetwork(file).config.nets
    if not nets:
        return None
    known: dict[tuple[int, ...], str] = {(320, 640, 768, 1280): "for SD1", (320, 640, 1024, 1280): "for SD2"}
    widths = tuple(sorted(nets))
    return Component(
        "hypernetwork",
        "hypernetwork",
        known.get(widths, ""),
        "",
        "",
        {"networks": 2 * len(nets)},
        "0 and 1 below each width",
    )


def _upscaler(file: TensorFile) -> Component | None:
    inner = unwrapped(file)
    prefix = _prefix(file, inner)
    rrdb = find_rrdb(inner)
    if rrdb is not None:
        facts = {"blocks": rrdb.config.blocks, "width": rrdb.config.channels}
        name = "ESRGAN+" if rrdb.config.is_plus else "ESRGAN"
        return Component(
            "upscaler", name, _scale(rrdb.config.scale), "", prefix, facts, "residual blocks in residual blocks"
        )
    compact = find_compact(inner)
    if compact is None:
        return None
    facts = {"layers": compact.config.layers, "width": compact.config.channels}
    return Component(
        "upscaler",
        "Real-ESRGAN compact",
        _scale(compact.config.scale),
        "",
        prefix,
        facts,
        "body.0.weight, body.1.weight",
    )


def _scale(scale: float) -> str:
    return f"x{scale:g}"


def _prefix(file: TensorFile, inner: TensorFile) -> str:
    """What was taken off the names."""
    last = next(iter(inner.tensors), "")
    whole = next((name for name in file.tensors if name.endswith(last)), last)
    return whole.removesuffix(last)


def _optimiser(file: TensorFile) -> Component | None:
    kept = next((name for name in file.tensors if _OPTIMISER.fullmatch(name)), None)
    return None if kept is None else Component("training state", "state of an optimiser", "", "", "", {}, kept)
