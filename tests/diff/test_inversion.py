"""What leads back from one version to another is what led there, the other way round."""

from __future__ import annotations

import copy
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.diff.copies import renumbered
from tests.diff.matching.test_matching import version
from tests.strategies import json_values, ui_workflows
from tests.versions import Item, pairs
from wftools.diff.changes import Added, Change, Changed, Subject, inverted
from wftools.diff.compare import Comparison, compare
from wftools.diff.places import is_bare
from wftools.diff.version import Version

Tree = Any


@st.composite
def edited(draw: st.DrawFn) -> tuple[Tree, Tree]:
    """A workflow, and what somebody made of it; some save it with other ids."""
    tree = draw(ui_workflows())
    other = copy.deepcopy(tree)
    for _ in range(draw(st.integers(0, 4))):
        node = draw(st.sampled_from(other["nodes"])) if other["nodes"] else None
        match draw(st.sampled_from(["value", "title", "mode", "type", "delete", "add", "unlink"])):
            case "value" if node and node.get(
                "widgets_values"
            ):  # as many: where places went, each way may tell its own
                node["widgets_values"][draw(st.integers(-1, 0))] = draw(json_values)
            case "title" if node:
                node["title"] = draw(st.text(max_size=5))
            case "mode" if node:
                node["mode"] = draw(st.sampled_from([0, 2, 4]))
            case "type" if node:
                node["type"] = draw(st.sampled_from(["Reroute", "StringTrim", "CustomThing", "OtherThing"]))
            case "delete" if node:
                other["nodes"].remove(node)
                other["links"] = [row for row in other["links"] if node["id"] not in (row[1], row[3])]
            case "add":
                id_ = max((each["id"] for each in other["nodes"]), default=0) + 1
                other["nodes"].append({"id": id_, "type": "CustomThing", "inputs": [], "outputs": []})
            case "unlink" if node and node["inputs"]:
                other["links"] = [row for row in other["links"] if row[0] != node["inputs"][0]["link"]]
                node["inputs"][0]["link"] = None
    if draw(st.booleans()):
        other = renumbered(other, draw(st.randoms(use_true_random=False)))
    return tree, other


def told(changes: tuple[Change, ...], known_as: dict[Subject, Subject]) -> Counter[tuple[Any, ...]]:
    """The changes by what they are of, in words that two comparisons share: places without names are numbered as in
    the old version.
    """
    return Counter(
        (
            known_as.get(change.subject, change.subject),
            (
                change.key[0] if is_bare(change.key[-1]) else change.key,
                change.fact_class,
                change.topic,
            )
            if isinstance(change, Changed)
            else type(change).__name__,
        )
        for change in changes
    )


def assert_inverse(there: Comparison, back: Comparison) -> None:
    assert {(pair.new, old) for old, pair in back.matching.pairs.items()} == {
        (old, pair.new) for old, pair in there.matching.pairs.items()
    }
    known_as = {back.matching.known_as(subject, back.old): subject for subject in there.old.parts}
    known_as |= {subject: there.matching.known_as(subject, there.old) for subject in there.new.parts}
    assert told(inverted(back.changes), known_as) == told(there.changes, {})


@given(edited())
def test_back_is_the_inverse_of_there(trees: tuple[Tree, Tree]) -> None:
    old, new = map(version, trees)

    assert_inverse(compare(old, new), compare(new, old))


@pytest.mark.parametrize("item", pairs(), ids=str)
def test_back_is_the_inverse_of_there_for_real_versions(item: Item) -> None:
    old, new = (Version.of(item.document(name)) for name in ("old", "new"))
    there, back = compare(old, new), compare(new, old)

    assert {(pair.new, subject) for subject, pair in back.matching.pairs.items()} == {
        (subject, pair.new) for subject, pair in there.matching.pairs.items()
    }
    kinds = [
        Counter(
            (change.subject.kind, change.fact_class if isinstance(change, Changed) else isinstance(change, Added))
            for change in changes
        )
        for changes in (there.changes, inverted(back.changes))
    ]
    assert kinds[0] == kinds[1]
