"""New files of old ones: bytes that stay, types that change, and what that costs."""

import os
from collections.abc import Callable
from pathlib import Path

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given, settings
from hypothesis.extra.numpy import array_shapes
from safetensors.torch import load_file, save_file
from torch import Tensor

from wftools.errors import InputError
from wftools.weights.converting.carrying import ALIGNED, carry_out
from wftools.weights.converting.plan import Plan, Planned
from wftools.weights.dialects import understood
from wftools.weights.distance import distance
from wftools.weights.tensorfile import TensorFile, open_tensors

CASTS = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "F8_E4M3": torch.float8_e4m3fn,
    "F8_E5M2": torch.float8_e5m2,
}


def bits(tensor: Tensor) -> bytes:
    """A tensor's bytes, which tell NaNs apart."""
    return tensor.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()


def planned(file: TensorFile, dtype: str | None = None) -> Plan:
    """Every tensor as it is, or in one type."""
    tensors = tuple(Planned(name, name, dtype or info.dtype, info.shape) for name, info in file.tensors.items())
    return Plan(file, "safetensors", tensors, dict(file.metadata))


@pytest.fixture
def stored(tmp_path: Path) -> Callable[[dict[str, Tensor]], TensorFile]:
    def written(tensors: dict[str, Tensor]) -> TensorFile:
        save_file(tensors, tmp_path / "in.safetensors")
        return open_tensors(tmp_path / "in.safetensors")

    return written


@st.composite
def tensors_of_bits(draw: st.DrawFn) -> Tensor:
    """Of any type of floats and any shape, none and many dimensions among them, with any bits."""
    dtype = draw(st.sampled_from(list(CASTS.values())))
    shape = draw(st.one_of(st.just(()), array_shapes(min_dims=1, max_dims=5, min_side=0, max_side=4)))
    count = torch.Size(shape).numel() * dtype.itemsize
    raw = draw(st.binary(min_size=count, max_size=count))
    return torch.frombuffer(bytearray(raw) or bytearray(8), dtype=dtype)[: torch.Size(shape).numel()].reshape(shape)


@settings(max_examples=40)
@given(tensor=tensors_of_bits())
def test_what_keeps_its_type_keeps_its_bytes(tmp_path_factory: pytest.TempPathFactory, tensor: Tensor) -> None:
    folder = tmp_path_factory.mktemp("kept")
    save_file({"a": tensor}, folder / "in.safetensors")

    (outcome,) = carry_out(planned(open_tensors(folder / "in.safetensors")), folder / "out.safetensors")

    new = load_file(folder / "out.safetensors")["a"]
    assert (new.dtype, new.shape, bits(new)) == (tensor.dtype, tensor.shape, bits(tensor))
    assert outcome.error is None


@settings(max_examples=40)
@given(tensor=tensors_of_bits(), dtype=st.sampled_from(list(CASTS)))
def test_a_cast_is_torchs(tmp_path_factory: pytest.TempPathFactory, tensor: Tensor, dtype: str) -> None:
    """With float32 between; so infinities, denormals and what is too large become what torch makes of them."""
    folder = tmp_path_factory.mktemp("cast")
    save_file({"a": tensor}, folder / "in.safetensors")

    carry_out(planned(open_tensors(folder / "in.safetensors"), dtype), folder / "out.safetensors")

    new = load_file(folder / "out.safetensors")["a"]
    wide = tensor if tensor.dtype == torch.float64 else tensor.float()
    expected = tensor if tensor.dtype == CASTS[dtype] else wide.to(CASTS[dtype])
    assert (new.dtype, new.shape, bits(new)) == (expected.dtype, expected.shape, bits(expected))


@pytest.mark.parametrize("dtype", ["F16", "F8_E4M3", "F32"])
def test_pieces_show_neither_in_the_file_nor_in_what_is_measured(
    tmp_path: Path, stored: Callable[[dict[str, Tensor]], TensorFile], dtype: str
) -> None:
    torch.manual_seed(0)
    file = stored({"a": torch.randn(7, 300), "b": torch.randn(3).half()})
    plan = planned(file, dtype)

    whole = carry_out(plan, tmp_path / "whole.safetensors")
    pieces = carry_out(plan, tmp_path / "pieces.safetensors", count=ALIGNED)

    assert (tmp_path / "whole.safetensors").read_bytes() == (tmp_path / "pieces.safetensors").read_bytes()
    for one, other in zip(whole, pieces, strict=True):
        assert one.planned == other.planned
        assert (one.error is None) == (other.error is None)
        if one.error is not None and other.error is not None:
            assert one.error.mse == pytest.approx(other.error.mse)
            assert one.error.largest == other.error.largest


def test_what_a_cast_costs_is_told(tmp_path: Path, stored: Callable[[dict[str, Tensor]], TensorFile]) -> None:
    """Of each tensor against what the source has; numbers that are too large are counted, and spoil no sum."""
    torch.manual_seed(0)
    tensor = torch.randn(400)
    tensor[7] = 1e5

    (outcome,) = carry_out(planned(stored({"a": tensor}), "F16"), tmp_path / "out.safetensors")

    assert outcome.error == distance(tensor, tensor.half())
    assert outcome.error.non_finite == 1
    assert outcome.error.snr > 70


