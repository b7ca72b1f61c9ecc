"""The menus of samplers and schedules: ComfyUI's names in ComfyUI's order. No torch at import.

The order is part of the file format, since the first entry of a combo is its default.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from enum import Enum
from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

from wftools.errors import RunError, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from torch import Tensor

    from wftools.diffusion.sampling.schedules import Schedule
    from wftools.diffusion.sampling.step import Noise, Sampler, Steps
    from wftools.values import Denoise


class NoiseKind(Enum):
    """The random numbers that a sampler adds on its way."""

    NONE = "none"
    NORMAL = "normal"  # drawn anew at every call
    BROWNIAN = "brownian"  # increments of one Brownian path, so that other steps see the same noise
    FOLLOWING = "following"  # what the generator of the initial noise draws after it


NONE, NORMAL, BROWNIAN, FOLLOWING = NoiseKind


@dataclass(frozen=True, slots=True)
class Entry:
    """A sampler on the menu."""

    module: str
    noise: NoiseKind
    function: str = ""  # in the module, where its name is not the entry's
    options: Mapping[str, float | str] = field(default_factory=dict)  # where they are not the function's defaults
    # It evaluates the network between two sigmas; ComfyUI gives it one step more and takes the last but one away.
    skips_penultimate: bool = False
    masks_anew: bool = False  # see Solver


SAMPLERS: Final[Mapping[str, Entry]] = {
    "euler": Entry("euler", NONE),
    "euler_cfg_pp": Entry("cfg_pp", NONE, "euler_ancestral_cfg_pp", {"eta": 0.0}),
    "euler_ancestral": Entry("euler", NORMAL),
    "euler_ancestral_cfg_pp": Entry("cfg_pp", NORMAL),
    "heun": Entry("heun", NONE),
    "heunpp2": Entry("heun", NONE),
    "exp_heun_2_x0": Entry("seeds", NONE, "seeds_2", {"eta": 0.0, "r": 1.0, "solver_type": "phi_2"}),
    "exp_heun_2_x0_sde": Entry("seeds", NORMAL, "seeds_2", {"r": 1.0, "solver_type": "phi_2"}),
    "dpm_2": Entry("dpm", NONE, skips_penultimate=True),
    "dpm_2_ancestral": Entry("dpm", NORMAL, skips_penultimate=True),
    "lms": Entry("multistep", NONE),
    "dpm_fast": Entry("dpm_solver", NONE),
    "dpm_adaptive": Entry("dpm_solver", NORMAL),
    "dpmpp_2s_ancestral": Entry("dpmpp", NORMAL),
    "dpmpp_2s_ancestral_cfg_pp": Entry("cfg_pp", NORMAL),
    "dpmpp_sde": Entry("dpmpp_sde", BROWNIAN),
    "dpmpp_sde_gpu": Entry("dpmpp_sde", BROWNIAN, "dpmpp_sde"),
    "dpmpp_2m": Entry("dpmpp", NONE),
    "dpmpp_2m_cfg_pp": Entry("cfg_pp", NONE),
    "dpmpp_2m_sde": Entry("dpmpp_sde", BROWNIAN),
    "dpmpp_2m_sde_gpu": Entry("dpmpp_sde", BROWNIAN, "dpmpp_2m_sde"),
    "dpmpp_2m_sde_heun": Entry("dpmpp_sde", BROWNIAN, "dpmpp_2m_sde", {"solver_type": "heun"}),
    "dpmpp_2m_sde_heun_gpu": Entry("dpmpp_sde", BROWNIAN, "dpmpp_2m_sde", {"solver_type": "heun"}),
    "dpmpp_3m_sde": Entry("dpmpp_sde", BROWNIAN),
    "dpmpp_3m_sde_gpu": Entry("dpmpp_sde", BROWNIAN, "dpmpp_3m_sde"),
    "ddpm": Entry("euler", NORMAL),
    "lcm": Entry("lcm", NORMAL),
    "ipndm": Entry("multistep", NONE),
    "ipndm_v": Entry("multistep", NONE),
    "deis": Entry("multistep", NONE),
    "res_multistep": Entry("res", NONE, "res_multistep_ancestral", {"eta": 0.0}),
    "res_multistep_cfg_pp": Entry("res", NONE, "res_multistep_ancestral_cfg_pp", {"eta": 0.0}),
    "res_multistep_ancestral": Entry("res", NORMAL),
    "res_multistep_ancestral_cfg_pp": Entry("res", NORMAL),
    "gradient_estimation": Entry("gradient_estimation", NONE),
    "gradient_estimation_cfg_pp": Entry("gradient_estimation", NONE),
    "er_sde": Entry("er_sde", NORMAL),
    "seeds_2": Entry("seeds", NORMAL),
    "seeds_3": Entry("seeds", NORMAL),
    "sa_solver": Entry("sa_solver", NORMAL),
    "sa_solver_pece": Entry("sa_solver", NORMAL, "sa_solver", {"use_pece": True}),
    "ddim": Entry("euler", NONE, "euler", masks_anew=True),
    "uni_pc": Entry("uni_pc", NONE, skips_penultimate=True),
    "uni_pc_bh2": Entry("uni_pc", NONE, "uni_pc", {"variant": "bh2"}, skips_penultimate=True),
}

SCHEDULES: Final = (
    "simple",
    "sgm_uniform",
    "karras",
    "exponential",
    "ddim_uniform",
    "beta",
    "normal",
    "linear_quadratic",
    "kl_optimal",
)


@dataclass(frozen=True, slots=True)
class Solver:
    """A sampler with its options: what travels along SAMPLER links."""

    function: Sampler
    noise: NoiseKind
    options: Mapping[str, float | str | None] = field(default_factory=dict)
    # Outside of a mask it holds the latent to noise of the seed that follows, not to that of the start.
    masks_anew: bool = False

    def __call__(self, denoise: Denoise, x: Tensor, sigmas: Tensor, noise: Noise) -> Steps:
        """Yield a step before every update of x, return the last x."""
        return self.function(denoise, x, sigmas, noise, **self.options)


def sampler(name: str, **options: float | str | None) -> Solver:
    """The sampler of that name. Raises RunError if there is none, or if it has no such option."""
    if name not in SAMPLERS:
        raise _not_there("sampler", name, SAMPLERS)
    entry = SAMPLERS[name]
    function = getattr(import_module(f"wftools.diffusion.sampling.{entry.module}"), entry.function or name)
    parameters = inspect.signature(function).parameters.values()
    known = [each.name for each in parameters if each.kind is each.KEYWORD_ONLY and each.name not in entry.options]
    for option in options:
        if option not in known:
            raise RunError(
                f"the sampler {name!r} has no option {option!r}", hint=f"it has {', '.join(known) or 'none'}"
            )
    return Solver(function, entry.noise, {**entry.options, **options}, entry.masks_anew)


def schedule(name: str) -> Schedule:
    """The schedule of that name. Raises RunError if there is none."""
    if name not in SCHEDULES:
        raise _not_there("schedule", name, SCHEDULES)
    return cast("Schedule", getattr(import_module("wftools.diffusion.sampling.schedules"), name))


def _not_there(what: str, name: str, menu: Iterable[str]) -> RunError:
    return RunError(f"{what} {shown(name)} does not exist", hint=f"choose one of {', '.join(menu)}")
