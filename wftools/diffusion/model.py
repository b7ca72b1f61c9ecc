"""MODEL: a network that denoises, with what its family knows about it."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from wftools.diffusion.compiling import compiled
from wftools.diffusion.guidance import Guidance
from wftools.diffusion.ops import weights_of, with_bypasses, with_weights
from wftools.diffusion.patches import NO_CALL, NO_PATCHES, Call, Patches
from wftools.diffusion.placing import device_of, network_input
from wftools.errors import RunError
from wftools.values import CONTROL_CONTEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import torch
    from torch import Tensor, nn

    from wftools.context import Placement
    from wftools.diffusion.families import Family
    from wftools.diffusion.ops import Bypass
    from wftools.values import Cond, LatentFormat, Model, NetworkInputs, Parametrisation, Sampling
    from wftools.weights.source import Source, Weight


@dataclass(frozen=True, slots=True, eq=False)
class LatentDiffusion:
    """A denoising network. Immutable: what changes it returns another that shares its weights."""

    network: nn.Module
    family: Family
    latent_format: LatentFormat
    parametrisation: Parametrisation
    placement: Placement
    guidance: Guidance = field(default_factory=Guidance)
    patches: Patches = NO_PATCHES
    trained: Parametrisation | None = None  # what the output meant as the file was read; None: what it means now
    backend: str | None = None  # of torch's compiler; None: the network runs as it is written

    def __post_init__(self) -> None:
        """Remember what the output means, since nodes may have it read otherwise."""
        if self.trained is None:
            object.__setattr__(self, "trained", self.parametrisation)

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return device_of(self.placement.device)

    def memory_of(self, x: Tensor) -> int:
        """How many bytes a call for x needs beside the weights, about."""
        return self.family.memory_of(self.network, x)

    def inputs(self, cond: Cond, latent: Tensor, sampling: Sampling) -> NetworkInputs:
        """What the network is given for a cond. Raises RunError for a cond that was made for another."""
        inputs = self.family.inputs(self.network, cond, latent, sampling)
        text = cond.extras.get("cross_attn_controlnet")
        return inputs if text is None else replace(inputs, tensors={**inputs.tensors, CONTROL_CONTEXT: text})

    def denoised(self, x: Tensor, sigma: Tensor, inputs: NetworkInputs, patches: Patches = NO_PATCHES) -> Tensor:
        """The latent without noise: x (B, C, …), sigma (B,), tensors of inputs (B, …) -> like x.

        `patches` are those of this call, after the model's own. Raises RunError if its network has no place for any.
        """
        patches = self.patches.and_then(patches)
        call = Call(sigma, x.shape) if patches.call is NO_CALL else patches.call
        scaled = network_input(self.parametrisation.scaled(x, sigma), self.placement)
        timesteps = self.parametrisation.levels.timestep(sigma)
        tensors = {
            name: network_input(tensor, self.placement)
            for name, tensor in inputs.tensors.items()
            if name != CONTROL_CONTEXT
        }
        arguments: dict[str, object] = {**tensors, **inputs.shared}
        if patches.reach_inside:
            self._check_patchable()
            arguments["patches"] = replace(patches, call=call)

        def network(scaled: Tensor) -> Tensor:
            output: Tensor = self.network(scaled, timesteps, **arguments)
            return output

        for around in reversed(patches.network):
            network = partial(around, call=call, network=network)
        return self.parametrisation.denoised(x, network(scaled).to(x.dtype), sigma)

    def weights(self) -> dict[str, Weight]:
        """All weights by the network's names, as they are now."""
        return weights_of(self.network)

    def with_weights(self, changes: Mapping[str, Callable[[Source], Source]]) -> LatentDiffusion:
        """A model that shares all weights but these, by the network's names; see `ops.with_weights`."""
        return self._having(with_weights(self.network, changes))

    def with_bypasses(self, bypasses: Mapping[str, Bypass]) -> LatentDiffusion:
        """A model with these ways around layers, in place of all that it has; see `ops.with_bypasses`."""
        return self._having(with_bypasses(self.network, bypasses))

    def with_device(self, device: str | None) -> LatentDiffusion:
        """A model that computes on another device; None: on that which it was loaded for."""
        return replace(self, placement=self.placement.with_device(device))

    def with_dtype(self, dtype: str | None) -> LatentDiffusion:
        """A model that computes in another precision; None: in that which it was loaded for."""
        return replace(self, placement=self.placement.with_dtype(dtype))

    def compiled(self, backend: str) -> LatentDiffusion:
        """A model whose network is compiled when it is first asked; see `compiling.compiled`."""
        return replace(self, backend=backend, network=compiled(self.network, backend))

    def with_guidance(self, more: Guidance) -> LatentDiffusion:
        """A model with more options for guiders, after those that it has."""
        return replace(self, guidance=self.guidance.and_then(more))

    def with_options_of(self, other: Model) -> LatentDiffusion:
        """A model with the patches and options of another in place of its own."""
        return replace(self, guidance=other.guidance, patches=other.patches)

    def with_parametrisation(
        self, parametrisation: Parametrisation, latent_format: LatentFormat | None = None
    ) -> LatentDiffusion:
        """A model whose output means something else, and which may see latents at another scale."""
        return replace(self, parametrisation=parametrisation, latent_format=latent_format or self.latent_format)

    def with_patches(self, more: Patches) -> LatentDiffusion:
        """A model with more patches, after those that it has. Raises RunError if its network has no place for any."""
        self._check_patchable()
        return replace(self, patches=self.patches.and_then(more))

    def _having(self, network: nn.Module) -> LatentDiffusion:
        """With another network, compiled like this one."""
        return replace(self, network=network if self.backend is None else compiled(network, self.backend))

    def _check_patchable(self) -> None:
        if "patches" not in inspect.signature(self.network.forward).parameters:
            raise RunError(f"the network of the model, {type(self.network).__name__}, cannot be patched")
