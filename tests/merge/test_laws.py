"""What holds of every merge: of random edits on real workflows, and of real versions."""

from __future__ import annotations

import json
from collections import Counter

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from tests.merge.edits import EDITS, Edit, changed, renumbered
from tests.strategies import odd_prompts, odd_workflows
from tests.versions import Item, triples
from wftools.diff.apply import apply
from wftools.diff.changes import Absent, Added, Changed, Endpoint, Removed, class_of
from wftools.diff.compare import compare
from wftools.diff.version import Version
from wftools.document import read, read_json
from wftools.errors import InputError
from wftools.lint import ERROR, Linter, Selection
from wftools.merge import merge

STRUCTURE = Linter(selection=Selection(("L2", "G602", "S7", "P00")))
LAWS = settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.target],
    suppress_health_check=[HealthCheck.too_slow],
)


def _small(item: Item) -> bool:
    tree = item.tree("base")
    nodes = [node for graph in (tree, *tree.get("definitions", {}).get("subgraphs", [])) for node in graph["nodes"]]
    return len(nodes) < 30 and not _faults(item.document("base"))


def _faults(document):
    return Counter(found.code for found in STRUCTURE.lint_document(document) if found.severity == ERROR)


def _has_twins(item: str) -> bool:
    """Whether two nodes are alike, so that nobody can tell which is which once they have other ids."""
    nodes = BASES[item].tree("base")["nodes"]
    looks = Counter((node["type"], str(node.get("title")), str(node.get("widgets_values"))) for node in nodes)
    return max(looks.values()) > 1


BASES = {each.id: each for each in triples() if _small(each)}
bases = st.sampled_from([*BASES])
some_edits = st.lists(EDITS, min_size=1, max_size=4)


def _document(tree):
    return read_json(json.dumps(tree, indent=2), "flow.json")


def _three(item, ours, theirs):
    tree = BASES[item].tree("base")
    return _document(tree), _document(changed(tree, ours)), _document(changed(tree, theirs))


def _meant(old, new):
    return [each for each in compare(Version.of(old), Version.of(new)).changes if class_of(each) == "semantic"]


@LAWS
@given(bases, some_edits)
def test_a_side_that_did_nothing_gives_the_other_side_to_the_byte(item, edits):
    base, ours, _ = _three(item, edits, [])

    for merged in (merge(base, ours, base), merge(base, base, ours), merge(base, ours, ours)):
        assert merged.document.text == ours.text
        assert not merged.conflicts


@LAWS
@given(bases, some_edits, some_edits)
def test_both_orders_have_the_same_conflicts_and_clean_ones_the_same_graph(item, one, other):
    base, ours, theirs = _three(item, one, other)

    merged, turned = merge(base, ours, theirs), merge(base, theirs, ours)

    assert Counter((each.kind, each.key) for each in merged.conflicts) == Counter(
        (each.kind, each.key) for each in turned.conflicts
    )
    if not merged.conflicts:
        assert _meant(merged.document, turned.document) == []


@LAWS
@given(bases, some_edits, some_edits)
def test_no_edit_is_lost_and_none_is_invented(item, one, other):
    base, ours, theirs = _three(item, one, other)

    merged = merge(base, ours, theirs)

    if not merged.conflicts:
        gone = {each.subject.id for each in _meant(base, merged.document) if isinstance(each, Removed)}
        assert _done(base, merged.document, gone) == _done(base, ours, gone) | _done(base, theirs, gone)


def _done(base, side, gone):
    """What a side did, with new nodes by their types: they may have other ids. What follows from nodes being gone is
    left out.
    """
    changes = _meant(base, side)
    types = {(each.subject.scope, each.subject.id): each.type for each in changes if isinstance(each, Added)}
    return {_told(each, types) for each in changes if not _follows(each, gone)}


