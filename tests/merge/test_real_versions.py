"""Merges of real workflows: edits that are known, and edits that were made."""

from __future__ import annotations

import json

import pytest

from tests.merge.plain import holds
from tests.versions import chains, synthetic, triples
from wftools.document import read
from wftools.lint import ERROR, Linter, Selection
from wftools.merge import Take, conflicts_of, merge, resolved

SIDES = ("ours", "theirs")
STRUCTURE = Linter(selection=Selection(("L2", "G", "S7", "P00")))


def _merged(item, order=SIDES, **choices):
    return merge(item.document("base"), *(item.document(side) for side in order), **choices)


@pytest.mark.parametrize("item", [each for each in synthetic() if each.known["expected"].startswith("clean")], ids=str)
@pytest.mark.parametrize("order", [SIDES, SIDES[::-1]], ids=["ours first", "theirs first"])
def test_edits_that_do_not_meet_are_all_there(item, order):
    merged = _merged(item, order)

    tree = json.loads(merged.document.text)
    assert not merged.conflicts
    assert [edit for side in SIDES for edit in item.known["must_hold"][side] if not holds(tree, edit)] == []


@pytest.mark.parametrize("item", [each for each in synthetic() if "exactly one" in each.known["expected"]], ids=str)
@pytest.mark.parametrize("order", [SIDES, SIDES[::-1]], ids=["ours first", "theirs first"])
def test_edits_that_meet_are_one_conflict_and_all_others_are_there(item, order):
    """What is not in the file for now is in its record: any side can be had."""
    merged = _merged(item, order)

    assert len(merged.conflicts) == 1
    assert conflicts_of(read(merged.document.text.encode())) == merged.conflicts
    (conflict,) = merged.conflicts
    for number, side in enumerate(order):
        take = Take("ours" if number == 0 else "theirs")
        tree = json.loads(resolved(merged.document, {conflict.id: take}).document.text)
        assert [edit for edit in item.known["must_hold"][side] if not holds(tree, edit)] == []
        assert "wftools" not in tree["extra"]


def test_few_chains_of_real_edits_conflict():
    """Of 78 chains of two edits that the editor saved, git merges one, and 51 conflicts are the most that we allow."""
    saved = [each for each in chains() if all(each.known["frontend_saved"])]

    conflicting = [each for each in saved if _merged(each).conflicts]

    assert len(conflicting) * 78 <= len(saved) * 51


@pytest.mark.parametrize("item", triples(), ids=str)
@pytest.mark.parametrize("order", [SIDES, SIDES[::-1]], ids=["ours first", "theirs first"])
def test_a_merge_has_no_fault_that_neither_side_had(item, order):
    merged = _merged(item, order)

    found = _faults(merged.document)
    assert not [code for code in set(found) if code != "P010" and found.count(code) > _most(item, code)]


@pytest.mark.parametrize("item", triples(), ids=str)
def test_the_conflicts_of_the_other_order_are_the_same(item):
    merged, other = _merged(item), _merged(item, SIDES[::-1])

    assert sorted((each.kind, each.key) for each in merged.conflicts) == sorted(
        (each.kind, each.key) for each in other.conflicts
    )


@pytest.mark.parametrize("item", triples(), ids=str)
@pytest.mark.parametrize("side", ["base", "ours", "theirs"])
def test_any_side_can_be_had_of_all_conflicts(item, side):
    merged = _merged(item)

    done = resolved(merged.document, {each.id: Take(side) for each in merged.conflicts})

    assert done.conflicts == conflicts_of(done.document) == ()
    found = _faults(done.document)
    assert not [code for code in set(found) if found.count(code) > _most(item, code)]


@pytest.mark.parametrize("item", triples(), ids=str)
def test_marks_go_with_the_conflicts(item):
    """But for the counters of ids, which only grow."""
    takes = {each.id: Take("theirs") for each in _merged(item).conflicts}

    plain, marked = (resolved(_merged(item, visible=way).document, takes).document.tree for way in (False, True))

    assert _without_counters(marked) == _without_counters(plain)


def _without_counters(tree):
    if isinstance(tree, list):
        return [_without_counters(each) for each in tree]
    if not isinstance(tree, dict):
        return tree
    counters = {"last_node_id", "last_link_id", "state"}
    return {key: _without_counters(value) for key, value in tree.items() if key not in counters}


def _faults(document):
    return [found.code for found in STRUCTURE.lint_document(document) if found.severity == ERROR]


def _most(item, code):
    return sum(_faults(item.document(side)).count(code) for side in SIDES)
