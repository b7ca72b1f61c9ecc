"""The colours of the editor's dark and light palette, and what it makes of the colours that files choose.

Observed in frontend 1.58.1.
"""

from __future__ import annotations

import re
from colorsys import hls_to_rgb, rgb_to_hls
from typing import Final, Literal, NamedTuple

Theme = Literal["dark", "light"]


class Pair(NamedTuple):
    """A colour in the dark and in the light palette."""

    dark: str
    light: str


PALETTE: Final = {
    "canvas": Pair("#141414", "#d3d3d3"),
    "grid": Pair("#1c1c1c", "#c8c8c8"),
    "title": Pair("#999999", "#222222"),
    "text": Pair("#aaaaaa", "#444444"),
    "header": Pair("#333333", "#f7f7f7"),
    "body": Pair("#353535", "#f5f5f5"),
    "box": Pair("#666666", "#cccccc"),
    "under": Pair("#000000", "#ffffff"),
    "edge": Pair("#000000", "#9a9a9a"),
    "widget": Pair("#222222", "#d4d4d4"),
    "widget_edge": Pair("#666666", "#999999"),
    "widget_text": Pair("#dddddd", "#222222"),
    "widget_name": Pair("#999999", "#555555"),
    "bypassed": Pair("#ff00ff", "#ff00ff"),
    "added": Pair("#2ea043", "#1a7f37"),
    "removed": Pair("#f85149", "#cf222e"),
    "changed": Pair("#e3b341", "#9a6700"),
    "moved": Pair("#58a6ff", "#0969da"),
    "conflict": Pair("#f778ba", "#bf3989"),
}
"""The colours of what a file says nothing of."""

GROUP: Final = Pair("#335566", "#335566")

LINK: Final = Pair("#99aa99", "#4caf50")
LINKS: Final = {
    "CLIP": Pair("#ffd500", "#ffa726"),
    "CLIP_VISION": Pair("#a8dadc", "#5c6bc0"),
    "CLIP_VISION_OUTPUT": Pair("#ad7452", "#8d6e63"),
    "CONDITIONING": Pair("#ffa931", "#ef5350"),
    "CONTROL_NET": Pair("#6ee7b7", "#66bb6a"),
    "GUIDER": Pair("#66ffff", "#66ffff"),
    "IMAGE": Pair("#64b5f6", "#42a5f5"),
    "LATENT": Pair("#ff9cf9", "#ab47bc"),
    "MASK": Pair("#81c784", "#9ccc65"),
    "MODEL": Pair("#b39ddb", "#7e57c2"),
    "NOISE": Pair("#b0b0b0", "#b0b0b0"),
    "SAMPLER": Pair("#ecb4b4", "#ecb4b4"),
    "SIGMAS": Pair("#cdffcd", "#cdffcd"),
    "STYLE_MODEL": Pair("#c2ffae", "#d4e157"),
    "TAESD": Pair("#dcc274", "#dcc274"),
    "VAE": Pair("#ff6e6e", "#ff7043"),
}

_HEX: Final = re.compile(r"#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})")
_NUMBERS: Final = re.compile(r"rgba?\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*(?:,\s*[\d.]{1,8}\s*)?\)")
# Names that files have been seen to use, of the many that CSS knows.
_NAMED: Final = {
    "black": "#000000",
    "blue": "#0000ff",
    "brown": "#a52a2a",
    "cyan": "#00ffff",
    "gray": "#808080",
    "green": "#008000",
    "grey": "#808080",
    "orange": "#ffa500",
    "pink": "#ffc0cb",
    "purple": "#800080",
    "red": "#ff0000",
    "white": "#ffffff",
    "yellow": "#ffff00",
}
_LIGHTER: Final = 0.5


def colour(value: object) -> str | None:
    """A colour of a file as #rrggbb, without its transparency; None for what is no colour that we know."""
    if not isinstance(value, str):
        return None
    text = value.strip()
    if _HEX.fullmatch(text):
        digits = text[1:].lower()
        return "#" + ("".join(each * 2 for each in digits[:3]) if len(digits) < 6 else digits[:6])
    numbers = _NUMBERS.fullmatch(text)
    if numbers is not None:
        return "#" + "".join(f"{min(int(each), 255):02x}" for each in numbers.groups())
    return _NAMED.get(text.lower())


def of_node(value: str) -> Pair:
    """The colour of a node: the light palette shows it much lighter."""
    red, green, blue = (int(value[at : at + 2], 16) / 255 for at in (1, 3, 5))
    hue, lightness, saturation = rgb_to_hls(red, green, blue)
    lighter = hls_to_rgb(hue, min(lightness + _LIGHTER, 1.0), saturation)
    return Pair(value, "#" + "".join(f"{round(each * 255):02x}" for each in lighter))


def of_link(kind: str) -> Pair:
    """The colour of a link, a slot or a reroute of a type; of a union of types, that of the first that has one."""
    return next((LINKS[each] for each in kind.split(",") if each in LINKS), LINK)
