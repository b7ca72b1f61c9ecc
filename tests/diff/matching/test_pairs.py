"""Which pairs are found, and how."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.diff.matching.test_matching import compared, version
from tests.graph import cases
from wftools.diff.changes import ROOT, Changed, Subject
from wftools.diff.matching import By, match

Tree = Any


def load(id_: int, name: str, **more: Any) -> Tree:
    return cases.node(id_, "LoadImage", outputs=["IMAGE"], values=[name, "image"], **more)


def between(id_: int, type_: str, **more: Any) -> Tree:
    """A node between LoadImage #1 and SaveImage #9."""
    return cases.node(id_, type_, [("image", "IMAGE", 1)], ["IMAGE"], [type_], **more)


def around(node: Tree, *others: Tree) -> Tree:
    rows = [[1, 1, 0, node["id"], 0, "IMAGE"], [2, node["id"], 0, 9, 0, "IMAGE"]]
    return cases.workflow([load(1, "a.png"), node, *others, cases.node(9, "SaveImage", [("images", "IMAGE", 2)])], rows)


def found(old: Tree, new: Tree, by: By = "content") -> dict[str, tuple[str, str]]:
    """The nodes of the root by id: the id in the new version, and how it was found."""
    pairs = match(version(old), version(new), by).pairs
    return {old.id: (pair.new.id, pair.how) for old, pair in pairs.items() if old.kind == "node" and old.scope == ROOT}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (between(2, "Sharpen"), between(5, "Blur"), ("5", "replaced")),
        (between(2, "Sharpen"), between(2, "Blur"), ("2", "retyped")),
        (between(2, "SharpenImage"), between(5, "SharpenImageV2"), ("5", "replaced")),
        (between(2, "Sharpen"), between(5, "Sharpen", title="renamed"), ("5", "similarity")),
        (between(2, "Sharpen"), between(5, "Sharpen"), ("5", "fingerprint")),
        (between(2, "Sharpen"), between(2, "Sharpen", title="renamed"), ("2", "id")),
    ],
)
def test_what_stands_between_the_same_nodes_is_a_pair(old: Tree, new: Tree, expected: tuple[str, str]) -> None:
    assert found(around(old), around(new))["2"] == expected


def test_one_link_of_several_is_no_place_to_stand_in() -> None:
    shown = cases.node(2, "ShowImage", [("image", "IMAGE", 1)])
    saved = cases.node(7, "SaveImage", [("images", "IMAGE", 2)])
    old = cases.workflow([load(1, "a.png"), shown], [[1, 1, 0, 2, 0, "IMAGE"]])
    new = cases.workflow(
        [load(1, "a.png"), between(5, "Blend"), saved], [[1, 1, 0, 5, 0, "IMAGE"], [2, 5, 0, 7, 0, "IMAGE"]]
    )

    assert found(old, new) == {"1": ("1", "id")}


def test_ids_that_moved_on_by_one_are_not_taken_for_edits() -> None:
    def texts(first: int, cat: str, bad: str, model: str, left: int) -> Tree:
        def text(id_: int, link: int, value: str, top: int) -> Tree:
            return cases.node(
                id_, "CLIPTextEncode", [("clip", "CLIP", link)], ["CONDITIONING"], [value], pos=[left, top]
            )

        loader = cases.node(4, "CheckpointLoaderSimple", outputs=["MODEL", "CLIP", "VAE"], values=[model])
        return cases.workflow(
            [loader, text(first, 1, cat, 0), text(first + 1, 2, bad, 900)],
            [[1, 4, 1, first, 0, "CLIP"], [2, 4, 1, first + 1, 0, "CLIP"]],
        )

    old = texts(6, "a cat in the sun", "blurry, bad hands", "one.safetensors", 100)
    new = texts(7, "a cat in the rain", "blurry, bad feet", "two.safetensors", 130)

    assert found(old, new) == {"4": ("4", "id"), "6": ("7", "similarity"), "7": ("8", "similarity")}


def test_a_node_that_has_nothing_of_another_but_its_id_is_a_new_one() -> None:
    old = cases.workflow([load(1, "a.png"), between(2, "Sharpen", pos=[0, 0])], [[1, 1, 0, 2, 0, "IMAGE"]])
    new = cases.workflow([load(1, "a.png"), cases.node(2, "Note", values=["read me"], pos=[5000, 0])], [])

    assert found(old, new) == {"1": ("1", "id")}


def test_an_id_that_was_given_to_another_node_of_the_type_breaks_the_pair() -> None:
    note = cases.node(3, "Note", values=["how to use this workflow"], pos=[0, 0], title="Help")
    moved = {**copy.deepcopy(note), "id": 7, "pos": [900, 0]}
    other = cases.node(3, "Note", values=["licence"], pos=[4000, 4000], title="Legal")

    assert found(cases.workflow([note], []), cases.workflow([other, moved], [])) == {"3": ("7", "fingerprint")}


def test_by_id_nothing_else_is_tried() -> None:
    old, new = around(between(2, "Sharpen"), load(3, "b.png")), around(between(5, "Sharpen"), load(3, "c.png"))

    assert found(old, new, "id") == {"1": ("1", "id"), "3": ("3", "id"), "9": ("9", "id")}


