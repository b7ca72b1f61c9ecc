"""The least version of ComfyUI that workflows need."""

from __future__ import annotations

import pytest

from tests.deps.cases import needs, of_pack, prompt
from tests.graph.cases import workflow
from wftools.catalog.packs import PACKS, pack
from wftools.deps.versions import KNOWN, ascending

OLDEST, MIDDLE, NEWEST = (pack(PACKS[version]).types() for version in KNOWN)
NEW_IN_MIDDLE = min((MIDDLE & NEWEST) - OLDEST)
NEW_IN_NEWEST = min(NEWEST - MIDDLE - OLDEST)


@pytest.mark.parametrize(
    ("types", "least"),
    [
        (["KSampler"], KNOWN[0]),
        (["KSampler", NEW_IN_MIDDLE], KNOWN[1]),
        ([NEW_IN_MIDDLE, NEW_IN_NEWEST], KNOWN[2]),
    ],
)
def test_the_least_version_is_the_first_that_has_all_types(types, least):
    tree = {str(index): {"class_type": name, "inputs": {}} for index, name in enumerate(types)}

    core = needs(tree).core

    assert (core.least, core.newer_than) == (least, None)
    assert core.because == (() if least == KNOWN[0] else (types[-1],))


def test_a_version_that_a_node_was_saved_with_has_its_type():
    nodes = [of_pack(1, NEW_IN_NEWEST, "comfy-core", ver="0.20.1"), of_pack(2, "KSampler", "comfy-core", ver="0.25.0")]

    core = needs(workflow(nodes, [])).core

    assert (core.least, core.saved_with) == ("0.20.1", ("0.20.1", "0.25.0"))


def test_what_the_oldest_known_version_has_asks_for_none():
    """A node that was saved before says that its type was there by then, and not that it came then."""
    core = needs(workflow([of_pack(1, "KSampler", "comfy-core", ver="0.3.26")], [])).core

    assert (core.least, core.because) == ("0.3.26", ())


def test_types_that_came_later_than_all_known_versions_are_told_so():
    core = needs(prompt("TripoTextureNodeV2")).core

    assert (core.least, core.newer_than, core.because) == (None, KNOWN[-1], ("TripoTextureNodeV2",))


def test_types_that_are_core_s_by_their_word_only_are_told():
    core = needs(workflow([of_pack(1, "Not there yet", "comfy-core")], [])).core

    assert (core.least, core.unknown) == (None, ("Not there yet",))


def test_of_several_files_the_one_that_needs_most_decides():
    core = needs(prompt("KSampler"), prompt(NEW_IN_MIDDLE), prompt("Nobody knows")).core

    assert (core.least, core.because) == (KNOWN[1], (NEW_IN_MIDDLE,))


def test_versions_are_ordered_by_number_and_commits_come_last():
    assert ascending(["0.3.9", "abcdef0", "0.3.10", "1.0", "0.3.9"]) == ("0.3.9", "0.3.10", "1.0", "abcdef0")
