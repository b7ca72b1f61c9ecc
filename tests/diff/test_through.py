from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from tests.diff.matching.test_matching import odd_versions, version
from tests.graph import cases
from wftools.diff.changes import Added, Endpoint, class_of
from wftools.diff.compare import Comparison, compare
from wftools.diff.through import through_reroutes

if TYPE_CHECKING:
    from wftools.diff.version import Version

Tree = Any

LOAD = cases.node(1, "LoadImage", outputs=["IMAGE"], values=["a.png", "image"])
STRAIGHT = [[1, 1, 0, 3, 0, "IMAGE"]]


def save(link: int) -> Tree:
    return cases.node(3, "SaveImage", [("images", "IMAGE", link)], values=["out"])


def reroute(id_: int, link: int | None) -> Tree:
    return cases.node(id_, "Reroute", [("", "*", link)], ["IMAGE"])


DIRECT = cases.workflow([LOAD, save(1)], STRAIGHT)
DETOURS = {
    "a reroute": cases.workflow([LOAD, reroute(2, 1), save(2)], [[1, 1, 0, 2, 0, "IMAGE"], [2, 2, 0, 3, 0, "IMAGE"]]),
    "a reroute of a pack": cases.workflow(
        [LOAD, {**reroute(2, 1), "type": "mxReroute"}, save(2)], [[1, 1, 0, 2, 0, "IMAGE"], [2, 2, 0, 3, 0, "IMAGE"]]
    ),
    "two reroutes": cases.workflow(
        [LOAD, reroute(2, 1), reroute(4, 2), save(3)],
        [[1, 1, 0, 2, 0, "IMAGE"], [2, 2, 0, 4, 0, "IMAGE"], [3, 4, 0, 3, 0, "IMAGE"]],
    ),
    "set and get": cases.workflow(
        [
            LOAD,
            cases.node(2, "SetNode", [("IMAGE", "IMAGE", 1)], ["*"], ["canvas"]),
            cases.node(4, "GetNode", [], ["IMAGE"], ["canvas"]),
            save(2),
        ],
        [[1, 1, 0, 2, 0, "IMAGE"], [2, 4, 0, 3, 0, "IMAGE"]],
    ),
}


def seen(old: Tree, new: Tree) -> Comparison:
    return compare(through_reroutes(version(old)), through_reroutes(version(new)))


@pytest.mark.parametrize("detour", DETOURS.values(), ids=DETOURS.keys())
def test_a_detour_of_a_link_is_layout(detour: Tree) -> None:
    there, back = seen(DIRECT, detour), seen(detour, DIRECT)

    assert there.at("semantic") == back.at("semantic") == ()
    assert {class_of(change) for change in there.at("layout")} == {"layout"}
    assert compare(version(DIRECT), version(detour)).at("semantic") != ()


def test_what_a_node_of_the_editors_own_holds_has_its_name_there() -> None:
    old, new = (cases.workflow([cases.node(2, "SetNode", values=[name])], []) for name in ("canvas", "sheet"))

    (change,) = compare(version(old), version(new)).at("semantic")

    assert (change.key, change.old, change.new) == (("widget", "Constant"), "canvas", "sheet")


def test_another_source_behind_a_detour_is_a_rewire() -> None:
    other = cases.node(5, "LoadImage", outputs=["IMAGE"], values=["b.png", "image"])
    rewired = cases.workflow(
        [LOAD, other, reroute(2, 1), save(2)], [[1, 5, 0, 2, 0, "IMAGE"], [2, 2, 0, 3, 0, "IMAGE"]]
    )

    changes = seen(cases.workflow([LOAD, other, save(1)], STRAIGHT), rewired).at("semantic")

    assert [(change.subject.id, change.key, change.new) for change in changes if not isinstance(change, Added)] == [
        ("3", ("link", "images"), Endpoint("5", "IMAGE"))
    ]


def test_what_gets_a_value_that_nothing_sets_stays() -> None:
    lonely = cases.workflow([cases.node(4, "GetNode", [], ["IMAGE"], ["canvas"]), save(2)], [[2, 4, 0, 3, 0, "IMAGE"]])

    links = {part.subject.id: dict(part.links) for part in through_reroutes(version(lonely)).of_kind("node")}

    assert links == {"4": {}, "3": {"images": Endpoint("4", "IMAGE")}}


def test_a_subgraph_that_passes_its_input_on_is_no_source() -> None:
    inner = cases.subgraph(
        "pass",
        [reroute(7, 1)],
        [[1, -10, 0, 7, 0, "IMAGE"], [2, 7, 0, -20, 0, "IMAGE"]],
        [("in", "IMAGE", [1])],
        [("out", "IMAGE", [2])],
    )
    tree = cases.workflow(
        [LOAD, cases.node(2, "pass", [("in", "IMAGE", 1)], ["out"]), save(2)],
        [[1, 1, 0, 2, 0, "IMAGE"], [2, 2, 0, 3, 0, "IMAGE"]],
        definitions={"subgraphs": [inner]},
    )

    links = {part.subject.id: dict(part.links) for part in through_reroutes(version(tree)).of_kind("node", "")}

    assert links == {"1": {}, "2": {"in": Endpoint("1", "IMAGE")}, "3": {"images": Endpoint("1", "IMAGE")}}


@given(odd_versions)
def test_whatever_can_be_read_can_be_seen_through(odd: Version) -> None:
    found = through_reroutes(odd)

    assert compare(found, found).changes == ()
    assert len(found.parts) == len(odd.parts)
