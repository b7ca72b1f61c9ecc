"""JSON Pointers (RFC 6901): `/nodes/3/widgets_values/0`."""

from __future__ import annotations


def pointer(*parts: str | int) -> str:
    """The pointer that leads along keys and indices."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def parts(text: str) -> list[str]:
    """The keys and indices along which a pointer leads."""
    return [part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:]]
