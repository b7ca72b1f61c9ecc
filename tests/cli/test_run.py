"""wftools run, as a process and as a function."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from tests.runtime.plug import NODES, prompt
from wftools.catalog import nodes
from wftools.cli import COMMANDS
from wftools.schemas import schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

# `wftools`, but for Ctrl-C, which a job in the background would ignore.
PROGRAM = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from wftools.cli import main
main(sys.argv[1:])
"""
ROOT = Path(__file__).parents[2]
GOOD = prompt(n1=("Number", {"value": 1}), n2=("Show", {"value": ["1", 0]}))
BAD = prompt(n1=("Fail", {"message": "no way"}), n2=("Show", {"value": ["1", 0]}))
PARTLY = {**GOOD, "3": {"class_type": "Show", "inputs": {}}}
FILES: dict[str, str | bytes] = {
    "good.json": json.dumps(GOOD),
    "bad.json": json.dumps(BAD, indent=1),
    "partly.json": json.dumps(PARTLY),
    "truncated.json": '{"1": {"class_type": "Numb',
    "array.json": "[1, 2]",
    "brackets.json": "[" * 200_000,
    "empty.json": "",
    "not-text.json": b"\xff\xfe\x00\xd8",
    "cycle.json": json.dumps(prompt(n1=("Add", {"a": ["1", 0], "b": 1}), n2=("Show", {"value": ["1", 0]}))),
    "model.json": json.dumps(
        prompt(
            n1=("VAELoader", {"vae_name": "none.pt"}),
            n2=("VAEDecode", {"samples": ["4", 0], "vae": ["1", 0]}),
            n4=("EmptyLatentImage", {"width": 64, "height": 64, "batch_size": 1}),
            n3=("SaveImage", {"images": ["2", 0], "filename_prefix": "x"}),
        )
    ),
    "plain.png": bytes.fromhex(  # one pixel, without metadata
        "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a49444154789c6360000000020001"
        "48afa4710000000049454e44ae426082"
    ),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with workflows to run in, and the test nodes installed as a plug-in."""
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    info = tmp_path / "site" / "wftools_test_plug-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: wftools-test-plug\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[wftools.nodes]\nplug = tests.runtime.plug\n")
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'site'}:{ROOT}")
    monkeypatch.chdir(tmp_path)
    nodes._plugged_in.cache_clear()
    yield tmp_path
    nodes._plugged_in.cache_clear()


def run(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(COMMANDS.load("run").command, list(arguments), input=stdin)


def process(*arguments: str, **options: Any) -> subprocess.Popen[str]:
    options = {"stderr": subprocess.PIPE, **options}
    command = [sys.executable, "-c", PROGRAM, "run", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options)


@pytest.mark.parametrize(
    ("arguments", "status", "stdout", "stderr"),
    [
        (["good.json"], 0, "2 (Show): 1\n", ""),
        (["good.json", "good.json"], 0, "2 (Show): 1\n2 (Show): 1\n", ""),
        (["good.json", "--set", "1.value=7"], 0, "2 (Show): 7\n", ""),
        (["good.json", "--set", "Number.value=8", "-q"], 0, "2 (Show): 8\n", ""),
        (["bad.json"], 2, "", "error: bad.json:2:7: node 1 (Fail): ValueError: no way\n"),
        (
            ["partly.json"],
            2,
            "2 (Show): 1\n",
            "error: partly.json:1:145: node 3 (Show): Show needs its input 'value' (*) (N105)\nhint: connect it\n"
            "partly.json: the other outputs ran\n",
        ),
        (
            ["bad.json", "good.json"],
            2,
            "",
            "error: bad.json:2:7: node 1 (Fail): ValueError: no way\n"
            "good.json: not run, since one before it failed (see --keep-going)\n",
        ),
        (
            ["bad.json", "good.json", "--keep-going"],
            2,
            "2 (Show): 1\n",
            "error: bad.json:2:7: node 1 (Fail): ValueError: no way\n",
        ),
        (["good.json", "--dry-run"], 0, "good.json: 2 nodes\n   1  1 (Number)\n   2  2 (Show)\n", ""),
        (["good.json", "-v"], 0, "2 (Show): 1\n", "[1/2] 1 (Number): T s\n[2/2] 2 (Show): T s\n"),
    ],
)
def test_results_go_to_stdout_and_messages_to_stderr(
    folder: Path, arguments: list[str], status: int, stdout: str, stderr: str
) -> None:
    """And the exit status says whether all has run. However long that took."""
    result = run(*arguments)

    told = re.sub(r"\b\d+\.\d\d s$", "T s", result.stderr, flags=re.MULTILINE)
    assert (result.stdout, told, result.exit_code) == (stdout, stderr, status)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("truncated.json", "truncated.json:1:22: not JSON: "),
        ("array.json", "array.json:1:1: the JSON text is not a ComfyUI workflow: an array"),
        ("brackets.json", "brackets.json"),
        ("empty.json", "empty.json: the file is empty"),
        ("not-text.json", "not-text.json: neither JSON nor a file that can hold a workflow"),
        ("plain.png", "plain.png: the png file holds no workflow"),
        (".", ".: is a folder"),
        ("none.json", "none.json: cannot be read: No such file or directory"),
        ("cycle.json", "cycle.json:1:7: node 1 (Add): nodes wait for each other: 1 (Add) → 1 (Add)"),
        ("model.json", "model.json:1:58: node 1 (VAELoader): model 'none.pt' is not there"),
    ],
)
def test_bad_input_is_one_clear_message(folder: Path, name: str, message: str) -> None:
    """No traceback, no hang, exit status 2."""
    result = run(name)

    first, *rest = result.stderr.splitlines()
    assert first.startswith(f"error: {message}")
    assert all(line.startswith("hint: ") for line in rest)
    assert (result.stdout, result.exit_code) == ("", 2)


def test_a_traceback_is_shown_when_it_is_asked_for(folder: Path) -> None:
    """Of the node's exception, before the message."""
    result = run("bad.json", "--traceback")

    assert result.stderr.startswith("Traceback (most recent call last):")
    assert "in fail\n" in result.stderr
    assert result.stderr.endswith("node 1 (Fail): ValueError: no way\n")


def test_the_report_for_machines_is_one_object(folder: Path) -> None:
    """With what was written, and what became of each node of each workflow."""
    result = run("good.json", "bad.json", "good.json", "--json")

    report = json.loads(result.stdout)
    assert (result.exit_code, report["exit_status"]) == (2, 2)
    assert [workflow["status"] for workflow in report["workflows"]] == ["ran", "failed", "skipped"]
    assert [(node["id"], node["state"]) for node in report["workflows"][0]["nodes"]] == [("1", "ran"), ("2", "ran")]
    assert report["workflows"][1]["errors"][0]["node"] == "1 (Fail)"


def test_folders_are_taken_from_options(folder: Path) -> None:
    """Models, also those of an extra_model_paths.yaml, inputs, outputs and previews."""
    (folder / "elsewhere" / "v").mkdir(parents=True)
    (folder / "elsewhere" / "v" / "none.pt").touch()
    (folder / "paths.yaml").write_text("comfyui:\n  base_path: elsewhere\n  vae: v\n")

    result = run(
        "model.json", "--dry-run", "--extra-model-paths", "paths.yaml", "--output-dir", "out", "--models-dir", "m"
    )

    assert "reads elsewhere/v/none.pt\n" in result.stdout
    assert f"writes {Path('out/x')}_..." in result.stdout


UNKNOWN = prompt(
    n1=("SomebodysLoader", {"model": "theirs.safetensors"}),
    n2=("VAELoader", {"vae_name": "none.pt"}),
    n3=("LoadImage", {"image": "a.png"}),
    n4=("LoraLoaderModelOnly", {"model": ["1", 0], "lora_name": "style.safetensors", "strength_model": 1.0}),
    n5=("SomebodysNode", {"image": ["3", 0], "lora": ["4", 0]}),
    n6=("SaveImage", {"images": ["5", 0], "filename_prefix": "sub/x"}),
    n7=("ImageInvert", {"image": ["3", 0]}),
)


def test_a_dry_run_lists_what_a_workflow_needs_though_it_cannot_run(folder: Path) -> None:
    """Models and inputs, there or not, and outputs; of nodes that nobody needs too."""
    (folder / "unknown.json").write_text(json.dumps(UNKNOWN))
    for there in ("m/vae/none.pt", "input/a.png"):
        (folder / there).parent.mkdir(parents=True, exist_ok=True)
        (folder / there).write_bytes(b"")

    result = run("unknown.json", "--dry-run", "--models-dir", "m")

    assert result.exit_code == 2
    assert "not known: SomebodysLoader (node 1), SomebodysNode (node 5)" in result.stderr
    assert result.stdout.splitlines() == [
        "unknown.json: 0 nodes",
        "would not run, though they name files or are outputs:",
        "      1 (SomebodysLoader)",
        "      misses theirs.safetensors (a model of unknown kind)",
        "      2 (VAELoader)",
        f"      reads {Path('m/vae/none.pt')}",
        "      3 (LoadImage)",
        f"      reads {Path('input/a.png')}",
        "      4 (LoraLoaderModelOnly)",
        "      misses style.safetensors (loras)",
        "      6 (SaveImage)",
        f"      writes {Path('output/sub/x')}_...",
    ]


def test_the_report_of_a_dry_run_says_what_is_missing(folder: Path) -> None:
    (folder / "unknown.json").write_text(json.dumps(UNKNOWN))

    report = json.loads(run("unknown.json", "--dry-run", "--json").stdout)

    Draft202012Validator(schema("report-run")).validate(report)
    nodes = {node["id"]: node for node in report["workflows"][0]["nodes"]}
    assert {node["state"] for node in nodes.values()} == {"left out"}
    assert nodes["2"]["missing"] == ["none.pt (vae)"]
    assert nodes["3"]["missing"] == ["a.png (of the input folder)"]


def test_a_type_that_is_gone_is_run_as_the_server_runs_it(folder: Path) -> None:
    loader = prompt(n1=("T2IAdapterLoader", {"t2i_adapter_name": "depth.pth"}), n2=("PreviewAny", {"source": ["1", 0]}))
    (folder / "gone.json").write_text(json.dumps(loader))

    result = run("gone.json", "--dry-run")

    assert "1 (ControlNetLoader): model 'depth.pth' is not there" in result.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="the viewer of other systems cannot be replaced for a test")
