"""Writing texts into files: they read back, everything else stays, and other programs see the same."""

from __future__ import annotations

import io
import json
import struct
import zlib

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.document.containers import files
from tests.document.containers.files import TEXTS
from tests.document.containers.test_reading import READ_ONLY
from wftools.document.containers import embed_texts, read_texts
from wftools.errors import InputError, LimitError

WRITABLE = {name: data for name, data in files.of_every_kind().items() if name.split()[0] not in READ_ONLY}
FRAMES = {"save_all": True, "append_images": [Image.new("RGB", (32, 24))]}
BLANK = {
    "flac": files.sound("flac", "flac"),
    "glb": files.glb('{"asset": {"version": "2.0"}, "scale": [1e-7, 0.10]}'),
    "jpeg": files.saved("JPEG"),
    "mp3": files.sound("mp3", "libmp3lame", (), (("id3v2_version", "0"),)),
    "mp3 2.3": files.sound("mp3", "libmp3lame", (), (("id3v2_version", "3"),)),
    "mp4": files.video("mp4", "libx264"),
    "mp4 fast start": files.video("mp4", "libx264", (), (("movflags", "faststart"),)),
    "mp4 mov": files.video("mov", "libx264"),
    "mp4 without metadata": files.video("mp4", "libx264", (), (("fflags", "bitexact"),)),
    "ogg opus": files.sound("ogg", "libopus"),
    "ogg vorbis": files.sound("ogg", "vorbis"),
    "png": files.saved("PNG"),
    "png animated": files.saved("PNG", **FRAMES),  # type: ignore[arg-type]
    "safetensors": files.safetensors(None),
    "svg": files.svg("", "<?xml version='1.0'?>\n"),
    "webm": files.video("webm", "libvpx-vp9"),
    "webm live": files.video("webm", "libvpx-vp9", (), (("live", "1"),)),
    "webm mkv": files.video("matroska", "libx264"),
    "webm of small clusters": files.video("matroska", "libx264", (), (("cluster_time_limit", "100"),)),
    "webm with cues in front": files.video("matroska", "libx264", (), (("reserve_index_space", "500"),)),
    "webp": files.saved("WEBP"),
    "webp animated": files.saved("WEBP", lossless=True, **FRAMES),  # type: ignore[arg-type]
    "webp lossless": files.saved("WEBP", lossless=True),
    "webp with alpha": files.saved("WEBP", files.picture("RGBA"), lossless=True),
}
CLUSTER, CUES, TAGS = 0x1F43B675, 0x1C53BB6B, 0x1254C367

REAL = {name: path.read_bytes() for name, path in files.REAL.items()}
ALL = {
    **{f"real {name}": data for name, data in REAL.items()},
    **{f"full {name}": data for name, data in WRITABLE.items()},
    **BLANK,
}

NEW = {"workflow": json.dumps(["x" * 300, "é中😀"], ensure_ascii=False), "prompt": '{"2": {}}', "extra": "[1]"}
LONG = {"workflow": json.dumps({"nodes": ["x" * 200_000]})}  # more than a page of Ogg, and a JPEG, hold


def read(data: bytes) -> dict[str, str]:
    return read_texts(io.BytesIO(data))


def embedded(data: bytes, texts: dict[str, str]) -> bytes:
    out = io.BytesIO()
    embed_texts(io.BytesIO(data), texts, out)
    return out.getvalue()


def pixels(data: bytes) -> list[np.ndarray]:
    """Every frame of a picture."""
    with Image.open(io.BytesIO(data)) as image:
        frames = []
        for index in range(getattr(image, "n_frames", 1)):
            image.seek(index)
            frames.append(np.asarray(image.convert("RGBA")))
        return frames


