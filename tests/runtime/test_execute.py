"""What a run does with the answers of nodes."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.runtime.plug import LOG, NODES, calls, document, messages, prompt, run, run_all, shown, states, texts
from wftools.runtime import Session


def test_an_output_gets_what_it_is_linked_to() -> None:
    """A link hands over the output in its slot."""
    assert shown(
        n1=("Number", {"value": 17}),
        n2=("Number", {"value": 5}),
        n3=("DivMod", {"a": ["1", 0], "b": ["2", 0]}),
        n4=("Show", {"value": ["3", 0]}),
        n5=("Show", {"value": ["3", 1]}),
        n6=("Show", {"value": ["3", -1]}),  # the server takes it for Python's index
    ) == ["3", "2", "2"]


def test_only_what_an_output_needs_is_run() -> None:
    """A node that no output node needs is not called."""
    report = run(n1=("Number", {"value": 1}), n2=("Number", {"value": 2}), n3=("Show", {"value": ["2", 0]}))

    assert states(report) == {"2": "ran", "3": "ran"}
    assert LOG == ["Number 2", "Show 2"]


def test_a_shared_node_is_run_once() -> None:
    """However many consumers it has."""
    run(n1=("Number", {"value": 4}), n2=("Add", {"a": ["1", 0], "b": ["1", 0]}), n3=("Show", {"value": ["2", 0]}))

    assert calls()["Number 4"] == 1


def test_outputs_are_run_in_the_order_of_the_file() -> None:
    """What the first output needs is run first, and used before the rest is made."""
    run(
        n1=("Number", {"value": 1}),
        n2=("Number", {"value": 2}),
        n9=("Show", {"value": ["2", 0]}),
        n8=("Show", {"value": ["1", 0]}),
    )

    assert LOG == ["Number 2", "Show 2", "Number 1", "Show 1"]


def test_inputs_are_computed_in_their_order() -> None:
    """That of the prompt."""
    run(
        n1=("Number", {"value": 1}),
        n2=("Number", {"value": 2}),
        n3=("Add", {"a": ["2", 0], "b": ["1", 0]}),
        n4=("Show", {"value": ["3", 0]}),
    )

    assert LOG == ["Number 2", "Number 1", "Add 2 1", "Show 3"]


def test_a_long_chain_needs_no_stack() -> None:
    """2,000 nodes in a row are deeper than Python's recursion limit, and than the server can go."""
    chain: dict[str, Any] = {f"n{i}": ("Add", {"a": [str(i - 1), 0], "b": 1}) for i in range(1, 2000)}

    assert shown(n0=("Number", {"value": 0}), **chain, end=("Show", {"value": ["1999", 0]})) == ["1999"]


@given(st.data())
def test_every_graph_gives_what_its_formula_gives(data: st.DataObject) -> None:
    """On any acyclic graph: right values, and no node called twice."""
    LOG.clear()
    values: list[int] = []
    nodes: dict[str, Any] = {}
    for index in range(data.draw(st.integers(1, 12))):
        if index and data.draw(st.booleans()):
            a, b = data.draw(st.integers(0, index - 1)), data.draw(st.integers(0, index - 1))
            nodes[f"n{index}"] = ("Add", {"a": [str(a), 0], "b": [str(b), 0]})
            values.append(values[a] + values[b])
        else:
            nodes[f"n{index}"] = ("Number", {"value": index})
            values.append(index)
    outputs = data.draw(st.lists(st.integers(0, len(values) - 1), min_size=1, max_size=4))
    for number, index in enumerate(outputs):
        nodes[f"show{number}"] = ("Show", {"value": [str(index), 0]})

    assert shown(**nodes) == [str(values[index]) for index in outputs]
    assert all(times == 1 for note, times in calls().items() if note.startswith("Number"))


# Literals and hidden inputs


