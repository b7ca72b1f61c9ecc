"""Every file of the hostile collection ends as it must, and values that are not finite are found wherever they are."""

from __future__ import annotations

import math
import os
import random
import subprocess
import sys
import tracemalloc
from importlib.metadata import version
from typing import TYPE_CHECKING

import gguf
import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from tests.weights.verifying.collection import FOLDER, Case, cases
from wftools.weights.mapped import DTYPES
from wftools.weights.quant.blocks import BLOCKS
from wftools.weights.tensorfile import FORMATS, open_tensors
from wftools.weights.verifying import nonfinite
from wftools.weights.verifying.verify import Candidate, Verdict, candidates, verify
from wftools.weights.writers import WRITERS, Outgoing

if TYPE_CHECKING:
    from pathlib import Path

MEGABYTE = 2**20
MOST_MEMORY = 8 * MEGABYTE  # beyond what a file of this collection has; measured: 4.3


def verdict(path: Path) -> Verdict:
    return verify(Candidate(str(path)))


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.path.name)
def test_every_file_of_the_collection_ends_as_it_must(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where payloads would leave something

    found = verdict(case.path)

    assert (found.is_accepted, len(found.codes)) == (case.is_accepted, bool(case.codes))
    assert set(found.codes) <= case.codes
    if case.is_accepted:
        file = open_tensors(case.path)
        assert {name: [info.dtype, list(info.shape)] for name, info in file.tensors.items()} == case.tensors
    assert not list(tmp_path.iterdir())


def test_all_formats_are_in_the_collection() -> None:
    assert {case.format for case in cases()} == set(FORMATS.names())


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.path.name)
def test_no_file_of_the_collection_takes_more_memory_than_it_has_bytes(case: Case) -> None:
    tracemalloc.start()
    try:
        verdict(case.path)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < MOST_MEMORY + case.path.stat().st_size


FLOATS = (
    *(torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.float8_e5m2, torch.float8_e4m3fn),
    *([torch.complex64] if version("safetensors") >= "0.6" else []),  # not in the oldest
)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("at", [0, 5, 99_999])
def test_a_value_that_is_not_finite_is_found_wherever_it_stands(
    tmp_path: Path, dtype: torch.dtype, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nonfinite, "PIECE", 4096)
    values = torch.linspace(-0.5, 0.5, 100_000)
    wrong = values.clone()
    wrong[at] = math.nan
    values, wrong = values.to(dtype), wrong.to(dtype)
    sound = tmp_path / "sound.safetensors"
    save_file({"a": values, "whole": torch.full((9,), -1)}, sound)
    save_file({"a": values, "b": wrong}, tmp_path / "a.safetensors")

    found = verdict(tmp_path / "a.safetensors")

    assert verdict(sound).is_sound
    assert (found.codes, found.is_accepted, found.is_sound) == (("NONFINITE",), True, False)
    assert "'b'" in (found.message or "")
    assert "'a'" not in (found.message or "")
    start = open_tensors(tmp_path / "a.safetensors").tensors["b"].start
    assert found.offset == start + at * values.element_size()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_every_bit_pattern_is_judged_as_torch_judges_it(tmp_path: Path, dtype: torch.dtype) -> None:
    """For types of four bytes, those that have one sign and exponent, and the ends of the mantissa."""
    if dtype == torch.float32:
        halves = torch.arange(2**16, dtype=torch.int64)[:, None] * 2**16 + torch.tensor([0, 1, 2**16 - 1])
        values = (halves.reshape(-1) - 2**31).to(torch.int32).view(dtype)
    else:
        values = torch.arange(-(2**15), 2**15).to(torch.int16).view(dtype)
    finite = torch.isfinite(values)
    save_file({"w": values[finite].clone()}, tmp_path / "finite.safetensors")

    assert verdict(tmp_path / "finite.safetensors").is_sound
    chosen = random.Random(0).sample(values[~finite].tolist(), 20)
    for number, value in enumerate((*chosen, math.inf, -math.inf)):
        save_file({"w": torch.tensor([1.0, value], dtype=dtype)}, tmp_path / f"{number}.safetensors")
        assert verdict(tmp_path / f"{number}.safetensors").codes == ("NONFINITE",)


