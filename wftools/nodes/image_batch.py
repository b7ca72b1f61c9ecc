"""Nodes of the category "image/batch": put batches together and take them apart."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, cast

from wftools.catalog.declare import IMAGE, IS_LIST, Int, Socket, node
from wftools.catalog.dynamic import Autogrow
from wftools.memory import make_room
from wftools.nodes._widgets import MAX_RESOLUTION, Count

if TYPE_CHECKING:
    from torch import Tensor

Overlap = Annotated[int, Int(0, 4096)]
TileSide = Annotated[int, Int(64, MAX_RESOLUTION)]
FinalSide = Annotated[int, Int(64, 32768)]
ListOfImages = Annotated[list["Tensor"], Socket("IMAGE"), IS_LIST]
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


@node("RebatchImages", category="image/batch", display_name="Rebatch Images", is_input_list=True)
def rebatch_images(*, images: IMAGE, batch_size: Count = 1) -> ListOfImages:
    """The images of a list in batches of that size."""
    from wftools.imaging.batch import rebatch

    return rebatch(cast("list[Tensor]", images), cast("list[int]", batch_size)[0])


@node("SplitImageToTileList", category="image/batch", display_name="Split Image into List of Tiles")
def split_image_to_tile_list(
    *, image: IMAGE, tile_width: TileSide = 1024, tile_height: TileSide = 1024, overlap: Overlap = 128
) -> ListOfImages:
    """Overlapping parts of the images, row by row."""
    from wftools.imaging.tiles import split

    return split(image, tile_width, tile_height, overlap)


@node("ImageMergeTileList", category="image/batch", display_name="Merge List of Tiles to Image", is_input_list=True)
def image_merge_tile_list(
    *, image_list: IMAGE, final_width: FinalSide = 1024, final_height: FinalSide = 1024, overlap: Overlap = 128
) -> IMAGE:
    """The images whose parts these are, row by row; where they overlap they fade into each other."""
    from wftools.imaging.tiles import merge

    width, height, shared = (cast("list[int]", each)[0] for each in (final_width, final_height, overlap))
    return merge(cast("list[Tensor]", image_list), width, height, shared)
