from pathlib import Path

import pytest
import torch
from torch import distributed, nn
from torch.multiprocessing.spawn import spawn

from wftools.mini.loop import Loop, Rate, Training, own_share

pytestmark = pytest.mark.skipif(not hasattr(torch.optim, "Muon"), reason="training needs the Muon of torch 2.9")


def silent(_line: str) -> None:
    """Report nothing."""


def fitted(path: Path, stop_after: int | None = None) -> nn.Linear:
    """A layer fitted to random inputs in 20 steps, or as far as it is let."""
    torch.manual_seed(0)
    layer = nn.Linear(4, 4)
    training = Training(seed=0, batch=8, rate=Rate(0.1, warm_up=5))
    loop = Loop(path, 20, training.rate, {"layer": layer}, silent, matrices=[layer.weight])  # type: ignore[list-item]
    for step in loop:
        inputs = torch.randn(training.batch, 4, generator=training.drawn_at(step))[own_share(training.batch)]
        loop.learn((layer(inputs) - 1).square().mean())
        if step == stop_after:
            loop.step += 1
            loop.save()
            break
    return layer


@pytest.mark.parametrize("stop_after", [0, 7, 18])
def test_an_interrupted_training_ends_as_an_uninterrupted_one(tmp_path: Path, stop_after: int) -> None:
    whole = fitted(tmp_path / "whole.pt")

    fitted(tmp_path / "cut.pt", stop_after)
    resumed = fitted(tmp_path / "cut.pt")

    assert torch.equal(resumed.weight, whole.weight)


def test_a_finished_training_is_not_done_again(tmp_path: Path) -> None:
    done = fitted(tmp_path / "whole.pt")

    assert torch.equal(fitted(tmp_path / "whole.pt").weight, done.weight)


def fit_beside_others(rank: int, meeting: Path, path: Path) -> None:
    """What one of two processes does."""
    distributed.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=2)
    fitted(path)
    distributed.destroy_process_group()


def test_two_processes_learn_what_one_learns(tmp_path: Path) -> None:
    alone = fitted(tmp_path / "alone.pt")

    spawn(fit_beside_others, (tmp_path / "meeting", tmp_path / "both.pt"), 2)

    both = fitted(tmp_path / "both.pt")  # finished: it is only read
    # The mean of two halves is rounded otherwise, and Muon computes in bfloat16; without averaging it is 0.2.
    torch.testing.assert_close(both.weight, alone.weight, atol=1e-3, rtol=0)
    torch.testing.assert_close(both.bias, alone.bias, atol=1e-3, rtol=0)


def test_the_rate_warms_up_and_fades() -> None:
    rates = [Rate(1.0, warm_up=10).at(step, 100) for step in range(100)]

    assert rates[:10] == pytest.approx([0.1 * step for step in range(1, 11)])
    assert rates[9:] == sorted(rates[9:], reverse=True)
    assert rates[-1] < 0.03
