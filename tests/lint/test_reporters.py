"""How findings are shown."""

from __future__ import annotations

import json
import subprocess
import sys

import click
import pytest
from jsonschema import Draft202012Validator

from wftools.lint import ERROR, Linted, Linter, Report
from wftools.lint.examples import api_node, picture, ui, ui_picture
from wftools.lint.reporters import REPORTERS, TellsByFile
from wftools.lint.rule import RULES
from wftools.schemas import schema

BROKEN = picture(n2=api_node("SaveImage", images=["9", 0], filename_prefix="a"))


def _report(*files: Linted) -> Report:
    return Report(files, Linter().rules, "0.33.0")


def _linted(text: str) -> Linted:
    return Linter().look_at(text.encode(), "flow.json")


def _rendered(form: str, *files: Linted) -> str:
    rendered = REPORTERS.load(form).render(_report(*files))
    return rendered if isinstance(rendered, str) else rendered.decode()


def test_full_shows_the_line_the_place_and_the_hint():
    shown = click.unstyle(_rendered("full", _linted(json.dumps(BROKEN, indent=2))))

    lines = shown.split("\n")
    assert lines[0].startswith("flow.json:14:17: L204 error: the link starts at node '9'")
    assert lines[1].endswith('| "images": ["9", 0]')
    assert (lines[2].index("^"), lines[2].count("^")) == (lines[1].index("["), len('["9", 0]'))
    assert lines[3].strip() == "hint: connect the input or remove it"
    assert lines[-1] == "Found 1 error in 1 file."


def test_full_shows_a_part_of_a_long_line():
    prompt = picture(**BROKEN, n7={"class_type": "x" * 500})
    shown = click.unstyle(_rendered("full", _linted(json.dumps(prompt))))

    assert max(map(len, shown.split("\n"))) < 400
    excerpt, mark = shown.split("\n")[1:3]
    assert excerpt[mark.index("^") :].startswith(('["9"', '"7"', "{"))


@pytest.mark.parametrize("indent", [None, 1, 8])
def test_full_shows_the_whole_row_of_a_link(indent):
    stale = ui(ui_picture()["nodes"], [[1, 1, 0, 2, 0, "IMAGE"], [5, 1, 0, 2, 0, "IMAGE"]])

    shown = click.unstyle(_rendered("full", _linted(json.dumps(stale, indent=indent))))

    excerpt, mark = shown.split("\n")[1:3]
    assert excerpt[mark.index("^") : mark.rindex("^") + 1] == '[5, 1, 0, 2, 0, "IMAGE"]'


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({}, '[node 2 "Save Image" (SaveImage)]'),
        ({"title": "Result"}, '[node 2 "Result" (SaveImage)]'),
        ({"title": "SaveImage"}, "[node 2 (SaveImage)]"),
        ({"mode": 2, "title": "Result"}, '[node 2 "Result" (SaveImage)]'),
    ],
)
@pytest.mark.parametrize("form", ["full", "concise"])
def test_a_node_is_named_by_its_title_too(form, more, named):
    nodes = [ui_picture()["nodes"][0], ui_picture()["nodes"][1] | more]
    linted = _linted(json.dumps(ui(nodes, [[1, 1, 0, 2, 0, "IMAGE"], [5, 1, 0, 2, 0, "IMAGE"]])))

    assert named in click.unstyle(_rendered(form, linted))
    told = [each for each in json.loads(_rendered("json", linted))["findings"] if each["node"] == "2"]
    assert {(each["title"], each["node_type"]) for each in told} == {(more.get("title", "Save Image"), "SaveImage")}


@pytest.mark.parametrize("name", [name for name in REPORTERS.names() if isinstance(REPORTERS.load(name), TellsByFile)])
def test_what_is_told_file_by_file_is_the_report(name):
    reporter = REPORTERS.load(name)
    assert isinstance(reporter, TellsByFile)
    report = _report(_linted(json.dumps(BROKEN)), _linted(json.dumps(picture())), Linter().look_at(b"{", "cut.json"))

    told = [*filter(None, map(reporter.of_file, report.files)), reporter.summary(report)]

    assert "\n".join(told) == REPORTERS.load(name).render(report)


def test_concise_has_a_line_for_each_finding():
    assert len(_rendered("concise", _linted(json.dumps(BROKEN))).split("\n")) == 2


def test_nothing_found_is_said():
    assert click.unstyle(_rendered("full", _linted(json.dumps(picture())))) == "Nothing found in 1 file."


