"""MODEL: a UNet with what its family knows about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wftools.diffusion.ops import with_weights
from wftools.diffusion.placing import device_of, network_input
from wftools.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import torch
    from torch import Tensor

    from wftools.context import Placement
    from wftools.diffusion.networks.unet import UNet
    from wftools.values import Cond, LatentFormat, Parametrisation
    from wftools.weights.source import Source


@dataclass(frozen=True, slots=True, eq=False)
class LatentDiffusion:
    """A denoising UNet. Immutable: what changes it returns another that shares its weights."""

    network: UNet
    latent_format: LatentFormat
    parametrisation: Parametrisation
    placement: Placement

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return device_of(self.placement.device)

    def inputs(self, cond: Cond) -> Mapping[str, Tensor]:
        """What the UNet is given for a cond: `context` (b, T, context_dim). Raises RunError for another width."""
        given, needed = cond.tensor.shape[-1], self.network.config.context_dim
        if given != needed:
            raise RunError(
                f"the conditioning is {given} wide, the model needs {needed}",
                hint="encode the prompt with the text encoder that belongs to the model",
            )
        return {"context": cond.tensor}

    def denoised(self, x: Tensor, sigma: Tensor, inputs: Mapping[str, Tensor]) -> Tensor:
        """The latent without noise: x (B, C, h, w), sigma (B,), inputs (B, …) -> like x."""
        scaled = network_input(self.parametrisation.scaled(x, sigma), self.placement)
        timesteps = self.parametrisation.levels.timestep(sigma)
        others = {name: network_input(tensor, self.placement) for name, tensor in inputs.items()}
        output = self.network(scaled, timesteps, **others)
        return self.parametrisation.denoised(x, output.to(x.dtype), sigma)

    def with_weights(self, changes: Mapping[str, Callable[[Source], Source]]) -> LatentDiffusion:
        """A model that shares all weights but these, by the UNet's names; see `ops.with_weights`."""
        return replace(self, network=with_weights(self.network, changes))
