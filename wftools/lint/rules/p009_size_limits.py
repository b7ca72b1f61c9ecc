"""The file is larger or deeper than ComfyUI's server, or this program, takes.

The server validates recursively and fails on a chain of about a thousand nodes, however simple they are. A workflow
file comes from anywhere, and a few bytes can ask for a lot: brackets in brackets, subgraphs in subgraphs. The limits of
this program are far above what the editor makes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.errors import LimitError
from wftools.graph.traverse import depth
from wftools.lint.examples import api_node, bad, good, picture
from wftools.lint.finding import ERROR, WARNING, WHOLE, Found
from wftools.lint.rule import SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.lint.subject import Reading

SEVERITY = ERROR
READS = SOURCE

MAX_CHAIN: Final = 900  # ComfyUI 0.33.0 takes 983 over HTTP; own validators at the far end cost a few more


def check(reading: Reading) -> Iterator[Found]:
    if isinstance(reading.error, LimitError):
        yield Found(WHOLE, reading.error.message, reading.error.hint)
    length = depth(reading.subject.flat) if reading.subject is not None else 0
    if length > MAX_CHAIN:
        yield Found(WHOLE, f"{length} nodes stand in a row; the server fails at about a thousand", severity=WARNING)


def _chain(length: int) -> dict[str, object]:
    links = {f"n{i + 3}": api_node("ImageInvert", image=[str(i + 2) if i else "1", 0]) for i in range(length)}
    return picture(**links, n2=api_node("SaveImage", images=[str(length + 2), 0], filename_prefix="a"))


BAD = [bad("[" * 100_000, ""), bad(_chain(1_000), "")]
GOOD = [good(picture()), good(_chain(800))]
