"""A workflow as a picture, in the look of the editor's canvas.

    from wftools.draw import draw, drawing

    svg = draw(graph, "svg")            # the file, as bytes
    drawing(graph).root.nodes           # what it shows, as plain data

A `Drawing` (see `scene.py`) is a pure function of the graph: boxes, slots, rows, links. `marks.py` says in it what
differs from another version, and each module of `formats/` writes it in one format. Nothing here measures fonts, so
that the same file gives the same bytes everywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.draw.compose import drawing
from wftools.draw.formats import FORMATS, Request, Theme
from wftools.draw.scene import ROOT, Drawing, Scene
from wftools.errors import InputError, foreseen, listed

if TYPE_CHECKING:
    from wftools.graph import WorkflowGraph

__all__ = ["FORMATS", "Drawing", "Scene", "Theme", "draw", "drawing", "scenes_of"]

ALL: Final = "all"  # every scene
_MOST_NAMES: Final = 10  # of subgraphs in a message


def draw(graph: WorkflowGraph, form: str = "svg", *, scope: str | None = None, theme: Theme = "auto") -> bytes:
    """The picture of a workflow in one of `FORMATS`.

    `scope`: the id or name of a subgraph, or "all"; without, what the format shows best. Raises InputError if there is
    no such subgraph, LimitError for more nodes than a picture can have.
    """
    with foreseen(graph.document.source.name):
        made = drawing(graph)
        module = FORMATS.load(form)
        scenes = scenes_of(made, scope if scope is not None else ALL if module.SHOWS_ALL else ROOT)
        return module.render(Request(made, scenes, theme, graph.document))


def scenes_of(made: Drawing, scope: str) -> tuple[Scene, ...]:
    """The scene of that id or name, or all of them. Raises InputError if there is none."""
    if scope in made.scenes:
        return (made.scenes[scope],)
    if scope == ALL:
        return tuple(made.scenes.values())
    inner = [scene for key, scene in made.scenes.items() if key != ROOT]
    found = [scene for scene in inner if scene.title == scope]
    if found:
        return (found[0],)
    names = listed([repr(scene.title) for scene in inner], _MOST_NAMES)
    raise InputError(f"no subgraph is called {scope!r}", hint=f"there are {names}" if inner else "there are none")
