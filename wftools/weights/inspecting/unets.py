"""Which of Stable Diffusion's families a UNet is of: `weights.families` says it, sizes and a few values say more."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from wftools.weights.families import recognise
from wftools.weights.inspecting.known.denoisers import FAMILIES
from wftools.weights.inspecting.values import numbers_of
from wftools.weights.networks.unet import UNetConfig

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.weights.networks import Part
    from wftools.weights.tensorfile import TensorFile

# Transformer blocks of each level, on the way down: SDXL's and those that were distilled from it.
_DISTILLED: Final[Mapping[tuple[int, ...], str]] = {
    (0, 2, 4): "SSD-1B",
    (0, 1, 2): "Vega",
    (0, 2, 5): "KOALA 700M",
    (0, 2, 6): "KOALA 1B",
}
_XL_WIDTH: Final = 320
_KOLORS: Final = 5632  # what Kolors is told beside the text; SDXL is told 2816 numbers
_TELLING: Final = "output_blocks.11.1.transformer_blocks.0.norm1.bias"
_SPREAD_OF_VELOCITY: Final = 0.09  # as `diffusion.families.sd2` tells it, and ComfyUI


def family_of_unet(file: TensorFile) -> tuple[str, str]:
    """The family of the UNet in a file and its variant; empty where nothing tells. Raises InputError."""
    found = recognise(file)
    if found is None or found.parts.network is None:
        return "", ""
    network = found.parts.network
    unet = network.config if isinstance(network.config, UNetConfig) else network.config.unet
    variants = [_inputs(found.family, unet), _build(found.family, unet), _prediction(found.family, file, network)]
    return FAMILIES[found.family], ", ".join(each for each in variants if each)


def _inputs(family: str, unet: UNetConfig) -> str:
    """What it sees beside the latent."""
    if family not in {"sd1", "sd2", "sdxl"} or unet.out_channels != 4:
        return ""
    return {8: "ip2p", 9: "inpainting"}.get(
        unet.in_channels, "depth" if family == "sd2" and unet.in_channels == 5 else ""
    )


def _build(family: str, unet: UNetConfig) -> str:
    if family != "sdxl" or unet.model_channels != _XL_WIDTH:
        return ""
    return "of Kolors" if unet.pooled_dim == _KOLORS else _DISTILLED.get(unet.transformer_depth, "")


def _prediction(family: str, file: TensorFile, network: Part[UNetConfig]) -> str:
    """Whether it predicts the noise or the velocity, where the file tells."""
    if family == "sdxl":
        return (
            "v-prediction" if any(name in file.tensors for name in ("v_pred", "model.diffusion_model.v_pred")) else ""
        )
    if (
        family != "sd2"
        or network.config.in_channels != network.config.out_channels
        or _TELLING not in network.tensors.tensors
    ):
        return ""
    values = numbers_of(network.tensors, _TELLING)
    if not values:
        return ""
    mean = math.fsum(values) / len(values)
    spread = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / len(values))
    return "v-prediction" if spread > _SPREAD_OF_VELOCITY else "eps-prediction"