def test_a_replaced_node_is_one_change_and_its_links_follow() -> None:
    [change] = compared(around(between(2, "Sharpen")), around(between(5, "Blur"))).at("semantic")

    assert isinstance(change, Changed)
    assert (change.subject.id, change.key, change.old, change.new) == ("2", ("type",), "Sharpen", "Blur")


def definition(id_: str, values: list[Any], slots: tuple[str, str] = ("in", "out"), **more: Any) -> Tree:
    nodes = [
        cases.node(1, "Sharpen", [("image", "IMAGE", 1)], ["IMAGE"], values),
        cases.node(2, "Blur", [("image", "IMAGE", 2)], ["IMAGE"], [3]),
    ]
    rows = [[1, -10, 0, 1, 0, "IMAGE"], [2, 1, 0, 2, 0, "IMAGE"], [3, 2, 0, -20, 0, "IMAGE"]]
    made = cases.subgraph(id_, nodes, rows, [(slots[0], "IMAGE", [1])], [(slots[1], "IMAGE", [3])], **more)
    for slot in (*made["inputs"], *made["outputs"]):
        slot["id"] = f"{id_}-{slot['name']}"
    return made


def instance(definitions: list[Tree], type_: str, slots: tuple[str, str] = ("in", "out")) -> Tree:
    node = cases.node(2, type_, [(slots[0], "IMAGE", 1)], [slots[1]])
    return {**around(node), "definitions": {"subgraphs": definitions}}


@pytest.mark.parametrize(
    ("new", "how"),
    [
        (definition("old", [9], name="Enhance"), "id"),
        (definition("new", [9], name="Enhance"), "name"),
        (definition("new", [1], name="Renamed"), "similarity"),
    ],
)
def test_a_definition_is_known_by_its_id_its_name_or_what_is_inside(new: Tree, how: str) -> None:
    old = instance([definition("old", [1], name="Enhance")], "old")

    matching = match(version(old), version(instance([new], new["id"])))

    pair = matching.pairs[Subject(ROOT, "subgraph", "old")]
    assert (pair.new.id, pair.how) == (new["id"], how)
    assert matching.pairs[Subject(ROOT, "node", "2")].new.id == "2"
    assert matching.pairs[Subject("old", "node", "1")].new == Subject(new["id"], "node", "1")


def test_definitions_without_a_node_in_common_are_two() -> None:
    old = instance([definition("old", [1], name="Enhance")], "old")
    other = cases.subgraph("new", [cases.node(1, "Note", values=["x"])], [], name="Enhance")

    assert Subject(ROOT, "subgraph", "old") not in match(version(old), version(instance([other], "new"))).pairs


@pytest.mark.parametrize(("id_", "how"), [("old", "id"), ("new", "place")])
def test_a_renamed_slot_is_known_by_its_id_or_its_links(id_: str, how: str) -> None:
    old, new = definition("old", [1]), definition("old", [1], ("picture", "result"))
    for slot, name in ((new["inputs"][0], "in"), (new["outputs"][0], "out")):
        slot["id"] = f"{id_}-{name}"

    comparison = compared(instance([old], "old"), instance([new], "old", ("picture", "result")))

    for kind, name, other in (("input", "in", "picture"), ("output", "out", "result")):
        pair = comparison.matching.pairs[Subject("old", kind, name)]  # type: ignore[arg-type]
        assert (pair.new.id, pair.how) == (other, how)
    assert {(change.subject.kind, getattr(change, "key", None)) for change in comparison.at("semantic")} == {
        ("input", ("name",)),
        ("output", ("name",)),
    }


def group(title: str, left: int, id_: int | None = None) -> Tree:
    return {"title": title, "bounding": [left, 0, 500, 500], **({"id": id_} if id_ is not None else {})}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([group("A", 0, 1)], [group("A", 2000, 1)], {0: (0, "id")}),
        ([group("A", 0, 1)], [group("A", 0, 2)], {0: (0, "name")}),
        ([group("A", 0, 1)], [group("B", 50, 2)], {0: (0, "place")}),
        (
            [group("A", 0, 1), group("B", 900, 2)],
            [group("B", 900, 1), group("A", 0, 2)],
            {0: (1, "name"), 1: (0, "name")},
        ),
        ([group("A", 0), group("B", 900)], [group("B", 900), group("A", 0)], {0: (1, "name"), 1: (0, "name")}),
        ([group("A", 0, 1)], [group("B", 2000, 1)], {}),
    ],
)
def test_a_group_is_known_by_its_title_and_place(
    old: list[Tree], new: list[Tree], expected: dict[int, tuple[int, str]]
) -> None:
    mine, theirs = (
        version(cases.workflow([load(1, "a.png", pos=[9000, 0])], [], groups=groups)) for groups in (old, new)
    )

    found = {
        mine.parts[subject].pointer: (theirs.parts[pair.new].pointer, pair.how)
        for subject, pair in match(mine, theirs).pairs.items()
        if subject.kind == "group"
    }

    assert found == {f"/groups/{index}": (f"/groups/{other}", how) for index, (other, how) in expected.items()}
