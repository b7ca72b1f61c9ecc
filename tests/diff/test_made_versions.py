"""Known edits of official templates: diff says these, and nothing else."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pytest

from tests.diff.test_real_versions import is_cut, is_edit, is_put_in_between
from tests.edits import INDEPENDENT, Editor, can_be_edited
from wftools.diff import compared
from wftools.document import read_json

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_edits_of_official_templates_are_said_and_nothing_else(templates: list[Path], seed: int) -> None:
    wrong: list[tuple[str, str]] = []
    done = 0
    for number, path in enumerate(templates[seed::4]):
        text = path.read_text("utf-8")
        tree = json.loads(text)
        if not can_be_edited(tree):
            continue
        editor = Editor(tree, "ours", random.Random(1000 * seed + number))
        for kind in random.Random(number).sample(INDEPENDENT, 4):
            editor.edit(kind)

        found = list(compared(read_json(text, "old.json"), read_json(editor.saved(), "new.json")).at("semantic"))

        done += 1
        wrong += [(path.name, each) for each in unsaid(found, editor.done)]
    assert wrong == []
    assert done > 140


def unsaid(found: list[Any], edits: list[list[Any]]) -> list[str]:
    """The edits that are not among the changes, and the changes that were no edits."""
    wrong = []
    deleted = {str(id_) for what, id_, *_ in edits if what == "deleted"}
    left = list(found)
    for edit in edits:
        match = next((change for change in left if is_edit(change, edit)), None)
        if match is None:
            wrong.append(f"not said: {edit}")
        else:
            left.remove(match)
    more = [each for each in left if not (is_cut(each, deleted) or is_put_in_between(each, edits))]
    return wrong + [f"said: {str(each)[:300]}" for each in more]