@pytest.mark.parametrize(
    ("given_value", "expected"),
    [
        ({"i": "512"}, "(512, 1.0, 's', True, 'x', None)"),
        ({"i": 512.9}, "(512, 1.0, 's', True, 'x', None)"),
        ({"i": True}, "(1, 1.0, 's', True, 'x', None)"),
        ({"f": 2}, "(1, 2.0, 's', True, 'x', None)"),
        ({"f": "1e1"}, "(1, 10.0, 's', True, 'x', None)"),
        ({"s": 7}, "(1, 1.0, '7', True, 'x', None)"),
        ({"s": None}, "(1, 1.0, 'None', True, 'x', None)"),
        ({"b": "false"}, "(1, 1.0, 's', True, 'x', None)"),  # any text but the empty one is true
        ({"b": 0}, "(1, 1.0, 's', False, 'x', None)"),
        ({"o": {"__value__": [1, 2]}}, "(1, 1.0, 's', True, 'x', [1, 2])"),
        ({"undeclared": 5}, "(1, 1.0, 's', True, 'x', None)"),
    ],
)
def test_literals_are_taken_as_the_server_takes_them(given_value: dict[str, Any], expected: str) -> None:
    """INT, FLOAT, STRING and BOOLEAN are converted, wrapped values unwrapped, undeclared ones dropped."""
    inputs = {"i": 1, "f": 1.0, "s": "s", "b": True, "c": "x", **given_value}

    assert shown(n1=("Tell", inputs), n2=("Show", {"value": ["1", 0]})) == [expected]


def test_dynamic_inputs_arrive_as_one_nested_value() -> None:
    """Rows as a dict of rows; a dynamic combo as a dict of its inputs, with the choice under its own name."""
    assert shown(
        n1=("Join", {"parts.part0": "a", "parts.part1": ["3", 0], "form": "framed", "form.frame": "*"}),
        n2=("Show", {"value": ["1", 0]}),
        n3=("Tell", {"i": 1, "f": 1, "s": "", "b": False, "c": "y"}),
    ) == ["({'part0': 'a', 'part1': \"(1, 1.0, '', False, 'y', None)\"}, {'form': 'framed', 'frame': '*'})"]


def test_hidden_inputs_are_filled_in() -> None:
    """The prompt, the editor's workflow (there is none here), the node's own id, and a context of its own."""
    assert shown(n7=("Hidden", {"me": "not this"}), n8=("Show", {"value": ["7", 0]})) == [
        '[["7", "8"], null, "7", "7"]'
    ]


# Lists


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [((3, 3), ["0", "2", "4"]), ((3, 2), ["0", "2", "3"]), ((1, 3), ["0", "1", "2"]), ((0, 2), []), ((2, 0), [])],
)
def test_a_node_is_mapped_over_lists(lengths: tuple[int, int], expected: list[str]) -> None:
    """Once for each element; a shorter list repeats its last one; with an empty list there is no call."""
    assert (
        shown(
            n1=("Count", {"to": lengths[0]}),
            n2=("Count", {"to": lengths[1]}),
            n3=("Add", {"a": ["1", 0], "b": ["2", 0]}),
            n4=("Show", {"value": ["3", 0]}),
        )
        == expected
    )


@given(st.integers(1, 6), st.integers(1, 6))
def test_mapping_repeats_the_last_element(first: int, second: int) -> None:
    """For lists of any lengths."""
    padded = zip_longest(range(first), range(second))
    expected = [str((first - 1 if a is None else a) + (second - 1 if b is None else b)) for a, b in padded]

    assert (
        shown(
            n1=("Count", {"to": first}),
            n2=("Count", {"to": second}),
            n3=("Add", {"a": ["1", 0], "b": ["2", 0]}),
            n4=("Show", {"value": ["3", 0]}),
        )
        == expected
    )


def test_lists_of_mapped_calls_are_joined() -> None:
    """A list output of a node that is itself mapped gives one list, not a list of lists."""
    assert shown(n1=("Count", {"to": 4}), n2=("Count", {"to": ["1", 0]}), n3=("Show", {"value": ["2", 0]})) == [
        "0",
        "0",
        "1",
        "0",
        "1",
        "2",
    ]


def test_a_node_that_takes_lists_is_called_once() -> None:
    """Every input is a list then, literals and empty lists included."""
    assert shown(
        n1=("Count", {"to": 4}),
        n2=("Total", {"values": ["1", 0], "start": 10}),
        n3=("Show", {"value": ["2", 0]}),
        n4=("Count", {"to": 0}),
        n5=("Total", {"values": ["4", 0], "start": 0}),
        n6=("Show", {"value": ["5", 0]}),
    ) == ["16", "0"]
    assert calls()["Total [0, 1, 2, 3] [10]"] == 1


# Lazy inputs


