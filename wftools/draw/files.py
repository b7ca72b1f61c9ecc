"""Draw a file into a file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from wftools.document import read
from wftools.document.files import STDIN
from wftools.draw import FORMATS, draw
from wftools.errors import InputError, Place, foreseen, written
from wftools.graph import build
from wftools.writing import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from wftools.catalog.lookup import Catalogue
    from wftools.draw.formats import Theme

STDOUT: Final = "-"  # what standard output is called where a file is named


def draw_file(
    path: str,
    catalogue: Catalogue,
    form: str,
    output: Path | None,
    *,
    scope: str | None = None,
    theme: Theme = "auto",
    embeds: bool | None = None,
) -> bytes | None:
    """Draw a workflow file and write the picture; without `output`, the picture is returned.

    Raises InputError for a file that is no workflow, and if it would be overwritten.
    """
    if output is not None and _is_same(path, output):
        raise InputError("would be overwritten by its picture; choose another place", place=Place(path))
    with foreseen(path):
        picture = draw(build(read(path), catalogue), form, scope=scope, theme=theme, embeds=embeds)
    if output is None:
        return picture
    with written(output):
        write_atomically(output, picture)
    return None


def format_of(output: Path) -> str:
    """The format that the name of a file says. Raises InputError if it says none."""
    suffixes = {suffix: name for name in FORMATS.names() for suffix in FORMATS.load(name).SUFFIXES}
    found = suffixes.get(output.suffix.lower())
    if found is None:
        hint = f"name a file that ends in {', '.join(sorted(suffixes))}, or say --format"
        raise InputError("the name does not say what to draw", place=Place(str(output)), hint=hint)
    return found


def _is_same(path: str, output: Path) -> bool:
    try:
        return path != STDIN and os.path.samefile(path, output)  # noqa: PTH121
    except (OSError, ValueError):
        return False
