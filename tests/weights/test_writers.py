import io
import json
import math
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gguf
import hypothesis.strategies as st
import numpy as np
import pytest
import safetensors.torch
import torch
from hypothesis import given, settings
from torch import Tensor

from tests import strategies
from wftools.errors import InputError
from wftools.values import Json
from wftools.weights.formats.gguf import entries
from wftools.weights.gguf import TEXT, Metadata, Typed
from wftools.weights.mapped import DTYPES
from wftools.weights.quant.blocks import BLOCKS, stored_bytes
from wftools.weights.tensorfile import Shape, open_tensors
from wftools.weights.writers import WRITERS, Outgoing, pickle
from wftools.weights.writers.gguf import stored_shape

TYPES = sorted(name for name, (_, torch_name) in DTYPES.items() if hasattr(torch, torch_name))
# The others are not in all versions of the libraries that we compare with.
PEERS_TYPES = sorted(set(TYPES) - {"F8_E8M0", "C64", "U16", "U32", "U64"})

# NaN, Inf, the smallest and the largest, in every width there is.
ODD = [b"\x00\x7e" * 4, b"\xc0\x7f" * 4, b"\x80\x7f" * 4, b"\x00\xfc" * 4, b"\x01\0" * 4, b"\xff" * 8, b"\0\x80" * 4]


def outgoing(name: str, dtype: str, shape: Shape, raw: bytes, count: int = 7) -> Outgoing:
    """A tensor of these bytes, in pieces."""
    block = BLOCKS.get(dtype)
    numbers = torch.frombuffer(bytearray(raw), dtype=torch.uint8) if raw else torch.empty(0, dtype=torch.uint8)
    if block is not None:
        numbers = numbers.reshape(-1, block.bytes)
    elif dtype != "BOOL":
        numbers = numbers.view(getattr(torch, DTYPES[dtype][1]))
    else:
        numbers = (numbers % 2).bool()
    return Outgoing(name, dtype, shape, lambda: iter(numbers.split(count)) if len(numbers) else iter(()))


def plain(each: Outgoing) -> Tensor:
    """The same as one tensor."""
    empty = torch.empty(0, dtype=getattr(torch, DTYPES[each.dtype][1]))
    return torch.cat([empty, *each.data()]).reshape(each.shape)


def raw_bytes(tensor: Tensor) -> bytes:
    return tensor.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()