def media(name: str, data: bytes) -> object:
    """What a file is there for, as its programs decode it."""
    if any(kind in name for kind in ("png", "jpeg", "webp")):
        return [frame.tobytes() for frame in pixels(data)]
    if any(kind in name for kind in ("mp4", "webm", "ogg", "opus", "flac", "mp3")):
        return files.packets(data)
    if "glb" in name:
        (length,) = struct.unpack_from("<I", data, 12)
        document = json.loads(data[20 : 20 + length])
        document["asset"].pop("extras", None)
        return document, data[20 + length :]
    if "svg" in name:
        return data.partition(b"<path")[2]
    (length,) = struct.unpack_from("<Q", data)
    return {key: value for key, value in json.loads(data[8 : 8 + length]).items() if key[0] != "_"}, data[8 + length :]


@pytest.mark.parametrize("name", ALL)
def test_embedded_texts_read_back_and_others_stay(name):
    old = read(ALL[name])

    assert read(embedded(ALL[name], NEW)) == {**old, **NEW}


@pytest.mark.parametrize("name", ALL)
def test_pictures_and_sounds_stay(name):
    """Pixels by Pillow; packets and their times by FFmpeg; geometry, tensors, drawings by their bytes."""
    assert media(name, embedded(ALL[name], NEW)) == media(name, ALL[name])


@pytest.mark.parametrize("name", ALL)
def test_embedding_the_same_again_changes_nothing(name):
    once = embedded(ALL[name], NEW)

    assert embedded(once, NEW) == once


@pytest.mark.parametrize("name", WRITABLE)
def test_an_empty_text_removes_its_key(name):
    without = embedded(WRITABLE[name], {"workflow": "", "nowhere": ""})

    assert set(read(without)) == set(read(WRITABLE[name])) - {"workflow"}
    assert json.loads(read(without)["prompt"]) == json.loads(TEXTS["prompt"])


@pytest.mark.parametrize("name", BLANK)
def test_removing_what_is_not_there_is_a_copy(name):
    assert embedded(BLANK[name], {"workflow": ""}) == BLANK[name]


@pytest.mark.parametrize("name", [name for name in BLANK if "jpeg" not in name])
def test_long_texts_fit(name):
    with_texts = embedded(BLANK[name], LONG)

    assert read(with_texts)["workflow"] == LONG["workflow"]
    assert media(name, with_texts) == media(name, BLANK[name])


@pytest.mark.parametrize("name", [name for name in WRITABLE if name != "jpeg"])
def test_shorter_texts_leave_no_trace_of_longer_ones(name):
    """An old prompt does not travel along, and the file gets short again."""
    data = embedded(embedded(WRITABLE[name], LONG), NEW)

    assert b"x" * 301 not in data
    assert len(data) < len(WRITABLE[name]) + 2_000
    assert media(name, data) == media(name, WRITABLE[name])


@pytest.mark.parametrize(
    "name",
    [
        "mp4",
        "mp4 fast start",
        "mp4 mov",
        "webm",
        "webm mkv",
        "flac",
        "ogg opus",
        "ogg vorbis",
        "mp3",
        "mp3 2.3",
    ],
)
def test_ffmpeg_reads_what_is_embedded(name):
    found = files.ffmpeg_metadata(embedded(BLANK[name], NEW))

    assert {key: found.get(key) for key in NEW} == NEW


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_pillow_reads_what_is_embedded(kind):
    with Image.open(io.BytesIO(embedded(files.saved(kind), NEW))) as image:
        tags = image.getexif()

    assert tags[0x0110] == "prompt:" + NEW["prompt"]
    assert tags[0x010F].encode("latin-1").decode() == "workflow:" + NEW["workflow"]


def test_pillow_reads_what_is_embedded_in_a_png():
    with Image.open(io.BytesIO(embedded(files.saved("PNG"), NEW))) as image:
        assert {key: image.info[key] for key in NEW} == NEW


def test_a_png_has_the_chunks_that_comfyui_writes():
    """In tEXt, after IHDR; what is more than ASCII is in iTXt, whose text is UTF-8 by the book."""
    data = embedded(files.saved("PNG"), NEW)

    assert data[37:48] == b"iTXtworkflo"
    assert b"tEXtprompt\0" in data


