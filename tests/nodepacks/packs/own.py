"""A node in wftools' own form."""

from typing import Annotated

from wftools.catalog.declare import IMAGE, Float, node


@node("OwnDarken", category="own/picture", display_name="Darken")
def darken(*, image: IMAGE, by: Annotated[float, Float(0.0, 1.0, step=0.1)] = 0.5) -> IMAGE:
    """A picture that is darker."""
    return image * (1 - by)
