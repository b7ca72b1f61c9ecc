"""More nodes of the category "image" that write pictures: other formats, animations, comparisons, drawings."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from wftools.catalog.declare import (
    BOOLEAN,
    CONTEXT,
    EXTRA_PNGINFO,
    IMAGE,
    OPTIONAL,
    PROMPT,
    STRING,
    SVG,
    Float,
    Int,
    Socket,
    choice,
    node,
)
from wftools.catalog.dynamic import DynamicCombo
from wftools.errors import RunError
from wftools.nodes.image import size_of
from wftools.values import Svg

_METHODS: Final = {"default": 4, "fastest": 0, "slowest": 6}  # how hard WebP tries

Fps = Annotated[float, Float(0.01, 1000.0, step=0.01)]
Format = Annotated[
    Mapping[str, Any],
    DynamicCombo(
        {
            "png": {
                "bit_depth": choice(("8-bit", "16-bit"), default="8-bit"),
                "input_color_space": choice(("sRGB",), default="sRGB"),
            },
            "exr": {
                "bit_depth": choice(("32-bit float",), default="32-bit float"),
                "input_color_space": choice(("sRGB", "HDR", "linear"), default="sRGB"),
            },
        }
    ),
]


@node(
    "SaveImageAdvanced", category="image", display_name="Save Image (Advanced)", output_node=True, outputs=("images",)
)
def save_image_advanced(
    *,
    images: IMAGE,
    filename_prefix: STRING = "ComfyUI",
    format: Format,  # noqa: A002  (ComfyUI's name)
    prompt: PROMPT = None,
    extra_pnginfo: EXTRA_PNGINFO = None,
    context: CONTEXT,
) -> IMAGE:
    """Write each image as a PNG of 8 or 16 bits, or as OpenEXR, whose light is linear. Returns the images."""
    from wftools.imaging.exr import exr
    from wftools.imaging.save import at_least_one, deep_png, png

    texts = context.provenance(prompt, extra_pnginfo)
    match format:
        case {"format": "exr", "input_color_space": color_space}:
            contents = (exr(image, texts, color_space) for image in at_least_one(images))
        case {"bit_depth": "16-bit"}:
            contents = (deep_png(image, texts) for image in at_least_one(images))
        case _:
            contents = (png(image, texts) for image in at_least_one(images))
    context.write(filename_prefix, f".{format['format']}", contents, size=size_of(images))
    return images


@node("SaveAnimatedPNG", category="image", display_name="Save Animated PNG", output_node=True, outputs=("images",))
def save_animated_png(
    *,
    images: IMAGE,
    filename_prefix: STRING = "ComfyUI",
    fps: Fps = 6.0,
    compress_level: Annotated[int, Int(0, 9)] = 4,
    prompt: PROMPT = None,
    extra_pnginfo: EXTRA_PNGINFO = None,
    context: CONTEXT,
) -> IMAGE:
    """Write the images of a batch as one animation that plays for ever. Returns the images."""
    from wftools.imaging.save import animated_png

    data = animated_png(images, context.provenance(prompt, extra_pnginfo), fps, compress_level)
    context.write(filename_prefix, "_.png", [data], size=size_of(images))
    return images


@node("SaveAnimatedWEBP", category="image", display_name="Save Animated WEBP", output_node=True, outputs=("images",))
def save_animated_webp(
    *,
    images: IMAGE,
    filename_prefix: STRING = "ComfyUI",
    fps: Fps = 6.0,
    lossless: BOOLEAN = True,
    quality: Annotated[int, Int(0, 100)] = 80,
    method: Annotated[str, choice(_METHODS)],
    prompt: PROMPT = None,
    extra_pnginfo: EXTRA_PNGINFO = None,
    context: CONTEXT,
) -> IMAGE:
    """Write the images of a batch as one animation that plays for ever. Returns the images."""
    from wftools.imaging.save import animated_webp

    texts = context.provenance(prompt, extra_pnginfo)
    data = animated_webp(images, texts, fps, lossless=lossless, quality=quality, effort=_METHODS[method])
    context.write(filename_prefix, "_.webp", [data], size=size_of(images))
    return images


@node("SaveImageWebsocket", category="image", display_name="Save Image (Websocket)", output_node=True)
def save_image_websocket(*, images: IMAGE) -> None:
    """Nothing: ComfyUI sends the images to the client that waits for them, and here there is none."""


@node("ImageCompare", category="image", display_name="Compare Images", output_node=True, experimental=True)
def image_compare(
    *,
    compare_view: Annotated[Any, Socket("IMAGECOMPARE", {"socketless": True})] = None,  # noqa: ARG001  the editor's
    image_a: Annotated[IMAGE | None, OPTIONAL] = None,
    image_b: Annotated[IMAGE | None, OPTIONAL] = None,
    prompt: PROMPT = None,  # noqa: ARG001  ComfyUI writes no metadata here
    extra_pnginfo: EXTRA_PNGINFO = None,  # noqa: ARG001
    context: CONTEXT,
) -> None:
    """Write the images of both sides as PNG files into the temp folder, to be looked at side by side."""
    from wftools.imaging.save import FAST, png

    for start, images in (("comfy.compare.a", image_a), ("comfy.compare.b", image_b)):
        contents = (png(image, {}, FAST) for image in (images if images is not None else ()))
        context.write(context.preview_prefix(start), "_.png", contents, area="temp")


@node("SaveSVGNode", category="image", display_name="Save SVG", output_node=True, outputs=("svg",))
def save_svg_node(
    *,
    svg: SVG,
    filename_prefix: STRING = "svg/ComfyUI",
    prompt: PROMPT = None,
    extra_pnginfo: EXTRA_PNGINFO = None,
    context: CONTEXT,
) -> SVG:
    """Write each drawing as an SVG file, the workflow in its metadata. Returns the drawings."""
    from wftools.imaging.save import with_texts

    if not isinstance(svg, Svg):
        raise RunError("the input svg is no drawing", hint="link it to a node that makes SVG")
    texts = context.provenance(prompt, extra_pnginfo)
    context.write(filename_prefix, "_.svg", (with_texts(drawing, texts) for drawing in svg.drawings))
    return svg
