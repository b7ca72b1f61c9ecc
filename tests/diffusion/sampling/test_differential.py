import pytest
import torch

from wftools.diffusion.guidance import Guidance
from wftools.diffusion.sampling.differential import differential_diffusion
from wftools.diffusion.sampling.levels import DiscreteLevels
from wftools.diffusion.sampling.parametrise import Eps
from wftools.values import Sampling

LEVELS = DiscreteLevels()


class Model:
    parametrisation = Eps(LEVELS)

    def with_guidance(self, more: Guidance) -> Guidance:
        return more


def mask_at(sigma: float, strength: float = 1.0) -> list[float]:
    """What a mask of greys 0, 0.1 … 1 is at a sigma of a run over all levels."""
    mask = torch.linspace(0, 1, 11)
    sigmas = torch.cat([LEVELS.sigmas[[999, 500, 250]], torch.zeros(1)])
    options = differential_diffusion(Model(), strength)  # type: ignore[arg-type]
    run = Sampling(mask, mask, mask, sigmas)
    changed: torch.Tensor = options.mask_at(mask, torch.tensor(sigma), run, Model())  # type: ignore[attr-defined]
    return changed.tolist()


@pytest.mark.parametrize(("timestep", "begun"), [(999, 1), (499, 6), (0, 11)])
def test_the_brighter_a_cell_is_the_earlier_it_may_change(timestep: int, begun: int) -> None:
    changed = mask_at(LEVELS.sigmas[timestep].item())

    assert changed == [0.0] * (11 - begun) + [1.0] * begun


def test_a_strength_leaves_some_of_the_mask_itself_and_none_counts_as_all() -> None:
    sigma = LEVELS.sigmas[999].item()

    assert mask_at(sigma, 0.5) == pytest.approx([*(grey / 20 for grey in range(10)), 1.0])
    assert mask_at(sigma, 0.0) == mask_at(sigma, 1.0)
