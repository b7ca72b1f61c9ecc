"""What `wftools merge` writes, opened in the real editor: before it is resolved, too."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.frontend.oracle import opened
from tests.versions import Item, synthetic
from wftools.document import read
from wftools.merge import Merged, Take, conflicts_of, merge, resolved

if TYPE_CHECKING:
    from tests.frontend.browser import Editor

pytestmark = pytest.mark.slow

CLASHING = [each for each in synthetic() if "exactly one" in each.known["expected"]]
CLEAN = [each for each in synthetic() if each not in CLASHING][::2]


def merged(item: Item, *, visible: bool = False) -> Merged:
    return merge(*(item.document(each) for each in ("base", "ours", "theirs")), visible=visible)


def heard(page: Editor, item: Item) -> set[str]:
    """What the editor has to say of either side."""
    return {each for side in ("ours", "theirs") for each in opened(page, item.texts[side].encode())[1]}


@pytest.mark.parametrize("visible", [False, True], ids=["", "visible"])
@pytest.mark.parametrize("item", CLASHING, ids=str)
def test_a_file_with_conflicts_opens_and_keeps_them(page, item, visible):
    """Saved by the editor it has the same record, by which each side can still be had."""
    known = heard(page, item)
    result = merged(item, visible=visible)

    _, messages = opened(page, result.document.text.encode())
    saved = read(json.dumps(page.saved()).encode())

    assert messages <= known
    assert saved.tree["extra"]["wftools"] == result.document.tree["extra"]["wftools"]
    for side in ("ours", "theirs"):
        takes = {each.id: Take(side) for each in conflicts_of(saved)}
        done = resolved(saved, takes).document
        prompt, _ = opened(page, done.text.encode())
        assert prompt
        assert conflicts_of(done) == ()
        assert "wftools" not in done.tree["extra"]


@pytest.mark.parametrize("item", CLEAN, ids=str)
def test_a_clean_merge_opens(page, item):
    """Without a word that either side has not caused."""
    known = heard(page, item)

    prompt, messages = opened(page, merged(item).document.text.encode())

    assert prompt
    assert messages <= known
