"""Nodes for the images of data sets. Those that take lists take batches apart."""

from typing import TYPE_CHECKING, Annotated, Any, cast

from wftools.catalog.declare import IMAGE, IS_LIST, Float, Int, Socket, node

if TYPE_CHECKING:
    from torch import Tensor

Side = Annotated[int, Int(1, 8192)]
CellSide = Annotated[int, Int(32, 2048)]
Factor = Annotated[float, Float(0.0, 2.0)]
Seed = Annotated[int, Int(0, 2**64 - 1)]
ListOfImages = Annotated[list["Tensor"], Socket("IMAGE"), IS_LIST]
ListOfTexts = Annotated[list[str], Socket("STRING"), IS_LIST]


def _first(given: object) -> Any:
    """The value of a widget, which a node of lists is given as a list, too."""
    return cast("list[Any]", given)[0]


def _singles(images: object) -> "list[Tensor]":
    from wftools.imaging.collection import singles

    return singles(cast("list[Tensor]", images))


@node(
    "AdjustBrightness",
    category="image/adjustments",
    display_name="Adjust Brightness",
    outputs=("images",),
    experimental=True,
)
def adjust_brightness(*, images: IMAGE, factor: Factor = 1.0) -> IMAGE:
    """Every value times `factor`, clamped to 0..1."""
    return (images * factor).clamp(0, 1)


@node(
    "AdjustContrast",
    category="image/adjustments",
    display_name="Adjust Contrast",
    outputs=("images",),
    experimental=True,
)
def adjust_contrast(*, images: IMAGE, factor: Factor = 1.0) -> IMAGE:
    """Every value's distance from 0.5 times `factor`, clamped to 0..1."""
    return ((images - 0.5) * factor + 0.5).clamp(0, 1)


@node(
    "NormalizeImages",
    category="image/color",
    display_name="Normalize Image Colors",
    outputs=("images",),
    experimental=True,
)
def normalize_images(
    *,
    images: IMAGE,
    mean: Annotated[float, Float(0.0, 1.0)] = 0.5,
    std: Annotated[float, Float(0.001, 1.0)] = 0.5,
) -> IMAGE:
    """The distance of every value from the mean, in deviations."""
    return (images - mean) / std


@node(
    "CenterCropImages",
    category="image/transform",
    display_name="Crop Image (Center)",
    outputs=("images",),
    experimental=True,
)
def center_crop_images(*, images: IMAGE, width: Side = 512, height: Side = 512) -> IMAGE:
    """The middle of the images, in 8 bits."""
    from wftools.imaging.collection import center_crop

    return center_crop(images, width, height)


@node(
    "RandomCropImages",
    category="image/transform",
    display_name="Crop Image (Random)",
    outputs=("images",),
    experimental=True,
)
def random_crop_images(*, images: IMAGE, width: Side = 512, height: Side = 512, seed: Seed = 0) -> IMAGE:
    """A part of the images that the seed says, in 8 bits."""
    from wftools.imaging.collection import random_crop

    return random_crop(images, width, height, seed)


@node(
    "ResizeImagesByLongerEdge",
    category="image/transform",
    display_name="Resize Images by Longer Edge (DEPRECATED)",
    outputs=("images",),
    deprecated=True,
    experimental=True,
)
def resize_images_by_longer_edge(*, images: IMAGE, longer_edge: Side = 1024) -> IMAGE:
    """The images with a longer side of that length."""
    from wftools.imaging.collection import resize_to_edge

    return resize_to_edge(images, longer_edge, is_longer=True)


@node(
    "ResizeImagesByShorterEdge",
    category="image/transform",
    display_name="Resize Images by Shorter Edge (DEPRECATED)",
    outputs=("images",),
    deprecated=True,
    experimental=True,
)
def resize_images_by_shorter_edge(*, images: IMAGE, shorter_edge: Side = 512) -> IMAGE:
    """The images with a shorter side of that length."""
    from wftools.imaging.collection import resize_to_edge

    return resize_to_edge(images, shorter_edge, is_longer=False)


@node(
    "ImageDeduplication",
    category="image/batch",
    display_name="Deduplicate Images",
    is_input_list=True,
    outputs=("images",),
    experimental=True,
)
def image_deduplication(
    *, images: IMAGE, similarity_threshold: Annotated[float, Float(0.0, 1.0)] = 0.95
) -> ListOfImages:
    """The images without those that look like one before them."""
    from wftools.imaging.collection import distinct

    return distinct(_singles(images), _first(similarity_threshold))


@node(
    "ImageGrid",
    category="image/batch",
    display_name="Make Image Grid",
    is_input_list=True,
    outputs=("images",),
    experimental=True,
)
def image_grid(
    *,
    images: IMAGE,
    columns: Annotated[int, Int(1, 20)] = 4,
    cell_width: CellSide = 256,
    cell_height: CellSide = 256,
    padding: Annotated[int, Int(0, 50)] = 4,
) -> IMAGE:
    """The images of a list in the cells of one image."""
    from wftools.imaging.collection import grid

    return grid(_singles(images), *map(_first, (columns, cell_width, cell_height, padding)))


@node(
    "MergeImageLists",
    category="image/batch",
    display_name="Merge Image Lists (DEPRECATED)",
    is_input_list=True,
    outputs=("images",),
    deprecated=True,
    experimental=True,
)
def merge_image_lists(*, images: IMAGE) -> ListOfImages:
    """All images of a list, one by one."""
    return _singles(images)


@node(
    "ShuffleDataset",
    category="image/batch",
    display_name="Shuffle Images List",
    is_input_list=True,
    outputs=("images",),
    experimental=True,
)
def shuffle_dataset(*, images: IMAGE, seed: Seed = 0) -> ListOfImages:
    """The images of a list in an order that the seed says."""
    from wftools.imaging.collection import shuffled

    return shuffled(_singles(images), _first(seed))


@node(
    "ShuffleImageTextDataset",
    category="image/batch",
    display_name="Shuffle Pairs of Image-Text",
    is_input_list=True,
    outputs=("images", "texts"),
    experimental=True,
)
def shuffle_image_text_dataset(
    *, images: IMAGE, texts: Annotated[str, Socket("STRING", {"forceInput": True})], seed: Seed = 0
) -> tuple[ListOfImages, ListOfTexts]:
    """Batches of a list and their texts in one order, which the seed says."""
    from wftools.imaging.collection import shuffled

    batches, captions = cast("list[Tensor]", images), cast("list[str]", texts)
    return shuffled(batches, _first(seed)), shuffled(captions, _first(seed), len(batches))