def test_json_is_as_its_schema_says():
    linted = [_linted(json.dumps(BROKEN)), Linter().look_at(b"{", "cut.json")]

    report = json.loads(_rendered("json", *linted))
    without = json.loads(REPORTERS.load("json").render(Report((), Linter().rules, None)))

    assert (report["target"], without["target"]) == ("0.33.0", None)
    Draft202012Validator(schema("report-lint")).validate(without)
    Draft202012Validator(schema("report-lint")).validate(report)
    assert [(f["file"], f["code"], f["fix"]) for f in report["findings"]] == [
        ("flow.json", "L204", None),
        ("cut.json", "P001", None),
    ]
    assert set(report["findings"][0]) == {
        "file",
        "line",
        "column",
        "end_line",
        "end_column",
        "pointer",
        "node",
        "title",
        "node_type",
        "code",
        "name",
        "severity",
        "message",
        "hint",
        "fix",
        "also",
    }


def test_json_says_how_a_finding_is_fixed():
    prompt = picture(n2=api_node("SaveImage", images=[1, 0], filename_prefix="a"), n3={"class_type": "PreviewAny"})

    report = json.loads(_rendered("json", _linted(json.dumps(prompt))))

    Draft202012Validator(schema("report-lint")).validate(report)
    assert {f["code"]: f["fix"] for f in report["findings"] if f["fix"]} == {
        "L202": [{"edit": "set", "pointer": "/2/inputs/images/0", "value": "1"}],
        "N103": [{"edit": "insert", "pointer": "/3/inputs", "value": {}}],
    }


def test_a_finding_says_where_what_it_points_at_ends():
    (finding,) = _linted(json.dumps(BROKEN)).findings

    assert finding.column is not None
    assert finding.end is not None
    assert json.dumps(BROKEN)[finding.column - 1 : finding.end[1] - 1] == '["9", 0]'


@pytest.mark.parametrize("name", REPORTERS.names())
def test_every_format_tells_every_finding(name):
    """Of every file, with its place; and has something to say where nothing was found."""
    files = [_linted(json.dumps(BROKEN, indent=2)), Linter().look_at(b"{", "cut.json")]

    shown = click.unstyle(_rendered(name, *files))

    for finding in _report(*files).findings:
        assert finding.code in shown
        assert finding.file in shown
        assert str(finding.line) in shown
    assert isinstance(_rendered(name), str)


@pytest.mark.parametrize("name", REPORTERS.names())
def test_text_from_a_file_cannot_move_the_cursor(name):
    prompt = picture(n3=api_node("Evil\x1b[2J\nName"))

    shown = _rendered(name, _linted(json.dumps(prompt)))

    assert "\x1b[2J" not in click.unstyle(shown)


def test_a_format_is_added_by_a_file(tmp_path, monkeypatch):
    """The command line offers it, and it is given the whole report."""
    (tmp_path / "tally.py").write_text(
        '"""A line for each rule that looked and found something."""\n\n'
        "def render(report):\n"
        "    found = {finding.code for finding in report.findings}\n"
        "    lines = [f'{rule.code} {rule.summary}' for rule in report.rules if rule.code in found]\n"
        "    return '\\n'.join([*lines, f'{len(report.files)} files for {report.target}'])\n"
    )
    program = (
        "import sys, wftools.lint.reporters as reporters\nfrom wftools.cli import main\n"
        "reporters.__path__.append(sys.argv.pop(1))\nmain()"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path), "lint", "-", "--output-format", "tally", "--target", "0.8.0"],
        input=json.dumps(BROKEN),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.split("\n")[:2] == ["L204 A link starts at a node that is not there.", "1 files for 0.8.0"]


def test_what_could_not_be_looked_through_is_told_and_what_was_found_stays(monkeypatch):
    """One file, one rule: neither hides what is found in others."""
    rule = RULES.load("l201_bad_link_shape")
    monkeypatch.setattr(rule, "check", lambda subject: 1 / 0)

    report = _report(_linted(json.dumps(BROKEN)), _linted(json.dumps(picture())))

    assert [finding.code for finding in report.findings] == ["L204"]
    assert [str(fault).partition(" (")[0] for fault in report.faults] == [
        "flow.json: wftools failed: ZeroDivisionError: division by zero"
    ] * 2
    assert report.exit_status(ERROR) == 2
    told = json.loads(REPORTERS.load("json").render(report))
    Draft202012Validator(schema("report-lint")).validate(told)
    assert [fault["file"] for fault in told["faults"]] == ["flow.json"] * 2
