"""What is said of inputs that nodes feed without a link that the file has."""

from __future__ import annotations

import json

import pytest

from tests.graph.cases import node, workflow
from wftools.convert.to_api import to_api
from wftools.document import read
from wftools.graph import build

LOAD = node(1, "LoadImage", outputs=["IMAGE"], values=["a.png", "image"])
OTHER = node(2, "LoadImage", outputs=["IMAGE"], values=["b.png", "image"])
SAVE = node(9, "SaveImage", [("images", "IMAGE", None)], values=["x"])


def everywhere(id_, link, **more):
    return node(id_, "Anything Everywhere", [("anything", "IMAGE", link)], **more)


def said(nodes, links):
    made = to_api(build(read(json.dumps(workflow(nodes, links)).encode())))
    assert made.lost == ()
    return list(made.warnings)


@pytest.mark.parametrize(
    ("nodes", "links", "messages"),
    [
        ([LOAD, {**SAVE, "inputs": [{"name": "images", "type": "IMAGE", "link": 1}]}], [[1, 1, 0, 9, 0, "IMAGE"]], []),
        (
            [LOAD, everywhere(5, 1), SAVE],
            [[1, 1, 0, 5, 0, "IMAGE"]],
            [
                "node 5 (Anything Everywhere) broadcasts, and its links are in the prompt: "
                "to input 'images' of node 9 (SaveImage)"
            ],
        ),
        (
            [LOAD, OTHER, everywhere(5, 1), everywhere(6, 2), SAVE],
            [[1, 1, 0, 5, 0, "IMAGE"], [2, 2, 0, 6, 0, "IMAGE"]],
            [
                "nodes 5 (Anything Everywhere) and 6 (Anything Everywhere) broadcast IMAGE alike to "
                "input 'images' of node 9 (SaveImage), so it gets nothing"
            ],
        ),
        (
            [
                LOAD,
                everywhere(5, 1, properties={"ue_properties": {"version": "7.8", "title_regex": r"(a)\1"}}),
                SAVE,
            ],
            [[1, 1, 0, 5, 0, "IMAGE"]],
            [
                "node 5 (Anything Everywhere) broadcasts nothing, since its pattern '(a)\\\\1' is not searched for: "
                "it refers back to a group"
            ],
        ),
        (
            [
                node(3, "GetNode", [], ["IMAGE"], ["canvas"]),
                {**SAVE, "inputs": [{"name": "images", "type": "IMAGE", "link": 1}]},
            ],
            [[1, 3, 0, 9, 0, "IMAGE"]],
            ["node 3 (GetNode) gets 'canvas', which nothing sets, and leaves inputs without a link: 9.images"],
        ),
        (
            [
                node(3, "PresetText|pysssss", [], ["STRING"], ["sharp"]),
                node(4, "CLIPTextEncode", [("clip", "CLIP", None), ("*text", "STRING", 1)], ["CONDITIONING"], ["old"]),
            ],
            [[1, 3, 0, 4, 1, "STRING"]],
            [
                "node 3 (PresetText|pysssss) gives the preset 'sharp', whose text is in its user's browser and not in "
                "the file; what the inputs had is kept: 4.text"
            ],
        ),
    ],
)
def test_each_node_that_feeds_in_its_own_way_is_one_message(nodes, links, messages):
    assert said(nodes, links) == messages


def test_a_reader_of_a_preset_keeps_the_text_that_the_file_has():
    preset = node(3, "PresetText", [], ["STRING"], ["sharp"])
    text = node(4, "CLIPTextEncode", [("*text", "STRING", 1)], ["CONDITIONING"], ["old"])

    made = to_api(build(read(json.dumps(workflow([preset, text], [[1, 3, 0, 4, 0, "STRING"]])).encode())))

    assert made.prompt["4"]["inputs"] == {"text": "old"}
