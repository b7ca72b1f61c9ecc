"""Pages: one HTML file each, with everything in it, that loads nothing and sends nothing.

The scripts, styles and bodies of pages are files of this package, and are embedded as they are. The policy of a page
lets run what is embedded here, by its digest, and nothing else: whatever a workflow says, it stays text.
"""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from wftools.draw.svg import backdrop, elements, escaped, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wftools.draw.formats import Theme
    from wftools.draw.scene import Scene
    from wftools.draw.svg import Colours
    from wftools.values import Json


def page(
    title: str,
    body: str,
    data: Json,
    *,
    scripts: Sequence[tuple[str, str]],
    styles: Sequence[tuple[str, str]],
    colours: Colours,
    theme: Theme = "auto",
) -> bytes:
    """An HTML file. `scripts` and `styles` are files, each with its package; `data` is for the scripts."""
    script = '"use strict";\n' + "\n".join(_content(*each) for each in scripts)
    style = "\n".join([colours.sheet("page"), *(_content(*each) for each in styles)])
    policy = (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    chosen = f' data-theme="{theme}"' if theme != "auto" else ""
    return "\n".join(
        (
            "<!DOCTYPE html>",
            f'<html lang="en"{chosen}>',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            f"<title>{escaped(title)}</title>",
            f"<style>{style}</style>",
            "</head>",
            "<body>",
            body,
            f'<script type="application/json" id="data">{_json(data)}</script>',
            f"<script>{script}</script>",
            "</body>",
            "</html>",
            "",
        )
    ).encode()


def body_of(package: str, name: str, values: Mapping[str, str]) -> str:
    """The body of a page from its file, with values for its `$names`. What strangers wrote has to be escaped before."""
    return Template(_content(package, name)).substitute(values)


def panes(scenes: Iterable[Scene], colours: Colours, pane: str = "") -> str:
    """The scenes as elements of one pane, the first of which is shown; `pane` tells those of several panes apart."""
    return "\n".join(
        _pane_scene(scene, colours, f"grid{pane}{index}", is_hidden=index > 0) for index, scene in enumerate(scenes)
    )


def _pane_scene(scene: Scene, colours: Colours, grid: str, *, is_hidden: bool) -> str:
    bounds = " ".join(map(number, (scene.bounds.x, scene.bounds.y, scene.bounds.width, scene.bounds.height)))
    hidden = " hidden" if is_hidden else ""
    return "\n".join(
        (
            f'<svg data-scene="{escaped(scene.key)}" data-bounds="{bounds}" viewBox="{bounds}" role="group" '
            f'aria-label="{escaped(scene.title)}"{hidden}>',
            backdrop(grid),
            '<g class="camera">',
            *elements(scene, colours),
            "</g></svg>",
        )
    )


def _content(package: str, name: str) -> str:
    return files(package).joinpath(name).read_text("utf-8")


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _json(data: Json) -> str:
    """JSON that ends no script element."""
    return json.dumps(data, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c").replace("&", "\\u0026")
