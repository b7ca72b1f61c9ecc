"""How the network is asked about several conds: as many at once as fit together, and as memory allows."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor

from wftools.diffusion.conditioning.regions import feathered
from wftools.diffusion.conditioning.run import RunCond, alone
from wftools.diffusion.patches import NO_PATCHES, Call
from wftools.diffusion.placing import free_memory
from wftools.errors import RunError
from wftools.imaging.batch import to_batch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftools.diffusion.conditioning.regions import Region
    from wftools.diffusion.guidance import Evaluate, Question
    from wftools.diffusion.patches import Patches
    from wftools.values import Model, NetworkInputs

# Token sequences of different lengths are repeated up to a common length, but not beyond this many times.
MAX_REPEATS: Final = 4

# Weights are added up from here, so that a cell without any does not divide by zero.
TINY_WEIGHT: Final = 1e-37

# Free memory is this many times what the calls of one batch are thought to need.
CAUTION: Final = 1.5


@dataclass(frozen=True, slots=True, eq=False)
class _Call:
    """One cond that the network is asked about: what it sees of x, and what its answer counts for."""

    branch: int  # which conditioning it belongs to
    cond: RunCond
    region: Region | None  # of x
    x: Tensor  # there
    inputs: NetworkInputs
    weight: Tensor  # of that x's shape
    patches: Patches  # of this call alone; a call with any is not joined with others

    def of(self, whole: Tensor) -> Tensor:
        """The view of a tensor of the whole x's shape that the call is about."""
        return whole if self.region is None else self.region.of(whole)


def predictions(question: Question) -> tuple[Tensor, ...]:
    """The latent without noise, as each conditioning sees it, with all that the model has around the evaluation."""
    evaluate: Evaluate = _weighted_means
    options = question.model.guidance
    for around in reversed(options.around):
        evaluate = partial(around, evaluate=evaluate)
    if options.windows is not None:
        evaluate = partial(options.windows, evaluate=evaluate)
    return evaluate(question)


def _weighted_means(question: Question) -> tuple[Tensor, ...]:
    """The weighted mean over the entries of each conditioning.

    Calls that fit together are one batch as far as memory allows, the last cond first, as ComfyUI runs them.
    """
    calls = _calls(question)
    sums = [torch.zeros_like(question.x) for _ in question.branches]
    weights = [torch.full_like(question.x, TINY_WEIGHT) for _ in question.branches]
    while calls:
        joinable = [call for call in calls if _joinable(calls[0], call)][::-1]
        group = joinable[: _most_at_once(question.model, joinable)]
        calls = [call for call in calls if call not in group]
        for call, answer in zip(group, _answers(question, group), strict=True):
            call.of(sums[call.branch]).add_(answer * call.weight)
            call.of(weights[call.branch]).add_(call.weight)
    return tuple(total / weight for total, weight in zip(sums, weights, strict=True))


def _answers(question: Question, group: Sequence[_Call]) -> Sequence[Tensor]:
    """The latents without noise of calls that are joined to one."""
    x = torch.cat([call.x for call in group])
    inputs = _joined([call.inputs for call in group])
    sigmas = question.sigma.expand(len(group[0].x)).repeat(len(group))
    branches, conds = tuple(call.branch for call in group), tuple(call.cond for call in group)
    this = Call(sigmas, x.shape, branches, conds, question.sampling)
    patches = replace(question.patches.and_then(group[0].patches), call=this)
    control, hooks = group[0].cond.control, group[0].cond.run_hooks
    if control is not None:
        patches = replace(patches, control=control(x, sigmas, inputs, question.model, calls=len(group)))
    model = question.model if hooks is None else hooks.model_at(question.model, float(question.sigma))
    return model.denoised(x, sigmas, inputs, patches).chunk(len(group))


def _most_at_once(model: Model, calls: Sequence[_Call]) -> int:
    """How many calls there is memory for at once; one in any case."""
    if len(calls) == 1:
        return 1
    needed = CAUTION * model.memory_of(calls[0].x)
    return max(1, min(len(calls), int(free_memory(model.device) / max(needed, 1.0))))