@pytest.mark.parametrize("has_viewer", [True, False])
def test_what_was_written_is_opened(folder: Path, monkeypatch: pytest.MonkeyPatch, *, has_viewer: bool) -> None:
    """With the viewer of the system; without one the pictures are still there."""
    (folder / "bin").mkdir()
    monkeypatch.setenv("PATH", str(folder / "bin"))
    opened = folder / "opened.fifo"
    if has_viewer:
        os.mkfifo(opened)
        (folder / "bin/xdg-open").write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
        (folder / "bin/xdg-open").chmod(0o755)
    (folder / "image.json").write_text(
        json.dumps(
            prompt(
                n1=("EmptyImage", {"width": 8, "height": 8, "batch_size": 1, "color": 255}),
                n2=("SaveImage", {"images": ["1", 0], "filename_prefix": "x"}),
                n3=("PreviewImage", {"images": ["1", 0]}),
            )
        )
    )

    with process("image.json", "--open") as running:
        said = opened.read_text() if has_viewer else "output/x_00001_.png\n"
        _, stderr = running.communicate(timeout=60)

    assert (running.returncode, said) == (0, "output/x_00001_.png\n")
    assert ("error: output/x_00001_.png: there is no program to open it with" in stderr) is not has_viewer


def test_a_workflow_is_read_from_standard_input(folder: Path) -> None:
    """As `-`; errors call it <stdin>."""
    with process("-", "good.json", "--capture-dir", "cap", stdin=subprocess.PIPE) as running:
        stdout, stderr = running.communicate(json.dumps(GOOD), timeout=60)

    assert (running.returncode, stderr) == (0, "")
    assert stdout == "2 (Show): 1\ncap/stdin.safetensors\n2 (Show): 1\ncap/good.safetensors\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("sleeper", ["Sleep", "SleepTogether"])
