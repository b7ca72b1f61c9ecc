"""PhotoMaker's nodes: its loader, and the category model/conditioning/photomaker."""

from typing import Annotated

from wftools.catalog.declare import CLIP, CONDITIONING, CONTEXT, IMAGE, PHOTOMAKER, String, files, node
from wftools.nodes.conditioning import embedding_files


@node("PhotoMakerLoader", category="model/loaders", display_name="Load PhotoMaker Model", experimental=True)
def photomaker_loader(*, photomaker_model_name: Annotated[str, files("photomaker")], context: CONTEXT) -> PHOTOMAKER:
    """Load the network that fuses a person with a word."""
    from wftools.diffusion.control.photomaker import load_photomaker

    return load_photomaker(photomaker_model_name, context)


@node(
    "PhotoMakerEncode",
    category="model/conditioning/photomaker",
    display_name="PhotoMaker Encode",
    experimental=True,
    changed=embedding_files,
)
def photomaker_encode(
    *,
    photomaker: PHOTOMAKER,
    image: IMAGE,
    clip: CLIP,
    text: Annotated[str, String(multiline=True, dynamicPrompts=True)] = "photograph of photomaker",
) -> CONDITIONING:
    """Encode a prompt about the person in the picture, whom the word "photomaker" stands for."""
    return photomaker.encoded(clip, text, image)
