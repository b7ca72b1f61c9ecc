"""The menus of samplers and schedules: ComfyUI's names in ComfyUI's order. No torch at import.

None: not implemented in wftools yet. The order is part of the file format, since the first entry of a combo is its
default.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from enum import Enum
from importlib import import_module
from typing import TYPE_CHECKING, Final, TypeVar, cast

from wftools.errors import RunError, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from wftools.diffusion.sampling.schedules import Schedule
    from wftools.diffusion.sampling.step import Noise, Sampler, Steps
    from wftools.values import Denoise

Served = TypeVar("Served")


class NoiseKind(Enum):
    """The random numbers that a sampler adds on its way."""

    NONE = "none"
    NORMAL = "normal"  # drawn anew at every call
    BROWNIAN = "brownian"  # increments of one Brownian path, so that other steps see the same noise


NONE, NORMAL, BROWNIAN = NoiseKind.NONE, NoiseKind.NORMAL, NoiseKind.BROWNIAN


@dataclass(frozen=True, slots=True)
class Entry:
    """A sampler on the menu."""

    module: str
    noise: NoiseKind
    function: str = ""  # in the module, where its name is not the entry's
    options: Mapping[str, float | str] = field(default_factory=dict)  # where they are not the function's defaults
    # It evaluates the network between two sigmas; ComfyUI gives it one step more and takes the last but one away.
    skips_penultimate: bool = False


SAMPLERS: Final[Mapping[str, Entry | None]] = {
    "euler": Entry("euler", NONE),
    "euler_cfg_pp": Entry("cfg_pp", NONE, "euler_ancestral_cfg_pp", {"eta": 0.0}),
    "euler_ancestral": Entry("euler", NORMAL),
    "euler_ancestral_cfg_pp": Entry("cfg_pp", NORMAL),
    "heun": Entry("heun", NONE),
    "heunpp2": None,
    "exp_heun_2_x0": None,
    "exp_heun_2_x0_sde": None,
    "dpm_2": Entry("dpm", NONE, skips_penultimate=True),
    "dpm_2_ancestral": Entry("dpm", NORMAL, skips_penultimate=True),
    "lms": None,
    "dpm_fast": None,
    "dpm_adaptive": None,
    "dpmpp_2s_ancestral": None,
    "dpmpp_2s_ancestral_cfg_pp": None,
    "dpmpp_sde": Entry("dpmpp", BROWNIAN),
    "dpmpp_sde_gpu": None,
    "dpmpp_2m": Entry("dpmpp", NONE),
    "dpmpp_2m_cfg_pp": None,
    "dpmpp_2m_sde": None,
    "dpmpp_2m_sde_gpu": None,
    "dpmpp_2m_sde_heun": None,
    "dpmpp_2m_sde_heun_gpu": None,
    "dpmpp_3m_sde": None,
    "dpmpp_3m_sde_gpu": None,
    "ddpm": None,
    "lcm": None,
    "ipndm": None,
    "ipndm_v": None,
    "deis": None,
    "res_multistep": None,
    "res_multistep_cfg_pp": None,
    "res_multistep_ancestral": None,
    "res_multistep_ancestral_cfg_pp": None,
    "gradient_estimation": None,
    "gradient_estimation_cfg_pp": None,
    "er_sde": None,
    "seeds_2": None,
    "seeds_3": None,
    "sa_solver": None,
    "sa_solver_pece": None,
    "ddim": None,
    "uni_pc": None,
    "uni_pc_bh2": None,
}

SCHEDULES: Final[Mapping[str, str | None]] = {
    "simple": "schedules",
    "sgm_uniform": "schedules",
    "karras": "schedules",
    "exponential": "schedules",
    "ddim_uniform": "schedules",
    "beta": None,
    "normal": "schedules",
    "linear_quadratic": "schedules",
    "kl_optimal": "schedules",
}


@dataclass(frozen=True, slots=True)
class Solver:
    """A sampler with its options: what travels along SAMPLER links."""

    function: Sampler
    noise: NoiseKind
    options: Mapping[str, float | str] = field(default_factory=dict)

    def __call__(self, denoise: Denoise, x: Tensor, sigmas: Tensor, noise: Noise) -> Steps:
        """Yield a step before every update of x, return the last x."""
        return self.function(denoise, x, sigmas, noise, **self.options)


def sampler(name: str, **options: float | str) -> Solver:
    """The sampler of that name. Raises RunError if there is none, or not yet, or if it has no such option."""
    entry = on_menu("sampler", name, SAMPLERS)
    function = getattr(import_module(f"wftools.diffusion.sampling.{entry.module}"), entry.function or name)
    parameters = inspect.signature(function).parameters.values()
    known = [each.name for each in parameters if each.kind is each.KEYWORD_ONLY and each.name not in entry.options]
    for option in options:
        if option not in known:
            raise RunError(
                f"the sampler {name!r} has no option {option!r}", hint=f"it has {', '.join(known) or 'none'}"
            )
    return Solver(function, entry.noise, {**entry.options, **options})


def schedule(name: str) -> Schedule:
    """The schedule of that name. Raises RunError if there is none, or not yet."""
    module = on_menu("schedule", name, SCHEDULES)
    return cast("Schedule", getattr(import_module(f"wftools.diffusion.sampling.{module}"), name))


def on_menu(what: str, name: str, menu: Mapping[str, Served | None]) -> Served:
    """What a menu has under a name. Raises RunError if there is nothing, or not yet."""
    served = menu.get(name)
    if served is None:
        problem = "is not implemented in wftools yet" if name in menu else "does not exist"
        available = ", ".join(each for each, entry in menu.items() if entry is not None)
        raise RunError(f"{what} {shown(name)} {problem}", hint=f"choose one of {available}")
    return served
