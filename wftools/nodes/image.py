"""Nodes of the category "image": load, save, make, measure."""

from typing import Annotated, Any, Final

from wftools.catalog.declare import (
    CONTEXT,
    EXTRA_PNGINFO,
    IMAGE,
    INT,
    MASK,
    PROMPT,
    STRING,
    UNIQUE_ID,
    Socket,
    choice,
    files,
    node,
)
from wftools.catalog.signature import COMBO
from wftools.memory import make_room
from wftools.nodes._files import content_of
from wftools.nodes._widgets import Color, Count, Pixels

PictureFile = Annotated[str, files("input:image", listed=True, image_upload=True)]

# ComfyUI's web editor asks the server for the names of saved pictures, which are many.
OutputFile = Annotated[
    str,
    Socket(
        COMBO,
        {
            "image_upload": True,
            "image_folder": "output",
            "remote": {
                "route": "/internal/files/output",
                "refresh_button": True,
                "control_after_refresh": "first",
            },
        },
    ),
]

_CHANNELS: Final = ("alpha", "red", "green", "blue")


def size_of(images: Any) -> tuple[int, int]:
    """Width and height of the images of a batch, for the names of their files."""
    return images.shape[2], images.shape[1]


@node("LoadImage", category="image", display_name="Load Image", changed=content_of("image"))
def load_image(*, image: PictureFile, context: CONTEXT) -> tuple[IMAGE, MASK]:
    """Decode a picture file, every frame of it.

    Returns image (B, H, W, 3) and mask (B, H, W) = 1 - alpha; without alpha the mask is 64 x 64 zeros.
    """
    from wftools.imaging.load import load

    return load(context.folders.file(image))


@node("LoadImageMask", category="image", display_name="Load Image (as Mask)", changed=content_of("image"))
def load_image_mask(
    *, image: PictureFile, channel: Annotated[str, choice(_CHANNELS, listed=True)], context: CONTEXT
) -> MASK:
    """Decode one channel of a picture file as a mask (B, H, W); alpha as LoadImage's mask."""
    from wftools.imaging.load import load

    picture = load(context.folders.file(image))
    return picture.mask if channel == "alpha" else picture.image[..., _CHANNELS.index(channel) - 1]


@node(
    "LoadImageOutput",
    category="image",
    display_name="Load Image (from Outputs)",
    experimental=True,
    changed=content_of("image"),
)
def load_image_output(*, image: OutputFile, context: CONTEXT) -> tuple[IMAGE, MASK]:
    """Decode a picture file as LoadImage does; the name of one that was saved before ends in ` [output]`."""
    return load_image(image=image, context=context)


@node("SaveImage", category="image", display_name="Save Image", output_node=True, outputs=("images",))
def save_image(
    *,
    images: IMAGE,
    filename_prefix: STRING = "ComfyUI",
    prompt: PROMPT = None,
    extra_pnginfo: EXTRA_PNGINFO = None,
    context: CONTEXT,
) -> IMAGE:
    """Write each image as a PNG into the output folder, the workflow in its metadata. Returns the images."""
    from wftools.imaging.save import at_least_one, png

    texts = context.provenance(prompt, extra_pnginfo)
    contents = (png(image, texts) for image in at_least_one(images))
    context.write(filename_prefix, "_.png", contents, size=size_of(images))
    return images


@node("PreviewImage", category="image", display_name="Preview Image", output_node=True, outputs=("images",))
def preview_image(
    *, images: IMAGE, prompt: PROMPT = None, extra_pnginfo: EXTRA_PNGINFO = None, context: CONTEXT
) -> IMAGE:
    """Write each image as a PNG into the temp folder. Returns the images."""
    from wftools.imaging.save import FAST, at_least_one, png

    texts = context.provenance(prompt, extra_pnginfo)
    contents = (png(image, texts, FAST) for image in at_least_one(images))
    context.write(context.preview_prefix(), "_.png", contents, area="temp")
    return images


@node("EmptyImage", category="image", display_name="Empty Image")
def empty_image(
    *,
    width: Pixels = 512,
    height: Pixels = 512,
    batch_size: Count = 1,
    color: Color = 0,
) -> IMAGE:
    """Images of one colour, 0xRRGGBB."""
    import torch

    make_room("the images", batch_size, height, width, 3)
    pixel = torch.tensor([color >> 16 & 0xFF, color >> 8 & 0xFF, color & 0xFF]) / 0xFF
    return pixel.expand(batch_size, height, width, 3).contiguous()


@node("GetImageSize", category="image", display_name="Get Image Size", outputs=("width", "height", "batch_size"))
def get_image_size(
    *,
    image: IMAGE,
    unique_id: UNIQUE_ID = "",  # noqa: ARG001  # ComfyUI writes the size on the node of that id
) -> tuple[INT, INT, INT]:
    """How wide and high the images of a batch are, and how many."""
    count, height, width = image.shape[:3]
    return width, height, count
