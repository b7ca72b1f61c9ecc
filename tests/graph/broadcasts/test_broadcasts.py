"""Links that no file has: what is broadcast, to whom, and what of several an input gets."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.graph.cases import node, subgraph, workflow
from wftools.document import read
from wftools.graph import NodePath, build
from wftools.lint import Linter

MODEL = node(1, "UNETLoader", outputs=["MODEL"], values=["a.safetensors", "default"])
OTHER = node(2, "UNETLoader", outputs=["MODEL"], values=["b.safetensors", "default"])


def sampler(id_: int = 9, model: int | None = None, **more: Any) -> Any:
    slots = [("model", "MODEL", model), ("positive", "CONDITIONING", None), ("negative", "CONDITIONING", None)]
    values = [7, "fixed", 20, 8, "euler", "normal", 1]
    return node(id_, "KSampler", [*slots, ("latent_image", "LATENT", None)], ["LATENT"], values, **more)


def everywhere(id_: int, *links: tuple[str, int], type_: str = "Anything Everywhere", **more: Any) -> Any:
    """A broadcaster of version 7; its settings are keywords, but for those of nodes."""
    of_node = {key: more.pop(key) for key in ("mode", "pos", "size", "color", "title") if key in more}
    inputs = [(f"anything{place or ''}", kind, link) for place, (kind, link) in enumerate(links)]
    made = node(id_, type_, inputs, properties={"ue_properties": {"version": "7.8", **more}}, **of_node)
    for slot, (kind, _) in zip(made["inputs"], links, strict=True):
        slot["label"] = kind
    return made


def old(id_: int, link: int, type_: str = "Anything Everywhere?", values: Any = None, **properties: Any) -> Any:
    return node(id_, type_, [("anything", "*", link)], values=values or [], properties=properties)


FROM_1, FROM_2 = [1, 1, 0, 5, 0, "MODEL"], [2, 2, 0, 6, 0, "MODEL"]


def graph_of(nodes: list[Any], links: list[Any], **more: Any):
    return build(read(json.dumps(workflow(nodes, links, **more)).encode()))


def fed(nodes: list[Any], links: list[Any], path: str = "9", name: str = "model", **more: Any) -> Any:
    """What an input is given."""
    return graph_of(nodes, links, **more).flat.nodes[NodePath(path)].values.get(name)


@pytest.mark.parametrize("type_", ["Anything Everywhere", "Anything Everywhere?", "Anything Everywhere3"])
def test_what_a_node_is_given_goes_to_every_unlinked_input_of_its_type(type_):
    nodes = [MODEL, everywhere(5, ("MODEL", 1), type_=type_), sampler(9), sampler(10)]

    flat = graph_of(nodes, [FROM_1]).flat

    assert flat.nodes[NodePath("9")].values["model"] == ["1", 0]
    assert flat.nodes[NodePath("10")].values["model"] == ["1", 0]
    assert "latent_image" not in flat.nodes[NodePath("9")].values
    assert flat.nodes[NodePath("5")].values["anything"] == ["1", 0]  # it stays in the prompt
    assert flat.nodes[NodePath("9")].given["model"].pointer == "/nodes/1/inputs/0"


def test_a_linked_input_keeps_its_link():
    nodes = [MODEL, OTHER, everywhere(5, ("MODEL", 1)), sampler(9, model=3)]

    assert fed(nodes, [FROM_1, [3, 2, 0, 9, 0, "MODEL"]]) == ["2", 0]


def test_an_input_that_is_linked_to_a_bypassed_dead_end_is_open():
    dead = node(3, "LoraLoaderModelOnly", [("model", "MODEL", None)], ["MODEL"], ["l", 1], mode=4)
    nodes = [MODEL, dead, everywhere(5, ("MODEL", 1)), sampler(9, model=3)]

    assert fed(nodes, [FROM_1, [3, 3, 0, 9, 0, "MODEL"]]) == ["1", 0]


def test_the_source_is_looked_for_through_bypassed_nodes_and_reroutes():
    lora = node(3, "LoraLoaderModelOnly", [("model", "MODEL", 3)], ["MODEL"], ["l", 1], mode=4)
    point = node(4, "Reroute", [("", "*", 1)], ["MODEL"])
    nodes = [MODEL, point, lora, everywhere(5, ("MODEL", 2)), sampler(9)]
    links = [[1, 1, 0, 4, 0, "*"], [3, 4, 0, 3, 0, "MODEL"], [2, 3, 0, 5, 0, "MODEL"]]

    assert fed(nodes, links) == ["1", 0]


@pytest.mark.parametrize(
    "nodes",
    [
        [MODEL, everywhere(5, ("MODEL", 1), mode=2), sampler(9)],
        [MODEL, everywhere(5, ("MODEL", 1), mode=4), sampler(9)],
        [{**MODEL, "mode": 2}, everywhere(5, ("MODEL", 1)), sampler(9)],
        [MODEL, everywhere(5, ("MODEL", 1)), sampler(9, properties={"rejects_ue_links": True})],
        [
            MODEL,
            everywhere(5, ("MODEL", 1)),
            sampler(9, properties={"ue_properties": {"version": "7.8", "input_ue_unconnectable": {"model": True}}}),
        ],
    ],
)
def test_what_is_off_or_closed_takes_no_part(nodes):
    assert fed(nodes, [FROM_1]) is None


TITLED: Any = {"title": "Main sampler"}


@pytest.mark.parametrize(
    ("settings", "is_fed"),
    [
        ({"title_regex": "^Main"}, True),
        ({"title_regex": "^main"}, False),
        ({"title_regex": "^main", "title_regex_invert": True}, True),
        ({"title_regex": ".*"}, True),
        ({"title_regex": "("}, True),  # the pack leaves out what is no pattern
        ({"input_regex": "^mod"}, True),
        ({"input_regex": "odl"}, False),
        ({"input_regex": "odl", "input_regex_invert": True}, True),
        ({"group_regex": "left"}, True),
        ({"group_regex": "right"}, False),
        ({"group_restricted": 1}, False),
        ({"group_restricted": 2}, True),
        ({"group_restricted": 1, "pos": [10, 400]}, True),
        ({"group_restricted": 2, "pos": [10, 400]}, False),
        ({"color_restricted": 1}, False),
        ({"color_restricted": 2}, True),
        ({"color_restricted": 1, "color": "#232"}, True),
    ],
)
def test_a_broadcast_reaches_what_its_rules_let_it(settings, is_fed):
    groups = [
        {"title": "left", "bounding": [0, 0, 300, 900]},
        {"title": "right", "bounding": [500, 0, 300, 900]},
    ]
    receiver = sampler(9, pos=[10, 100], size=[200, 100], color="#232", **TITLED)
    sender = everywhere(5, ("MODEL", 1), **{"pos": [510, 100], "size": [200, 50], **settings})

    assert (fed([MODEL, sender, receiver], [FROM_1], groups=groups) is not None) is is_fed


@pytest.mark.parametrize("title", ["KSampler", "^Save Image$", "^SaveImage$"])
def test_a_node_without_a_title_goes_by_its_name_or_its_type(title):
    image = node(1, "LoadImage", outputs=["IMAGE"], values=["a.png", "image"])
    nodes = [image, everywhere(5, ("IMAGE", 1), title_regex=title), node(9, "SaveImage", [("images", "IMAGE", None)])]

    found = fed(nodes, [[1, 1, 0, 5, 0, "IMAGE"]], name="images")

    assert found == (None if title == "KSampler" else ["1", 0])


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ({}, {}, None),
        ({"priority": 11}, {}, ["1", 0]),
        ({"priority": 5}, {}, ["2", 0]),
        ({}, {"title_regex": "Sampler"}, ["2", 0]),
        ({"group_restricted": 2}, {"color_restricted": 1}, ["2", 0]),
        ({"title_regex": "Sampler"}, {"group_restricted": 2, "color_restricted": 1}, ["1", 0]),
        ({"title_regex": "Sampler"}, {"input_regex": "model"}, None),
    ],
)
def test_of_several_broadcasts_the_one_with_the_highest_priority_is_made(first, second, found):
    nodes = [MODEL, OTHER, everywhere(5, ("MODEL", 1), **first), everywhere(6, ("MODEL", 2), **second), sampler(9)]

    assert fed(nodes, [FROM_1, FROM_2]) == found


@pytest.mark.parametrize(
    ("rule", "labels", "found"),
    [
        (0, ("model", "x"), ["1", 0]),
        (0, ("Model", "model"), ["2", 0]),
        (0, ("mod", "x"), None),
        (1, ("mod", "x"), ["1", 0]),
        (1, ("x", "model_2"), ["2", 0]),
        (2, ("x", "del"), ["2", 0]),
        (3, ("Main sampler", "x"), ["1", 0]),
        (4, ("^mo?d", "^m$"), ["1", 0]),
    ],
)
def test_of_one_node_that_sends_a_type_twice_the_names_decide(rule, labels, found):
    sender = everywhere(5, ("MODEL", 1), ("MODEL", 2), repeated_type_rule=rule)
    for slot, label in zip(sender["inputs"], labels, strict=True):
        slot["label"] = label
    links = [FROM_1, [2, 2, 0, 5, 1, "MODEL"]]

    assert fed([MODEL, OTHER, sender, sampler(9, **TITLED)], links) == found


def test_names_decide_of_a_single_one_if_its_user_says_so():
    sender = everywhere(5, ("MODEL", 1), apply_to_unrepeated=1)

    assert fed([MODEL, sender, sampler(9)], [FROM_1]) is None


def test_a_name_that_is_no_pattern_is_nobodys():
    sender = everywhere(5, ("MODEL", 1), apply_to_unrepeated=1, repeated_type_rule=4)
    sender["inputs"][0]["label"] = "("

    assert fed([MODEL, sender, sampler(9)], [FROM_1]) is None


def test_what_is_sent_twice_has_priority_and_what_else_that_node_sends_as_well():
    twice = everywhere(5, ("MODEL", 1), ("LATENT", 3), ("LATENT", 4))
    latents = [node(id_, "EmptyLatentImage", outputs=["LATENT"], values=[64, 64, 1]) for id_ in (3, 4)]
    links = [FROM_1, [3, 3, 0, 5, 1, "LATENT"], [4, 4, 0, 5, 2, "LATENT"], FROM_2]

    assert fed([MODEL, OTHER, *latents, twice, everywhere(6, ("MODEL", 2)), sampler(9)], links) == ["1", 0]


def text(id_, value):
    return node(id_, "CLIPTextEncode", [("clip", "CLIP", None)], ["CONDITIONING"], [value])


INTO_PROMPTS = [[1, 3, 0, 5, 0, "CONDITIONING"], [2, 4, 0, 5, 1, "CONDITIONING"]]


@pytest.mark.parametrize(
    ("labels", "properties"),
    [
        (("positive", "negative"), {"ue_properties": {"version": "7.8"}}),
        (("+ve", "-ve"), {}),
    ],
)
def test_prompts_go_to_what_is_positive_and_what_is_negative(labels, properties):
    slots = [(label, "CONDITIONING", link) for label, link in zip(labels, (1, 2), strict=True)]
    nodes = [text(3, "a cat"), text(4, "bad"), node(5, "Prompts Everywhere", slots, properties=properties), sampler(9)]

    values = graph_of(nodes, INTO_PROMPTS).flat.nodes[NodePath("9")].values

    assert (values["positive"], values["negative"]) == (["3", 0], ["4", 0])


@pytest.mark.parametrize(("labels", "version"), [(("+ve", "-ve"), None), (("positive", "negative"), "7.8")])
def test_a_negative_prompt_alone_stays_negative(labels, version):
    slots = [(labels[0], "CONDITIONING", None), (labels[1], "CONDITIONING", 2)]
    properties = {"ue_properties": {"version": version}}
    nodes = [text(4, "bad"), node(5, "Prompts Everywhere", slots, properties=properties), sampler(9)]

    values = graph_of(nodes, INTO_PROMPTS[1:]).flat.nodes[NodePath("9")].values

    assert (values.get("positive"), values["negative"]) == (None, ["4", 0])


def opened(name: str, **more: Any) -> Any:
    """A sampler whose widget its user opened."""
    made = sampler(9, **more)
    made["inputs"].append({"name": name, "type": "INT", "link": None, "widget": {"name": name}})
    return made


SEEDS = node(5, "Seed Everywhere", [], ["INT"], [42, "fixed"])


@pytest.mark.parametrize(
    ("properties", "extra", "found"),
    [
        ({"ue_properties": {"version": "7.8", "widget_ue_connectable": {"seed": True}}}, {}, ["5", 0]),
        ({"ue_properties": {"version": "7.8", "widget_ue_connectable": {}}}, {}, 7),
        ({"widget_ue_connectable": {"seed": True}}, {}, ["5", 0]),
        ({}, {}, ["5", 0]),  # before editor 1.16, a widget had a slot only if it was to be linked
        ({}, {"frontendVersion": "1.23.4"}, 7),
    ],
)
def test_a_widget_gets_a_broadcast_only_if_it_was_opened(properties, extra, found):
    assert fed([SEEDS, opened("seed", properties=properties)], [], name="seed", extra=extra) == found


def test_a_seed_goes_to_what_is_called_so():
    properties = {"widget_ue_connectable": {"seed": True, "steps": True}}
    nodes = [SEEDS, opened("steps", properties=properties)]

    assert fed(nodes, [], name="steps") == 20
    assert graph_of(nodes, []).flat.nodes[NodePath("5")].values == {"seed": 42}


def test_a_converted_seed_node_sends_its_own_value():
    settings = {"version": "7.8", "seed_inputs": True, "input_regex": "seed"}
    number = node(5, "PrimitiveInt", [], ["INT"], [42], properties={"ue_convert": True, "ue_properties": settings})
    properties = {"ue_properties": {"version": "7.8", "widget_ue_connectable": {"seed": True}}}

    assert fed([number, opened("seed", properties=properties)], [], name="seed") == ["5", 0]


@pytest.mark.parametrize(("kept", "found"), [({}, ["1", 0]), ({"MODEL": True}, None)])
def test_a_converted_node_sends_its_outputs(kept, found):
    settings = {"version": "7.8", "output_not_broadcasting": kept}
    sender = {**MODEL, "properties": {"ue_convert": True, "ue_properties": settings}}

    assert fed([sender, sampler(9)], []) == found


@pytest.mark.parametrize(("to_any", "found"), [(0, None), (1, ["1", 0])])
def test_inputs_that_take_anything_get_it_if_the_sender_says_so(to_any, found):
    nodes = [MODEL, everywhere(5, ("MODEL", 1), send_to_any=to_any), node(9, "PreviewAny", [("source", "*", None)])]

    assert fed(nodes, [FROM_1], name="source") == found


@pytest.mark.parametrize(("to_combo", "found"), [(0, "euler"), (1, ["1", 0])])
def test_menus_get_texts_if_the_sender_says_so(to_combo, found):
    word = node(1, "PrimitiveString", outputs=["STRING"], values=["dpmpp_2m"])
    receiver = sampler(9, properties={"widget_ue_connectable": {"sampler_name": True}})
    receiver["inputs"].append(
        {"name": "sampler_name", "type": "COMBO", "link": None, "widget": {"name": "sampler_name"}}
    )
    nodes = [word, everywhere(5, ("STRING", 1), string_to_combo=to_combo), receiver]

    assert fed(nodes, [[1, 1, 0, 5, 0, "STRING"]], name="sampler_name") == found


def test_before_version_7_the_patterns_are_its_values():
    nodes = [MODEL, OTHER, old(5, 1, values=["Main", ".*", ".*"]), old(6, 2, values=["Other"]), sampler(9, **TITLED)]

    assert fed(nodes, [FROM_1, FROM_2]) == ["1", 0]


def test_before_version_7_restrictions_stand_on_the_node():
    nodes = [MODEL, old(5, 1, "Anything Everywhere", color_restricted=1), sampler(9, color="#111")]

    assert fed(nodes, [FROM_1]) is None


# The record


def record(**changes: Any) -> dict[str, Any]:
    link = {
        "downstream": 9,
        "downstream_slot": 0,
        "upstream": "1",
        "upstream_slot": 0,
        "controller": 5,
        "type": "MODEL",
    }
    return {"ue_links": [link | changes]}


def test_the_packs_own_record_comes_before_the_rules():
    nodes = [MODEL, OTHER, everywhere(5, ("MODEL", 1)), everywhere(6, ("MODEL", 2)), sampler(9)]

    given = graph_of(nodes, [FROM_1, FROM_2], extra=record()).flat.nodes[NodePath("9")].given["model"]

    assert (given.value, given.pointer) == (["1", 0], "/extra/ue_links/0")


@pytest.mark.parametrize(
    "changes",
    [
        {"downstream": 99},
        {"downstream_slot": 99},
        {"upstream": "99"},
        {"upstream_slot": None},
        {"controller": 99},
        {"downstream_slot": "x"},
    ],
)
def test_a_record_of_what_is_not_there_is_not_followed(changes):
    nodes = [MODEL, everywhere(5, ("MODEL", 1)), sampler(9)]

    assert fed(nodes, [FROM_1], extra=record(**changes)) is None


def test_a_record_knows_which_widgets_were_open():
    number = node(1, "PrimitiveInt", [], ["INT"], [42])
    recorded = record(downstream_slot=4, type="INT") | {"frontendVersion": "1.30.0"}
    nodes = [number, everywhere(5, ("INT", 1)), opened("seed")]

    assert fed(nodes, [[1, 1, 0, 5, 0, "INT"]], name="seed", extra=recorded) == ["1", 0]


def test_a_record_replaces_no_link():
    nodes = [MODEL, OTHER, everywhere(5, ("MODEL", 1)), sampler(9, model=3)]

    assert fed(nodes, [FROM_1, [3, 2, 0, 9, 0, "MODEL"]], extra=record()) == ["2", 0]


# Subgraphs


def test_each_graph_is_looked_at_by_itself():
    inner = subgraph("inner", [sampler(9)], [])
    nodes = [MODEL, everywhere(5, ("MODEL", 1)), node(30, "inner")]

    assert fed(nodes, [FROM_1], "30:9", definitions={"subgraphs": [inner]}) is None


def test_what_comes_into_a_subgraph_is_broadcast_inside_it():
    inner = subgraph(
        "inner",
        [everywhere(5, ("MODEL", 1)), sampler(9)],
        [(1, -10, 0, 5, 0, "MODEL")],
        inputs=[("model", "MODEL", [1])],
    )
    nodes = [MODEL, node(30, "inner", [("model", "MODEL", 1)])]
    links = [[1, 1, 0, 30, 0, "MODEL"]]

    assert fed(nodes, links, "30:9", definitions={"subgraphs": [inner]}) == ["1", 0]


def test_an_unlinked_output_of_a_subgraph_gets_it_too():
    inner = subgraph(
        "inner", [MODEL, everywhere(5, ("MODEL", 1))], [(1, 1, 0, 5, 0, "MODEL")], outputs=[("model", "MODEL", [])]
    )
    nodes = [node(30, "inner", [], ["MODEL"]), sampler(9, model=2)]

    assert fed(nodes, [[2, 30, 0, 9, 0, "MODEL"]], definitions={"subgraphs": [inner]}) == ["30:1", 0]


def test_an_instance_gets_it_for_what_is_inside():
    inner = subgraph("inner", [sampler(9, model=1)], [(1, -10, 0, 9, 0, "MODEL")], inputs=[("model", "MODEL", [1])])
    nodes = [MODEL, everywhere(5, ("MODEL", 1)), node(30, "inner", [("model", "MODEL", None)])]

    assert fed(nodes, [FROM_1], "30:9", definitions={"subgraphs": [inner]}) == ["1", 0]


def test_the_value_of_a_primitive_is_broadcast_as_a_value():
    number = node(1, "PrimitiveNode", [], ["INT"], [42, "fixed"])
    properties = {"widget_ue_connectable": {"seed": True}}
    nodes = [number, everywhere(5, ("INT", 1)), opened("seed", properties=properties)]

    assert fed(nodes, [[1, 1, 0, 5, 0, "INT"]], name="seed") == 42


# What is found


def test_nodes_that_feed_each_other_by_broadcasts_are_found():
    lora = node(3, "LoraLoaderModelOnly", [("model", "MODEL", None)], ["MODEL"], ["l", 1])
    other = node(4, "LoraLoaderModelOnly", [("model", "MODEL", 2)], ["MODEL"], ["l", 1])
    nodes = [lora, other, everywhere(5, ("MODEL", 1)), sampler(9)]
    tree = workflow(nodes, [[1, 4, 0, 5, 0, "MODEL"], [2, 3, 0, 4, 0, "MODEL"]])

    assert "G602" in {each.code for each in Linter().lint(json.dumps(tree).encode())}


def test_an_input_that_two_nodes_feed_alike_says_so():
    nodes = [MODEL, OTHER, everywhere(5, ("MODEL", 1)), everywhere(6, ("MODEL", 2)), sampler(9)]
    found = Linter().lint(json.dumps(workflow(nodes, [FROM_1, FROM_2])).encode())

    hints = [each.hint for each in found if each.code == "N105" and "'model'" in each.message]

    assert hints == [
        "connect it: nodes 5 (Anything Everywhere) and 6 (Anything Everywhere) broadcast MODEL alike to input "
        "'model' of node 9 (KSampler)"
    ]
