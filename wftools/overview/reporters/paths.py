"""The names of the files alone, a line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.escaping import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wftools.overview.files import Seen


def render(files: Iterable[Seen]) -> Iterator[str]:
    """Each name as it comes."""
    return (printable(each.name) for each in files if each.overview is not None)
