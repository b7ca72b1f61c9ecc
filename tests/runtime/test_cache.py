"""What is computed once and used again: by twins in one workflow, and by the workflows of one call.

No `from __future__ import annotations`: the annotations of nodes are read.
"""

import os
import re
from dataclasses import fields, replace
from pathlib import Path
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.runtime import plug
from tests.runtime.plug import NODES, calls, document, prompt, run_all, shown, states, texts
from wftools.catalog.declare import CONTEXT, STRING, files, node
from wftools.context import Placement
from wftools.folders import Folders
from wftools.graph.model import NodePath
from wftools.runtime import Job, Options, Session, run_jobs, session


def number(value: int) -> dict[str, Any]:
    """A workflow that shows value + 1."""
    return prompt(
        n1=("Number", {"value": value}), n2=("Add", {"a": ["1", 0], "b": 1}), n3=("Show", {"value": ["2", 0]})
    )


def test_a_later_workflow_takes_what_an_earlier_one_has_made() -> None:
    """Output nodes run every time; what stands above a result that is there is not looked at."""
    first, second = run_all(number(5), number(5))

    assert texts(first) == texts(second) == ["6"]
    assert states(second) == {"1": "not needed", "2": "cached", "3": "ran"}
    assert calls() == {"Number 5": 1, "Add 5 1": 1, "Show 6": 2}


def test_several_consumers_share_what_was_made_before() -> None:
    """One result that is there serves them all, at the first time of asking."""
    chain = prompt(
        n1=("Number", {"value": 5}),
        n2=("Add", {"a": ["1", 0], "b": 7}),
        n3=("Add", {"a": ["2", 0], "b": ["1", 0]}),
        n4=("Show", {"value": ["3", 0]}),
    )

    second = run_all(number(5), chain)[1]

    assert states(second) == {"1": "cached", "2": "ran", "3": "ran", "4": "ran"}
    assert calls()["Number 5"] == 1


@st.composite
def graphs(draw: st.DrawFn) -> tuple[dict[str, Any], set[str], list[str]]:
    """A workflow of additions, the formulas of all that its outputs need, and what these show."""
    nodes: dict[str, Any] = {}
    formulas: list[str] = []
    for index in range(draw(st.integers(1, 8))):
        if index and draw(st.booleans()):
            a, b = draw(st.integers(0, index - 1)), draw(st.integers(0, index - 1))
            nodes[f"n{index}"] = ("Add", {"a": [str(a), 0], "b": [str(b), 0]})
            formulas.append(f"({formulas[a]}+{formulas[b]})")
        else:
            value = draw(st.integers(1, 3))
            nodes[f"n{index}"] = ("Number", {"value": value})
            formulas.append(str(value))
    outputs = draw(st.lists(st.integers(0, len(formulas) - 1), min_size=1, max_size=3))
    nodes.update({f"show{number}": ("Show", {"value": [str(index), 0]}) for number, index in enumerate(outputs)})
    return prompt(**nodes), {formulas[index] for index in outputs}, [str(eval(formulas[index])) for index in outputs]


@given(st.lists(graphs(), min_size=1, max_size=4))
def test_every_formula_of_a_call_is_computed_once(workflows: list[tuple[dict[str, Any], set[str], list[str]]]) -> None:
    """On any graphs: in however many workflows and places the same formula stands."""
    plug.LOG.clear()
    needed = set().union(*(_parts(formula) for _, formulas, _ in workflows for formula in formulas))

    reports = run_all(*(tree for tree, _, _ in workflows))

    assert [texts(report) for report in reports] == [expected for _, _, expected in workflows]
    assert sum(not note.startswith("Show") for note in plug.LOG) == len(needed)


def _parts(formula: str) -> set[str]:
    """A formula and all formulas in it."""
    starts = [index for index, character in enumerate(formula) if character == "("]
    parts = set(re.findall(r"\d", formula))
    for start in starts:
        depth = 0
        for end in range(start, len(formula)):
            depth += {"(": 1, ")": -1}.get(formula[end], 0)
            if depth == 0:
                parts.add(formula[start : end + 1])
                break
    return parts


def test_ids_and_titles_do_not_matter() -> None:
    """Keys are about content. The order of a prompt does not matter either."""
    other = prompt(
        show=("Show", {"value": ["add", 0]}), add=("Add", {"b": 1, "a": ["one", 0]}), one=("Number", {"value": 5})
    )
    other["one"]["_meta"] = {"title": "my number"}

    run_all(number(5), other)

    assert calls()["Add 5 1"] == 1


