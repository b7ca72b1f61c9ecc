"""Training of a LoRA and its kin: what ComfyUI's TrainLoraNode does.

The model predicts latents without noise from noisy ones, as it does in sampling, and the adapter learns to bring them
near the latents of the data set (Ho et al. 2020, with Hu et al. 2021).
"""

from __future__ import annotations

import re
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from wftools.diffusion.adapters import ALGORITHMS as READERS
from wftools.diffusion.adapters import adapters_in, bypasses, changes
from wftools.diffusion.adapters.loading import adapter_tensors
from wftools.diffusion.adapters.lora import Lora
from wftools.diffusion.adapters.said import Said
from wftools.diffusion.guidance.cfg import Cfg
from wftools.diffusion.model import LatentDiffusion
from wftools.diffusion.ops import shared_copy
from wftools.diffusion.sampling.noise import initial_noise
from wftools.diffusion.training.untrained import ALGORITHMS, ALPHA, drawn_for_layers
from wftools.errors import RunError, shown
from wftools.values import Sampling

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from wftools.context import Context
    from wftools.diffusion.adapters import Adapter
    from wftools.diffusion.training.data import DataSet
    from wftools.values import Model

SEEDS_APART: Final = 1000  # between the noises of two steps
OF_NETWORK: Final = "diffusion_model."  # what stands before the names of a network's modules
WEIGHT: Final = ".weight"

OPTIMISERS: Final[Mapping[str, Callable[..., torch.optim.Optimizer]]] = {
    "AdamW": torch.optim.AdamW,
    "Adam": torch.optim.Adam,
    "SGD": torch.optim.SGD,
    "RMSprop": torch.optim.RMSprop,
}
LOSSES: Final[Mapping[str, Callable[[Tensor, Tensor], Tensor]]] = {
    "MSE": F.mse_loss,
    "L1": F.l1_loss,
    "Huber": F.huber_loss,
    "SmoothL1": F.smooth_l1_loss,
}
# What is computed in; without a choice ComfyUI takes bfloat16 for models that are not float16.
DTYPES: Final = {"bf16": torch.bfloat16, "fp32": torch.float32, "none": torch.bfloat16}

