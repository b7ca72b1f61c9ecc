"""Declarations of nodes: what annotations become, and that nodes are referred to by name.

No `from __future__ import annotations`: the annotations of nodes are read.
"""

import pickle
import subprocess
import sys
from collections.abc import Mapping
from typing import Annotated, Any

import pytest

from wftools.catalog.declare import IMAGE, LAZY, MASK, OPTIONAL, Int, Socket, choice, node
from wftools.catalog.dynamic import Autogrow, DynamicCombo, Match
from wftools.catalog.nodes import NodeTypes
from wftools.catalog.object_info import object_info, signature

Type = Annotated[Any, Match("type", "IMAGE,MASK")]


@node("Everything", category="test", outputs=("same", "choice"))
def everything(
    *,
    images: Annotated[Mapping[str, Any], Autogrow({"image": IMAGE}, prefix="image_", least=2, most=3)],
    letters: Annotated[Mapping[str, Any], Autogrow({"value": Type}, names="ab"), OPTIONAL],
    how: Annotated[
        Mapping[str, Any],
        DynamicCombo(
            {
                "plain": {},
                "deep": {
                    "mask": Annotated[Any, Socket("MASK"), OPTIONAL],
                    "more": DynamicCombo({"x": {"n": Int(0, 9, default=3)}}),
                },
            }
        ),
    ],
    either: Annotated[Type, LAZY],
    old: Annotated[str, choice(("a", "b"), listed=True)] = "b",
) -> tuple[Type, Annotated[str, choice(("x", "y"), listed=True)], MASK]:
    """A node with one input of every kind."""
    return images, letters, how, either, old  # type: ignore[return-value]


EXPECTED = {
    "input": {
        "required": {
            "images": [
                "COMFY_AUTOGROW_V3",
                {
                    "template": {
                        "input": {"required": {"image": ["IMAGE", {}]}},
                        "prefix": "image_",
                        "min": 2,
                        "max": 3,
                    }
                },
            ],
            "how": [
                "COMFY_DYNAMICCOMBO_V3",
                {
                    "options": [
                        {"key": "plain", "inputs": {}},
                        {
                            "key": "deep",
                            "inputs": {
                                "required": {
                                    "more": [
                                        "COMFY_DYNAMICCOMBO_V3",
                                        {
                                            "options": [
                                                {
                                                    "key": "x",
                                                    "inputs": {
                                                        "required": {"n": ["INT", {"min": 0, "max": 9, "default": 3}]}
                                                    },
                                                }
                                            ]
                                        },
                                    ]
                                },
                                "optional": {"mask": ["MASK", {}]},
                            },
                        },
                    ]
                },
            ],
            "either": [
                "COMFY_MATCHTYPE_V3",
                {"lazy": True, "template": {"template_id": "type", "allowed_types": "IMAGE,MASK"}},
            ],
            "old": [["a", "b"], {"default": "b"}],
        },
        "optional": {
            "letters": [
                "COMFY_AUTOGROW_V3",
                {
                    "template": {
                        "input": {
                            "required": {
                                "value": [
                                    "COMFY_MATCHTYPE_V3",
                                    {"template": {"template_id": "type", "allowed_types": "IMAGE,MASK"}},
                                ]
                            }
                        },
                        "names": ["a", "b"],
                        "min": 0,
                    }
                },
            ]
        },
    },
    "output": ["COMFY_MATCHTYPE_V3", ["x", "y"], "MASK"],
    "output_name": ["same", "choice", "MASK"],
    "output_matchtypes": ["type", None, None],
}


def test_annotations_say_all_that_a_server_says() -> None:
    """And what they become reads back as the same."""
    declared = everything.declared.signature  # type: ignore[attr-defined]
    written = object_info(declared)

    assert {key: written[key] for key in EXPECTED} == EXPECTED
    assert signature("Everything", written) == declared


@pytest.mark.parametrize("node_type", sorted(NodeTypes()))
def test_a_node_type_is_pickled_by_name(node_type: str) -> None:
    """What is sent is a name: the same object is found again, and its function need not be picklable otherwise."""
    declared = NodeTypes()[node_type]

    assert pickle.loads(pickle.dumps(declared)) is declared


def test_another_process_finds_the_node_itself() -> None:
    sent = pickle.dumps([NodeTypes()["LoadImage"], NodeTypes()["KSampler"]])
    code = (
        "import pickle, sys\n"
        "nodes = pickle.load(sys.stdin.buffer)\n"
        "print([each.type for each in nodes], callable(nodes[0].changed), 'torch' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], input=sent, capture_output=True, check=True)

    assert done.stdout.decode().strip() == "['LoadImage', 'KSampler'] True False"
