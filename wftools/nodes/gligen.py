"""GLIGEN's nodes: its loader, and the category model/conditioning/gligen."""

from typing import Annotated

from wftools.catalog.declare import CLIP, CONDITIONING, CONTEXT, GLIGEN, Int, String, files, node
from wftools.nodes._widgets import MAX_RESOLUTION
from wftools.nodes.conditioning import embedding_files
from wftools.values import TextOptions

Side = Annotated[int, Int(8, MAX_RESOLUTION, step=8)]
Place = Annotated[int, Int(0, MAX_RESOLUTION, step=8)]


@node("GLIGENLoader", category="model/loaders", display_name="Load GLIGEN Model")
def gligen_loader(*, gligen_name: Annotated[str, files("gligen", listed=True)], context: CONTEXT) -> GLIGEN:
    """Load the layers that tell a model where in a picture things are."""
    from wftools.diffusion.control.gligen import load_gligen

    return load_gligen(gligen_name, context)


@node(
    "GLIGENTextBoxApply",
    category="model/conditioning/gligen",
    display_name="Apply GLIGEN Text Box",
    changed=embedding_files,
)
def gligen_text_box_apply(
    *,
    conditioning_to: CONDITIONING,
    clip: CLIP,
    gligen_textbox_model: GLIGEN,
    text: Annotated[str, String(multiline=True, dynamicPrompts=True)],
    width: Side = 64,
    height: Side = 64,
    x: Place = 0,
    y: Place = 0,
) -> CONDITIONING:
    """Say what is in a box, beside the other boxes of the conditioning."""
    said, *_ = clip.encode(clip.tokenised(text), TextOptions(is_projected=False))
    return gligen_textbox_model.placed(conditioning_to, said, left=x, top=y, width=width, height=height)
