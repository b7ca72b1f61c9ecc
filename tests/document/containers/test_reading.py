"""What is found in files of a real server, and in files that other programs wrote."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
from typing import Any

import pytest
import safetensors.numpy
from PIL import Image

from tests.document.containers import files
from tests.document.containers.files import PROMPT, TEXTS, WORKFLOW
from wftools.document.containers import CONTAINERS, Embedder, identify, read_texts

NAMES = {
    "apng_00001_.png": "png",
    "png_00001_.png": "png",
    "png_00002_.png": "png",
    "webp_00001_.webp": "webp",
    "webm_00001_.webm": "webm",
    "mp4_00001_.mp4": "mp4",
    "flac_00001.flac": "flac",
    "mp3_00001.mp3": "mp3",
    "opus_00001.opus": "ogg",
    "latent_00001_.latent": "safetensors",
}
FIRST_RUN = {name for name, container in NAMES.items() if container in {"png", "webp", "webm"}}

MADE = files.of_every_kind()
READ_ONLY = {name for name in CONTAINERS.names() if not isinstance(CONTAINERS.load(name), Embedder)}


def read(data: bytes) -> dict[str, str]:
    return read_texts(io.BytesIO(data))


def history() -> tuple[dict[str, Any], dict[str, Any]]:
    """Workflow and prompt that the server was given."""
    entry = json.loads((files.DATA / "history_entry.json").read_text("utf-8"))
    _, _, prompt, extra, _ = entry["prompt"]
    return extra["extra_pnginfo"]["workflow"], prompt


def test_there_is_a_file_of_each_kind_that_a_server_writes():
    assert set(files.REAL) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_known_by_its_first_bytes(name):
    assert identify(files.REAL[name].read_bytes()[:4096]) == NAMES[name]


@pytest.mark.parametrize("name", NAMES)
def test_the_workflow_is_what_the_server_was_given(name):
    """In every container, down to characters beyond ASCII."""
    workflow, _ = history()

    with files.REAL[name].open("rb") as stream:
        found = read_texts(stream)

    assert json.loads(found["workflow"]) == workflow
    assert workflow["extra"]["note"] == "héllo 中文 \u2028"


@pytest.mark.parametrize("name", NAMES)
def test_the_prompt_is_what_the_server_was_given(name):
    """The first of two runs had another sample rate."""
    _, prompt = history()
    if name in FIRST_RUN:
        prompt["8"]["inputs"]["sample_rate"] = 44100

    with files.REAL[name].open("rb") as stream:
        found = read_texts(stream)

    assert json.loads(found["prompt"]) == prompt


@pytest.mark.parametrize("name", MADE)
def test_files_of_other_programs_give_their_texts(name):
    """Of Pillow, FFmpeg, or by the book."""
    found = read(MADE[name])

    assert {key: json.loads(found[key]) for key in TEXTS} == {key: json.loads(text) for key, text in TEXTS.items()}


def test_there_is_a_file_of_every_container():
    """A container that is added needs one, and is then held to all that follows."""
    assert {name.split()[0] for name in MADE} == set(CONTAINERS.names())


@pytest.mark.parametrize("name", MADE)
def test_exactly_one_container_claims_a_file(name):
    """The others have nothing to say of it, so that their order means nothing."""
    claims = [container for container in CONTAINERS.names() if CONTAINERS.load(container).sniff(MADE[name][:4096])]

    assert claims == [name.split()[0]]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0",
        b"{}",
        b'  {"nodes": []}',
        b"\xef\xbb\xbf{}",
        "{}".encode("utf-16"),
        b"[1]",
        b"hello",
        b"\xff\xfe{\0}\0",
        b"RIFF\0\0\0\0WAVE",
        b"%PDF-1.7",
        b"\0\0\0\x18ftypheic",
        b"<html><svg/></html>",
        b"<svgx>",
    ],
)
def test_what_is_no_container_is_none(data):
    """JSON above all, in any encoding."""
    assert identify(data) is None


def test_safetensors_whose_size_looks_like_json_are_no_json():
    """A header of 123 bytes makes the first byte a brace."""
    assert identify(b"{" + bytes(7) + b'{"a": {}}') == "safetensors"


@pytest.mark.parametrize(
    "data",
    [
        files.saved("PNG"),
        files.saved("JPEG"),
        files.saved("WEBP"),
        files.saved("AVIF"),
        files.png(),
        files.exr(),
        files.sound("mp3", "libmp3lame", (), (("id3v2_version", "0"),)),
        files.safetensors(None),
        files.svg(""),
        files.glb('{"asset": {"version": "2.0"}}'),
        files.box(b"ftyp", b"isom") + files.box(b"mdat", b"x"),
    ],
    ids=["png", "jpeg", "webp", "avif", "png by the book", "exr", "mp3", "safetensors", "svg", "glb", "mp4"],
)
def test_a_file_without_texts_gives_none(data):
    assert read(data) == {}


def test_safetensors_writes_its_metadata_as_we_read_it():
    import numpy as np

    data = safetensors.numpy.save({"x": np.zeros(3, np.float32)}, metadata=dict(TEXTS))

    assert read(data) == TEXTS


def test_no_picture_or_sound_is_read():
    """A video of 8 GB is passed over, not loaded."""
    movie = files.box(b"udta", files.box(b"meta", bytes(4), files.box(b"hdlr", bytes(8), b"mdta", bytes(13))))
    head = files.box(b"ftyp", b"isom") + struct.pack(">I4sQ", 1, b"mdat", 2**33)
    stream = Sparse({0: head, len(head) - 16 + 2**33: files.box(b"moov", movie)})

    assert read_texts(stream) == {}  # type: ignore[arg-type]
    assert stream.bytes_read < 10_000


class Sparse(io.RawIOBase):
    """A huge file of zeros with some stretches that are not, which counts what is read."""

    def __init__(self, stretches: dict[int, bytes]) -> None:
        self.stretches = stretches
        self.size = max(start + len(data) for start, data in stretches.items())
        self.position = 0
        self.bytes_read = 0

    def seek(self, offset: int, whence: int = 0) -> int:
        self.position = {0: 0, 1: self.position, 2: self.size}[whence] + offset
        return self.position

    def read(self, count: int = -1) -> bytes:
        count = max(min(count, self.size - self.position), 0)
        found = bytearray(count)
        for start, data in self.stretches.items():
            first, last = max(start, self.position), min(start + len(data), self.position + count)
            if first < last:
                found[first - self.position : last - self.position] = data[first - start : last - start]
        self.position += count
        self.bytes_read += count
        return bytes(found)


# What tools in the wild do that ComfyUI does not.


@pytest.mark.parametrize(
    ("kind", "codec", "options"),
    [
        ("mp4", "libx264", ()),
        ("mov", "libx264", ()),
        ("matroska", "libx264", ()),
        ("webm", "libvpx-vp9", ()),
        ("mp4", "libx264", files.TAGS),
    ],
)
def test_a_video_of_video_helper_suite_has_its_texts_in_the_comment(kind, codec, options):
    """A JSON object, whose workflow is an object and whose prompt is a string of JSON."""
    comment = json.dumps({"prompt": PROMPT, "workflow": json.loads(WORKFLOW), "CreationTime": "2024"})

    found = read(files.video(kind, codec, (("comment", comment),), options))

    assert {key: json.loads(found[key]) for key in TEXTS} == {key: json.loads(text) for key, text in TEXTS.items()}
    assert found["comment"] == comment


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF"])
@pytest.mark.parametrize(
    "comment",
    [
        b"UNICODE\0" + json.dumps(TEXTS).encode("utf-16-be"),
        b"UNICODE\0" + json.dumps(TEXTS).encode("utf-16-le"),
        b"ASCII\0\0\0" + json.dumps(TEXTS).encode(),
        bytes(8) + json.dumps(TEXTS, ensure_ascii=False).encode(),
        json.dumps(TEXTS, ensure_ascii=False).encode(),
    ],
    ids=["big", "little", "ascii", "undefined", "bare"],
)
def test_a_user_comment_of_json_is_unpacked(kind, comment):
    found = read(files.saved(kind, exif=files.exif({}, user_comment=comment)))

    assert {key: found[key] for key in TEXTS} == TEXTS


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_a_user_comment_of_a1111_is_parameters(kind):
    text = "a cat, ネコ\nSteps: 20"
    comment = b"UNICODE\0" + text.encode("utf-16-be")

    assert read(files.saved(kind, exif=files.exif({}, user_comment=comment))) == {"parameters": text}


def test_parameters_of_a1111_in_a_png():
    assert read(files.saved("PNG", pnginfo=files.png_info({"parameters": "a cat\nSteps: 20"}))) == {
        "parameters": "a cat\nSteps: 20"
    }


@pytest.mark.parametrize(
    "tags",
    [
        {0x010E: "Workflow:" + WORKFLOW, 0x010F: "Prompt:" + PROMPT},  # WAS Node Suite
        {0x0110: "prompt:" + PROMPT, 0x010F: "workflow:" + WORKFLOW, 0x010E: "extra:[1]"},
        {0x010D: "prompt:" + PROMPT, 0x013B: "workflow:" + WORKFLOW, 0x0132: "2024:01:02 03:04:05"},
    ],
)
def test_any_tag_may_hold_a_text(tags):
    found = read(files.saved("JPEG", exif=files.exif(tags)))

    assert {key: json.loads(found[key]) for key in TEXTS} == {key: json.loads(text) for key, text in TEXTS.items()}


def test_the_comment_of_a_jpeg_is_read():
    assert read(files.saved("JPEG", comment=json.dumps(TEXTS).encode()))["prompt"] == PROMPT


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_json_inside_json_strings_is_taken_out(layers):
    text = WORKFLOW
    for _ in range(layers):
        text = json.dumps(text)

    assert read(files.png(files.png_chunk(b"tEXt", b"workflow\0" + text.encode()))) == {"workflow": WORKFLOW}


def test_a_text_counts_more_than_one_in_a_comment():
    comment = json.dumps({"workflow": {"nodes": ["old"]}, "prompt": {}})
    data = files.saved("PNG", pnginfo=files.png_info({"comment": comment, "workflow": WORKFLOW}))

    assert read(data) == {"comment": comment, "workflow": WORKFLOW, "prompt": "{}"}


def test_a_comment_that_is_only_a_comment_stays_one():
    for comment in ("{not json", '{"workflow": ', "{}", '{"nodes": []}', "[" * 100_000):
        assert read(files.saved("PNG", pnginfo=files.png_info({"comment": comment}))) == {"comment": comment}


def test_pictures_stay_what_pillow_says_they_are():
    """The samples by the book are no inventions of ours."""
    for data in (files.png(), files.webp(files.tiff("<", (0x0110, 2, b"prompt:{}\0")))):
        with Image.open(io.BytesIO(data)) as image:
            image.load()


def test_a_json_file_costs_no_container_and_a_container_costs_no_other_program():
    """Start-up: modules are imported when a file asks for them, and none of them needs more than Python."""
    script = (
        "import sys\n"
        "from wftools.document.containers import identify, read_texts\n"
        "identify(b'{}')\n"
        "modules = [name for name in sys.modules if name.startswith('wftools.document.containers.')]\n"
        "assert all('._' in name for name in modules), modules\n"
        f"read_texts(open({str(files.REAL['webp_00001_.webp'])!r}, 'rb'))\n"
        "assert not {'PIL', 'numpy', 'av', 'torch', 'xml'} & set(sys.modules)\n"
    )

    subprocess.run([sys.executable, "-c", script], check=True)
