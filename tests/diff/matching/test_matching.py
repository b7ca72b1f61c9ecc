from __future__ import annotations

import copy
import json
import random
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.diff.copies import renumbered, shuffled
from tests.graph import cases
from tests.strategies import api_prompts, odd_prompts, odd_workflows, ui_workflows
from wftools.diff.changes import ROOT, Added, Changed, Subject
from wftools.diff.compare import Comparison, compare
from wftools.diff.matching import match
from wftools.diff.version import Version
from wftools.document import read
from wftools.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

Tree = Any
seeds = st.integers(0, 2**32)


def readable(tree: Tree) -> Version | None:
    """The version that a tree is; None if it is not a workflow."""
    try:
        return version(tree)
    except InputError:
        return None


def version(tree: Tree) -> Version:
    return Version.of(read(json.dumps(tree).encode()))


def compared(old: Tree, new: Tree) -> Comparison:
    return compare(version(old), version(new))


def told(comparison: Comparison) -> list[object]:
    return [
        (change.subject, change.key) if isinstance(change, Changed) else change for change in comparison.at("layout")
    ]


@given(ui_workflows(), seeds)
def test_a_renumbered_copy_is_no_change(tree: Tree, seed: int) -> None:
    assert told(compared(tree, renumbered(tree, random.Random(seed)))) == []


@given(ui_workflows(), seeds)
def test_a_shuffled_file_is_no_change(tree: Tree, seed: int) -> None:
    comparison = compared(tree, shuffled(tree, random.Random(seed)))

    assert told(comparison) == []
    assert all(pair.new == subject for subject, pair in comparison.matching.pairs.items())


@pytest.mark.slow
@pytest.mark.parametrize("copied", [renumbered, shuffled])
def test_a_copy_of_a_template_is_no_change(copied: Any, templates: list[Path]) -> None:
    for path in templates:
        tree = json.loads(path.read_text(encoding="utf-8"))
        if "nodes" in tree:
            assert told(compared(tree, copied(tree, random.Random(path.name)))) == [], path.name


@given(ui_workflows(), st.randoms(use_true_random=False))
def test_a_node_in_front_of_renumbered_ones_is_one_added_node(tree: Tree, rng: random.Random) -> None:
    other = renumbered(tree, rng)
    other["nodes"].insert(
        0, {"id": 1000, "type": "Added", "inputs": [], "outputs": [], "widgets_values": ["only here"]}
    )

    [change] = compared(tree, other).at("semantic")

    assert isinstance(change, Added)
    assert change.type == "Added"


@given(api_prompts(), st.randoms(use_true_random=False))
def test_a_renumbered_prompt_is_no_change(tree: Tree, rng: random.Random) -> None:
    ids = dict(zip(tree, map(str, rng.sample(range(100), len(tree))), strict=True))
    other = {ids[id_]: copy.deepcopy(node) for id_, node in tree.items()}
    for node in other.values():
        for name, value in node["inputs"].items():
            if isinstance(value, list) and len(value) == 2 and isinstance(value[0], str):
                node["inputs"][name] = [ids.get(value[0], value[0]), value[1]]

    assert told(compared(tree, other)) == []


odd_versions = st.one_of(odd_workflows(), odd_prompts()).map(readable).filter(bool)


@given(odd_versions, odd_versions)
@settings(deadline=None)
def test_matching_takes_whatever_can_be_read(old: Version, new: Version) -> None:
    matching = match(old, new)

    assert {*matching.pairs} <= {*old.parts}
    assert {*matching.to_old} <= {*new.parts}
    assert len(matching.to_old) == len(matching.pairs)


@given(odd_versions)
def test_a_version_is_all_of_itself(odd: Version) -> None:
    assert match(odd, odd).pairs.keys() == odd.parts.keys()
    assert compare(odd, odd).changes == ()


def test_a_node_that_stands_untouched_is_known_by_that_though_another_has_its_id() -> None:
    """What it is linked to is another: no fingerprint tells."""
    first = cases.node(4, "LoadImage", outputs=["IMAGE"], values=["first.png", "image"], pos=[0, 0])
    second = cases.node(5, "LoadImage", outputs=["IMAGE"], values=["second.png", "image"], pos=[0, 400])
    save = cases.node(6, "SaveImage", [("images", "IMAGE", 1)], values=["out"], pos=[400, 0])
    old = cases.workflow([first, second, save], [[1, 5, 0, 6, 0, "IMAGE"]])
    new = cases.workflow([{**second, "id": 4}, {**save, "inputs": []}], [])

    matching = compared(old, new).matching

    assert {subject.id: pair.new.id for subject, pair in matching.pairs.items() if subject.kind == "node"} == {
        "5": "4",
        "6": "6",
    }


def prompt(**types: tuple[str, Any]) -> Tree:
    """A prompt of nodes by id, each with its type and its inputs."""
    return {id_[1:]: {"class_type": type_, "inputs": inputs} for id_, (type_, inputs) in types.items()}


LOADED: Final[dict[str, tuple[str, Any]]] = {
    "n1": ("LoadImage", {"image": "a.png"}),
    "n2": ("LoadImage", {"image": "b.png"}),
}
IN_BOTH: Final = {"a": ["1", 0], "b": ["2", 0]}
BLENDED: Final = prompt(**LOADED, n3=("Blend", {**IN_BOTH, "mode": "add"}), n4=("SaveImage", {"images": ["3", 0]}))


def test_a_node_of_another_type_between_the_same_nodes_took_the_place() -> None:
    new = prompt(**LOADED, n9=("Mix", IN_BOTH), n4=("SaveImage", {"images": ["9", 0]}))

    pair = compared(BLENDED, new).matching.pairs[Subject(ROOT, "node", "3")]

    assert (pair.new.id, pair.how) == ("9", "replaced")


def test_a_successor_by_name_takes_the_place_before_what_is_linked_alike() -> None:
    """Batch took the links of Blend, but what became of it is BlendV2 behind."""
    blend = ("BlendV2", {"images": ["8", 0], "mode": "add"})
    new = prompt(**LOADED, n8=("Batch", IN_BOTH), n9=blend, n7=("SaveImage", {"images": ["9", 0], "as": "png"}))

    matching = compared(BLENDED, new).matching

    assert matching.pairs[Subject(ROOT, "node", "3")].new.id == "9"
    assert Subject(ROOT, "node", "8") not in matching.to_old
