"""The colours of a picture as a stylesheet: each is a class, so that a picture can be dark and light."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from wftools.draw.colours import PALETTE
from wftools.draw.text import FONT, MONOSPACE

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftools.draw.colours import Pair

Style = Literal["dark", "light", "auto", "page"]
"""auto: as whoever looks at it prefers; page: the same, but for a `data-theme` of the page around."""

# The names of what uses the colours of the palette: how its elements are painted. No variables: rasterisers know none.
_PAINTED: Final = {
    "canvas": "fill",
    "grid": "fill",
    "title": "fill",
    "text": "fill",
    "header": "fill",
    "body": "fill",
    "box": "fill",
    "edge": "stroke",
    "under": "stroke",
    "widget": "fill",
    "widget_edge": "stroke",
    "widget_text": "fill",
    "widget_name": "fill",
    "bypassed": "fill",
}
MARKS: Final = ("added", "removed", "changed", "moved", "conflict")

_SHAPES: Final = f"""
svg{{font-family:{FONT};font-size:12px}}
text{{white-space:pre}}
.title{{font-size:14px}}
.caption{{font-size:20px}}
.lines{{font-family:{MONOSPACE};font-size:10px}}
.end{{text-anchor:end}}
.middle{{text-anchor:middle}}
.edge{{fill:none;stroke-opacity:.45}}
.widget_edge{{stroke-width:1}}
.c{{fill:currentColor}}
.hollow{{fill:none;stroke:currentColor;stroke-width:2}}
.link{{fill:none;stroke:currentColor;stroke-width:3;stroke-linecap:round}}
.under{{fill:none;stroke-opacity:.4;stroke-width:6}}
.line{{fill:#000;fill-opacity:.2}}
.group{{fill:currentColor;fill-opacity:.25;stroke:currentColor;stroke-opacity:.8}}
.group-title{{fill:currentColor;fill-opacity:.25}}
.group-name{{fill:#fff;fill-opacity:.75}}
.muted{{opacity:.4}}
.dim{{opacity:.45}}
.bypassed-body{{fill-opacity:.2}}
.bypassed-node .rows{{opacity:.5}}
.border{{fill:none;stroke-width:2}}
.open{{fill:#3b82f6}}
.sign{{fill:none;stroke:#fff;stroke-width:1}}
.box-line{{fill:none;stroke:#999;stroke-width:1.5}}
.mark{{fill:none;stroke:currentColor;stroke-width:3}}
.row-mark{{fill:currentColor;fill-opacity:.3}}
.word{{fill:currentColor}}
.word.removed{{text-decoration:line-through}}
.gone{{opacity:.6}}
.gone>.mark,.link.removed,.ghost{{stroke-dasharray:8 5}}
.ghost{{fill:none;stroke:currentColor;stroke-width:2}}
.ghost-way{{fill:none;stroke:currentColor;stroke-width:1.5;stroke-dasharray:2 5}}
.badge{{fill:#111;font-size:13px;font-weight:bold;text-anchor:middle}}
"""


class Colours:
    """Gives a class to each colour that files choose."""

    def __init__(self) -> None:
        self._names: dict[Pair, str] = {}

    def name(self, pair: Pair) -> str:
        """The class that sets `color` to a colour."""
        return self._names.setdefault(pair, f"c{len(self._names)}")

    def sheet(self, style: Style) -> str:
        """The stylesheet of all that has been drawn so far."""
        if style == "light":
            return _SHAPES + self._rules(_light)
        dark, light = self._rules(_dark), self._rules(_light)
        if style == "dark":
            return _SHAPES + dark
        if style == "auto":
            return f"{_SHAPES}{dark}@media (prefers-color-scheme:light){{\n{light}}}\n"
        preferred = self._rules(_light, ":root:not([data-theme=dark]) ")
        chosen = self._rules(_light, ":root[data-theme=light] ")
        return f"{_SHAPES}{dark}@media (prefers-color-scheme:light){{\n{preferred}}}\n{chosen}"

    def _rules(self, of: Callable[[Pair], str], scope: str = "") -> str:
        painted = [f"{scope}.{name}{{{how}:{of(PALETTE[name])}}}" for name, how in _PAINTED.items()]
        marks = [f"{scope}.{name}{{color:{of(PALETTE[name])}}}" for name in MARKS]
        chosen = [f"{scope}.{name}{{color:{of(pair)}}}" for pair, name in self._names.items()]
        return "\n".join((*painted, *chosen, *marks, ""))


def _dark(pair: Pair) -> str:
    return pair.dark


def _light(pair: Pair) -> str:
    return pair.light
