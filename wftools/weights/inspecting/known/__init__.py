"""What the networks of the field are told by: a table for each kind of them.

The order of `SIGNS` is the precedence. What has another network's names beside its own comes first: a control network
is made of blocks of the network that it controls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.weights.inspecting.known.autoencoders import AUTOENCODERS
from wftools.weights.inspecting.known.controls import CONTROLS
from wftools.weights.inspecting.known.denoisers import DENOISERS
from wftools.weights.inspecting.known.encoders import ENCODERS
from wftools.weights.inspecting.known.upscalers import UPSCALERS
from wftools.weights.inspecting.known.vision import VISION

if TYPE_CHECKING:
    from wftools.weights.inspecting.signs import Sign

SIGNS: Final[tuple[Sign, ...]] = (*CONTROLS, *DENOISERS, *UPSCALERS, *AUTOENCODERS, *ENCODERS, *VISION)
