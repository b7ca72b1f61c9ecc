"""Files to read and to write into: those of a real server, those of other programs, and builders of bytes by the book.

Nothing here uses the code under test.
"""

from __future__ import annotations

import io
import json
import struct
import tempfile
import zlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

if TYPE_CHECKING:
    from collections.abc import Mapping

DATA = Path(__file__).parents[2] / "data" / "containers"
REAL = {path.name: path for path in sorted(DATA.iterdir()) if "_0" in path.name}

WORKFLOW = json.dumps({"nodes": [], "extra": {"note": "héllo 中文"}})
PROMPT = json.dumps({"1": {"class_type": "KSampler", "inputs": {}}})
TEXTS = {"workflow": WORKFLOW, "prompt": PROMPT}


# Pictures by Pillow.


def picture(mode: str = "RGB") -> Image.Image:
    """A small picture with something in it."""
    rows, columns = np.mgrid[:24, :32]
    channels = np.stack([rows * 10, columns * 8, rows * columns, 255 - rows], axis=-1).astype(np.uint8)
    return Image.frombytes(mode, (32, 24), channels[..., : len(mode)].tobytes())


def saved(kind: str, image: Image.Image | None = None, **options: object) -> bytes:
    """A picture as a file."""
    out = io.BytesIO()
    (image or picture()).save(out, kind, **options)
    return out.getvalue()


def exif(tags: Mapping[int, object], user_comment: bytes | None = None) -> Image.Exif:
    """EXIF data with tags in IFD0, and a comment in the Exif IFD."""
    made = Image.Exif()
    for tag, value in {0x0131: "Pillow", **tags}.items():  # an AVIF gets no EXIF data if IFD0 is empty
        made[tag] = value
    if user_comment is not None:
        made.get_ifd(0x8769).update({0x9003: "2024:01:02 03:04:05", 0x9286: user_comment})
    return made


def comfy_exif(texts: Mapping[str, str] = TEXTS) -> Image.Exif:
    """EXIF data as ComfyUI writes it."""
    tags = {"prompt": 0x0110, "workflow": 0x010F}
    return exif({tags[key]: f"{key}:{text}" for key, text in texts.items()})


def png_info(texts: Mapping[str, str] = TEXTS) -> PngInfo:
    """Text chunks: tEXt for Latin-1, iTXt for the rest."""
    info = PngInfo()
    for key, text in texts.items():
        info.add_text(key, text)
    return info


# Videos and sounds by FFmpeg.

Pairs = tuple[tuple[str, str], ...]


@cache
def video(kind: str, codec: str, metadata: Pairs = (), options: Pairs = ()) -> bytes:
    """Two seconds of a picture that changes, a key frame every half second."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "video")
        with av.open(str(path), "w", format=kind, options=dict(options)) as container:
            container.metadata.update(metadata)
            stream = container.add_stream(codec, rate=10, options={"g": "5"})
            assert isinstance(stream, av.VideoStream)
            stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
            for index in range(20):
                pixels = np.full((32, 32, 3), index * 12, np.uint8)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
            container.mux(stream.encode())
        return path.read_bytes()


@cache
def sound(kind: str, codec: str, metadata: Pairs = (), options: Pairs = ()) -> bytes:
    """A second of a tone."""
    wave = np.sin(np.arange(48_000) * 0.05).astype(np.float32) * 0.3
    frame = av.AudioFrame.from_ndarray(np.stack([wave, wave]), format="fltp", layout="stereo")
    frame.sample_rate = 48_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "sound")
        with av.open(str(path), "w", format=kind, options=dict(options)) as container:
            container.metadata.update(metadata)
            stream = container.add_stream(codec, rate=48_000, options={"strict": "-2"})
            assert isinstance(stream, av.AudioStream)
            stream.layout = "stereo"
            resampler = av.AudioResampler(stream.format, "stereo", 48_000, stream.frame_size or 960)
            for part in [*resampler.resample(frame), *resampler.resample(None)]:
                container.mux(stream.encode(part))
            container.mux(stream.encode())
        return path.read_bytes()


PAIRS = tuple(TEXTS.items())
TAGS = (("movflags", "use_metadata_tags"),)
FAST_START = (("movflags", "use_metadata_tags+faststart"),)


def packets(data: bytes) -> list[tuple[int, int | None, int | None, bytes]]:
    """All pictures and sounds of a file as they are stored, with their times."""
    with av.open(io.BytesIO(data)) as container:
        return [(packet.stream_index, packet.pts, packet.dts, bytes(packet)) for packet in container.demux()]


def ffmpeg_metadata(data: bytes) -> dict[str, str]:
    """What FFmpeg reads as metadata, of the file and of its first stream, names in lower case."""
    with av.open(io.BytesIO(data)) as container:
        found = {**container.streams[0].metadata, **container.metadata}
    return {key.lower(): text for key, text in found.items()}


# Bytes by the book.


def png_chunk(kind: bytes, data: bytes, crc: int | None = None) -> bytes:
    crc = zlib.crc32(kind + data) if crc is None else crc
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)


def png(*chunks: bytes) -> bytes:
    """A picture of one pixel with chunks before its pixels."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    pixels = png_chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + pixels + png_chunk(b"IEND", b"")


