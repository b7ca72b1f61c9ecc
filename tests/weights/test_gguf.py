import json
import struct
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch

from wftools.errors import InputError
from wftools.weights import gguf as layout
from wftools.weights.faults import ModelFileError
from wftools.weights.formats.gguf import entries, open_file
from wftools.weights.gguf import Typed
from wftools.weights.quant.blocks import BLOCKS
from wftools.weights.tensorfile import open_tensors

HOSTILE = Path(__file__).parent.parent / "data/weights/hostile"
MANIFEST = [each for each in json.loads((HOSTILE / "manifest.json").read_text()) if each["format"] == "gguf"]
TYPES = [kind for kind in gguf.GGML_QUANT_SIZES if kind.name not in layout.PLAIN]


@pytest.mark.parametrize("case", MANIFEST, ids=lambda case: case["file"])
def test_a_strange_file_ends_as_it_must(case: dict[str, Any]) -> None:
    """Doubts about values, NONFINITE, are for those who read them."""
    path = HOSTILE / case["file"]
    expected, _, codes = case["expect"].partition(":")

    if expected == "refuse":
        with pytest.raises(ModelFileError, match=case["file"]) as caught:
            open_file(path)
        assert caught.value.code in codes.split("|")
        assert caught.value.offset is not None
        return
    file = open_tensors(path)
    assert {doubt.code for doubt in file.doubts} == {codes} - {"", "NONFINITE"}
    told = {name: [info.dtype, list(info.shape)] for name, info in file.tensors.items()}
    assert told == case["tensors"]
    for name in file.tensors:
        assert file.read(name).numel() or "EMPTY_TENSOR" in codes


def text(content: str | bytes) -> bytes:
    raw = content.encode() if isinstance(content, str) else content
    return struct.pack("<Q", len(raw)) + raw


def value(key: str | bytes, of: int, raw: bytes) -> bytes:
    return text(key) + struct.pack("<I", of) + raw


def tensor(name: str | bytes, sizes: tuple[int, ...], of: int = 0, offset: int = 0) -> bytes:
    return text(name) + struct.pack(f"<I{len(sizes)}QIQ", len(sizes), *sizes, of, offset)


def whole(values: list[bytes], tensors: list[bytes], data: bytes, version: int = 3, alignment: int = 32) -> bytes:
    head = struct.pack("<4sIQQ", b"GGUF", version, len(tensors), len(values)) + b"".join(values + tensors)
    return head + b"\0" * (-len(head) % alignment) + data


W = tensor("w", (4, 2))
DATA = struct.pack("<8f", *range(8))
BIG_ENDIAN = struct.pack(">4sIQQ", b"GGUF", 3, 0, 0)

