from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from wftools.errors import InputError
from wftools.weights.tensorfile import FORMATS, identity, open_tensors


def saved(path: Path) -> Path:
    save_file({"unet.a": torch.tensor([1.0]), "unet.b": torch.tensor([2.0]), "vae.a": torch.tensor([3.0])}, path)
    return path


def test_the_content_decides_which_format_a_file_has(tmp_path: Path) -> None:
    file = open_tensors(saved(tmp_path / "model.ckpt"))

    assert file.format == "safetensors"
    assert file.read("vae.a").tolist() == [3.0]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x80\x02}q\x00."])
def test_a_file_of_no_known_format_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.ckpt"
    path.write_bytes(content)

    with pytest.raises(InputError, match=r"model\.ckpt: not a model file"):
        open_tensors(path)


def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        open_tensors(tmp_path)


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


@pytest.mark.parametrize("name", FORMATS.names())
def test_every_format_has_what_a_format_needs(name: str) -> None:
    module = FORMATS.load(name)

    assert isinstance(module.SUFFIXES, tuple)
    assert callable(module.open_file)
    assert module.sniff(b"") is False
