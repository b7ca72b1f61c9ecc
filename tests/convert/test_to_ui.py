"""API prompt to UI workflow: a file from which the same prompt comes out again."""

from __future__ import annotations

import json
import lzma
from datetime import datetime
from functools import cache
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given

from tests.conftest import DATA
from tests.convert.cases import CASES, join, node, show, text
from tests.convert.rebuilding import back, document, editor, rebuilt
from tests.strategies import api_prompts
from wftools.catalog.lookup import newest
from wftools.convert.to_api import to_api
from wftools.convert.to_ui import to_ui
from wftools.document import read
from wftools.graph import build

MIDNIGHT = datetime(2026, 1, 1)

# Prompts that cannot come out as they were, each with the reason.
EXPLAINED = {
    "type_special": "a node without a type, which the editor cannot have",
    "type_whitespace": "a node without a type, which the editor cannot have",
}


@cache
def oracle(name: str) -> dict[str, Any]:
    with lzma.open(DATA / "oracle" / f"{name}.json.xz", "rt", encoding="utf-8") as stream:
        return {case: each["api"] for case, each in json.load(stream).items() if each.get("api")}


def graphs(workflow):
    """The root and the definitions of a workflow, links as objects."""
    keys = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
    root = {**workflow, "links": [dict(zip(keys, row, strict=True)) for row in workflow["links"]]}
    return [root, *workflow.get("definitions", {}).get("subgraphs", ())]


@pytest.mark.parametrize(
    ("collection", "name"),
    [
        (collection, name)
        for collection in ("templates", "mutations", "edge")
        for name in oracle(collection)
        if name not in EXPLAINED
    ],
)
def test_the_prompts_of_the_real_editor_come_out_as_they_were(collection, name):
    prompt = oracle(collection)[name]

    made = rebuilt(prompt)

    assert back(made.workflow) == prompt
    assert not [warning for warning in made.warnings if "node " in warning.split(":")[0]]


@pytest.mark.parametrize("name", EXPLAINED)
def test_what_cannot_be_kept_is_said(name):
    assert any("is not kept" in warning for warning in rebuilt(oracle("edge")[name]).warnings)


@pytest.mark.slow
@pytest.mark.parametrize("known", [editor(), newest()], ids=["0.33.0 alone", "by default"])
def test_ui_to_api_to_ui_to_api_is_stable(templates, known):
    """Over all official templates."""
    unstable = []
    for path in templates:
        prompt = to_api(build(read(path), known), now=MIDNIGHT).prompt
        if not prompt:
            continue
        workflow = to_ui(build(document(prompt), known)).workflow
        again = to_api(build(document(workflow), known), now=MIDNIGHT).prompt
        same = to_ui(build(document(again), known)).workflow == workflow
        if again != prompt or not same:
            unstable.append(path.stem)

    assert not unstable


@given(api_prompts())
def test_any_prompt_becomes_a_workflow_that_stays_as_it_is(prompt):
    """Whatever is in a prompt: what comes out of the workflow comes out of the workflow that is made of it."""
    once = back(rebuilt(prompt).workflow)

    if once:
        assert back(rebuilt(once).workflow) == once


@pytest.mark.parametrize("prompt", [pytest.param(prompt, id=name) for name, prompt in CASES.items()])
def test_ids_of_subgraphs_come_out_as_they_were(prompt):
    made = rebuilt(prompt)

    assert {id_: each["inputs"] for id_, each in back(made.workflow).items()} == {
        id_: each["inputs"] for id_, each in prompt.items()
    }
    is_unfolded = any(":" in str(each["id"]) for each in made.workflow["nodes"])
    assert ["whole ids" in warning for warning in made.warnings] == [True] * is_unfolded


@pytest.mark.parametrize(
    ("name", "definitions"),
    [
        ("one instance", 1),
        ("two instances of one definition", 1),
        ("two instances with values of their own", 1),
        ("an instance in an instance", 2),
        ("two instances in two instances", 2),
        ("one id in two definitions", 1),
        ("one id in the root and in a definition", 0),
        ("a node and an instance of one id", 0),
    ],
)
def test_instances_share_definitions_where_they_can(name, definitions):
    assert len(graphs(rebuilt(CASES[name]).workflow)) == 1 + definitions


def test_a_link_that_leads_to_several_members_comes_in_once():
    prompt = {
        "9": text("x"),
        "57:3": join(["9", 0], ["9", 0]),
        "57:4": join(["9", 0], ["57:3", 0]),
        "1": show(["57:4", 0]),
    }

    _, inside = graphs(rebuilt(prompt).workflow)

    assert [len(each["linkIds"]) for each in inside["inputs"]] == [3]


def test_nodes_that_cannot_be_folded_stand_in_a_frame_under_their_whole_ids():
    workflow = rebuilt(CASES["one id in the root and in a definition"]).workflow

    (frame,) = workflow["groups"]
    inside = next(each for each in workflow["nodes"] if each["id"] == "57:3")
    left, top, width, height = frame["bounding"]
    assert left < inside["pos"][0] < left + width - inside["size"][0]
    assert top < inside["pos"][1] < top + height - inside["size"][1]


