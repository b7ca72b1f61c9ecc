"""What changed facts mean where it takes the rest of the workflow to tell."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.diff.matching.test_matching import compared
from tests.graph import cases
from wftools.diff.changes import Changed

Tree = Any


def told(old: Tree, new: Tree) -> list[tuple[str, Any, Any]]:
    """The changes that mean something: what of, and from what to what."""
    return [
        (f"{change.subject.id}.{'.'.join(change.key)}", change.old, change.new)
        for change in compared(old, new).at("semantic")
        if isinstance(change, Changed)
    ]


def custom(values: Any) -> Tree:
    return cases.workflow([cases.node(1, "OfSomePack", outputs=["IMAGE"], values=values)], [])


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([1, "a"], [2, "a"], [("1.widget.widget[0]", 1, 2)]),
        ([1, "a"], [1.0, "a"], []),
        ([True], [1], [("1.widget.widget[0]", True, 1)]),
        ([512, 44, "fixed", 30], [512, 45, "fixed", 30], [("1.widget.widget[1]", 44, 45)]),
        ([512, 44, "randomize", 30], [512, 45, "randomize", 30], []),  # a seed, though nobody has named it
        (["a.png", ""], ["a.png", None], []),  # what a button has
        # The list grew in the middle: what stands where it stood, by kinds of values, is compared.
        ([5, "euler", 30, "x"], [5, "euler", 20, True, "x"], [("1.widget.widget[2]", 30, 20)]),
    ],
)
def test_values_without_names(old: list[Any], new: list[Any], expected: list[Any]) -> None:
    assert told(custom(old), custom(new)) == expected


def shows(own: list[Any] | None, inner: str, **more: Any) -> Tree:
    """A workflow with a subgraph that shows the text of the node inside, as #5 has it."""
    inside = cases.subgraph(
        "s",
        [cases.node(3, "PrimitiveStringMultiline", [("*value", "STRING", 1)], ["STRING"], [inner])],
        [[1, -10, 0, 3, 0, "STRING"]],
        [("value", "STRING", [1])],
    )
    instance = cases.node(5, "s", [("*value", "STRING", None)], [], own, **more)
    return cases.workflow([instance], [], definitions={"subgraphs": [inside]})


PROXY = {"properties": {"proxyWidgets": [["3", "value"]]}}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (shows(["cat"], "cat"), shows(["dog"], "cat"), [("5.widget.3.value", "cat", "dog")]),
        (shows(["cat"], "cat"), shows(["dog"], "dog"), [("5.widget.3.value", "cat", "dog")]),  # said once
        (shows(["cat"], "cat"), shows(["cat"], "dog"), []),  # nobody sees what is inside
        (shows(["cat"], "", properties={}), shows([], "cat", **PROXY), []),  # kept in another place
        (shows([], "cat", **PROXY), shows([], "dog", **PROXY), [("3.widget.value", "cat", "dog")]),
    ],
)
def test_what_an_instance_shows_is_told_where_it_is_in_force(old: Tree, new: Tree, expected: list[Any]) -> None:
    assert told(old, new) == expected


def labelled(name: str, label: str | None) -> Tree:
    tree = shows(["cat"], "cat")
    [slot] = tree["definitions"]["subgraphs"][0]["inputs"]
    [of_instance] = tree["nodes"][0]["inputs"]
    for each in (slot, of_instance):
        each["name"] = name
        if label is not None:
            each["label"] = label
    of_instance["widget"]["name"] = name
    return tree


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (("value", None), ("value_1", "value"), []),  # it reads as before
        (("value", None), ("text", None), [("value.name", "value", "text")]),
        (("value", "Text"), ("value_1", "Text"), []),
        (("value", "Text"), ("value", "Prompt"), [("value.label", "Text", "Prompt")]),
    ],
)
def test_a_slot_of_a_subgraph_is_called_what_people_read(
    old: tuple[str, str | None], new: tuple[str, str | None], expected: list[Any]
) -> None:
    assert told(labelled(*old), labelled(*new)) == expected


def test_inputs_that_came_are_no_other_order_of_those_that_stayed() -> None:
    old = shows(["cat"], "cat")
    more = copy.deepcopy(old)
    definition = more["definitions"]["subgraphs"][0]
    definition["inputs"].insert(0, {"id": "new", "name": "new", "type": "INT", "linkIds": []})
    definition["links"][0]["origin_slot"] = 1

    assert told(old, more) == []
    assert [change.subject.id for change in compared(old, more).at("semantic")] == ["new"]


def test_inputs_in_another_order_are_told() -> None:
    old = shows(["cat"], "cat")
    old["definitions"]["subgraphs"][0]["inputs"].append({"id": "b", "name": "b", "type": "INT", "linkIds": []})
    new = copy.deepcopy(old)
    new["definitions"]["subgraphs"][0]["inputs"].reverse()
    new["definitions"]["subgraphs"][0]["links"][0]["origin_slot"] = 1

    assert told(old, new) == [("s.inputs", ["value", "b"], ["b", "value"])]
