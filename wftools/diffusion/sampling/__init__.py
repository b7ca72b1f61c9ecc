"""The menus of samplers and schedules: ComfyUI's names in ComfyUI's order. No torch at import.

A name leads to the module that has a function of that name; None: not implemented in wftools yet. The order is part of
the file format, since the first entry of a combo is its default.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

from wftools.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.diffusion.sampling.schedules import Schedule
    from wftools.diffusion.sampling.step import Sampler

SAMPLERS: Final[Mapping[str, str | None]] = {
    "euler": "euler",
    "euler_cfg_pp": None,
    "euler_ancestral": "euler",
    "euler_ancestral_cfg_pp": None,
    "heun": "heun",
    "heunpp2": None,
    "exp_heun_2_x0": None,
    "exp_heun_2_x0_sde": None,
    "dpm_2": "dpm",
    "dpm_2_ancestral": "dpm",
    "lms": None,
    "dpm_fast": None,
    "dpm_adaptive": None,
    "dpmpp_2s_ancestral": None,
    "dpmpp_2s_ancestral_cfg_pp": None,
    "dpmpp_sde": None,
    "dpmpp_sde_gpu": None,
    "dpmpp_2m": "dpmpp",
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

# These evaluate the network between two sigmas; ComfyUI gives them one step more and takes the last but one away.
WITHOUT_PENULTIMATE: Final = frozenset({"dpm_2", "dpm_2_ancestral", "uni_pc", "uni_pc_bh2"})


def sampler(name: str) -> Sampler:
    """The sampler of that name. Raises RunError if there is none, or not yet."""
    return cast("Sampler", _chosen(SAMPLERS, "sampler", name))


def schedule(name: str) -> Schedule:
    """The schedule of that name. Raises RunError if there is none, or not yet."""
    return cast("Schedule", _chosen(SCHEDULES, "schedule", name))


def _chosen(menu: Mapping[str, str | None], what: str, name: str) -> object:
    module = menu.get(name)
    if module is None:
        problem = "is not implemented in wftools yet" if name in menu else "does not exist"
        available = ", ".join(entry for entry, where in menu.items() if where)
        raise RunError(f"{what} {name!r} {problem}", hint=f"choose one of {available}")
    return getattr(import_module(f"wftools.diffusion.sampling.{module}"), name)
