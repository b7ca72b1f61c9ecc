"""Control networks for the UNets of Stable Diffusion."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import torch

from wftools.diffusion.control import for_batch
from wftools.diffusion.placing import network_input
from wftools.errors import RunError
from wftools.imaging.resample import resample
from wftools.values import CONTROL_CONTEXT

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.context import Placement
    from wftools.diffusion.networks.controlnet import ControlNet
    from wftools.diffusion.onnx.networks import OnnxControlNet
    from wftools.diffusion.patches import Control
    from wftools.values import Hint, Model, NetworkInputs

PIXELS: Final = 8  # along one side of a latent cell


@dataclass(frozen=True, slots=True, eq=False)
class UNetControl:
    """A control network with what it was told about its pictures: a kind of `values.ControlNet`."""

    network: ControlNet | OnnxControlNet
    placement: Placement
    is_averaged: bool = False  # what it adds is the same everywhere: it copies a style, not a form
    types: tuple[int, ...] = ()  # of which kind the pictures are, where it knows several; empty: it is not said

    def with_type(self, kind: int | None) -> UNetControl:
        """A handle for pictures of that kind; None: it is not said."""
        return replace(self, types=() if kind is None else (kind,))

    @torch.no_grad()
    def seen(self, hint: Hint, height: int, width: int, _model: Model) -> Tensor:
        """The network's features of pictures for a latent of that size: (b, C, height, width).

        Raises RunError for kinds and channels that the network does not know.
        """
        union, channels = self.network.union, hint.image.shape[-1]
        unknown = [kind for kind in self.types if union is not None and kind >= union.types]
        if union is not None and unknown:
            raise RunError(
                f"the control network knows {union.types} kinds of pictures, and not the one of number {unknown[0]}",
                hint="choose another type, or the ProMax version of the network",
            )
        if channels != self.network.hint_channels:
            raise RunError(
                f"the control network takes pictures of {self.network.hint_channels} channels, not {channels}"
            )
        picture = resample(hint.image.movedim(-1, 1), width * PIXELS, height * PIXELS, "nearest-exact", "center")
        return self.network.seen(network_input(picture, self.placement), self.types)

    def control(
        self, seen: Tensor, x: Tensor, sigma: Tensor, inputs: NetworkInputs, model: Model, *, calls: int
    ) -> Control:
        """What is added in a call for x (B, C, h, w). Raises RunError if the model is of another family."""
        given = {name: network_input(tensor, self.placement) for name, tensor in inputs.tensors.items()}
        y = given.get("y") if self.network.config.pooled_dim is not None else None
        context = given.get(CONTROL_CONTEXT, given.get("context"))
        self._check(x, context, y)
        assert context is not None  # it has the width that is needed
        control = self.network.control(
            network_input(model.parametrisation.scaled(x, sigma), self.placement),
            model.parametrisation.levels.timestep(sigma),
            context,
            y,
            seen=for_batch(seen, len(x), calls),
            types=self.types,
        )
        return control.each(_averaged) if self.is_averaged else control

    def _check(self, x: Tensor, context: Tensor | None, y: Tensor | None) -> None:
        config = self.network.config
        needed = _in_words(config.in_channels, config.context_dim, config.pooled_dim)
        given = _in_words(x.shape[1], *(None if tensor is None else tensor.shape[-1] for tensor in (context, y)))
        if given != needed:
            raise RunError(
                f"the control network belongs to other models: it needs {needed}, and is given {given}",
                hint="load one of the family of the model",
            )


def _averaged(added: Tensor) -> Tensor:
    return added.mean(dim=(2, 3), keepdim=True)


def _in_words(channels: int, text: int | None, vector: int | None) -> str:
    parts = {"a latent of {} channels": channels, "a text of width {}": text, "a vector of width {}": vector}
    return ", ".join(words.format(size) for words, size in parts.items() if size is not None)
