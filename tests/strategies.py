"""Hypothesis strategies: what workflow files may hold."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from wftools.layout import Box, Edge

# Half surrogate pairs are left out: JSON can escape them, a UTF-8 file cannot hold them (a test of its own has them).
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
integers = st.integers(-(2**70), 2**70)
floats = st.floats(allow_nan=False, allow_infinity=False)
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | integers | floats | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=20,
)
json_objects = st.dictionaries(text, json_values, max_size=6)


@st.composite
def api_prompts(draw: st.DrawFn) -> dict[str, Any]:
    """API prompts with any literals and any links, unknown keys included."""
    ids = draw(st.lists(st.integers(1, 99).map(str), min_size=1, max_size=6, unique=True))
    links = st.tuples(st.sampled_from(ids), st.integers(0, 3)).map(list)
    inputs = st.dictionaries(text, json_values | links, max_size=4)
    return {
        id_: {"class_type": draw(text), "inputs": draw(inputs), **draw(st.dictionaries(text, json_values, max_size=2))}
        for id_ in ids
    }


@st.composite
def ui_workflows(draw: st.DrawFn) -> dict[str, Any]:
    """UI workflows, version 0.4, of nodes with one input and one output, and any links between them."""
    ids = draw(st.lists(st.integers(1, 99), min_size=1, max_size=8, unique=True))
    types = st.sampled_from(["Reroute", "PreviewAny", "StringTrim", "PrimitiveString", "Note", "CustomThing"])
    nodes = [
        {
            "id": id_,
            "type": draw(types),
            "mode": draw(st.sampled_from([0, 0, 0, 2, 4])),
            "inputs": [],
            "outputs": [{"name": "OUT", "type": "*", "links": []}],
            "widgets_values": draw(st.lists(json_values, max_size=3)),
        }
        for id_ in ids
    ]
    rows = []
    for number, node in enumerate(nodes, 1):
        source = draw(st.sampled_from([None, *ids]))
        node["inputs"].append({"name": "in", "type": "*", "link": number if source is not None else None})
        if source is not None:
            rows.append([number, source, 0, node["id"], 0, "*"])
    return {
        "last_node_id": 99,
        "last_link_id": 99,
        "nodes": nodes,
        "links": rows,
        "extra": draw(json_objects),
        "version": 0.4,
    }


@st.composite
def spelled(draw: st.DrawFn, trees: st.SearchStrategy[Any]) -> str:
    """A tree as JSON text in one of the spellings that editors and tools write."""
    indent = draw(st.sampled_from([None, 0, 1, 2, 4, "\t"]))
    separators = None if indent is not None else draw(st.sampled_from([None, (",", ":")]))
    escape = draw(st.booleans())
    return json.dumps(draw(trees), indent=indent, separators=separators, ensure_ascii=escape) + draw(
        st.sampled_from(["", "\n"])
    )


@st.composite
def layout_graphs(draw: st.DrawFn, *, acyclic: bool = False) -> tuple[list[Box], list[Edge]]:
    """Boxes of any size and edges between any of them; `acyclic`: from earlier ones to later ones only."""
    sizes = draw(st.lists(st.tuples(st.integers(1, 500), st.integers(1, 500)), min_size=1, max_size=25))
    boxes = [Box(str(number), width, height) for number, (width, height) in enumerate(sizes)]
    numbers = st.integers(0, len(boxes) - 1)
    pairs = draw(st.lists(st.tuples(numbers, numbers, st.integers(0, 60), st.integers(0, 60)), max_size=40))
    if acyclic:
        pairs = [(min(one, other), max(one, other), *rest) for one, other, *rest in pairs if one != other]
    return boxes, [Edge(str(one), str(other), *rest) for one, other, *rest in pairs]
