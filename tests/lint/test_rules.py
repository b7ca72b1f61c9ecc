"""Promises about every rule."""

from __future__ import annotations

import json
import re
from typing import get_args

import pytest

from wftools.catalog.given import ObjectInfo
from wftools.catalog.lookup import Catalogue
from wftools.document import dumps, read
from wftools.document.edit import edited
from wftools.errors import InputError
from wftools.graph import build
from wftools.lint import Linter, Selection
from wftools.lint.finding import Severity
from wftools.lint.rule import Reads, Rule, rules

# What ComfyUI's server calls its errors.
SERVER_ERRORS = {
    "invalid_prompt",
    "prompt_no_outputs",
    "missing_node_type",
    "required_input_missing",
    "bad_linked_input",
    "return_type_mismatch",
    "invalid_input_type",
    "value_smaller_than_min",
    "value_bigger_than_max",
    "value_not_in_list",
    "custom_validation_failed",
    "exception_during_validation",
    "exception_during_inner_validation",
    "dependency_cycle",
}


def _examples(kind):
    return [
        pytest.param(rule, example, id=f"{rule.code}-{kind}-{index}")
        for rule in rules()
        for index, example in enumerate(getattr(rule, kind))
    ]


def _finds(rule: Rule, example) -> list[str]:
    infos = (ObjectInfo("example", example.object_info),) if example.object_info else ()
    found = Linter(Catalogue(infos), Selection(select=(rule.code,))).lint(example.data(), "example")
    return [finding.pointer for finding in found if finding.code == rule.code]


@pytest.mark.parametrize(("rule", "example"), _examples("bad"))
def test_a_rule_finds_what_its_bad_examples_say(rule, example):
    assert _finds(rule, example) == list(example.finds)


@pytest.mark.parametrize(("rule", "example"), _examples("good"))
def test_a_rule_finds_nothing_in_its_good_examples(rule, example):
    assert _finds(rule, example) == []


def _meaning(document) -> dict[str, str]:
    """What the server would be given of each node."""
    return {path: f"{node.type} {node.values}" for path, node in build(document, Catalogue()).flat.nodes.items()}


@pytest.mark.parametrize(("rule", "example"), _examples("bad"))
def test_a_fix_makes_its_finding_go_away_and_changes_nothing_else(rule, example):
    infos = (ObjectInfo("example", example.object_info),) if example.object_info else ()
    linter = Linter(Catalogue(infos), Selection(select=("ALL",)))  # also rules that only inform
    try:
        document = read(example.data(), "example")
    except InputError:
        return
    before = linter.lint_document(document)

    for finding in before:
        if finding.fix:
            mended = dumps(edited(document, finding.fix)).encode()

            after = [(each.code, each.pointer) for each in linter.lint(mended)]
            assert set(after) == {(each.code, each.pointer) for each in before} - {(finding.code, finding.pointer)}
            others = _meaning(read(mended)).items() ^ _meaning(document).items()
            assert {path for path, _ in others} <= {finding.node}


def test_some_rules_have_fixes():
    """The law above is about something."""
    fixed = {
        finding.code
        for rule in rules()
        for example in rule.bad
        for finding in Linter(Catalogue()).lint(example.data())
        if finding.fix
    }

    assert fixed >= {"L202", "L208", "L209", "N103", "N107"}


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.code) for rule in rules()])
def test_a_rule_explains_itself_and_has_examples(rule):
    assert rule.summary.endswith(".")
    assert len(rule.summary) <= 100
    assert len(rule.explanation) > 60
    assert rule.bad
    assert all(example.finds for example in rule.bad)
    assert rule.good
    assert not any(example.finds for example in rule.good)


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.code) for rule in rules()])
def test_what_a_rule_declares_is_something_that_there_is(rule):
    assert re.fullmatch(r"[a-z]\d{3}(_[a-z]+)+", rule.module_name)
    assert isinstance(rule.severity, Severity)
    assert rule.reads in get_args(Reads)
    assert rule.mirrors is None or rule.mirrors in SERVER_ERRORS


def test_codes_and_names_are_one_each():
    every = rules()

    assert len({rule.code for rule in every}) == len({rule.name for rule in every}) == len(every)


def test_the_first_rules_are_there():
    wanted = (
        "P001 P002 P003 P004 P006 P007 P008 N101 N102 N103 N104 N105 L201 L202 L203 L204 L205 L207 L208 L209 L212 L214 "
        "T301 T302 V401 V402 V403 V404 V407 G601 G602 G605 S701 S702 S703"
    )

    assert {rule.code for rule in rules()} >= set(wanted.split())


def test_findings_are_sorted_by_place_and_the_same_every_time(templates):
    linter = Linter()
    for path in templates[::40]:
        tree = json.loads(path.read_bytes())
        tree["nodes"] = [{**node, "mode": 99} for node in tree["nodes"]]
        data = json.dumps(tree, indent=2).encode()

        found = linter.lint(data)

        assert found == linter.lint(data)
        assert [(f.line, f.column) for f in found] == sorted((f.line, f.column) for f in found)
