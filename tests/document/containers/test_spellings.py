"""How each container may spell a text, by its book."""

from __future__ import annotations

import io
import json
import struct
import zlib

import pytest

from tests.document.containers import files
from wftools.document.containers import read_texts

TEXT = '{"note": "hé 中"}'


def read(data: bytes) -> dict[str, str]:
    return read_texts(io.BytesIO(data))


@pytest.mark.parametrize(
    "chunk",
    [
        files.png_chunk(b"tEXt", b"workflow\0" + TEXT.encode()),  # from programs that do not know of Latin-1
        files.png_chunk(b"iTXt", b"workflow\0\0\0\0\0" + TEXT.encode()),
        files.png_chunk(b"iTXt", b"workflow\0\0\0en\0Arbeit\0" + TEXT.encode()),
        files.png_chunk(b"iTXt", b"workflow\0\1\0\0\0" + zlib.compress(TEXT.encode())),
        files.png_chunk(b"zTXt", b"workflow\0\0" + zlib.compress(TEXT.encode())),
        files.png_chunk(b"comf", b"workflow\0" + TEXT.encode()),
        files.png_chunk(b"tEXt", b"Workflow\0" + TEXT.encode()),
        files.png_chunk(b"tEXt", b"workflow\0" + TEXT.encode(), crc=1),
        files.png_chunk(b"tEXt", b"workflow\0old") + files.png_chunk(b"tEXt", b"workflow\0" + TEXT.encode()),
    ],
    ids=["tEXt", "iTXt", "iTXt with language", "iTXt compressed", "zTXt", "comf", "upper case", "wrong CRC", "twice"],
)
def test_png(chunk):
    assert read(files.png(chunk)) == {"workflow": TEXT}


def test_png_text_that_is_latin_1():
    assert read(files.png(files.png_chunk(b"tEXt", b"title\0h\xe9llo"))) == {"title": "héllo"}


def test_png_text_behind_the_pixels_is_found_and_behind_the_end_is_not():
    end = files.png_chunk(b"IEND", b"")
    text = files.png_chunk(b"tEXt", b"workflow\0" + TEXT.encode())
    start = files.png().removesuffix(end)

    assert read(start + text + end) == {"workflow": TEXT}
    assert read(start + end + text) == {}


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("prefix", [b"", b"Exif\0\0"], ids=["bare", "prefix"])
def test_exif(order, prefix):
    block = files.tiff(
        order,
        (0x010F, 2, b"workflow:" + TEXT.encode() + b"\0"),
        (0x0110, 2, b"prompt:{}\0"),
        (0x0112, 3, b"\0\1"),
        (0x0131, 2, b"a:b\0"),
        prefix=prefix,
    )

    assert read(files.webp(block)) == {"workflow": TEXT, "prompt": "{}", "a": "b"}


@pytest.mark.parametrize(
    "block",
    [
        files.tiff("<", (0x010F, 2, b"Canon\0")),
        files.tiff("<", (0x010F, 7, b"workflow:{}\0")),
        files.tiff(">"),
    ],
    ids=["camera", "no text", "empty"],
)
def test_exif_without_texts(block):
    assert read(files.webp(block)) == {}


def avif(entry: bytes, location: bytes, idat: bytes = b"") -> bytes:
    """An AVIF without a picture."""
    items = files.box(b"iinf", bytes(4), struct.pack(">H", 1), files.box(b"infe", entry))
    parts = items + files.box(b"iloc", location) + files.box(b"idat", idat)
    return files.box(b"ftyp", b"mif1", bytes(4), b"avif") + files.box(b"meta", bytes(4), parts)


TAGS = (0x010F, 2, b"workflow:" + TEXT.encode() + b"\0")
ITEM = bytes(4) + files.tiff(">", TAGS)
PREFIXED = struct.pack(">I", 6) + files.tiff(">", TAGS, prefix=b"Exif\0\0")
ENTRY = struct.pack(">BxxxHH4sx", 2, 7, 0, b"Exif")
LONG_ENTRY = struct.pack(">BxxxIH4sx", 3, 7, 0, b"Exif")
BEHIND = len(avif(ENTRY, bytes(22)))  # what follows the boxes of a file with the last location below


