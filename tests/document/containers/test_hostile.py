"""Files of strangers: cut off, changed, or made to hurt. The outcome is texts or an InputError, and it comes soon."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zlib
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.document.containers import files
from tests.document.containers.test_reading import MADE, READ_ONLY, Sparse
from wftools.document.containers import embed_texts, identify, read_texts
from wftools.errors import InputError, LimitError

SHORT = {"workflow": '{"nodes": []}', "prompt": "{}"}
NEW = {"workflow": "{}", "prompt": '{"é": 1}'}
U32 = 2**32 - 1


def shortened(data: bytes) -> bytes:
    """The file with texts so short that most of its bytes are structure."""
    out = io.BytesIO()
    embed_texts(io.BytesIO(data), SHORT, out)
    return out.getvalue()


REAL = {name: path.read_bytes() for name, path in files.REAL.items()}
SAMPLES = {
    **REAL,
    **{f"short {name}": shortened(data) for name, data in REAL.items()},
    "jpeg": shortened(files.saved("JPEG", exif=files.exif({0x0112: 6}, user_comment=b"ASCII\0\0\0a photo"))),
    "avif": files.saved("AVIF", exif=files.comfy_exif(SHORT)),
    "svg": shortened(files.svg("", '<?xml version="1.0"?><!-- svg --><!DOCTYPE svg [<!ENTITY a "b">]>')),
    "glb": shortened(files.glb('{"asset": {"version": "2.0"}}')),
    "exr": files.exr(**SHORT),
    "mp4 of itunes": files.video("mp4", "libx264", (("comment", "{}"), ("title", "x"))),
    "mov": files.video("mov", "libx264", (("comment", "{}"),)),
    "webm live": files.video("webm", "libvpx-vp9", tuple(SHORT.items()), (("live", "1"),)),
}
# Containers that have none of these yet are represented by what they are read from.
SEEN = {identify(data[:4096]) for data in SAMPLES.values()}
SAMPLES |= {name: data for name, data in MADE.items() if name.split()[0] not in SEEN}

# What lengths, counts and signs look like when somebody means harm.
EXTREMES = [
    bytes(4),
    b"\xff" * 4,
    b"\x7f\xff\xff\xff",
    b"\0\0\0\1",
    b"\0\0\0\x08",
    bytes(8),
    b"\xff" * 8,
    b"\x01",
    b"\x80",
]


@st.composite
def mutated(draw: st.DrawFn, data: bytes) -> bytes:
    """A file with a few bytes changed, inserted, removed or repeated, mostly near its start."""
    changed = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        at = int(len(changed) * draw(st.floats(0, 1)) ** draw(st.sampled_from([1, 2, 4])))
        piece = draw(st.sampled_from(EXTREMES) | st.binary(min_size=1, max_size=4))
        length = draw(st.integers(0, 16))
        match draw(st.sampled_from(["change", "insert", "remove", "repeat"])):
            case "change":
                changed[at : at + len(piece)] = piece
            case "insert":
                changed[at:at] = piece
            case "remove":
                del changed[at : at + length]
            case "repeat":
                changed[at:at] = changed[at : at + 4 * length]
    return bytes(changed)


def read(data: bytes) -> dict[str, str]:
    return read_texts(io.BytesIO(data))


def check_reading(data: bytes) -> None:
    texts: dict[str, str] = {}
    message = "byte"
    try:
        texts = read(data)
    except InputError as error:
        message = str(error)

    assert all(isinstance(part, str) for pair in texts.items() for part in pair)
    assert message.startswith(("byte", "not a file that can hold a workflow"))


def check_embedding(data: bytes) -> None:
    out = io.BytesIO()
    with suppress(InputError):
        embed_texts(io.BytesIO(data), NEW, out)
        assert {key: read(out.getvalue()).get(key) for key in NEW} == NEW


@pytest.mark.parametrize("name", SAMPLES)
@settings(max_examples=150)
@given(choice=st.data())
def test_a_file_that_is_cut_off(name, choice):
    """Reading says at which byte something is missing, if what is left does not do."""
    data = SAMPLES[name][: choice.draw(st.integers(0, len(SAMPLES[name]) - 1))]

    check_reading(data)
    check_embedding(data)


@pytest.mark.parametrize("name", SAMPLES)
@settings(max_examples=150)
@given(choice=st.data())
def test_a_file_with_bytes_changed(name, choice):
    """Reading gives texts or an InputError; embedding gives a file that has the new texts, or an InputError."""
    data = choice.draw(mutated(SAMPLES[name]))

    check_reading(data)
    if identify(SAMPLES[name][:4096]) not in READ_ONLY:
        check_embedding(data)


@pytest.mark.parametrize("name", REAL)
def test_a_file_cut_off_inside_its_texts_is_refused(name):
    data = REAL[name][: len(REAL[name]) // 3 if "flac" not in name else 1000]

    with pytest.raises(InputError, match=r"byte \d+: .*(left|the end)"):
        read(data)


def zeros(megabytes: int) -> bytes:
    """Megabytes of zeros, as zlib has them: a thousandth of that."""
    deflate = zlib.compressobj(1)
    return b"".join([*(deflate.compress(bytes(2**20)) for _ in range(megabytes)), deflate.flush()])


@pytest.mark.parametrize(
    "wrap",
    [
        lambda data: files.png(files.png_chunk(b"zTXt", b"workflow\0\0" + data)),
        lambda data: files.png(files.png_chunk(b"iTXt", b"workflow\0\1\0\0\0" + data)),
        lambda data: files.id3(4, files.id3_frame(4, files.seven_bits(9) + data, flags=0x09)),
    ],
    ids=["zTXt", "iTXt", "ID3"],
)
def test_a_bomb_is_not_inflated(wrap):
    """Half a gigabyte. At most the budget of 64 MB is ever in memory, in two copies."""
    data = wrap(zeros(512))
    tracemalloc.start()

    with pytest.raises(LimitError, match="more than 64 MB"):
        read(data)

    assert tracemalloc.get_traced_memory()[1] < 200 * 2**20
    tracemalloc.stop()


def test_many_small_bombs_are_no_large_one():
    """The budget is that of the file."""
    small = zeros(16)

    with pytest.raises(LimitError, match="more than 64 MB"):
        read(files.png(*(files.png_chunk(b"zTXt", f"{index}".encode() + b"\0\0" + small) for index in range(5))))


def test_one_value_named_by_many_tags_is_not_read_for_each():
    """65535 tags of one megabyte each, all in the same place."""
    head = b"II*\0" + struct.pack("<IH", 8, 0xFFFF)
    entry = struct.pack("<HHII", 0x0110, 2, 2**20, 10 + 12 * 0xFFFF + 4)
    block = head + entry * 0xFFFF + bytes(4) + b"a:" + b"x" * 2**20

    with pytest.raises(LimitError, match="more than 64 MB"):
        read(files.webp(block))


def refused_at_once(stretches: dict[int, bytes]) -> str:
    """The error for a huge file, of which little may be read."""
    stream = Sparse(stretches)
    with pytest.raises(InputError) as error:
        read_texts(stream)  # type: ignore[arg-type]
    assert stream.bytes_read < 100_000
    return str(error.value)


@pytest.mark.parametrize(
    "head",
    [
        files.png()[:8]
        + struct.pack(">I4s", 13, b"IHDR")
        + bytes(17)
        + struct.pack(">I4s", U32, b"tEXt")
        + b"workflow\0",
        b"fLaC\0\0\0\x22" + bytes(34) + b"\x84\0\0\x10" + struct.pack("<I", U32),
        files.exr()[:8] + b"workflow\0string\0" + struct.pack("<I", U32),
        b"glTF" + struct.pack("<IIII", 2, U32, U32, 0x4E4F534A),
        struct.pack("<I", 1 << 25) + bytes(4) + b"{",
        b"RIFF" + struct.pack("<I", U32) + b"WEBPVP8X",
        b"ID3\4\0\0\x7f\x7f\x7f\x7f",
        files.box(b"ftyp", b"isom") + struct.pack(">I4s", U32, b"moov"),
        bytes.fromhex("1A45DFA3 80 18538067 01FFFFFFFFFFFFFE"),
    ],
    ids=["png", "flac", "exr", "glb", "safetensors", "webp", "id3", "mp4", "matroska"],
)
def test_a_size_beyond_the_file_is_not_allocated(head):
    """Up to four gigabytes are announced, and a hundred bytes follow."""
    assert "left" in refused_at_once({0: head + bytes(100)})


@pytest.mark.parametrize(
    "stretches",
    [
        {0: files.png()[:33] + struct.pack(">I4s", 2**31, b"tEXt"), 2**31 + 100: b"\0"},
        {
            0: files.box(b"ftyp", b"isom")
            + struct.pack(">I4s", 2**31, b"moov")
            + struct.pack(">I4s", 2**31 - 8, b"udta")
            + struct.pack(">I4s", 2**31 - 16, b"\xa9cmt")
            + b"\xff\xff",
            2**31 + 11: b"\0",
        },
        {
            0: bytes.fromhex(
                "1A45DFA3 80 18538067 01FFFFFFFFFFFFFF 1254C367 1080000000 7373 107FFFFF00 67C8 107FFFF000"
                "45A3 81 41 4487 107F000000"
            ),
            2**32: b"\0",
        },
        {0: b"ID3\4\0\0\x7f\x7f\x7f\x7f", 2**28 + 10: b"\0"},
        {0: files.exr()[:8] + b"workflow\0string\0" + struct.pack("<I", 2**31), 2**31 + 100: b"\0"},
        {
            0: b"RIFF"
            + struct.pack("<I", 2**31 + 12)
            + b"WEBPEXIF"
            + struct.pack("<I", 2**31)
            + b"II*\0"
            + struct.pack("<IHHHII", 8, 1, 0x0110, 2, 2**30, 26)
            + bytes(4)
            + b"a:",
            2**31 + 20: b"\0",
        },
    ],
    ids=["png", "mp4", "matroska", "id3", "exr", "webp"],
)
def test_a_text_of_gigabytes_is_not_read(stretches):
    """It is really there, as a hole in a file."""
    stream = Sparse(stretches)

    with suppress(InputError):
        assert all(len(text) < 2**17 for text in read_texts(stream).values())  # type: ignore[arg-type]

    assert stream.bytes_read < 2**20


def test_boxes_in_boxes_in_boxes():
    """Only those on the way to the texts are opened, so that depth means nothing."""
    inner = b""
    for _ in range(5_000):
        inner = files.box(b"udta", inner)

    assert read(files.box(b"ftyp", b"isom") + files.box(b"moov", inner)) == {}


def test_tags_in_tags_in_tags():
    inner = b""
    for _ in range(2_000):
        inner = files.element(0x67C8, inner)

    assert read(files.element(0x1A45DFA3) + files.element(0x18538067, files.element(0x1254C367, inner))) == {}


def test_cues_in_cues_in_cues():
    """Embedding follows positions as deep as they can stand, no deeper."""
    inner = b""
    for _ in range(5_000):
        inner = files.element(0xB7, inner)
    data = files.element(0x1A45DFA3) + files.element(0x18538067, files.element(0x1C53BB6B, inner))

    check_embedding(data)


@pytest.mark.parametrize("document", ["[" * 100_000, '{"a":' * 100_000, '{"asset":' + "[" * 100_000, "9" * 10_000])
def test_json_in_json_in_json(document):
    for data in (files.glb(document), struct.pack("<Q", len(document)) + document.encode()):
        check_reading(data)
        check_embedding(data)
    check_reading(files.svg(f"<metadata><![CDATA[{document}]]></metadata>"))


@pytest.mark.parametrize("first", [8, 14, 0])
def test_a_directory_of_tags_that_leads_to_itself(first):
    entry = struct.pack("<HHII", 0x8769, 4, 1, 8)
    block = b"II*\0" + struct.pack("<IH", first, 1) + entry + struct.pack("<I", 8)

    check_reading(files.webp(block))
    check_embedding(files.webp(block))


@pytest.mark.slow
def test_a_million_parts_are_enough():
    """A file that consists of nothing but starts is given up."""
    chunk = files.png_chunk(b"IDAT", b"")

    with pytest.raises(LimitError, match="more than 1,000,000 parts"):
        read(files.png(chunk * 1_000_000))


def test_the_start_of_an_svg_is_searched_once():
    """Nothing here is quadratic: four megabytes of what looks like a start take no longer than of anything else."""
    for piece in ("<metadata ", "<metadata><![CDATA[", "<metadata>", "<!-- ", "<svg ", '"', "<!DOCTYPE [", "]"):
        check_reading(b"<svg>" + piece.encode() * (2**22 // len(piece)))
        check_reading(b"<svg a='" + piece.encode() * (2**22 // len(piece)))
        check_reading(piece.encode() * 100 + b"<svg>")


def test_a_vorbis_block_that_counts_more_than_it_has():
    comments = struct.pack("<II", 0, U32) + struct.pack("<I", 0) * 100

    with pytest.raises(InputError, match="a comment should have 4 bytes, but 0 are left"):
        read(b"fLaC\0\0\0\x22" + bytes(34) + b"\x84" + len(comments).to_bytes(3, "big") + comments)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (files.exr()[:8] + b"n" * 300, "byte 8: expected a name of at most 255 bytes"),
        (b"<svg><metadata><![CDATA[{}", "byte 24: expected the end of a CDATA section"),
        (files.png(files.png_chunk(b"tEXt", b"workflow")), "byte 41: expected a NUL"),
        (files.png(files.png_chunk(b"t\0Xt", b"")), "byte 37: expected a chunk type of four letters"),
        (files.png(files.png_chunk(b"zTXt", b"a\0\0not zlib")), "byte 41: expected zlib data"),
        (
            files.png(files.png_chunk(b"zTXt", b"a\0\0" + zlib.compress(b"text")[:-4])),
            "byte 41: the zlib data has no end",
        ),
        (files.webp(b"IM*\0\0\0\0\x08"), "expected a TIFF header"),
        (b"\xff\xd8\xff\xe0\0\x02\0\0", "byte 6: expected a segment"),
        (files.id3(4, files.id3_frame(4, b"", name=b"abc\1")), "byte 10: expected the id of a frame"),
        (files.id3(4, b"TXXX\0\0\0\x80\0\0"), "byte 14: expected bytes below 0x80"),
        (files.id3(9), "byte 3: expected a tag of ID3"),
        (files.glb("{} {}"), "byte 20: expected a glTF document"),
        (b"\x08" + bytes(7) + b'{"a": 1,', "byte 8: expected a JSON header"),
        (b"fLaC\4\0\0\0", "byte 4: expected STREAMINFO"),
        (b"OggS\0\2" + bytes(21) + b"OgXS" + bytes(23), "byte 27: expected a page"),
        (files.box(b"ftyp", b"isom") + struct.pack(">I4s", 4, b"moov"), "byte 12: expected a box of at least 8 bytes"),
        (files.element(0x1A45DFA3) + b"\x18\x53\x80\x67\x81\0", "expected the id of an element"),
    ],
)
def test_an_error_says_what_was_expected_and_where(data, expected):
    with pytest.raises(InputError) as error:
        read(data)

    assert expected in error.value.message


def test_a_tag_of_unknown_size_is_refused():
    """Nobody could say where it ends; only a segment and a cluster may be so."""
    tags = bytes.fromhex("1254C367 FF") + files.element(0x7373, b"")

    with pytest.raises(InputError, match="element 0x1254C367 should say its size"):
        read(files.element(0x1A45DFA3) + files.element(0x18538067, tags))


def test_a_stream_that_shrinks_while_it_is_read_is_refused():
    class Shrinking(io.BytesIO):
        def read(self, count: int | None = -1) -> bytes:
            return super().read(count)[:-1]

    with pytest.raises(InputError, match="became shorter"):
        read_texts(Shrinking(files.png(files.png_chunk(b"tEXt", b"workflow\0{}"))))
