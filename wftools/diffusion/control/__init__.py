"""Control: pictures that say what a network's features shall be like, while it denoises.

A control network (`values.ControlNet`) with what it is shown is a `values.ControlSource`, which a cond carries. It is
asked once for each batch of calls; what it makes of its pictures alone is the same at every step, and kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from wftools.imaging.batch import to_batch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from wftools.diffusion.patches import Control
    from wftools.values import Cond, Conditioning, ControlNet, ControlSource, Hint, Model, NetworkInputs


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A control network that is shown pictures, and when and how strongly it counts: a `values.ControlSource`."""

    net: ControlNet
    hint: Hint
    strength: float = 1.0
    start: float = 0.0  # share of the way from noise to picture from which on it counts
    end: float = 1.0  # and up to which
    before: ControlSource | None = None  # what it is added to
    # What it sees, for latents of the size that was asked for last.
    _seen: dict[tuple[int, int], Any] = field(default_factory=dict, init=False)

    def __call__(self, x: Tensor, sigma: Tensor, inputs: NetworkInputs, model: Model, *, calls: int) -> Control | None:
        """What is added in a call for x (B, C, h, w), sigma (B,) and inputs (B, …); None: nothing."""
        before = None if self.before is None else self.before(x, sigma, inputs, model, calls=calls)
        levels = model.parametrisation.levels
        if sigma[0] > levels.at_percent(self.start) or sigma[0] < levels.at_percent(self.end):
            return before
        control = self.net.control(self._seen_at(x, model), x, sigma, inputs, model, calls=calls)
        control = control.each(lambda added: added * self.strength)
        return control if before is None else control.plus(before)

    def _seen_at(self, x: Tensor, model: Model) -> Any:
        height, width = x.shape[-2:]
        if (height, width) not in self._seen:
            self._seen.clear()
            self._seen[height, width] = self.net.seen(self.hint, height, width, model)
        return self._seen[height, width]


def shown_to(
    conditionings: Sequence[Conditioning],
    net: ControlNet,
    hint: Hint,
    *,
    strength: float,
    start: float = 0.0,
    end: float = 1.0,
) -> tuple[Conditioning, ...]:
    """Conditionings whose entries are controlled by pictures, too; as they are if the strength is 0.

    Entries with the same control before have the same one after it, so that they stay one batch.
    """
    if strength == 0:
        return tuple(conditionings)
    made: dict[ControlSource | None, Shown] = {}

    def controlled(cond: Cond) -> Cond:
        control = made.setdefault(cond.control, Shown(net, hint, strength, start, end, cond.control))
        return replace(cond, control=control, control_apply_to_uncond=False)

    return tuple(tuple(map(controlled, conditioning)) for conditioning in conditionings)


def for_batch(tensor: Tensor, size: int, calls: int) -> Tensor:
    """What belongs to pictures, one each, in a batch of that size, where so many calls stand behind one another.

    What belongs to a single picture stays as it is: (1, …).
    """
    if len(tensor) == 1:
        return tensor
    return to_batch(tensor, size // calls).repeat(calls, *[1] * (tensor.ndim - 1))
