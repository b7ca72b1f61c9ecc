"""The paragraph that other picture tools read."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.overview.flows import BASE, document, prompt
from wftools.overview import overview
from wftools.overview.files import Seen
from wftools.overview.reporters.parameters import render

# How the web UI of AUTOMATIC1111 splits the last line of the paragraph.
PARAMETER = re.compile(r'\s*(\w[\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)')


def paragraph(changes: dict[str, Any]) -> str:
    (text,) = render([Seen("flow.json", overview(document(prompt(changes))))])
    return str(text)


def fields(changes: dict[str, Any]) -> dict[str, str]:
    found = PARAMETER.findall(paragraph(changes).splitlines()[-1])
    return {name: json.loads(value) if value.startswith('"') else value for name, value in found}


SECOND = {**BASE["sampler"][1], "latent_image": ["large", 0], "denoise": 0.4, "steps": 12}
LARGE = {"samples": ["sampler", 0], "upscale_method": "area", "scale_by": 1.5}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, {"Steps": "20", "Sampler": "DPM++ 2M Karras", "Schedule type": "Karras", "CFG scale": "7", "Seed": "5",
              "Size": "512x768", "Model": "base", "Version": "ComfyUI"}),
        ({"sampler": {"sampler_name": "uni_pc", "scheduler": "beta"}}, {"Sampler": "UniPC", "Schedule type": "Beta"}),
        ({"sampler": {"sampler_name": "dpmpp_2m_sde_gpu", "scheduler": "exponential"}},
         {"Sampler": "DPM++ 2M SDE Exponential"}),
        ({"sampler": {"sampler_name": "res_multistep", "scheduler": "beta57"}},
         {"Sampler": "res_multistep", "Schedule type": "beta57"}),
        ({"model": {"ckpt_name": 'sd/a, "b": c.safetensors'}}, {"Model": 'a, "b": c'}),
        ({"vae": ["VAELoader", {"vae_name": "fine.pt"}], "decode": {"vae": ["vae", 0]}}, {"VAE": "fine"}),
        ({"sampler": {"denoise": 0.5}}, {"Denoising strength": "0.5"}),
        ({"skip": ["CLIPSetLastLayer", {"clip": ["model", 1], "stop_at_clip_layer": -2}],
          "positive": {"clip": ["skip", 0]}}, {"Clip skip": "2"}),
        ({"large": ["LatentUpscaleBy", LARGE], "second": ["KSampler", SECOND], "decode": {"samples": ["second", 0]}},
         {"Size": "512x768", "Denoising strength": "0.4", "Hires upscale": "1.5", "Hires steps": "12"}),
    ],
)  # fmt: skip
def test_a_setting_is_told_as_there(changes, told):
    found = fields(changes)

    assert {name: found.get(name) for name in told} == told


def test_models_are_told_with_the_hash_that_the_file_knows():
    digest = "0123456789abcdef" * 4
    node = {
        "id": 1,
        "type": "CheckpointLoaderSimple",
        "outputs": [{"name": "MODEL", "type": "MODEL", "links": [1]}],
        "widgets_values": ["base.safetensors"],
        "properties": {"models": [{"name": "base.safetensors", "hash": digest, "hash_type": "SHA256"}]},
    }
    sampler = {
        "id": 2,
        "type": "KSampler",
        "inputs": [{"name": "model", "type": "MODEL", "link": 1}],
        "outputs": [{"name": "LATENT", "type": "LATENT", "links": [2]}],
        "widgets_values": [5, "fixed", 20, 7, "euler", "normal", 1],
    }
    save = {"id": 3, "type": "SaveLatent", "inputs": [{"name": "samples", "type": "LATENT", "link": 2}]}
    tree = {
        "nodes": [node, sampler, save],
        "links": [[1, 1, 0, 2, 0, "MODEL"], [2, 2, 0, 3, 0, "LATENT"]],
        "version": 0.4,
    }

    (text,) = render([Seen("flow.json", overview(document(tree)))])

    assert f"Model hash: {digest[:10]}, Model: base" in text


def test_a_lora_of_the_prompt_is_told_once():
    text = "x <lora:fur:0.3>"
    encode = {"model": ["model", 0], "clip": ["model", 1], "wildcard_text": text, "populated_text": text, "seed": 1}
    changes = {"wild": ["ImpactWildcardEncode", encode], "sampler": {"model": ["wild", 0], "positive": ["wild", 2]}}

    assert paragraph(changes).splitlines()[0] == text


def test_outputs_made_alike_are_one_paragraph():
    changes = {
        "half": ["ImageScaleBy", {"image": ["decode", 0], "upscale_method": "area", "scale_by": 0.5}],
        "preview": ["PreviewImage", {"images": ["half", 0]}],
    }

    assert paragraph(changes).count("Steps:") == 1
