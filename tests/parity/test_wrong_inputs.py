"""Wrong and unusual inputs through the command line: what ComfyUI refuses is refused, what it takes gives the same."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from safetensors.torch import load_file

from tests.parity.cases import DATA, is_same, values_in

if TYPE_CHECKING:
    from tests.parity.models import Models

AT_ONCE: Final = 62  # cases in one process

# Mean, deviation, least and greatest value of a tensor: within this share of its deviation.
SPREAD: Final = 1e-3


# Cases that end otherwise here, and why.
REFUSED: Final = {
    "clip_loader_unet_file": "ComfyUI computes with weights that nothing has set, which differ from run to run",
}
REFUSED_EARLIER: Final = {
    "crop_mask_beyond": "2",  # a mask without pixels, which ComfyUI lets pass on to the next node
    "image_scale_by_tiny": "3",  # likewise an image
}
CHAOTIC: Final = {
    "lora_strength_huge",  # a strength that differs by a millionth changes the latent by 2.5 %
}


@cache
def cases() -> tuple[dict[str, Any], ...]:
    """Every case, in the order of their names."""
    return tuple(map(json.loads, (DATA / "wrong.jsonl").read_text("utf-8").splitlines()))


def groups() -> list[object]:
    """Cases that run in one process."""
    return [
        pytest.param(cases()[start : start + AT_ONCE], id=cases()[start]["case"])
        for start in range(0, len(cases()), AT_ONCE)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("group", groups())
def test_wrong_inputs_end_as_they_do_in_comfyui(
    group: tuple[dict[str, Any], ...], models: Models, tmp_path: Path
) -> None:
    """One clear error that names the node, or the same values; never a fault of ours."""
    prompts = tmp_path / "prompts"
    prompts.mkdir()
    for case in group:
        text = json.dumps(case["prompt"])
        models.need(text)
        (prompts / f"{case['case']}.json").write_text(text, "utf-8")
    command = [sys.executable, "-m", "wftools", "run", *map(str, sorted(prompts.iterdir()))]
    command += ["--capture-dir", "captured", "--keep-going", "--json", "--quiet"]
    command += ["--models-dir", str(models.folder), "--input-dir", str(DATA / "input")]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    told = {Path(each["file"]).stem: each for each in json.loads(done.stdout)["workflows"]}
    lines = []
    for case in group:
        report = told[case["case"]]
        wrong = _misjudged(case, report, tmp_path / f"captured/{case['case']}.safetensors")
        lines += [f"{case['case']}: {line}" for line in wrong]
    assert not lines, "\n".join(lines)


def _misjudged(case: dict[str, Any], report: dict[str, Any], captured: Path) -> list[str]:
    """What a run makes otherwise of a case than ComfyUI does."""
    errors = report["errors"]
    said = "; ".join(f"{error['node']}: {error['message']}" for error in errors)
    if any("fault of wftools" in (error.get("hint") or "") for error in errors):
        return [f"a fault of ours: {said}"]
    if case["case"] in REFUSED:
        return [] if errors else ["is not refused any more"]
    if case["outcome"] == "ok":
        if errors and "ignored" not in case:
            return [f"runs in ComfyUI, and not here: {said}"]
        return _differences(case, captured) if "outputs" in case and case["case"] not in CHAOTIC else []
    if report["status"] not in {"failed", "partly"}:
        return [f"runs, and ComfyUI ends in {case['gist']}"]
    nodes = [REFUSED_EARLIER.get(case["case"], case["node"])] if case["outcome"] == "error" else case["nodes"]
    named = {(error["node"] or "").partition(" ")[0] for error in errors}
    if nodes and not named.intersection(nodes):
        return [f"names {sorted(named)}, not {nodes}: {said}"]
    return []


def _differences(case: dict[str, Any], captured: Path) -> list[str]:
    if not captured.exists():
        return ["nothing was computed"]
    got, values = load_file(captured), values_in(captured)
    lines = []
    for key, facts in case["outputs"].items():
        tensor = got.get(key)
        if tensor is None or list(tensor.shape) != facts["shape"]:
            lines.append(f"{key} is {None if tensor is None else list(tensor.shape)}, not {facts['shape']}")
            continue
        if not tensor.numel():
            continue
        flat = tensor.double()
        measured = {"mean": flat.mean(), "min": flat.min(), "max": flat.max(), "std": flat.std(correction=0)}
        allowed = SPREAD * max(facts["std"] or 0.0, 1e-6) + 1e-6
        lines += [
            f"{key} has the {name} {float(value):.6g}, not {facts[name]:.6g}"
            for name, value in measured.items()
            if facts.get(name) is not None
            and not math.isnan(facts[name])
            and not abs(float(value) - facts[name]) <= allowed
        ]
    lines += [
        f"{key} is {values.get(key)!r}, not {value!r}"
        for key, value in case["values"].items()
        if not is_same(value, values.get(key))
    ]
    return lines