@pytest.mark.parametrize(
    "data",
    [
        files.saved("PNG", pnginfo=files.png_info({"Workflow": "old"})),
        files.safetensors({"Workflow": "old"}),
        files.glb('{"asset": {"extras": {"Workflow": "old"}}}'),
        files.svg(files.svg_metadata({"Workflow": "old"})),
        files.saved("WEBP", exif=files.exif({0x010F: "Workflow:old"})),
        files.video("mp4", "libx264", (("Workflow", "old"),), files.TAGS),
        files.sound("flac", "flac", (("Workflow", "old"),)),
        files.sound("mp3", "libmp3lame", (("Workflow", "old"),)),
        files.video("webm", "libvpx-vp9", (("Workflow", "old"),)),
    ],
    ids=["png", "safetensors", "glb", "svg", "webp", "mp4", "flac", "mp3", "webm"],
)
def test_the_key_is_set_whatever_its_case(data):
    assert b"old" in data

    new = embedded(data, {"WORKFLOW": "{}"})

    assert read(new)["workflow"] == "{}"
    assert b"old" not in new


TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=200).filter(
    lambda text: not text.lstrip().startswith('"')  # what is a JSON string is taken for JSON inside JSON
)


@pytest.mark.parametrize("name", [name for name in BLANK if "live" not in name])
@settings(max_examples=25)
@given(texts=st.dictionaries(st.from_regex(r"[a-z][a-z0-9_.-]{0,20}", fullmatch=True), TEXT, min_size=1, max_size=5))
def test_any_texts_read_back(name, texts):
    """Whatever is no text of JSON as well."""
    texts = {key: text for key, text in texts.items() if key not in {"comment", "parameters", "encoder", "duration"}}

    found = read(embedded(BLANK[name], texts))

    assert {key: found[key] for key in texts} == texts


@pytest.mark.parametrize("length", range(4))
def test_safetensors_reads_what_is_embedded(length):
    """Its tensors start at a multiple of eight."""
    data = safetensors.numpy.save({"x": np.arange(3.0)}, metadata={"kept": "yes"})

    new = embedded(data, {"workflow": "x" * length + "é"})

    assert safetensors.numpy.load(new)["x"].tolist() == [0, 1, 2]
    assert struct.unpack_from("<Q", new)[0] % 8 == 0
    assert read(new) == {"kept": "yes", "workflow": "x" * length + "é"}


@pytest.mark.parametrize("length", range(4))
def test_a_glb_says_its_sizes(length):
    """Chunks have a multiple of four bytes, and numbers keep their spelling."""
    new = embedded(BLANK["glb"], {"workflow": "x" * length})

    size, chunk = struct.unpack_from("<4xI", new, 4)[0], struct.unpack_from("<I", new, 12)[0]
    assert (size, chunk % 4) == (len(new), 0)
    assert new[20 + chunk :][4:8] == b"BIN\0"
    assert b"[1e-7, 0.10]" in new


def test_two_metadata_elements_of_an_svg_do_not_contradict():
    both = files.svg_metadata({"workflow": {"old": 1}}) + files.svg_metadata({"workflow": {"old": 2}, "a": 1})

    new = embedded(files.svg(both), {"workflow": "{}"})

    assert read(new) == {"workflow": "{}", "a": "1"}
    assert (new.count(b"workflow"), new.count(b"old")) == (1, 0)


def test_a_text_that_would_end_its_cdata_section_does_not():
    """The same JSON, in another spelling."""
    found = read(embedded(BLANK["svg"], {"workflow": '{"a": [["]]>"]]}'}))

    assert json.loads(found["workflow"]) == {"a": [["]]>"]]}


# Texts that other tools packed.


PACKED = json.dumps({"prompt": TEXTS["prompt"], "workflow": {"nodes": ["old"]}, "seed": 7})


