"""Prompts through the command line, against what ComfyUI computes for them. See tests/data/parity/README.md."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from safetensors import safe_open

from tests.seeded_models import write_models

if TYPE_CHECKING:
    from torch import Tensor

DATA = Path(__file__).parent.parent / "data/parity"
CASES = sorted(path.stem for path in (DATA / "cases").glob("*.json"))

# Relative L2.
OF_NETWORKS, OF_ARITHMETIC = 1e-4, 1e-5
NETWORKS = {"CLIPTextEncode", "KSampler", "VAEDecode", "VAEEncode"}


@pytest.fixture(scope="module")
def captured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the outputs of every node of every case, from one call of the command."""
    folder = tmp_path_factory.mktemp("parity")
    write_models(folder / "models")
    paths = [str(DATA / "cases" / f"{case}.json") for case in CASES]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "wftools",
            "run",
            *paths,
            "--capture-dir",
            "captured",
            "--keep-going",
            "--input-dir",
            str(DATA / "input"),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "captured"


@pytest.mark.parametrize("case", CASES)
def test_every_output_of_every_node_is_what_comfyui_computes(case: str, captured: Path) -> None:
    """Tensors within the reference's own spread; texts and numbers to the last digit."""
    expected, expected_values = _load(DATA / "expected" / f"{case}.safetensors")
    got, got_values = _load(captured / f"{case}.safetensors")
    prompt = json.loads((DATA / "cases" / f"{case}.json").read_text("utf-8"))

    assert expected or expected_values
    assert {**got_values, **expected_values} == got_values  # what nothing is linked to was not recorded
    assert expected.keys() <= got.keys()
    for key, tensor in expected.items():
        assert got[key].shape == tensor.shape, key
        tolerance = OF_NETWORKS if _is_of_network(prompt, key.partition(".")[0]) else OF_ARITHMETIC
        assert float((got[key] - tensor).norm()) <= tolerance * float(tensor.norm()), key


def _load(path: Path) -> tuple[dict[str, Tensor], Any]:
    with safe_open(path, "pt") as file:
        metadata = file.metadata() or {}
        return {key: file.get_tensor(key) for key in file.keys()}, json.loads(metadata.get("values", "{}"))  # noqa: SIM118


def _is_of_network(prompt: dict[str, Any], node: str) -> bool:
    """Whether a node's outputs come out of a network, its own or one before it."""
    sources = (value[0] for value in prompt[node]["inputs"].values() if isinstance(value, list))
    return prompt[node]["class_type"] in NETWORKS or any(_is_of_network(prompt, source) for source in sources)