@pytest.mark.parametrize(
    "dtype",
    [
        torch.float8_e5m2,
        torch.float8_e4m3fn,
        *([torch.float8_e8m0fnu] if hasattr(torch, "float8_e8m0fnu") else []),  # not in the oldest
    ],
)
def test_every_byte_of_an_eight_bit_float_is_judged_as_torch_judges_it(tmp_path: Path, dtype: torch.dtype) -> None:
    for byte in (0, 1, 0x38, 0x7B, 0x7C, 0x7D, 0x7E, 0x7F, 0x80, 0xFB, 0xFC, 0xFE, 0xFF):
        value = torch.tensor([byte], dtype=torch.uint8).view(dtype)
        save_file({"w": value}, tmp_path / "a.safetensors")

        assert verdict(tmp_path / "a.safetensors").is_sound == bool(torch.isfinite(value.float()).all())


def in_blocks(path: Path, kind: str, data: np.ndarray) -> Path:
    writer = gguf.GGUFWriter(path, "sd1")
    writer.add_tensor("w", data, raw_dtype=gguf.GGMLQuantizationType[kind])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_the_scales_of_every_type_of_blocks_are_known() -> None:
    assert set(nonfinite._SCALES) == set(BLOCKS)


# gguf-py does not decode the first three; of MXFP4 it makes 2**127 where the specification has NaN.
@pytest.mark.parametrize("kind", sorted(set(BLOCKS) - {"Q1_0", "Q8_1", "Q8_K", "MXFP4"}))
def test_a_scale_of_a_block_that_is_not_finite_is_found(tmp_path: Path, kind: str) -> None:
    """What gguf-py decodes says which blocks have values that are not finite."""
    size = BLOCKS[kind].bytes
    generator = np.random.default_rng(0)
    told = set()
    for number in range(40):
        data = generator.integers(0, 256, (4, size), dtype=np.uint8)
        if number % 2:  # some random halves are not finite, and of the rest few are
            at = (
                generator.integers(size - 1)
                if number % 4 == 1
                else generator.choice([0, 2, min(48, size - 2), size - 2])
            )
            data[generator.integers(4), at : at + 2] = (0, 0x7C)
        with np.errstate(all="ignore"):
            is_finite = bool(
                np.isfinite(gguf.quants.dequantize(data, gguf.GGMLQuantizationType[kind]).astype(np.float32)).all()
            )

        assert verdict(in_blocks(tmp_path / "a.gguf", kind, data)).is_sound == is_finite
        told.add(is_finite)

    assert told == ({True} if kind == "NVFP4" else {True, False})


@pytest.mark.parametrize(
    ("kind", "at", "scale"),
    [
        ("Q1_0", 0, b"\0\x7c"),
        ("Q8_1", 0, b"\0\0\x80\x7f"),
        ("Q8_1", 4, b"\0\0\xc0\xff"),
        ("Q8_K", 0, b"\0\0\x80\xff"),
        ("MXFP4", 0, b"\xff"),
    ],
)
def test_so_is_one_of_a_type_that_gguf_py_does_not_decode(tmp_path: Path, kind: str, at: int, scale: bytes) -> None:
    data = np.zeros((3, BLOCKS[kind].bytes), np.uint8)
    sound = verdict(in_blocks(tmp_path / "a.gguf", kind, data))
    data[1, at : at + len(scale)] = list(scale)

    found = verdict(in_blocks(tmp_path / "b.gguf", kind, data))

    assert sound.is_sound
    assert found.codes == ("NONFINITE",)
    assert found.offset == open_tensors(tmp_path / "b.gguf").tensors["w"].start + BLOCKS[kind].bytes + at


def test_a_turned_tensor_is_looked_through(tmp_path: Path) -> None:
    whole = torch.zeros(4, 4)
    whole[0, 0] = math.nan
    torch.save({"a": whole[1:].T}, tmp_path / "a.pt")
    torch.save({"a": whole.T}, tmp_path / "b.pt")

    assert verdict(tmp_path / "a.pt").is_sound
    assert verdict(tmp_path / "b.pt").codes == ("NONFINITE",)


