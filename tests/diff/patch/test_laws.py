"""Laws of patches over real versions: what a patch of two versions makes of either, and of copies of them."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pytest

from tests.diff.copies import renumbered
from tests.versions import pairs, synthetic
from wftools.diff import class_of, compared
from wftools.diff.patch import apply_patch, dumps, inverted_patch, loads, patch_of
from wftools.document import dumpb, read_json

if TYPE_CHECKING:
    from tests.versions import Item
    from wftools.diff.patch import FilePatch
    from wftools.document import Document

VERSIONS = [
    *(pytest.param(each, "old", "new", id=each.id) for each in pairs()),
    *(pytest.param(each, "base", "theirs", id=each.id, marks=pytest.mark.slow) for each in synthetic()),
]


def patch_between(old: Document, new: Document, *, is_whole: bool = False) -> FilePatch:
    """The patch as it is read from a file."""
    comparison = compared(old, new)
    return loads(dumps([patch_of(comparison, is_whole=is_whole)]), "test.wfpatch").files[0]


@pytest.mark.parametrize(("item", "old", "new"), VERSIONS)
def test_a_whole_patch_makes_the_other_version_to_the_last_byte(item: Item, old: str, new: str) -> None:
    before, after = item.document(old), item.document(new)
    patch = patch_between(before, after, is_whole=True)

    there, back = apply_patch(patch, before), apply_patch(inverted_patch(patch), after)

    assert dumpb(there.document) == dumpb(after)
    assert dumpb(back.document) == dumpb(before)
    assert there.rejected == back.rejected == ()


@pytest.mark.parametrize(("item", "old", "new"), VERSIONS)
def test_a_patch_makes_all_that_is_meant_and_takes_it_back(item: Item, old: str, new: str) -> None:
    before, after = item.document(old), item.document(new)
    patch = patch_between(before, after)

    there, back = apply_patch(patch, before), apply_patch(inverted_patch(patch), after)

    assert there.rejected == back.rejected == ()
    for made, wanted in ((there, after), (back, before)):
        assert [each for each in compared(made.document, wanted).changes if class_of(each) != "volatile"] == []


@pytest.mark.parametrize("is_whole", [False, True])
@pytest.mark.parametrize("item", pairs(), ids=str)
def test_a_patch_that_was_made_changes_nothing_more(item: Item, is_whole: bool) -> None:
    patch = patch_between(item.document("old"), item.document("new"), is_whole=is_whole)
    once = apply_patch(patch, item.document("old"))

    twice = apply_patch(patch, once.document)

    assert twice.rejected == ()
    assert twice.document.text == once.document.text


@pytest.mark.parametrize("item", [each for each in pairs() if each.document("old").form == "ui"], ids=str)
def test_a_patch_fits_a_copy_with_other_ids(item: Item) -> None:
    """What it cannot find there for sure it rejects."""
    patch = patch_between(item.document("old"), item.document("new"))
    copy = document(renumbered(item.tree("old"), random.Random(item.id)))

    made = apply_patch(patch, copy)

    found = compared(made.document, item.document("new")).at("semantic")
    assert len(made.rejected) <= len(patch.changes) / 10
    if not made.rejected:
        assert found == ()


def document(tree: Any) -> Document:
    return read_json(json.dumps(tree), "copy.json")
