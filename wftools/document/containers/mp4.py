"""MP4 and MOV: metadata keys of the movie.

    moov { udta { meta { hdlr, keys, ilst } } }     as ComfyUI writes it, by ffmpeg's `movflags use_metadata_tags`
    moov { meta { hdlr, keys, ilst } }              as QuickTime has it
    keys: count: u32, count x (size: u32, "mdta", name)
    ilst: items { data: type: u32 (1 is UTF-8), locale: u32, value }; an item's type is the number of its key, from 1

Without keys (handler mdir, as iTunes has it) an item's type is its name, such as ©cmt for the comment, in which
VideoHelperSuite puts a workflow; MOV has such texts as boxes of udta. Apple, QuickTime File Format, Metadata.

Writing makes moov longer or shorter. If pictures and sounds follow it, the offsets of their chunks are moved.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO, Final

from wftools.document.containers._boxes import FULL, Box, box, boxes
from wftools.document.containers._splice import Splice, splice
from wftools.document.containers._texts import decoded
from wftools.document.containers._window import Window
from wftools.errors import InputError, LimitError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

SUFFIXES: Final = (".mp4", ".mov")
_FIRST_BOXES: Final = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
_PICTURES: Final = frozenset({b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1"})

_ITUNES: Final = {b"\xa9cmt": "comment", b"\xa9too": "encoder"}  # what ffmpeg writes if nobody asks for more
_UDTA: Final = {b"\xa9cmt": "comment", b"\xa9des": "description"}  # ffmpeg writes a comment as both
_HANDLER: Final = box(b"hdlr", bytes(8), b"mdta", bytes(13))
_UTF8: Final = 1
_DECODERS: Final[dict[int, Callable[[bytes], str]]] = {
    0: decoded,
    _UTF8: decoded,
    2: lambda value: value.decode("utf-16-be", "replace"),
}

_U32: Final = struct.Struct(">I")
_U64: Final = struct.Struct(">Q")
_TABLES: Final = {b"stco": _U32, b"co64": _U64}  # of offsets in the file

_REMUX: Final = "write the file anew first: ffmpeg -i IN -c copy -map_metadata 0 -movflags use_metadata_tags OUT"


def sniff(head: bytes) -> bool:
    """Whether a file starts as an MP4 or MOV does, and not as a picture of the same format."""
    return head[4:8] in _FIRST_BOXES and not (head[4:8] == b"ftyp" and head[8:12] in _PICTURES)


def read(stream: BinaryIO) -> dict[str, str]:
    """The texts of the movie by key."""
    moov = next((top for top in boxes(Window.of(stream), is_file=True) if top.type == b"moov"), None)
    if moov is None:
        return {}
    udta = moov.find(b"udta")
    texts = {_UDTA[text.type]: _international(text.data) for text in _udta_texts(udta)}
    for holder in (moov, udta):
        meta = _Meta.within(holder)
        for item in meta.items if meta else ():
            if item.name is not None and item.text is not None:
                texts[item.name.lower()] = item.text
    return texts


def embed(stream: BinaryIO, texts: Mapping[str, str], out: BinaryIO) -> None:
    """Copy an MP4 or MOV with keys set in udta/meta, where ComfyUI's web frontend looks for them.

    If iTunes tags stand there, they stay, and the keys go to moov/meta. Raises InputError for a file in fragments.
    """
    moov = _movie(Window.of(stream))
    changes = list(_changes(moov, texts))
    edits = [change.edit for change in changes]
    edits += _moved_chunks(moov, sum(edit.growth for edit in edits))
    for holder in {holder for change in changes for holder in change.holders}:
        edits += _resized(holder, sum(change.edit.growth for change in changes if holder in change.holders))
    splice(stream, sorted(edits), out)


@dataclass(frozen=True, slots=True)
class _Item:
    """One item of an ilst: its key as the file spells it, if it has one; its text, if it is one; its data."""

    type: bytes
    name: str | None
    text: str | None
    data: bytes

    def is_one_of(self, names: Mapping[str, str]) -> bool:
        return self.name is not None and self.name.lower() in names


@dataclass(frozen=True, slots=True)
class _Meta:
    """A meta box."""

    box: Box
    version: bytes  # which ISO has in front of the boxes, and QuickTime has not
    children: tuple[Box, ...]
    is_keyed: bool  # whether its items have keys
    items: tuple[_Item, ...]

    @classmethod
    def within(cls, holder: Box | None) -> _Meta | None:
        """The meta box of a moov or udta box."""
        meta = holder.find(b"meta") if holder else None
        if meta is None:
            return None
        is_plain = meta.data.size >= 8 and meta.data.read(4, 4, "the meta box") == b"hdlr"
        version = b"" if is_plain else meta.data.read(0, FULL, "the meta box")
        children = tuple(boxes(meta.data.rest(len(version), "the meta box")))
        parts = {child.type: child.data for child in reversed(children)}
        is_keyed = b"hdlr" in parts and parts[b"hdlr"].read(8, 4, "the handler") == b"mdta"
        keys = _keys(parts[b"keys"]) if is_keyed and b"keys" in parts else {}
        items = tuple(_items(parts[b"ilst"], keys)) if b"ilst" in parts else ()
        return cls(meta, version, children, is_keyed, items)

    @property
    def can_have_keys(self) -> bool:
        """Whether its items have keys, or can be given some and nothing is lost."""
        return all(item.name is not None if self.is_keyed else item.type in _ITUNES for item in self.items)


@dataclass(frozen=True, slots=True)
class _Change:
    """An edit, and the boxes that become longer or shorter by it."""

    edit: Splice
    holders: tuple[Box, ...]


def _keys(keys: Window) -> dict[bytes, str]:
    """The keys by the type of their items."""
    (count,) = keys.unpack(_U32, FULL, "the number of keys")
    entries = boxes(keys.rest(FULL + 4, "the keys"))  # an entry has the form of a box
    return {_U32.pack(number + 1): decoded(entry.data.content()) for number, entry in enumerate(islice(entries, count))}


def _items(ilst: Window, keys: Mapping[bytes, str]) -> Iterator[_Item]:
    for item in boxes(ilst):
        name = keys.get(item.type) or _ITUNES.get(item.type)
        label = item.find(b"name") if item.type == b"----" else None  # a key in the manner of iTunes
        if label is not None:
            name = decoded(label.data.rest(FULL, "a name").content())
        value = item.find(b"data")
        yield _Item(item.type, name, _text(value.data) if value else None, item.data.content())


def _text(data: Window) -> str | None:
    """The text of a data box; None if it is something else."""
    (kind,) = data.unpack(_U32, 0, "the type of a value")
    if kind not in _DECODERS:
        return None
    return _DECODERS[kind](data.rest(8, "a value").content())


def _udta_texts(udta: Box | None) -> Iterator[Box]:
    """The texts of a MOV that stand in udta itself."""
    return (child for child in udta.children() if child.type in _UDTA) if udta else iter(())


def _international(text: Window) -> str:
    """A text of a MOV's udta: size: u16, language: u16, text, and perhaps the same in more languages."""
    (size,) = text.unpack(struct.Struct(">H"), 0, "the size of a text")
    return decoded(text.read(4, size, "a text"))


