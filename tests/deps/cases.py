"""Workflows that need something, in few words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.graph.cases import node
from wftools.deps import needs_of
from wftools.document import read
from wftools.graph import build

if TYPE_CHECKING:
    from wftools.deps import Needs


def of_pack(id_, type_, cnr_id=None, aux_id=None, ver=None, **more):
    """A node that says which pack it is of."""
    told = {"cnr_id": cnr_id, "aux_id": aux_id, "ver": ver}
    properties = {key: value for key, value in told.items() if value is not None}
    return node(id_, type_, properties={**properties, **more.pop("properties", {})}, **more)


def prompt(node_type, id_="1", **inputs):
    return {id_: {"class_type": node_type, "inputs": inputs}}


def needs(*trees) -> Needs:
    """What some trees need: `a.json`, `b.json` …"""
    names = (f"{letter}.json" for letter in "abcdefgh")
    return needs_of([(name, build(read(json.dumps(tree).encode()))) for name, tree in zip(names, trees, strict=False)])
