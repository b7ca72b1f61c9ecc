"""Names for types of inputs, and the base class that packs annotate their nodes with."""

from __future__ import annotations

from abc import ABC
from enum import StrEnum
from typing import Any, TypedDict


class IO(StrEnum):
    """Types of inputs and outputs."""

    STRING = "STRING"
    IMAGE = "IMAGE"
    MASK = "MASK"
    LATENT = "LATENT"
    BOOLEAN = "BOOLEAN"
    INT = "INT"
    FLOAT = "FLOAT"
    COMBO = "COMBO"
    CONDITIONING = "CONDITIONING"
    SAMPLER = "SAMPLER"
    SIGMAS = "SIGMAS"
    GUIDER = "GUIDER"
    NOISE = "NOISE"
    CLIP = "CLIP"
    CONTROL_NET = "CONTROL_NET"
    VAE = "VAE"
    MODEL = "MODEL"
    CLIP_VISION = "CLIP_VISION"
    CLIP_VISION_OUTPUT = "CLIP_VISION_OUTPUT"
    STYLE_MODEL = "STYLE_MODEL"
    GLIGEN = "GLIGEN"
    UPSCALE_MODEL = "UPSCALE_MODEL"
    AUDIO = "AUDIO"
    VIDEO = "VIDEO"
    WEBCAM = "WEBCAM"
    ANY = "*"
    NUMBER = "FLOAT,INT"
    PRIMITIVE = "STRING,FLOAT,INT,BOOLEAN"


class InputTypeDict(TypedDict, total=False):
    """What INPUT_TYPES gives."""

    required: dict[str, Any]
    optional: dict[str, Any]
    hidden: dict[str, Any]


class ComfyNodeABC(ABC):  # noqa: B024  (packs say of their classes that they are nodes)
    """A node class."""

    DESCRIPTION: str = ""
    CATEGORY: str = ""
    EXPERIMENTAL: bool = False
    DEPRECATED: bool = False


class CheckLazyMixin:
    """A node that asks for every lazy input that it has not got."""

    def check_lazy_status(self, **inputs: Any) -> list[str]:
        """The inputs that are not there yet."""
        return [name for name, value in inputs.items() if value is None]


FileLocator = dict[str, str]