def test_rows_of_several_tensors_are_joined(tmp_path: Path, stored: Callable[[dict[str, Tensor]], TensorFile]) -> None:
    torch.manual_seed(0)
    rows = {name: torch.randn(3, 100) for name in "qkv"}
    file = stored(rows)
    same = Planned("same", "q", "F32", (9, 100), joined=("k", "v"))
    cast = Planned("cast", "q", "F16", (9, 100), joined=("k", "v"))

    carry_out(Plan(file, "safetensors", (same, cast)), tmp_path / "out.safetensors", count=ALIGNED)

    new = load_file(tmp_path / "out.safetensors")
    joined = torch.cat([rows[name] for name in "qkv"])
    assert torch.equal(new["same"], joined)
    assert torch.equal(new["cast"], joined.half())


@pytest.mark.parametrize("by_row", [False, True])
def test_numbers_with_a_scale_are_cast_by_what_they_mean(
    tmp_path: Path, stored: Callable[[dict[str, Tensor]], TensorFile], *, by_row: bool
) -> None:
    """Also to the type that the numbers are in: the scale is no longer there."""
    torch.manual_seed(0)
    numbers = torch.randn(5, 70).to(torch.float8_e4m3fn)
    scale = torch.rand(5, 1) if by_row else torch.tensor(0.3)
    marker = torch.zeros(0).to(torch.float8_e4m3fn)
    file = understood(stored({"a.weight": numbers, "a.scale_weight": scale, "scaled_fp8": marker}))

    for dtype in ("F32", "F8_E4M3"):
        carry_out(planned(file, dtype), tmp_path / "out.safetensors", count=ALIGNED, replaces=True)

        new = load_file(tmp_path / "out.safetensors")
        meant = (numbers.float() * scale).to(CASTS[dtype])
        assert list(new) == ["a.weight"]
        assert bits(new["a.weight"]) == bits(meant)


@pytest.mark.parametrize(
    "place",
    [
        lambda path: path,
        lambda path: _linked(path, os.symlink),
        lambda path: _linked(path, os.link),
    ],
    ids=["itself", "symbolic link", "hard link"],
)
def test_the_file_that_is_read_is_never_written(
    stored: Callable[[dict[str, Tensor]], TensorFile], place: Callable[[Path], Path]
) -> None:
    file = stored({"a": torch.ones(3)})
    before = file.path.read_bytes()

    with pytest.raises(InputError, match="is the file that is read"):
        carry_out(planned(file, "F16"), place(file.path), replaces=True)

    assert file.path.read_bytes() == before


def _linked(path: Path, link: Callable[[Path, Path], None]) -> Path:
    link(path, path.parent / "link.safetensors")
    return path.parent / "link.safetensors"


def test_a_file_is_replaced_only_where_that_is_asked_for(
    tmp_path: Path, stored: Callable[[dict[str, Tensor]], TensorFile]
) -> None:
    out = tmp_path / "out.safetensors"
    out.write_bytes(b"mine")
    plan = planned(stored({"a": torch.ones(3)}))

    with pytest.raises(InputError, match="is there already"):
        carry_out(plan, out)
    assert out.read_bytes() == b"mine"

    carry_out(plan, out, replaces=True)
    assert torch.equal(load_file(out)["a"], torch.ones(3))


def test_what_cannot_be_written_is_one_error(tmp_path: Path, stored: Callable[[dict[str, Tensor]], TensorFile]) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        carry_out(planned(stored({"a": torch.ones(3)})), tmp_path / "nowhere/out.safetensors")


def test_nothing_is_left_of_a_file_that_is_interrupted(
    tmp_path: Path, stored: Callable[[dict[str, Tensor]], TensorFile]
) -> None:
    def interrupt(planned: Planned, done: int) -> None:
        raise KeyboardInterrupt

    file = stored({"a": torch.ones(3)})

    with pytest.raises(KeyboardInterrupt):
        carry_out(planned(file), tmp_path / "out.safetensors", progress=interrupt)

    assert list(tmp_path.iterdir()) == [file.path]


def test_progress_is_told_of_every_byte(tmp_path: Path, stored: Callable[[dict[str, Tensor]], TensorFile]) -> None:
    told: dict[str, int] = {}

    def add(planned: Planned, done: int) -> None:
        told[planned.name] = told.get(planned.name, 0) + done

    plan = planned(stored({"a": torch.ones(3, 400), "b": torch.ones(5)}), "F16")
    carry_out(plan, tmp_path / "out.safetensors", progress=add, count=ALIGNED)

    assert told == {each.name: each.size for each in plan.tensors}


def test_torchs_threads_are_as_many_as_before(
    tmp_path: Path, stored: Callable[[dict[str, Tensor]], TensorFile]
) -> None:
    seen: list[int] = []
    before = torch.get_num_threads()

    plan = planned(stored({"a": torch.ones(3)}), "F16")
    carry_out(plan, tmp_path / "out.safetensors", progress=lambda *_: seen.append(torch.get_num_threads()))

    assert (seen, torch.get_num_threads()) == ([1], before)
