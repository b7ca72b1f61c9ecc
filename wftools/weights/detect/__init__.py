"""What a model file holds, from names, shapes and metadata. No torch, and no tensor data unless only values tell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Generic, Literal, Protocol, TypeVar

from wftools.weights.detect.clip_text import ClipTextConfig, infer_clip_text
from wftools.weights.detect.declared import declared
from wftools.weights.detect.unet import UNetConfig, infer_unet
from wftools.weights.detect.vae import VaeConfig, infer_vae

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.weights.detect.shapes import Shapes
    from wftools.weights.tensorfile import TensorFile

Config_co = TypeVar("Config_co", covariant=True)
Family = Literal["sd1", "sd2", "sdxl", "sdxl_refiner"]

# Where a network's tensors stand: in a checkpoint, or alone in a file of its own. The first that fits is taken.
UNET_PREFIXES: Final = ("model.diffusion_model.", "")
VAE_PREFIXES: Final = ("first_stage_model.", "")
CLIP_L_PREFIXES: Final = (
    "cond_stage_model.transformer.text_model.",
    "cond_stage_model.transformer.",  # saved from a transformers version that has no `text_model`
    "text_model.",
    "",
)


@dataclass(frozen=True, slots=True)
class Part(Generic[Config_co]):
    """One network in a file: how it is built, and its tensors under the names that the network gives them."""

    config: Config_co
    tensors: TensorFile


class Infer(Protocol[Config_co]):
    """How a network's config is read off names and shapes, and off fields that they do not show."""

    def __call__(self, shapes: Shapes, hidden: Mapping[str, int], /) -> Config_co | None:
        """None if the network is not there."""
        ...


@dataclass(frozen=True, slots=True)
class Contents:
    """The networks that a file holds."""

    unet: Part[UNetConfig] | None = None
    vae: Part[VaeConfig] | None = None
    texts: Mapping[str, Part[ClipTextConfig]] = field(default_factory=dict)  # "clip_l" -> text encoder

    @property
    def family(self) -> Family | None:
        """Which family the diffusion network belongs to; None if there is none in the file."""
        return family_of(self.unet.config) if self.unet else None


def detect(file: TensorFile) -> Contents:
    """Find the networks in a file. Raises InputError if one is there that cannot be built."""
    with file.blamed():
        clip_l = _part(file, "clip_l", CLIP_L_PREFIXES, infer_clip_text)
        return Contents(
            unet=_part(file, "unet", UNET_PREFIXES, infer_unet),
            vae=_part(file, "vae", VAE_PREFIXES, infer_vae),
            texts={"clip_l": clip_l} if clip_l else {},
        )


def family_of(config: UNetConfig) -> Family:
    """The family of a UNet. SD1 alone projects with convolutions; the SDXL ones have no attention at full size."""
    if not config.linear_projection:
        return "sd1"
    if config.transformer_depth[0] > 0:
        return "sd2"
    return "sdxl" if config.transformer_depth[-1] > 0 else "sdxl_refiner"


def _part(file: TensorFile, network: str, prefixes: tuple[str, ...], infer: Infer[Config_co]) -> Part[Config_co] | None:
    hidden = declared(file.metadata, network)
    for tensors in map(file.below, prefixes):
        config = infer(tensors.shapes, hidden)
        if config is not None:
            return Part(config, tensors)
    return None