@pytest.mark.parametrize(
    "data",
    [
        avif(ENTRY, struct.pack(">BxxxBBHHHHHII", 1, 0x44, 0x00, 1, 7, 1, 0, 1, 0, len(ITEM)), ITEM),
        avif(
            LONG_ENTRY,
            struct.pack(">BxxxBBIIHHIHIIII", 2, 0x44, 0x40, 1, 7, 1, 0, 4, 2, 0, 10, 10, len(ITEM) - 10),
            bytes(4) + ITEM,
        ),
        avif(ENTRY, struct.pack(">BxxxBBHHHHII", 0, 0x44, 0x00, 1, 7, 0, 1, BEHIND, len(PREFIXED))) + PREFIXED,
    ],
    ids=["in idat", "in two pieces of idat, from a base", "in the file"],
)
def test_avif(data):
    assert read(data) == {"workflow": TEXT}


def test_jpeg_segments_with_fill_bytes_before_them():
    data = files.saved("JPEG", exif=files.comfy_exif({"prompt": "{}"}))

    assert read(data.replace(b"\xff\xe1", b"\xff\xff\xff\xff\xe1", 1)) == {"prompt": "{}"}


@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        (3, b"workflow\0" + TEXT.encode()),
        (3, b"workflow\0" + TEXT.encode() + b"\0"),
        (0, b"workflow\0" + TEXT.encode()),
        (1, "\ufeffworkflow\0\ufeff".encode("utf-16-le") + TEXT.encode("utf-16-le")),
        (1, "\ufeffworkflow\0\ufeff".encode("utf-16-be") + (TEXT + "\0").encode("utf-16-be")),
        (2, f"workflow\0{TEXT}".encode("utf-16-be")),
        (2, f"workflow\u0100\0{TEXT}".encode("utf-16-be")),  # a byte of zeros across two characters
    ],
    ids=["utf-8", "utf-8 with NUL", "latin-1", "utf-16 little", "utf-16 big", "utf-16-be", "zeros at an odd offset"],
)
def test_id3(version, encoding, data):
    title = files.id3_frame(version, b"\0title", name=b"TIT2")

    found = read(files.id3(version, title, files.id3_frame(version, bytes([encoding]) + data), bytes(20)))

    assert list(found.values()) == [TEXT]
    assert next(iter(found)).startswith("workflow")


def test_id3_2_2():
    assert read(files.id3(2, files.id3_frame(2, b"\0workflow\0" + b"{}"), bytes(6))) == {"workflow": "{}"}


SPREAD = '{"text": "ÿÿ ÿ\0"}'.encode("latin-1").replace(b"\0", b"")  # bytes that unsynchronisation takes apart


@pytest.mark.parametrize(
    "tag",
    [
        files.id3(3, files.id3_frame(3, b"\0workflow\0" + SPREAD).replace(b"\xff", b"\xff\0"), flags=0x80),
        files.id3(4, files.id3_frame(4, (b"\0workflow\0" + SPREAD).replace(b"\xff", b"\xff\0")), flags=0x80),
        files.id3(4, files.id3_frame(4, (b"\0workflow\0" + SPREAD).replace(b"\xff", b"\xff\0"), flags=0x02)),
        files.id3(
            4,
            files.id3_frame(
                4, files.seven_bits(40) + (b"\0workflow\0" + SPREAD).replace(b"\xff", b"\xff\0"), flags=0x03
            ),
        ),
    ],
    ids=["2.3", "2.4 tag", "2.4 frame", "2.4 frame with its length"],
)
def test_id3_with_unsynchronisation(tag):
    assert read(tag) == {"workflow": SPREAD.decode("latin-1")}


@pytest.mark.parametrize(
    "tag",
    [
        files.id3(3, files.id3_frame(3, struct.pack(">I", 12) + zlib.compress(b"\0workflow\0{}"), flags=0x80)),
        files.id3(4, files.id3_frame(4, files.seven_bits(12) + zlib.compress(b"\0workflow\0{}"), flags=0x09)),
        files.id3(3, files.id3_frame(3, b"G\0workflow\0{}", flags=0x20)),
        files.id3(4, files.id3_frame(4, b"G\0workflow\0{}", flags=0x40)),
        files.id3(3, struct.pack(">IHI", 6, 0, 0), files.id3_frame(3, b"\0workflow\0{}"), flags=0x40),
        files.id3(4, files.seven_bits(6) + b"\1\0", files.id3_frame(4, b"\0workflow\0{}"), flags=0x40),
    ],
    ids=["2.3 compressed", "2.4 compressed", "2.3 group", "2.4 group", "2.3 extended header", "2.4 extended header"],
)
def test_id3_with_flags(tag):
    assert read(tag) == {"workflow": "{}"}


