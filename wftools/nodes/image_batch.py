"""Nodes of the category "image/batch": put batches together and take them apart."""

from collections.abc import Mapping
from typing import Annotated, Any

from wftools.catalog.declare import IMAGE, Int, node
from wftools.catalog.dynamic import Autogrow
from wftools.memory import make_room
from wftools.nodes._widgets import MAX_RESOLUTION, Count

Images = Annotated[Mapping[str, Any], Autogrow({"image": IMAGE}, least=1, most=50)]


@node("ImageBatch", category="image/batch", display_name="Batch Images (DEPRECATED)", deprecated=True)
def image_batch(*, image1: IMAGE, image2: IMAGE) -> IMAGE:
    """Two batches as one, the second at the size of the first."""
    from wftools.imaging.batch import batch

    return batch((image1, image2))


@node("BatchImagesNode", category="image/batch", display_name="Batch Images")
def batch_images_node(*, images: Images) -> IMAGE:
    """All batches as one, at the size of the first."""
    from wftools.imaging.batch import batch

    return batch(tuple(images.values()))


@node("RepeatImageBatch", category="image/batch", display_name="Repeat Image Batch")
def repeat_image_batch(*, image: IMAGE, amount: Count = 1) -> IMAGE:
    """The whole batch, several times over."""
    make_room("the images", amount, *image.shape)
    return image.repeat(amount, 1, 1, 1)


@node("ImageFromBatch", category="image/batch", display_name="Get Image from Batch")
def image_from_batch(
    *, image: IMAGE, batch_index: Annotated[int, Int(-MAX_RESOLUTION, MAX_RESOLUTION)] = 0, length: Count = 1
) -> IMAGE:
    """Images `batch_index` onwards, counted from the end if it is negative; as many as there are, but at least one."""
    count = len(image)
    first = min(max(batch_index + count if batch_index < 0 else batch_index, 0), count - 1)
    return image[first : first + length]
