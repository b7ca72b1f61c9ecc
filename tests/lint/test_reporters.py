"""How findings are shown."""

from __future__ import annotations

import json

import click
import pytest
from jsonschema import Draft202012Validator

from wftools.lint import Linter
from wftools.lint.examples import api_node, picture
from wftools.lint.reporters import REPORTERS, render
from wftools.schemas import schema

BROKEN = picture(n2=api_node("SaveImage", images=["9", 0], filename_prefix="a"))


def _linted(text: str):
    return [Linter().look_at(text.encode(), "flow.json")]


def test_full_shows_the_line_the_place_and_the_hint():
    shown = click.unstyle(render("full", _linted(json.dumps(BROKEN, indent=2)), "0.33.0"))

    lines = shown.split("\n")
    assert lines[0].startswith("flow.json:14:17: L204 error: the link starts at node '9'")
    assert lines[1].endswith('| "images": [')
    assert lines[2].index("^") == lines[1].index("[")
    assert lines[3].strip() == "hint: connect the input or remove it"
    assert lines[-1] == "Found 1 error in 1 file."


def test_full_shows_a_part_of_a_long_line():
    prompt = picture(**BROKEN, n7={"class_type": "x" * 500})
    shown = click.unstyle(render("full", _linted(json.dumps(prompt)), "0.33.0"))

    assert max(map(len, shown.split("\n"))) < 400
    excerpt, mark = shown.split("\n")[1:3]
    assert excerpt[mark.index("^") :].startswith(('["9"', '"7"', "{"))


def test_concise_has_a_line_for_each_finding():
    assert len(render("concise", _linted(json.dumps(BROKEN)), "0.33.0").split("\n")) == 2


def test_nothing_found_is_said():
    assert click.unstyle(render("full", _linted(json.dumps(picture())), "0.33.0")) == "Nothing found in 1 file."


def test_json_is_as_its_schema_says():
    linted = [*_linted(json.dumps(BROKEN)), Linter().look_at(b"{", "cut.json")]

    report = json.loads(render("json", linted, "0.33.0"))

    Draft202012Validator(schema("report-lint")).validate(report)
    assert [(f["file"], f["code"], f["fix"]) for f in report["findings"]] == [
        ("flow.json", "L204", None),
        ("cut.json", "P001", None),
    ]
    assert set(report["findings"][0]) == {
        "file",
        "line",
        "column",
        "pointer",
        "node",
        "code",
        "name",
        "severity",
        "message",
        "hint",
        "fix",
    }


@pytest.mark.parametrize("name", REPORTERS.names())
def test_text_from_a_file_cannot_move_the_cursor(name):
    prompt = picture(n3=api_node("Evil\x1b[2J\nName"))

    shown = render(name, _linted(json.dumps(prompt)), "0.33.0")

    text = shown if isinstance(shown, str) else shown.decode()
    assert "\x1b[2J" not in click.unstyle(text)