def test_a_lazy_input_is_computed_when_it_is_asked_for() -> None:
    """The branch that is not taken is not run, and what it alone would need is not run either."""
    report = run(
        n1=("Number", {"value": 1}),
        n2=("Number", {"value": 2}),
        n3=("Add", {"a": ["2", 0], "b": 0}),
        n4=("Switch", {"which": True, "on_true": ["1", 0], "on_false": ["3", 0]}),
        n5=("Show", {"value": ["4", 0]}),
    )

    assert texts(report) == ["1"]
    assert states(report) == {"1": "ran", "2": "not needed", "3": "not needed", "4": "ran", "5": "ran"}


def test_another_output_may_force_a_lazy_input() -> None:
    """Then it is there, whether or not the switch takes it."""
    assert shown(
        n1=("Number", {"value": 1}),
        n2=("Number", {"value": 2}),
        n4=("Switch", {"which": True, "on_true": ["1", 0], "on_false": ["2", 0]}),
        n5=("Show", {"value": ["4", 0]}),
        n6=("Show", {"value": ["2", 0]}),
    ) == ["1", "2"]


def test_a_mapped_switch_asks_for_both_branches_once() -> None:
    """Each element decides for itself; each branch is run once."""
    assert shown(
        n1=("Count", {"to": 3}),
        n2=("Number", {"value": 7}),
        n3=("Number", {"value": 8}),
        n4=("Switch", {"which": ["1", 0], "on_true": ["2", 0], "on_false": ["3", 0]}),
        n5=("Show", {"value": ["4", 0]}),
    ) == ["8", "7", "7"]
    assert calls()["Number 7"] == calls()["Number 8"] == 1


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("value", "2 (Nag): asks again for the input 'value', which it was given"),
        ("nothing", "2 (Nag): asks for the input 'nothing', which is not linked"),
    ],
)
def test_a_node_that_asks_without_end_is_an_error(what: str, message: str) -> None:
    """Instead of a run that hangs."""
    report = run(
        n1=("Number", {"value": 1}), n2=("Nag", {"what": what, "value": ["1", 0]}), n3=("Show", {"value": ["2", 0]})
    )

    assert messages(report) == [message]


# Blocks


def test_what_depends_on_a_block_does_not_run() -> None:
    """The rest does, and a block without a message is no failure."""
    report = run(
        n1=("Number", {"value": 1}),
        n2=("Gate", {"value": ["1", 0], "is_open": False}),
        n3=("Add", {"a": ["2", 0], "b": 5}),
        n4=("Show", {"value": ["3", 0]}),
        n5=("Show", {"value": ["1", 0]}),
    )

    assert (report.status, texts(report)) == ("ran", ["1"])
    assert states(report) == {"1": "ran", "2": "blocked", "3": "blocked", "4": "blocked", "5": "ran"}


def test_an_output_reports_the_message_of_a_block() -> None:
    """Such an output has failed; the others run."""
    report = run(
        n1=("Number", {"value": 1}),
        n2=("Gate", {"value": ["1", 0], "is_open": False, "message": "closed today"}),
        n3=("Show", {"value": ["2", 0]}),
        n4=("Show", {"value": ["1", 0]}),
    )

    assert (report.status, texts(report)) == ("partly", ["1"])
    assert messages(report) == ["3 (Show): closed today"]


def test_twins_are_blocked_alike() -> None:
    """A block is nothing that is used again: the twin comes to the same end by itself."""
    gate = ("Gate", {"value": ["1", 0], "is_open": False})
    report = run(
        n1=("Number", {"value": 1}),
        n2=gate,
        n3=("Show", {"value": ["2", 0]}),
        n4=gate,
        n5=("Show", {"value": ["4", 0]}),
        n6=("Add", {"a": ["2", 0], "b": 1}),
        n7=("Show", {"value": ["6", 0]}),
        n8=("Add", {"a": ["4", 0], "b": 1}),
        n9=("Show", {"value": ["8", 0]}),
    )

    assert report.status == "ran"
    assert set(states(report).values()) == {"ran", "blocked"}
    assert calls() == {"Number 1": 1}


def test_one_element_of_a_list_may_be_blocked() -> None:
    """The calls for the other elements happen; a node that takes the whole list is blocked."""
    report = run(
        n1=("Count", {"to": 3}),
        n2=("Gate", {"value": ["1", 0], "is_open": ["1", 0]}),
        n3=("Show", {"value": ["2", 0]}),
        n4=("Total", {"values": ["2", 0], "start": 0}),
        n5=("Show", {"value": ["4", 0]}),
    )

    assert texts(report) == ["1", "2"]
    assert states(report)["4"] == "blocked"


