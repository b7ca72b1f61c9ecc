"""Promises of every format of reports, and of each."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.strategies import api_prompts, odd_prompts, odd_workflows, ui_workflows
from tests.versions import Item, pairs
from wftools.diff import FileDiff, Options, Report, compared
from wftools.diff.changes import Changed, Endpoint
from wftools.diff.reporters import REPORTERS, markdown, names, stat, text
from wftools.diff.reporters import json as json_reporter
from wftools.document import Document, SourceText, read_json
from wftools.document.pointer import value_at
from wftools.errors import InputError, Place
from wftools.schemas import schema

if TYPE_CHECKING:
    from wftools.document.document import Tree

PEOPLE = (text, stat, names)  # formats for terminals
HOSTILE = "a`b``c|d\n```\n</details><script>@someone #1 \x1b[2J\u202e [x](y)"


def report(*files: tuple[str, Tree, Tree], **options: Any) -> Report:
    """What is handed to reporters after comparing these trees."""
    return Report(tuple(_file(*file) for file in files), Options(**options))


def _file(name: str, old: Tree, new: Tree) -> FileDiff:
    before, after = (_document(tree, name) for tree in (old, new))
    return FileDiff(name, before, after, compared(before, after), is_identical=before.text == after.text)


def _document(tree: Tree, name: str) -> Document:
    """A document of any tree, also of one that no reader would take for a workflow."""
    return Document("ui" if "nodes" in tree else "api", tree, SourceText(name, json.dumps(tree)), tree)


def prompt(**inputs: Any) -> Tree:
    return {"1": {"class_type": "Node", "inputs": inputs}}


file_names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
trees = st.one_of(ui_workflows(), api_prompts(), odd_workflows(), odd_prompts())
files = st.lists(st.tuples(file_names, trees, trees), min_size=1, max_size=1)


@given(files, st.booleans())
def test_reports_for_people_move_no_cursor(files: Any, is_full: bool) -> None:
    """Whatever titles, values and names of files are."""
    made = report(*files, is_full=is_full, with_packs=True)

    for reporter in PEOPLE:
        shown = click.unstyle(reporter.render(made))
        assert all(each.isprintable() or each in "\n\u00a0\u3000\u200c\u200d" for each in shown)


@given(files)
def test_a_comment_keeps_to_its_table_and_its_fences(files: Any) -> None:
    comment = markdown.render(report(*files))

    assert len(comment) <= markdown.MAX_CHARACTERS
    assert_is_sound(comment)


def assert_is_sound(comment: str) -> None:
    """Every row has its columns, every fence and every fold ends, and nothing of a stranger stands outside of code."""
    fence = ""
    folds = 0
    for line in comment.split("\n"):
        if fence:
            fence = "" if line == fence else fence
        elif found := re.fullmatch(r"(`{3,})diff", line):
            fence = found.group(1)
        elif line.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", line)) == 4, line
        else:
            folds += line.startswith("<details>") - (line == "</details>")
            plain = re.sub(r"<code>[^<]*</code>|(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)", "", line)
            assert not re.search(r"<script|@someone|\[x\]", plain), line
    assert fence == ""
    assert folds == 0


def test_what_strangers_write_stays_code() -> None:
    old, new = (prompt(**{"a": value, HOSTILE: value}) for value in (HOSTILE, HOSTILE + " and more"))
    new["1"]["_meta"] = {"title": HOSTILE}

    comment = markdown.render(report((HOSTILE, old, new)))

    assert "<script>" in comment  # in a fence
    assert_is_sound(comment)


@pytest.mark.parametrize("count", [1, 40, 3000])
def test_a_comment_has_an_end_and_says_so(count: int) -> None:
    old = {str(index): {"class_type": "Node", "inputs": {"text": "x" * 40}} for index in range(3000 // count)}
    new = {id_: {"class_type": "Node", "inputs": {"text": f"{id_} now"}} for id_ in old}

    comment = markdown.render(report(*[(f"folder/file{index}.json", old, new) for index in range(count)]))

    assert len(comment) <= markdown.MAX_CHARACTERS
    assert "left out" in comment.lower()
    assert_is_sound(comment)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("api_key", "abcdef"),
        ("openaiApiKey", "abcdef"),
        ("auth_token", "abcdef"),
        ("password", "abcdef"),
        ("client_secret", "abcdef"),
        ("text", "use sk-abcdefabcdefabcdefabcdef please"),
        ("url", "https://user:abcdef@example.org/"),
        ("url", "https://example.org/?token=abcdefabcdef"),
    ],
)
def test_a_comment_tells_no_secrets(name: str, value: str) -> None:
    """Neither of a value that changed, nor of one that came or went."""
    changed = markdown.render(report(("f", prompt(**{name: "another one"}), prompt(**{name: value}))))
    came = markdown.render(report(("f", prompt(), prompt(**{name: value}))))
    nested = markdown.render(report(("f", prompt(x={name: "another", "a": "b" * 99}), prompt(x={name: value}))))

    assert "(redacted)" in changed
    for comment in (changed, came, nested):
        assert "abcdef" not in comment


@pytest.mark.parametrize("name", ["max_tokens", "tokenizer", "keyframes", "monkey"])
def test_what_only_sounds_like_a_secret_is_told(name: str) -> None:
    assert "seen" in markdown.render(report(("f", prompt(**{name: 1}), prompt(**{name: "seen"}))))


def test_a_comment_names_the_outputs_that_lie_downstream() -> None:
    def flow(seed: int, prefix: str) -> Tree:
        return {
            "1": {"class_type": "KSampler", "inputs": {"seed": seed, "steps": 20}},
            "2": {"class_type": "VAEDecode", "inputs": {"samples": ["1", 0]}},
            "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": prefix}},
            "4": {"class_type": "SaveImage", "inputs": {"images": ["5", 0], "filename_prefix": prefix}},
            "5": {"class_type": "LoadImage", "inputs": {"image": "a.png"}},
        }

    comment = markdown.render(report(("f", flow(1, "a"), flow(2, "b"))))

    assert "! KSampler #1: seed 1 → 2  ⇒ SaveImage #3" in comment.splitlines()
    assert "! SaveImage #3, #4: filename_prefix a → b  ⇒ SaveImage #3, SaveImage #4" in comment.splitlines()


@pytest.mark.parametrize("item", pairs(), ids=str)
def test_the_json_report_is_as_its_schema_says(item: Item) -> None:
    made = report((item.id, item.tree("old"), item.tree("new")))
    found = json.loads(json_reporter.render(made))

    Draft202012Validator(schema("report-diff")).validate(found)
    (file,) = found["files"]
    assert sorted(at for entry in file["entries"] for at in entry["changes"]) == [
        at for at, change in enumerate(file["changes"]) if change["counts"]
    ]


@given(files)
def test_the_json_report_of_anything_is_as_its_schema_says(files: Any) -> None:
    found = json.loads(json_reporter.render(report(*files)))

    Draft202012Validator(schema("report-diff")).validate(found)


@pytest.mark.parametrize("item", pairs(), ids=str)
def test_places_lead_to_the_values(item: Item) -> None:
    """In each file, where it has the fact under the name that it has in changes."""
    made = report((item.id, item.tree("old"), item.tree("new")))
    comparison = made.files[0].comparison
    assert comparison is not None
    found = json.loads(json_reporter.render(made))["files"][0]["changes"]

    for change, told in zip(comparison.changes, found, strict=True):
        if not isinstance(change, Changed) or change.key[0] not in ("widget", "pos", "size", "mode", "title"):
            continue
        for side, value in (("old", change.old), ("new", change.new)):
            if told[side] is None or isinstance(value, Endpoint):
                continue
            place = told[f"{side}_place"]
            assert value_at(item.tree(side), place["pointer"]) == value


def test_a_place_is_the_line_of_the_value() -> None:
    old, new = (f'{{"1": {{"class_type": "Node",\n"inputs": {{\n"a": {value}}}}}}}' for value in (1, 2))
    before, after = (read_json(each, "f") for each in (old, new))
    file = FileDiff("f", before, after, compared(before, after))

    (change,) = json.loads(json_reporter.render(Report((file,), Options())))["files"][0]["changes"]

    assert change["new_place"] == {"line": 3, "column": 6, "pointer": "/1/inputs/a"}
    assert change["old_place"] == change["new_place"]


def test_what_could_not_be_compared_is_said_in_every_format() -> None:
    error = InputError("is no workflow", place=Place("a.json"))
    made = Report((FileDiff("a.json", error=error),), Options())

    assert "is no workflow" in markdown.render(made)
    assert json.loads(json_reporter.render(made))["faults"][0]["message"] == "is no workflow"
    assert made.exit_status == 2


def test_every_format_says_what_it_is_for() -> None:
    assert all((module.__doc__ or "").strip() for module in REPORTERS.modules())
