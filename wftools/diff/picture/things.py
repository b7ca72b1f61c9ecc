"""Which things of drawings the subjects of changes are."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from wftools.diff.changes import ROOT, Subject
from wftools.graph.authored.scopes import INPUTS, OUTPUTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.diff.compare import Comparison
    from wftools.diff.version import Part
    from wftools.draw.scene import Drawing
    from wftools.values import Json


class Things:
    """Which things of two drawings the subjects of changes are."""

    def __init__(self, comparison: Comparison) -> None:
        self._comparison = comparison

    def scope(self, old: str) -> str | None:
        """The key that a scope has in the new drawing; None if it is not there."""
        subject = Subject(ROOT, "subgraph", old)
        pair = self._comparison.matching.pairs.get(subject)
        if old == ROOT or pair is not None:
            return pair.new.id if pair is not None else ROOT
        return old if subject in self._comparison.new.parts and subject not in self._comparison.old.parts else None

    def old(self, subject: Subject) -> Subject | None:
        """A subject as the old version has it."""
        return subject if subject in self._comparison.old.parts else None

    def new(self, subject: Subject) -> Subject | None:
        """A subject as the new version has it."""
        return self._known_as.get(subject)

    @cached_property
    def _known_as(self) -> Mapping[Subject, Subject]:
        comparison = self._comparison
        return {comparison.matching.known_as(each, comparison.old): each for each in comparison.new.parts}


def node_of(subject: Subject) -> str | None:
    """The id of the node that shows a subject: itself, or a border for a slot of a subgraph."""
    return {"node": subject.id, "input": INPUTS, "output": OUTPUTS}.get(subject.kind)


def place_of(part: Part) -> int:
    """The place of a group in the list of its scene."""
    return int(part.pointer.rpartition("/")[2])


def spot_of(drawing: Drawing, subject: Subject, group: int = -1) -> Json:
    """Where a subject is in a drawing: the key of its scene, the id of its node, and its frame.

    None if it is not there. `group`: the place of a group in the list of its scene.
    """
    scene = drawing.scenes.get(subject.id if subject.kind == "subgraph" else subject.scope)
    if scene is None:
        return None
    id_ = node_of(subject)
    frame = next((node.frame for node in scene.nodes if node.id == id_), None)
    if subject.kind == "group":
        frame = next((each.frame for each in scene.groups if each.place == group), None)
    if frame is None and subject.kind in ("node", "group", "reroute"):
        return None
    shown = frame or scene.bounds
    return [scene.key, id_ if frame is not None else None, shown.x, shown.y, shown.width, shown.height]
