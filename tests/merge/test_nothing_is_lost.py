"""Triples of real workflows: what each side did is in the result, or in its record of conflicts.

What a side did stands in the manifest or is told by plain JSON and by the prompts; see `plain.py`.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.merge.plain import faults, holds, lost, unnumbered, unsettled
from tests.merge.prompts import three_way
from tests.versions import Item, synthetic, triples
from wftools.convert.to_api import to_api
from wftools.document import read_json
from wftools.graph import build
from wftools.merge import Merged, merge

if TYPE_CHECKING:
    from wftools.merge import Favor

NOW: Final = datetime(2026, 1, 1)

# What the manifest calls two edits that clash -> the kind of conflict that this is.
CONFLICTS: Final = {
    "widget-widget": "widget",
    "inner-inner": "widget",
    "delete-edit": "delete/edit",
    "delete-link": "delete/use",
    "link-link": "link",
    "title-title": "title",
    "mode-mode": "mode",
}
INDEPENDENT: Final = [each for each in synthetic() if each.known["case"] not in CONFLICTS]
CLASHING: Final = [each for each in synthetic() if each.known["case"] in CONFLICTS]
SIDES: Final = ("ours", "theirs")


@cache
def merged(item: Item, favor: Favor | None = None) -> Merged:
    return merge(*(item.document(each) for each in ("base", *SIDES)), favor=favor)


def tree_of(result: Merged) -> dict[str, Any]:
    """What the file would hold, read anew."""
    tree: dict[str, Any] = json.loads(result.document.text)
    return tree


def prompt(text: str) -> dict[str, Any]:
    return to_api(build(read_json(text, "flow.json")), now=NOW).prompt


def test_the_manifest_is_true_of_its_files() -> None:
    """Else the tests below would prove nothing."""
    for item in synthetic():
        for side in SIDES:
            for edit in item.known["must_hold"][side]:
                assert holds(item.tree(side), edit), (item.id, side, edit)
                assert not holds(item.tree("base"), edit), (item.id, edit)
    assert [item.id for item in triples() if any(faults(item.tree(each)) for each in item.texts)] == []


@pytest.mark.parametrize("item", CLASHING, ids=str)
def test_a_conflict_is_of_the_kind_that_the_edits_are(item: Item) -> None:
    (conflict,) = merged(item).conflicts

    assert conflict.kind == CONFLICTS[item.known["case"]]


@pytest.mark.parametrize("favor", SIDES)
@pytest.mark.parametrize("item", CLASHING, ids=str)
def test_a_favoured_side_gets_what_it_did(item: Item, favor: Favor) -> None:
    result = merged(item, favor)

    tree = tree_of(result)
    other = "theirs" if favor == "ours" else "ours"
    assert result.conflicts == ()
    assert [edit for edit in item.known["must_hold"][favor] if not holds(tree, edit)] == []
    assert [edit for edit in item.known["must_hold"][other][1:] if not holds(tree, edit)] == []


@pytest.mark.parametrize("item", triples(), ids=str)
def test_a_merge_breaks_nothing(item: Item) -> None:
    """The result is a graph without a new fault, and the server would be given a prompt."""
    for favor in (None, *SIDES):
        result = merged(item, favor)

        assert faults(tree_of(result)) == {}
        assert prompt(result.document.text)


@pytest.mark.parametrize("item", triples(), ids=str)
def test_what_one_side_alone_has_changed_is_in_the_result(item: Item) -> None:
    """Values, titles and modes of nodes that all three versions have."""
    base, ours, theirs = (item.tree(each) for each in ("base", *SIDES))

    assert lost(base, ours, theirs, tree_of(merged(item))) == []


@pytest.mark.parametrize("item", triples(), ids=str)
def test_what_both_sides_have_changed_otherwise_is_in_the_record(item: Item) -> None:
    """But for seeds, which are nobody's wish."""
    base, ours, theirs = (item.tree(each) for each in ("base", *SIDES))
    told = {(each.subject.scope, each.subject.id) for each in merged(item).conflicts}

    assert [each for each in unsettled(base, ours, theirs, tree_of(merged(item))) if each not in told] == []


@pytest.mark.parametrize("item", INDEPENDENT, ids=str)
def test_the_prompt_is_what_both_prompts_make(item: Item) -> None:
    """Each input by itself is that of the side that has changed it."""
    expected = three_way(*(prompt(item.texts[each]) for each in ("base", *SIDES)))

    assert prompt(merged(item).document.text) == expected


@pytest.mark.parametrize("item", triples(), ids=str)
def test_a_side_that_did_nothing_changes_nothing(item: Item) -> None:
    """To the byte."""
    base = item.document("base")
    for side in SIDES:
        other = item.document(side)

        assert merge(base, other, base).document.text == item.texts[side]
        assert merge(base, base, other).document.text == item.texts[side]
        assert merge(base, other, other).document.text == item.texts[side]


@pytest.mark.parametrize("item", triples(), ids=str)
def test_the_order_of_the_sides_decides_nothing_but_who_is_ours(item: Item) -> None:
    """Without a conflict, the workflows are equal but for the numbers of new nodes."""
    there = merged(item)
    back = merge(*(item.document(each) for each in ("base", "theirs", "ours")))

    if not there.conflicts:
        assert unnumbered(tree_of(there)) == unnumbered(tree_of(back))


@pytest.mark.parametrize("item", INDEPENDENT, ids=str)
def test_merging_again_changes_nothing(item: Item) -> None:
    """Theirs is in the result already."""
    once = merged(item)

    again = merge(item.document("base"), once.document, item.document("theirs"))

    assert again.document.text == once.document.text
    assert again.conflicts == ()
