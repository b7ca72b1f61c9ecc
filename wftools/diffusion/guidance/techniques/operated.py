"""Guidance by a difference that an operation on latents has changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wftools.diffusion.guidance import Asked, Guidance

if TYPE_CHECKING:
    from wftools.values import LatentOperation, Model


def operated_guidance(model: Model, operation: LatentOperation) -> Model:
    """An operation on what the positive side predicts beyond the negative one."""
    return model.with_guidance(Guidance(before=(_Operated(operation),)))


@dataclass(frozen=True, slots=True)
class _Operated:
    operation: LatentOperation

    def __call__(self, asked: Asked) -> Asked:
        # Guiders of more than two sides have the prediction itself changed, as in ComfyUI.
        if len(asked.question.branches) != 2:
            return replace(asked, cond=self.operation(asked.cond))
        return replace(asked, cond=self.operation(asked.cond - asked.uncond) + asked.uncond)