@st.composite
def some_tensors(draw: st.DrawFn, dtypes: list[str]) -> list[Outgoing]:
    names = draw(st.lists(strategies.text, max_size=4, unique=True))
    tensors = []
    for name in names:
        dtype = draw(st.sampled_from(dtypes))
        shape = tuple(draw(st.lists(st.integers(0, 3), max_size=5)))
        size = stored_bytes(dtype, shape)
        pattern = draw(st.binary(min_size=8, max_size=8) | st.sampled_from(ODD))
        tensors.append(outgoing(name, dtype, shape, (pattern * (size // 8 + 1))[:size], draw(st.integers(1, 9))))
    return tensors


def written(path: Path, format_: str, tensors: list[Outgoing], metadata: Metadata) -> Path:
    with path.open("wb") as stream:
        WRITERS.load(format_).write(stream, tensors, metadata)
    return path


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("written") / "model"


@pytest.mark.parametrize("format_", WRITERS.names())
@settings(max_examples=40)
@given(data=st.data(), metadata=st.dictionaries(strategies.text, strategies.text, max_size=3))
def test_what_is_written_is_read(path: Path, format_: str, data: st.DataObject, metadata: dict[str, str]) -> None:
    """Names, types, shapes, bytes and texts, whatever they are."""
    held = [dtype for dtype in TYPES if WRITERS.load(format_).holds(dtype, (1,))]
    tensors = data.draw(some_tensors(held).filter(bool))

    file = open_tensors(written(path, format_, tensors, metadata))

    assert file.format == format_
    assert {name: (info.dtype, info.shape) for name, info in file.tensors.items()} == {
        each.name: (each.dtype, each.shape) for each in tensors
    }
    assert {each.name: raw_bytes(file.read(each.name)) for each in tensors} == {
        each.name: raw_bytes(plain(each)) for each in tensors
    }
    assert file.metadata == metadata
    assert {doubt.code for doubt in file.doubts} <= {"BAD_NAME", "EMPTY_TENSOR"}


def by_safetensors(path: Path) -> dict[str, Tensor]:
    return safetensors.torch.load(path.read_bytes())


def by_torch(path: Path) -> dict[str, Tensor]:
    return unwrapped(torch.load(path, weights_only=True))


def by_torch_mapped(path: Path) -> dict[str, Tensor]:
    return unwrapped(torch.load(path, weights_only=True, mmap=True))


def unwrapped(loaded: dict[str, Any]) -> dict[str, Tensor]:
    tensors: dict[str, Tensor] = loaded.get("state_dict", loaded)
    return tensors


def by_gguf(path: Path) -> dict[str, Tensor]:
    """Types that numpy does not have come as bytes."""
    found = {}
    reader = gguf.GGUFReader(path)
    told = reader.get_field("wftools.scalars")
    scalars = told.contents() if told else []
    for each in reader.tensors:
        shape = tuple(int(size) for size in each.shape[::-1])
        numbers = torch.from_numpy(each.data.copy())
        is_bytes = each.tensor_type == gguf.GGMLQuantizationType.BF16
        if is_bytes and each.name in scalars:
            shape = ()
        found[each.name] = (numbers.reshape(-1).view(torch.bfloat16) if is_bytes else numbers).reshape(shape)
    return found


@pytest.mark.parametrize(
    ("format_", "peer"),
    [("safetensors", by_safetensors), ("pickle", by_torch), ("pickle", by_torch_mapped), ("gguf", by_gguf)],
)
@settings(max_examples=40)
@given(data=st.data())
def test_peers_read_what_is_written(path: Path, format_: str, peer: Any, data: st.DataObject) -> None:
    held = [dtype for dtype in PEERS_TYPES if WRITERS.load(format_).holds(dtype, (1,))]
    tensors = data.draw(some_tensors(held).filter(bool))

    found = peer(written(path, format_, tensors, {"general.architecture": "sd1"}))

    expected = {each.name: plain(each) for each in tensors}
    assert {name: (tensor.dtype, tensor.shape, raw_bytes(tensor)) for name, tensor in found.items()} == {
        name: (tensor.dtype, tensor.shape, raw_bytes(tensor)) for name, tensor in expected.items()
    }


@pytest.mark.parametrize("format_", WRITERS.names())
def test_the_size_of_the_pieces_does_not_show(tmp_path: Path, format_: str) -> None:
    raw = bytes(range(240))
    files = [
        written(
            tmp_path / f"{count}",
            format_,
            [outgoing("b", "F32", (60,), raw, count), outgoing("a", "F16", (2, 60), raw, count)],
            {"k": "v"},
        ).read_bytes()
        for count in (1, 7, 1000)
    ]

    assert files[0] == files[1] == files[2]


@pytest.mark.parametrize("format_", WRITERS.names())
@pytest.mark.parametrize("error", [InputError("the file has become shorter"), KeyboardInterrupt()], ids=type)
def test_what_goes_wrong_while_numbers_are_made_is_told(format_: str, error: BaseException) -> None:
    def data() -> Iterator[Tensor]:
        yield torch.zeros(3)
        raise error

    with pytest.raises(type(error)) as caught:
        WRITERS.load(format_).write(io.BytesIO(), [Outgoing("w", "F32", (9,), data)], {})

    assert caught.value is error


@pytest.mark.parametrize("format_", WRITERS.names())
def test_two_tensors_of_one_name_are_refused(format_: str) -> None:
    tensors = [outgoing("w", "F32", (1,), bytes(4))] * 2

    with pytest.raises(InputError, match="two tensors are to have the name 'w'"):
        WRITERS.load(format_).write(io.BytesIO(), tensors, {})


@pytest.mark.parametrize(
    ("format_", "dtype", "shape", "is_held"),
    [
        ("safetensors", "F8_E4M3", (2, 3), True),
        ("safetensors", "Q8_0", (2, 32), False),
        ("safetensors", "F32", (1,) * 65, False),
        ("pickle", "BF16", (), True),
        ("pickle", "Q8_0", (2, 32), False),
        ("gguf", "F32", (1, 2, 3, 4, 5), True),
        ("gguf", "F32", (1,) * 9, False),
        ("gguf", "F8_E4M3", (2, 3), False),
        ("gguf", "BOOL", (1,), False),
        ("gguf", "Q8_0", (2, 32), True),
        ("gguf", "Q8_0", (4, 4, 2), True),
        ("gguf", "Q8_0", (4, 4), False),
        ("gguf", "Q8_0", (), False),
    ],
)
def test_a_format_says_what_it_holds(format_: str, dtype: str, shape: Shape, is_held: bool) -> None:
    assert WRITERS.load(format_).holds(dtype, shape) == is_held


@pytest.mark.parametrize(
    ("dtype", "shape", "stored"),
    [
        ("Q8_0", (2, 64), (2, 64)),
        ("Q8_0", (320, 4, 3, 3), (45, 256)),  # an input layer of SD1: 11,520 elements
        ("Q4_K", (320, 320, 3, 3), (3600, 256)),
        ("Q8_0", (3, 32, 1), (3, 32)),
        ("Q8_0", (2, 0, 5), (0, 256)),
        ("NVFP4", (64, 3), (3, 64)),
        ("F16", (320, 4, 3, 3), (320, 4, 3, 3)),
    ],
)
def test_rows_that_are_no_blocks_become_others(tmp_path: Path, dtype: str, shape: Shape, stored: Shape) -> None:
    """ComfyUI-GGUF gives them their shape back, and so do we."""
    raw = np.random.default_rng(0).bytes(stored_bytes(dtype, shape))

    path = written(tmp_path / "a.gguf", "gguf", [outgoing("w", dtype, shape, raw)], {})

    reader = gguf.GGUFReader(path)
    told = reader.get_field("comfy.gguf.orig_shape.w")
    assert stored_shape(dtype, shape) == stored == tuple(reader.tensors[0].shape[::-1])
    assert (told is None) == (stored == shape)
    assert told is None or (told.types[1] == gguf.GGUFValueType.INT32 and told.contents() == list(shape))
    assert reader.tensors[0].data.tobytes() == raw
    assert open_tensors(path).shapes == {"w": shape}
    assert raw_bytes(open_tensors(path).read("w")) == raw
    with np.errstate(invalid="ignore"):  # some bytes are scales that are no numbers
        expected = gguf.quants.dequantize(reader.tensors[0].data, reader.tensors[0].tensor_type).reshape(shape)
    assert np.array_equal(open_tensors(path).tensor("w").float().numpy(), expected, equal_nan=True)


VALUES: dict[str, tuple[Json, gguf.GGUFValueType]] = {
    "text": ("ä", gguf.GGUFValueType.STRING),
    "no text": ("", gguf.GGUFValueType.STRING),
    "bool": (True, gguf.GGUFValueType.BOOL),
    "whole": (2**32 - 1, gguf.GGUFValueType.UINT32),
    "negative": (-1, gguf.GGUFValueType.INT32),
    "wide": (2**33, gguf.GGUFValueType.INT64),
    "widest": (2**64 - 1, gguf.GGUFValueType.UINT64),
    "float": (0.5, gguf.GGUFValueType.FLOAT32),
    "large": (1e300, gguf.GGUFValueType.FLOAT64),
    "infinite": (math.inf, gguf.GGUFValueType.FLOAT32),
    "texts": (["a", "", "b"], gguf.GGUFValueType.STRING),
    "wholes": ([1, -2, 3], gguf.GGUFValueType.INT32),
    "wide ones": ([1, 2**40], gguf.GGUFValueType.INT64),
    "floats": ([0.5, -1.5], gguf.GGUFValueType.FLOAT32),
    "bools": ([True, False], gguf.GGUFValueType.BOOL),
}


@pytest.mark.parametrize(("value", "kind"), VALUES.values(), ids=VALUES)
def test_gguf_py_reads_typed_values(tmp_path: Path, value: Json, kind: gguf.GGUFValueType) -> None:
    path = written(tmp_path / "a.gguf", "gguf", [outgoing("w", "F32", (1,), bytes(4))], {"k": value})

    field = gguf.GGUFReader(path).get_field("k")

    assert field is not None
    assert field.types == ([gguf.GGUFValueType.ARRAY, kind] if isinstance(value, list) else [kind])
    assert field.contents() == value
    assert entries(path)["k"].value == value


@pytest.mark.parametrize("value", [None, {"a": [1]}, [1, "a"], [[1]], [1, 0.5], [True, 1], 2**64, [None]])
def test_what_gguf_has_no_form_for_is_json(tmp_path: Path, value: Json) -> None:
    path = written(tmp_path / "a.gguf", "gguf", [], {"k": value})

    assert json.loads(open_tensors(path).metadata["k"]) == value


@given(strategies.json_values | st.lists(strategies.integers) | st.lists(strategies.text) | st.lists(st.booleans()))
def test_any_value_is_kept(value: Json) -> None:
    """As it is, or as JSON; numbers with a point are rounded to 32 bits, as programs for GGUF expect them."""
    typed = Typed.of(value)

    is_json = typed.type == TEXT and not isinstance(value, str)
    assert rounded(json.loads(str(typed.value)) if is_json else typed.value) == rounded(value)


def rounded(value: Json) -> Json:
    if isinstance(value, list):
        return [rounded(each) for each in value]
    return float(np.float32(value)) if isinstance(value, float) and abs(value) < 3e38 else value


def test_typed_values_go_from_file_to_file(tmp_path: Path) -> None:
    """What says where things stand in the old file does not."""
    writer = gguf.GGUFWriter(tmp_path / "a.gguf", "sd1")
    writer.add_uint16("short", 7)
    writer.add_float64("precise", 0.1)
    writer.add_array("words", ["a", "b"] * 200)
    writer.add_custom_alignment(64)
    writer.add_array("comfy.gguf.orig_shape.w", [2, 2])
    writer.add_tensor("w", np.zeros(4, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    before = entries(tmp_path / "a.gguf")
    metadata: dict[str, Json | Typed] = {**before, "general.alignment": 64, "split.count": 2}
    metadata |= {"comfy.gguf.orig_shape.v": [1, 3], "wftools.scalars": ["v"]}

    path = written(tmp_path / "b.gguf", "gguf", [outgoing("v", "F32", (3,), bytes(12))], metadata)

    assert [*before] == ["general.architecture", "short", "precise", "words"]
    assert [*entries(path).items()] == [*before.items()]
    assert open_tensors(path).shapes == {"v": (3,)}
    assert gguf.GGUFReader(tmp_path / "b.gguf").tensors[0].data.tolist() == [0, 0, 0]


def test_typed_values_are_told_in_other_formats(tmp_path: Path) -> None:
    metadata = {"short": Typed(2, b"\7\0"), "words": Typed.of(["a", "b"] * 20), "text": Typed.of("t")}
    tensors = [outgoing("w", "F32", (1,), bytes(4))]

    for format_ in ("safetensors", "pickle"):
        file = open_tensors(written(tmp_path / "model", format_, tensors, metadata))
        assert file.metadata == {"short": "7", "words": json.dumps(["a", "b"] * 20), "text": "t"}


@pytest.mark.parametrize("name", ["n" * 128, "ä" * 64])
def test_a_name_that_readers_of_gguf_do_not_take_is_refused(name: str) -> None:
    stream = io.BytesIO()

    with pytest.raises(InputError, match="more than 127 bytes"):
        WRITERS.load("gguf").write(stream, [outgoing(name, "F32", (1,), bytes(4))], {})

    assert not stream.getvalue()


@pytest.mark.parametrize("large", [pickle._IS_LARGE, 1])
def test_an_archive_is_sound_and_its_numbers_are_aligned(
    tmp_path: Path, large: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where members have sizes of 64 bits, which those of a gigabyte have."""
    monkeypatch.setattr(pickle, "_IS_LARGE", large)
    tensors = [outgoing(f"w{size}", "U8", (size,), bytes(range(size))) for size in (1, 0, 63, 64, 65, 200)]

    path = written(tmp_path / "a.pth", "pickle", tensors, {})

    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert all(info.compress_type == zipfile.ZIP_STORED for info in archive.infolist())
    assert all(info.start % 64 == 0 for info in open_tensors(path).tensors.values())
    for loaded in (by_torch(path), by_torch_mapped(path)):
        assert {name: tensor.tolist() for name, tensor in loaded.items()} == {
            each.name: list(range(each.shape[0])) for each in tensors
        }


def test_metadata_stand_beside_the_tensors_of_a_pickle(tmp_path: Path) -> None:
    path = written(tmp_path / "a.ckpt", "pickle", [outgoing("w", "F32", (1,), bytes(4))], {"title": "t", "epoch": 3})

    assert torch.load(path, weights_only=True) == {"title": "t", "epoch": "3", "state_dict": {"w": torch.zeros(1)}}


def test_metadata_that_would_take_the_place_of_the_tensors_are_refused() -> None:
    with pytest.raises(InputError, match="state_dict cannot be kept"):
        WRITERS.load("pickle").write(io.BytesIO(), [], {"state_dict": "x"})
