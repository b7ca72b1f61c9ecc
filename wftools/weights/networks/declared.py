"""What a network's tensors do not show may be said in the file's metadata: `wftools.<network>.<field>` = a number.

    wftools.unet.head_dim       width of an attention head; published UNets have 8 heads (SD1) or 64 channels a head
    wftools.unet.group_width    least number of channels in a group of a GroupNorm, see `norm_groups`
    wftools.vae.group_width
    wftools.clip_l.head_dim     64 in every published CLIP

Published files carry none of these. They exist for small networks, whose narrow layers would otherwise get heads of
4 channels and groups of one.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from wftools.errors import InputError, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

NORM_GROUPS: Final = 32  # in every published UNet and VAE of Stable Diffusion

_HIDDEN_FIELDS: Final = ("head_dim", "group_width")
_MAX_VALUE: Final = 1024


def norm_groups(channels: int, group_width: int) -> int:
    """How many groups a GroupNorm has: 32, or fewer where they would be narrower than `group_width` channels.

    Raises InputError if the channels cannot be divided so.
    """
    groups = max(1, min(NORM_GROUPS, channels // group_width))
    if channels % groups:
        raise InputError(f"a layer has {channels} channels, which cannot be normalised in {groups} groups")
    return groups


def declared(metadata: Mapping[str, str], network: str) -> dict[str, int]:
    """The fields of a network's config that a file's metadata gives. Raises InputError for a value out of range."""
    found: dict[str, int] = {}
    for name in _HIDDEN_FIELDS:
        key = f"wftools.{network}.{name}"
        if key in metadata:
            text = metadata[key]
            if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= _MAX_VALUE):
                raise InputError(f"metadata {key} is {shown(text)}, expected a number from 1 to {_MAX_VALUE}")
            found[name] = int(text)
    return found


def declaration(network: str, config: Any) -> dict[str, str]:
    """The metadata that a file needs so that `declared` finds what differs from the published networks."""
    hidden = {field.name: field.default for field in fields(config) if field.name in _HIDDEN_FIELDS}
    values = {name: getattr(config, name) for name in hidden}
    return {f"wftools.{network}.{name}": str(value) for name, value in values.items() if value != hidden[name]}