@pytest.mark.parametrize(
    "data",
    [
        files.video("mp4", "libx264", (("comment", PACKED),)),
        files.video("mov", "libx264", (("comment", PACKED),)),
        files.video("mp4", "libx264", (("comment", PACKED), ("title", "kept"))),
        files.video("webm", "libvpx-vp9", (("comment", PACKED),)),
        files.sound("flac", "flac", (("comment", PACKED),)),
        files.saved("JPEG", comment=PACKED.encode()),
        files.saved("JPEG", exif=files.exif({}, user_comment=b"ASCII\0\0\0" + PACKED.encode())),
        files.saved("WEBP", exif=files.exif({}, user_comment=b"UNICODE\0" + PACKED.encode("utf-16-be"))),
    ],
    ids=["mp4", "mov", "mp4 with tags", "webm", "flac", "jpeg comment", "jpeg", "webp"],
)
def test_no_packed_text_goes_on_saying_something_else(data):
    """What the comment had beside the new text stands by itself."""
    new = embedded(data, {"workflow": "{}"})

    found = read(new)

    assert (found["workflow"], found["prompt"], found["seed"]) == ("{}", TEXTS["prompt"], "7")
    assert not {"comment", "parameters"} & set(found)
    assert b'"old"' not in new


def test_packed_texts_can_be_removed():
    data = files.video("mp4", "libx264", (("comment", PACKED),))

    assert set(read(embedded(data, {"workflow": "", "prompt": ""}))) == {"encoder", "seed"}


def test_itunes_tags_of_a_video_stay():
    data = files.video("mp4", "libx264", (("title", "A title"), ("artist", "An artist")))

    found = files.ffmpeg_metadata(embedded(data, NEW))

    assert (found["title"], found["artist"], found["prompt"]) == ("A title", "An artist", NEW["prompt"])


def test_keys_of_a_video_stay_as_they_are_spelled():
    data = files.video("mp4", "libx264", (("com.apple.quicktime.location.ISO6709", "+1+2"), *files.PAIRS), files.TAGS)

    assert b"com.apple.quicktime.location.ISO6709" in embedded(data, NEW)


# EXIF data that is not only ours.


def camera(user_comment: bytes = b"ASCII\0\0\0a photo") -> Image.Exif:
    made = files.exif({0x010F: "Canon", 0x0110: "EOS: 5", 0x0112: 6, 0x010E: "A long description"}, user_comment)
    made.get_ifd(0x8825).update({1: "N", 2: (1.0, 2.0, 3.5)})
    return made


def tags_of(data: bytes) -> tuple[dict[int, object], dict[int, object], dict[int, object]]:
    with Image.open(io.BytesIO(data)) as image:
        found = image.getexif()
        return dict(found), found.get_ifd(0x8769), found.get_ifd(0x8825)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_tags_of_a_camera_stay(kind):
    """Texts go to tags that are free."""
    data = files.saved(kind, exif=camera())

    (old, old_exif, old_gps), (new, new_exif, new_gps) = tags_of(data), tags_of(embedded(data, {"workflow": "{}"}))

    assert {tag: new[tag] for tag in old if tag not in {0x8769, 0x8825}} == {
        tag: value for tag, value in old.items() if tag not in {0x8769, 0x8825}
    }
    assert (new_exif, new_gps) == (old_exif, old_gps)
    assert "workflow:{}" in new.values()


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_exif_data_does_not_grow_each_time(kind):
    data = embedded(files.saved(kind, exif=camera()), {"workflow": json.dumps(["x" * 20_000])})
    sizes = set()
    for index in range(4):
        data = embedded(data, {"workflow": json.dumps(["y" * 10_000, index])})
        sizes.add(len(data))

    assert len(sizes) == 1
    assert tags_of(data)[1][0x9286] == b"ASCII\0\0\0a photo"


