"""The file is not a ComfyUI workflow.

It is neither what the editor saves (an object with `nodes`), nor a prompt for the server (an object of nodes, each with
`class_type`), nor a request, an export or a picture that holds one of these. One that holds several is none either:
nothing says which is meant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.document import NotAWorkflowError
from wftools.lint.examples import bad, good, picture, ui_picture
from wftools.lint.finding import ERROR, WHOLE, Found
from wftools.lint.rule import SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.lint.subject import Reading

SEVERITY = ERROR
READS = SOURCE


def check(reading: Reading) -> Iterator[Found]:
    if isinstance(reading.error, NotAWorkflowError):
        yield Found(WHOLE, reading.error.message, reading.error.hint)


BAD = [bad("[1, 2]", ""), bad("{}", ""), bad("", ""), bad('{"name": "package", "version": "1.0"}', "")]
GOOD = [good(picture()), good(ui_picture()), good({"prompt": picture(), "client_id": "x"})]
