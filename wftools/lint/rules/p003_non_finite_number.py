"""NaN or Infinity stands where JSON has numbers only.

The server reads it and lets it pass every range test; the web frontend reads null instead. What happens in the node is
anybody's guess.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.lint.examples import bad, good, picture
from wftools.lint.finding import WARNING, Found
from wftools.lint.rule import SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.lint.subject import Reading

SEVERITY = WARNING
READS = SOURCE


def check(reading: Reading) -> Iterator[Found]:
    for message, at in reading.defects("non-finite"):
        yield Found(at, message, "write a number")


BAD = [bad('{"1": {"class_type": "EmptyImage", "inputs": {"width": NaN}}}', "")]
GOOD = [good('{"1": {"class_type": "PreviewAny", "inputs": {"source": "NaN"}}}'), good(picture())]