def test_id3_frame_that_is_encrypted_is_passed_over():
    assert read(files.id3(4, files.id3_frame(4, b"x\0workflow\0{}", flags=0x04))) == {}


def keyed_meta(*, version: bytes = bytes(4), kind: int = 1, text: bytes = TEXT.encode()) -> bytes:
    names = files.box(b"mdta", b"Other") + files.box(b"mdta", b"workflow")
    keys = files.box(b"keys", bytes(4), struct.pack(">I", 2), names)
    item = files.box(struct.pack(">I", 2), files.box(b"data", struct.pack(">II", kind, 0), text))
    return files.box(b"meta", version, files.box(b"hdlr", bytes(8), b"mdta", bytes(13)), keys, files.box(b"ilst", item))


def itunes_meta(*items: bytes) -> bytes:
    return files.box(b"meta", bytes(4), files.box(b"hdlr", bytes(8), b"mdirappl", bytes(9)), files.box(b"ilst", *items))


FREE_FORM = files.box(
    b"----",
    files.box(b"mean", bytes(4), b"com.apple.iTunes"),
    files.box(b"name", bytes(4), b"workflow"),
    files.box(b"data", struct.pack(">II", 1, 0), TEXT.encode()),
)


@pytest.mark.parametrize(
    "moov",
    [
        files.box(b"udta", keyed_meta()),
        files.box(b"udta", files.box(b"name", b"x"), keyed_meta(), bytes(4)),
        files.box(b"udta", bytes(12)) + keyed_meta(),
        keyed_meta(version=b""),
        keyed_meta(kind=0),
        keyed_meta(kind=2, text=TEXT.encode("utf-16-be")),
        files.box(b"udta", itunes_meta(FREE_FORM)),
    ],
    ids=["udta", "udta with more", "udta of zeros", "quicktime", "no type", "utf-16", "itunes"],
)
def test_mp4(moov):
    assert read(files.box(b"ftyp", b"isom") + files.box(b"moov", moov)) == {"workflow": TEXT}


def test_mp4_sizes_of_eight_bytes_and_to_the_end():
    moov = files.box(b"udta", keyed_meta())
    long = struct.pack(">I4sQ", 1, b"moov", 16 + len(moov)) + moov
    last = files.box(b"moov", moov, size=0)

    for data in (long, files.box(b"mdat", b"x") + long, files.box(b"wide") + last):
        assert read(data) == {"workflow": TEXT}


def tag(*pairs: tuple[str, str], target: bytes = b"") -> bytes:
    simple = (
        files.element(0x67C8, files.element(0x45A3, name.encode()), files.element(0x4487, text.encode()))
        for name, text in pairs
    )
    return files.element(0x7373, files.element(0x63C0, target), *simple)


EBML = files.element(0x1A45DFA3, files.element(0x4282, b"webm"))
CLUSTER = files.element(0x1F43B675, files.element(0xE7, b"\0"), files.element(0xA3, b"\x81\0\0\x80pixels"))
OPEN_CLUSTER = bytes.fromhex("1F43B675 01FFFFFFFFFFFFFF") + files.element(0xE7, b"\0") + files.element(0xA3, b"\x81")
OPEN_SEGMENT = bytes.fromhex("18538067 01FFFFFFFFFFFFFF")


@pytest.mark.parametrize(
    "segment",
    [
        files.element(0x18538067, files.element(0x1254C367, tag(("WORKFLOW", TEXT))), CLUSTER),
        files.element(0x18538067, CLUSTER, CLUSTER, files.element(0x1254C367, tag(("workflow\0", TEXT + "\0")))),
        files.element(0x18538067, files.element(0x1254C367, tag(), tag(("Workflow", TEXT), target=b"\x63\xc5\x81\1"))),
        OPEN_SEGMENT + OPEN_CLUSTER + OPEN_CLUSTER + files.element(0x1254C367, tag(("WORKFLOW", TEXT))),
        OPEN_SEGMENT + files.element(0x1254C367, tag(("WORKFLOW", TEXT))) + OPEN_CLUSTER,
    ],
    ids=["before", "after", "of a track", "open, after", "open, before"],
)
def test_matroska(segment):
    assert read(EBML + segment) == {"workflow": TEXT}


