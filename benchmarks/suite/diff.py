"""Real versions of templates, and one large graph, against what others take to compare the same JSON by its structure.

The peers are deepdiff and graphtage (`pip install wftools[bench]`); what is not installed is left out with a word. Both
compare lists by place or by content and know nothing of nodes, so that they say more and find less.
"""

from __future__ import annotations

import copy
import json
import random
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import click

from benchmarks.measure import Result, compare, here
from benchmarks.templates import side_by_side
from tests.diff.copies import renumbered
from tests.versions import pairs
from wftools.diff.compare import compare as compare_versions
from wftools.diff.version import Version
from wftools.document import read

if TYPE_CHECKING:
    from collections.abc import Callable

Texts = tuple[str, str]

NODES = 1100
EDITED = 40
SMALL = 8_000  # characters: graphtage fails on some that are larger


def run() -> list[Result]:
    """Reading both versions and comparing them, in this process."""
    real = [(item.texts["old"], item.texts["new"]) for item in pairs()]
    small = [texts for texts in real if max(map(len, texts)) <= SMALL]
    tree = side_by_side(NODES)
    edited, other_ids = (json.dumps(each) for each in (_edited(tree), renumbered(tree, random.Random(0))))
    large = json.dumps(tree)
    return [
        *_beside("deepdiff", _deepdiff, f"diff {len(real)} pairs of versions", real),
        *_beside("graphtage", _graphtage, f"diff the {len(small)} small ones of them", small),
        *_beside("deepdiff", _deepdiff, f"diff {NODES} nodes, {EDITED} of them edited", [(large, edited)]),
        *_beside("deepdiff", _deepdiff, f"diff {NODES} nodes, all renumbered", [(large, other_ids)]),
    ]


def _beside(peer: str, work: Callable[[str, str], object], what: str, texts: list[Texts]) -> list[Result]:
    if find_spec(peer) is None:
        click.echo(f"{what}: not beside {peer}, which is not installed", err=True)
        return []

    def each(diff: Callable[[str, str], object]) -> float:
        return here(lambda: [diff(old, new) for old, new in texts]) / len(texts)

    return [compare(what, partial(each, _ours), peer, partial(each, work), turns=3)]


def _ours(old: str, new: str) -> object:
    return compare_versions(Version.of(read(old.encode())), Version.of(read(new.encode()))).at("semantic")


def _deepdiff(old: str, new: str) -> object:
    from deepdiff import DeepDiff

    return DeepDiff(json.loads(old), json.loads(new))


def _graphtage(old: str, new: str) -> object:
    from graphtage.json import build_tree
    from graphtage.printer import DEFAULT_PRINTER

    DEFAULT_PRINTER.quiet = True
    return build_tree(json.loads(old)).diff(build_tree(json.loads(new)))


def _edited(tree: Any) -> Any:
    """The same with some values changed and those nodes moved."""
    tree = copy.deepcopy(tree)
    for node in random.Random(0).sample(tree["nodes"], EDITED):
        node["pos"] = [0, 0]
        if isinstance(node.get("widgets_values"), list):
            node["widgets_values"] = ["edited", *node["widgets_values"][1:]]
    return tree
