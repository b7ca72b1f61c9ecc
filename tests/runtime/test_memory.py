"""No value lives longer than somebody may use it.

No `from __future__ import annotations`: the annotations of nodes are read.
"""

import gc
import weakref
from typing import Annotated, Any, ClassVar

import pytest

from tests.runtime.plug import NODES, document, prompt
from wftools.catalog.declare import ANY, BOOLEAN, INT, LAZY, OPTIONAL, Socket, node
from wftools.runtime import Session
from wftools.values import PENDING, Expand, Need


class Box:
    """A large value: how many of them live at once is what is counted."""

    alive: ClassVar["weakref.WeakSet[Box]"] = weakref.WeakSet()
    peak: ClassVar[int] = 0

    def __init__(self) -> None:
        Box.alive.add(self)
        Box.peak = max(Box.peak, len(Box.alive))


@node("Box", category="test")
def box(*, number: INT) -> ANY:
    """A new box."""
    return Box()


@node("Rebox", category="test", outputs=("box", "other"))
def rebox(*, box: ANY, more: Annotated[ANY, OPTIONAL] = None) -> tuple[ANY, ANY]:
    """A new box for an old one, and one that nobody takes."""
    return Box(), Box()


@node("Alive", category="test", output_node=True)
def alive(*, box: ANY) -> None:
    """Take a box."""


@node("Pick", category="test")
def pick(*, which: BOOLEAN, on_true: Annotated[ANY, LAZY], on_false: Annotated[ANY, LAZY]) -> ANY | Need:
    """A switch."""
    name, value = ("on_true", on_true) if which else ("on_false", on_false)
    return Need((name,)) if value is PENDING else value


@node("Boxes", category="test")
def boxes(*, times: INT, box: ANY) -> ANY | Expand:
    """A chain of boxes, as a subgraph that expands again."""
    if times == 0:
        return box
    return Expand(
        {
            "next": {"class_type": "Rebox", "inputs": {"box": box}},
            "rest": {"class_type": "Boxes", "inputs": {"times": times - 1, "box": ["next", 0]}},
        },
        (["rest", 0],),
    )


@node("Peek", category="test")
def peek(*, box: Annotated[ANY, Socket("*", {"rawLink": True})]) -> ANY | Expand:
    """A box of its own; the subgraph has a node that nothing needs."""
    return Expand({"unused": {"class_type": "Rebox", "inputs": {"box": box}}}, (Box(),))


ALL = {
    **NODES,
    **{each.declared.type: each.declared for each in (box, rebox, alive, pick, boxes, peek)},
}


@pytest.fixture(autouse=True)
def _no_boxes() -> None:
    gc.collect()
    Box.peak = 0


def peak(*trees: dict[str, Any]) -> int:
    """How many boxes lived at once while workflows ran in one call. None may be left."""
    reports = Session(nodes=ALL).run(document(tree, f"{index}.json") for index, tree in enumerate(trees)).workflows
    assert [report.errors for report in reports] == [[]] * len(trees)
    assert len(Box.alive) == 0
    return Box.peak


def test_a_chain_keeps_two_values() -> None:
    """The one that is used and the ones that are being made, however long the chain is."""
    chain = {f"n{i}": ("Rebox", {"box": [str(i - 1), 0]}) for i in range(1, 30)}

    assert peak(prompt(n0=("Box", {"number": 0}), **chain, end=("Alive", {"box": ["29", 0]}))) == 3


def test_a_value_lives_until_its_last_consumer() -> None:
    """Not longer, although the workflow goes on."""
    chain = {f"n{i}": ("Rebox", {"box": [str(i - 1), 0]}) for i in range(1, 30)}
    chain["n3"] = ("Rebox", {"box": ["2", 0], "more": ["0", 0]})

    assert peak(prompt(n0=("Box", {"number": 0}), **chain, end=("Alive", {"box": ["29", 0]}))) == 4


def test_outputs_follow_each_other() -> None:
    """What the first output needs is gone before the second output's is made."""
    pairs: dict[str, tuple[str, dict[str, Any]]] = {}
    for i in range(10):
        pairs[f"n{i}"] = ("Box", {"number": i})
        pairs[f"out{i}"] = ("Alive", {"box": [str(i), 0]})

    assert peak(prompt(**pairs)) == 1


