"""An edited document -> the file that it was read from: JSON, or a picture and the like with the workflow in it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, BinaryIO

from wftools.document.containers import embed_texts
from wftools.document.write import dumpb

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from wftools.document.document import Document


def save(document: Document, old: Document, file: AbstractContextManager[BinaryIO], out: BinaryIO) -> None:
    """Write the file with its new texts. In a container, which `file` opens, all else stays as it was."""
    if document.source.container is None:
        out.write(dumpb(document))
        return
    texts = {
        new.source.key: new.text if not before.text.isascii() else _in_ascii(new.text)
        for new, before in ((document, old), (document.companion, old.companion))
        if new is not None and before is not None and new.source.key is not None and new.text != before.text
    }
    with file as stream:
        embed_texts(stream, texts, out)


def saved(document: Document, old: Document, data: bytes) -> bytes:
    """The content of the file with its new texts; `data` is what it was."""
    if document.text == old.text:
        return data
    out = io.BytesIO()
    save(document, old, io.BytesIO(data), out)
    return out.getvalue()


def _in_ascii(text: str) -> str:
    """A JSON text with all other letters escaped: some readers of pictures expect that."""
    return "".join(
        letter
        if letter.isascii()
        else "".join(f"\\u{unit:04x}" for unit in memoryview(letter.encode("utf-16-le", "surrogatepass")).cast("H"))
        for letter in text
    )
