"""What the README says: its commands do what stands below them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from wftools.cli import COMMANDS
from wftools.diffusion.sampling import SAMPLERS, SCHEDULES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
SET_UP = re.compile(r"git clone|cd wftools|python3 -m venv|\. \.venv|pip install")
TESTS = "python -m pytest -q -n 2"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def commands() -> list[tuple[str, str]]:
    """The commands of all console blocks with what is printed below them, without setting up an environment."""
    found = []
    for each in "".join(blocks("console")).split("$ ")[1:]:
        command, _, output = each.partition("\n")
        parts = [part for part in command.split(" && ") if not SET_UP.match(part) and part != TESTS]
        if parts:
            found.append((" && ".join(parts), output))
    return found


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("readme")
    (folder / "sample_workflows").symlink_to(ROOT / "sample_workflows")
    (folder / "wftools").mkdir()  # the commands on model files name the one that comes with wftools
    (folder / "wftools/mini").symlink_to(ROOT / "wftools/mini")
    return folder


def test_commands_print_what_stands_below_them(checkout: Path) -> None:
    """In one folder and in order, since the later ones use what the earlier ones wrote."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    environment.pop("COLUMNS", None)  # where no terminal says how wide it is
    assert len(commands()) >= 9
    for command, expected in commands():
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=checkout,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == any(
            f"wftools {word}" in command for word in ("lint", "diff", "merge", "conflicts", "model diff")
        ), (
            command,
            done.stderr,
        )
        if expected.strip():
            assert done.stdout.strip() == expected.strip(), command


def test_the_node_of_its_own_runs(tmp_path: Path) -> None:
    """The file, and the command that runs a workflow with it."""
    example, _ = blocks("python")
    (tmp_path / "darken.py").write_text(example, "utf-8")
    (tmp_path / "flow.json").write_text(
        json.dumps(
            {
                "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 255}},
                "2": {"class_type": "OwnDarken", "inputs": {"image": ["1", 0], "by": 0.5}},
                "3": {"class_type": "PreviewImage", "inputs": {"images": ["2", 0]}},
            }
        ),
        "utf-8",
    )

    done = subprocess.run(
        [sys.executable, "-m", "wftools", "run", "flow.json", "--nodes", "darken.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "wftools run flow.json --nodes darken.py" in README
    assert (done.returncode, done.stderr, done.stdout.count(".png")) == (0, "", 1)


def test_the_python_example_runs() -> None:
    _, example = blocks("python")

    done = subprocess.run([sys.executable, "-c", example], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[0] == "7"


def test_it_tells_of_every_command() -> None:
    names = [name.replace("_", "-") for name in COMMANDS.names()]

    assert [name for name in names if f"wftools {name}" not in README] == []


def test_files_that_it_names_are_there() -> None:
    for target in re.findall(r"\]\((?!http)([^)]+)\)", README):
        assert (ROOT / target).exists(), target


def test_files_that_the_recipes_name_are_there() -> None:
    """`NAME.py` and the like stand for the new file."""
    there = {path.as_posix() for room in ("wftools", "tests") for path in (ROOT / room).rglob("*.*")}
    named = re.findall(r"`([a-z_/0-9]+\.(?:py|json|safetensors))`", CONTRIBUTING)

    assert len(named) > 20
    assert [name for name in named if not any(path.endswith("/" + name) for path in there)] == []


def test_ci_runs_the_command_for_the_tests() -> None:
    assert any(block.strip().endswith(TESTS) for block in blocks("console"))
    assert TESTS in (ROOT / ".ci/run").read_text("utf-8")


def test_what_runs_is_what_the_menus_offer() -> None:
    told = re.search(r"all (\d+) samplers and all (\d+) schedules", README)

    assert told is not None
    assert [int(number) for number in told.groups()] == [len(SAMPLERS), len(SCHEDULES)]


def test_its_table_of_node_types_is_the_one_that_the_command_prints() -> None:
    """Paste what `wftools nodes list --counts` prints."""
    done = subprocess.run(
        [sys.executable, "-m", "wftools", "nodes", "list", "--counts"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() in README


@pytest.mark.slow
def test_its_table_of_types_is_what_the_chart_measures() -> None:
    """All but the pictures: paste what `wftools model chart --fallback reshape --probe` prints."""
    from wftools.errors import size_of
    from wftools.folders import BUILT_IN
    from wftools.tradeoff.measuring import measured

    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([\d.]+) \| ([^|]+) \| ([\d.]+) dB \|", README, re.MULTILINE)
    assert len(rows) > 12

    found = [
        (point.type, f"{point.bits:.2f}", size_of(point.bytes), f"{point.snr:.1f}")
        for point in measured(BUILT_IN, [row[0] for row in rows], fallback="reshape")
    ]

    assert found == rows
