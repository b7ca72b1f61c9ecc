"""The linter agrees with ComfyUI's own server."""

from __future__ import annotations

import json
import lzma
import re
from functools import cache
from typing import Any

import pytest

from tests.conftest import DATA
from wftools.catalog.given import ObjectInfo
from wftools.catalog.lookup import Catalogue
from wftools.catalog.target import Target
from wftools.lint import ERROR, Finding, Linter

# The server's errors that rules foresee; it tells the others (own validators, files) from what only it can see.
FORESEEN = {
    "required_input_missing",
    "bad_linked_input",
    "return_type_mismatch",
    "invalid_input_type",
    "value_smaller_than_min",
    "value_bigger_than_max",
    "value_not_in_list",
    "dependency_cycle",
}
# Kinds whose reason no rule foresees: a class that validates itself, and the depth of Python's stack.
NOT_FORESEEN = {"N50_own_validator_fails", "N51_own_validator_replaces_checks", "N56_deep_chain"}


@cache
def recorded() -> dict[str, Any]:
    with lzma.open(DATA / "validation" / "api-0.33.0.json.xz", "rt") as stream:
        data: dict[str, Any] = json.load(stream)
    return data


@cache
def linter() -> Linter:
    return Linter(Catalogue((ObjectInfo("recorded", recorded()["object_info"]),), Target("0.33.0")))


@cache
def errors_of(index: int) -> list[Finding]:
    prompt = json.dumps(recorded()["rows"][index]["prompt"]).encode()
    return [finding for finding in linter().lint(prompt) if finding.severity is ERROR]


ROWS = [pytest.param(index, id=row["file"]) for index, row in enumerate(recorded()["rows"])]


@pytest.mark.parametrize("index", ROWS)
def test_what_the_server_takes_is_no_error(index):
    row = recorded()["rows"][index]
    if row["valid"] and not row["errors"]:
        assert not errors_of(index)


@pytest.mark.parametrize("index", ROWS)
def test_what_the_server_refuses_as_a_whole_is_an_error(index):
    row = recorded()["rows"][index]
    if not row["valid"] and not row["errors"]:
        assert errors_of(index)


@pytest.mark.parametrize("index", ROWS)
def test_each_error_of_the_server_is_found_at_the_same_node_and_input(index):
    row = recorded()["rows"][index]
    for node, kind, name in row["errors"]:
        at_node = [finding for finding in errors_of(index) if finding.node == node]
        if kind == "dependency_cycle":  # told of each node; we tell it once of all that wait for each other
            cycles = [finding for finding in errors_of(index) if finding.code == "G602"]
            assert any(re.search(rf"(?<![\w:]){re.escape(node)}(?![\w:])", each.message) for each in cycles)
        elif kind in FORESEEN:
            assert any(_is_at(finding, kind, name) for finding in at_node), (node, kind, name, errors_of(index))
        elif row["kind"] not in NOT_FORESEEN and kind.startswith("exception"):
            assert at_node, (node, kind, errors_of(index))  # the server names the consumer's input here


def _is_at(finding: Finding, kind: str, name: str) -> bool:
    if kind == "required_input_missing":
        return finding.code == "N103" or (finding.code == "N105" and repr(name) in finding.message)
    return finding.pointer.endswith("/inputs/" + name.replace("~", "~0").replace("/", "~1"))
