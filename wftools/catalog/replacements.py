"""Node types that a ComfyUI server puts others in the place of, as it answers `GET /node_replacements`.

Observed on ComfyUI 0.33.0: a node is replaced before the prompt is looked at, and only if its type is gone and the
other is there. The new node is given what the table maps, and nothing else: where there is no map it has no inputs. A
node without `_meta`, or without an input that is mapped, is an error of the server (HTTP 500).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.catalog.signature import NodeSignature


@dataclass(frozen=True)
class Replacement:
    """The type that comes in the place of another, and what it is given."""

    type: str
    inputs: Mapping[str, str] = field(default_factory=dict)  # of the new node -> of the old one
    values: Mapping[str, Any] = field(default_factory=dict)  # what the old one had no input for

    def before(self, name: str) -> str:
        """What an input was called."""
        return self.inputs.get(name, name)

    def signature_of(self, node_type: str, new: NodeSignature) -> NodeSignature | None:
        """The signature that the old type had, by that of the new one; None if that does not tell it."""
        if any(new.input(name) is None for name in (*self.inputs, *self.values)):
            return None
        inputs = (replace(each, name=self.before(each.name)) for each in new.inputs if each.name not in self.values)
        return replace(new, type=node_type, display_name=node_type, inputs=tuple(inputs), is_replaced=True)


REPLACEMENTS: Final[Mapping[str, Replacement]] = {
    "ConditioningAverage ": Replacement("ConditioningAverage"),
    "ImageBatch": Replacement("BatchImagesNode", {"images.image0": "image1", "images.image1": "image2"}),
    "ImageScaleBy": Replacement(
        "ResizeImageMaskNode",
        {"input": "image", "resize_type.multiplier": "scale_by", "scale_method": "upscale_method"},
        {"resize_type": "scale by multiplier"},
    ),
    "Load3DAnimation": Replacement("Load3D"),
    "Preview3DAnimation": Replacement("Preview3D"),
    "ResizeImagesByLongerEdge": Replacement(
        "ImageScaleToMaxDimension", {"image": "images", "largest_size": "longer_edge"}, {"upscale_method": "lanczos"}
    ),
    "SDV_img2vid_Conditioning": Replacement("SVD_img2vid_Conditioning"),
    "T2IAdapterLoader": Replacement("ControlNetLoader", {"control_net_name": "t2i_adapter_name"}),
}