# What the collection does not have -> the code that it is refused with.
REFUSED = {
    "empty": (b"", "EMPTY"),
    "two letters": (b"GG", "GGUF_TRUNCATED"),
    "version 1": (whole([], [W], DATA, version=1), "GGUF_VERSION"),
    "version 0": (whole([], [W], DATA, version=0), "GGUF_VERSION"),
    "big-endian": (BIG_ENDIAN, "GGUF_VERSION"),
    "more values than bytes": (struct.pack("<4sIQQ", b"GGUF", 3, 0, 2**64 - 1), "GGUF_COUNT"),
    "a value that is not there": (struct.pack("<4sIQQ", b"GGUF", 3, 0, 1), "GGUF_TRUNCATED"),
    "more tensors than any model": (struct.pack("<4sIQQ", b"GGUF", 3, 2**20, 0) + bytes(24 * 2**20), "TOO_LARGE"),
    "a text of 17 megabytes": (
        whole([value("k", 8, struct.pack("<Q", 17 * 2**20) + bytes(17 * 2**20))], [W], DATA),
        "TOO_LARGE",
    ),
    "a number too short": (struct.pack("<4sIQQ", b"GGUF", 3, 0, 1) + value("k", 12, b"12345"), "GGUF_TRUNCATED"),
    "a text of 2^64 - 1 bytes": (whole([value("k", 8, b"\xff" * 8)], [W], DATA), "GGUF_TRUNCATED"),
    "a text of 2^63 bytes": (whole([value("k", 8, b"\0" * 7 + b"\x80")], [W], DATA), "GGUF_TRUNCATED"),
    "a bool of 2": (whole([value("k", 7, b"\2")], [W], DATA), "GGUF_SYNTAX"),
    "an array with a bool of 2": (
        whole([value("k", 9, struct.pack("<IQ3s", 7, 3, b"\1\2\0"))], [], b""),
        "GGUF_SYNTAX",
    ),
    "an array of no type": (whole([value("k", 9, struct.pack("<IQ", 13, 0))], [W], DATA), "GGUF_SYNTAX"),
    "an array of arrays": (whole([value("k", 9, struct.pack("<IQIQ", 9, 1, 0, 0))], [W], DATA), "GGUF_DEPTH"),
    "2^61 numbers": (whole([value("k", 9, struct.pack("<IQ", 10, 2**61))], [W], DATA), "GGUF_TRUNCATED"),
    "2^64 - 1 texts": (whole([value("k", 9, struct.pack("<IQ", 8, 2**64 - 1))], [W], DATA), "GGUF_TRUNCATED"),
    "a text in an array of 2^64 - 1 bytes": (
        whole([value("k", 9, struct.pack("<IQQ", 8, 2, 2**64 - 1))], [W], DATA),
        "GGUF_TRUNCATED",
    ),
    "a key that is not UTF-8": (whole([value(b"\xff", 0, b"\0")], [W], DATA), "BAD_UTF8"),
    "a name that is not UTF-8": (whole([], [tensor(b"w\xff", (4, 2))], DATA), "BAD_UTF8"),
    "a name twice": (whole([], [W, tensor("w", (4,), offset=32)], DATA * 2), "GGUF_DUPLICATE"),
    "a type that was removed": (whole([], [tensor("w", (32,), of=4)], DATA), "GGUF_DTYPE"),
    "rows that are no blocks": (whole([], [tensor("w", (16, 2), of=8)], bytes(34)), "TENSOR_BOUNDS"),
    "one number in a block": (whole([], [tensor("w", (), of=8)], bytes(34)), "TENSOR_BOUNDS"),
    "sizes whose product wraps to 8": (whole([], [tensor("w", (2**61 + 1, 8))], DATA), "TENSOR_BOUNDS"),
    "no elements of sizes that wrap": (whole([], [tensor("w", (2**40, 2**40, 0))], DATA), "TENSOR_BOUNDS"),
    "a negative size": (whole([], [tensor("w", (2**64 - 8,))], DATA), "TENSOR_BOUNDS"),
    "dimensions of 2^32 - 1": (whole([], [text("w") + b"\xff" * 24], DATA), "TENSOR_DIMS"),
    "an offset beyond the end": (whole([], [tensor("w", (4, 2), offset=32)], DATA), "GGUF_TRUNCATED"),
    "an offset that wraps": (whole([], [tensor("w", (4, 2), offset=2**64 - 32)], DATA), "GGUF_TRUNCATED"),
    "data that end too early": (whole([], [W], DATA[:-1]), "GGUF_TRUNCATED"),
    "tensors in one place": (whole([], [W, tensor("v", (4, 2))], DATA), "GGUF_LAYOUT"),
    "tensors that overlap": (
        whole([], [tensor("v", (16,)), tensor("w", (8,), offset=32)], bytes(64)),
        "GGUF_LAYOUT",
    ),
    "an alignment of 2^31": (whole([value("general.alignment", 4, b"\0\0\0\x80")], [W], DATA), "GGUF_TRUNCATED"),
    "an alignment of 48": (whole([value("general.alignment", 4, struct.pack("<I", 48))], [W], DATA), "GGUF_META"),
    "an alignment of 64 bits": (whole([value("general.alignment", 10, struct.pack("<Q", 32))], [W], DATA), "GGUF_META"),
    "an array of alignments": (
        whole([value("general.alignment", 9, struct.pack("<IQI", 4, 1, 32))], [W], DATA),
        "GGUF_META",
    ),
    "an original shape of text": (
        whole([value(layout.ORIGINAL_SHAPE + "w", 8, text("4, 2"))], [W], DATA),
        "ORIG_SHAPE",
    ),
    "an original shape of floats": (
        whole([value(layout.ORIGINAL_SHAPE + "w", 9, struct.pack("<IQ2f", 6, 2, 4, 2))], [W], DATA),
        "ORIG_SHAPE",
    ),
    "an original shape of others": (
        whole([value(layout.ORIGINAL_SHAPE + "w", 9, struct.pack("<IQ2i", 5, 2, 4, 3))], [W], DATA),
        "ORIG_SHAPE",
    ),
    "an original shape to be guessed": (
        whole([value(layout.ORIGINAL_SHAPE + "w", 9, struct.pack("<IQ2i", 5, 2, -1, 2))], [W], DATA),
        "ORIG_SHAPE",
    ),
    "no files": (whole([value("split.count", 2, struct.pack("<H", 0))], [W], DATA), "GGUF_META"),
    "files that are nowhere": (whole([value("split.count", 2, struct.pack("<H", 3))], [W], DATA), "INDEX_MISSING"),
}