def _follows(change, gone):
    """Whether an input lost its link with the node that it came from, or an instance the value of a node inside."""
    if not isinstance(change, Changed):
        return False
    is_cut = isinstance(change.new, Absent) and getattr(change.old, "node", "") in gone
    return is_cut or (change.key[0] == "widget" and change.key[1].partition(".")[0].rstrip("*") in gone)


def _told(change, types):
    scope, kind, id_ = change.subject
    match change:
        case Changed(key=key, new=Endpoint(node, output)):
            return kind, id_, key, types.get((scope, node), node), output
        case Changed(key=key, new=new):
            return kind, id_, key, json.dumps(new, default=repr, sort_keys=True)
        case Added(content=content):
            return kind, change.type, str(content.tree.get("widgets_values", content.tree.get("title")))
    return kind, id_, "removed"


@LAWS
@given(bases, some_edits, some_edits)
def test_a_merge_has_no_fault_of_its_own_and_no_id_twice(item, one, other):
    base, ours, theirs = _three(item, one, other)

    merged = merge(base, ours, theirs)

    assert not _faults(merged.document) - _faults(ours) - _faults(theirs) - Counter(["P010"])
    tree = json.loads(merged.document.text)
    for graph in (tree, *tree.get("definitions", {}).get("subgraphs", [])):
        ids = [node["id"] for node in graph["nodes"]]
        rows = [row["id"] if isinstance(row, dict) else row[0] for row in graph["links"]]
        assert len(set(ids)) == len(ids)
        assert len(set(rows)) == len(rows)
    assert tree["last_node_id"] >= max(side.tree["last_node_id"] for side in (base, ours, theirs))
    assert tree["last_link_id"] >= max(side.tree["last_link_id"] for side in (base, ours, theirs))


@LAWS
@given(bases, some_edits, some_edits)
def test_merging_again_changes_nothing(item, one, other):
    base, ours, theirs = _three(item, one, other)
    merged = merge(base, ours, theirs)

    again = merge(base, ours, theirs)

    assert again.document.text == merged.document.text
    if not merged.conflicts:
        assert _meant(merged.document, merge(base, merged.document, theirs).document) == []
        assert not merge(base, merged.document, theirs).conflicts


@LAWS
@given(bases.filter(lambda item: not _has_twins(item)), some_edits, some_edits, st.integers(1, 500))
def test_other_ids_give_the_same_graph(item, one, other, by):
    tree = BASES[item].tree("base")
    base, ours, theirs = _three(item, one, other)
    merged = merge(base, ours, theirs)

    renamed = merge(base, _document(renumbered(changed(tree, one), by)), theirs)

    assert len(renamed.conflicts) == len(merged.conflicts)
    if not merged.conflicts:
        assert _meant(merged.document, renamed.document) == []


@LAWS
@given(bases, some_edits, some_edits)
@example("c012", [Edit("group", 2, 14, 19, 0)], [Edit("group", 0, 8, 1, 0)])  # one title and id, two places
def test_edits_that_do_not_meet_are_the_patches_of_both_in_a_row(item, one, other):
    base, ours, theirs = _three(item, one, other)
    merged = merge(base, ours, theirs)
    patches = [compare(Version.of(base), Version.of(side)).changes for side in (ours, theirs)]

    first = apply(patches[0], base)
    second = apply(patches[1], first.document)

    has_twins = any(each.action == "both" and not each.key for each in merged.decisions)  # which patches tell by ids
    if not merged.conflicts and not second.rejected and not has_twins:
        assert _meant(merged.document, second.document) == []


@settings(max_examples=60, deadline=None)
@given(*[odd_workflows() | odd_prompts()] * 3)
def test_dirty_files_are_merged_or_refused_and_never_more(base, ours, theirs):
    try:
        documents = [read(json.dumps(tree).encode(), "flow.json") for tree in (base, ours, theirs)]
    except InputError:
        return
    try:
        merged = merge(*documents)
    except InputError:
        assert len({each.form for each in documents}) > 1
        return

    assert read(merged.document.text.encode(), "merged.json").form == documents[1].form
