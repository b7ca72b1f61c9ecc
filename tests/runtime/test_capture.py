"""--capture-dir: every node's outputs, under the keys of the recorded ones.

No `from __future__ import annotations`: the annotations of nodes are read.
"""

import json
from pathlib import Path
from typing import Annotated, Any

import pytest
import torch
from safetensors import safe_open

from tests.runtime.plug import NODES, document, prompt
from wftools.catalog.declare import ANY, INT, IS_LIST, Socket, node
from wftools.runtime import Options, Session
from wftools.values import Cond, Latent

IMAGE = torch.arange(12, dtype=torch.float32).reshape(1, 2, 2, 3)
LATENT = Latent(torch.ones(1, 4, 2, 2), noise_mask=torch.zeros(1, 2, 2), batch_index=(3, 4), downscale_ratio_spacial=8)
CONDITIONING = (
    Cond(torch.full((1, 2, 3), 0.5), torch.ones(1, 3), strength=0.8, extras={"control_net": object()}),
    Cond(torch.zeros(1, 2, 3)),
)
LOOP: list[Any] = []
LOOP.append(LOOP)

VALUES: dict[str, Any] = {
    "image": IMAGE,
    "latent": LATENT,
    "conditioning": CONDITIONING,
    "number": 5,
    "float": 0.5,
    "text": "snow — night",
    "yes": True,
    "none": None,
    "model": object(),
    "loop": LOOP,
    "half": torch.ones(3, dtype=torch.float16),
    "mask": torch.tensor([[True, False]]),
    "scalar": torch.tensor(2, dtype=torch.int64),
    "empty": torch.zeros(0, 3),
    "view": IMAGE[:, :, :, 0],
    "audio": {"waveform": torch.ones(1, 2, 4), "sample_rate": 16000},
    "double complex": torch.ones(1, dtype=torch.complex128),
}


@node("Value", category="test")
def value(*, name: Annotated[str, Socket("STRING")]) -> ANY:
    """One of VALUES."""
    return VALUES[name]


@node("Pieces", category="test", outputs=("pieces", "count"))
def pieces() -> tuple[Annotated[list[Any], Socket("IMAGE"), IS_LIST], INT]:
    """A list output beside a plain one."""
    return [IMAGE, IMAGE + 1], 2


ALL = {**NODES, **{each.declared.type: each.declared for each in (value, pieces)}}


def capture(tmp_path: Path, tree: dict[str, Any]) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """The tensors and the other values in the capture of a run, read by the reference library."""
    report = Session(Options(capture=tmp_path), ALL).run([document(tree)]).workflows[0]
    assert not report.errors
    with safe_open(report.capture, "pt") as file:
        names = list(file.keys())
        return {name: file.get_tensor(name) for name in names}, json.loads(file.metadata()["values"])


@pytest.mark.parametrize(
    ("name", "tensors", "values"),
    [
        ("image", {"1.0": IMAGE}, {}),
        (
            "latent",
            {"1.0.samples": LATENT.samples, "1.0.noise_mask": LATENT.noise_mask},
            {"1.0.batch_index.0": 3, "1.0.batch_index.1": 4, "1.0.downscale_ratio_spacial": 8},
        ),
        (
            "conditioning",
            {
                "1.0.0.0": CONDITIONING[0].tensor,
                "1.0.0.1.pooled_output": torch.ones(1, 3),
                "1.0.1.0": CONDITIONING[1].tensor,
            },
            {"1.0.0.1.strength": 0.8},
        ),
        ("number", {}, {"1.0": 5}),
        ("float", {}, {"1.0": 0.5}),
        ("text", {}, {"1.0": "snow — night"}),
        ("yes", {}, {"1.0": True}),
        ("none", {}, {"1.0": None}),
        ("model", {}, {}),
        ("loop", {}, {}),
        ("half", {"1.0": torch.ones(3, dtype=torch.float16)}, {}),
        ("mask", {"1.0": torch.tensor([[True, False]])}, {}),
        ("scalar", {"1.0": torch.tensor(2)}, {}),
        ("empty", {"1.0": torch.zeros(0, 3)}, {}),
        ("view", {"1.0": IMAGE[:, :, :, 0]}, {}),
        ("audio", {"1.0.waveform": torch.ones(1, 2, 4)}, {"1.0.sample_rate": 16000}),
        ("double complex", {}, {}),  # safetensors has no name for it
    ],
)
def test_values_are_captured_under_their_keys(
    tmp_path: Path, name: str, tensors: dict[str, torch.Tensor], values: dict[str, Any]
) -> None:
    """Tensors as tensors; numbers and texts in the metadata; models and the like are left out."""
    tree = prompt(
        n1=("Value", {"name": name}),
        n2=("Gate", {"value": ["1", 0], "is_open": False}),
        n3=("Show", {"value": ["2", 0]}),
    )

    found, noted = capture(tmp_path, tree)

    assert found.keys() == tensors.keys()
    for key, expected in tensors.items():
        torch.testing.assert_close(found[key], expected, rtol=0, atol=0)
    assert (noted, [type(each) for each in noted.values()]) == (values, [type(each) for each in values.values()])


def test_elements_of_a_list_are_numbered(tmp_path: Path) -> None:
    """Those of a list output, and what a node that is mapped over them gives."""
    found, noted = capture(
        tmp_path,
        prompt(n1=("Pieces", {}), n2=("Gate", {"value": ["1", 0], "is_open": True}), n3=("Show", {"value": ["2", 0]})),
    )

    assert sorted(found) == ["1.0#0", "1.0#1", "2.0#0", "2.0#1", "3.0#0", "3.0#1"]
    assert torch.equal(found["2.0#1"], IMAGE + 1)
    assert noted == {"1.1": 2}


def test_tensors_of_all_widths_are_aligned(tmp_path: Path) -> None:
    """Our own strict reader takes the file, and so do readers that map it into memory."""
    from wftools.weights.tensorfile import open_tensors

    names = ["mask", "image", "scalar", "half"]
    tree = prompt(
        **{name: ("Value", {"name": name}) for name in names},
        **{f"{name}_": ("Show", {"value": [name, 0]}) for name in names},
    )

    capture(tmp_path, tree)

    file = open_tensors(next(tmp_path.iterdir()))
    assert torch.equal(file.read("image.0"), IMAGE)
    assert all(
        info.start % VALUES[name.split(".")[0].rstrip("_")].element_size() == 0 for name, info in file.tensors.items()
    )


def test_a_failed_workflow_leaves_what_it_had_computed(tmp_path: Path) -> None:
    """That is what one wants to see."""
    tree = prompt(
        n1=("Value", {"name": "image"}),
        n2=("Fail", {"message": "no", "value": ["1", 0]}),
        n3=("Show", {"value": ["2", 0]}),
    )

    report = Session(Options(capture=tmp_path), ALL).run([document(tree)]).workflows[0]

    assert report.status == "failed"
    with safe_open(report.capture, "pt") as file:
        assert list(file.keys()) == ["1.0"]
