"""The file cannot be read as JSON, or not at all.

ComfyUI reads JSON as Python does: text in UTF-8, no comments, no comma after the last item. A byte order mark at the
start is refused by strict readers; save the file without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.document import NotAWorkflowError, NothingEmbeddedError
from wftools.errors import LimitError
from wftools.lint.examples import bad, good, picture
from wftools.lint.finding import ERROR, WARNING, WHOLE, Found
from wftools.lint.rule import SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.lint.subject import Reading

SEVERITY = ERROR
READS = SOURCE


def check(reading: Reading) -> Iterator[Found]:
    error = reading.error
    if error is not None and not isinstance(error, NotAWorkflowError | NothingEmbeddedError | LimitError):
        yield Found(WHOLE, error.message, hint=error.hint)
    for message, at in reading.defects("byte-order-mark"):
        yield Found(at, message, "save it as UTF-8 without one", WARNING)


BAD = [
    bad('{"1": {"class_type": "EmptyImage", "inputs": {}},}', ""),
    bad(b'\xef\xbb\xbf{"1": {"class_type": "EmptyImage", "inputs": {}}}', ""),
    bad(b'{"1": "\xff"}', ""),
]
GOOD = [good(picture())]
