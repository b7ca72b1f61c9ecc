"""What git keeps of a workflow file: its canonical text, without what changes by looking at it.

Whoever has no merge driver, as hosts have none, merges such texts line by line, and four of five independent edits of
two people go together then.
"""

from __future__ import annotations

from wftools.document import read
from wftools.errors import WftoolsError, foreseen
from wftools.fmt import formatted


def cleaned(data: bytes, name: str) -> bytes:
    """The content that git is given for a file of the working tree.

    What is no workflow, or holds one in a picture, is given as it is: a filter must lose nothing, whatever it is used
    for.
    """
    try:
        with foreseen(name):
            document = read(data, name)
            return data if document.source.container is not None else formatted(document, strip=True).encode()
    except WftoolsError:
        return data
