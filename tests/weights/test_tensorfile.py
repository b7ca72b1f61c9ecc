import json
import os
from collections.abc import Callable
from pathlib import Path

import gguf
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from tests.weights import onnx_files
from wftools.errors import InputError
from wftools.weights.faults import ModelFileError
from wftools.weights.tensorfile import FORMATS, HEAD_BYTES, identity, open_tensors


def save_gguf(tensors: dict[str, Tensor], path: Path) -> None:
    """Without what fills the file up behind the last tensor: a file without it lacks nothing."""
    writer = gguf.GGUFWriter(path, "sd1")
    for name, tensor in tensors.items():
        writer.add_tensor(name, tensor.numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    last = gguf.GGUFReader(path).tensors[-1]
    os.truncate(path, last.data_offset + last.n_bytes)


def save_index(tensors: dict[str, Tensor], path: Path) -> None:
    """A file for each tensor, named by its number."""
    named = {name: f"{number}.safetensors" for number, name in enumerate(tensors)}
    for name, file in named.items():
        save_file({name: tensors[name].contiguous()}, path.with_name(file))
    path.write_text(json.dumps({"weight_map": named}))


# How files of each format are written, so that one that is added is held to the laws of all.
WRITERS: dict[str, Callable[[dict[str, Tensor], Path], None]] = {
    "safetensors": save_file,
    "pickle": torch.save,
    "gguf": save_gguf,
    "onnx": onnx_files.saved,
    "index": save_index,
}
TENSORS = {"a.weight": torch.arange(6.0).reshape(2, 3), "a.bias": torch.tensor([0.5, -1.0]), "b": torch.tensor(7.0)}
T = torch.arange(6.0).reshape(2, 3)


def saved(path: Path) -> Path:
    save_file({"unet.a": torch.tensor([1.0]), "unet.b": torch.tensor([2.0]), "vae.a": torch.tensor([3.0])}, path)
    return path


def test_the_content_decides_which_format_a_file_has(tmp_path: Path) -> None:
    file = open_tensors(saved(tmp_path / "model.ckpt"))

    assert file.format == "safetensors"
    assert file.read("vae.a").tolist() == [3.0]


@pytest.mark.parametrize("content", [b"abc", b"\x80\x02}q\x00."])
def test_a_file_of_no_known_format_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.txt"
    path.write_bytes(content)

    with pytest.raises(ModelFileError, match=r"model\.txt: not a model file") as error:
        open_tensors(path)

    assert error.value.code == "NOT_A_MODEL"


@pytest.mark.parametrize("name", ["model.safetensors", "model.ckpt", "model"])
def test_an_empty_file_is_said_to_be_one(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()

    with pytest.raises(ModelFileError) as error:
        open_tensors(tmp_path / name)

    assert error.value.code == "EMPTY"


def test_a_name_of_a_format_that_runs_nothing_must_be_true(tmp_path: Path) -> None:
    torch.save(TENSORS, tmp_path / "a.safetensors")

    with pytest.raises(ModelFileError) as error:
        open_tensors(tmp_path / "a.safetensors")

    assert error.value.code == "FORMAT_MISMATCH"


@pytest.mark.parametrize(
    ("name", "is_doubtful"),
    [
        ("model.diffusion_model.input_blocks.0.0.weight", False),
        ("a/b..c/größe 模型", False),
        ("", False),
        ("a/../b", True),
        ("..", True),
        ("a\\..", True),
        ("/etc/passwd", True),
        ("C:\\x", True),
        ("a\x1b[2J", True),
        ("a\nb", True),
        ("a\u202eb", True),
    ],
)
def test_a_name_that_could_mislead_is_doubtful_in_every_format(tmp_path: Path, name: str, is_doubtful: bool) -> None:
    for save, path in ((save_file, tmp_path / "a.safetensors"), (torch.save, tmp_path / "a.pt")):
        save({name: T}, path)

        file = open_tensors(path)

        assert list(file.tensors) == [name]
        assert [doubt.code for doubt in file.doubts] == ["BAD_NAME"] * is_doubtful


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_named_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.safetensors")

    with pytest.raises(ModelFileError, match="cannot be read"):
        open_tensors(tmp_path / "a.safetensors")


@pytest.mark.parametrize("name", ["gone", "a\0b", "x" * 1000])
def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelFileError, match="cannot be read") as error:
        open_tensors(tmp_path / name)

    assert error.value.code == "UNREADABLE"


def test_the_tensors_below_a_prefix_are_a_file_of_their_own(tmp_path: Path) -> None:
    part = open_tensors(saved(tmp_path / "a.safetensors")).below("unet.")

    assert part.shapes == {"a": (1,), "b": (1,)}
    assert part.read("b").tolist() == [2.0]


def test_tensors_can_be_given_other_names(tmp_path: Path) -> None:
    file = open_tensors(saved(tmp_path / "a.safetensors")).renamed({"x": "vae.a"}).renamed({"y": "x"})

    assert file.read("y").tolist() == [3.0]
    with pytest.raises(InputError, match=r"no tensor 'vae\.a'"):
        file.read("vae.a")


def test_another_content_has_another_identity(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.safetensors")
    before = identity(path)
    same = identity(path)
    save_file({"w": torch.zeros(9)}, path)

    assert same == before != identity(path)


def test_every_format_has_a_writer_here() -> None:
    assert set(WRITERS) == set(FORMATS.names())


@pytest.mark.parametrize("name", FORMATS.names())
def test_a_format_knows_its_files_and_reads_what_was_written(name: str, tmp_path: Path) -> None:
    """By their content, which no other format claims."""
    path = tmp_path / "model"
    WRITERS[name](TENSORS, path)

    file = open_tensors(path)

    head = path.read_bytes()[:HEAD_BYTES]
    assert [each for each in FORMATS.names() if FORMATS.load(each).sniff(head)] == [name] == [file.format]
    assert not FORMATS.load(name).sniff(b"")
    assert all(suffix.startswith(".") for suffix in FORMATS.load(name).SUFFIXES)
    assert file.shapes == {key: tuple(tensor.shape) for key, tensor in TENSORS.items()}
    for key, tensor in TENSORS.items():
        assert torch.equal(file.read(key), tensor)


@pytest.mark.parametrize("name", FORMATS.names())
def test_a_file_that_is_cut_off_is_refused_wherever_it_ends(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"model{FORMATS.load(name).SUFFIXES[0]}"
    WRITERS[name](TENSORS, path)
    whole = path.read_bytes()

    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(InputError, match="model"):
            open_tensors(path).read("b")


@pytest.mark.parametrize("name", FORMATS.names())
@pytest.mark.parametrize("count", [1, 4, 1000])
def test_a_tensor_comes_in_pieces(name: str, count: int, tmp_path: Path) -> None:
    path = tmp_path / "model"
    WRITERS[name](
        TENSORS
        | {"empty": torch.zeros(0, 3), "half": torch.arange(9).half(), "turned": T.T if name == "pickle" else T},
        path,
    )
    file = open_tensors(path)

    for tensor in file.tensors:
        pieces = list(file.pieces(tensor, count))

        assert all(len(piece) == count for piece in pieces[:-1])
        assert all(0 < len(piece) <= count for piece in pieces)
        assert torch.equal(torch.cat([file.read(tensor).reshape(-1)[:0], *pieces]), file.read(tensor).reshape(-1))


def test_a_file_that_has_become_shorter_is_told(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.safetensors")
    file = open_tensors(path)
    path.write_bytes(path.read_bytes()[:-2])

    with pytest.raises(InputError, match=r"a\.safetensors: the file has become shorter"):
        list(file.pieces("vae.a"))