def _movie(file: Window) -> Box:
    """The moov box of a file, if we know all offsets that change when it grows."""
    tops = list(boxes(file, is_file=True))
    moov = next((top for top in tops if top.type == b"moov"), None)
    if moov is None:
        raise file.error(0, "expected a moov box")
    for part in (*tops, *moov.children()):
        if part.type in {b"moof", b"mfra", b"cmov"} or (part.type == b"meta" and part in tops):
            kind = part.type.decode()
            raise InputError(f"byte {part.start}: cannot write into a file with a {kind} box", hint=_REMUX)
    return moov


def _changes(moov: Box, texts: Mapping[str, str]) -> Iterator[_Change]:
    """The edits that take keys out of wherever they stand and set them in one place."""
    udta = moov.find(b"udta")
    is_set = not any(texts.values())
    for holder, holders in ((udta, (moov, udta) if udta else (moov,)), (moov, (moov,))):
        meta = _Meta.within(holder)
        if not is_set and (meta is None or meta.can_have_keys):
            is_set = True
            yield _Change(_set(moov, holder, meta, texts), holders)
        elif meta is not None and any(item.is_one_of(texts) for item in meta.items):
            yield _Change(Splice(meta.box.start, meta.box.end, _filtered(meta, texts)), holders)
    if not is_set:
        raise InputError("the file's tags leave no room for keys", hint=_REMUX)
    for old in _udta_texts(udta):
        if udta is not None and _UDTA[old.type] in texts:
            yield _Change(Splice(old.start, old.end, b""), (moov, udta))


