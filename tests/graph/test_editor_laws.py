"""A prompt is the same, whichever way its links are drawn in the editor."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.graph.cases import node
from tests.strategies import ui_workflows
from wftools.convert.to_api import to_api
from wftools.document import read
from wftools.graph import build
from wftools.graph.authored.editor_types import EDITOR_TYPES, Does

PASSING = [name for name, each in EDITOR_TYPES.items() if each.does in (Does.PASS, Does.SET)]
PAIRS = [(each.setter, name) for name, each in EDITOR_TYPES.items() if each.does is Does.GET]
DECORATION = [name for name, each in EDITOR_TYPES.items() if each.does is Does.NOTHING]


def prompt(tree: dict[str, Any]) -> dict[str, Any]:
    return to_api(build(read(json.dumps(tree).encode()))).prompt


def detoured(tree: dict[str, Any], row: list[Any], ways: list[str | tuple[str, str]]) -> dict[str, Any]:
    """The workflow with one of its links led through nodes of the editor's own."""
    made = copy.deepcopy(tree)
    (link,) = [each for each in made["links"] if each[0] == row[0]]
    made["links"].remove(link)
    source, slot, number = link[1], link[2], 100
    for way in ways:
        number += 2
        made["links"].append([number, source, slot, number, 0, "*"])
        names = way if isinstance(way, tuple) else (way,)
        made["nodes"].append(node(number, names[0], [("", "*", number)], ["*"], [f"name {number}"]))
        if len(names) > 1:
            made["nodes"].insert(0, node(number + 1, names[1], [], ["*"], [f"name {number}"]))
        source, slot = number + len(names) - 1, 0
    made["links"].append([link[0], source, slot, *link[3:]])
    return made


@given(ui_workflows().filter(lambda tree: tree["links"]), st.data())
@settings(max_examples=20)
def test_a_way_round_changes_no_prompt(tree, data):
    row = data.draw(st.sampled_from(tree["links"]))
    ways = data.draw(st.lists(st.sampled_from([*PASSING, *PAIRS]), min_size=1, max_size=4))

    assert prompt(detoured(tree, row, ways)) == prompt(tree)


@given(ui_workflows(), st.sampled_from(DECORATION), st.data())
@settings(max_examples=20)
def test_decoration_changes_no_prompt(tree, name, data):
    made = copy.deepcopy(tree)
    source = data.draw(st.sampled_from([each["id"] for each in tree["nodes"]]))
    made["nodes"].insert(data.draw(st.integers(0, 3)), node(100, name, [("", "*", 100)], ["*"], ["x"]))
    made["links"].append([100, source, 0, 100, 0, "*"])

    assert prompt(made) == prompt(tree)


@given(ui_workflows().filter(lambda tree: tree["links"]), st.data())
@settings(max_examples=20)
def test_a_broadcast_in_place_of_a_link_gives_the_same(tree, data):
    """One link of a type of its own, taken out and broadcast."""
    made = copy.deepcopy(tree)
    number, source, slot, target, _, _ = data.draw(st.sampled_from(made["links"]))
    receiver = next(each for each in made["nodes"] if each["id"] == target)
    receiver["inputs"][0]["type"] = "OWN"
    made["nodes"].append(node(100, "Anything Everywhere", [("anything", "OWN", 100)]))
    made["links"].append([100, source, slot, 100, 0, "OWN"])
    linked = prompt(made)
    made["links"] = [each for each in made["links"] if each[0] != number]
    receiver["inputs"][0]["link"] = None
    modes = {each["id"]: each["mode"] for each in made["nodes"] if "mode" in each}

    broadcast = prompt(made)

    if modes[source] == 0 and source != target:
        assert broadcast == linked
    else:
        assert set(broadcast) == set(linked)
