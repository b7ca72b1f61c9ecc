"""wftools convert, as a process."""

from __future__ import annotations

import json
from functools import partial

import pytest

from tests.cli.process import wftools
from tests.conftest import DATA
from wftools.document import read
from wftools.fmt import formatted

PROMPT = {
    "1": {"class_type": "PrimitiveString", "inputs": {"value": "a"}, "_meta": {"title": "Text"}},
    "2": {"class_type": "PreviewAny", "inputs": {"source": ["1", 0]}, "_meta": {"title": "Preview as Text"}},
}
PICTURE = DATA / "containers" / "png_00001_.png"


convert = partial(wftools, "convert")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "prompt.json").write_text(json.dumps(PROMPT))
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "picture.png").write_bytes(PICTURE.read_bytes())
    (tmp_path / "package.json").write_text('{"name": "x"}')
    return tmp_path


def test_there_and_back_is_the_same_prompt(folder):
    there = convert("prompt.json", "--to", "ui", cwd=folder)
    back = convert("-", "--to", "api", cwd=folder, stdin=there.stdout)

    assert (there.returncode, back.returncode) == (0, 0)
    assert there.stderr == back.stderr == ""
    assert json.loads(back.stdout) == PROMPT


def test_what_is_written_is_formatted(folder):
    convert("prompt.json", "--to", "ui", "-o", "flow.json", cwd=folder)

    text = (folder / "flow.json").read_text("utf-8")
    assert formatted(read(folder / "flow.json")) == text


@pytest.mark.parametrize(("form", "key"), [("ui", "nodes"), ("api", "3")])
def test_a_picture_gives_out_what_is_in_it(folder, form, key):
    result = convert("sub/picture.png", "--to", form, cwd=folder)

    document = read(PICTURE)
    kept = document if form == "ui" else document.companion
    assert json.loads(result.stdout) == kept.tree
    assert key in kept.tree or form == "api"


def test_what_to_start_from_can_be_asked_for(folder):
    """Of a file with both forms: what was run, or what its workflow makes."""
    workflow = json.loads(convert("prompt.json", "--to", "ui", cwd=folder).stdout)
    run = {"7": {"class_type": "PrimitiveString", "inputs": {"value": "b"}}}
    request = json.dumps({"prompt": run, "extra_data": {"extra_pnginfo": {"workflow": workflow}}})

    was_run = convert("-", "--to", "api", cwd=folder, stdin=request)
    would_run = convert("-", "--to", "api", "--from", "workflow", cwd=folder, stdin=request)

    assert json.loads(was_run.stdout) == run
    assert json.loads(would_run.stdout) == PROMPT


def test_without_a_form_a_file_takes_the_other_one(folder):
    there = convert("prompt.json", "-o", "flow.json", cwd=folder)
    back = convert("flow.json", cwd=folder)

    assert (there.returncode, back.returncode) == (0, 0)
    assert read(folder / "flow.json").form == "ui"
    assert json.loads(back.stdout) == PROMPT
    assert there.stderr == back.stderr == ""


@pytest.mark.parametrize(
    ("start", "form"), [([], "prompt"), (["--from", "workflow"], None), (["--from", "prompt"], None)]
)
def test_of_a_file_with_both_forms_it_is_said_which_is_taken(folder, start, form):
    result = convert("sub/picture.png", *start, cwd=folder)

    document = read(PICTURE)
    assert result.returncode == 0
    assert ("this is the prompt, as with --to api" in result.stderr) == (form is not None)
    if form is not None:
        assert json.loads(result.stdout) == document.companion.tree
    assert ("nodes" in json.loads(result.stdout)) == (start[1:] == ["prompt"])


def test_a_folder_ends_with_what_became_of_it(folder):
    lossy = {"nodes": [{"id": 1, "type": "SomebodysNode", "widgets_values": [1, 2]}], "links": [], "version": 0.4}
    (folder / "lossy.json").write_text(json.dumps(lossy))
    (folder / "broken.json").write_text('{"nodes": [')

    result = convert(".", "--to", "api", "-o", "out", cwd=folder)

    assert len([*(folder / "out").rglob("*.json")]) == 3
    assert result.stderr.splitlines()[-1] == (
        "3 written, 1 of them with losses; 1 passed over, since no workflow is in them; 1 not converted"
    )