def test_a_branch_that_is_not_taken_keeps_nothing() -> None:
    """What it would have used is gone once the switch has decided."""
    assert (
        peak(
            prompt(
                first=("Alive", {"box": ["0", 0]}),
                n0=("Box", {"number": 0}),
                n1=("Rebox", {"box": ["0", 0]}),
                n2=("Rebox", {"box": ["1", 0]}),
                n3=("Box", {"number": 3}),
                n4=("Pick", {"which": True, "on_true": ["3", 0], "on_false": ["2", 0]}),
                n5=("Rebox", {"box": ["4", 0]}),
                n6=("Rebox", {"box": ["5", 0]}),
                last=("Alive", {"box": ["6", 0]}),
            )
        )
        == 3
    )


@pytest.mark.parametrize("subgraph", ["Boxes", "Peek"])
def test_a_subgraph_that_is_done_keeps_nothing(subgraph: str) -> None:
    """Neither what it gave, nor what it was linked to and did not use."""
    given = {"box": ["0", 0], **({"times": 1} if subgraph == "Boxes" else {})}
    chain = {f"n{i}": ("Rebox", {"box": [str(i - 1), 0]}) for i in range(2, 9)}

    assert peak(prompt(n0=("Box", {"number": 0}), n1=(subgraph, given), **chain, end=("Alive", {"box": ["8", 0]}))) == 3


def test_a_chain_of_subgraphs_keeps_two_values() -> None:
    """A node that has expanded, and a call inside that is done, hold nothing, however deep it goes."""
    assert peak(prompt(n1=("Boxes", {"times": 20, "box": 0}), n2=("Alive", {"box": ["1", 0]}))) == 3


def test_a_value_that_a_later_workflow_asks_for_is_kept_until_then() -> None:
    """Two workflows share a box; a third does not, and makes its own once the first is gone."""
    shared = prompt(n1=("Box", {"number": 1}), n2=("Alive", {"box": ["1", 0]}))
    other = prompt(n1=("Box", {"number": 2}), n2=("Alive", {"box": ["1", 0]}))

    assert peak(shared, shared, other) == 1
    assert peak(shared, other, shared) == 2
    assert peak(*[prompt(n1=("Box", {"number": i}), n2=("Alive", {"box": ["1", 0]})) for i in range(9)]) == 2


def test_a_twin_is_waited_for_and_no_longer() -> None:
    """What two nodes give is dropped when the second has taken it."""
    chain = {f"n{i}": ("Rebox", {"box": [str(i - 1), 0]}) for i in range(4, 9)}

    assert (
        peak(
            prompt(
                n1=("Box", {"number": 1}),
                n2=("Box", {"number": 1}),
                n3=("Box", {"number": 3}),
                first=("Alive", {"box": ["1", 0]}),
                second=("Alive", {"box": ["2", 0]}),
                **chain,
                end=("Alive", {"box": ["8", 0]}),
            )
        )
        == 3
    )


def test_what_stands_above_a_value_that_is_kept_is_not_kept() -> None:
    """The next workflow will not ask for it."""
    tree = prompt(n1=("Box", {"number": 1}), n2=("Rebox", {"box": ["1", 0]}), n3=("Alive", {"box": ["2", 0]}))

    reports = Session(nodes=ALL).each([document(tree, "a"), document(tree, "b")])
    next(reports)

    assert len(Box.alive) == 2  # the two outputs of node 2
    next(reports)
    assert len(Box.alive) == 0


def test_a_failure_keeps_no_value() -> None:
    """The report of an exception does not hold on to what the failing frames held."""
    tree = prompt(
        n1=("Box", {"number": 1}), n2=("Fail", {"message": "no", "value": ["1", 0]}), n3=("Alive", {"box": ["2", 0]})
    )

    report = Session(nodes=ALL).run([document(tree)])
    gc.collect()

    assert report.workflows[0].status == "failed"
    assert len(Box.alive) == 0
