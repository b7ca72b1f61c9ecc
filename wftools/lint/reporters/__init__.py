"""How findings are shown, a module for each format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.plugins import Folder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftools.lint.engine import Linted

REPORTERS = Folder("wftools.lint.reporters")


def render(output_format: str, linted: Sequence[Linted], target: str) -> str:
    """The findings of some files as text, in one of the formats; `target` is the version that was judged for."""
    text: str = REPORTERS.load(output_format).render(linted, target)
    return text
