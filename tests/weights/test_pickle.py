"""wftools.weights.formats.pickle: torch's files give their tensors, and nothing in them is run."""

from __future__ import annotations

import io
import os
import pickle
import zipfile
from collections import OrderedDict
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given
from torch import Tensor, nn

from wftools.errors import InputError
from wftools.weights.pickles import symbols
from wftools.weights.tensorfile import TensorFile, open_tensors

if TYPE_CHECKING:
    from pathlib import Path

DTYPES = (
    *(torch.float32, torch.float16, torch.bfloat16, torch.float64, torch.int64, torch.int8, torch.uint8, torch.bool),
    torch.float8_e4m3fn,
)


def saved(path: Path, value: Any, *, legacy: bool = False) -> TensorFile:
    torch.save(value, path, _use_new_zipfile_serialization=not legacy)
    return open_tensors(path)


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
def test_what_torch_saves_is_read(tmp_path: Path, dtype: torch.dtype, legacy: bool) -> None:
    if legacy and dtype == torch.float8_e4m3fn:
        pytest.skip("the legacy format has no such type")
    whole = torch.randn(6, 4).to(dtype)
    tensors = {"a": whole, "b.c": whole[1:3], "turned": whole.T, "one": torch.zeros((), dtype=dtype)}

    file = saved(tmp_path / "a.ckpt", tensors, legacy=legacy)

    assert file.shapes == {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    for name, tensor in tensors.items():
        assert torch.equal(file.read(name).float(), tensor.float())
        assert file.read(name).dtype == dtype


@given(st.lists(st.integers(0, 3), max_size=4), st.randoms(use_true_random=False))
def test_views_of_one_storage_are_read_as_they_are(tmp_path_factory: Any, shape: list[int], random: Any) -> None:
    whole = torch.arange(200.0)
    order = list(range(len(shape)))
    random.shuffle(order)
    view = whole[3 : 3 + torch.Size(shape).numel()].reshape(shape).permute(order)

    file = saved(tmp_path_factory.mktemp("pickles") / "a.pt", {"w": view})

    assert torch.equal(file.read("w"), view)


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ({"state_dict": {"w": torch.zeros(1)}, "epoch": 3, "optimizer": {"v": torch.zeros(9)}}, ["w"]),
        ({"params_ema": {"w": torch.zeros(1)}}, ["w"]),
        ({"a": {"w": torch.zeros(1)}, "b": {"w": torch.zeros(1)}}, ["a.w", "b.w"]),
        ({320: ({"w": torch.zeros(1)}, {"w": torch.zeros(1)}), "name": "n"}, ["320.0.w", "320.1.w"]),
        ({"w": nn.Parameter(torch.zeros(1))}, ["w"]),
        (OrderedDict(w=torch.zeros(1)), ["w"]),
        (nn.Linear(2, 2).state_dict(), ["weight", "bias"]),
    ],
)
def test_the_weights_are_found_among_other_tables(tmp_path: Path, value: Any, names: list[str]) -> None:
    assert list(saved(tmp_path / "a.pt", value).tensors) == names


def test_plain_values_are_metadata(tmp_path: Path) -> None:
    said = {"w": torch.zeros(1), "activation": "relu", "norm": False, "layers": [1, 2.5], "step": 7, "none": None}

    metadata = saved(tmp_path / "a.pt", said).metadata

    assert metadata == {"activation": "relu", "norm": "false", "layers": "[1, 2.5]", "step": "7", "none": "null"}


def test_a_file_is_known_by_its_content(tmp_path: Path) -> None:
    torch.save({"w": torch.ones(2)}, tmp_path / "a")

    assert open_tensors(tmp_path / "a").format == "pickle"


