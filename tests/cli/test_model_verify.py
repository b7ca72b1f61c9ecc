"""wftools model verify, as a real process."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.cli.process import wftools
from tests.weights.verifying.collection import FOLDER, cases
from wftools.schemas import schema


def test_the_whole_collection_ends_as_it_must_and_leaves_nothing(tmp_path: Path) -> None:
    expected = {str(case.path): case for case in cases()}

    process = wftools("model", "verify", *expected, "--output-format", "json", cwd=tmp_path)

    told = json.loads(process.stdout)
    Draft202012Validator(schema("report-model-verify")).validate(told)
    assert [each["file"] for each in told["files"]] == list(expected)
    for each in told["files"]:
        case = expected[each["file"]]
        assert each["verdict"] == ("accept" if case.is_accepted else "refuse"), each
        assert set(each["codes"]) <= case.codes, each
        assert bool(each["codes"]) == bool(case.codes) == bool(each["message"]), each
    assert (process.returncode, process.stderr) == (1, "")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("names", "status"),
    [
        (["ok.gguf", "ok.safetensors"], 0),
        (["ok.gguf", "gg_gap.gguf"], 1),
        (["ok.gguf", "gg_magic.gguf"], 1),
        (["gone.gguf", "ok.gguf"], 1),
        ([], 2),
    ],
)
def test_the_exit_status_says_whether_all_are_sound(tmp_path: Path, names: list[str], status: int) -> None:
    process = wftools("model", "verify", *(str(FOLDER / name) for name in names), cwd=tmp_path)

    assert process.returncode == status
    assert all(name in process.stdout for name in names)


def test_what_files_say_is_escaped(tmp_path: Path) -> None:
    process = wftools("model", "verify", str(FOLDER / "st_name_escape.safetensors"), cwd=tmp_path)

    assert "BAD_NAME" in process.stdout
    assert "\x1b" not in process.stdout


def test_a_folder_without_models_is_said_to_have_none(tmp_path: Path) -> None:
    process = wftools("model", "verify", str(tmp_path), cwd=tmp_path)

    assert (process.returncode, process.stdout, process.stderr) == (
        0,
        "0 files: 0 refused, 0 with warnings\n",
        "no model files found\n",
    )
