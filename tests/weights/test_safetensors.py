import json
import subprocess
import sys
from pathlib import Path

import hypothesis.strategies as st
import pytest
import safetensors.torch
import torch
from hypothesis import given

from wftools.errors import InputError
from wftools.weights.formats.safetensors import MAX_HEADER_BYTES
from wftools.weights.mapped import DTYPES as NAMES
from wftools.weights.tensorfile import TensorFile, open_tensors
from wftools.weights.writers.safetensors import header, in_order

FILES = sorted((Path(__file__).parent.parent / "data/weights/hostile").glob("ok*.safetensors"))

DTYPES = (torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.uint8, torch.bool, torch.float8_e4m3fn)

tensors = st.builds(
    lambda shape, dtype, seed: torch.randint(0, 2, shape, generator=torch.Generator().manual_seed(seed)).to(dtype),
    st.lists(st.integers(0, 4), max_size=4),
    st.sampled_from(DTYPES),
    st.integers(0, 99),
)


def write(path: Path, header: object, data: bytes = b"") -> Path:
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    return path


def opened(path: Path, tensors: dict[str, torch.Tensor], metadata: dict[str, str] | None = None) -> TensorFile:
    safetensors.torch.save_file(tensors, path, metadata)
    return open_tensors(path)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_a_sound_file_is_read_as_the_reference_library_reads_it(path: Path) -> None:
    file = open_tensors(path)

    expected = safetensors.torch.load(path.read_bytes())
    assert set(file.tensors) == set(expected)
    for name, tensor in expected.items():
        assert torch.equal(file.read(name).nan_to_num(), tensor.nan_to_num())


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ({"w": {"dtype": "F32", "shape": [1]}}, "not described"),
        ({"w": [1, 2]}, "not described"),
        ({"w": {"dtype": "F32", "shape": [10**3000, 10**3000], "data_offsets": [0, 4]}}, "whole numbers"),
        ({"w": {"dtype": "F32", "shape": [10**18] * 60, "data_offsets": [0, 4]}}, "needs"),
        ({"w": {"dtype": "F32", "shape": [True], "data_offsets": [0, 4]}}, "whole numbers"),
        ({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0]}}, "data_offsets"),
        ({"w": {"dtype": ["F32"], "shape": [1], "data_offsets": [0, 4]}}, "unknown type"),
        ({"w": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}, "gap"),
        ({"__metadata__": ["a"]}, "texts"),
    ],
)
def test_a_malformed_entry_is_named(tmp_path: Path, header: object, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        open_tensors(write(tmp_path / "a.safetensors", header, bytes(4)))


ENTRY = b'"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}'


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        (b"{" + ENTRY + b"," + ENTRY + b"}", "'w' twice"),
        (b" {" + ENTRY + b"}", "does not start with"),
        (b"[{" + ENTRY + b"}]", "does not start with"),
        (b"{" + ENTRY + b"} x", "not JSON"),
        (b'{"w":' + b"1" * 5000 + b"}", "not a plain table"),
    ],
)
def test_a_header_that_is_no_table_is_refused(tmp_path: Path, header: bytes, problem: str) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(4))

    with pytest.raises(InputError, match=problem):
        open_tensors(path)


def test_a_header_larger_than_any_model_s_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    with path.open("wb") as file:
        file.write((MAX_HEADER_BYTES + 1).to_bytes(8, "little") + b"{")
        file.truncate(2 * MAX_HEADER_BYTES)

    with pytest.raises(InputError, match="at most 100,000,000"):
        open_tensors(path)


def test_a_deeply_nested_header_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    text = b'{"a":' * 100_000
    path.write_bytes(len(text).to_bytes(8, "little") + text)

    with pytest.raises(InputError, match="at byte 8"):
        open_tensors(path)


@given(
    st.dictionaries(st.text(max_size=8), tensors, max_size=5),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=5),
)
def test_what_the_library_wrote_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, tensors: dict[str, torch.Tensor], metadata: dict[str, str]
) -> None:
    path = tmp_path_factory.mktemp("written") / "a.safetensors"
    tensors.pop("__metadata__", None)

    file = opened(path, tensors, metadata or None)  # the library writes no sound file for {} and {}

    assert dict(file.metadata) == metadata
    assert {name: info.shape for name, info in file.tensors.items()} == {n: tuple(t.shape) for n, t in tensors.items()}
    for name, tensor in tensors.items():
        read = file.read(name)
        assert read.dtype == tensor.dtype
        assert torch.equal(read.float(), tensor.float())


@pytest.mark.parametrize("padding", range(8))
def test_tensors_need_not_be_aligned(tmp_path: Path, padding: int) -> None:
    header = {"w" + "x" * padding: {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    data = torch.tensor([1.5, -2.0]).numpy().tobytes()

    file = open_tensors(write(tmp_path / "a.safetensors", header, data))

    assert file.read("w" + "x" * padding).tolist() == [1.5, -2.0]


def test_tensors_share_the_file_s_memory_and_cannot_change_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    file = opened(path, {"w": torch.ones(3)})
    before = path.read_bytes()

    first, second = file.read("w"), file.read("w")
    first.zero_()

    assert first.data_ptr() == second.data_ptr()
    assert path.read_bytes() == before


def test_a_file_cut_short_after_its_header_was_read_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    file = opened(path, {"w": torch.ones(100)})
    path.write_bytes(path.read_bytes()[:-4])

    with pytest.raises(InputError, match="shorter"):
        file.read("w")


def test_what_is_in_a_file_is_known_without_torch() -> None:
    code = (
        "import sys, pathlib, wftools.weights.tensorfile as t, wftools.weights.families as d\n"
        f"d.recognise(t.open_tensors(pathlib.Path({str(FILES[0])!r})))\n"
        "sys.exit('torch' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@given(st.dictionaries(st.text(max_size=5).filter(lambda name: name != "__metadata__"), tensors, max_size=5))
def test_the_reference_library_reads_what_follows_a_header(given_tensors: dict[str, torch.Tensor]) -> None:
    names = {torch_name: name for name, (_, torch_name) in NAMES.items()}
    described = {
        name: (names[str(tensor.dtype).removeprefix("torch.")], tuple(tensor.shape))
        for name, tensor in given_tensors.items()
    }

    start = header(described, {"a": "b"})
    data = b"".join(_bytes(given_tensors[name]) for name in in_order(described))

    assert len(start) % 8 == 0
    read = safetensors.torch.load(start + data)
    assert read.keys() == given_tensors.keys()
    for name, tensor in given_tensors.items():
        assert (read[name].dtype, read[name].shape) == (tensor.dtype, tensor.shape)
        assert _bytes(read[name]) == _bytes(tensor)


def _bytes(tensor: torch.Tensor) -> bytes:
    return tensor.reshape(-1).view(torch.uint8).numpy().tobytes()
