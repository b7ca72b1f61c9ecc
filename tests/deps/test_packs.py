"""Which packs workflows need."""

from __future__ import annotations

import pytest

from tests.deps.cases import needs, of_pack, prompt
from tests.graph.cases import node, subgraph, workflow
from wftools.catalog.lookup import shipped
from wftools.deps.packs import PACKS_OF_EDITOR_TYPES
from wftools.graph.authored.editor_types import EDITOR_TYPES

KJ = "comfyui-kjnodes"


def told(tree):
    return {pack.name: (pack.repository, pack.versions, pack.is_said) for pack in needs(tree).packs}


def test_nodes_say_their_packs():
    nodes = [
        of_pack(1, "Nobody knows", cnr_id="a-pack", ver="1.2.0"),
        of_pack(2, "Nor this", cnr_id="a-pack", ver="1.10.0"),
        of_pack(3, "Cloned", aux_id="somebody/ComfyUI-Own", ver="0123456789abcdef0123456789abcdef01234567"),
        of_pack(4, "KSampler", cnr_id="comfy-core", ver="0.3.40"),
    ]

    assert told(workflow(nodes, [])) == {
        "a-pack": ("", ("1.2.0", "1.10.0"), True),
        "somebody/ComfyUI-Own": ("somebody/ComfyUI-Own", ("0123456789abcdef0123456789abcdef01234567",), True),
    }


def test_a_pack_is_one_whether_its_id_or_its_repository_is_said():
    nodes = [
        of_pack(1, "New type of theirs", cnr_id="ComfyUI-KJNodes", ver="1.1.0"),
        of_pack(2, "ImageResizeKJv2", aux_id="kijai/ComfyUI-KJNodes", ver="abcdef0123"),
        node(3, "GetImageSizeAndCount"),
    ]

    (pack,) = needs(workflow(nodes, [])).packs

    assert (pack.id, pack.repository, pack.versions) == (KJ, "kijai/ComfyUI-KJNodes", ("1.1.0", "abcdef0123"))
    assert [use.node for use in pack.uses] == ["1", "2", "3"]


def test_a_node_that_says_both_tells_which_pack_a_repository_is():
    nodes = [
        of_pack(1, "One", aux_id="Somebody/Own"),
        of_pack(2, "Other", cnr_id="own-pack", aux_id="somebody/own"),
    ]

    (pack,) = needs(workflow(nodes, [])).packs

    assert (pack.id, pack.types) == ("own-pack", ["One", "Other"])


def test_a_fork_is_another_pack():
    (pack,) = needs(workflow([of_pack(1, "ImageResizeKJv2", aux_id="somebody/ComfyUI-KJNodes")], [])).packs

    assert (pack.id, pack.repository) == ("", "somebody/ComfyUI-KJNodes")


def test_what_says_nothing_is_known_by_its_type():
    assert told(prompt("ImageResizeKJv2")) == {KJ: ("kijai/ComfyUI-KJNodes", (), False)}


def test_prompts_say_packs_too():
    tree = {"1": {"class_type": "Nobody knows", "inputs": {}, "_meta": {"cnr_id": "a-pack", "ver": "2.0.0"}}}

    assert told(tree) == {"a-pack": ("", ("2.0.0",), True)}


def test_of_packs_with_one_type_the_one_that_other_nodes_name_is_meant():
    silent, speaking = node(1, "Load Lora"), of_pack(2, "Text String", cnr_id="was-ns", ver="3.0.0")

    (alone,) = needs(workflow([silent], [])).packs
    (together,) = needs(workflow([silent, speaking], [])).packs

    assert {alone.id, *alone.others} >= {"was-ns", "was-node-suite-comfyui"}
    assert (together.id, len(together.uses), together.others) == ("was-ns", 2, ())


def test_types_of_nobody_are_told_with_their_nodes():
    inner = subgraph("inside", [node(5, "Nobody knows")], [])
    tree = workflow([node(1, "inside"), node(2, "Nobody knows")], [], definitions={"subgraphs": [inner]})

    (unknown,) = needs(tree).unknown

    assert (unknown.type, [use.node for use in unknown.uses]) == ("Nobody knows", ["1:5", "2"])


def test_nodes_in_group_nodes_count():
    group = {"nodes": [{"type": "ImageResizeKJv2", "index": 0, "properties": {}}], "links": []}
    tree = workflow([node(1, "workflow>both")], [], extra={"groupNodes": {"both": group}})

    assert list(told(tree)) == [KJ]
    assert needs(tree).unknown == ()


def test_what_is_off_or_for_editing_needs_its_pack_to_load():
    nodes = [node(1, "ImageResizeKJv2", mode=2), node(2, "Bookmark (rgthree)"), node(3, "SetNode"), node(4, "Note")]

    found = needs(workflow(nodes, []))

    assert {pack.id: {use.role for use in pack.uses} for pack in found.packs} == {
        KJ: {"off", "editor"},
        "rgthree-comfy": {"editor"},
    }
    assert found.unknown == ()


def test_files_of_early_2025_say_the_versions_of_packs_once():
    tree = workflow([node(1, "ImageResizeKJv2")], [], extra={"node_versions": {KJ: "1.0.5", "comfy-core": "0.3.12"}})

    found = needs(tree)

    assert [(pack.id, pack.versions, pack.types) for pack in found.packs] == [(KJ, ("1.0.5",), ["ImageResizeKJv2"])]
    assert found.core.saved_with == ("0.3.12",)


@pytest.mark.parametrize("odd", [5, [], {"cnr_id": 5}, {"cnr_id": ["a"], "ver": {}}, {"aux_id": None}])
def test_malformed_words_are_no_words(odd):
    tree = workflow([node(1, "ImageResizeKJv2", properties=odd)], [], extra={"node_versions": odd})

    assert told(tree) == {KJ: ("kijai/ComfyUI-KJNodes", (), False)}


def test_every_type_of_the_editor_has_a_pack_or_is_comfyui_s():
    for name, each in EDITOR_TYPES.items():
        assert each.is_core or name in PACKS_OF_EDITOR_TYPES or shipped().variants(name), name
