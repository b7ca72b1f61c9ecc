"""Nodes of unknown types: one finding for a type and a pack, with all the nodes."""

from __future__ import annotations

import json
from typing import Any

import click
import pytest

from tests.work import lines_run
from wftools.lint import ERROR, WARNING, Linter, Report
from wftools.lint.examples import api_node, subgraph, ui, ui_node
from wftools.lint.reporters import REPORTERS

ONE = {"cnr_id": "somebodys-pack", "ver": "1.2"}
OTHER = {"aux_id": "another/pack"}


def _found(tree: dict[str, Any]) -> list[Any]:
    return [each for each in Linter().lint(json.dumps(tree).encode()) if each.code == "N101"]


def test_nodes_of_one_type_and_pack_are_one_finding() -> None:
    nodes = [
        ui_node(1, "SomebodysNode", properties=ONE),
        ui_node(2, "SomebodysNode", title="my 'best'", properties=ONE),
        ui_node(3, "SomebodysNode", properties=OTHER),
        ui_node(4, "AnotherNode", properties=OTHER),
        ui_node(5, "SomebodysNode", properties=ONE),
    ]

    found = _found(ui(nodes, []))

    assert [(each.node, [also.node for also in each.also]) for each in found] == [
        ("1", ["2", "5"]),
        ("3", []),
        ("4", []),
    ]
    assert found[0].message == """node type 'SomebodysNode' is not known; 3 nodes are of it: 1, 2 "my 'best'", 5"""
    assert found[1].message == "node type 'SomebodysNode' is not known"
    assert "of the custom node pack somebodys-pack" in found[0].hint
    assert "of the custom node pack another/pack" in found[1].hint


def test_text_names_the_first_ten_and_json_names_all_with_their_places() -> None:
    data = json.dumps(ui([ui_node(id_, "SomebodysNode", title=f"t{id_}") for id_ in range(1, 31)], []), indent=1)
    report = Report((Linter().look_at(data.encode(), "flow.json"),), Linter().rules, "0.33.0")

    text, machine = (REPORTERS.load(form).render(report) for form in ("concise", "json"))

    assert isinstance(text, str)
    shown = next(line for line in click.unstyle(text).split("\n") if "N101" in line)
    assert '30 nodes are of it: 1 "t1", 2 "t2"' in shown
    assert '10 "t10" and 20 more' in shown
    (finding,) = [each for each in json.loads(machine)["findings"] if each["code"] == "N101"]
    assert [each["title"] for each in finding["also"]] == [f"t{id_}" for id_ in range(2, 31)]
    lines = data.split("\n")
    assert all('"type": "SomebodysNode"' in lines[each["line"] - 1] for each in finding["also"])
    assert finding["also"][0]["pointer"] == "/nodes/1/type"


def test_a_node_of_a_subgraph_that_is_used_twice_is_one_node() -> None:
    inside = subgraph("sub", [ui_node(3, "SomebodysNode")], [])

    (found,) = _found(ui([ui_node(1, "sub"), ui_node(2, "sub")], [], definitions=inside))

    assert (found.node, found.also) == ("1:3", ())


@pytest.mark.parametrize(
    ("tree", "severity"),
    [
        ({"1": api_node("SaveImagge"), "2": api_node("SaveImagge")}, ERROR),  # by hand
        ({"1": api_node("SomebodysNode")}, WARNING),
        (ui([ui_node(1, "SaveImagge")], []), WARNING),
        (ui([ui_node(1, "SaveImagge", properties={"cnr_id": "comfy-core"})], []), ERROR),
    ],
)
def test_how_bad_an_unknown_type_is(tree: dict[str, Any], severity: Any) -> None:
    (found,) = _found(tree)

    assert found.severity is severity


def test_twenty_times_as_many_nodes_of_a_type_cost_little_more_than_their_places() -> None:
    def work(count: int) -> int:
        data = json.dumps(ui([ui_node(id_, "SomebodysNode") for id_ in range(count)], [])).encode()
        return lines_run(lambda: Linter().lint(data))

    work(1)  # fills what is remembered
    few, many = work(15), work(300)

    assert many / 300 < 2 * few / 15
