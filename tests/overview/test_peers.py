"""What sd-parsers reads in a picture of ComfyUI, and in our paragraph of parameters, is what we tell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.overview.flows import BASE, document, prompt
from tests.overview.pictures import picture
from wftools.convert.to_api import to_api
from wftools.document import read
from wftools.graph import build
from wftools.overview import Pass, overview
from wftools.overview.files import Seen
from wftools.overview.reporters.parameters import render, stem

sd_parsers = pytest.importorskip("sd_parsers")

SAMPLES = sorted((Path(__file__).parents[2] / "sample_workflows").glob("*.json"))


def passes(path: Path) -> dict[str, Pass]:
    found: dict[str, Pass] = {each.node.path: each for output in overview(read(path)).outputs for each in output.passes}
    assert found
    return found


def peer(path: Path) -> Any:
    return sd_parsers.ParserManager().parse(path)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_the_samplers_of_a_picture(path: Path, tmp_path: Path) -> None:
    given = read(path)
    file = picture(tmp_path / "x.png", workflow=given.text, prompt=to_api(build(given)).prompt)

    ours = passes(file)

    theirs = {each.sampler_id: each for each in peer(file).samplers}
    assert theirs.keys() == ours.keys()
    for node, sampler in theirs.items():
        settings = ours[node].settings
        named = {"cfg_scale": "cfg", "seed": "seed", "steps": "steps", "scheduler": "scheduler", "denoise": "denoise"}
        assert {key: settings[name] for key, name in named.items()} == sampler.parameters
        assert settings["sampler"] == sampler.name
        for side, texts in ((ours[node].positive, sampler.prompts), (ours[node].negative, sampler.negative_prompts)):
            assert [each.text for each in side] == [each.value for each in texts if each.value]
        if sampler.model is not None:  # it knows checkpoints alone
            assert sampler.model.name in [each.name for each in ours[node].models]


LORA = {"model": ["model", 0], "lora_name": "a/fur.safetensors", "strength_model": 0.8}


@pytest.mark.parametrize(
    ("changes", "positive", "sampler"),
    [
        ({}, "a fox", "DPM++ 2M Karras"),
        ({"sampler": {"sampler_name": "euler_ancestral", "scheduler": "normal"}}, "a fox", "Euler a"),
        ({"positive": {"text": "a fox, red: old\nin snow"}}, "a fox, red: old\nin snow", "DPM++ 2M Karras"),
        (
            {"lora": ["LoraLoaderModelOnly", LORA], "sampler": {"model": ["lora", 0]}},
            "a fox <lora:fur:0.8>",
            "DPM++ 2M Karras",
        ),
    ],
)
def test_the_paragraph_of_parameters(changes: dict[str, Any], positive: str, sampler: str, tmp_path: Path) -> None:
    seen = overview(document(prompt(changes, BASE)))
    (text,) = render([Seen("flow.json", seen)])

    read_back = peer(picture(tmp_path / "x.png", parameters=text))

    (found,) = read_back.samplers
    (model,) = (each.name for each in seen.outputs[0].models if each.kind == "checkpoints")
    assert str(read_back.generator.value) == "AUTOMATIC1111"
    assert [each.value for each in found.prompts] == [positive]
    assert [each.value for each in found.negative_prompts] == ["blurry"]
    assert found.name == sampler
    assert {key: found.parameters[key] for key in ("steps", "cfg_scale", "seed")} == {
        "steps": "20",
        "cfg_scale": "7",
        "seed": "5",
    }
    assert found.model.name == stem(model)