def test_a_folder_is_converted_to_a_folder(folder):
    result = convert(".", "--to", "api", "-o", "out", cwd=folder)

    assert result.returncode == 0
    assert sorted(str(path.relative_to(folder / "out")) for path in (folder / "out").rglob("*.json")) == [
        "prompt.json",
        "sub/picture.json",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["prompt.json", "sub", "--to", "api"], "several workflows need a folder"),
        (["prompt.json", "prompt.json", "--to", "api", "-o", "out"], "would both be written to"),
        (["prompt.json", "sub", "--to", "api", "-o", "."], "would be overwritten"),
        (["prompt.json", "--embed", "sub/picture.png"], "needs -o"),
        (["prompt.json", "--to", "xml"], "'xml' is not one of"),
    ],
)
def test_wrong_usage_writes_nothing(folder, arguments, message):
    before = sorted(folder.rglob("*"))

    result = convert(*arguments, cwd=folder)

    assert result.returncode == 2
    assert message in " ".join(result.stderr.split())
    assert sorted(folder.rglob("*")) == before


def test_each_file_that_cannot_be_read_has_a_message_and_the_others_are_done(folder):
    (folder / "broken.json").write_text("{")

    result = convert("broken.json", "prompt.json", "--to", "ui", "-o", "out/", cwd=folder)

    assert result.returncode == 2
    assert result.stderr.startswith("error: broken.json:")
    assert (folder / "out" / "prompt.json").exists()
    assert not (folder / "out" / "broken.json").exists()


def test_what_could_not_be_kept_is_said(folder):
    (folder / "odd.json").write_text(json.dumps({"1": {"class_type": "PrimitiveString", "inputs": {"other": 3}}}))

    result = convert("odd.json", "--to", "ui", cwd=folder)

    assert result.returncode == 0
    assert "odd.json: node 1 (PrimitiveString): 'other' is left out" in result.stderr


def test_object_info_tells_of_custom_nodes(folder):
    info = {"My Node": {"input": {"required": {"b": ["INT", {}], "a": ["STRING", {}]}}, "output": ["IMAGE"]}}
    (folder / "info.json").write_text(json.dumps(info))
    (folder / "own.json").write_text(json.dumps({"1": {"class_type": "My Node", "inputs": {"a": "x", "b": 3}}}))

    known = convert("own.json", "--to", "ui", "--object-info", "info.json", cwd=folder)

    assert known.stderr == ""
    assert json.loads(known.stdout)["nodes"][0]["widgets_values"] == [3, "x"]


def test_the_seed_decides_choices(folder):
    text = {"1": {"class_type": "CLIPTextEncode", "inputs": {"text": "x", "clip": ["9", 0]}}}
    (folder / "choice.json").write_text(json.dumps(text))
    convert("choice.json", "--to", "ui", "-o", "flow.json", cwd=folder)
    flow = json.loads((folder / "flow.json").read_text("utf-8"))
    flow["nodes"][0]["widgets_values"] = ["{" + "|".join("abcdefgh") + "}"]
    (folder / "flow.json").write_text(json.dumps(flow))

    texts = {
        json.loads(convert("flow.json", "--to", "api", "--seed", str(seed), cwd=folder).stdout)["1"]["inputs"]["text"]
        for seed in (1, 1, 2, 3)
    }

    assert 1 < len(texts) <= 3
    assert texts <= set("abcdefgh")


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ([], {"workflow", "prompt"}),
        (["--to", "ui"], {"workflow"}),
        (["--to", "api"], {"prompt"}),
    ],
)
def test_a_workflow_is_put_into_a_picture_without_touching_a_pixel(folder, options, kept):
    from PIL import Image

    result = convert("prompt.json", "--embed", "sub/picture.png", "-o", "new.png", *options, cwd=folder)

    assert (result.returncode, result.stderr) == (0, "")
    with Image.open(folder / "new.png") as new, Image.open(PICTURE) as old:
        assert new.tobytes() == old.tobytes()
        assert {"workflow", "prompt"} & new.info.keys() == kept
    assert json.loads(convert("new.png", "--to", "api", cwd=folder).stdout) == PROMPT


def test_what_cannot_hold_a_workflow_is_an_error(folder):
    result = convert("prompt.json", "--embed", "package.json", "-o", "new.json", cwd=folder)

    assert result.returncode == 2
    assert result.stderr.startswith("error: package.json: not a file that can hold a workflow")
    assert not (folder / "new.json").exists()


@pytest.mark.parametrize(("options", "status"), [([], 0), (["--strict"], 1)])
def test_values_without_a_name_are_told_and_the_rest_is_written(tmp_path, options, status):
    node = {"id": 7, "type": "Unknown Stamp", "pos": [0, 0], "size": [1, 1], "widgets_values": ["late summer", 24]}
    (tmp_path / "flow.json").write_text(json.dumps({"nodes": [node], "links": [], "version": 0.4}))

    result = convert("flow.json", "--to", "api", "-o", "prompt.json", *options, cwd=tmp_path)

    assert result.returncode == status
    assert "Unknown Stamp: 2 values left out" in result.stderr
    assert "7" in json.loads((tmp_path / "prompt.json").read_text("utf-8"))