def test_exif_data_of_texts_only_gets_as_short_as_they_are():
    """Nothing else is in it, so nothing needs to stay where it is."""
    data = files.saved("WEBP", exif=files.comfy_exif({"prompt": "x" * 50_000}))

    assert len(embedded(data, {"prompt": "{}"})) < 1_000


def test_a_thumbnail_stays():
    """It is the second directory, which a link behind the first one leads to."""
    first = files.tiff(">", (0x0110, 2, b"prompt:{}\0"), (0x0112, 3, b"\0\1"))
    thumbnail = struct.pack(">HHHI4sI", 1, 0x0103, 3, 1, b"\0\6\0\0", 0)
    link = 8 + 2 + 2 * 12
    block = first[:link] + struct.pack(">I", len(first)) + first[link + 4 :] + thumbnail

    new = exif_block(embedded(files.webp(block), {"workflow": "{}"}))

    tags, following = directory(new)
    assert tags == [0x010F, 0x0110, 0x0112]
    assert new[following : following + len(thumbnail)] == thumbnail


def test_a_directory_that_is_said_to_be_something_else_stays():
    """The link to the Exif directory is no number of two bytes, whatever its type says."""
    comment = files.tiff("<", (0x9286, 2, b"a photo\0"))[8:].replace(struct.pack("<I", 26), struct.pack("<I", 56))
    block = files.tiff("<", (0x010F, 2, b"a:1\0"), (0x8769, 3, struct.pack("<I", 38))) + comment

    new = embedded(files.webp(block), {"workflow": "{}"})

    assert read(new) == {"a": "1", "parameters": "a photo", "workflow": "{}"}


def test_tags_stand_in_order():
    """As TIFF wants it."""
    data = embedded(files.saved("WEBP", exif=files.exif({0x0112: 6})), {"prompt": "{}", "workflow": "{}", "more": "{}"})

    tags, _ = directory(exif_block(data))

    assert tags == sorted(tags) == [0x010E, 0x010F, 0x0110, 0x0112, 0x0131]


def exif_block(data: bytes) -> bytes:
    start = data.index(b"EXIF", 30)
    (size,) = struct.unpack_from("<I", data, start + 4)
    return data[start + 8 : start + 8 + size].removeprefix(b"Exif\0\0")


def directory(block: bytes) -> tuple[list[int], int]:
    """Tags of the first directory, and where the next one is."""
    order = {b"II": "<", b"MM": ">"}[block[:2]]
    (at,) = struct.unpack_from(order + "I", block, 4)
    (count,) = struct.unpack_from(order + "H", block, at)
    tags = [struct.unpack_from(order + "H", block, at + 2 + 12 * index)[0] for index in range(count)]
    return tags, struct.unpack_from(order + "I", block, at + 2 + 12 * count)[0]


def test_exif_data_of_a_jpeg_stands_behind_the_header_of_jfif():
    """Which wants to be the first segment, and before everything else."""
    data = embedded(files.saved("JPEG"), NEW)

    assert data[:4] == b"\xff\xd8\xff\xe0"
    assert data[20:30] == b"\xff\xe1" + data[22:24] + b"Exif\0\0"


@pytest.mark.parametrize("length", range(4))
@pytest.mark.parametrize("name", [name for name in BLANK if "webp" in name])
def test_a_webp_says_what_is_in_it(name, length):
    """Its flags, and chunks of even length one after another up to the end."""
    data = embedded(BLANK[name], {"workflow": "x" * length + "{}"})

    kinds, at = [], 12
    while at < len(data):
        kind, size = struct.unpack_from("<4sI", data, at)
        kinds.append(kind)
        at += 8 + size + size % 2

    assert (at, struct.unpack_from("<I", data, 4)[0]) == (len(data), len(data) - 8)
    assert kinds[0] == b"VP8X"
    assert kinds.count(b"EXIF") == 1
    assert data[20] & 0x08
    assert bool(data[20] & 0x10) == (name in {"webp with alpha", "webp animated"})


