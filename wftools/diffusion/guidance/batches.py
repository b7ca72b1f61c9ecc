"""How the network is asked about several conds: as many at once as fit together, and as memory allows."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor

from wftools.diffusion.patches import NO_PATCHES, Call, Patches
from wftools.diffusion.placing import free_memory
from wftools.diffusion.sampling.mask import to_batch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftools.diffusion.guidance import Evaluate, Question
    from wftools.values import Cond, ControlSource, Model, NetworkInputs, Sampling

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
    x: Tensor
    inputs: NetworkInputs
    weight: Tensor  # of x's shape
    control: ControlSource | None
    patches: Patches  # of this call alone; a call with any is not joined with others


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
    model, x, sampling = question.model, question.x, question.sampling
    calls = [
        _call(model, branch, cond, x, sampling)
        for branch, conds in enumerate(question.branches)
        for cond in conds or ()
    ]
    sums = [torch.zeros_like(x) for _ in question.branches]
    weights = [torch.full_like(x, TINY_WEIGHT) for _ in question.branches]
    while calls:
        joinable = [call for call in calls if _joinable(calls[0], call)][::-1]
        group = joinable[: _most_at_once(model, joinable)]
        calls = [call for call in calls if call not in group]
        batch = torch.cat([call.x for call in group])
        inputs = _joined([call.inputs for call in group])
        sigmas = question.sigma.expand(len(batch))
        first = group[0]
        this = Call(sigmas, batch.shape, tuple(call.branch for call in group))
        patches = replace(question.patches.and_then(first.patches), call=this)
        if first.control is not None:
            patches = replace(patches, control=first.control(batch, sigmas, inputs, model, calls=len(group)))
        answers = model.denoised(batch, sigmas, inputs, patches).chunk(len(group))
        for call, answer in zip(group, answers, strict=True):
            sums[call.branch] += answer * call.weight
            weights[call.branch] += call.weight
    return tuple(total / weight for total, weight in zip(sums, weights, strict=True))


def _most_at_once(model: Model, calls: Sequence[_Call]) -> int:
    """How many calls there is memory for at once; one in any case."""
    if len(calls) == 1:
        return 1
    needed = CAUTION * model.memory_of(calls[0].x)
    return max(1, min(len(calls), int(free_memory(model.device) / max(needed, 1.0))))


def _call(model: Model, branch: int, cond: Cond, x: Tensor, sampling: Sampling) -> _Call:
    inputs = model.inputs(cond, x, sampling)
    tensors = {name: to_batch(tensor, len(x)).to(x.device) for name, tensor in inputs.tensors.items()}
    strength = 1.0 if cond.strength is None else cond.strength
    patches = NO_PATCHES if cond.gligen is None else cond.gligen.patches(x.shape, x.device)
    return _Call(branch, x, replace(inputs, tensors=tensors), torch.full_like(x, strength), cond.control, patches)


def _joinable(first: _Call, other: _Call) -> bool:
    """Whether two calls can be one batch: the same view of x, and inputs that have, or can be given, one shape."""
    one, two = first.inputs, other.inputs
    return (
        first.x.shape == other.x.shape
        and first.control is other.control
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
