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


# What no round trip can promise to keep, and no command may stumble over.
odd_text = st.text(max_size=20) | st.sampled_from(
    ["\ud800", "²", "9" * 5000, "\x1b[2J", "\u2028", "57:3:1", ":", "a/b~c"]
)
odd_scalars = st.none() | st.booleans() | integers | st.floats() | odd_text | st.just(10**400)
odd_values: st.SearchStrategy[Any] = st.recursive(
    odd_scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(odd_text, inner, max_size=4),
    max_leaves=12,
)


@st.composite
def odd_objects(draw: st.DrawFn, /, keys: tuple[str, ...], **known: st.SearchStrategy[Any]) -> dict[str, Any]:
    """Objects with some of these keys: `known` ones mostly as they should be, and any value else."""
    chosen = draw(st.lists(st.sampled_from([*keys, *known, *known, *known]), max_size=8))
    return {key: draw(known[key] if key in known and draw(st.integers(0, 5)) else odd_values) for key in chosen}


_types = st.sampled_from(
    ["Reroute", "PrimitiveNode", "Note", "KSampler", "LoadImage", "StringTrim", "SaveImage", "CLIPTextEncode", "Odd"]
)
_ids = st.integers(-20, 9) | st.sampled_from(["1", "2", "57:3", "²", "9" * 5000, 1.5, 10**400])
_definition_ids = st.sampled_from(["inner", "outer", "workflow>g"])
_rows = st.tuples(_ids, _ids, st.integers(-1, 2), _ids, st.integers(-1, 2), st.just("*")).map(list) | odd_objects(
    ("type",), id=_ids, origin_id=_ids, origin_slot=st.integers(-1, 2), target_id=_ids, target_slot=st.integers(-1, 2)
)
_slots = st.lists(
    odd_objects(("label", "shape"), name=odd_text, type=odd_text, link=_ids, links=st.lists(_ids)), max_size=3
)
_odd_nodes = odd_objects(
    ("pos", "size", "flags", "order", "title", "color"),
    id=_ids,
    type=_types | _definition_ids,
    mode=st.sampled_from([0, 2, 4]),
    inputs=_slots,
    outputs=_slots,
    widgets_values=st.lists(odd_values, max_size=4) | st.dictionaries(odd_text, odd_values, max_size=3),
    properties=st.fixed_dictionaries(
        {"proxyWidgets": st.lists(st.tuples(_ids.map(str), odd_text).map(list), max_size=3)}
    ),
)
_odd_definitions = odd_objects(
    ("state", "config", "widgets", "name"),
    id=_definition_ids,
    nodes=st.lists(_odd_nodes, max_size=4),
    links=st.lists(_rows, max_size=5),
    inputs=_slots,
    outputs=_slots,
    groups=odd_values,
)


@st.composite
def odd_workflows(draw: st.DrawFn) -> dict[str, Any]:
    """UI workflows of which any part may be wrong: values, ids, links, subgraphs that hold each other."""
    tree = {
        "nodes": draw(st.lists(_odd_nodes, min_size=1, max_size=6)),
        "links": draw(st.lists(_rows, max_size=6)),
        "definitions": {"subgraphs": draw(st.lists(_odd_definitions, max_size=3))},
        "version": draw(st.sampled_from([0.4, 1])),
    }
    return tree | draw(odd_objects(("nodes", "links", "groups", "definitions", "extra", "version", "state", "config")))


@st.composite
def odd_prompts(draw: st.DrawFn) -> dict[str, Any]:
    """API prompts of which any part may be wrong."""
    ids = st.sampled_from(["1", "2", "3", "57:3", "57:3:1", "57", "²", "9" * 5000, ":", "a/b~c", "", "\ud800"])
    links = st.tuples(ids, st.integers(-1, 3) | odd_scalars).map(list)
    nodes = odd_objects(
        ("is_changed",),
        class_type=_types,
        inputs=st.dictionaries(
            odd_text | st.sampled_from(["image", "seed", "text", "model"]), odd_values | links, max_size=4
        ),
        _meta=odd_objects((), title=odd_scalars),
    )
    return draw(st.dictionaries(ids, nodes | nodes | nodes | odd_values, min_size=1, max_size=6))


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
    nodes: list[dict[str, Any]] = [
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
        pairs = [(min(one, other), max(one, other), *rest) for one, other, *rest in pairs if one != other]  # type: ignore[misc]
    return boxes, [Edge(str(one), str(other), *rest) for one, other, *rest in pairs]
