"""A key stands twice in one JSON object.

Readers keep the last value and drop the others without a word. In an API prompt that is a lost node, mostly after a
merge that kept a node of either side under one id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.lint.examples import bad, good, picture
from wftools.lint.finding import ERROR, Found
from wftools.lint.rule import SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.lint.subject import Reading

SEVERITY = ERROR
READS = SOURCE


def check(reading: Reading) -> Iterator[Found]:
    for message, at in reading.defects("duplicate-key"):
        yield Found(at, message, "give one of them another name")


BAD = [bad('{"1": {"class_type": "EmptyImage", "inputs": {}}, "1": {"class_type": "SaveImage", "inputs": {}}}', "")]
GOOD = [good(picture())]
