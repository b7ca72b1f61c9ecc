"""SVG: JSON in a CDATA section of a metadata element.

    <svg …><metadata><![CDATA[ {"prompt": {…}, "workflow": {…}} ]]></metadata>…

The file is searched, not parsed as XML: a stranger's entities are not expanded, and the web frontend searches as well.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from wftools.document.containers._json import member_texts, with_member_texts
from wftools.document.containers._splice import Splice, splice
from wftools.document.containers._texts import decoded
from wftools.document.containers._window import Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SUFFIXES: Final = (".svg",)

# What may stand before the svg element: a byte order mark, blanks, declarations, comments, a document type.
_PROLOGUE: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s++|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*+(?:\[[^\]]*+\]\s*+)?>)*+", re.DOTALL
)
_SVG: Final = re.compile(rb"""<(?:\w+:)?svg(?=[\s>])(?:[^>"']++|"[^"]*+"|'[^']*+')*+>""")
_METADATA: Final = re.compile(rb"<metadata[\s>]", re.IGNORECASE)
_BLANKS: Final = re.compile(rb"\s*+")
_OPEN, _CLOSE = b"<![CDATA[", b"]]>"


def sniff(head: bytes) -> bool:
    """Whether the first element of a file is an svg element."""
    match = _PROLOGUE.match(head)
    assert match is not None
    return re.match(rb"<(?:\w+:)?svg[\s>]", head[match.end() :]) is not None


def read(stream: BinaryIO) -> dict[str, str]:
    """The members of the objects in the metadata elements."""
    file = Window.of(stream)
    texts: dict[str, str] = {}
    for section in _sections(file, file.content()):
        try:
            texts |= member_texts(section.text)
        except ValueError as error:
            raise file.error(section.start, f"expected a JSON object: {error}") from error
    return texts


def embed(stream: BinaryIO, texts: Mapping[str, str], out: BinaryIO) -> None:
    """Copy an SVG with texts set: JSON objects as such, anything else as strings."""
    file = Window.of(stream)
    data = file.content()
    new = {key: _value(text) for key, text in texts.items()}
    edits = []
    try:
        for section in _sections(file, data):
            edits.append(Splice(section.start, section.end, _spelled(with_member_texts(section.text, (), new))))
            new = dict.fromkeys(new, "")  # what another section says of these keys is removed
    except ValueError as error:
        raise file.error(0, f"expected JSON objects in the metadata: {error}") from error
    if not edits:
        start = _content(file, data)
        if data[:start].endswith(b"/>"):
            raise file.error(start, "expected an svg element with something in it")
        section_text = _spelled(with_member_texts("{}", (), new))
        edits.append(Splice(start, start, b"<metadata>" + _OPEN + section_text + _CLOSE + b"</metadata>"))
    splice(stream, edits, out)


@dataclass(frozen=True, slots=True)
class _Section:
    """A CDATA section that starts like an object: where its data stands."""

    start: int
    end: int
    text: str


def _sections(file: Window, data: bytes) -> Iterator[_Section]:
    """The sections in metadata elements."""
    at = _content(file, data)
    while (match := _METADATA.search(data, at)) and (tag_end := data.find(b">", match.end() - 1)) >= 0:
        blanks = _BLANKS.match(data, tag_end + 1)
        assert blanks is not None
        at = blanks.end()
        if not data.startswith(_OPEN, at):
            continue
        start = at + len(_OPEN)
        at = data.find(_CLOSE, start)
        if at < 0:
            raise file.error(start, "expected the end of a CDATA section, which is ]]>")
        text = decoded(data[start:at]).strip()
        if text.startswith("{"):
            yield _Section(start, at, text)


def _content(file: Window, data: bytes) -> int:
    """Where the content of the svg element starts."""
    prologue = _PROLOGUE.match(data)
    assert prologue is not None
    tag = _SVG.match(data, prologue.end())
    if tag is None:
        raise file.error(prologue.end(), "expected the start of an svg element")
    return tag.end()


def _value(text: str) -> str:
    """A text as JSON: itself if it is an object, else a string."""
    if not text:
        return ""
    try:
        member_texts(text)
    except ValueError:
        return json.dumps(text, ensure_ascii=False)
    return text


def _spelled(text: str) -> bytes:
    """JSON that does not end its CDATA section; in JSON, the three characters can stand in strings only."""
    return text.replace("]]>", "]]\\u003e").encode()
