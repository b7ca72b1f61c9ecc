"""Promises about the whole: start-up, help, floors, public names."""

from __future__ import annotations

import json
import subprocess
import sys

import click
import pytest

from tests.weights.model_files import write_hollow
from wftools.cli import COMMANDS
from wftools.lint.examples import picture

HEAVY = {"torch", "numpy", "PIL", "av", "safetensors", "rich", "yaml", "regex", "jsonschema"}


def _imported(arguments, stdin=""):
    """The top-level modules that a command imports, and its exit status."""
    program = (
        "import sys\nfrom wftools.cli import main\ntry:\n    main(sys.argv[1:])\nexcept SystemExit as done:\n"
        "    print(done.code or 0, *sorted({name.partition('.')[0] for name in sys.modules}), *sorted("
        "name for name in sys.modules if name.startswith('wftools.')), file=sys.stderr)"
    )
    process = subprocess.run(
        [sys.executable, "-c", program, *arguments], input=stdin, capture_output=True, text=True, check=True, timeout=60
    )
    status, *modules = process.stderr.splitlines()[-1].split()
    return int(status), set(modules)


@pytest.mark.parametrize(
    "arguments",
    [["--version"], ["--help"], ["lint", "--help"], ["diff", "--help"], ["run", "--help"], ["deps", "--help"]],
)
def test_help_and_version_import_click_alone(arguments):
    status, modules = _imported(arguments)

    assert status == 0
    assert not modules & (HEAVY | {"pydantic", "networkx"})


@pytest.mark.parametrize("options", [[], ["--target", "comfyui==0.33.0"], ["--output-format", "json"]])
def test_lint_imports_nothing_that_runs_workflows(options):
    status, modules = _imported(["lint", "-", *options], json.dumps(picture()))

    assert status == 0
    assert not modules & HEAVY
    assert not {name for name in modules if name.startswith(("wftools.nodes", "wftools.runtime", "wftools.diffusion"))}


@pytest.mark.parametrize("options", [[], ["--stat"], ["--level", "exec"]])
def test_diff_imports_nothing_that_runs_workflows(tmp_path, options):
    (tmp_path / "flow.json").write_text(json.dumps(picture()))
    status, modules = _imported(["diff", "-", str(tmp_path / "flow.json"), *options], json.dumps(picture(), indent=1))

    assert status == 0
    assert not modules & HEAVY
    assert not {name for name in modules if name.startswith(("wftools.nodes", "wftools.runtime", "wftools.diffusion"))}


@pytest.mark.parametrize("options", [[], ["--format", "json"], ["--where", "nodes>0", "-l"]])
def test_show_imports_nothing_that_runs_workflows(options):
    status, modules = _imported(["show", "-", *options], json.dumps(picture()))

    assert status == 0
    assert not modules & HEAVY
    assert not {name for name in modules if name.startswith(("wftools.nodes", "wftools.runtime", "wftools.diffusion"))}


@pytest.mark.parametrize("form", ["svg", "html", "mermaid"])
def test_drawing_imports_nothing_that_runs_workflows(form, tmp_path):
    status, modules = _imported(["draw", "-", "--format", form, "-o", str(tmp_path / "x")], json.dumps(picture()))

    assert status == 0
    assert not modules & (HEAVY | {"resvg_py"})


@pytest.mark.parametrize("options", [[], ["--format", "json", "--hash"], ["--models-dir", "."]])
def test_telling_what_is_needed_imports_nothing_that_runs_workflows(options):
    status, modules = _imported(["deps", "-", *options], json.dumps(picture()))

    assert status == 0
    assert not modules & HEAVY
    assert not {name for name in modules if name.startswith(("wftools.nodes", "wftools.runtime", "wftools.diffusion"))}


def test_a_dry_run_imports_no_torch():
    status, modules = _imported(["run", "--dry-run", "-"], json.dumps(picture()))

    assert status == 0
    assert "torch" not in modules


@pytest.mark.parametrize("options", [[], ["--output-format", "json"], ["--output-format", "tree"], ["--hash"]])
def test_looking_into_a_model_file_imports_no_torch(tmp_path, options):
    write_hollow(tmp_path / "a.safetensors", {"model.diffusion_model.input_blocks.0.0.weight": (320, 4, 3, 3)})
    status, modules = _imported(["model", "inspect", str(tmp_path / "a.safetensors"), *options])

    assert status == 0
    assert not modules & {"torch", "numpy", "safetensors", "networkx"}


def _commands(group, names=()):
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _commands(command, (*names, name))
        else:
            yield " ".join((*names, name)), command


def _every_command():
    for name in COMMANDS.names():
        command = COMMANDS.load(name).command
        if isinstance(command, click.Group):
            yield from _commands(command, (name,))
        else:
            yield name.replace("_", "-"), command


@pytest.mark.parametrize(("name", "command"), [pytest.param(*each, id=each[0]) for each in _every_command()])
def test_every_command_has_help_with_an_example(name, command):
    assert f"wftools {name} " in command.help
    assert all(option.help for option in command.params if isinstance(option, click.Option))
