"""What makes no difference to a run makes none to what is told of a workflow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.edits import wrapped
from tests.overview.facts import facts
from tests.overview.flows import document
from wftools.convert.to_api import to_api
from wftools.document import read
from wftools.graph import build
from wftools.overview import overview

SAMPLES = sorted((Path(__file__).parents[2] / "sample_workflows").glob("*.json"))
Tree = dict[str, Any]


def told(tree: Tree) -> list[Any]:
    return facts(overview(document(tree)))


def tree_of(path: Path) -> Tree:
    tree: Tree = json.loads(path.read_text("utf-8"))
    return tree


samples = pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)


@samples
def test_the_inside_of_a_subgraph_is_told_like_the_workflow_that_it_was(path: Path) -> None:
    tree = tree_of(path)

    assert told(wrapped(tree)) == told(tree) != []


@samples
def test_a_workflow_is_told_like_its_prompt(path: Path) -> None:
    graph = build(read(path))

    prompt = to_api(graph).prompt

    assert told(prompt) == told(graph.document.tree)


@pytest.mark.slow
def test_a_template_is_told_like_its_prompt_and_like_its_subgraph(templates: list[Path]) -> None:
    """Of those that have types which nobody has recorded, the prompt knows less than the workflow."""
    compared = 0
    for path in templates:
        graph = build(read(path))
        workflow = told(graph.document.tree)
        if not any(node.signature is None for node in graph.flat.nodes.values()):
            prompt = to_api(graph).prompt
            compared += 1
            assert sorted(map(str, told(prompt))) == sorted(map(str, workflow)), path.name
        assert told(wrapped(graph.document.tree)) == workflow, path.name
    assert compared > 400


def through(tree: Tree, kind: str, *, named: bool = False) -> Tree:
    """A workflow with a node of that type on each of its links. `named`: a pair that is joined by a name only."""
    tree = json.loads(json.dumps(tree))
    fresh = max(node["id"] for node in tree["nodes"])
    link = max(row[0] for row in tree["links"])
    by_id = {node["id"]: node for node in tree["nodes"]}
    rows = []
    for id_, source, slot, target, place, of in tree["links"]:
        fresh += 2
        link += 2
        setting = node_of(fresh, "SetNode" if named else kind, [f"v{id_}"] if named else [], (id_, link), of)
        rows.append([id_, source, slot, fresh, 0, of])
        last = setting
        tree["nodes"].append(setting)
        if named:
            setting["outputs"][0]["links"] = []
            last = node_of(fresh + 1, "GetNode", [f"v{id_}"], (None, link), of)
            tree["nodes"].append(last)
        rows.append([link, last["id"], 0, target, place, of])
        by_id[target]["inputs"][place]["link"] = link
    return {**tree, "links": rows, "last_node_id": fresh + 1, "last_link_id": link}


def node_of(id_: int, kind: str, values: list[Any], links: tuple[int | None, int], of: str) -> Tree:
    into, out_of = links
    return {
        "id": id_,
        "type": kind,
        "pos": [0, 0],
        "size": [75, 26],
        "flags": {},
        "order": 0,
        "mode": 0,
        "inputs": [{"name": "", "type": "*", "link": into}] if into is not None else [],
        "outputs": [{"name": "", "type": of, "links": [out_of]}],
        "properties": {},
        "widgets_values": values,
    }


@samples
@pytest.mark.parametrize("kind", ["Reroute", "Reroute (rgthree)", "mxReroute", "SetNode"])
def test_what_only_hands_on_changes_nothing(path: Path, kind: str) -> None:
    tree = tree_of(path)

    assert told(through(tree, kind, named=kind == "SetNode")) == told(tree)


@samples
def test_values_of_primitives_are_told_as_if_they_stood_where_they_are_used(path: Path) -> None:
    tree = tree_of(path)
    changed = json.loads(json.dumps(tree))
    link, fresh = changed["last_link_id"], changed["last_node_id"]
    count = 0
    for node in list(changed["nodes"]):
        named = node.get("widgets_values_named") or {}
        for place, slot in enumerate(node.get("inputs") or ()):
            if slot.get("widget") and slot.get("link") is None and named.get(slot["name"]) is not None:
                link, fresh, count = link + 1, fresh + 1, count + 1
                slot["link"] = link
                primitive = node_of(fresh, "PrimitiveNode", [named[slot["name"]], "fixed"], (None, link), slot["type"])
                primitive["outputs"][0]["widget"] = {"name": slot["name"]}
                changed["nodes"].append(primitive)
                changed["links"].append([link, fresh, 0, node["id"], place, slot["type"]])

    assert count > 5
    assert told(changed) == told(tree)


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        ("PrimitiveInt", {"value": 5}),
        ("Seed (rgthree)", {"seed": 5}),
        ("easy seed", {"seed": 5}),
        ("CR Seed", {"seed": 5}),
        ("ReroutePrimitive|pysssss", {"value": ["n", 0]}),
        ("Any Switch (rgthree)", {"any_01": ["n", 0]}),
        ("A Number That Nobody Knows", {"number": 5}),
    ],
)
def test_numbers_of_nodes_are_told_as_if_they_stood_where_they_are_used(kind: str, inputs: Tree) -> None:
    from tests.overview.flows import prompt

    changed = prompt({"made": [kind, inputs], "n": ["PrimitiveInt", {"value": 5}], "sampler": {"seed": ["made", 0]}})

    assert told(changed)[0]["passes"][0]["settings"]["seed"] == 5
