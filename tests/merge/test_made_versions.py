"""Known edits of official templates by two people: what is independent is all there, what clashes is one conflict."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.edits import INDEPENDENT, Editor, can_be_edited, places
from tests.merge.plain import faults, holds
from wftools.document import read_json
from wftools.merge import Merged, merge

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLASHES: Final = {
    "widget": {"widget"},
    "title": {"title"},
    "mode": {"mode"},
    "link": {"link"},
    "edit": {"delete/edit"},
    "use": {"delete/use"},
}


def templates_to_edit(templates: list[Path], seed: int, step: int) -> Iterator[tuple[str, str, random.Random]]:
    """Names and texts, and dice for each."""
    for number, path in enumerate(templates[seed::step]):
        text = path.read_text("utf-8")
        if can_be_edited(json.loads(text)):
            yield path.name, text, random.Random(1000 * seed + number)


def merged(base: str, ours: str, theirs: str) -> Merged:
    return merge(*(read_json(text, "flow.json") for text in (base, ours, theirs)))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_independent_edits_of_official_templates_are_all_there(templates: list[Path], seed: int) -> None:
    wrong: list[tuple[Any, ...]] = []
    done = 0
    for name, text, dice in templates_to_edit(templates, seed, 4):
        base = json.loads(text)
        ours = Editor(base, "ours", dice)
        for kind in dice.sample(INDEPENDENT, dice.randint(1, 3)):
            ours.edit(kind)
        theirs = Editor(base, "theirs", dice, ours)
        for kind in dice.sample(INDEPENDENT, dice.randint(1, 3)):
            theirs.edit(kind)

        result = merged(text, ours.saved(), theirs.saved())

        tree = json.loads(result.document.text)
        missing = [edit for edit in (*ours.done, *theirs.done) if not holds(tree, edit)]
        broken = faults(tree) - faults(base)
        done += 1
        if missing or result.conflicts or broken:
            wrong.append((name, missing, [each.kind for each in result.conflicts], broken))
    assert wrong == []
    assert done > 140


@pytest.mark.slow
@pytest.mark.parametrize("kind", CLASHES)
def test_clashing_edits_of_official_templates_are_one_conflict(templates: list[Path], kind: str) -> None:
    """And what else was done is there."""
    wrong: list[tuple[Any, ...]] = []
    done = 0
    for name, text, dice in templates_to_edit(templates, list(CLASHES).index(kind), 6):
        base = json.loads(text)
        ours, theirs = Editor(base, "ours", dice), Editor(base, "theirs", dice)
        if not clash(kind, ours, theirs, dice):
            continue
        (mine,), (other,) = ours.done, theirs.done
        if mine == other:
            continue
        theirs.touched |= ours.touched
        theirs.linked |= ours.linked
        ours.touched, ours.linked = theirs.touched, theirs.linked  # what one does now is not the other's
        ours.edit(dice.choice(INDEPENDENT))
        theirs.edit(dice.choice(INDEPENDENT))

        result = merged(text, ours.saved(), theirs.saved())

        tree = json.loads(result.document.text)
        missing = [edit for edit in (*ours.done[1:], *theirs.done[1:]) if not holds(tree, edit)]
        kinds = [each.kind for each in result.conflicts]
        broken = faults(tree) - faults(base)
        done += 1
        if missing or len(kinds) != 1 or kinds[0] not in CLASHES[kind] or broken:
            wrong.append((name, mine, other, missing, kinds, broken))
        elif [holds(tree, mine), holds(tree, other)].count(True) != 1:
            wrong.append((name, "neither, or both", mine, other))
    assert wrong == []
    assert done > 20


def clash(kind: str, ours: Editor, theirs: Editor, dice: random.Random) -> bool:
    """Have both sides want something else of one thing, if the workflow has such a thing."""
    nodes = ours.tree["nodes"]
    match kind:
        case "title":
            node = dice.choice(nodes)
            return ours.title(node) and theirs.title(node)
        case "mode":
            active = [node for node in nodes if node.get("mode", 0) == 0]
            node = dice.choice(active) if active else None
            return node is not None and ours.mode(node) and theirs.mode(node)
        case "link":
            if not ours.rewire():
                return False
            _, source, _, target, _ = ours.done[0]
            others = [node for node in nodes if node["id"] != source]
            dice.shuffle(others)
            same = next(node for node in nodes if node["id"] == target)
            found = any(theirs.rewire(same, other) for other in others)
            return found and theirs.done[0][3:] == ours.done[0][3:]
        case "use":
            users = [node for node in nodes if len(node["type"]) != 36]
            dice.shuffle(users)
            return any(theirs.rewire(None, node) and ours.delete(node) for node in users)
    edited = [node for node in nodes if any(places(node)) or list(places(node))]
    if not edited:
        return False
    node = dice.choice(edited)
    place = dice.choice(list(places(node)))
    if kind == "edit":
        return theirs.widget(node, place) and ours.delete(node)
    return ours.widget(node, place) and theirs.widget(node, place)