def tiff(order: str, *entries: tuple[int, int, bytes], prefix: bytes = b"") -> bytes:
    """An EXIF block of one directory; entries are tag, type and value."""
    start = 8
    table_end = start + 2 + 12 * len(entries) + 4
    table, values = struct.pack(order + "H", len(entries)), b""
    for tag, kind, value in entries:
        count = len(value) // {2: 1, 3: 2, 4: 4, 7: 1}[kind]
        if len(value) <= 4:
            field = value.ljust(4, b"\0")
        else:
            field = struct.pack(order + "I", table_end + len(values))
            values += value
        table += struct.pack(order + "HHI", tag, kind, count) + field
    head = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(order + "I", start)
    return prefix + head + table + struct.pack(order + "I", 0) + values


def webp(exif_block: bytes) -> bytes:
    """A WebP with an EXIF block, after its pixels, as the container has it."""
    chunks = saved("WEBP", lossless=True)[12:]
    size = struct.pack("<I", len(exif_block))
    flags = struct.pack("<4sIB3x3s3s", b"VP8X", 10, 0x08, (31).to_bytes(3, "little"), (23).to_bytes(3, "little"))
    body = b"WEBP" + flags + chunks + b"EXIF" + size + exif_block + b"\0" * (len(exif_block) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def box(kind: bytes, *parts: bytes, size: int | None = None) -> bytes:
    data = b"".join(parts)
    return struct.pack(">I4s", 8 + len(data) if size is None else size, kind) + data


def element(number: int, *parts: bytes) -> bytes:
    """An EBML element with the shortest size."""
    data = b"".join(parts)
    length = next(length for length in range(1, 9) if len(data) < (1 << 7 * length) - 1)
    head = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return head + (len(data) | 1 << 7 * length).to_bytes(length, "big") + data


def ogg_page(number: int, data: bytes, *, serial: int = 1, sizes: bytes | None = None, flags: int = 0) -> bytes:
    """A page without a checksum, of one short packet or of segments of given sizes."""
    sizes = bytes([len(data)]) if sizes is None else sizes
    return struct.pack("<4sBBqIIIB", b"OggS", 0, flags, 0, serial, number, 0, len(sizes)) + sizes + data


def seven_bits(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def id3(version: int, *frames: bytes, flags: int = 0, size: int | None = None) -> bytes:
    """A tag of ID3v2 and some silence of MPEG layer III."""
    data = b"".join(frames)
    head = b"ID3" + bytes([version, 0, flags]) + seven_bits(len(data) if size is None else size)
    return head + data + b"\xff\xfb\x90\x00" + bytes(413)


def id3_frame(version: int, data: bytes, flags: int = 0, name: bytes = b"TXXX") -> bytes:
    if version == 2:
        return name[:3] + len(data).to_bytes(3, "big") + data
    size = seven_bits(len(data)) if version == 4 else len(data).to_bytes(4, "big")
    return name + size + flags.to_bytes(2, "big") + data


def glb(document: str, binary: bytes = b"\1\2\3\4") -> bytes:
    text = document.encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(binary), b"BIN\0") + binary
    return b"glTF" + struct.pack("<II", 2, 12 + len(chunks)) + chunks


def exr(**attributes: str) -> bytes:
    """The header of an OpenEXR file and some bytes."""
    rows = [(name, b"string", text.encode()) for name, text in attributes.items()]
    rows.insert(1, ("compression", b"compression", b"\0"))
    table = b"".join(
        name.encode() + b"\0" + kind + b"\0" + struct.pack("<I", len(value)) + value for name, kind, value in rows
    )
    return b"\x76\x2f\x31\x01\2\0\0\0" + table + b"\0" + bytes(64)


def svg(content: str, before: str = "") -> bytes:
    start = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4">'
    return f'{before}{start}{content}<path d="M0 0h4v4z"/></svg>'.encode()


def svg_metadata(document: object) -> str:
    """As ComfyUI writes it."""
    return f"\n  <metadata>\n    <![CDATA[\n{json.dumps(document, indent=4)}\n    ]]>\n  </metadata>\n"


def safetensors(metadata: Mapping[str, str] | None) -> bytes:
    header: dict[str, object] = {"__metadata__": dict(metadata)} if metadata is not None else {}
    header["latent_tensor"] = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + struct.pack("<ff", 1.5, -2.0)


def of_every_kind() -> dict[str, bytes]:
    """A file with TEXTS of every container, by the container's name and what is special about it."""
    objects = {key: json.loads(text) for key, text in TEXTS.items()}
    return {
        "avif": saved("AVIF", exif=comfy_exif()),
        "exr": exr(**TEXTS),
        "flac": sound("flac", "flac", PAIRS),
        "glb": glb(json.dumps({"asset": {"version": "2.0", "extras": TEXTS}, "nodes": []})),
        "jpeg": saved("JPEG", exif=comfy_exif()),
        "mp3": sound("mp3", "libmp3lame", PAIRS),
        "mp3 2.3": sound("mp3", "libmp3lame", PAIRS, (("id3v2_version", "3"),)),
        "mp4": video("mp4", "libx264", PAIRS, TAGS),
        "mp4 fast start": video("mp4", "libx264", PAIRS, FAST_START),
        "mp4 mov": video("mov", "libx264", PAIRS, TAGS),
        "ogg opus": sound("ogg", "libopus", PAIRS),
        "ogg vorbis": sound("ogg", "vorbis", PAIRS),
        "png": saved("PNG", pnginfo=png_info()),
        "safetensors": safetensors(TEXTS),
        "svg": svg(svg_metadata(objects)),
        "webm": video("webm", "libvpx-vp9", PAIRS),
        "webm mkv": video("matroska", "libx264", PAIRS),
        "webm live": video("webm", "libvpx-vp9", PAIRS, (("live", "1"),)),
        "webp": saved("WEBP", exif=comfy_exif()),
    }
