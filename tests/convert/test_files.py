"""Files and folders of files: where results go, and what one bad file does to the others."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.convert.cases import text
from tests.convert.rebuilding import editor
from tests.work import lines_run
from wftools.convert.files import Conversion, convert_files
from wftools.errors import InputError

PROMPT = json.dumps({"1": text("a")})
DEEP = '{"1": {"class_type": "EmptyImage", "inputs": {"x": ' + "[" * 200 + "]" * 200 + "}}}"


def converted(paths, output, form="ui"):
    return list(convert_files(Conversion(editor()), map(str, paths), form, output))


def made(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("names", "results"),
    [
        (["a.json", "a.png", "b.json"], ["a.json", "a.png.json", "b.json"]),
        (["a.json", "A.PNG"], ["A.PNG.json", "a.json"]),
        (["a.png", "a.webp"], ["a.png.json", "a.webp.json"]),
        (["x/a.json", "y/a.png"], ["x/a.json", "y/a.json"]),
        (["a.json", "a.png", "a.png.json"], ["a.json", "a.png-2.json", "a.png.json"]),
        (["a.json", "a.png", "a.png.json", "a.png-2.json"], ["a.json", "a.png-2.json", "a.png-3.json", "a.png.json"]),
        (["X.json", "x.json", "x-2.json"], ["X.json", "x-2.json", "x-3.json"]),
    ],
)
def test_files_in_a_folder_are_converted_under_names_of_their_own(tmp_path, names, results):
    for name in names:
        (tmp_path / "flows" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "flows" / name).write_text(PROMPT)

    files = converted([tmp_path / "flows"], tmp_path / "out")

    assert [file.error for file in files] == [None] * len(names)
    assert made(tmp_path / "out") == results


@pytest.mark.parametrize("twin", ["a/X.json", "b/x.JSON", "b/X.json"])
def test_names_that_some_system_takes_for_one_are_refused_before_anything_is_written(tmp_path, twin):
    paths = [tmp_path / "first" / "x.json", tmp_path / twin]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.write_text(PROMPT)

    with pytest.raises(InputError, match="would both be written"):
        converted(paths, tmp_path / "out")

    assert not (tmp_path / "out").exists()


def test_how_accents_are_composed_makes_no_other_name(tmp_path):
    paths = [tmp_path / "first" / "caf\u00e9.json", tmp_path / "second" / "CAFE\u0301.json"]
    for path in paths:
        path.parent.mkdir()
        path.write_text(PROMPT)

    with pytest.raises(InputError, match="would both be written"):
        converted(paths, tmp_path / "out")


@pytest.mark.parametrize("how", ["itself", "link", "other spelling"])
def test_a_source_is_never_written_over(tmp_path, how):
    """One file alike with several, and by whatever name."""
    source = tmp_path / "a.json"
    source.write_text(PROMPT)
    (tmp_path / "link.json").symlink_to(source)
    target = {
        "itself": source,
        "link": tmp_path / "link.json",
        "other spelling": tmp_path / "." / "x" / ".." / "a.json",
    }
    (tmp_path / "x").mkdir()

    with pytest.raises(InputError, match="would be overwritten"):
        converted([source], target[how])
    with pytest.raises(InputError, match="would be overwritten"):
        converted([source, tmp_path / "x"], tmp_path)

    assert source.read_text() == PROMPT


def test_a_link_in_the_place_of_a_result_stays_a_link(tmp_path):
    (tmp_path / "a.json").write_text(PROMPT)
    (tmp_path / "elsewhere.json").write_text("old")
    (tmp_path / "link.json").symlink_to("elsewhere.json")

    converted([tmp_path / "a.json"], tmp_path / "link.json")

    assert (tmp_path / "link.json").is_symlink()
    assert "nodes" in json.loads((tmp_path / "elsewhere.json").read_text("utf-8"))


def test_bad_files_are_errors_and_the_others_are_converted(tmp_path):
    """Not JSON, no workflow, too deep, a number of too many digits, a name that is too long, a folder in the way."""
    bad = {
        "broken.json": "{",
        "other.json": '{"name": "x"}',
        "deep.json": DEEP,
        "digits.json": '{"1": {"class_type": "EmptyImage", "inputs": {"width": ' + "9" * 5000 + "}}}",
        "occupied.json": PROMPT,
    }
    for name, content in {**bad, "good.json": PROMPT, "last.json": PROMPT}.items():
        (tmp_path / name).write_text(content)
    (tmp_path / "out" / "occupied.json").mkdir(parents=True)
    missing = "n" * 300 + ".json"

    files = converted([*map(tmp_path.joinpath, [*bad, "good.json"]), missing, tmp_path / "last.json"], tmp_path / "out")

    failed = {Path(file.name).name for file in files if file.error is not None}
    assert failed == {*bad, missing}
    assert all(Path(file.error.place.file).name == Path(file.name).name for file in files if file.error)
    assert made(tmp_path / "out") == ["good.json", "last.json"]


@pytest.mark.skipif(os.name == "nt", reason="names there are text")
def test_names_that_are_no_utf_8_are_converted(tmp_path):
    path = os.fsencode(tmp_path) + b"/caf\xe9.json"
    try:
        with open(path, "wb") as stream:  # noqa: PTH123  (a path of bytes)
            stream.write(PROMPT.encode())
    except OSError:
        pytest.skip("the file system has no such names")

    [file] = converted([os.fsdecode(path)], tmp_path / "out" / "x.json")

    assert file.error is None
    assert made(tmp_path / "out") == ["x.json"]


def test_results_of_ten_thousand_files_are_placed_in_proportion(tmp_path):
    """What comes first is whether results would stand in each other's place; it was quadratic."""

    def work(count: int) -> int:
        names = [f"{number}.json" for number in range(count)]
        results = convert_files(Conversion(editor()), names, "ui", tmp_path / "out")
        first = []
        lines = lines_run(lambda: first.append(next(results)))
        assert first[0].error is not None  # there is no such file
        return lines

    few, many = work(1_000), work(10_000)

    assert many < 30 * few  # a hundred times if it were quadratic


@pytest.mark.parametrize("form", ["api", "ui"])
def test_what_is_written_is_strict_json(tmp_path, form):
    flow = {
        "1": {"class_type": "EmptyImage", "inputs": {"width": float("nan"), "height": [[-float("inf")]], "color": 1}}
    }
    (tmp_path / "a.json").write_text(json.dumps(flow).replace('"color": 1', '"color": 1e400'))

    [file] = converted([tmp_path / "a.json"], None, form)

    def refuse(constant):
        raise AssertionError(constant)

    json.loads(file.text, parse_constant=refuse)
    assert "1e400" not in file.text
    assert any("/1/inputs/width, /1/inputs/height/0/0, /1/inputs/color" in warning for warning in file.warnings)