_STEPS: Final = re.compile(r".*?_?(\d+)_steps_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How an adapter is trained."""

    steps: int = 16
    batch_size: int = 1
    accumulation: int = 1  # passes whose gradients are one step
    learning_rate: float = 0.0005
    rank: int = 8
    optimiser: str = "AdamW"
    loss: str = "MSE"
    seed: int = 0
    training_dtype: str = "bf16"
    adapter_dtype: str = "bf16"
    algorithm: str = "LoRA"
    checkpoint_depth: int | None = None  # the modules so deep compute again in the way back; None: none
    is_bypass: bool = False  # whether the adapter computes beside layers, whose weights it does not see


@dataclass(frozen=True, slots=True)
class Trained:
    """An adapter, and how it came to it."""

    tensors: Mapping[str, Tensor]
    losses: Sequence[float]  # of each pass


def train_lora(
    model: Model, data: DataSet, recipe: Recipe, context: Context, existing: Mapping[str, Tensor] | None = None
) -> Trained:
    """An adapter for every weight and bias of a model's network, trained on some latents.

    `existing`: an adapter to go on with. Random numbers go on where the last sampling in this process left torch's
    generator, as in ComfyUI, and leave it there in turn.
    """
    source = torch.Generator()
    source.set_state(torch.get_rng_state())
    with torch.inference_mode(mode=False), torch.enable_grad():
        parameters = _parameters(model, recipe, existing or {}, source)
        adapted = _adapted(model, parameters, recipe)
        optimiser = OPTIMISERS[recipe.optimiser](list(parameters.values()), lr=recipe.learning_rate)
        losses = _learn(adapted, data, recipe, optimiser, source=source, context=context)
    torch.set_rng_state(source.get_state())
    dtype = DTYPES[recipe.adapter_dtype]
    return Trained({name: tensor.detach().to(dtype) for name, tensor in parameters.items()}, losses)


def existing_adapter(name: str, context: Context) -> tuple[dict[str, Tensor], int]:
    """An adapter to go on with, and for how many steps it was trained, which its name tells; else raises RunError."""
    match = _STEPS.match(name)
    if match is None:
        raise RunError(f"the name {shown(name)} does not tell for how many steps the adapter was trained")
    return adapter_tensors(name, context), int(match[1])


def _parameters(
    model: Model, recipe: Recipe, existing: Mapping[str, Tensor], source: torch.Generator
) -> dict[str, nn.Parameter]:
    """What is trained, by the names that it has in a file."""
    parameters: dict[str, nn.Parameter] = {}
    dtype = DTYPES[recipe.adapter_dtype]
    for name, weight in model.weights().items():
        module = OF_NETWORK + name.rpartition(".")[0]
        if name.endswith(".bias"):
            tensors = {"diff_b": torch.zeros(weight.shape)}
        elif len(weight.shape) < 2:
            tensors = {"diff": torch.zeros(weight.shape)}
        else:
            tensors = _existing(existing, module) or ALGORITHMS[recipe.algorithm](weight.shape, recipe.rank, source)
            if "lora_up.weight" in tensors and f"{module}.lora_up.weight" in existing:
                drawn_for_layers(weight.shape, tensors["lora_up.weight"].shape[1], source)
            tensors["alpha"] = torch.tensor(ALPHA)
        for part, tensor in tensors.items():
            # ComfyUI trains the alpha of LoRA, too; in the other algorithms no gradient reaches it.
            learns = part != "alpha" or "lora_up.weight" in tensors
            parameters[f"{module}.{part}"] = nn.Parameter(tensor.to(model.device, dtype), requires_grad=learns)
    return parameters


def _existing(tensors: Mapping[str, Tensor], module: str) -> dict[str, Tensor]:
    """The tensors of an adapter that there is for a module, without those that are not trained."""
    for reader in READERS:
        heard: set[str] = set()
        if reader.read(Said(tensors, module, heard)) is not None:
            parts = {name.removeprefix(f"{module}."): tensors[name].float().clone() for name in heard}
            return {name: tensor for name, tensor in parts.items() if name not in {"alpha", "dora_scale"}}
    return {}


def _adapted(model: Model, parameters: Mapping[str, Tensor], recipe: Recipe) -> Model:
    """The model with the adapter that is trained."""
    names = {OF_NETWORK + name.removesuffix(WEIGHT): name for name in model.weights() if name.endswith(WEIGHT)}
    adapters = {
        weight: _with_trained_alpha(adapter, parameters, OF_NETWORK + weight.removesuffix(WEIGHT))
        for weight, adapter in adapters_in(parameters, names, set()).items()
    }
    if isinstance(model, LatentDiffusion):
        model = replace(
            model,
            network=_checkpointed(model.network, recipe.checkpoint_depth),
            placement=replace(model.placement, dtype=str(DTYPES[recipe.training_dtype]).removeprefix("torch.")),
        )
    if not recipe.is_bypass:
        return model.with_weights(changes(adapters, 1.0))
    around = bypasses(adapters, 1.0)
    within = {name: adapter for name, adapter in adapters.items() if name.removesuffix(WEIGHT) not in around}
    return model.with_weights(changes(within, 1.0)).with_bypasses(around)


def _with_trained_alpha(adapter: Adapter, parameters: Mapping[str, Tensor], module: str) -> Adapter:
    return replace(adapter, alpha=parameters[f"{module}.alpha"]) if isinstance(adapter, Lora) else adapter


def _checkpointed(network: nn.Module, depth: int | None) -> nn.Module:
    """A copy of a network in which the modules of a depth keep no more than their inputs for the way back.

    The network itself is at depth 1; containers do not count. Chen et al. 2016, "Training Deep Nets with Sublinear
    Memory Cost".
    """
    if depth is None:
        return network
    twin = shared_copy(network)
    for module in _at_depth(twin, depth):
        module.forward = partial(checkpoint, module.forward, use_reentrant=False)
    return twin


def _at_depth(module: nn.Module, depth: int) -> list[nn.Module]:
    is_container = isinstance(module, nn.ModuleList | nn.Sequential | nn.ModuleDict)
    if depth == 1 and not is_container:
        return [module]
    below = depth if is_container else depth - 1
    return [found for child in module.children() for found in _at_depth(child, below)]


def _learn(
    model: Model,
    data: DataSet,
    recipe: Recipe,
    optimiser: torch.optim.Optimizer,
    *,
    source: torch.Generator,
    context: Context,
) -> list[float]:
    """Change what is trained step by step; the loss of each pass."""
    loss_of = LOSSES[recipe.loss]
    guider, data = _in_run(model, data, recipe, source)
    losses: list[float] = []
    passes = recipe.steps * recipe.accumulation
    for index in range(passes):
        context.step(index, passes)
        seed = recipe.seed + SEEDS_APART * index
        total, count = torch.zeros(()), 0
        for latents, numbers in data.drawn(recipe.batch_size, source):
            noise = initial_noise(latents, source.manual_seed(seed % 2**64)).to(latents)
            percents = [torch.rand(1, generator=source).item() for _ in numbers]
            sigmas = torch.tensor([model.parametrisation.levels.at_percent(percent) for percent in percents])
            noisy = model.parametrisation.noised(latents, noise, sigmas.to(latents.device))
            asked = replace(guider, positive=tuple(guider.positive[number] for number in numbers))
            with _cast(recipe, model.device):
                denoised = asked(noisy, sigmas.to(latents.device))
            total, count = total + loss_of(denoised.float(), latents.float()), count + 1
        loss = total / count
        (loss / recipe.accumulation).backward()  # type: ignore[no-untyped-call]
        # Where each latent has a size of its own, ComfyUI tells the loss of which the gradient was taken.
        losses.append(float(loss.detach()) / (recipe.accumulation if data.kind == "single" else 1))
        if (index + 1) % recipe.accumulation == 0:
            optimiser.step()
            optimiser.zero_grad()
    context.step(passes, passes)
    return losses


def _in_run(model: Model, data: DataSet, recipe: Recipe, source: torch.Generator) -> tuple[Cfg, DataSet]:
    """A guider with the conditionings in the run, and the latents as they are trained on.

    Only latents of one size are brought to the network's scale, as in ComfyUI.
    """
    dtype = DTYPES[recipe.training_dtype]
    groups = [group.to(dtype) for group in data.groups]
    whole = groups[0] if data.kind == "whole" else groups[0][:1].expand(data.size, *groups[0].shape[1:])
    noise = initial_noise(whole, source.manual_seed(recipe.seed % 2**64)).to(dtype)
    latents = model.latent_format.to_network(whole).to(model.device)
    numbers = torch.arange(data.size)  # ComfyUI's sigmas of a training
    sampling = Sampling(latents, noise.to(model.device), sigmas=numbers, source=source, seed=recipe.seed)
    guider = Cfg(model, data.conds, (), 1.0).during(sampling)
    ready = [latents] if data.kind == "whole" else [group.to(model.device) for group in groups]
    return guider, replace(data, groups=ready)


def _cast(recipe: Recipe, device: torch.device) -> AbstractContextManager[object]:
    dtype = DTYPES[recipe.training_dtype]
    return nullcontext() if dtype == torch.float32 else torch.autocast(device.type, dtype=dtype)
