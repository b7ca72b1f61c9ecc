"""A workflow run with one model file and with another, and how far its pictures are from each other."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from wftools.errors import InputError
from wftools.folders import BUILT_IN, Folders
from wftools.tradeoff.probe import Probe, compared, ssim

SAMPLE = Path(__file__).parents[2] / "sample_workflows/txt2img.json"


def noise(seed: int, *shape: int) -> torch.Tensor:
    return torch.randint(0, 256, shape, generator=torch.Generator().manual_seed(seed)).float()


def test_the_figures_of_pictures_that_differ_by_one_in_every_pixel():
    one = torch.full((32, 32, 3), 100.0)

    report = compared("flow.json", [one, one], [one + 1, one - 1])

    assert (report.pictures, report.mean, report.largest) == (2, 1.0, 1.0)
    assert report.psnr == pytest.approx(48.1308, abs=1e-4)  # 20 log10(255)
    assert 0.999 < report.ssim < 1


def test_pictures_that_are_the_same_have_no_ratio():
    report = compared("flow.json", [noise(0, 32, 32, 3)], [noise(0, 32, 32, 3)])

    assert report.psnr is None
    assert report.ssim == pytest.approx(1)
    assert (report.mean, report.largest) == (0, 0)


def test_structure_is_told_from_brightness():
    picture = noise(0, 48, 48, 3)

    assert ssim(picture, picture * 0.9) > 0.95
    assert ssim(picture, noise(1, 48, 48, 3)) < 0.1
    assert ssim(picture, 255 - picture) < -0.9


def test_structure_in_the_middle_of_a_window_by_hand():
    """One window only, so that the weighted moments can be taken by numbers."""
    one, other = noise(0, 11, 11, 1), noise(1, 11, 11, 1)
    line = torch.exp(-((torch.arange(11.0).double() - 5) ** 2) / (2 * 1.5**2))
    weights = (line[:, None] * line[None]).reshape(-1)
    weights /= weights.sum()
    x, y = one.double().reshape(-1), other.double().reshape(-1)
    mx, my = (weights * x).sum(), (weights * y).sum()
    vx, vy = (weights * (x - mx) ** 2).sum(), (weights * (y - my) ** 2).sum()
    vxy = (weights * (x - mx) * (y - my)).sum()
    c1, c2 = 2.55**2, 7.65**2

    expected = (2 * mx * my + c1) * (2 * vxy + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))

    assert ssim(one, other) == pytest.approx(float(expected), abs=1e-9)


def test_a_workflow_that_loads_another_file_is_an_error(tmp_path):
    with pytest.raises(InputError, match=r"no loader names 'other\.safetensors'"):
        Probe(SAMPLE, tmp_path / "other.safetensors", Folders())


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """The sample workflow with two steps, in a small picture."""
    flow = json.loads(SAMPLE.read_text())
    for node in flow["nodes"]:
        if node["type"] == "KSampler":
            node["widgets_values"][2] = node["widgets_values_named"]["steps"] = 2
        if node["type"] == "EmptyLatentImage":
            node["widgets_values"][:2] = 64, 64
            node["widgets_values_named"] |= {"width": 64, "height": 64}
    path = tmp_path_factory.mktemp("quick") / "flow.json"
    path.write_text(json.dumps(flow))
    return path


@pytest.mark.slow  # runs the embedded model
def test_the_picture_of_the_same_weights_does_not_move(quick, tmp_path):
    same = tmp_path / "same.safetensors"
    same.write_bytes(BUILT_IN.read_bytes())

    report = Probe(quick, BUILT_IN, replace(Folders(), models=tmp_path)).against(same)

    assert (report.pictures, report.psnr, report.largest) == (1, None, 0)
    assert list(tmp_path.iterdir()) == [same]


@pytest.mark.slow
def test_the_picture_of_other_weights_does(quick, tmp_path):
    from safetensors.torch import load_file, save_file

    from wftools.weights.tensorfile import open_tensors

    weights = {name: tensor * 1.01 for name, tensor in load_file(BUILT_IN).items()}
    save_file(weights, tmp_path / "other.safetensors", dict(open_tensors(BUILT_IN).metadata))

    report = Probe(quick, BUILT_IN, Folders()).against(tmp_path / "other.safetensors")

    assert report.psnr is not None
    assert 10 < report.psnr < 45
    assert 0 < report.mean < report.largest


@pytest.mark.slow
def test_a_workflow_that_fails_with_the_other_file_says_why(quick, tmp_path):
    (tmp_path / "broken.safetensors").write_bytes(b"\x10\0\0\0\0\0\0\0{}")

    with pytest.raises(Exception, match=r"broken\.safetensors"):
        Probe(quick, BUILT_IN, Folders()).against(tmp_path / "broken.safetensors")
