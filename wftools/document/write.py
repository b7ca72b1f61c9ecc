"""Document -> text. An unedited document gives the text it was read from; an edited one keeps its file's spelling."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from wftools.document.document import Document

_INDENT: Final = re.compile(r"\A\s*[\[{]\r?\n([ \t]+)\S")


def dumps(document: Document) -> str:
    """The JSON text of a document: what was read, or the edited tree in the spelling of what was read.

    ComfyUI's own files are `json.dumps(indent=2)`. Indentation, escaping of non-ASCII text and the final newline follow
    the file that was read; a compact file stays compact.
    """
    text = document.source.text
    if not document.is_edited:
        return text
    return spelled_like(text, document.root)


def spelled_like(text: str, tree: Any) -> str:
    """A tree as JSON text with the indentation, the escapes and the final newline of another text."""
    match = _INDENT.match(text)
    indent = match.group(1) if match else None
    separators = None if match or re.match(r'\A[\[{](?:"[^"]*":|\S+,) ', text) else (",", ":")
    written = json.dumps(tree, indent=indent, separators=separators, ensure_ascii=_escapes(text))
    if not is_encodable(written):
        written = json.dumps(tree, indent=indent, separators=separators)
    return written + ("\n" if text.endswith("\n") else "")


def _escapes(text: str) -> bool:
    """Whether non-ASCII characters are escaped: they are if there is an escape and no such character."""
    return text.isascii() and re.search(r"\\u(?!00[01])[0-9a-fA-F]{4}", text) is not None


def is_encodable(text: str) -> bool:
    """False for half of a surrogate pair, which JSON can escape and UTF-8 cannot hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
