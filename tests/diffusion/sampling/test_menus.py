import inspect
import json
import pkgutil
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import wftools.diffusion.sampling as menus
from wftools.diffusion.sampling import SAMPLERS, SCHEDULES, sampler, schedule, schedules
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
OFF_THE_MENU = {"euler_cfg_pp_alternative", "lcm_upscale"}  # nodes have them
COMFYUI_SCHEDULES = "simple sgm_uniform karras exponential ddim_uniform beta normal linear_quadratic kl_optimal"

DATA = Path(__file__).parents[2] / "data"
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


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_sampler_on_the_menu_is_a_generator_function_of_that_name_or_the_one_named(name: str) -> None:
    entry, solver = SAMPLERS[name], sampler(name)

    assert inspect.isgeneratorfunction(solver.function)
    assert getattr(solver.function, "__name__", None) == (entry.function or name)
    assert list(inspect.signature(solver.function).parameters)[:4] == ["denoise", "x", "sigmas", "noise"]
    assert inspect.signature(solver.function).parameters.keys() >= entry.options.keys()


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_on_the_menu_is_a_function_of_that_name(name: str) -> None:
    assert getattr(schedule(name), "__name__", None) == name


def test_every_sampler_and_every_schedule_is_on_its_menu() -> None:
    samplers = {
        name
        for module in MODULES
        for name in public_functions(module)
        if inspect.isgeneratorfunction(getattr(module, name))
    }

    assert samplers == {entry.function or name for name, entry in SAMPLERS.items()} | OFF_THE_MENU
    assert public_functions(schedules) == set(SCHEDULES)


def test_every_sampler_has_been_compared_with_comfyui_s() -> None:
    """Its kind of noise, its defaults and how it takes its last steps show in a recorded run, and in no law."""
    runs = json.loads((DATA / "diffusion/runs.json").read_text("utf-8"))["runs"].values()
    suites = ((DATA / "parity" / name).read_text("utf-8") for name in ("breadth.jsonl", "denoising.jsonl"))
    cases = (json.loads(line) for suite in suites for line in suite.splitlines())
    nodes = (node["inputs"] for case in cases for node in case["prompt"].values())

    compared = {run["sampler"] for run in runs} | {inputs.get("sampler_name") for inputs in nodes}

    assert set(SAMPLERS) <= compared


@pytest.mark.parametrize("choose", [sampler, schedule])
def test_what_is_not_on_a_menu_says_so(choose: Callable[[str], object]) -> None:
    with pytest.raises(RunError, match="'nonsense' does not exist"):
        choose("nonsense")


def test_the_menus_are_read_without_torch() -> None:
    code = "import sys, wftools.diffusion.sampling; sys.exit('torch' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
