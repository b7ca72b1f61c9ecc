"""The workflows in sample_workflows/, on the embedded model: that they are in order, and paint what they say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor

from wftools.mini.judge import see, wrong
from wftools.mini.scene import PIXELS, Words

FOLDER = Path(__file__).parents[1] / "sample_workflows"
SAMPLES = sorted(path.stem for path in FOLDER.glob("*.json"))

# What the pictures show, by the beginning of their names.
PAINTED = {
    "txt2img": Words(shape="circle", colour="red", ground="blue"),
    "img2img": Words(shape="star", colour="green", size="large", place="center", ground="blue"),
    "batch": Words(shape="moon", colour="yellow", size="small", place="top right", ground="black"),
    "model_formats": Words(shape="heart", colour="red", size="large", place="center", ground="white"),
    "resize_and_crop/large": Words(shape="heart", colour="purple", size="large", place="center", ground="white"),
    "separate_loaders": Words(shape="diamond", colour="orange", size="medium", place="left", ground="green"),
    "subgraph/first": Words(shape="square", colour="blue", size="small", ground="yellow"),
    "subgraph/second": Words(shape="triangle", colour="green", size="large", ground="pink"),
    "wiring": Words(shape="cross", colour="pink", size="large", place="center", ground="black"),
}


def wftools(*arguments: object, cwd: Path, notes: str = "") -> str:
    """Run the command in a process, and give what it prints; `notes` is what it says besides."""
    done = subprocess.run(
        [sys.executable, "-m", "wftools", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, notes)
    return done.stdout


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which all samples ran, with the outputs of every node."""
    folder = tmp_path_factory.mktemp("samples")
    paths = [FOLDER / f"{name}.json" for name in SAMPLES]
    wftools("run", *paths, "--input-dir", FOLDER / "input", "--capture-dir", "captured", "--quiet", cwd=folder)
    return folder


def seen(path: Path) -> Words:
    """What the judge sees in a picture of any size."""
    with Image.open(path) as picture:
        small = picture.resize((PIXELS, PIXELS), Image.Resampling.BOX)
    return see(torch.tensor(list(small.tobytes()), dtype=torch.float32).view(PIXELS, PIXELS, 3) / 255)


def test_samples_are_clean_and_formatted() -> None:
    report = json.loads(wftools("lint", FOLDER, "--output-format", "json", "--fail-on", "info", cwd=FOLDER))
    assert report["findings"] == []
    wftools("fmt", "--check", "--strip", FOLDER, cwd=FOLDER, notes="0 files would change, 9 are fine\n")


@pytest.mark.parametrize("prefix", PAINTED)
def test_pictures_show_what_their_prompts_say(ran: Path, prefix: str) -> None:
    pictures = sorted((ran / "output").glob(f"{prefix}_*.png"))

    assert len(pictures) == (4 if prefix == "batch" else 1)
    for picture in pictures:
        assert not wrong(PAINTED[prefix], seen(picture)), picture


def test_a_negative_prompt_keeps_away_what_it_names(ran: Path) -> None:
    without, with_it = (seen(ran / f"output/negative_prompt/{name}_00001_.png") for name in ("without", "with"))

    assert without.colour == "red"
    assert with_it.colour != "red"
    assert with_it.shape == without.shape == "star"


def test_a_crop_is_the_middle_of_the_large_picture(ran: Path) -> None:
    with (
        Image.open(ran / "output/resize_and_crop/large_00001_.png") as large,
        Image.open(ran / "output/resize_and_crop/cropped_00001_.png") as cropped,
    ):
        assert large.size == (384, 384)
        assert cropped.tobytes() == large.crop((0, 96, 384, 288)).tobytes()


def captured(folder: Path, name: str) -> dict[str, Tensor]:
    return load_file(folder / "captured" / f"{name}.safetensors")


@pytest.mark.parametrize(
    "name", ["wiring", *(pytest.param(name, marks=pytest.mark.slow) for name in ("img2img", "subgraph"))]
)
def test_every_form_of_a_workflow_gives_the_same_tensors(ran: Path, tmp_path: Path, name: str) -> None:
    """As the editor saved it, as the prompt that its export makes, and embedded in the picture that it painted."""
    output = ran / "output"
    picture = next(path for path in sorted(output.rglob("*.png")) if name in str(path.relative_to(output)))
    wftools("convert", FOLDER / f"{name}.json", "--to", "api", "-o", tmp_path / "prompt.json", cwd=tmp_path)

    for form, source, options in (
        ("prompt", tmp_path / "prompt.json", ()),
        (picture.stem, picture, ("--from", "workflow")),
        (picture.stem, picture, ("--from", "prompt")),
    ):
        wftools(
            "run",
            source,
            *options,
            "--input-dir",
            FOLDER / "input",
            "--capture-dir",
            "captured",
            "--quiet",
            cwd=tmp_path,
        )
        expected, got = captured(ran, name), captured(tmp_path, form)
        assert got.keys() == expected.keys()
        assert all(torch.equal(got[key], expected[key]) for key in expected)
