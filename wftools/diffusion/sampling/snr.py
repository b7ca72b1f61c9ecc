"""Time as exponential integrators count it: half of the logarithm of the signal-to-noise ratio, ln(alpha / sigma).

It grows as the noise goes. Where noise adds up alpha is 1, so it is -ln(sigma); in a flow it is -logit(sigma).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Denoise, Parametrisation

AFTER_THE_START: Final = 1e-4  # the share of the way at which ComfyUI starts a flow whose first sigma is 1


def half_log_snr(parametrisation: Parametrisation, sigma: Tensor) -> Tensor:
    """ln(alpha / sigma), infinite where there is no noise."""
    return -sigma.logit() if parametrisation.is_flow else -sigma.log()


def sigma_at(parametrisation: Parametrisation, half_log_snr: Tensor) -> Tensor:
    """The sigma with that half log SNR."""
    return (-half_log_snr).sigmoid() if parametrisation.is_flow else (-half_log_snr).exp()


def started(denoise: Denoise, sigmas: Tensor) -> Tensor:
    """The sigmas of a run; a flow's first one, at which nothing of the latent is left, a little lower."""
    if not denoise.parametrisation.is_flow or len(sigmas) < 2 or sigmas[0] < 1:
        return sigmas
    first = denoise.parametrisation.levels.at_percent(AFTER_THE_START)
    return torch.cat([sigmas.new_tensor([first]), sigmas[1:]])
