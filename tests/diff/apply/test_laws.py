"""Laws of applying changes, over real versions and generated ones."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.versions import pairs, triples
from wftools import Linter
from wftools.diff.apply import apply
from wftools.diff.changes import class_of, inverted
from wftools.diff.compare import compare
from wftools.diff.version import Version

if TYPE_CHECKING:
    from wftools.diff.changes import Change, Subject
    from wftools.diff.compare import Comparison
    from wftools.document import Document

# What no change says, so that applying changes cannot bring it: where the rows of new links and new definitions stand
# among the others, what a named copy of values holds beside them, and counters, which never fall below what is used.
UNSAID = {"links", "definitions", "widgets", "last_link_id", "last_node_id", "state"}

LINTER: Final = Linter()
VERSIONS = [
    *(pytest.param(each, "old", "new", id=each.id) for each in pairs()),
    *(pytest.param(each, "base", side, id=f"{each.id}-{side}") for each in triples() for side in ("ours", "theirs")),
]


def left(comparison: Comparison) -> list[Change]:
    """What still differs, but for what cannot be had."""
    return [each for each in comparison.changes if class_of(each) != "volatile" or each.key[0] not in UNSAID]


def anchors_in_new(comparison: Comparison) -> dict[Subject, Subject]:
    """What subjects of changes are called in the version to which they lead."""
    found = {old: pair.new for old, pair in comparison.matching.pairs.items()}
    for subject in comparison.new.parts:
        found.setdefault(comparison.matching.known_as(subject, comparison.old), subject)
    return found


@pytest.mark.parametrize(("item", "old", "new"), VERSIONS)
def test_the_changes_between_two_versions_make_one_of_the_other(item: Any, old: str, new: str) -> None:
    before, after = (Version.of(item.document(version)) for version in (old, new))
    comparison = compare(before, after)

    applied = apply(comparison.changes, comparison.old)

    assert applied.rejected == ()
    assert left(compare(Version.of(applied.document), after)) == []


@pytest.mark.parametrize(("item", "old", "new"), VERSIONS)
def test_inverted_changes_lead_back(item: Any, old: str, new: str) -> None:
    before, after = (Version.of(item.document(version)) for version in (old, new))
    comparison = compare(before, after)

    applied = apply(inverted(comparison.changes), comparison.new, anchors_in_new(comparison))

    assert applied.rejected == ()
    assert left(compare(Version.of(applied.document), before)) == []


@pytest.mark.parametrize("item", pairs(), ids=str)
def test_a_part_of_the_changes_in_any_order_breaks_no_file(item: Any) -> None:
    """No part brings an error of integrity that neither version has, and the order of changes does not matter.

    But for an instance that comes without its definition, which only the other part may have.
    """
    before, after = item.document("old"), item.document("new")
    comparison = compare(Version.of(before), Version.of(after))
    rng = random.Random(item.id)
    changes = [each for each in comparison.changes if rng.random() < 0.5]

    made = apply(changes, comparison.old).document

    known = integrity(before) | integrity(after)
    assert all(count <= known[code] for code, count in integrity(made).items())
    assert apply(rng.sample(changes, len(changes)), comparison.old).document.text == made.text


def integrity(document: Document) -> Counter[str]:
    """How many findings there are of links and subgraphs that do not hold together, by code."""
    codes = (each.code for each in LINTER.lint_document(document))
    return Counter(code for code in codes if code[0] in "LS" and code != "S701")
