"""What a node is told by in a few words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.draw.scene import DrawnNode

MAX_VALUES: Final = 12  # of a node
MAX_VALUE: Final = 48  # characters


def values(node: DrawnNode) -> Iterator[str]:
    """`name: value` for each widget that counts, as far as it is short."""
    shown = [widget for widget in node.widgets if not widget.is_linked and widget.look != "button" and widget.text]
    for widget in shown[:MAX_VALUES]:
        text = " ".join(widget.text[: 4 * MAX_VALUE].split())
        text = text if len(text) <= MAX_VALUE else text[: MAX_VALUE - 1] + "…"
        yield f"{widget.label}: {text}" if widget.label else text
    if len(shown) > MAX_VALUES:
        yield f"… {len(shown) - MAX_VALUES} more"
