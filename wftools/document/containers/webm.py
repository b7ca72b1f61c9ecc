"""WebM and Matroska: tags.

    EBML header, Segment { SeekHead: where the others stand, Info, Tracks, Tags, Cluster: pictures and sounds …, Cues }
    Tags { Tag { Targets, SimpleTag { TagName, TagString } … } … }

FFmpeg, and so ComfyUI, writes names in upper case. ComfyUI's web frontend looks for them in the first 2 MB; so tags
are written before the first cluster, and all that follows moves. SeekHead and Cues say where it stands, in bytes from
the start of the segment. They are written anew, with numbers of eight bytes: their own length must not depend on what
they say. RFC 9559.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate, takewhile
from typing import TYPE_CHECKING, BinaryIO, Final

from wftools.document.containers import _ebml as ebml
from wftools.document.containers._ebml import Element, element, elements
from wftools.document.containers._splice import Splice, splice
from wftools.document.containers._texts import decoded
from wftools.document.containers._window import Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SUFFIXES: Final = (".webm", ".mkv")
_EBML: Final = 0x1A45DFA3
_SEEK_HEAD: Final = 0x114D9B74
_CLUSTER_POSITION: Final = 0xA7
_CUES: Final = 0x1C53BB6B
_TAGS: Final = 0x1254C367
_TAGS_ID: Final = ebml.id_bytes(_TAGS)
_TAG: Final = 0x7373
_TARGETS: Final = 0x63C0
_SIMPLE_TAG: Final = 0x67C8
_NAME: Final = 0x45A3
_STRING: Final = 0x4487
_SEEK: Final = 0x4DBB
_SEEK_ID: Final = 0x53AB
_SEEK_POSITION: Final = 0x53AC
_BLOCKS: Final = frozenset({0xA3, 0xA0})  # SimpleBlock, BlockGroup

# What holds positions (Seek; Cues, CuePoint, CueTrackPositions), how deep in each other at most, and the positions
# themselves (SeekPosition; CueClusterPosition, CueCodecState).
_POSITIONED: Final = frozenset({_SEEK, _CUES, 0xBB, 0xB7})
_POSITION_DEPTH: Final = 2
_POSITIONS: Final = frozenset({_SEEK_POSITION, 0xF1, 0xEA})


def sniff(head: bytes) -> bool:
    """Whether a file starts with an EBML header."""
    return head.startswith(ebml.id_bytes(_EBML))


def read(stream: BinaryIO) -> dict[str, str]:
    """The strings of all tags by name in lower case; of two with the same name the last one counts."""
    texts: dict[str, str] = {}
    for part in _segment(Window.of(stream)).children():
        for tag in part.children() if part.id == _TAGS else ():
            for simple in tag.children() if tag.id == _TAG else ():
                if simple.id == _SIMPLE_TAG:
                    texts |= _simple(simple)
    return texts


def embed(stream: BinaryIO, texts: Mapping[str, str], out: BinaryIO) -> None:
    """Copy a WebM or Matroska file with tags set for the whole of it, and all tags before the first cluster."""
    segment = _segment(Window.of(stream))
    parts = list(segment.children())
    tags = _new_tags(parts, texts)
    draft = _edits(segment, parts, tags, _Places({}, 0))
    edits = _edits(segment, parts, tags, _places(segment, parts, draft))
    edits += _outdated(parts)
    if not segment.is_open:
        size = segment.data.size + sum(edit.growth for edit in edits)
        edits.append(Splice(segment.start, segment.data.start, ebml.id_bytes(ebml.SEGMENT) + ebml.size_bytes(size)))
    splice(stream, sorted(edits), out)


@dataclass(frozen=True, slots=True)
class _Places:
    """Where parts of the segment will stand, by where they stand now, and where the tags will."""

    of_parts: Mapping[int, int]
    of_tags: int


def _segment(file: Window) -> Element:
    """The first segment."""
    for top in elements(file):
        if top.id == ebml.SEGMENT:
            return top
    raise file.error(file.size, "expected a segment, found the end")


def _simple(tag: Element) -> dict[str, str]:
    """Name and string of a SimpleTag; nothing if it is binary."""
    parts = {child.id: child.data for child in tag.children()}
    if _NAME not in parts or _STRING not in parts:
        return {}
    name, string = (decoded(parts[part].content().rstrip(b"\0")) for part in (_NAME, _STRING))
    return {name.lower(): string}


def _new_tags(parts: list[Element], texts: Mapping[str, str]) -> bytes:
    """A Tags element with the new texts, and with all old tags of other names."""
    new = [
        element(_SIMPLE_TAG, element(_NAME, key.upper().encode()), element(_STRING, text.encode()))
        for key, text in texts.items()
        if text
    ]
    tags = [element(_TAG, element(_TARGETS), *new)] if new else []
    for tag in (tag for part in parts if part.id == _TAGS for tag in part.children() if tag.id == _TAG):
        kept = [
            child
            for child in tag.children()
            if child.id != ebml.CRC and not (child.id == _SIMPLE_TAG and _simple(child).keys() & texts.keys())
        ]
        if any(child.id == _SIMPLE_TAG for child in kept):
            tags.append(element(_TAG, *(child.whole.content() for child in kept)))
    return element(_TAGS, *tags) if tags else b""


def _edits(segment: Element, parts: list[Element], tags: bytes, places: _Places) -> list[Splice]:
    """The edits that change lengths, in order: tags, and what says where things stand."""
    start = next((part.start for part in parts if part.id in {_TAGS, ebml.CLUSTER}), segment.end)
    edits = [Splice(start, start, tags)]
    for part in parts:
        if part.id == _TAGS:
            edits.append(Splice(part.start, part.end, b""))
        elif part.id == _SEEK_HEAD:
            seeks = [_moved(child, places) for child in part.children() if not _seeks_tags(child)]
            if tags:
                position = element(_SEEK_POSITION, _number(places.of_tags))
                seeks.append(element(_SEEK, element(_SEEK_ID, _TAGS_ID), position))
            edits.append(Splice(part.start, part.end, element(_SEEK_HEAD, *seeks)))
        elif part.id == _CUES:
            edits.append(Splice(part.start, part.end, _moved(part, places)))
    return sorted(edits)


def _places(segment: Element, parts: list[Element], edits: list[Splice]) -> _Places:
    """Where everything stands after edits, in bytes from the start of the segment's data."""
    base = segment.data.start
    ends = [edit.end for edit in edits]
    grown = list(accumulate((edit.growth for edit in edits), initial=0))
    of_parts = {part.start - base: part.start - base + grown[bisect_right(ends, part.start)] for part in parts}
    index, tags = next((index, edit) for index, edit in enumerate(edits) if edit.start == edit.end)
    return _Places(of_parts, tags.start - base + grown[index])