class Evil:
    """Makes a folder when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("key", ["w", "state_dict", "optimizer"])
def test_no_code_runs(tmp_path: Path, key: str, legacy: bool) -> None:
    marker = tmp_path / "marker"

    with pytest.raises(InputError, match=r"a\.ckpt: the file would run '(posix|nt)\.mkdir'") as error:
        saved(tmp_path / "a.ckpt", {"w": torch.zeros(1), key: Evil(marker)}, legacy=legacy)

    assert ".safetensors" in str(error.value.hint)
    assert not marker.exists()


@pytest.mark.parametrize(
    ("program", "problem"),
    [
        (b"cos\nsystem\n(S'true'\ntR.", r"would run 'os\.system'"),
        (b"\x80\x04\x8c\x05posix\x8c\x06system\x93.", r"would run 'posix\.system'"),
        (b"\x80\x02ccollections\nOrderedDict\n)\x81.", "takes the step NEWOBJ"),
        (b"(cos\nsystem\nS'true'\no.", r"would run 'os\.system'"),
        (b"(S'true'\nios\nsystem\n.", r"would run 'os\.system'"),
        (b"(icollections\nOrderedDict\n.", "takes the step INST"),
        (b"\x82\x01.", "takes the step EXT1"),
        (b"}(K\x01u.", "broken"),
        (b"K\x01", "broken"),
        (b"0.", "broken"),
        (b".", "broken"),
        (b"K\x01K\x02a.", "appends to what is no list"),
        (b"K\x01K\x02R.", "calls what is no function"),
        (b"]}b.", "gives a state"),
        (b"K\x01s.", "more from its stack than there is"),
        (b"h\x07.", "broken"),
        (b"X\xff\xff\xff\x7fabc.", "broken"),
    ],
)
def test_a_pickle_that_does_more_than_hold_values_is_refused(program: bytes, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        symbols.read(io.BytesIO(program), 0, len(program))


@given(st.binary(max_size=60))
def test_noise_is_a_value_or_one_error(noise: bytes) -> None:
    with suppress(InputError):
        symbols.read(io.BytesIO(noise), 0, len(noise))


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.lists(inner).map(tuple),
    max_leaves=20,
)


@given(plain, st.integers(3, 5))
def test_plain_values_are_read_as_pickle_wrote_them(value: Any, protocol: int) -> None:
    program = pickle.dumps(value, protocol)

    assert symbols.read(io.BytesIO(program), 0, len(program)).value == value


def rewritten(path: Path, change: Any) -> None:
    """An archive whose members a function may change: name and content -> name, content and way of compression."""
    with zipfile.ZipFile(path) as old:
        members = [(info.filename, old.read(info)) for info in old.infolist()]
    with zipfile.ZipFile(path, "w") as new:
        for name, content in members:
            for name_now, content_now, how in change(name, content):
                new.writestr(name_now, content_now, how)


STORED, DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda n, c: [(n, c, DEFLATED)], "is compressed"),
        (lambda n, c: [] if n.endswith("data/0") else [(n, c, STORED)], "the storage '0' of a tensor is missing"),
        (lambda n, c: [(n, c[:-4] if n.endswith("data/0") else c, STORED)], "has 4 bytes, expected 8"),
        (lambda n, c: [] if n.endswith("data.pkl") else [(n, c, STORED)], "there is no NAME/data.pkl"),
        (lambda n, c: [(n, b"big" if n.endswith("byteorder") else c, STORED)], "in another order"),
        (lambda n, c: [(n, c, STORED), (n.replace("data.pkl", "code/x.py"), b"", STORED)][: 1 + n.endswith("data.pkl")],
         "TorchScript"),
    ],
)  # fmt: skip
def test_an_archive_that_is_not_as_torch_writes_it_is_refused(tmp_path: Path, change: Any, problem: str) -> None:
    torch.save({"w": torch.ones(2)}, tmp_path / "a.pt")
    rewritten(tmp_path / "a.pt", change)

    with pytest.raises(InputError, match=problem):
        open_tensors(tmp_path / "a.pt")


class Storage:
    """What torch's pickles say of a tensor, spelled out, so that it may be said wrongly."""

    def __init__(self, length: Any, offset: Any, shape: Any, strides: Any) -> None:
        self.id = ("storage", torch.FloatStorage, "0", "cpu", length)
        self.rest: tuple[Any, ...] = (offset, shape, strides, False, OrderedDict())


