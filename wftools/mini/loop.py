"""A training that can be cut off at any step and goes on from where it was, alone or beside equal processes.

Nothing random is kept between steps: what a step draws follows from its number, so that a training that was
interrupted ends as one that was not. Of several processes each learns from its share of every batch, and their
gradients are averaged: that beats threads on networks this small, most of all on a machine that others use too.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor, distributed, nn

from wftools.writing import atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

SAVE_EVERY: Final = 120.0  # seconds
REPORT_EVERY: Final = 30.0
LARGEST_STEP: Final = 1.0  # the norm that gradients are cut to
WEIGHT_DECAY: Final = 0.01
MUON_FACTOR: Final = 2.5  # its learning rate, in units of AdamW's


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


@dataclass(frozen=True, slots=True)
class Training:
    """How a network is trained. What a step draws follows from the seed and its number."""

    seed: int
    batch: int
    rate: Rate

    def drawn_at(self, step: int) -> torch.Generator:
        """The random numbers of one step, as tensors."""
        return torch.Generator().manual_seed(self.seed * 1_000_003 + step)

    def random_at(self, step: int) -> Random:
        """The random choices of one step."""
        return Random(self.seed * 10**9 + step)


class Loop:
    """The steps of one training, without those that an earlier run has done.

    All networks are kept in the file; those that require gradients learn. `matrices` are the weights that Muon moves
    (Jordan et al. 2024, steps scaled as in Liu et al. 2025): each step is made orthogonal, convolutions seen as
    matrices (out, in * height * width). AdamW moves all others.
    """

    def __init__(
        self,
        path: Path,
        steps: int,
        rate: Rate,
        networks: Mapping[str, nn.Module],
        report: Callable[[str], None],
        *,
        matrices: Sequence[nn.Parameter] = (),
    ) -> None:
        self.path = path
        self.steps = steps
        self.rate = rate
        self.networks = networks
        self.report = report
        self.step = 0  # how many are done
        self.loss = 0.0  # a running mean
        self.learning = [
            weight for network in networks.values() for weight in network.parameters() if weight.requires_grad
        ]
        self.matrices = list(matrices)
        self.flattened = [nn.Parameter(weight.detach().flatten(1)) for weight in matrices]  # the same memory
        known = {id(weight) for weight in matrices}
        others = [weight for weight in self.learning if id(weight) not in known]
        self.optimisers: list[torch.optim.Optimizer] = [
            torch.optim.AdamW(others, betas=(0.9, 0.99), weight_decay=WEIGHT_DECAY, fused=True)
        ]
        if self.flattened:
            self.optimisers.append(
                torch.optim.Muon(self.flattened, weight_decay=WEIGHT_DECAY, adjust_lr_fn="match_rms_adamw")
            )
        if path.exists():
            state = torch.load(path, weights_only=True)
            self.step, self.loss = state["step"], state["loss"]
            for optimiser, own in zip(self.optimisers, state["optimisers"], strict=True):
                optimiser.load_state_dict(own)
            for name, network in networks.items():
                network.load_state_dict(state[name])

    def save(self) -> None:
        """Keep the state, once for all processes."""
        if rank() > 0:
            return
        state = {name: network.state_dict() for name, network in self.networks.items()}
        optimisers = [optimiser.state_dict() for optimiser in self.optimisers]
        own = {"step": self.step, "loss": self.loss, "optimisers": optimisers}
        keep({**own, **state}, self.path)

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

    def _average_gradients(self) -> None:
        if workers() == 1:
            return
        gradients = [weight.grad for weight in self.learning if weight.grad is not None]
        joined = torch.cat([gradient.flatten() for gradient in gradients])
        distributed.all_reduce(joined)
        joined /= workers()
        means = torch.split(joined, [each.numel() for each in gradients])
        for gradient, mean in zip(gradients, means, strict=True):
            gradient.copy_(mean.view_as(gradient))

    def learn(self, loss: Tensor) -> None:
        """Move the weights so that a loss becomes smaller."""
        loss.backward()  # type: ignore[no-untyped-call]
        self._average_gradients()
        nn.utils.clip_grad_norm_(self.learning, LARGEST_STEP)
        for weight, flat in zip(self.matrices, self.flattened, strict=True):
            assert weight.grad is not None
            flat.grad = weight.grad.flatten(1)
        rate = self.rate.at(self.step, self.steps)
        for optimiser, factor in zip(self.optimisers, (1.0, MUON_FACTOR), strict=False):
            for group in optimiser.param_groups:
                group["lr"] = factor * rate
            optimiser.step()
        for weight in self.learning:
            weight.grad = None
        value = float(loss.detach())
        self.loss = value if self.step == 0 else 0.99 * self.loss + 0.01 * value


def keep(state: object, path: Path) -> None:
    """Save tensors so that at every moment there is a whole file, or none."""
    with atomically(path) as stream:
        torch.save(state, stream)


def rank() -> int:
    """Which of the training processes this is, from 0."""
    return distributed.get_rank() if distributed.is_initialized() else 0


def workers() -> int:
    """How many training processes there are."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def own_share(count: int) -> slice:
    """The part of `count` items that falls to this process."""
    return slice(rank() * count // workers(), (rank() + 1) * count // workers())


def wait_for_others() -> None:
    """Go on when every training process has come here."""
    if workers() > 1:
        distributed.barrier()
