"""The same workflow with every model in ONNX, through the command line."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from tests.cli.process import wftools
from tests.seeded_models import shapes_of
from tests.weights_from_seed import weights_from_seed
from wftools.diffusion.networks.controlnet import ControlNet
from wftools.diffusion.networks.rrdb import Rrdb
from wftools.folders import BUILT_IN
from wftools.weights.families import recognise
from wftools.weights.networks.controlnet import ControlNetConfig
from wftools.weights.networks.upscaler import RrdbConfig
from wftools.weights.tensorfile import open_tensors

# Steps of 255. Seen were 1 in one of 10,000 values, and 1 in as many behind a control network and an upscaler.
LARGEST, SHARE = 2, 0.01


def prompt(model: str, clip: str, vae: str, control: str, upscaler: str) -> dict[str, Any]:
    """A picture that a control network has a say in, the same decoded again, and one twice as large."""
    nodes: dict[str, tuple[str, dict[str, Any]]] = {
        "model": ("UNETLoader", {"unet_name": model, "weight_dtype": "default"}),
        "clip": ("CLIPLoader", {"clip_name": clip, "type": "stable_diffusion"}),
        "vae": ("VAELoader", {"vae_name": vae}),
        "control": ("ControlNetLoader", {"control_net_name": control}),
        "upscaler": ("UpscaleModelLoader", {"model_name": upscaler}),
        "hint": ("EmptyImage", {"width": 128, "height": 96, "batch_size": 1, "color": 8405056}),
        "empty": ("EmptyLatentImage", {"width": 128, "height": 96, "batch_size": 2}),
        "text": ("CLIPTextEncode", {"clip": ["clip", 0], "text": "a medium (orange:1.2) diamond on green"}),
        "none": ("CLIPTextEncode", {"clip": ["clip", 0], "text": ""}),
        "both": (
            "ControlNetApplyAdvanced",
            {"positive": ["text", 0], "negative": ["none", 0], "control_net": ["control", 0], "image": ["hint", 0],
             "strength": 0.5, "start_percent": 0.0, "end_percent": 1.0},
        ),
        "sampled": (
            "KSampler",
            {"model": ["model", 0], "seed": 9, "steps": 6, "cfg": 5.0, "sampler_name": "euler", "scheduler": "normal",
             "denoise": 1.0, "positive": ["both", 0], "negative": ["both", 1], "latent_image": ["empty", 0]},
        ),
        "picture": ("VAEDecode", {"samples": ["sampled", 0], "vae": ["vae", 0]}),
        "latent": ("VAEEncode", {"pixels": ["picture", 0], "vae": ["vae", 0]}),
        "again": ("VAEDecode", {"samples": ["latent", 0], "vae": ["vae", 0]}),
        "larger": ("ImageUpscaleWithModel", {"upscale_model": ["upscaler", 0], "image": ["picture", 0]}),
        "one": ("SaveImage", {"images": ["picture", 0], "filename_prefix": "one"}),
        "two": ("SaveImage", {"images": ["again", 0], "filename_prefix": "two"}),
        "three": ("SaveImage", {"images": ["larger", 0], "filename_prefix": "three"}),
    }  # fmt: skip
    return {name: {"class_type": kind, "inputs": inputs} for name, (kind, inputs) in nodes.items()}


@pytest.mark.slow
def test_a_workflow_of_onnx_models_makes_the_same_pictures(tmp_path: Path) -> None:
    found = recognise(open_tensors(BUILT_IN))
    assert found is not None
    assert found.parts.network is not None
    encoder = replace(found.parts.network.config, output_depth=None)
    with torch.device("meta"):
        control, upscaler = (
            ControlNet(ControlNetConfig(encoder=encoder)),
            Rrdb(RrdbConfig(channels=8, growth=4, blocks=1)),
        )
    for kind in ("diffusion_models", "text_encoders", "vae", "controlnet", "upscale_models"):
        (tmp_path / "models" / kind).mkdir(parents=True)
    said = {
        "wftools.controlnet.head_dim": str(encoder.head_dim),
        "wftools.controlnet.group_width": str(encoder.group_width),
    }
    weights = weights_from_seed(shapes_of(control, "control_model."), 2)
    save_file(weights, tmp_path / "models/controlnet/c.safetensors", said)
    save_file(weights_from_seed(shapes_of(upscaler), 3), tmp_path / "models/upscale_models/u.safetensors")
    for source, out in (
        (str(BUILT_IN), "models/mini"),
        ("models/controlnet/c.safetensors", "models/controlnet/c.onnx"),
        ("models/upscale_models/u.safetensors", "models/upscale_models/u.onnx"),
    ):
        exported = wftools("model", "export-onnx", source, out, cwd=tmp_path)
        assert (exported.returncode, exported.stderr) == (0, "")
        assert "differs from torch by" in exported.stdout
    for kind in ("diffusion_models", "text_encoders", "vae"):
        (tmp_path / "models" / kind / "mini").symlink_to(tmp_path / "models/mini")
    plain = prompt(BUILT_IN.name, BUILT_IN.name, BUILT_IN.name, "c.safetensors", "u.safetensors")
    of_onnx = prompt(
        "mini/unet/model.onnx", "mini/text_encoder/model.onnx", "mini/vae_decoder/model.onnx", "c.onnx", "u.onnx"
    )

    for name, nodes in (("plain", plain), ("onnx", of_onnx)):
        (tmp_path / f"{name}.json").write_text(json.dumps(nodes))
        ran = wftools("run", f"{name}.json", "--output-dir", name, cwd=tmp_path)
        assert ran.returncode == 0, ran.stderr

    pictures = sorted(path.name for path in (tmp_path / "plain").glob("*.png"))
    assert len(pictures) == 6
    for picture in pictures:
        a, b = (np.asarray(Image.open(tmp_path / name / picture)).astype(int) for name in ("plain", "onnx"))
        assert a.std() > 5  # it is a picture
        assert abs(a - b).max() <= LARGEST
        assert (a != b).mean() <= SHARE
