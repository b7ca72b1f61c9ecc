"""A node of the category "image" that takes its picture from a browser."""

from typing import Annotated

from wftools.catalog.declare import BOOLEAN, CONTEXT, IMAGE, Int, Socket, node
from wftools.nodes._files import content_of, recorded_by_a_browser
from wftools.nodes._widgets import MAX_RESOLUTION
from wftools.nodes.image import load_image

Side = Annotated[int, Int(0, MAX_RESOLUTION, step=1)]


@node(
    "WebcamCapture",
    category="image",
    display_name="Webcam Capture",
    changed=content_of("image"),
    checks={"image": recorded_by_a_browser},
)
def webcam_capture(
    *,
    image: Annotated[str, Socket("WEBCAM")],
    width: Side = 0,  # noqa: ARG001  the browser's
    height: Side = 0,  # noqa: ARG001
    capture_on_queue: BOOLEAN = True,  # noqa: ARG001
    context: CONTEXT,
) -> IMAGE:
    """The picture that a browser's camera has taken: in a prompt that it has queued, the name of a file."""
    return load_image(image=image, context=context)[0]
