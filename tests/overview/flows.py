"""Prompts that are short to write."""

from __future__ import annotations

import json
from typing import Any

from wftools.catalog.lookup import newest
from wftools.document import Document, read
from wftools.overview import Overview, overview

BASE: dict[str, Any] = {
    "model": ["CheckpointLoaderSimple", {"ckpt_name": "sd/base.safetensors"}],
    "latent": ["EmptyLatentImage", {"width": 512, "height": 768, "batch_size": 1}],
    "positive": ["CLIPTextEncode", {"text": "a fox", "clip": ["model", 1]}],
    "negative": ["CLIPTextEncode", {"text": "blurry", "clip": ["model", 1]}],
    "sampler": [
        "KSampler",
        {
            "seed": 5,
            "steps": 20,
            "cfg": 7.0,
            "sampler_name": "dpmpp_2m",
            "scheduler": "karras",
            "denoise": 1.0,
            "model": ["model", 0],
            "positive": ["positive", 0],
            "negative": ["negative", 0],
            "latent_image": ["latent", 0],
        },
    ],
    "decode": ["VAEDecode", {"samples": ["sampler", 0], "vae": ["model", 2]}],
    "save": ["SaveImage", {"images": ["decode", 0], "filename_prefix": "x"}],
}
"""A picture of a text, with names for ids: `[type, inputs]` by id."""


def prompt(changes: dict[str, Any], base: dict[str, Any] = BASE) -> dict[str, Any]:
    """The base as an API prompt, with other nodes, and with other inputs of its nodes: `{"sampler": {"seed": 1}}`."""
    nodes = {path: [kind, dict(inputs)] for path, (kind, inputs) in base.items()}
    for path, change in changes.items():
        if isinstance(change, dict):
            nodes[path][1] |= change
        else:
            nodes[path] = change
    return {path: {"class_type": kind, "inputs": inputs} for path, (kind, inputs) in nodes.items()}


def document(tree: Any, name: str = "flow.json") -> Document:
    return read(json.dumps(tree).encode(), name)


def seen(changes: dict[str, Any], base: dict[str, Any] = BASE) -> Overview:
    return overview(document(prompt(changes, base)), newest())
