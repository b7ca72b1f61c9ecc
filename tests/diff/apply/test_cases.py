"""What `apply` does where the document is not the version that the changes start from."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from wftools.diff import compared
from wftools.diff.apply import apply
from wftools.document import Document, read_json


def node(id_: int, type_: str = "PreviewAny", **more: Any) -> dict[str, Any]:
    """A node with an input and an output."""
    slots = {
        "inputs": [{"name": "source", "type": "*", "link": None}],
        "outputs": [{"name": "STRING", "type": "STRING", "links": []}],
    }
    return {"id": id_, "type": type_, "pos": [0, 0], "mode": 0, **slots, "properties": {}, "widgets_values": []} | more


def workflow(*nodes: dict[str, Any], links: tuple[tuple[int, int], ...] = (), **more: Any) -> dict[str, Any]:
    """A workflow; each link leads from the output of one node to the input of another."""
    by_id = {each["id"]: copy.deepcopy(each) for each in nodes}
    rows = []
    for number, (source, target) in enumerate(links, 1):
        rows.append([number, source, 0, target, 0, "STRING"])
        by_id[source]["outputs"][0]["links"].append(number)
        by_id[target]["inputs"][0]["link"] = number
    last = {"last_node_id": max(by_id), "last_link_id": len(rows)}
    return {**last, "nodes": [*by_id.values()], "links": rows, "groups": [], "version": 0.4, **more}


def document(tree: Any) -> Document:
    return read_json(json.dumps(tree), "test.json")


def applied(old: Any, new: Any, target: Any) -> tuple[dict[str, Any], list[str], list[str]]:
    """The target after the changes between two versions, the reasons of rejects, and the notes."""
    made = apply(compared(document(old), document(new)).changes, document(target))
    return made.document.tree, [each.reason for each in made.rejected], [each.text for each in made.notes]


def test_a_new_node_whose_id_is_taken_gets_the_next_one() -> None:
    old = workflow(node(1))
    new = workflow(node(1), node(2, title="Theirs"), links=((1, 2),))
    target = workflow(node(1), node(2, "StringTrim", title="Ours"), links=((1, 2),))

    tree, rejected, notes = applied(old, new, target)

    assert rejected == []
    assert "is node 3, since there is another one of its id" in notes
    assert [(each["id"], each.get("title")) for each in tree["nodes"]] == [(1, None), (2, "Ours"), (3, "Theirs")]
    assert [row[:4] for row in tree["links"]] == [[1, 1, 0, 2], [2, 1, 0, 3]]
    assert (tree["last_node_id"], tree["last_link_id"]) == (3, 2)
    assert tree["nodes"][0]["outputs"][0]["links"] == [1, 2]
    assert tree["nodes"][2]["inputs"][0]["link"] == 2


def test_a_new_node_that_is_there_already_is_not_added_again() -> None:
    old = workflow(node(1))
    new = workflow(node(1), node(2, title="Same"), links=((1, 2),))

    tree, rejected, notes = applied(old, new, new)

    assert (tree["nodes"], rejected) == (new["nodes"], [])
    assert "is there already" in notes


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (workflow(node(1), node(2), node(3), links=((1, 2), (2, 3))), "node 3 is still linked to it"),
        (workflow(node(1), node(2, title="Edited"), links=((1, 2),)), "it has been edited"),
        (workflow(node(1), node(2)), "it has been edited"),  # it was linked
    ],
)
def test_a_node_that_is_used_or_edited_is_not_removed(target: Any, reason: str) -> None:
    old, new = workflow(node(1), node(2), links=((1, 2),)), workflow(node(1))

    tree, rejected, _ = applied(old, new, target)

    assert rejected == [reason]
    assert [each["id"] for each in tree["nodes"]] == [each["id"] for each in target["nodes"]]


def test_a_node_that_is_gone_is_no_reject() -> None:
    old, new = workflow(node(1), node(2)), workflow(node(1))

    tree, rejected, notes = applied(old, new, new)

    assert (tree, rejected, "is gone already" in notes) == (new, [], True)


def test_what_is_linked_to_a_rejected_node_is_rejected_with_it() -> None:
    old = workflow(node(1), node(2))
    new = workflow(node(1), node(2), node(3), links=((2, 3), (3, 1)))

    tree, rejected, _ = applied(old, new, workflow(node(1)))

    assert sorted(rejected) == ["node 2 is not there", "node 3 is not there"]
    assert [each["id"] for each in tree["nodes"]] == [1]


def test_a_slot_that_is_linked_as_before_does_not_become_one_that_is_linked_to_something_else() -> None:
    """Only a part of the changes is made: without that which takes the old link away."""
    nodes = [node(id_, title=title) for id_, title in ((1, "One"), (2, "Two"), (3, "Three"))]
    old, new = workflow(*nodes, links=((1, 2),)), workflow(*nodes, links=((3, 2),))
    new["nodes"][1]["inputs"][0]["name"] = "image"
    changes = [each for each in compared(document(old), document(new)).changes if key_of(each) != ("link", "source")]

    made = apply(changes, document(old))

    assert [each.reason for each in made.rejected] == ["it is still linked"]
    slots = made.document.tree["nodes"][1]["inputs"]
    assert {slot["name"]: slot["link"] for slot in slots} == {"source": 1, "image": 2}
    assert [row[:5] for row in made.document.tree["links"]] == [[1, 1, 0, 2, 0], [2, 3, 0, 2, 1]]


def key_of(change: Any) -> Any:
    return getattr(change, "key", ())


INSIDE = "6b4b0518-e42a-4e8b-a377-f0da6dacfcac"


def definition(*names: str, title: str = "Inside") -> dict[str, Any]:
    """A subgraph with some inputs that lead nowhere."""
    inputs = [{"id": f"slot-{name}", "name": name, "type": "*", "linkIds": []} for name in names]
    ends = {"inputNode": {"id": -10}, "outputNode": {"id": -20}}
    return {"id": INSIDE, "name": title, **ends, "nodes": [], "links": [], "inputs": inputs, "outputs": []}


def instance(id_: int, *names: str) -> dict[str, Any]:
    inputs = [{"name": name, "type": "*", "link": None} for name in names]
    return node(id_, INSIDE, inputs=inputs, outputs=[])


def with_definition(inside: Any, *nodes: Any) -> dict[str, Any]:
    return workflow(*nodes, definitions={"subgraphs": [inside]})


def test_instances_that_are_new_follow_the_slots_of_their_definition() -> None:
    old = with_definition(definition("a", "b"), node(1))
    renamed = definition("c", "a", "b")
    renamed["inputs"][1] |= {"name": "z"}
    new = with_definition(renamed, node(1))
    target = with_definition(definition("a", "b"), node(1), instance(2, "a", "b"))

    tree, rejected, _ = applied(old, new, target)

    assert rejected == []
    assert [slot["name"] for slot in tree["nodes"][1]["inputs"]] == ["c", "z", "b"]


def test_a_new_definition_whose_id_is_taken_gets_another_and_its_instances_with_it() -> None:
    old = workflow(node(1))
    new = with_definition(definition("a", title="Theirs"), node(1), instance(2, "a"))
    target = with_definition(definition("b", title="Ours"), node(1), instance(3, "b"))

    tree, rejected, _ = applied(old, new, target)

    assert rejected == []
    ours, theirs = tree["definitions"]["subgraphs"]
    assert (ours["id"], ours["name"], theirs["name"]) == (INSIDE, "Ours", "Theirs")
    assert theirs["id"] != INSIDE
    assert {each["id"]: each["type"] for each in tree["nodes"][1:]} == {3: INSIDE, 2: theirs["id"]}
