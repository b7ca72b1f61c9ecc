"""wftools.nodes.latent_files: latents are files, and latents again."""

from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from wftools.context import Context
from wftools.errors import InputError
from wftools.nodes.latent_files import load_latent, save_latent
from wftools.values import Latent


@pytest.mark.parametrize("shape", [(2, 4, 6, 8), (1, 16, 3, 4, 4)])
def test_a_saved_latent_is_loaded_again(context: Context, tmp_path: Path, shape: tuple[int, ...]) -> None:
    latent = Latent(torch.randn(shape).transpose(-1, -2), noise_mask=torch.ones(1, 8, 8))

    assert save_latent(samples=latent, filename_prefix="a/x", prompt={"1": {}}, context=context) is latent

    (saved,) = context.saved
    assert saved.path == tmp_path / "output/a/x_00001_.latent"
    with safe_open(saved.path, "pt") as file:
        assert file.metadata() == {"prompt": '{"1": {}}'}
    torch.testing.assert_close(
        load_latent(latent="a/x_00001_.latent [output]", context=context).samples, latent.samples
    )


def test_latents_of_the_first_version_have_the_scale_of_the_network(context: Context) -> None:
    save_file({"latent_tensor": torch.full((1, 4, 2, 2), 0.18215)}, context.folders.input / "old.latent")

    torch.testing.assert_close(load_latent(latent="old.latent", context=context).samples, torch.ones(1, 4, 2, 2))


@pytest.mark.parametrize("content", [b"", b"no latent at all"])
def test_what_is_no_latent_is_one_error(context: Context, content: bytes) -> None:
    (context.folders.input / "x.latent").write_bytes(content)

    with pytest.raises(InputError):
        load_latent(latent="x.latent", context=context)


def test_a_file_of_other_tensors_is_one_error(context: Context) -> None:
    save_file({"a": torch.ones(1)}, context.folders.input / "x.latent")

    with pytest.raises(InputError, match="no tensor latent_tensor"):
        load_latent(latent="x.latent", context=context)