def test_exif_stands_before_xmp_in_a_webp():
    data = embedded(files.saved("WEBP", xmp=b"<x:xmpmeta/>"), NEW)

    assert data.index(b"EXIF", 30) < data.index(b"XMP ")


def test_a_full_directory_of_tags_is_refused():
    with pytest.raises(LimitError, match="room for 10 texts"):
        embedded(files.saved("JPEG"), {f"key{index}": "{}" for index in range(11)})


def test_a_jpeg_has_no_room_for_a_long_text():
    with pytest.raises(LimitError, match="at most 65,533 bytes"):
        embedded(files.saved("JPEG"), LONG)


# Checksums, sizes and positions.


def test_png_chunks_have_right_checksums():
    data = embedded(files.png(), NEW)
    at = 8
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        (crc,) = struct.unpack_from(">I", data, at + 8 + length)
        assert zlib.crc32(data[at + 4 : at + 8 + length]) == crc
        at += 12 + length


@pytest.mark.parametrize("texts", [NEW, LONG, {"workflow": "", "prompt": ""}], ids=["short", "long", "none"])
@pytest.mark.parametrize("name", ["ogg opus", "ogg vorbis", "real"])
def test_ogg_pages_have_right_numbers_and_checksums(name, texts):
    """By the slow way of RFC 3533: bit by bit, from the highest one. They also say whether a packet goes on or ends."""
    data = embedded(REAL["opus_00001.opus"] if name == "real" else WRITABLE[name], texts)
    at = number = 0
    is_inside = False
    while at < len(data):
        sizes = data[at + 27 : at + 27 + data[at + 26]]
        page = data[at : at + 27 + len(sizes) + sum(sizes)]
        assert bool(page[5] & 1) == is_inside
        assert (page[6:14] == b"\xff" * 8) == (set(sizes) == {255})
        is_inside = sizes[-1] == 255
        remainder = 0
        for byte in page[:22] + bytes(4) + page[26:]:
            remainder ^= byte << 24
            for _ in range(8):
                remainder = (remainder << 1) ^ (0x104C11DB7 if remainder & 0x80000000 else 0)
        assert struct.unpack_from("<II", page, 18) == (number, remainder)
        at, number = at + len(page), number + 1


def test_flac_in_ogg_says_the_size_of_its_comments():
    first = files.ogg_page(0, b"\x7fFLAC\1\0\0", flags=2)
    second = files.ogg_page(1, b"\x84\0\0\x08" + bytes(8))

    new = embedded(first + second, {"workflow": "{}"})

    assert read(new) == {"workflow": "{}"}
    assert new.endswith(b"\x84\0\0\x17" + struct.pack("<III", 0, 1, 11) + b"workflow={}")


@pytest.mark.parametrize("version", [3, 4])
def test_id3_texts_are_as_comfyui_writes_them(version):
    """Its web frontend wants a NUL behind the brace."""
    assert b'\0workflow\0{"a": 1}\0' in embedded(files.id3(version), {"workflow": '{"a": 1}'}).replace(b"\3w", b"\0w")


def test_id3_footer_goes_with_its_tag():
    footer = b"3DI\4\0\x10" + bytes(4)
    sound = files.id3(4)[10:]

    new = embedded(b"ID3\4\0\x10" + bytes(4) + footer + sound, NEW)

    assert read(new) == NEW
    assert b"3DI" not in new
    assert new.endswith(sound)


@pytest.mark.parametrize("name", ["mp4", "mp4 fast start", "mp4 mov"])
def test_chunks_of_a_video_are_where_its_tables_say(name):
    """The first chunk of the only track is the first thing in mdat."""
    data = embedded(BLANK[name], NEW)
    table = data.index(b"stco") + 4

    count, first = struct.unpack_from(">II", data, table + 4)

    assert count >= 1
    assert first == data.index(b"mdat") + 4


