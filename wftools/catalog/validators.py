"""Node types of ComfyUI's core that check some of their inputs themselves, instead of the server.

object_info does not tell, so the facts stand here. For an input in this table the server tests neither range nor
choices; what the class itself demands is mostly that a file exists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from wftools.catalog.signature import NodeSignature

ALL: Final = "*"  # the class takes over every literal input
TYPES: Final = "input_types"  # the class takes over the type test of its links

# Node type -> what it checks itself, in any of the versions that are known.
OWN_CHECKS: Final[dict[str, frozenset[str]]] = {
    "CustomCombo": frozenset({ALL}),
    "FluxProUltraImageNode": frozenset({"aspect_ratio"}),
    "KlingCameraControls": frozenset({"horizontal_movement", "vertical_movement", "pan", "tilt", "roll", "zoom"}),
    "Load3D": frozenset({ALL}),
    "Load3DAdvanced": frozenset({ALL}),
    "LoadAudio": frozenset({"audio"}),
    "LoadImage": frozenset({"image"}),
    "LoadImageMask": frozenset({"image"}),
    "LoadImageOutput": frozenset({"image"}),
    "LoadLatent": frozenset({"latent"}),
    "LoadVideo": frozenset({"file"}),
    "ModelAttentionBackend": frozenset({"attention"}),
    "SelectCLIPDevice": frozenset({"device"}),
    "SelectModelDevice": frozenset({"device"}),
    "SelectVAEDevice": frozenset({"device"}),
    "TripoConversionNode": frozenset({TYPES}),
    "WebcamCapture": frozenset({"image"}),
}


def checks_itself(signature: NodeSignature | None, name: str) -> bool:
    """Whether the class, not the server, checks the value of this input."""
    own = _own_checks(signature)
    return name in own or ALL in own


def checks_link_types(signature: NodeSignature | None) -> bool:
    """Whether the class, not the server, checks the types of its links."""
    return TYPES in _own_checks(signature)


def _own_checks(signature: NodeSignature | None) -> frozenset[str]:
    if signature is None:
        return frozenset()
    return OWN_CHECKS.get(signature.type, frozenset()) | signature.own_checks
