"""Nodes that answer with a subgraph."""

from __future__ import annotations

from typing import Any

import pytest

from tests.runtime.plug import calls, messages, run, shown, states, texts


def test_a_subgraph_gives_the_outputs_of_the_node() -> None:
    """Also one that expands again, a few hundred times."""
    assert shown(n1=("Repeat", {"times": 300, "value": 5}), n2=("Show", {"value": ["1", 0]})) == ["305"]


def test_ids_of_a_subgraph_start_with_those_of_its_node() -> None:
    """And with the number of the call, if the node is mapped over a list: the same in every run."""
    report = run(
        n1=("Count", {"to": 2}), n12=("Repeat", {"times": 1, "value": ["1", 0]}), n2=("Show", {"value": ["12", 0]})
    )

    assert texts(report) == ["1", "2"]
    assert sorted(states(report)) == ["1", "12", "12.0.add", "12.0.rest", "12.1.add", "12.1.rest", "2"]


def test_only_some_of_the_calls_may_expand() -> None:
    """Values and subgraphs stay in the order of the calls."""
    assert shown(
        n1=("Count", {"to": 3}), n2=("Repeat", {"times": ["1", 0], "value": 10}), n3=("Show", {"value": ["2", 0]})
    ) == ["10", "11", "12"]


def test_output_nodes_of_a_subgraph_run() -> None:
    """Their inputs may come from the surrounding graph; a node that nothing needs does not run."""
    report = run(
        n1=("Number", {"value": 3}),
        n2=("ShowTwice", {"value": ["1", 0]}),
        n3=("Show", {"value": ["2", 0]}),
        n4=("Show", {"value": ["2", 1]}),
    )

    assert texts(report) == ["3", "3", "literal"]
    assert calls()["Number 3"] == 1
    assert "2.0.unused" not in states(report)


def test_a_list_inside_is_a_list_outside() -> None:
    """The items of an inner list output become items of the outer output."""
    assert shown(
        n1=("ExpandTo", {"class_type": "Count", "inputs": {"__value__": {"to": 3}}, "output": {"__value__": ["n", 0]}}),
        n2=("Show", {"value": ["1", 0]}),
    ) == ["0", "1", "2"]


def test_literal_outputs_are_taken_as_they_are_declared() -> None:
    """A list is the elements of a list output, and one value of any other."""
    assert shown(n1=("Literals", {}), n2=("Show", {"value": ["1", 0]}), n3=("Show", {"value": ["1", 1]})) == [
        "7",
        "8",
        "[9, 9, 9]",
    ]


def test_a_loop_without_an_end_is_stopped() -> None:
    """Instead of filling the memory."""
    report = run(n1=("Forever", {}), n2=("Show", {"value": ["1", 0]}))

    assert report.errors[0].message == "expands into itself more than 1,000 times"
    assert (report.errors[0].node or "").endswith(".0.again (Forever)")


def test_a_subgraph_that_waits_for_its_own_node_is_an_error() -> None:
    """The message tells the way round."""
    report = run(n1=("Number", {"value": 1}), n2=("Knot", {"value": ["1", 0]}), n3=("Show", {"value": ["2", 0]}))

    assert [error.message for error in report.errors] == [
        "nodes wait for each other: 2 (Knot) → 2.0.add (Add) → 2 (Knot)"
    ]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"class_type": "Nothing"}, "expands to node 1.0.n of the type 'Nothing', which is not known"),
        ({"inputs": {"a": 1}}, "expands to node 1.0.n (Add), and its input 'b' (INT) is not given"),
        (
            {"inputs": {"a": 1, "b": ["9", 0]}},
            "expands to node 1.0.n (Add), and its input 'b' is linked to node 9, which does not exist",
        ),
        ({"output": ["m", 0]}, "expands to output 0 of node m, which does not exist"),
        ({"output": ["n", 3]}, "expands to output 3 of node 1.0.n, which does not exist"),
    ],
)
def test_a_subgraph_that_cannot_run_is_an_error_of_its_node(given: dict[str, Any], message: str) -> None:
    """With the reason."""
    given = {"class_type": "Add", "inputs": {"a": 1, "b": 2}, "output": ["n", 0], **given}
    wrapped = {name: {"__value__": value} for name, value in given.items()}

    report = run(n1=("ExpandTo", wrapped), n2=("Show", {"value": ["1", 0]}))

    assert messages(report) == [f"1 (ExpandTo): {message}"]
