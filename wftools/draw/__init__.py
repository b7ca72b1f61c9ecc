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
    from wftools.document import Document, Form
    from wftools.graph import WorkflowGraph

__all__ = ["FORMATS", "Drawing", "Scene", "Theme", "draw", "drawing", "scenes_of"]

ALL: Final = "all"  # every scene
_KEYS: Final[dict[Form, str]] = {"ui": "workflow", "api": "prompt"}  # under which ComfyUI writes each form
_MOST_NAMES: Final = 10  # of subgraphs in a message


def draw(
    graph: WorkflowGraph,
    form: str = "svg",
    *,
    scope: str | None = None,
    theme: Theme = "auto",
    embeds: bool | None = None,
) -> bytes:
    """The picture of a workflow in one of `FORMATS`.

    `scope`: the id or name of a subgraph, or "all"; without, what the format shows best. `embeds`: whether the workflow
    is put into the picture, so that ComfyUI opens it; without, a PNG has it. Raises InputError if there is no such
    subgraph, or the format holds no workflow, LimitError for more nodes than a picture can have.
    """
    with foreseen(graph.document.source.name):
        made = drawing(graph)
        module = FORMATS.load(form)
        scenes = scenes_of(made, scope if scope is not None else ALL if module.SHOWS_ALL else ROOT)
        picture = module.render(Request(made, scenes, theme))
        return _embedded(picture, graph.document) if (module.EMBEDS if embeds is None else embeds) else picture


def _embedded(picture: bytes, document: Document) -> bytes:
    """The picture with the workflow in it, as in those that ComfyUI saves."""
    import io
    import json

    from wftools.document.containers import embed_texts
    from wftools.escaping import finite

    forms = (document, document.companion)
    texts = {_KEYS[each.form]: json.dumps(finite(each.tree)) for each in reversed(forms) if each is not None}
    out = io.BytesIO()
    embed_texts(io.BytesIO(picture), texts, out)
    return out.getvalue()


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
