"""How large what a workflow makes is: from the empty latent that it starts with, through what resizes it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from wftools.graph.model import Linked
from wftools.overview.model import From, Size
from wftools.overview.sampling import number
from wftools.overview.ways import MAX_STEPS, Slot, is_bundle, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wftools.graph.model import Given, Node
    from wftools.overview.model import Told
    from wftools.overview.ways import Ways

_MEDIA: Final = frozenset({"LATENT", "IMAGE", "VIDEO", "MASK"})
_WIDTHS: Final = ("width", "empty_latent_width", "custom_width", "image_width", "latent_width", "target_width")
_FACTORS: Final = ("scale_by", "upscale_by", "upscale_factor", "rescale_factor", "factor")
_BATCHES: Final = ("batch_size", "amount")
_FRAMES: Final = ("length", "num_frames", "video_length", "frames")
_SAMPLES: Final = ("latent", "image", "pixels", "video", "image_embeds")

# Inputs that change the size in ways which are not worked out here.
_UNTOLD: Final = re.compile(
    r"megapixel|(?:^|_)(?:size|edge|side|scale|resolution|crop|left|top|longest|pixels_max)(?:_|$)", re.IGNORECASE
)
_HARMLESS: Final = re.compile(
    r"tile|batch|guide|kernel|max_size|noise|chunk|drop|blur|crop_factor|method|shift|size_for|sharpen"
)
_WRITTEN: Final = re.compile(r"(?<!\d)(\d{2,5})\s*[xX*\u00d7]\s*(\d{2,5})(?!\d)")
_WRITTEN_IN: Final = ("resolution", "size", "dimensions", "image_size", "aspect_ratio", "size_preset")


class Sizes:
    """The sizes of what the nodes of a view make."""

    def __init__(self, ways: Ways) -> None:
        self._ways = ways
        self._steps: dict[tuple[Slot, int], tuple[Size | None, float | None, Slot | None]] = {}

    def made_by(self, node: Node) -> Size:
        """The size of what a node samples, or has made."""
        return self._at(node, None) or Size()

    def given_to(self, node: Node) -> Size:
        """The size of what a node is given to save or to show."""
        starts = self._sources(node, None)
        return self._walk(starts[0]) if starts else Size()

    def _walk(self, at: Slot, depth: int = 0) -> Size:
        """What is known of an output: width and height where they are said last, how many where that is said."""
        factor: float | None = 1.0
        known = Size()
        seen: set[Slot] = set()
        for _ in range(MAX_STEPS):
            if at.node not in self._ways.nodes or at in seen:
                break
            seen.add(at)
            told, scale, following = self._step(at, depth)
            if told is not None:
                known = (
                    _times(told, factor) if factor is not None else replace(known, batch=told.batch, frames=told.frames)
                )
                factor = None
            if known.batch is not None or known.frames is not None or following is None:
                break
            factor = factor * scale if factor is not None and scale is not None else None
            at = following
        return known

    def _step(self, at: Slot, depth: int) -> tuple[Size | None, float | None, Slot | None]:
        """What the node of an output says of the size, by what it changes it, and where it has what it changes."""
        if (at, depth) not in self._steps:
            node = self._ways.nodes[at.node]
            told = self._told(node, depth) if self._ways.chosen(node) is None else None
            self._steps[at, depth] = told, self._factor(node), next(iter(self._sources(node, at)), None)
        return self._steps[at, depth]

    def _at(self, node: Node, at: Slot | None) -> Size | None:
        told = self._told(node, 0)
        if told is not None:
            return told
        scale, following = self._factor(node), self._sources(node, at)
        if not following:
            return None
        size = self._walk(following[0])
        return _times(size, scale) if scale is not None else replace(size, width=None, height=None)

    def _sources(self, node: Node, at: Slot | None) -> list[Slot]:
        """Where the latent or the picture that a node works on comes from, the likeliest first."""
        ways = self._ways
        chosen = ways.chosen(node)
        needed = ways.needed(at) if at is not None else list(ways.inputs(node))
        found: list[tuple[bool, int, int, Slot]] = []
        for name, source in needed:
            kind = ways.output(source.node, source.slot)[1]
            is_sample = kind in _MEDIA or (kind in ("", "*") and plain(name) in _SAMPLES) or "IMAGE_EMBEDS" in kind
            if is_bundle(kind):
                is_sample = True
            if is_sample or name == chosen:
                is_mask = kind == "MASK"
                rank = _SAMPLES.index(plain(name)) if plain(name) in _SAMPLES else len(_SAMPLES) + is_bundle(kind)
                meant = replace(source, field=source.field or "latent") if is_bundle(kind) else source
                found.append((is_mask, rank, len(found), meant))
        return [source for *_, source in sorted(found, key=lambda each: each[:3])]

    def _told(self, node: Node, depth: int) -> Size | None:
        """What a node itself says of the size."""
        given: dict[str, Given] = {name.rpartition(".")[2].lower(): each for name, each in node.given.items()}
        batch, frames = self._first(given, _BATCHES), self._first(given, _FRAMES)
        written = self._written(node)
        if written is not None:
            return Size(*written, batch, frames)
        for name in _WIDTHS:
            other = name.replace("width", "height")
            if name in given and other in given:
                width, height = (self._length(given[each], depth) for each in (name, other))
                if width == 0 or height == 0:
                    return None
                return Size(width, height, batch, frames)
        return None

    def _written(self, node: Node) -> tuple[int, int] | None:
        """The size in a choice such as "3:4 portrait 896x1152"."""
        given = {name.rpartition(".")[2].lower(): value for name, value in node.values.items()}
        if any(name.startswith("swap") and value not in (False, "Off", "off", "No") for name, value in given.items()):
            return None
        for name in _WRITTEN_IN:
            match = _WRITTEN.search(given[name]) if isinstance(given.get(name), str) else None
            if match is not None:
                return int(match.group(1)), int(match.group(2))
        return None

    def _first(self, given: Mapping[str, Given], names: Iterable[str]) -> Told | None:
        return next((self._ways.value(given[name]) for name in names if name in given), None)

    def _length(self, given: Given, depth: int) -> Told:
        value = self._ways.value(given)
        if isinstance(value, From) and isinstance(given, Linked) and depth < _MAX_DEPTH:
            node = self._ways.nodes.get(value.node.path)
            measured = plain(self._ways.output(given.source, given.slot)[0])
            written = self._written(node) if node is not None and measured in ("width", "height") else None
            if written is not None:
                return written[measured == "height"]
            if node is not None and measured in ("width", "height") and not self._says_size(node):
                sources = self._sources(node, None)
                size = self._walk(sources[0], depth + 1) if sources else Size()
                found = size.width if measured == "width" else size.height
                return found if found is not None else value
        return value

    def _says_size(self, node: Node) -> bool:
        return any(self._ways.type_of(node, name) in ("INT", "FLOAT") for name in node.given)

    def _factor(self, node: Node) -> float | None:
        """By what a node changes the size; None where that is not known."""
        given: dict[str, Any] = {name.rpartition(".")[2].lower(): each for name, each in node.given.items()}
        factor = next((given[name] for name in _FACTORS if name in given), None)
        if factor is not None:
            return number(self._ways.value(factor))
        kinds = {self._ways.output(link.source, link.slot)[1] for _, link in node.links}
        if "UPSCALE_MODEL" in kinds or "LATENT_UPSCALE_MODEL" in kinds:
            return None
        odd = [name for name in given if _UNTOLD.search(name) and not _HARMLESS.search(name)]
        return None if odd else 1.0


_MAX_DEPTH: Final = 5  # of sizes that are measured from pictures whose sizes are measured


def _times(size: Size, factor: float) -> Size:
    if factor == 1.0:
        return size
    width, height = number(size.width), number(size.height)
    if width is None or height is None:
        return replace(size, width=None, height=None)
    return replace(size, width=round(width * factor), height=round(height * factor))
