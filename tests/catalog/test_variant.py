"""Which pack and which version a saved node is of, by its own word and by what fits."""

from __future__ import annotations

import json
from typing import Any

import pytest

from wftools.catalog.lookup import Catalogue
from wftools.catalog.signature import Origin
from wftools.catalog.variant import NOTHING, Claimed
from wftools.document import read
from wftools.graph import build
from wftools.lint.examples import ui, ui_node

IMPACT = Origin("comfyui-impact-pack", "ComfyUI-Impact-Pack", "ltdrdata/ComfyUI-Impact-Pack", "7.10.6", "727295b52e0a")


@pytest.mark.parametrize(
    ("told", "claimed"),
    [
        ({"cnr_id": "comfy-core", "ver": "0.3.14", "Node name for S&R": "x"}, Claimed("comfy-core", ver="0.3.14")),
        ({"aux_id": "kijai/ComfyUI-KJNodes", "ver": "abc"}, Claimed(aux_id="kijai/ComfyUI-KJNodes", ver="abc")),
        ({"cnr_id": 7, "aux_id": ["a"], "ver": None}, NOTHING),
        ([], NOTHING),
        (None, NOTHING),
    ],
)
def test_what_a_node_says_of_its_pack(told: Any, claimed: Claimed) -> None:
    assert Claimed.by(told) == claimed


@pytest.mark.parametrize(
    ("claimed", "closeness"),
    [
        (Claimed("comfyui-impact-pack"), 2),
        (Claimed("ComfyUI-Impact-Pack"), 2),
        (Claimed(aux_id="LTDRDATA/comfyui-impact-pack"), 2),
        (Claimed(aux_id="somebody/ComfyUI-Impact-Pack"), 1),
        (Claimed("comfyui-impact-subpack"), 0),
        (Claimed("comfy-core"), 0),
        (NOTHING, 0),
    ],
)
def test_how_surely_a_pack_is_meant(claimed: Claimed, closeness: int) -> None:
    assert claimed.closeness(IMPACT) == closeness


@pytest.mark.parametrize(
    ("ver", "is_it"),
    [
        ("7.10.6", True),
        ("v7.10.6", True),
        ("727295b52e0a", True),
        ("727295b52e", True),
        ("727295b", True),
        ("72729", False),  # any number may begin so
        ("7.10", False),
        ("nightly", False),
        ("", False),
    ],
)
def test_the_version_of_the_facts_is_named_by_number_or_commit(ver: str, is_it: bool) -> None:
    assert Claimed("comfyui-impact-pack", ver=ver).is_version_of(IMPACT) is is_it
    assert not Claimed("another-pack", ver=ver).is_version_of(IMPACT)


def _signature(node: dict[str, Any]) -> Any:
    document = read(json.dumps(ui([node], [])).encode())
    (found,) = build(document, Catalogue()).flat.nodes.values()
    return found.signature


@pytest.mark.parametrize("pack", ["was-ns", "was-node-suite-comfyui"])
def test_of_two_packs_with_one_type_the_node_s_own_word_decides(pack: str) -> None:
    node = ui_node(1, "Number to Int", properties={"cnr_id": pack})

    assert _signature(node).origin.pack == pack


def test_a_prompt_says_it_in_its_notes() -> None:
    prompt = {
        "1": {"class_type": "Number to Int", "inputs": {}, "_meta": {"cnr_id": "was-ns"}},
        "2": {"class_type": "Number to Int", "inputs": {}, "_meta": {"aux_id": "WASasquatch/was-node-suite-comfyui"}},
    }

    nodes = build(read(json.dumps(prompt).encode()), Catalogue()).flat.nodes.values()

    assert [node.claimed.cnr_id for node in nodes] == ["was-ns", ""]
    assert [node.signature.origin.pack for node in nodes] == ["was-ns", "was-node-suite-comfyui"]


def test_of_two_packs_what_fits_counts_where_the_node_says_nothing() -> None:
    pictures = ui_node(1, "Combine Masks", [("image1", "IMAGE", 7)], values=["union", "yes", "yes"])
    masks = ui_node(1, "Combine Masks", [("mask_a", "MASK", 7)])

    assert _signature(pictures).origin.pack == "masquerade-nodes-comfyui"
    assert _signature(masks).origin.pack == "was-node-suite-comfyui"
    own_word = {"properties": {"cnr_id": "masquerade-nodes-comfyui"}}
    assert _signature(masks | own_word).origin.pack == "masquerade-nodes-comfyui"


def test_what_a_pack_had_before_counts_only_where_what_it_has_today_cannot_be_it() -> None:
    """A wrong value is no reason to take an old signature, by which nothing is wrong: a wrong number of values is."""
    today = ui_node(1, "KSampler (Efficient)", values=[1, None, -7, 7.0, "euler", "normal", 1.0, "auto", "true"])
    older = today | {"widgets_values": ["Sample", 1, "randomize", 20, 7.0, "euler", "normal", 1.0, "auto", "true"]}

    assert not _signature(today).is_older
    assert _signature(older).is_older
    assert _signature(older).inputs[0].name == "sampler_state"
