"""A training that can be cut off at any step and goes on from where it was.

Nothing random is kept between steps: what a step draws follows from its number, so that a training that was
interrupted ends as one that was not.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

SAVE_EVERY: Final = 120.0       # seconds
REPORT_EVERY: Final = 30.0
LARGEST_STEP: Final = 1.0       # the norm that gradients are cut to


@dataclass(frozen=True, slots=True)
class Rate:
    """A learning rate: linear up to the peak, then half a cosine down to a share of it."""

    peak: float
    warm_up: int = 100
    last_share: float = 0.02

    def at(self, step: int, steps: int) -> float:
        """The rate of a step, counted from 0."""
        if step < self.warm_up:
            return self.peak * (step + 1) / self.warm_up
        done = (step - self.warm_up) / max(1, steps - self.warm_up)
        return self.peak * (self.last_share + (1 - self.last_share) * (1 + math.cos(math.pi * done)) / 2)


class Loop:
    """The steps of one training, without those that an earlier run has done.

    All networks are kept in the file; those that require gradients learn.
    """

    def __init__(
        self, path: Path, steps: int, rate: Rate, networks: Mapping[str, nn.Module], report: Callable[[str], None]
    ) -> None:
        self.path = path
        self.steps = steps
        self.rate = rate
        self.networks = networks
        self.report = report
        self.step = 0             # how many are done
        self.loss = 0.0           # a running mean
        self.learning = [
            weight for network in networks.values() for weight in network.parameters() if weight.requires_grad
        ]
        self.optimiser = torch.optim.AdamW(self.learning, betas=(0.9, 0.99), weight_decay=0.01, fused=True)
        if path.exists():
            self._take_up()

    def _take_up(self) -> None:
        state = torch.load(self.path, weights_only=True)
        self.step, self.loss = state["step"], state["loss"]
        self.optimiser.load_state_dict(state["optimiser"])
        for name, network in self.networks.items():
            network.load_state_dict(state[name])

    def save(self) -> None:
        """Keep the state. At every moment there is a whole file."""
        state = {name: network.state_dict() for name, network in self.networks.items()}
        unfinished = self.path.with_suffix(".part")
        own = {"step": self.step, "loss": self.loss, "optimiser": self.optimiser.state_dict()}
        torch.save({**own, **state}, unfinished)
        unfinished.replace(self.path)

    def __iter__(self) -> Iterator[int]:
        """The number of each step that is to be done; `learn` does it."""
        started = saved = reported = time.monotonic()
        first = self.step
        while self.step < self.steps:
            yield self.step
            self.step += 1
            now = time.monotonic()
            if now - reported > REPORT_EVERY:
                reported = now
                left = (now - started) / (self.step - first) * (self.steps - self.step)
                self.report(f"step {self.step} of {self.steps}, loss {self.loss:.4f}, {left / 60:.0f} minutes left")
            if now - saved > SAVE_EVERY:
                saved = now
                self.save()
        self.save()

    def learn(self, loss: Tensor) -> None:
        """Move the weights so that a loss becomes smaller."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate.at(self.step, self.steps)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.learning, LARGEST_STEP)
        self.optimiser.step()
        self.optimiser.zero_grad()
        value = float(loss.detach())
        self.loss = value if self.step == 0 else 0.99 * self.loss + 0.01 * value


def drawn_at(seed: int, step: int) -> torch.Generator:
    """The random numbers of one step."""
    return torch.Generator().manual_seed(seed * 1_000_003 + step)