@pytest.mark.parametrize("name", [name for name in ALL if "webm" in name])
def test_positions_in_a_matroska_file_lead_to_what_they_name(name):
    data = embedded(ALL[name], NEW)
    segment = next(part for part in elements(data, 0, len(data)) if part[0] == 0x18538067)
    parts = {start - segment[1]: number for number, _, _, start in elements(data, *segment[1:3])}

    seeks = list(found(data, segment, 0x114D9B74, 0x4DBB))
    for seek in seeks:
        inner = {number: data[start:end] for number, start, end, _ in elements(data, *seek[1:3])}
        assert parts[int.from_bytes(inner[0x53AC], "big")] == int.from_bytes(inner[0x53AB], "big")
    cues = list(found(data, segment, CUES, 0xBB, 0xB7, 0xF1))
    assert all(parts[int.from_bytes(data[start:end], "big")] == CLUSTER for _, start, end, _ in cues)
    assert seeks
    assert cues or "live" in name


@pytest.mark.parametrize("name", [name for name in ALL if "webm" in name])
def test_checksums_in_a_matroska_file_are_right(name):
    """If there are any; in each part that has one it comes first, and counts what follows it."""
    data = embedded(ALL[name], NEW)
    segment = next(part for part in elements(data, 0, len(data)) if part[0] == 0x18538067)

    for _, start, end, _ in elements(data, *segment[1:3]):
        first = next(elements(data, start, end), None)
        if first is not None and first[0] == 0xBF:
            assert int.from_bytes(data[first[1] : first[2]], "little") == zlib.crc32(data[first[2] : end])


@pytest.mark.parametrize("tail", [b"", files.element(TAGS, files.element(0x7373, files.element(0x67C8)))])
def test_tags_stand_before_the_first_cluster_in_upper_case(tail):
    """ComfyUI's web frontend looks for PROMPT and WORKFLOW at the start of a file only."""
    cluster = files.element(CLUSTER, files.element(0xE7, b"\0"))
    data = files.element(0x1A45DFA3) + files.element(0x18538067, cluster, cluster, tail)

    new = embedded(data, NEW)

    assert new.index(b"WORKFLOW") < new.index(cluster)
    assert new.count(TAGS.to_bytes(4, "big")) == 1


def test_a_long_size_of_a_movie_grows_with_it():
    """moov is the last box of the file, and may say its size in eight bytes."""
    data = BLANK["mp4"]
    moov = data.index(b"moov") - 4
    size = struct.pack(">I4sQ", 1, b"moov", len(data) - moov + 8)

    new = embedded(data[:moov] + size + data[moov + 8 :], NEW)

    assert struct.unpack_from(">Q", new, moov + 8) == (len(new) - moov,)
    assert files.packets(new) == files.packets(data)


@pytest.mark.parametrize(
    "blocks",
    [
        b"\x80\0\0\x22" + bytes(34),
        b"\0\0\0\x22" + bytes(34) + b"\x84\0\0\x08" + bytes(8),
        b"\0\0\0\x22" + bytes(34) + b"\1\0\0\2" + bytes(2) + b"\x84\0\0\x08" + bytes(8),
    ],
    ids=["no comments", "comments", "comments at the end"],
)
def test_the_last_block_of_a_flac_says_that_it_is(blocks):
    """After it come the samples."""
    new = embedded(b"fLaC" + blocks + b"samples", NEW)

    at, flags = 4, 0
    while not flags & 0x80:
        flags, size = new[at], int.from_bytes(new[at + 1 : at + 4], "big")
        at += 4 + size
    assert new[at:] == b"samples"
    assert read(new) == NEW


def elements(data: bytes, at: int, end: int):
    """Number, start and end of the data, and start, of each EBML element of known size."""
    while at < end:
        start = at
        length = 9 - data[at].bit_length()
        number = int.from_bytes(data[at : at + length], "big")
        at += length
        length = 9 - data[at].bit_length()
        size = int.from_bytes(data[at : at + length], "big") & ((1 << 7 * length) - 1)
        at += length
        size = end - at if size == (1 << 7 * length) - 1 else size
        yield number, at, at + size, start
        at += size