@pytest.mark.parametrize(
    ("change", "runs_again"),
    [
        ({}, False),
        ({"1": {"class_type": "Number", "inputs": {"value": "5"}}}, False),  # the same once converted
        ({"1": {"class_type": "Number", "inputs": {"value": 5, "x": 1}}}, False),  # an input that nobody declares
        ({"1": {"class_type": "Number", "inputs": {"value": 6}}}, True),
        ({"1": {"class_type": "Fresh", "inputs": {"state": 0}}}, True),
        ({"2": {"class_type": "Add", "inputs": {"a": ["1", 0], "b": 2}}}, True),
        ({"2": {"class_type": "Add", "inputs": {"a": 1, "b": ["1", 0]}}}, True),
        ({"2": {"class_type": "DivMod", "inputs": {"a": ["1", 0], "b": 1}}}, True),
    ],
)
def test_a_result_is_used_again_if_all_it_depends_on_is_the_same(change: dict[str, Any], runs_again: bool) -> None:
    """Node type, literals as they are converted, and whatever stands above."""
    second = run_all(number(5), {**number(5), **change})[1]

    assert states(second)["2"] == ("ran" if runs_again else "cached")


def test_different_outputs_of_one_node_are_different_inputs() -> None:
    """The slot of a link is part of what a result depends on."""

    def of_slot(slot: int) -> dict[str, Any]:
        return prompt(
            n1=("Number", {"value": 17}),
            n2=("DivMod", {"a": ["1", 0], "b": 5}),
            n3=("Add", {"a": ["2", slot], "b": 0}),
            n4=("Show", {"value": ["3", 0]}),
        )

    assert [texts(report) for report in run_all(of_slot(0), of_slot(1))] == [["3"], ["2"]]


def test_twins_in_one_workflow_are_run_once() -> None:
    """Two loaders of one file must not load it twice."""
    assert shown(
        n1=("Number", {"value": 2}),
        n2=("Add", {"a": ["1", 0], "b": 3}),
        n3=("Show", {"value": ["2", 0]}),
        n4=("Number", {"value": 2}),
        n5=("Add", {"a": ["4", 0], "b": 3}),
        n6=("Show", {"value": ["5", 0]}),
        n7=("Add", {"a": ["5", 0], "b": ["2", 0]}),
        n8=("Show", {"value": ["7", 0]}),
    ) == ["5", "5", "10"]
    assert calls()["Number 2"] == calls()["Add 2 3"] == 1


def test_twins_that_asked_at_the_same_time_are_run_once() -> None:
    """An asynchronous node is waited for by its twin."""
    assert shown(
        n1=("Meet", {"me": "a", "other": "b"}),
        n2=("Show", {"value": ["1", 0]}),
        n3=("Meet", {"me": "a", "other": "b"}),
        n4=("Show", {"value": ["3", 0]}),
        n5=("Meet", {"me": "b", "other": "a"}),
        n6=("Show", {"value": ["5", 0]}),
    ) == ["a met b", "a met b", "b met a"]
    assert calls()["a came"] == 1


def test_a_node_that_is_told_its_id_has_no_twin() -> None:
    """Its result may depend on the id; under the same id it is used again."""
    tree = prompt(
        n1=("WhoAmI", {}), n2=("Show", {"value": ["1", 0]}), n3=("WhoAmI", {}), n4=("Show", {"value": ["3", 0]})
    )

    reports = run_all(tree, tree)

    assert [texts(report) for report in reports] == [["1", "3"], ["1", "3"]]
    assert calls()["WhoAmI 1"] == calls()["WhoAmI 3"] == 1


def fresh(state: int) -> dict[str, Any]:
    """A workflow with a node that says itself whether it has changed."""
    return prompt(n1=("Fresh", {"state": state}), n2=("Show", {"value": ["1", 0]}))


def test_a_node_may_say_itself_that_it_has_not_changed() -> None:
    """`changed` gives the same as before: the result is used again."""
    run_all(fresh(0), fresh(0))

    assert calls()["Fresh 0"] == 1


@pytest.mark.parametrize("state", [-1, 99])
def test_not_a_number_and_a_failing_test_mean_run_again(state: int) -> None:
    """NaN is ComfyUI's way to say so; 99 is an IndexError in `changed`, and for the node itself."""
    run_all(fresh(state), fresh(state), keep_going=True)

    assert calls()[f"Fresh {state}"] == 2


def test_changes_are_looked_for_when_a_workflow_is_due() -> None:
    """What the workflow before it changed counts, although all are planned first."""
    session = Session(Options(), NODES)
    reports = []
    for report in session.each([document(fresh(0), "a"), document(fresh(0), "b")]):
        reports.append(report)
        plug.VERSIONS[0] += 1

    assert [texts(report) for report in reports] == [["0"], ["1"]]


@node("Load", category="test")
def load(*, name: Annotated[str, files("vae")], context: CONTEXT) -> STRING:
    """The text of a model file."""
    plug.LOG.append(f"Load {name}")
    return context.folders.find("vae", name).read_text()


def loading(*names: str) -> list[Any]:
    """A workflow for each name."""
    return [
        document(prompt(n1=("Load", {"name": name}), n2=("Show", {"value": ["1", 0]})), f"{index}.json")
        for index, name in enumerate(names)
    ]