def test_the_order_of_keys_in_the_prompt_has_no_influence():
    def turned(tree):
        return {key: turned(tree[key]) for key in reversed(tree)} if isinstance(tree, dict) else tree

    prompt = CASES["two instances in two instances"]

    assert rebuilt(turned(prompt)).workflow == rebuilt(prompt).workflow


@pytest.mark.parametrize("name", list(oracle("templates"))[::12])
def test_links_slots_and_counters_agree(name):
    workflow = rebuilt(oracle("templates")[name]).workflow

    ids = [link["id"] for graph in graphs(workflow) for link in graph["links"]]
    assert len(set(ids)) == len(ids)
    assert workflow["last_link_id"] == max(ids, default=0)
    assert workflow["last_node_id"] >= max(n["id"] for graph in graphs(workflow) for n in graph["nodes"])
    for graph in graphs(workflow):
        nodes = {each["id"]: each for each in graph["nodes"]}
        from_slots = {
            (link, each["id"], slot)
            for each in graph["nodes"]
            for slot, output in enumerate(each["outputs"])
            for link in output["links"] or ()
        }
        into_slots = {
            (slot["link"], each["id"], index)
            for each in graph["nodes"]
            for index, slot in enumerate(each["inputs"])
            if slot["link"] is not None
        }
        assert from_slots == {
            (row["id"], row["origin_id"], row["origin_slot"]) for row in graph["links"] if row["origin_id"] in nodes
        }
        assert into_slots == {
            (row["id"], row["target_id"], row["target_slot"]) for row in graph["links"] if row["target_id"] in nodes
        }


@pytest.mark.parametrize("name", list(oracle("templates"))[::12])
def test_nodes_are_ranked_and_placed_along_the_flow(name):
    """Of a graph without cycles: a node stands right of what feeds it, and runs after it."""
    for graph in graphs(rebuilt(oracle("templates")[name]).workflow):
        nodes = {each["id"]: each for each in graph["nodes"]}
        assert sorted(each["order"] for each in graph["nodes"]) == list(range(len(nodes)))
        for link in graph["links"]:
            source, after = nodes.get(link["origin_id"]), nodes.get(link["target_id"])
            if source and after and not _is_circle(graph, link):
                assert source["pos"][0] + source["size"][0] < after["pos"][0]
                assert source["order"] < after["order"]


def _is_circle(graph, link):
    """Whether a way leads from the end of a link back to its start."""
    waiting, seen = [link["target_id"]], set()
    while waiting:
        here = waiting.pop()
        if here == link["origin_id"]:
            return True
        if here not in seen:
            seen.add(here)
            waiting += [each["target_id"] for each in graph["links"] if each["origin_id"] == here]
    return False


def test_ids_that_the_editor_makes_at_random_are_the_same_each_time():
    workflow = rebuilt(CASES["an instance in an instance"]).workflow

    assert workflow == rebuilt(CASES["an instance in an instance"]).workflow
    assert all(UUID(graph["id"]) for graph in graphs(workflow))


def the_node(prompt):
    return next(each for each in rebuilt(prompt).workflow["nodes"] if each["id"] == 1)


def test_widgets_stand_in_the_editor_s_order_with_their_companions():
    made = the_node(
        {
            "1": node(
                "KSampler",
                model=["9", 0],
                denoise=1.0,
                steps=20,
                seed=7,
                cfg=8.0,
                scheduler="karras",
                sampler_name="euler",
            )
        }
    )

    assert made["widgets_values"] == [7, "fixed", 20, 8.0, "euler", "karras", 1.0]
    assert list(made["widgets_values_named"].items())[1] == ("control_after_generate", "fixed")


def test_a_choice_of_files_has_its_button():
    made = the_node({"1": node("LoadImage", image="a.png", upload="image")})

    assert made["widgets_values"] == ["a.png", "image"]


def test_the_inputs_of_a_chosen_option_stand_behind_it():
    made = the_node(
        {
            "1": node(
                "SaveVideo",
                video=["9", 0],
                filename_prefix="a",
                **{"format": "mp4", "format.codec": "h264"},
                codec="auto",
            )
        }
    )

    assert list(made["widgets_values_named"])[:3] == ["filename_prefix", "format", "format.codec"]


def test_rows_of_an_autogrow_input_are_slots():
    prompt = {
        "1": node("BatchImagesNode", **{"images.image0": ["2", 0], "images.image1": ["3", 1]}),
        "2": node("LoadImage", image="a.png"),
        "3": node("LoadImage", image="b.png"),
    }

    made = the_node(prompt)

    assert [(slot["name"], slot["type"]) for slot in made["inputs"]] == [
        ("images.image0", "IMAGE"),
        ("images.image1", "IMAGE"),
    ]


