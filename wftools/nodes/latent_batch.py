"""Nodes of the category model/latent/batch: put batches together and take them apart."""

from collections.abc import Mapping
from typing import Annotated, Any, cast

from wftools.catalog.declare import IS_LIST, LATENT, OPTIONAL, Int, Socket, node
from wftools.catalog.dynamic import Autogrow
from wftools.nodes._widgets import MAX_RESOLUTION, Count
from wftools.values import Latent

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


@node("BatchLatentsNode", category="model/latent/batch", display_name="Batch Latents")
def batch_latents_node(
    *, latents: Annotated[Mapping[str, Any], Autogrow({"latent": LATENT}, least=1, most=50)]
) -> LATENT:
    """All batches as one, at the size of the first."""
    from wftools.diffusion.latent_arithmetic import batched

    return batched(*latents.values())


@node("RebatchLatents", category="model/latent/batch", display_name="Rebatch Latents", is_input_list=True)
def rebatch_latents(*, latents: LATENT, batch_size: Count = 1) -> Annotated[list[Latent], Socket("LATENT"), IS_LIST]:
    """The latents of a list in batches of that size."""
    from wftools.diffusion.latent_arithmetic import rebatched

    return rebatched(cast("list[Latent]", latents), cast("list[int]", batch_size)[0])


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
