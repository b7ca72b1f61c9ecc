"""wftools model convert, as a process."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.cli.process import wftools
from wftools.weights.writers import safetensors

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that runs tests in the background ignores it


@pytest.fixture
def model(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    tensors = {
        "model.diffusion_model.a.weight": torch.randn(64, 64),
        "model.diffusion_model.a.bias": torch.tensor([1e6, 1.0]),
        "model_ema.diffusion_modelaweight": torch.zeros(64, 64),
    }
    save_file(tensors, tmp_path / "model.safetensors")
    return tmp_path / "model.safetensors"


def test_a_conversion_tells_sizes_types_and_what_it_cost(model: Path) -> None:
    result = wftools("model", "convert", model.name, "half.ckpt", "--dtype", "fp16", "--prune", cwd=model.parent)

    assert result.returncode == 0
    assert "model.safetensors -> half.ckpt" in result.stdout
    assert "2 tensors (2 F16), 33 kB -> 8 kB" in result.stdout
    assert "left out: 1 tensor: the averaged copy of the weights" in result.stdout
    assert "SNR" in result.stdout
    assert "1 number did not fit the new type" in result.stderr
    new = torch.load(model.parent / "half.ckpt", weights_only=True)["state_dict"]
    assert new["model.diffusion_model.a.weight"].dtype == torch.float16
    assert new["model.diffusion_model.a.bias"].tolist() == [float("inf"), 1.0]


def test_a_dry_run_tells_of_each_tensor_and_writes_nothing(model: Path) -> None:
    arguments = ("model", "convert", model.name, "a.safetensors", "--dtype", "fp8_e4m3fn", "--scaled", "--dry-run")
    result = wftools(*arguments, cwd=model.parent)

    assert result.returncode == 0
    rows = [line.split(maxsplit=4) for line in result.stdout.splitlines()]
    assert ["F32", "F8_E4M3", "4", "kB", "model.diffusion_model.a.weight [64, 64]: asked for"] in rows
    assert any("model.diffusion_model.a.bias [2]: no matrix" in line for line in result.stdout.splitlines())
    assert [path.name for path in model.parent.iterdir()] == [model.name]


def test_what_is_there_is_replaced_only_by_force(model: Path) -> None:
    out = model.with_name("out.safetensors")
    out.write_bytes(b"mine")

    refused = wftools("model", "convert", model.name, out.name, cwd=model.parent)
    assert (refused.returncode, out.read_bytes()) == (2, b"mine")
    assert "--force" in refused.stderr

    assert wftools("model", "convert", model.name, out.name, "--force", cwd=model.parent).returncode == 0
    assert len(load_file(out)) == 3
    same = wftools("model", "convert", model.name, model.name, "--force", cwd=model.parent)
    assert same.returncode == 2
    assert "is the file that is read" in same.stderr


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["missing.ckpt", "a.safetensors"], "No such file"),
        (["model.safetensors", "a.onnx"], "export-onnx"),
        (["model.safetensors", "a.doc"], "does not say which format"),
        (["model.safetensors", "nowhere/a.safetensors"], "cannot be written"),
        (["model.safetensors", "a.safetensors", "--only", "vae"], "cannot be told apart"),
        (["model.safetensors", "a.safetensors", "--scaled"], "add --dtype fp8_e4m3fn"),
        (["model.safetensors", "a.safetensors", "--dtype", "q8_0"], "Invalid value for '--dtype'"),
    ],
)
def test_what_cannot_be_done_is_one_error(model: Path, arguments: list[str], problem: str) -> None:
    result = wftools("model", "convert", *arguments, cwd=model.parent)

    assert result.returncode == 2
    assert problem in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
    assert [path.name for path in model.parent.iterdir()] == [model.name]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_one_error(model: Path) -> None:
    model.with_name("full.safetensors").symlink_to("/dev/full")

    result = wftools("model", "convert", model.name, "full.safetensors", "--force", cwd=model.parent)

    assert result.returncode == 2
    assert "cannot be written: No space left on device" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("out", ["out.safetensors", "out.gguf", "out.ckpt"])
def test_what_is_interrupted_leaves_nothing(tmp_path: Path, number: signal.Signals, out: str) -> None:
    """A real process, caught while it writes: the new file is begun, and gone when the process is."""
    head = safetensors.header({f"{index}.weight": ("F32", (2**26,)) for index in range(8)}, {})
    (tmp_path / "in.safetensors").write_bytes(head)
    os.truncate(tmp_path / "in.safetensors", len(head) + 8 * 4 * 2**26)  # 2 GB of zeros, of which the disk has none
    command = [sys.executable, "-m", "wftools", "model", "convert", "in.safetensors", out, "--dtype", "bf16"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    end = time.monotonic() + 60
    while not list(tmp_path.glob(".wftools-*.part")) and process.poll() is None and time.monotonic() < end:
        time.sleep(0.005)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)

    assert process.returncode == 130
    assert b"Traceback" not in errors
    assert [path.name for path in tmp_path.iterdir()] == ["in.safetensors"]


def test_a_conversion_imports_no_network_for_a_dry_run(model: Path) -> None:
    """The plan follows from names, shapes and types."""
    code = (
        "import sys, wftools.cli\n"
        f"sys.argv = ['wftools', 'model', 'convert', {str(model)!r}, 'x.gguf', '--dtype', 'fp16', '--dry-run']\n"
        "try:\n    wftools.cli.main()\nfinally:\n    import json; print(json.dumps('torch' in sys.modules))\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)

    assert json.loads(result.stdout.splitlines()[-1]) is False
