"""Names of types, and classes that packs annotate their nodes with."""

from enum import Enum


class IO(str, Enum):
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
    LORA_MODEL = "LORA_MODEL"
    LOSS_MAP = "LOSS_MAP"
    CLIP_VISION = "CLIP_VISION"
    CLIP_VISION_OUTPUT = "CLIP_VISION_OUTPUT"
    STYLE_MODEL = "STYLE_MODEL"
    GLIGEN = "GLIGEN"
    UPSCALE_MODEL = "UPSCALE_MODEL"
    AUDIO = "AUDIO"
    WEBCAM = "WEBCAM"
    POINT = "POINT"
    FACE_ANALYSIS = "FACE_ANALYSIS"
    BBOX = "BBOX"
    SEGS = "SEGS"
    VIDEO = "VIDEO"
    ANY = "*"
    NUMBER = "FLOAT,INT"
    PRIMITIVE = "STRING,FLOAT,INT,BOOLEAN"


class RemoteInputOptions(dict):
    """Where the editor asks for choices."""


class InputTypeOptions(dict):
    """What stands beside a type."""


class HiddenInputTypeDict(dict):
    """Inputs that the executor fills in."""


class InputTypeDict(dict):
    """What INPUT_TYPES gives."""


class ComfyNodeABC:
    """A node class."""

    DESCRIPTION = ""
    CATEGORY = ""
    EXPERIMENTAL = False
    DEPRECATED = False
    API_NODE = False


class CheckLazyMixin:
    """A node that asks for every lazy input that it has not got."""

    def check_lazy_status(self, **inputs):
        """The inputs that are not there yet."""
        return [name for name, value in inputs.items() if value is None]


FileLocator = dict