def _set(moov: Box, holder: Box | None, meta: _Meta | None, texts: Mapping[str, str]) -> Splice:
    """The edit that sets keys in a meta box, which is made if it is not there, as is the udta box."""
    new = _keyed(meta, texts)
    if meta is not None:
        return Splice(meta.box.start, meta.box.end, new)
    holder, new = (holder, new) if holder else (moov, box(b"udta", new))
    end = max((child.end for child in holder.children()), default=holder.data.start)  # padding may follow
    return Splice(end, end, new)


def _keyed(meta: _Meta | None, texts: Mapping[str, str]) -> bytes:
    """A meta box with keys: those of an old one that are not set anew, and the new ones."""
    rows = [(item.name or "", item.data) for item in meta.items if not item.is_one_of(texts)] if meta else []
    rows += [(key, box(b"data", _U32.pack(_UTF8), bytes(4), text.encode())) for key, text in texts.items() if text]
    keys = box(b"keys", bytes(FULL), _U32.pack(len(rows)), *(box(b"mdta", name.encode()) for name, _ in rows))
    ilst = box(b"ilst", *(box(_U32.pack(number), data) for number, (_, data) in enumerate(rows, 1)))
    others = [child for child in meta.children if child.type not in {b"hdlr", b"keys", b"ilst"}] if meta else []
    version = meta.version if meta else bytes(FULL)
    return box(b"meta", version, _HANDLER, keys, ilst, *(other.whole.content() for other in others))


def _filtered(meta: _Meta, texts: Mapping[str, str]) -> bytes:
    """A meta box without some of its items."""
    ilst = box(b"ilst", *(box(item.type, item.data) for item in meta.items if not item.is_one_of(texts)))
    parts = (ilst if child.type == b"ilst" else child.whole.content() for child in meta.children)
    return box(b"meta", meta.version, *parts)


def _resized(holder: Box, growth: int) -> Iterator[Splice]:
    """The edit of a box's size."""
    size = holder.whole.size + growth
    (field,) = holder.whole.unpack(_U32, 0, "the size of a box")
    if field == 1:
        yield Splice(holder.start + 8, holder.start + 16, _U64.pack(size))
    elif field:  # 0 is a box that goes up to the end
        yield Splice(holder.start, holder.start + 4, _packed(_U32, size))


def _moved_chunks(moov: Box, growth: int) -> Iterator[Splice]:
    """The edits of the tables of chunks: what stands after moov moves with its end."""
    for track in moov.children():
        table = track.find(b"mdia", b"minf", b"stbl") if track.type == b"trak" else None
        for part in table.children() if table else ():
            if part.type == b"saio":
                raise InputError(f"byte {part.start}: cannot write into a file that is encrypted")
            if part.type in _TABLES:
                yield _moved(part.data, _TABLES[part.type], moov.start, growth)


def _moved(table: Window, number: struct.Struct, after: int, growth: int) -> Splice:
    (count,) = table.unpack(_U32, FULL, "the number of chunks")
    offsets = table.part(FULL + 4, count * number.size, "the offsets of chunks")
    new = (offset + growth if offset > after else offset for (offset,) in number.iter_unpack(offsets.content()))
    return Splice(offsets.start, offsets.end, b"".join(_packed(number, offset) for offset in new))


def _packed(number: struct.Struct, value: int) -> bytes:
    try:
        return number.pack(value)
    except struct.error as error:
        raise LimitError("the file would become larger than its offsets can say", hint=_REMUX) from error
