"""wftools model quantize, requantize, dequantize and chart."""

from __future__ import annotations

import json
from typing import NamedTuple

import gguf
import pytest
import torch
from safetensors.torch import load_file, save_file

from wftools.cli import main
from wftools.folders import BUILT_IN


class Done(NamedTuple):
    """How a command ended."""

    status: int
    stdout: str
    stderr: str


@pytest.fixture
def folder(tmp_path, monkeypatch):
    torch.manual_seed(0)
    save_file({"a.weight": torch.randn(64, 256), "a.bias": torch.zeros(64)}, tmp_path / "model.safetensors")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def wftools(folder, capfd):
    """Runs a command in this process: starting torch in one of its own takes longer than the rest."""

    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            main(["model", *arguments])
        return Done(int(ended.value.code or 0), *capfd.readouterr())

    return run


def test_there_and_back(wftools, folder):
    made = wftools("quantize", "model.safetensors", "q8.gguf", "--type", "Q8_0")
    again = wftools("requantize", "q8.gguf", "q4.gguf", "--type", "q4_k", "--report", "r.json")
    back = wftools("dequantize", "q4.gguf", "back.safetensors", "--dtype", "f32")

    assert [each.status for each in (made, again, back)] == [0, 0, 0]
    assert made.stderr == ""
    assert "  Q8_0        1   16,384  17 kB  45.4 dB" in made.stdout
    assert "q8.gguf is quantised already" in again.stderr
    assert json.loads((folder / "r.json").read_text())["tensors"][1]["after"] == "Q4_K"
    assert [each.tensor_type.name for each in gguf.GGUFReader(folder / "q4.gguf").tensors] == ["F32", "Q4_K"]
    assert load_file(folder / "back.safetensors")["a.weight"].dtype == torch.float32


def test_a_dry_run_writes_nothing(wftools, folder):
    done = wftools("quantize", "model.safetensors", "x.gguf", "--type", "q5_k_m", "--dry-run")

    assert done.status == 0
    assert "a.weight [64, 256]: most of the mix" in done.stdout
    assert [path.name for path in folder.iterdir()] == ["model.safetensors"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--type", "q9"], "error: 'q9' is no type"),
        (["--type", "q8_0", "--tensor", "b.*=q4_0"], "no tensor has a name like 'b.*'"),
        (["--type", "q8_0", "--tensor", "q4_0"], "is not of the form PATTERN=TYPE"),
        (["--type", "q8_0", "--probe", "flow.json"], "no loader names 'model.safetensors'"),
    ],
)
def test_what_is_wrong_is_one_error_and_nothing_is_written(wftools, folder, arguments, error):
    prompt = {
        "1": {"class_type": "EmptyImage", "inputs": {}},
        "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}},
    }
    (folder / "flow.json").write_text(json.dumps(prompt))

    done = wftools("quantize", "model.safetensors", "x.gguf", *arguments)

    assert done.status == 2
    assert error in done.stderr
    assert done.stderr.count("error:") == 1
    assert not (folder / "x.gguf").exists()


def test_a_chart_prints_its_figures_and_writes_a_picture(wftools, folder):
    done = wftools("chart", "model.safetensors", "--types", "q8_0,q4_0", "-o", "chart.svg")

    assert (done.status, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["type", "q8_0", "q4_0"]
    assert (folder / "chart.svg").read_text().startswith("<svg ")


def test_a_chart_of_a_format_that_there_is_not_is_an_error_before_anything_is_measured(wftools, folder):
    done = wftools("chart", "nothing.safetensors", "-o", "chart.gif")

    assert done.status == 2
    assert "chart.gif: the name does not say what to draw" in done.stderr


@pytest.mark.slow  # runs the embedded model twice
def test_a_probe_says_how_far_the_picture_moves(wftools, folder):
    prompt = {
        "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "some/wftools-mini.safetensors"}},
        "2": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
        "3": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["1", 1], "text": "a red circle"}},
        "4": {
            "class_type": "KSampler",
            "inputs": {
                "model": ["1", 0],
                "positive": ["3", 0],
                "negative": ["3", 0],
                "latent_image": ["2", 0],
                "seed": 1,
                "steps": 2,
                "cfg": 1.0,
                "sampler_name": "euler",
                "scheduler": "normal",
                "denoise": 1.0,
            },
        },
        "5": {"class_type": "VAEDecode", "inputs": {"samples": ["4", 0], "vae": ["1", 2]}},
        "6": {"class_type": "SaveImage", "inputs": {"images": ["5", 0], "filename_prefix": "x"}},
    }
    (folder / "flow.json").write_text(json.dumps(prompt))

    done = wftools(
        *("quantize", str(BUILT_IN), "mini.gguf", "--type", "q4_0", "--probe", "flow.json"),
        *("--report", "r.json"),
    )

    assert (done.status, done.stderr) == (0, "")
    probe = json.loads((folder / "r.json").read_text())["probe"]
    assert probe["pictures"] == 1
    assert 10 < probe["psnr"] < 45
    assert f"PSNR {probe['psnr']:.1f} dB" in done.stdout
    assert not (folder / "output").exists()
