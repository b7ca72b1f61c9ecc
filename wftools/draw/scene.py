"""What a picture of a workflow consists of: plain data, in the units of the editor's canvas.

A `Drawing` has a `Scene` for the workflow itself and one for each subgraph definition. What belongs to a node stands
relative to the upper left corner of its body, so that a node moves as a whole; all else is absolute.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.values import Json

ROOT: Final = ""  # the key of the scene of the workflow itself

Mark = Literal["added", "removed", "changed", "moved", "conflict"]
"""What a picture says of a thing beside the thing itself: see `marks.py`."""

Point: TypeAlias = "tuple[float, float]"

Dot = Literal["round", "hollow", "list"]
"""The look of a slot: of a value, of a value that may be missing, of a list."""

Look = Literal["line", "number", "combo", "toggle", "text", "button"]
"""The look of a widget; all are a line high but `text`."""

Word: TypeAlias = "tuple[Mark | None, str]"
"""A part of a text that changed, and whether it came or went."""

Kind = Literal["node", "subgraph", "reroute", "inputs", "outputs"]
"""What a box is: `inputs` and `outputs` are the borders of a subgraph, seen from inside."""


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class DrawnSlot:
    """An input or output of a node."""

    name: str
    label: str
    type: str
    at: Point  # in the node; where links end
    dot: Dot = "round"
    of_widget: bool = False  # then the widget's row bears its name, and its dot is there only if it is linked
    is_linked: bool = False


@dataclass(frozen=True, slots=True)
class DrawnWidget:
    """A row of a node with a value."""

    name: str
    label: str
    value: Json
    text: str  # the value as the editor shows it
    look: Look
    place: Rect | None = None  # in the node; None where the node has no room for it
    is_linked: bool = False  # then a link gives the value, and the one here counts for nothing
    mark: Mark | None = None
    was: str | None = None  # what was shown before, where that is marked
    words: tuple[Word, ...] = ()  # of a text that changed: what is in it, and was


@dataclass(frozen=True, slots=True)
class DrawnNode:
    """A node, or what stands for the inputs or the outputs of a subgraph."""

    id: str
    type: str
    title: str
    kind: Kind
    body: Rect  # below the title; of a collapsed node, nothing
    header: float  # the height of the title, above the body; 0 without one
    inputs: tuple[DrawnSlot, ...] = ()
    outputs: tuple[DrawnSlot, ...] = ()
    widgets: tuple[DrawnWidget, ...] = ()
    color: str | None = None  # of the title, if the file says so: #rrggbb
    bgcolor: str | None = None  # of the body
    is_muted: bool = False
    is_bypassed: bool = False
    is_collapsed: bool = False
    inside: str | None = None  # the key of the scene that opens in its place
    mark: Mark | None = None
    was_at: Rect | None = None  # where it stood before, title included, where that is marked

    @property
    def hidden(self) -> int:
        """How many widgets have no place."""
        return sum(widget.place is None for widget in self.widgets)

    @property
    def frame(self) -> Rect:
        """Body and title."""
        return Rect(self.body.x, self.body.y - self.header, self.body.width, self.body.height + self.header)


@dataclass(frozen=True, slots=True)
class DrawnLink:
    """A link from an output to an input."""

    source: str  # ids of nodes; the borders of a subgraph are "-10" and "-20"
    output: str
    target: str
    input: str
    type: str
    points: tuple[Point, ...]  # its start, the reroutes that it is drawn through, its end
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class DrawnGroup:
    """A titled rectangle behind nodes."""

    place: int  # in the list of its file
    title: str
    frame: Rect
    color: str | None
    font_size: float
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Reroute:
    """A point that links are drawn through."""

    at: Point
    type: str


@dataclass(frozen=True, slots=True)
class Scene:
    """One canvas: the workflow, or the inside of a subgraph definition."""

    key: str  # the id of the definition
    title: str
    bounds: Rect  # around everything, with some space
    nodes: tuple[DrawnNode, ...] = ()  # from back to front
    links: tuple[DrawnLink, ...] = ()
    groups: tuple[DrawnGroup, ...] = ()
    reroutes: tuple[Reroute, ...] = ()


@dataclass(frozen=True)
class Drawing:
    """All canvases of a workflow, by key, the workflow itself first."""

    title: str
    scenes: Mapping[str, Scene] = field(default_factory=dict)

    @property
    def root(self) -> Scene:
        """The canvas of the workflow itself."""
        return self.scenes[ROOT]
