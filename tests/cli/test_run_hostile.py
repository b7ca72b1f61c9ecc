"""wftools run, given files that mean harm, and machines that have no room."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def image(prefix: Any = "x", **given: Any) -> dict[str, Any]:
    """A prompt that saves a picture of one colour."""
    values = {"width": 16, "height": 16, "batch_size": 1, "color": 255, **given}
    return {
        "1": {"class_type": "EmptyImage", "inputs": values},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": prefix}},
    }


def loading(name: Any) -> dict[str, Any]:
    """A prompt that loads a picture and shows it."""
    return {
        "1": {"class_type": "LoadImage", "inputs": {"image": name}},
        "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}},
    }


def run(folder: Path, tree: dict[str, Any], *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a prompt as a process."""
    (folder / "flow.json").write_text(json.dumps(tree), "utf-8")
    command = [sys.executable, "-m", "wftools", "run", "flow.json", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=folder, env=environment, check=False, capture_output=True, text=True, timeout=100, **options
    )


@pytest.mark.parametrize(
    "tree",
    [
        image("../x"),
        image("/x"),
        image("n" * 250),
        image("a/" * 2100),
        image("a\0b"),
        image("file/x"),
        loading(None),
        loading(5),
        loading(["x.png"]),
        loading(""),
        loading("none.png"),
        loading("../flow.json"),
        loading("../x.png [output]"),
        loading("n" * 300 + ".png [temp]"),
        {**image(), "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "../../x.safetensors"}}},
    ],
)
def test_a_dry_run_refuses_what_the_run_refuses(tmp_path: Path, tree: dict[str, Any]) -> None:
    """With file and line, before anything is computed, and without leaving anything."""
    (tmp_path / "output").mkdir()
    (tmp_path / "output" / "file").touch()

    told = run(tmp_path, tree, "--dry-run")

    assert told.returncode == 2
    assert "flow.json:1:" in told.stderr
    assert "Traceback" not in told.stderr
    assert {path.name for path in tmp_path.rglob("*")} == {"flow.json", "output", "file"}


def test_what_a_file_says_does_not_reach_the_terminal_as_it_is(tmp_path: Path) -> None:
    """Titles, types and names of files are escaped; a path is one line."""
    tree = image("a\x1b[45m\nb")
    tree["1"]["_meta"] = {"title": "\x1b]0;title\x07"}

    ran = run(tmp_path, tree, "-v")
    unknown = run(tmp_path, {**tree, "3": {"class_type": "\x1b[2J", "inputs": {}}}, "-v")

    assert ran.returncode == 0
    assert [Path(line).name for line in ran.stdout.splitlines()] == [r"a\x1b[45m\nb_00001_.png"]
    assert "\x1b" not in ran.stdout + ran.stderr + unknown.stdout + unknown.stderr


def test_pictures_larger_than_memory_are_one_error(tmp_path: Path) -> None:
    """In words, with a hint, and soon."""
    told = run(tmp_path, image(width=16384, height=16384, batch_size=4096))

    assert told.returncode == 2
    assert "node 1 (EmptyImage): the images would take 12.0 TB of memory" in told.stderr
    assert "hint: use a smaller width" in told.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are Unix's")
def test_a_full_disk_leaves_whole_pictures(tmp_path: Path) -> None:
    """What was told is there, whole; what did not fit left nothing."""

    def small_files() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))

    captured = run(tmp_path, image(), "--capture-dir", "captures", preexec_fn=small_files)

    assert (captured.returncode, captured.stderr.count("error: ")) == (2, 1)
    assert "cannot write the capture" in captured.stderr
    assert [path for path in tmp_path.rglob("*") if path.suffix == ".part"] == []


def test_what_nodes_print_is_no_result(tmp_path: Path) -> None:
    """Whoever prints, by Python or by the descriptor: it goes to standard error."""
    (tmp_path / "noisy.py").write_text(
        """
import os, sys, threading
from wftools.catalog.declare import ANY, INT, node

@node("Noisy", category="test", output_node=True)
def noisy(*, value: INT = 0) -> None:
    print("by print")
    os.write(1, b"by descriptor\\n")
    thread = threading.Thread(target=print, args=("by thread",))
    thread.start(); thread.join()
"""
    )
    info = tmp_path / "noisy-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: noisy\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[wftools.nodes]\nnoisy = noisy\n")
    (tmp_path / "flow.json").write_text(json.dumps({"1": {"class_type": "Noisy", "inputs": {"value": 1}}}))

    ran = subprocess.run(
        [sys.executable, "-m", "wftools", "run", "flow.json", "--json"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"},
        check=True,
        capture_output=True,
        text=True,
    )

    assert json.loads(ran.stdout)["exit_status"] == 0
    assert sorted(ran.stderr.splitlines()) == ["by descriptor", "by print", "by thread"]