def comments(*entries: bytes) -> bytes:
    parts = [b"vendor", *entries]
    sized = [struct.pack("<I", len(part)) + part for part in parts]
    return sized[0] + struct.pack("<I", len(entries)) + b"".join(sized[1:])


def flac_block(kind: int, data: bytes, *, last: bool = False) -> bytes:
    return bytes([kind | (0x80 if last else 0)]) + len(data).to_bytes(3, "big") + data


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ((b"WORKFLOW=" + TEXT.encode(),), {"workflow": TEXT}),
        ((b"workflow=old", b"Workflow=a=b"), {"workflow": "a=b"}),
        ((b"no value", b"prompt={}", b"title=h\xe9"), {"prompt": "{}", "title": "hé"}),
        ((), {}),
    ],
)
def test_vorbis_comments(entries, expected):
    data = b"fLaC" + flac_block(0, bytes(34)) + flac_block(4, comments(*entries)) + flac_block(1, bytes(8), last=True)

    assert read(data) == expected


def test_ogg_packet_over_pages_of_two_streams():
    """Pages of an unknown and of a second stream stand between those of a packet; checksums are not looked at."""
    packet = b"OpusTags" + comments(b"workflow=" + TEXT.encode() + b" " * 60_000)
    full, short = divmod(len(packet), 255)
    first = 200 * 255
    other = b"\x03vorbis" + comments(b"prompt={}") + b"\1"
    data = (
        files.ogg_page(0, b"OpusHead", flags=2)
        + files.ogg_page(0, b"\x01vorbis", serial=2, flags=2)
        + files.ogg_page(0, b"fish", serial=3, flags=2)
        + files.ogg_page(1, packet[:first], sizes=b"\xff" * 200)
        + files.ogg_page(1, b"..", serial=3)
        + files.ogg_page(1, other, serial=2)
        + files.ogg_page(2, packet[first:], sizes=b"\xff" * (full - 200) + bytes([short]), flags=1)
    )

    assert read(data) == {"workflow": TEXT + " " * 60_000, "prompt": "{}"}


def test_ogg_with_flac_in_it():
    block = flac_block(4, comments(b"workflow={}"))
    data = files.ogg_page(0, b"\x7fFLAC\1\0\0", flags=2) + files.ogg_page(1, block)

    assert read(data) == {"workflow": "{}"}


@pytest.mark.parametrize(
    ("extras", "expected"),
    [
        ('{"workflow": "{\\"nodes\\": []}"}', {"workflow": '{"nodes": []}'}),
        ('{"workflow": {"nodes":  [1e-7]}, "Seed": 3}', {"workflow": '{"nodes":  [1e-7]}', "seed": "3"}),
        ("[1, 2]", {}),
        ("null", {}),
    ],
)
def test_glb(extras, expected):
    assert read(files.glb(f'{{"asset": {{"version": "2.0", "extras": {extras}}}}}')) == expected


@pytest.mark.parametrize(
    "before",
    [
        "",
        '<!--<svg><metadata><![CDATA[{"other": 1}]]></metadata></svg>-->',
        '\ufeff\n<?xml version="1.0" encoding="UTF-8"?>\n<!-- a > b <svg> -->\n',
        '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd">',
        '<!DOCTYPE svg [ <!ENTITY a "b"> ]> ',
    ],
)
@pytest.mark.parametrize(
    "content",
    [
        files.svg_metadata({"workflow": {"a": 1}}),
        '<metadata id="m"><rdf/></metadata><g/><METADATA id="n"><![CDATA[{"workflow": {\n    "a": 1\n}}]]></METADATA>',
    ],
)
def test_svg(before, content):
    found = read(files.svg(content, before))

    assert {key: json.loads(text) for key, text in found.items()} == {"workflow": {"a": 1}}


def test_svg_of_another_namespace_prefix():
    data = b'<svg:svg xmlns:svg="x" title="a > b"><metadata><![CDATA[{"prompt": "{}"}]]></metadata></svg:svg>'

    assert read(data) == {"prompt": "{}"}


def test_exr():
    assert read(files.exr(workflow=TEXT, prompt="{}")) == {"workflow": TEXT, "prompt": "{}"}