class Pickler(pickle.Pickler):
    """Writes storages as torch does."""

    def persistent_id(self, value: Any) -> Any:
        return value.id if isinstance(value, Storage) else None

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, Described):
            return torch._utils._rebuild_tensor_v2, (value.storage, *value.storage.rest)
        return NotImplemented


class Described:
    """A tensor of such a storage."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage


@pytest.mark.parametrize(
    ("length", "offset", "shape", "strides"),
    [
        (2, 1, (2,), (1,)),
        (2, 0, (2**40,), (0,)),
        (2, 0, (2, 2), (1, 1)),
        (2, -1, (1,), (1,)),
        (2, 0, (2,), (-1,)),
        (2, 0, (2,), (1, 1)),
        (2, 0, (2.0,), (1,)),
        (2, 0, (True,), (1,)),
        (3, 0, (3,), (1,)),
        ("2", 0, (2,), (1,)),
        (2, 0, None, (1,)),
    ],
)
def test_a_view_that_its_storage_does_not_hold_is_refused(
    tmp_path: Path, length: Any, offset: Any, shape: Any, strides: Any
) -> None:
    torch.save({"w": torch.ones(2)}, tmp_path / "a.pt")
    buffer = io.BytesIO()
    Pickler(buffer, 2).dump({"w": Described(Storage(length, offset, shape, strides))})
    rewritten(tmp_path / "a.pt", lambda n, c: [(n, buffer.getvalue() if n.endswith("data.pkl") else c, STORED)])

    with pytest.raises(InputError, match=r"a\.pt: (a tensor|the storage)"):
        open_tensors(tmp_path / "a.pt")


def test_tables_that_multiply_are_refused(tmp_path: Path) -> None:
    table: dict[str, Any] = {"w": torch.zeros(1)}
    for _ in range(25):
        table = {"a": table, "b": table}

    with pytest.raises(InputError, match="more than 262,144 entries"):
        saved(tmp_path / "a.pt", table)


def test_what_holds_no_tensors_is_refused(tmp_path: Path) -> None:
    for value in ({}, [torch.zeros(1)], {"a": 1}, {5: torch.zeros(1)}):
        with pytest.raises(InputError):
            saved(tmp_path / "a.pt", value)


@pytest.mark.parametrize("legacy", [False, True])
def test_half_a_file_is_refused(tmp_path: Path, legacy: bool) -> None:
    path = tmp_path / "a.pt"
    saved(path, {"w": torch.ones(1000)}, legacy=legacy)
    content = path.read_bytes()

    for length in (0, 1, 4, 40, 200, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:length])
        with pytest.raises(InputError):
            open_tensors(path)


def test_a_tensor_shares_the_file_s_memory(tmp_path: Path) -> None:
    file = saved(tmp_path / "a.pt", {"w": torch.ones(4)})

    first: Tensor = file.read("w")
    first[0] = 7

    assert file.read("w")[0] == 7
    assert open_tensors(tmp_path / "a.pt").read("w")[0] == 1


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (torch.zeros(2, 2).to_sparse(), "of a kind that is not read, 'torch._utils._rebuild_sparse_tensor'"),
        (torch.zeros(2, device="meta"), "of a kind that is not read"),
        (torch.zeros(2, dtype=torch.complex128), "of a kind that is not read"),
        (torch.zeros(2, dtype=torch.complex64).conj().imag, "computed from others"),
        (torch.zeros(1).expand(3), "which it repeats"),
    ],
)
def test_a_tensor_that_is_more_than_its_numbers_is_refused(
    tmp_path: Path, value: Tensor, problem: str, legacy: bool
) -> None:
    with pytest.raises(InputError, match=problem):
        saved(tmp_path / "a.pt", {"w": value}, legacy=legacy)