@pytest.fixture
def vae(tmp_path: Path) -> Path:
    """A file that Load reads."""
    path = tmp_path / "vae" / "a.pt"
    path.parent.mkdir()
    path.write_text("old")
    return path


@pytest.mark.parametrize("is_touched", [False, True])
def test_a_file_that_was_replaced_is_read_again(vae: Path, is_touched: bool) -> None:
    """Its size and its time of change are part of the key."""
    session = Session(Options(Folders(vae.parent.parent)), {**NODES, "Load": load.declared})  # type: ignore[attr-defined]
    reports = []
    for report in session.each(loading("a.pt", "a.pt")):
        reports.append(report)
        if is_touched:
            vae.write_text("new")
            os.utime(vae, ns=(1, 1))

    assert [texts(report) for report in reports] == [["old"], ["new" if is_touched else "old"]]
    assert calls()["Load a.pt"] == (2 if is_touched else 1)


@pytest.mark.parametrize(("change", "times"), [({"output": Path("other")}, 1), ({"models": Path("other")}, 2)])
def test_what_looks_for_models_later_is_made_for_each_job_s_folders(
    vae: Path, change: dict[str, Any], times: int
) -> None:
    """As text encoders look for embeddings. Where results are written does not matter."""
    folders = Folders(vae.parents[1], more_models={"vae": (vae.parent,)})
    (workflow,) = loading("a.pt")
    jobs = [Job(workflow, Options(each)) for each in (folders, replace(folders, **change))]

    reports = list(run_jobs(jobs, {**NODES, "Load": load.declared}))  # type: ignore[attr-defined]

    assert [texts(report) for report in reports] == [["old"], ["old"]]
    assert calls()["Load a.pt"] == times


def test_a_file_that_was_missing_may_be_there_when_it_is_due(vae: Path) -> None:
    """What was wrong when all workflows were planned is looked at again."""
    options = Options(Folders(vae.parent.parent), keep_going=True)
    statuses = []
    for report in Session(options, {**NODES, "Load": load.declared}).each(loading("b.pt", "b.pt")):  # type: ignore[attr-defined]
        statuses.append(report.status)
        (vae.parent / "b.pt").write_text("late")

    assert statuses == ["failed", "ran"]


def test_another_placement_is_another_result() -> None:
    """A value on another device or of another dtype is not the same, whatever a placement says."""
    from wftools.catalog.lookup import runnable
    from wftools.graph import build
    from wftools.runtime.plan import plan
    from wftools.runtime.reuse.keys import content_keys
    from wftools.runtime.surroundings import Surroundings

    graph = build(document(number(5)), runnable(NODES))
    planned = plan(graph, graph.flat, NODES, Folders())

    others = [
        replace(Placement(), **{field.name: "another"})  # type: ignore[arg-type]
        for field in fields(Placement)
    ]
    keys = [
        content_keys(planned, Surroundings(placement=placement))[NodePath("2")]
        for placement in (Placement(), Placement(), *others)
    ]

    assert keys[0] == keys[1]
    assert len(set(keys)) == 1 + len(others)


def test_a_dry_run_and_a_capture_take_nothing_from_elsewhere(tmp_path: Path) -> None:
    """A capture is for comparing: there every node runs."""
    run_all(number(5), number(5), capture=tmp_path)

    assert calls()["Number 5"] == 2


def test_a_workflow_that_fails_does_not_spoil_what_is_foreseen() -> None:
    """The next one computes what the failed one did not get to."""
    broken = prompt(
        n1=("Fail", {"message": "no"}),
        n2=("Show", {"value": ["1", 0]}),
        **{
            f"n{path}": (entry["class_type"], entry["inputs"])
            for path, entry in prompt(
                n11=("Number", {"value": 5}), n12=("Add", {"a": ["11", 0], "b": 1}), n13=("Show", {"value": ["12", 0]})
            ).items()
        },
    )

    reports = run_all(broken, number(5), number(5), keep_going=True)

    assert [report.status for report in reports] == ["failed", "ran", "ran"]
    assert calls()["Number 5"] == 1


def test_what_only_a_far_workflow_asks_for_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """No further than the window is looked ahead; within it a result is kept for the one that asks."""
    monkeypatch.setattr(session, "AHEAD", 3)
    near, far = [number(5), number(6), number(5)], [number(5), number(6), number(7), number(8), number(5)]

    run_all(*near)
    assert calls()["Number 5"] == 1

    plug.LOG.clear()
    run_all(*far)
    assert calls()["Number 5"] == 2


def test_a_result_that_all_use_is_made_once_however_many_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """The window slides, and what is in use is kept."""
    monkeypatch.setattr(session, "AHEAD", 2)

    reports = run_all(*(number(5) for _ in range(9)))

    assert [texts(report) for report in reports] == [["6"]] * 9
    assert calls()["Number 5"] == 1
