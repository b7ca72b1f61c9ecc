from dataclasses import replace
from pathlib import Path
from typing import Any

import onnx
import pytest
import torch
from torch.testing import assert_close

from tests.diffusion.onnx.conftest import UNET, exported
from tests.seeded_models import shapes_of
from tests.weights_from_seed import weights_from_seed
from wftools.cli import main
from wftools.context import Context
from wftools.diffusion.checkpoint import load_diffusion_model
from wftools.diffusion.networks.unet import UNet, sinusoidal_embedding
from wftools.diffusion.onnx import exporting
from wftools.diffusion.onnx.networks import OnnxUNet
from wftools.diffusion.onnx.session import open_session
from wftools.diffusion.onnx.wrapping import wrapped_unet
from wftools.errors import InputError, RunError
from wftools.weights.formats.onnx import graph_facts
from wftools.weights.onnx.roles import role_of
from wftools.weights.tensorfile import open_tensors

pytestmark = pytest.mark.slow  # they wait for a model that is exported

SIDES = {
    "tiny/unet/model.onnx": (
        ["sample", "timestep", "encoder_hidden_states"],
        ["out_sample"],
        {"wftools.part": "unet", "wftools.family": "sd1", "wftools.prediction": "epsilon"},
    ),
    "tiny/text_encoder/model.onnx": (
        ["input_ids"],
        ["last_hidden_state", "pooler_output", *(f"hidden_states.{index}" for index in range(4))],
        {"wftools.text_encoder": "clip_l"},
    ),
    "tiny/vae_decoder/model.onnx": (["latent_sample"], ["sample"], {"wftools.latent_ratio": "2"}),
    "tiny/vae_encoder/model.onnx": (["sample"], ["latent_parameters"], {"wftools.latent_scale": "0.18215"}),
    "controlnet/tiny.onnx": (
        ["sample", "timestep", "encoder_hidden_states", "controlnet_cond"],
        [*(f"down_block_res_sample_{index}" for index in range(4)), "mid_block_res_sample"],
        {},
    ),
    "upscale_models/tiny.onnx": (["input"], ["output"], {"wftools.part": "upscaler"}),
}


@pytest.mark.parametrize("name", SIDES)
def test_a_part_has_the_inputs_and_outputs_that_other_programs_know(name: str, folder: Path) -> None:
    inputs, outputs, said = SIDES[name]

    facts = graph_facts(folder / name)
    onnx.checker.check_model(str(folder / name), full_check=True)

    assert [each.name for each in facts.inputs] == inputs
    assert [each.name for each in facts.outputs] == outputs
    assert said.items() <= facts.metadata.items()
    assert all(isinstance(each.shape[0], str) for each in facts.inputs if each.shape)  # any batch
    assert facts.opsets == {"": 17}
    assert role_of(facts) is not None


@pytest.mark.parametrize("name", SIDES)
def test_a_role_is_told_by_names_alone(name: str, folder: Path) -> None:
    facts = graph_facts(folder / name)

    assert role_of(replace(facts, metadata={})) == facts.metadata["wftools.part"]


def test_large_data_stands_beside_the_graph(
    folder: Path, context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "MAX_INSIDE", 100_000)
    out = folder / "diffusion_models/beside.onnx"

    exported(folder / "checkpoints/tiny.safetensors", out, "unet")

    assert sorted(each.name for each in out.parent.glob("beside*")) == ["beside.onnx", "beside.onnx_data"]
    assert out.stat().st_size < 500_000
    onnx.checker.check_model(str(out))
    file = open_tensors(out)
    assert {info.file for info in file.tensors.values()} == {None, out.with_name("beside.onnx_data")}
    whole = open_tensors(folder / "tiny/unet/model.onnx")
    assert all(file.read(name).equal(whole.read(name)) for name in whole.tensors)
    load_diffusion_model("beside.onnx", context)


def test_nothing_is_there_of_what_differs_from_torch(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(exporting.TOLERANCES, "fp32", 0.0)

    with pytest.raises(RunError, match="the exported clip differs from torch by"):
        exported(folder / "checkpoints/tiny.safetensors", tmp_path / "x.onnx", "clip")

    assert list(tmp_path.iterdir()) == []


def test_halves_are_given_halves(folder: Path, context: Context) -> None:
    out = folder / "diffusion_models/half.onnx"

    exported(folder / "checkpoints/tiny.safetensors", out, "unet", "fp16")

    assert {each.dtype for each in graph_facts(out).inputs} == {"F16"} | {"F32"}
    assert {
        info.dtype for info in open_tensors(out).tensors.values() if len(info.shape) == 4 and info.shape[-1] == 3
    } == {"F16"}
    load_diffusion_model("half.onnx", context)


@pytest.mark.parametrize(("out", "part", "message"), [
    ("x.onnx", None, "4 networks to export"),
    ("x.onnx", "upscaler", "no upscaler in the file"),
    ("there.onnx", "clip", "the file is there already"),
])  # fmt: skip
def test_what_cannot_be_exported_so_is_said(
    out: str, part: str | None, message: str, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "there.onnx").touch()

    with pytest.raises(InputError, match=message):
        exported(folder / "checkpoints/tiny.safetensors", tmp_path / out, part)


def test_the_sizes_beside_a_text_reach_the_graph_as_numbers(tmp_path: Path) -> None:
    """Which our UNet is given embedded, in a vector with the text."""
    network = UNet(replace(UNET, pooled_dim=48 + 6 * 256))
    network.load_state_dict(weights_from_seed(shapes_of(network), 5))
    network.requires_grad_(False)
    each = exporting.Exportable("unet", "unet.onnx", lambda: network, wrapped_unet, {"wftools.family": "sdxl"})
    exporting.export(each, tmp_path / "unet.onnx")
    numbers = torch.tensor([[1024.0, 768, 0, 17, 896, 1152], [512, 512, 8, 0, 4096, 2049]])
    embedded = sinusoidal_embedding(numbers.flatten(), 256).reshape(2, -1)
    y, x = torch.cat([torch.rand(2, 48), embedded], dim=1), torch.rand(2, 4, 6, 8)
    times, context = torch.tensor([999.0, 1.0]), torch.rand(2, 77, 64)

    made = OnnxUNet(open_session(tmp_path / "unet.onnx"))(x, times, context, y)

    assert [each.name for each in graph_facts(tmp_path / "unet.onnx").inputs][3:] == ["text_embeds", "time_ids"]
    assert_close(made, network(x, times, context, y), rtol=0, atol=1e-4)


def test_what_cannot_be_traced_is_exported_the_other_way(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("onnxscript")
    exporter = torch.onnx.export

    def untraced(*given: Any, dynamo: bool, **options: Any) -> object:
        if not dynamo:
            raise RuntimeError("cannot be traced")
        return exporter(*given, dynamo=dynamo, **options)

    monkeypatch.setattr(torch.onnx, "export", untraced)

    exported(folder / "upscale_models/tiny.safetensors", tmp_path / "x.onnx")

    assert graph_facts(tmp_path / "x.onnx").opsets[""] == exporting.LATER_OPSET


def test_what_is_onnx_already_is_said_to_be(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="ONNX already"):
        exported(folder / "tiny/unet/model.onnx", tmp_path / "x.onnx")


def test_the_command_says_what_it_made(folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["model", "export-onnx", str(folder / "upscale_models/tiny.safetensors"), str(tmp_path / "x.onnx")])

    told = capfd.readouterr()
    assert not ended.value.code
    assert "x.onnx: upscaler, 0.1 MB" in told.out
    assert told.err == ""
