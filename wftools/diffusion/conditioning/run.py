"""Conditionings in a run: what they say of place and time in terms of its latent and its sigmas.

Done once, before the first step, as ComfyUI does it. The order counts: areas are copied to the other sides with the
inputs that these have for the network.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

import torch.nn.functional as F  # noqa: N812

from wftools.diffusion.conditioning.hooks import GroupInRun, HooksOfRun
from wftools.diffusion.conditioning.regions import Region, bounds_of, region_of
from wftools.errors import RunError
from wftools.values import Cond, NetworkInputs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor

    from wftools.values import Conditioning, Model, NoiseLevels, Sampling

POSITIVE = "positive"


@dataclass(frozen=True, slots=True, eq=False)
class RunCond(Cond):
    """A cond in a run. Its mask has the latent's size, (b, …)."""

    region: Region | None = None  # in the place of the area
    first_sigma: float | None = None  # it does not count above
    last_sigma: float | None = None  # nor below
    inputs: NetworkInputs = field(default_factory=lambda: NetworkInputs({}))  # for the whole latent
    run_hooks: GroupInRun | None = None  # in the place of the hooks

    def counts_at(self, sigma: Tensor) -> bool:
        """Whether it counts at a sigma, of several the first; at both ends of its range it does."""
        sigma = sigma.flatten()[0]
        too_early = self.first_sigma is not None and bool(sigma > self.first_sigma)
        too_late = self.last_sigma is not None and bool(sigma < self.last_sigma)
        return not too_early and not too_late


def for_run(model: Model, sides: Mapping[str, Conditioning], sampling: Sampling) -> dict[str, Conditioning]:
    """The sides of a guider (positive, negative …) in a run of a model.

    Each area of one side is given to the others, too, so that what is compared there was asked about the same part of
    the latent. Controls that are meant for all sides, and GLIGEN's boxes, go from the positive side to the others.
    """
    hooks = hooks_of_run(model, sampling)
    ready = {side: [in_run(model, cond, side, sampling, hooks) for cond in conds] for side, conds in sides.items()}
    for side, conds in ready.items():
        for cond in conds:
            for other, others in ready.items():
                if other != side:
                    others.extend(_counterpart(cond, others))
    for side, conds in ready.items():
        if side != POSITIVE and POSITIVE in ready:
            _share_control(ready[POSITIVE], conds)
            _share_boxes(ready[POSITIVE], conds)
    return {side: tuple(conds) for side, conds in ready.items()}


def hooks_of_run(model: Model, sampling: Sampling) -> HooksOfRun:
    """What the hooks of a run's conds have in common."""
    sigmas = sampling.sigmas
    first = math.inf if sigmas is None or len(sigmas) == 0 else float(sigmas.max())
    return HooksOfRun(model.parametrisation.levels, first)


def in_run(model: Model, cond: Cond, side: str, sampling: Sampling, hooks: HooksOfRun) -> RunCond:
    """A cond of one side in a run of a model. Raises RunError for one that was made for another model."""
    sides = sampling.latent.shape[2:]
    region = None if cond.area is None else region_of(cond.area, sides)
    mask = None if cond.mask is None else _fitted_mask(cond.mask, sampling.latent)
    if mask is not None and cond.set_area_to_bounds:
        region = bounds_of(mask)
    asked = replace(cond, extras={"prompt_type": side, **cond.extras})
    first, last = _sigmas(cond, model.parametrisation.levels)
    inputs = model.inputs(asked, sampling.latent, sampling)
    tensors = {name: tensor.to(sampling.latent.device) for name, tensor in inputs.tensors.items()}
    said = {each.name: getattr(cond, each.name) for each in fields(Cond)}
    return RunCond(
        **{**said, "mask": mask},
        region=region,
        first_sigma=first,
        last_sigma=last,
        inputs=replace(inputs, tensors=tensors),
        run_hooks=hooks.of(cond.hooks) if cond.hooks is not None and cond.hooks.each else None,
    )


def alone(model: Model, cond: Cond, sampling: Sampling) -> RunCond:
    """A cond that is asked about outside of a run."""
    return in_run(model, cond, POSITIVE, sampling, hooks_of_run(model, sampling))


def _fitted_mask(mask: Tensor, latent: Tensor) -> Tensor:
    """A mask at the size of a latent, (b, …): linear along its last two axes. Raises RunError if it does not fit."""
    sides = latent.shape[2:]
    if len(sides) < 2:
        raise RunError("a conditioning has a mask, which latents without height and width cannot have")
    given = mask.shape
    mask = mask.to(latent.device)
    if mask.ndim == len(sides):
        mask = mask[None]
    if mask.shape[1:] != sides:
        has_channels = mask.ndim >= 4
        mask = F.interpolate(mask if has_channels else mask[:, None], size=sides[-2:], mode="bilinear")
        mask = mask if has_channels else mask[:, 0]
    if mask.ndim != len(sides) + 1 or any(
        length not in {1, side} for length, side in zip(mask.shape[1:], sides, strict=True)
    ):
        raise RunError(f"the mask of a conditioning has the shape {list(given)}, the latent has {list(sides)} cells")
    return mask.expand(-1, *sides)


def _sigmas(cond: Cond, levels: NoiseLevels) -> tuple[float | None, float | None]:
    """Between which sigmas a cond counts, from the first on down; None where it said nothing."""
    first, last = cond.start_percent, cond.end_percent
    if cond.clip_start_percent is not None and cond.clip_end_percent is not None:
        first = max(cond.clip_start_percent, 0.0 if first is None else first)
        last = min(cond.clip_end_percent, 1.0 if last is None else last)
    return (
        None if first is None else levels.at_percent(first),
        None if last is None else levels.at_percent(last),
    )


def _counterpart(cond: RunCond, others: Sequence[RunCond]) -> list[RunCond]:
    """The region of a cond on another side: as what that side says of the least part of the latent around it."""
    if cond.region is None:
        return []
    least: RunCond | None = None
    for other in others:
        if other.region is None:
            least = least or other
        elif other.region.holds(cond.region) and (
            least is None or least.region is None or least.region.cells > other.region.cells
        ):
            least = other
    if least is None or least.region == cond.region:
        return []
    return [replace(cond, inputs=least.inputs)]


def _share_control(positive: Sequence[RunCond], others: list[RunCond]) -> None:
    """Let conds of another side have the controls of the positive side, if those are for it and it has none."""
    wanted = [cond.control for cond in positive if cond.region is None and cond.control_apply_to_uncond]
    free = [index for index, cond in enumerate(others) if cond.region is None and cond.control is None]
    if all(cond.control is None for cond in others if cond.region is None) and free:
        for index, control in enumerate(control for control in wanted if control is not None):
            place = free[index % len(free)]
            others[place] = replace(others[place], control=control)


def _share_boxes(positive: Sequence[RunCond], others: list[RunCond]) -> None:
    """Let conds of another side have the boxes of the positive side, if it has none."""
    wanted = [cond.gligen for cond in positive if cond.region is None and cond.gligen is not None]
    free = [index for index, cond in enumerate(others) if cond.region is None and cond.gligen is None]
    if all(cond.gligen is None for cond in others if cond.region is None) and free:
        for index, boxes in enumerate(wanted):
            place = free[index % len(free)]
            others[place] = replace(others[place], gligen=boxes)