def _moved(part: Element, places: _Places, depth: int = 0) -> bytes:
    """An element with the positions in it as they will be, and without its checksum."""
    if part.id == ebml.CRC:
        return b""
    if part.id in _POSITIONS:
        position = int.from_bytes(part.data.read(0, min(part.data.size, 8), "a position"), "big")
        return element(part.id, _number(places.of_parts.get(position, position)))
    if part.id in _POSITIONED and depth <= _POSITION_DEPTH:
        return element(part.id, *(_moved(child, places, depth + 1) for child in part.children()))
    return part.whole.content()


def _seeks_tags(seek: Element) -> bool:
    """Whether an entry of SeekHead says where tags stand."""
    return seek.id == _SEEK and any(
        child.id == _SEEK_ID and child.data.size == len(_TAGS_ID) and child.data.content() == _TAGS_ID
        for child in seek.children()
    )


def _outdated(parts: list[Element]) -> Iterator[Splice]:
    """The edits that void what is optional and would be wrong: clusters' own positions, and checksums over them."""
    for part in parts:
        if part.id in {ebml.CRC, _CLUSTER_POSITION}:  # of the segment, or of a cluster of unknown size
            yield _void(part)
        elif part.id == ebml.CLUSTER and not part.is_open:
            heads = list(takewhile(lambda child: child.id not in _BLOCKS, part.children()))
            if any(child.id == _CLUSTER_POSITION for child in heads):
                yield from (_void(child) for child in heads if child.id in {ebml.CRC, _CLUSTER_POSITION})


def _void(part: Element) -> Splice:
    """The edit that makes an element void and leaves its length; its id is of one byte, as that of Void."""
    return Splice(part.start, part.start + 1, ebml.id_bytes(ebml.VOID))


def _number(value: int) -> bytes:
    return value.to_bytes(8, "big")