# Asynchronous nodes


def test_independent_asynchronous_nodes_run_at_the_same_time() -> None:
    """Each waits for the other here."""
    assert shown(
        n1=("Meet", {"me": "a", "other": "b"}),
        n2=("Show", {"value": ["1", 0]}),
        n3=("Meet", {"me": "b", "other": "a"}),
        n4=("Show", {"value": ["3", 0]}),
    ) == ["a met b", "b met a"]


def test_asynchronous_nodes_start_first() -> None:
    """So that they wait while others work."""
    run(
        n1=("Number", {"value": 1}),
        n2=("Show", {"value": ["1", 0]}),
        n3=("Meet", {"me": "a", "other": "a"}),
        n4=("Show", {"value": ["3", 0]}),
    )

    assert LOG.index("a came") < LOG.index("Number 1")


def test_a_failure_ends_what_runs_beside_it() -> None:
    """At once, and in order: a node can clean up."""
    report = run(n1=("Linger", {}), n2=("FailLater", {"message": "no"}), n3=("Show", {"value": ["2", 0]}))

    assert states(report) == {"1": "interrupted", "2": "failed", "3": "planned"}
    assert LOG == ["Linger is over"]


def test_an_asynchronous_node_that_fails_is_named() -> None:
    """As a synchronous one is."""
    report = run(n1=("FailLater", {"message": "too late"}), n2=("Show", {"value": ["1", 0]}))

    assert messages(report) == ["1 (FailLater): ValueError: too late"]


# Failures


def test_a_failing_node_is_named_by_id_and_type() -> None:
    """With what it said on one line, and with its place in the file."""
    report = run(n57=("Fail", {"message": "two\nlines"}), n2=("Show", {"value": ["57", 0]}))

    assert report.status == "failed"
    assert messages(report) == ["57 (Fail): ValueError: two lines"]
    assert (report.errors[0].file, report.errors[0].line, report.errors[0].pointer) == ("flow0.json", 1, "/57")
    assert "plug.py" in (report.errors[0].traceback or "")
    assert states(report) == {"57": "failed", "2": "planned"}


@pytest.mark.parametrize(("kind", "given_"), [("one", "a int"), ("three", "3 values")])
def test_an_answer_of_another_form_than_declared_is_an_error(kind: str, given_: str) -> None:
    """Naming what was declared and what came."""
    report = run(n1=("OddAnswers", {"kind": kind}), n2=("Show", {"value": ["1", 0]}))

    assert messages(report) == [f"1 (OddAnswers): the node declares 2 outputs and returned {given_}"]


def test_a_run_can_be_cancelled_between_two_steps() -> None:
    """The next `context.step` raises KeyboardInterrupt; the workflow is reported before that is passed on."""
    session = Session(nodes=NODES, cancelled=lambda: "step 2" in LOG)

    reports = session.each([document(prompt(n1=("Cancelled", {"steps": 10})))])
    interrupted = next(reports)
    with pytest.raises(KeyboardInterrupt):
        next(reports)

    assert interrupted.status == "interrupted"
    assert states(interrupted) == {"1": "interrupted"}
    assert LOG == ["step 0", "step 1", "step 2"]


def test_a_run_can_be_cancelled_between_two_nodes() -> None:
    """Also if none of them says how far it is."""
    session = Session(nodes=NODES, cancelled=lambda: len(LOG) == 1)
    tree = prompt(n1=("Number", {"value": 1}), n2=("Add", {"a": ["1", 0], "b": 1}), n3=("Show", {"value": ["2", 0]}))

    assert next(session.each([document(tree)])).status == "interrupted"
    assert LOG == ["Number 1"]


def test_the_same_workflow_gives_the_same_again() -> None:
    """In the same order, whatever runs at the same time."""
    tree = prompt(
        n1=("Meet", {"me": "a", "other": "b"}),
        n2=("Show", {"value": ["1", 0]}),
        n3=("Meet", {"me": "b", "other": "a"}),
        n4=("Show", {"value": ["3", 0]}),
    )

    first = texts(run_all(tree)[0])
    LOG.clear()

    assert texts(run_all(tree)[0]) == first
