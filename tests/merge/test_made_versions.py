"""Known edits of official templates by two people: what is independent is all there, what clashes is one conflict."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.diff.copies import renumbered, shuffled
from tests.edits import INDEPENDENT, Editor, can_be_edited, places, unwrapped, wrapped
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
    "insert": {"insert"},
}


def templates_to_edit(templates: list[Path], seed: int, step: int) -> Iterator[tuple[str, str, random.Random]]:
    """Names and texts, and dice for each."""
    for number, path in enumerate(templates[seed::step]):
        text = path.read_text("utf-8")
        if can_be_edited(json.loads(text)):
            yield path.name, text, random.Random(1000 * seed + number)


def merged(base: str, ours: str, theirs: str) -> Merged:
    return merge(*(read_json(text, "flow.json") for text in (base, ours, theirs)))


def same(text: str, _: random.Random) -> str:
    return text


def inside(text: str, _: random.Random) -> str:
    return json.dumps(wrapped(json.loads(text)), indent=2)


def renumbered_and_shuffled(text: str, dice: random.Random) -> str:
    return json.dumps(shuffled(renumbered(json.loads(text), dice), dice), indent=2)


# How the files are made of what was edited, base and ours, and theirs; and how many of a hundred may come out wrong:
# where the ids are dealt anew, one that was moved and edited may have got that of its twin, which was, too.
WAYS: Final = {
    "as it is": (same, same, 0),
    "in a subgraph": (inside, inside, 0),
    "all ids of theirs are others": (same, renumbered_and_shuffled, 2),
}


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seed", range(4))
def test_independent_edits_of_official_templates_are_all_there(templates: list[Path], seed: int, way: str) -> None:
    wrong: list[tuple[Any, ...]] = []
    done = 0
    make, make_theirs, percent = WAYS[way]
    for name, text, dice in templates_to_edit(templates, seed, 4 if way == "as it is" else 8):
        ours = Editor(json.loads(text), "ours", dice)
        for kind in dice.sample(INDEPENDENT, dice.randint(1, 4)):
            ours.edit(kind)
        theirs = Editor(json.loads(text), "theirs", dice, ours)
        for kind in dice.sample(INDEPENDENT, dice.randint(1, 4)):
            theirs.edit(kind)

        base = make(text, dice)
        result = merged(base, make(ours.saved(), dice), make_theirs(theirs.saved(), dice))

        tree = json.loads(result.document.text)
        broken = faults(tree) - faults(json.loads(base))
        flat = unwrapped(tree) if way == "in a subgraph" else tree
        missing = [edit for edit in (*ours.done, *theirs.done) if not holds(flat, edit)]
        done += 1
        if missing or result.conflicts or broken:
            wrong.append((name, missing, [each.kind for each in result.conflicts], broken))
    assert len(wrong) <= done * percent / 100, wrong
    assert done > 70


@pytest.mark.slow
@pytest.mark.parametrize("kind", CLASHES)
def test_clashing_edits_of_official_templates_are_one_conflict(templates: list[Path], kind: str) -> None:
    """And what else was done is there."""
    wrong: list[tuple[Any, ...]] = []
    done = 0
    for name, text, dice in templates_to_edit(templates, list(CLASHES).index(kind), len(CLASHES)):
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
        elif kind == "insert" and not all(has_title(tree, edit[1]) for edit in (mine, other)):
            wrong.append((name, "not there", mine, other))
        elif [holds(tree, mine), holds(tree, other)].count(True) != 1:
            wrong.append((name, "neither, or both", mine, other))
    assert wrong == []
    assert done > 20


def has_title(tree: dict[str, Any], title: str) -> bool:
    return any(node.get("title") == title for node in tree["nodes"])


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
        case "insert":
            links = [row[0] for row in ours.tree["links"]]
            dice.shuffle(links)
            return any(ours.insert(link) and theirs.insert(link) for link in links)
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
