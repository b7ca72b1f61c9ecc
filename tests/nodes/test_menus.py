"""Every choice that a node for images offers is one that is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from wftools.imaging import blend, canvas, color_transfer, composite, layer_modes, mask, morphology
from wftools.nodes import image_compositing, image_filters, image_layers, image_mask, image_transform

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wftools.catalog.declare import Declared


@pytest.mark.parametrize(
    ("function", "name", "computed"),
    [
        (image_filters.image_blend, "blend_mode", blend.MODES),
        (image_filters.color_transfer, "method", color_transfer.FITS),
        (image_filters.morphology, "operation", morphology.OPERATIONS),
        (image_compositing.porter_duff_image_composite, "mode", composite.OPERATORS),
        (image_layers.add_layer, "blend_mode", layer_modes.MODES),
        (image_mask.mask_composite, "operation", mask.OPERATIONS),
        (image_transform.image_stitch, "spacing_color", canvas.SPACING),
    ],
)
def test_every_choice_is_computed(function: object, name: str, computed: Iterable[str]) -> None:
    declared: Declared = function.declared  # type: ignore[attr-defined]

    (options,) = (each.options["options"] for each in declared.signature.inputs if each.name == name)

    assert set(options) == set(computed)