def found(data: bytes, parent: tuple[int, int, int, int], *path: int):
    for child in elements(data, *parent[1:3]):
        if child[0] == path[0]:
            yield from found(data, child, *path[1:]) if len(path) > 1 else [child]


def test_what_moves_loses_its_own_position_and_checksum():
    """A cluster may say where it stands, and have a checksum; both are optional, and void is better than wrong."""
    inner = files.element(0xBF, b"\1\2\3\4") + files.element(0xE7, b"\0") + files.element(0xA7, b"\x05")
    cluster = files.element(0x1F43B675, inner, files.element(0xA3, b"\x81\0\0\x80pixels"))
    data = files.element(0x1A45DFA3) + files.element(0x18538067, cluster)

    new = embedded(data, {"workflow": "{}"})

    assert inner.replace(b"\xbf\x84", b"\xec\x84").replace(b"\xa7\x81", b"\xec\x81") in new


# What is refused.


@pytest.mark.parametrize("name", sorted(READ_ONLY))
def test_a_container_that_is_read_only_says_so(name):
    with pytest.raises(InputError, match=f"cannot be written into {name} files") as error:
        embedded(files.of_every_kind()[name], NEW)

    assert "png" in str(error.value.hint)


def test_a_video_in_fragments_is_refused():
    data = files.video("mp4", "libx264", (), (("movflags", "frag_keyframe+empty_moov"),))

    with pytest.raises(InputError, match=r"byte \d+: .* moof box"):
        embedded(data, NEW)


def test_a_video_that_is_encrypted_is_refused():
    """Where its keys are is said in offsets as well."""
    table = files.box(b"stbl", files.box(b"stco", bytes(8)), files.box(b"saio", bytes(8)))
    track = files.box(b"trak", files.box(b"mdia", files.box(b"minf", table)))

    with pytest.raises(InputError, match=r"byte \d+: .* encrypted"):
        embedded(files.box(b"ftyp", b"isom") + files.box(b"moov", track), NEW)


def test_a_tag_of_id3_2_2_is_refused():
    with pytest.raises(InputError, match=r"2\.2"):
        embedded(files.id3(2), NEW)


def test_more_than_could_be_read_again_is_refused():
    with pytest.raises(LimitError, match="at most 67,108,864 could be read again"):
        embedded(files.png(), {"workflow": "x" * 2**25, "prompt": "x" * 2**25, "more": "x"})


@pytest.mark.parametrize(
    "data",
    [
        b"fLaC\x80\0\0\x22" + bytes(34),
        files.ogg_page(0, b"\x7fFLAC\1\0\0", flags=2) + files.ogg_page(1, b"\x84\0\0\x08" + bytes(8)),
    ],
    ids=["flac", "ogg"],
)
def test_flac_has_no_room_for_sixteen_megabytes(data):
    with pytest.raises(LimitError, match="at most 16,777,215 bytes"):
        embedded(data, {"workflow": "x" * 2**24})


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("", "{}"),
        ("a=b", "{}"),
        ("a:b", "{}"),
        ("é", "{}"),
        ("a b", "{}"),
        ("x" * 80, "{}"),
        ("workflow", "a\0b"),
        ("workflow", "\ud800"),
    ],
)
def test_what_not_every_container_can_hold_is_refused(key, text):
    with pytest.raises(InputError):
        embedded(files.png(), {key: text})


def test_chunks_beyond_four_gigabytes_are_refused():
    """An offset that does not fit its table any more is no reason to write another one."""
    table = files.box(b"stco", bytes(4), struct.pack(">II", 1, 2**32 - 8))
    track = files.box(b"trak", files.box(b"mdia", files.box(b"minf", files.box(b"stbl", table))))

    with pytest.raises(LimitError, match="larger than its offsets"):
        embedded(files.box(b"ftyp", b"isom") + files.box(b"moov", track), NEW)
