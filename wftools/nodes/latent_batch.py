"""Nodes of the category model/latent/batch: put batches together and take them apart."""

from typing import Annotated

from wftools.catalog.declare import LATENT, OPTIONAL, Int, node
from wftools.nodes._widgets import MAX_RESOLUTION

Few = Annotated[int, Int(1, 64)]


@node("LatentFromBatch", category="model/latent/batch", display_name="Get Latent From Batch")
def latent_from_batch(
    *, samples: LATENT, batch_index: Annotated[int, Int(-MAX_RESOLUTION, MAX_RESOLUTION)] = 0, length: Few = 1
) -> LATENT:
    """Latents `batch_index` onwards, counted from the end if it is negative; each keeps its noise."""
    from wftools.diffusion.latent_arithmetic import taken

    return taken(samples, batch_index, length)


@node("RepeatLatentBatch", category="model/latent/batch", display_name="Repeat Latent Batch")
def repeat_latent_batch(*, samples: LATENT, amount: Few = 1) -> LATENT:
    """The whole batch, several times over."""
    from wftools.diffusion.latent_arithmetic import repeated

    return repeated(samples, amount)


@node("LatentBatch", category="model/latent/batch", display_name="Batch Latents (DEPRECATED)", deprecated=True)
def latent_batch(*, samples1: LATENT, samples2: LATENT) -> LATENT:
    """Two batches as one, the second at the size of the first."""
    from wftools.diffusion.latent_arithmetic import batched

    return batched(samples1, samples2)


@node("ReplaceVideoLatentFrames", category="model/latent/batch", display_name="Replace Video Latent Frames")
def replace_video_latent_frames(
    *,
    destination: LATENT,
    index: Annotated[int, Int(-MAX_RESOLUTION, MAX_RESOLUTION, step=1)] = 0,
    source: Annotated[LATENT | None, OPTIONAL] = None,
) -> LATENT:
    """A video with another one's frames from `index` on, counted from the end if it is negative."""
    from wftools.diffusion.latent_arithmetic import frames_replaced

    return destination if source is None else frames_replaced(destination, source, index)
