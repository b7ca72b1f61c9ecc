"""A version as a drawing, without what is secret in it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wftools.diff.places import Promoted
from wftools.diff.story import REDACTED, is_secret
from wftools.draw import drawing
from wftools.graph import build

if TYPE_CHECKING:
    from wftools.diff.version import Version
    from wftools.draw.scene import Drawing, DrawnNode, DrawnWidget, Scene


def drawn(version: Version) -> Drawing:
    """A version without what is secret in it."""
    made = drawing(build(version.document, version.catalogue))
    return replace(made, scenes={key: _without_secrets(scene) for key, scene in made.scenes.items()})


def _without_secrets(scene: Scene) -> Scene:
    def widget(each: DrawnWidget) -> DrawnWidget:
        hidden = bool(each.text) and is_secret(each.name, each.value)
        return replace(each, value=REDACTED, text=REDACTED) if hidden else each

    def node(each: DrawnNode) -> DrawnNode:
        return replace(each, widgets=tuple(map(widget, each.widgets)))

    return replace(scene, nodes=tuple(map(node, scene.nodes)))


def shown_names(version: Version) -> dict[str, dict[str, str]]:
    """By definition, the names of the inputs that show widgets, by what changes call the widgets."""
    authored = build(version.document, version.catalogue).authored
    if authored is None:
        return {}
    promoted = Promoted(authored)
    return {
        id_: {name: slot for slot, name in promoted.by_input(scope).items()}
        for id_, scope in authored.definitions.items()
    }
