"""A page that pans, zooms, searches and opens subgraphs: one HTML file that needs nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from wftools.draw.page import body_of, page, panes
from wftools.draw.svg import Colours, escaped

if TYPE_CHECKING:
    from wftools.draw.formats import Request
    from wftools.draw.scene import DrawnNode, DrawnWidget, Scene
    from wftools.values import Json

SUFFIXES: Final = (".html", ".htm")
SHOWS_ALL: Final = True
EMBEDS: Final = False

_PAGE: Final = "wftools.draw.page"
_MAX_VALUE: Final = 100_000  # characters


def render(request: Request) -> bytes:
    """The page."""
    colours = Colours()
    title = request.drawing.title
    body = body_of(_PAGE, "draw.html", {"title": escaped(title), "scenes": panes(request.scenes, colours)})
    return page(
        title,
        body,
        {"scenes": [scene_data(scene) for scene in request.scenes]},
        scripts=[(_PAGE, "chrome.js"), (_PAGE, "pane.js"), (_PAGE, "draw.js")],
        styles=[(_PAGE, "page.css"), (_PAGE, "draw.css")],
        colours=colours,
        theme=request.theme,
    )


def scene_data(scene: Scene) -> dict[str, Json]:
    """What the scripts of a page need to know of a scene."""
    return {
        "key": scene.key,
        "title": scene.title,
        "nodes": [_node_data(node) for node in scene.nodes],
        "links": [
            {
                "source": link.source,
                "output": link.output,
                "target": link.target,
                "input": link.input,
                "type": link.type,
            }
            for link in scene.links
        ],
    }


def _node_data(node: DrawnNode) -> dict[str, Json]:
    frame = node.frame
    return {
        "id": node.id,
        "type": "subgraph" if node.kind == "subgraph" else node.type,
        "title": node.title,
        "inside": node.inside,
        "state": "muted" if node.is_muted else "bypassed" if node.is_bypassed else "",
        "x": frame.x,
        "y": frame.y,
        "width": frame.width,
        "height": frame.height,
        "widgets": [[widget.label or widget.name, _whole(widget), widget.is_linked] for widget in node.widgets],
    }


def _whole(widget: DrawnWidget) -> str:
    """A value with nothing left out."""
    value: Any = widget.value
    if isinstance(value, str):
        return value[:_MAX_VALUE]
    if isinstance(value, dict | list):
        return json.dumps(value, indent=2, ensure_ascii=False)[:_MAX_VALUE]
    return repr(value) if isinstance(value, float) else widget.text
