"""What was exported, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.escaping import printable

if TYPE_CHECKING:
    from wftools.diffusion.onnx.exporting import Exported


def line(made: Exported) -> str:
    """A file, its size, and how far it is from torch."""
    return (
        f"{printable(str(made.path))}: {made.part}, {made.bytes / 1e6:,.1f} MB, {made.nodes:,} nodes, "
        f"differs from torch by {made.difference:.0e} of the largest value"
    )
