"""What the last line says: what else changed, and that nothing did."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wftools.diff.facts import same
from wftools.diff.story.pieces import Piece, named, said
from wftools.errors import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wftools.diff.inventory import Needs
    from wftools.diff.report import FileDiff
    from wftools.diff.story import Pieces, Story

_COMMIT: Final = re.compile(r"[0-9a-f]{40}")
_COMMIT_DIGITS: Final = 7
_NOTHING: Final = {
    "exec": "no change of what the server would run",
    "semantic": "no change of meaning",
    "layout": "no change of meaning or looks",
    "all": "no change",
}


def tally(file: FileDiff, story: Story, hint: str = " hidden (-v)") -> str:
    """`layout: 12 moved, 3 resized; noise: 41 hidden (-v)`, after what is said if nothing changed at the level.

    Empty for a file that is the same to the byte.
    """
    assert file.comparison is not None
    parts = []
    if not story.chapters:
        if file.is_identical:
            return ""
        parts.append(_NOTHING[file.level])
    looks: dict[str, int] = {}
    for of_class in ("layout", "style"):
        for topic, count in story.untold.get(of_class, {}).items():
            looks[topic] = looks.get(topic, 0) + count
    if looks:
        parts.append("layout: " + _counts(looks))
    updated = sum(story.untold.get("schema", {}).values())
    if updated:
        parts.append(f"definitions: {updated} updated")
    noise = dict(story.untold.get("volatile", {}))
    seeds = noise.pop("seed", 0)
    if seeds:
        parts.append(f"seeds: {seeds} drawn")
    if noise:
        parts.append(f"noise: {sum(noise.values())}{hint}")
    if not story.chapters and len(parts) == 1:
        parts.append(_spelling(file))
    return "; ".join(parts)


def pack_changes(need: Needs) -> Iterator[Pieces]:
    """The packs of custom nodes that came and went or are used in other versions: `+ comfyui-kjnodes 1.1.2`."""
    for name, versions in need.packs_added.items():
        yield said(Piece("+ ", "new"), named(name), f" {_versions(versions)}")
    for name, versions in need.packs_removed.items():
        yield said(Piece("- ", "old"), named(name), f" {_versions(versions)}")
    for name, (old, new) in need.packs_updated.items():
        yield said(named(name), " ", Piece(_versions(old), "old"), " → ", Piece(_versions(new), "new"))


def _versions(versions: Sequence[str]) -> str:
    """The versions that nodes name, commits by their first digits."""
    return "/".join(each[:_COMMIT_DIGITS] if _COMMIT.fullmatch(each) else each for each in versions) or "?"


def _spelling(file: FileDiff) -> str:
    """Why two files are not the same to the byte, although no fact of what was compared changed."""
    assert file.old is not None
    assert file.new is not None
    if file.old.text == file.new.text:
        return "only the file around the workflow differs"
    if same(file.old.tree, file.new.tree):
        return "only formatting differs"
    return "the rest of the files differs" if file.level == "exec" else "only details of its structure differ"


def remark(file: FileDiff) -> str:
    """What is to be said of a file before its changes, or in place of them."""
    if file.is_mixed:
        return "one is a workflow, the other a prompt: compared is what the server would run"
    document = file.new or file.old
    assert document is not None
    tree = document.tree
    nodes = tree if document.form == "api" else tree.get("nodes")
    count = len(nodes) if isinstance(nodes, list | dict) else 0
    return f"{file.status}: {counted(count, 'node')}"


def _counts(topics: Mapping[str, int]) -> str:
    return ", ".join(
        f"{count} {topic.replace('groups', 'group', 1) if count == 1 else topic}"
        for topic, count in sorted(topics.items())
    )