def test_a_linked_widget_is_a_slot_and_keeps_its_place():
    made = the_node({"1": node("PrimitiveInt", value=["2", 0]), "2": node("PrimitiveInt", value=3)})

    assert made["inputs"] == [{"name": "value", "type": "INT", "widget": {"name": "value"}, "link": 1}]
    assert len(made["widgets_values"]) == 2


def test_a_wrapped_list_is_unwrapped():
    made = the_node({"1": node("PrimitiveString", value={"__value__": [1, 2]})})

    assert made["widgets_values"] == [[1, 2]]


def test_large_seeds_are_kept_to_the_last_digit():
    made = the_node({"1": node("RandomNoise", noise_seed=2**64 - 1)})

    assert made["widgets_values"][0] == 2**64 - 1


def test_titles_are_kept_where_they_are_not_the_usual_ones():
    prompt = {
        "1": {**text("a"), "_meta": {"title": "Greeting"}},
        "2": {**show(["1", 0]), "_meta": {"title": "Preview as Text"}},
    }

    first, second = rebuilt(prompt).workflow["nodes"]

    assert first["title"] == "Greeting"
    assert "title" not in second


def test_the_origin_of_a_node_type_is_kept():
    made = the_node({"1": {**text("a"), "_meta": {"title": "x", "cnr_id": "comfy-core", "ver": "0.33.0"}}})

    assert made["properties"] == {"Node name for S&R": "PrimitiveString", "cnr_id": "comfy-core", "ver": "0.33.0"}


def test_a_switch_has_the_type_of_what_it_is_given():
    prompt = {
        "1": node("ComfySwitchNode", on_false=["2", 0], switch=True),
        "2": node("LoadImage", image="a.png"),
        "3": show(["1", 0]),
    }

    made = the_node(prompt)

    assert made["outputs"][0]["type"] == "IMAGE"
    assert next(slot["type"] for slot in made["inputs"] if slot["name"] == "on_false") == "IMAGE"


def test_an_unknown_type_keeps_what_the_prompt_says_of_it():
    prompt = {
        "1": node("Unheard Of", seed=5, text="a", image=["2", 1]),
        "2": node("LoadImage", image="a.png"),
        "3": show(["1", 2]),
    }

    made = rebuilt(prompt)

    assert {id_: each["inputs"] for id_, each in back(made.workflow).items()} == {
        id_: each["inputs"] for id_, each in prompt.items()
    }
    assert the_node(prompt)["widgets_values"] == [5, "fixed", "a"]  # the editor gives every seed a control
    assert len(the_node(prompt)["outputs"]) == 3
    assert "Unheard Of" in made.warnings[0]


@pytest.mark.parametrize(
    ("inputs", "warning"),
    [
        ({"value": "a", "nonsense": 3}, "'nonsense' is left out"),
        ({"value": ["99", 0]}, "linked to node 99"),
        ({"value": "a", "upload": "image"}, None),
    ],
)
def test_what_is_not_kept_is_said(inputs, warning):
    warnings = rebuilt({"1": node("PrimitiveString", **inputs)}).warnings

    assert (warnings and warning in warnings[0]) if warning else not warnings


def test_a_workflow_is_given_back_as_it_is():
    workflow = rebuilt({"1": text("a")}).workflow

    assert to_ui(build(document(workflow), editor())).workflow == workflow


def test_a_slot_number_beyond_all_reason_makes_no_outputs():
    made = rebuilt({"1": text("a"), "2": show(["1", 10**9])})

    assert len(made.workflow["nodes"][0]["outputs"]) == 1
    assert "the link of 'source' to output" in made.warnings[0]


def test_a_very_deep_id_is_kept_whole():
    deep = ":".join(["7"] + [str(number) for number in range(100, 400)])

    workflow = rebuilt({deep: text("a"), "1": show([deep, 0])}).workflow

    assert {each["id"] for each in workflow["nodes"]} == {1, deep}


def test_many_instances_take_time_in_proportion():
    """A thousand instances that disagree with the first are unfolded at once, not one after another."""
    prompt = {}
    for number in range(1, 1000):
        prompt[f"{number}:9000"] = text("x")
        prompt[f"{number}:9001"] = join([f"{number if number % 2 else 1}:9000", 0], "y")

    ids = [each["id"] for each in rebuilt(prompt).workflow["nodes"]]

    assert all(one != other for one, other in pairwise(ids))


def test_deep_instances_with_many_outputs_take_no_exponential_time():
    """A node thirty subgraphs down, of which each has several outputs."""
    deep = ":".join(str(number) for number in range(101, 131))
    prompt = {deep: node("LoadImage", image="a.png")}
    prompt.update({str(number): show([deep, number % 2]) for number in range(1, 5)})

    made = rebuilt(prompt)

    assert back(made.workflow).keys() == prompt.keys()
    assert len(graphs(made.workflow)) == 30