def _calls(question: Question) -> list[_Call]:
    """The calls that the conds make which count at this sigma. Default conds, which need to know the others, are last.

    Conds that are not in the run yet (`for_run`) are brought there, each by itself.
    """
    calls: list[_Call] = []
    defaults: list[_Call] = []
    for branch, conds in enumerate(question.branches):
        for cond in conds or ():
            ready = cond if isinstance(cond, RunCond) else alone(question.model, cond, question.sampling)
            if ready.counts_at(question.sigma):
                (defaults if ready.default else calls).append(_call(branch, ready, question.x))
    left = {
        branch: _left_over(question.x, [call for call in calls if call.branch == branch])
        for branch in {call.branch for call in defaults}
    }
    filling = [replace(call, weight=call.of(left[call.branch])) for call in defaults if left[call.branch].any()]
    return calls + filling


def _left_over(x: Tensor, calls: Sequence[_Call]) -> Tensor:
    """The weight of a default cond: what others leave of 1 in each place."""
    weight = torch.ones_like(x)
    for call in calls:
        call.of(weight).sub_(call.weight)
    return weight.relu()


def _call(branch: int, cond: RunCond, x: Tensor) -> _Call:
    region = None if cond.region is None else cond.region.within(x.shape[2:])
    part = x if region is None else region.of(x)
    tensors = {}
    for name, tensor in cond.inputs.tensors.items():
        is_map = tensor.ndim == x.ndim and tensor.shape[2:] == x.shape[2:]
        tensors[name] = to_batch(region.of(tensor) if is_map and region is not None else tensor, len(x))
    patches = NO_PATCHES if cond.gligen is None else cond.gligen.patches(part.shape, x.device)
    weight = _weight(cond, x, region)
    return _Call(branch, cond, region, part, replace(cond.inputs, tensors=tensors), weight, patches)


def _weight(cond: RunCond, x: Tensor, region: Region | None) -> Tensor:
    """What a cond's answer counts for in each place of its region of x."""
    part = x if region is None else region.of(x)
    strength = 1.0 if cond.strength is None else cond.strength
    if cond.mask is None:
        weight = torch.full_like(part, strength)
        return weight if region is None else feathered(weight, region, x.shape[2:])
    mask = cond.mask[: len(x), None]  # (b, 1, …)
    if len(x) % len(mask) != 0:
        raise RunError(f"a conditioning has {len(mask)} masks, which do not go evenly into {len(x)} latents")
    mask = mask if region is None else region.of(mask)
    mask = mask * (1.0 if cond.mask_strength is None else cond.mask_strength)
    return to_batch(mask, len(x)).to(x).expand_as(part) * strength


def _joinable(first: _Call, other: _Call) -> bool:
    """Whether two calls can be one batch: the same view of x, and inputs that have, or can be given, one shape."""
    one, two = first.inputs, other.inputs
    return (
        first.x.shape == other.x.shape
        and first.cond.control is other.cond.control
        and first.cond.run_hooks is other.cond.run_hooks
        and first.patches is other.patches
        and one.shared == two.shared
        and one.tensors.keys() == two.tensors.keys()
        and all(_fits(tensor, two.tensors[name]) for name, tensor in one.tensors.items())
    )


def _fits(a: Tensor, b: Tensor) -> bool:
    if a.shape == b.shape:
        return True
    if a.ndim != 3 or b.ndim != 3 or a.shape[::2] != b.shape[::2]:
        return False
    lengths = a.shape[1], b.shape[1]
    return math.lcm(*lengths) // min(lengths) <= MAX_REPEATS


def _joined(inputs: Sequence[NetworkInputs]) -> NetworkInputs:
    """The inputs of some calls as one batch. Sequences (B, T, C) are repeated along T to a common length."""
    tensors = {}
    for name in inputs[0].tensors:
        each = [one.tensors[name] for one in inputs]
        if each[0].ndim == 3:
            length = math.lcm(*(tensor.shape[1] for tensor in each))
            each = [tensor.repeat(1, length // tensor.shape[1], 1) for tensor in each]
        tensors[name] = torch.cat(each)
    return replace(inputs[0], tensors=tensors)
