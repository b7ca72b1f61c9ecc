"""Empty latents of other families: a sampler makes them its model's, so that any of them is a canvas for any model."""

from typing import TYPE_CHECKING, Annotated

from wftools.catalog.declare import LATENT, Int, node
from wftools.memory import make_room
from wftools.nodes._widgets import MAX_RESOLUTION, Count
from wftools.values import Latent

if TYPE_CHECKING:
    from torch import Tensor

Side = Annotated[int, Int(16, MAX_RESOLUTION, step=16)]


@node("EmptySD3LatentImage", category="model/latent/stable diffusion")
def empty_sd3_latent_image(*, width: Side = 1024, height: Side = 1024, batch_size: Count = 1) -> LATENT:
    """Zeros of 16 channels, an eighth of the pixels along each side."""
    return Latent(_zeros(batch_size, 16, height // 8, width // 8), downscale_ratio_spacial=8)


@node("EmptyMochiLatentVideo", category="model/latent/mochi")
def empty_mochi_latent_video(
    *,
    width: Side = 848,
    height: Side = 480,
    length: Annotated[int, Int(7, MAX_RESOLUTION, step=6)] = 25,
    batch_size: Count = 1,
) -> LATENT:
    """Zeros of 12 channels; a latent frame for every six after the first."""
    return Latent(_zeros(batch_size, 12, (length - 1) // 6 + 1, height // 8, width // 8))


@node("EmptyCosmosLatentVideo", category="model/latent/cosmos")
def empty_cosmos_latent_video(
    *,
    width: Side = 1280,
    height: Side = 704,
    length: Annotated[int, Int(1, MAX_RESOLUTION, step=8)] = 121,
    batch_size: Count = 1,
) -> LATENT:
    """Zeros of 16 channels; a latent frame for every eight after the first."""
    return Latent(_zeros(batch_size, 16, (length - 1) // 8 + 1, height // 8, width // 8))


@node("EmptyHunyuanLatentVideo", category="model/latent/hunyuan video", display_name="Empty HunyuanVideo 1.0 Latent")
def empty_hunyuan_latent_video(
    *,
    width: Side = 848,
    height: Side = 480,
    length: Annotated[int, Int(1, MAX_RESOLUTION, step=4)] = 25,
    batch_size: Count = 1,
) -> LATENT:
    """Zeros of 16 channels; a latent frame for every four after the first."""
    return Latent(_zeros(batch_size, 16, (length - 1) // 4 + 1, height // 8, width // 8), downscale_ratio_spacial=8)


@node("EmptyARVideoLatent", category="model/latent/autoregressive")
def empty_ar_video_latent(
    *,
    width: Annotated[int, Int(16, 8192, step=16)] = 832,
    height: Annotated[int, Int(16, 8192, step=16)] = 480,
    length: Annotated[int, Int(1, 1024, step=4)] = 81,
    batch_size: Annotated[int, Int(1, 64)] = 1,
) -> LATENT:
    """Zeros of 16 channels; a latent frame for every four after the first."""
    return Latent(_zeros(batch_size, 16, (length - 1) // 4 + 1, height // 8, width // 8))


@node("StableCascade_EmptyLatentImage", category="model/latent/stable cascade", outputs=("stage_c", "stage_b"))
def stable_cascade_empty_latent_image(
    *,
    width: Annotated[int, Int(256, MAX_RESOLUTION, step=8)] = 1024,
    height: Annotated[int, Int(256, MAX_RESOLUTION, step=8)] = 1024,
    compression: Annotated[int, Int(4, 128, step=1)] = 42,
    batch_size: Count = 1,
) -> tuple[LATENT, LATENT]:
    """The two latents of Stable Cascade: 16 channels at the compression asked for, and 4 at a quarter of the pixels."""
    return (
        Latent(_zeros(batch_size, 16, height // compression, width // compression)),
        Latent(_zeros(batch_size, 4, height // 4, width // 4)),
    )


def _zeros(*shape: int) -> "Tensor":
    import torch

    make_room("the latents", *shape)
    return torch.zeros(*shape)