def test_an_interrupt_stops_a_run_at_once(folder: Path, sleeper: str, number: signal.Signals) -> None:
    """With exit status 130, the report of what has run, and no half of a capture."""
    (folder / "sleep.json").write_text(json.dumps({**GOOD, "3": {"class_type": sleeper, "inputs": {"seconds": 60}}}))

    with process("good.json", "sleep.json", "good.json", "--json", "--capture-dir", "cap") as running:
        assert running.stderr is not None
        assert running.stderr.readline() == "sleeping\n"
        running.send_signal(number)
        stdout, stderr = running.communicate(timeout=20)

    assert (running.returncode, stderr.strip()) == (130, "interrupted")
    report = json.loads(stdout)
    assert [workflow["status"] for workflow in report["workflows"]] == ["ran", "interrupted"]
    assert report["workflows"][1]["nodes"][-1]["state"] == "interrupted"
    assert [path.name for path in (folder / "cap").iterdir()] == ["good.safetensors"]


def test_the_test_nodes_are_no_built_in_ones() -> None:
    """Else the tests above would not show that plug-ins are found."""
    assert not NODES.keys() & nodes._built_in().keys()


def test_in_a_terminal_a_bar_shows_the_node_that_runs(folder: Path) -> None:
    """On stderr, and gone when the run is over; stdout has the results alone."""
    pty = pytest.importorskip("pty")
    master, slave = pty.openpty()
    with process("good.json", stderr=slave) as running:
        os.close(slave)
        assert running.stdout is not None
        stdout = running.stdout.read()
    shown = os.read(master, 10_000).decode()
    os.close(master)

    assert (stdout, running.returncode) == ("2 (Show): 1\n", 0)
    assert "2/2 2 (Show)" in shown
    assert shown.endswith("\x1b[2K")  # the line is cleared
