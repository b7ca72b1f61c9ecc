"""GLIGEN: where in a picture things are, by boxes and texts. Li et al. 2023."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import torch

from wftools.diffusion.control.net import PIXELS
from wftools.diffusion.loading import load_network
from wftools.diffusion.networks.gligen import Gligen
from wftools.diffusion.patches import Patches
from wftools.diffusion.placing import network_input
from wftools.errors import InputError, RunError
from wftools.weights.dialects import understood
from wftools.weights.networks.gligen import find_gligen
from wftools.weights.tensorfile import open_tensors

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.context import Context, Placement
    from wftools.diffusion.patches import At
    from wftools.values import Cond, Conditioning, Grounder

MAX_BOXES: Final = 30


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """A rectangle in a latent, and what is in it."""

    text: Tensor  # (1, width): a prompt in one vector
    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """What is where: a kind of `values.Grounding`."""

    network: Gligen
    placement: Placement
    boxes: tuple[Box, ...] = ()
    # The patches for the size that was asked for last.
    _made: dict[tuple[int, int], Patches] = field(default_factory=dict, init=False)

    def patches(self, shape: torch.Size, _device: torch.device) -> Patches:
        """The patches of a call for x of that shape (B, C, h, w): the same ones for the same size."""
        height, width = shape[-2:]
        if (height, width) not in self._made:
            self._made.clear()
            self._made[height, width] = Patches(between=(self._fusing(height, width),))
        return self._made[height, width]

    def with_box(self, box: Box) -> Boxes:
        """The same with one more. Raises RunError if there are too many, or its text is another encoder's."""
        if len(self.boxes) == MAX_BOXES:
            raise RunError(f"GLIGEN takes {MAX_BOXES} boxes at most")
        given, needed = box.text.shape[-1], self.network.config.text_width
        if given != needed:
            raise RunError(
                f"the text of the box is {given} wide, the GLIGEN model needs {needed}",
                hint="encode it with the text encoder of the family that the GLIGEN model is for",
            )
        return Boxes(self.network, self.placement, (*self.boxes, box))

    @torch.no_grad()
    def _fusing(self, height: int, width: int) -> Fusing:
        corners = [
            [box.left / width, box.top / height, (box.left + box.width) / width, (box.top + box.height) / height]
            for box in self.boxes
        ]
        texts = torch.cat([box.text for box in self.boxes])
        boxes, texts = (network_input(each, self.placement) for each in (torch.tensor(corners), texts))
        return Fusing(self.network, self.network.position_net(boxes, texts, MAX_BOXES))


@dataclass(frozen=True, slots=True, eq=False)
class Fusing:
    """Tokens that see boxes after each self attention: a `TokenPatch`."""

    network: Gligen
    boxes: Tensor  # (1, N, token_width)

    def __call__(self, x: Tensor, at: At) -> Tensor:
        """Others of x's shape, (B, T, C). Raises RunError for those of another network."""
        fusers, widths = self.network.fusers, self.network.config.widths
        if at.spatial >= len(widths) or widths[at.spatial] != x.shape[-1]:
            raise RunError(
                "the GLIGEN model was made for other models than this one",
                hint="take one of the family of the model",
            )
        fused: Tensor = fusers[at.spatial](x, self.boxes.expand(len(x), -1, -1), at)
        return fused


@dataclass(frozen=True, slots=True, eq=False)
class GligenModel:
    """GLIGEN's layers: a kind of `values.Grounder`."""

    network: Gligen
    placement: Placement

    def placed(
        self, conditioning: Conditioning, text: Cond, *, left: int, top: int, width: int, height: int
    ) -> Conditioning:
        """A conditioning with one more box, in pixels, of which a text says what is in it.

        Raises RunError if there are too many, or the text is not one for the layers.
        """
        if text.pooled_output is None:
            raise RunError("the text encoder gives no vector of a whole text, which GLIGEN needs")
        box = Box(text.pooled_output, left // PIXELS, top // PIXELS, width // PIXELS, height // PIXELS)
        made = []
        for cond in conditioning:
            before = cond.gligen.boxes if isinstance(cond.gligen, Boxes) else ()
            made.append(replace(cond, gligen=Boxes(self.network, self.placement, before).with_box(box)))
        return tuple(made)


def load_gligen(name: str, context: Context) -> Grounder:
    """GLIGEN's layers in a file. Raises RunError if it is not there, InputError if there are none."""
    file = understood(open_tensors(context.folders.find("gligen", name)))
    part = find_gligen(file)
    if part is None:
        raise InputError("there is no GLIGEN model in the file that wftools knows", place=file.place)
    return GligenModel(load_network(Gligen, part, context.placement), context.placement)
