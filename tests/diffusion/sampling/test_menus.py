import inspect
import pkgutil
import subprocess
import sys
from importlib import import_module
from types import ModuleType

import pytest

import wftools.diffusion.sampling as menus
from wftools.diffusion.sampling import SAMPLERS, SCHEDULES, WITHOUT_PENULTIMATE, sampler, schedule, schedules
from wftools.errors import RunError

# ComfyUI 0.33.0's combos; their order is part of the file format.
COMFYUI_SAMPLERS = """
    euler euler_cfg_pp euler_ancestral euler_ancestral_cfg_pp heun heunpp2 exp_heun_2_x0 exp_heun_2_x0_sde dpm_2
    dpm_2_ancestral lms dpm_fast dpm_adaptive dpmpp_2s_ancestral dpmpp_2s_ancestral_cfg_pp dpmpp_sde dpmpp_sde_gpu
    dpmpp_2m dpmpp_2m_cfg_pp dpmpp_2m_sde dpmpp_2m_sde_gpu dpmpp_2m_sde_heun dpmpp_2m_sde_heun_gpu dpmpp_3m_sde
    dpmpp_3m_sde_gpu ddpm lcm ipndm ipndm_v deis res_multistep res_multistep_cfg_pp res_multistep_ancestral
    res_multistep_ancestral_cfg_pp gradient_estimation gradient_estimation_cfg_pp er_sde seeds_2 seeds_3 sa_solver
    sa_solver_pece ddim uni_pc uni_pc_bh2
"""
COMFYUI_SCHEDULES = "simple sgm_uniform karras exponential ddim_uniform beta normal linear_quadratic kl_optimal"

MODULES = [import_module(f"{menus.__name__}.{module.name}") for module in pkgutil.iter_modules(menus.__path__)]


def public_functions(module: ModuleType) -> set[str]:
    return {
        name
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__ and not name.startswith("_")
    }


def test_the_menus_have_comfyui_s_order() -> None:
    assert list(SAMPLERS) == COMFYUI_SAMPLERS.split()
    assert list(SCHEDULES) == COMFYUI_SCHEDULES.split()


@pytest.mark.parametrize("name", [name for name, module in SAMPLERS.items() if module])
def test_a_sampler_on_the_menu_is_a_generator_function_of_that_name(name: str) -> None:
    function = sampler(name)

    assert inspect.isgeneratorfunction(function)
    assert function.__name__ == name
    assert list(inspect.signature(function).parameters)[:4] == ["denoise", "x", "sigmas", "noise"]


@pytest.mark.parametrize("name", [name for name, module in SCHEDULES.items() if module])
def test_a_schedule_on_the_menu_is_a_function_of_that_name(name: str) -> None:
    assert getattr(schedule(name), "__name__", None) == name


def test_every_sampler_and_every_schedule_is_on_its_menu() -> None:
    samplers = {
        name
        for module in MODULES
        for name in public_functions(module)
        if inspect.isgeneratorfunction(getattr(module, name))
    }

    assert samplers == {name for name, module in SAMPLERS.items() if module}
    assert public_functions(schedules) == {name for name, module in SCHEDULES.items() if module}


def test_samplers_without_the_last_step_but_one_are_on_the_menu() -> None:
    assert set(SAMPLERS) >= WITHOUT_PENULTIMATE


@pytest.mark.parametrize(("choose", "menu"), [(sampler, SAMPLERS), (schedule, SCHEDULES)])
def test_what_is_not_there_yet_says_so(choose: object, menu: dict[str, str | None]) -> None:
    missing = next(name for name, module in menu.items() if module is None)

    with pytest.raises(RunError, match=f"'{missing}' is not implemented in wftools yet"):
        choose(missing)  # type: ignore[operator]
    with pytest.raises(RunError, match="'nonsense' does not exist"):
        choose("nonsense")  # type: ignore[operator]


def test_the_menus_are_read_without_torch() -> None:
    code = "import sys, wftools.diffusion.sampling; sys.exit('torch' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