def test_a_changed_byte_of_a_storage_is_found_by_its_checksum(tmp_path: Path) -> None:
    path = tmp_path / "a.pt"
    torch.save({"w": torch.ones(100)}, path)
    start = open_tensors(path).tensors["w"].start
    content = bytearray(path.read_bytes())
    content[start + 40] ^= 1
    path.write_bytes(content)

    found = verdict(path)

    assert (found.is_accepted, found.codes, found.offset) == (False, ("ZIP_CRC",), start)
    assert verify(Candidate(str(path)), with_values=False).is_sound


@pytest.mark.skipif(not hasattr(torch.serialization, "get_crc32_options"), reason="not in the oldest torch")
def test_a_file_that_was_saved_without_checksums_is_sound(tmp_path: Path) -> None:
    computes = torch.serialization.get_crc32_options()
    torch.serialization.set_crc32_options(False)
    try:
        torch.save({"w": torch.ones(100)}, tmp_path / "a.pt")
    finally:
        torch.serialization.set_crc32_options(computes)

    assert verdict(tmp_path / "a.pt").is_sound


def test_an_index_that_is_named_is_looked_through_with_its_files(tmp_path: Path) -> None:
    save_file({"a": torch.tensor([math.inf])}, tmp_path / "s.safetensors")
    index = tmp_path / "m.safetensors.index.json"
    index.write_text('{"weight_map": {"a": "s.safetensors"}}')

    found = [verify(each) for each in candidates([str(tmp_path)])]

    assert verdict(index).codes == ("NONFINITE",)
    assert [(os.path.basename(each.file), each.codes) for each in found] == [  # noqa: PTH119
        ("m.safetensors.index.json", ()),
        ("s.safetensors", ("NONFINITE",)),
    ]


def test_of_a_folder_the_model_files_are_checked(tmp_path: Path) -> None:
    for name in ("b/w.gguf", "a.ckpt", "b/.hidden.ckpt", ".hidden/a.ckpt", "b/readme.md", "b/config.json", "c/M.PTH"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    found = [each.path for each in candidates([str(tmp_path), "named.txt"])]

    assert found == [*(str(tmp_path / name) for name in ("a.ckpt", "b/w.gguf", "c/M.PTH")), "named.txt"]


@pytest.mark.parametrize("name", ["gone.ckpt", "a\0b", "x" * 1000])
def test_what_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    assert verdict(tmp_path / name).codes == ("UNREADABLE",)


def test_plain_files_are_verified_without_torch() -> None:
    files = [str(case.path) for case in cases() if case.codes != {"NONFINITE"}]
    program = (
        "import sys\nfrom wftools.weights.verifying.verify import candidates, verify\n"
        f"for each in candidates({files!r}):\n    verify(each)\nsys.exit('torch' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False, cwd=FOLDER).returncode == 0


@pytest.mark.parametrize("name", WRITERS.names())
def test_what_is_written_is_sound(name: str, tmp_path: Path) -> None:
    """Of every shape that the format holds, with metadata."""
    writer = WRITERS.load(name)
    tensors = {
        f"{dtype}.{len(shape)}": torch.ones(shape).to(dtype)
        for dtype in (torch.float32, torch.float16, torch.bfloat16, torch.int8)
        for shape in ((), (3,), (2, 3), (1, 2, 3), (2, 1, 1, 3), (1, 2, 1, 2, 3))
    }
    names = {torch_name: dtype for dtype, (_, torch_name) in DTYPES.items()}

    def outgoing_of(key: str, value: torch.Tensor) -> Outgoing:
        dtype = names[str(value.dtype).removeprefix("torch.")]
        return Outgoing(key, dtype, tuple(value.shape), lambda: [value.reshape(-1)])

    outgoing = [outgoing_of(key, value) for key, value in tensors.items()]
    outgoing = [each for each in outgoing if writer.holds(each.dtype, each.shape)]
    path = tmp_path / f"a{writer.SUFFIXES[0]}"
    with path.open("w+b") as stream:
        writer.write(stream, outgoing, {"modelspec.title": "a", "count": 3})

    found = verdict(path)

    assert found.is_sound, found
    assert set(open_tensors(path).tensors) == {each.name for each in outgoing} != set()