@pytest.mark.parametrize(("content", "code"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_readers_could_disagree_about_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(content)

    with pytest.raises(ModelFileError, match=r"a\.gguf") as caught:
        open_file(path)

    assert caught.value.code == code
    assert caught.value.offset is not None or code in ("EMPTY", "INDEX_MISSING")


def test_a_file_is_refused_wherever_it_is_cut_off(tmp_path: Path) -> None:
    values = [value("general.architecture", 8, text("sd1")), value("k", 9, struct.pack("<IQ", 8, 2) + text("a") * 2)]
    content = whole(values, [W, tensor("v", (8,), offset=32)], DATA * 2)
    path = tmp_path / "a.gguf"

    for length in range(1, len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(ModelFileError) as caught:
            open_file(path)
        assert caught.value.code == "GGUF_TRUNCATED"


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.name)
def test_every_type_in_blocks_is_read_as_it_is_stored(kind: gguf.GGMLQuantizationType, tmp_path: Path) -> None:
    elements, size = gguf.GGML_QUANT_SIZES[kind]
    stored = np.random.default_rng(0).integers(0, 256, (3, 2 * size), dtype=np.uint8)
    writer = gguf.GGUFWriter(tmp_path / "a.gguf", "sd1")
    writer.add_tensor("w", stored, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()

    file = open_file(tmp_path / "a.gguf")

    assert (BLOCKS[kind.name].id, BLOCKS[kind.name].elements, BLOCKS[kind.name].bytes) == (int(kind), elements, size)
    assert (file.tensors["w"].dtype, file.tensors["w"].shape) == (kind.name, (3, 2 * elements))
    assert np.array_equal(file.read("w").numpy(), stored.reshape(-1, size))
    assert torch.equal(torch.cat(list(file.pieces("w", 2 * elements))), file.read("w"))


@pytest.mark.parametrize("kind", BLOCKS)
def test_the_weight_of_a_tensor_in_blocks_is_decoded_in_its_shape(kind: str, tmp_path: Path) -> None:
    """Of two types there are no numbers: no file has them."""
    elements = BLOCKS[kind].elements
    path = tmp_path / "a.gguf"
    path.write_bytes(whole([], [tensor("w", (elements, 2), BLOCKS[kind].id)], bytes(2 * BLOCKS[kind].bytes)))
    source = open_file(path).sources["w"]

    if kind in ("Q8_1", "Q8_K"):
        with pytest.raises(InputError, match=f"type {kind} are not read"):
            source.weight(torch.float32, torch.device("cpu"))
        return
    made = source.weight(torch.bfloat16, torch.device("cpu"))

    assert tuple(made.shape) == (2, elements)
    assert made.dtype == torch.bfloat16
    assert made.isfinite().all()


def test_a_tensor_has_the_shape_that_it_is_to_be_given(tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(whole([value(layout.ORIGINAL_SHAPE + "w", 9, struct.pack("<IQ3i", 5, 3, 2, 1, 4))], [W], DATA))

    file = open_file(path)

    assert file.shapes == {"w": (2, 1, 4)}
    assert file.read("w").tolist() == [[[0, 1, 2, 3]], [[4, 5, 6, 7]]]
    assert file.metadata == {}


VALUES = {
    "u8": (0, b"\xff", 255),
    "i8": (1, b"\xff", -1),
    "u16": (2, b"\xff\xff", 65535),
    "i16": (3, b"\xfe\xff", -2),
    "u32": (4, b"\xff" * 4, 2**32 - 1),
    "i32": (5, b"\xff" * 4, -1),
    "f32": (6, struct.pack("<f", 0.5), 0.5),
    "bool": (7, b"\1", True),
    "text": (8, text("ä\n"), "ä\n"),
    "u64": (10, b"\xff" * 8, 2**64 - 1),
    "i64": (11, b"\xff" * 8, -1),
    "f64": (12, struct.pack("<d", 0.1), 0.1),
    "numbers": (9, struct.pack("<IQ3h", 3, 3, 1, -2, 3), [1, -2, 3]),
    "bools": (9, struct.pack("<IQ2?", 7, 2, True, False), [True, False]),
    "texts": (9, struct.pack("<IQ", 8, 3) + text("a") + text("") + text("ö"), ["a", "", "ö"]),
    "no texts": (9, struct.pack("<IQ", 8, 0), []),
}


def test_values_are_read_with_their_types(tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(whole([value(key, of, raw) for key, (of, raw, _) in VALUES.items()], [W], DATA))

    found = entries(path)

    assert {key: typed.value for key, typed in found.items()} == {key: each for key, (_, _, each) in VALUES.items()}
    assert found == {key: Typed(of, raw) for key, (of, raw, _) in VALUES.items()}
    assert {key: open_file(path).metadata[key] for key in ("u8", "bool", "text", "f64", "texts", "no texts")} == {
        "u8": "255",
        "bool": "true",
        "text": "ä\n",
        "f64": "0.1",
        "texts": '["a", "", "ö"]',
        "no texts": "[]",
    }


def test_of_a_long_array_the_start_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    words = [f"w{number}" for number in range(1000)]
    raw = struct.pack("<IQ", 8, 1000) + b"".join(map(text, words))
    path.write_bytes(whole([value("words", 9, raw)], [W], DATA))

    assert json.loads(open_file(path).metadata["words"]) == [*words[:32], "… 968 more"]
    assert entries(path)["words"].value == words


@pytest.mark.parametrize(
    ("tensors", "data", "code"),
    [
        ([tensor("../w", (4, 2))], DATA, "BAD_NAME"),
        ([tensor("a\0b", (4, 2))], DATA, "BAD_NAME"),
        ([tensor("w", (0,))], b"", "EMPTY_TENSOR"),
        ([W], DATA + b"\0", "GGUF_GAP"),
        ([tensor("w", (4, 2), offset=32)], DATA * 2, "GGUF_GAP"),
        ([], DATA, "GGUF_GAP"),
        ([W], DATA, None),
        ([tensor("v", (1,)), tensor("w", (4, 2), offset=32)], DATA * 2, None),
    ],
)
def test_what_need_not_be_a_fault_is_a_doubt(
    tmp_path: Path, tensors: list[bytes], data: bytes, code: str | None
) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(whole([], tensors, data))

    assert [doubt.code for doubt in open_tensors(path).doubts] == ([code] if code else [])


def test_a_text_in_an_array_that_is_not_utf8_is_a_doubt(tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(whole([value("k", 9, struct.pack("<IQ", 8, 1) + text(b"\xff"))], [W], DATA))

    file = open_file(path)

    assert [doubt.code for doubt in file.doubts] == ["BAD_UTF8"]
    assert file.metadata == {"k": '["\\\\xff"]'}


def test_an_array_is_passed_over_without_an_object_of_each_element(tmp_path: Path) -> None:
    """What a header takes is no more than its bytes, and a constant."""
    path = tmp_path / "a.gguf"
    count = 50_000
    raw = struct.pack("<IQ", 8, count) + text("w") * count
    path.write_bytes(whole([value("words", 9, raw)], [W], DATA))
    open_file(path)

    tracemalloc.start()
    open_file(path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < path.stat().st_size + 2**18  # 50,000 texts of Python's take 2.5 MB


def part(number: int, count: int, values: list[bytes], tensors: list[bytes], data: bytes) -> bytes:
    split = [value("split.no", 2, struct.pack("<H", number)), value("split.count", 2, struct.pack("<H", count))]
    return whole([*values, *split], tensors, data)


@pytest.mark.parametrize("opened", [1, 2])
def test_a_model_in_several_files_is_read_as_one(tmp_path: Path, opened: int) -> None:
    paths = [tmp_path / f"a-0000{number}-of-00002.gguf" for number in (1, 2)]
    paths[0].write_bytes(part(0, 2, [value("k", 8, text("v"))], [tensor("a", (4, 2))], DATA))
    paths[1].write_bytes(part(1, 2, [], [tensor("b", (8,))], DATA[::-1]))

    file = open_file(paths[opened - 1])

    assert file.shapes == {"a": (2, 4), "b": (8,)}
    assert file.metadata["k"] == "v" == entries(paths[opened - 1])["k"].value
    assert file.read("a").flatten().tolist() == [*range(8)]
    assert [piece.view(torch.uint8).tolist() for piece in file.pieces("b")] == [[*DATA[::-1]]]


@pytest.mark.parametrize(
    ("second", "code"),
    [
        (part(1, 2, [], [tensor("a", (8,))], DATA), "GGUF_DUPLICATE"),
        (part(1, 3, [], [tensor("b", (8,))], DATA), "GGUF_META"),
        (whole([], [tensor("b", (8,))], DATA), "GGUF_META"),
        (b"", "EMPTY"),
        (None, "INDEX_MISSING"),
    ],
)
def test_files_that_are_no_one_model_are_refused(tmp_path: Path, second: bytes | None, code: str) -> None:
    path = tmp_path / "a-00001-of-00002.gguf"
    path.write_bytes(part(0, 2, [], [tensor("a", (8,))], DATA))
    if second is not None:
        (tmp_path / "a-00002-of-00002.gguf").write_bytes(second)

    with pytest.raises(ModelFileError) as caught:
        open_file(path)

    assert caught.value.code == code


def test_a_folder_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a-00001-of-00002.gguf"
    path.write_bytes(part(0, 2, [], [tensor("a", (8,))], DATA))
    (tmp_path / "a-00002-of-00002.gguf").mkdir()

    with pytest.raises(ModelFileError, match="is not there"):
        open_file(path)
    with pytest.raises(ModelFileError, match="cannot be read: Is a directory"):
        open_file(tmp_path)


def test_a_header_is_read_without_torch(tmp_path: Path) -> None:
    script = "import sys; from pathlib import Path; from wftools.weights.formats.gguf import open_file; "
    script += f"open_file(Path({str(HOSTILE / 'gg_nan_scale.gguf')!r})); print('torch' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
