"""Node types that are gone: what the server puts in their place, and what is said of it."""

from __future__ import annotations

import json

import pytest

from tests.lint.test_server_verdicts import recorded
from wftools.catalog.lookup import Catalogue, newest, shipped
from wftools.catalog.replacements import REPLACEMENTS
from wftools.catalog.target import target
from wftools.convert.to_api import to_api
from wftools.document import read
from wftools.document.edit import edited
from wftools.graph import NodePath, build
from wftools.graph.replacing import replacement_of, with_replacements
from wftools.lint import ERROR, WARNING, Linter
from wftools.lint.examples import api_node, picture, ui, ui_node

META = {"_meta": {"title": "x"}}
ADAPTER = api_node("T2IAdapterLoader", t2i_adapter_name="depth.pth") | META
IMAGE_TO_VIDEO = {
    "clip_vision": ["7", 0],
    "init_image": ["1", 0],
    "vae": ["8", 2],
    "width": 64,
    "height": 64,
    "video_frames": 2,
    "motion_bucket_id": 1,
    "fps": 6,
    "augmentation_level": 0.0,
}
SEVERAL = picture(
    n3=ADAPTER,
    n4=api_node("ControlNetApply", conditioning=["5", 0], control_net=["3", 0], image=["1", 0], strength=1.0) | META,
    n5=api_node("SDV_img2vid_Conditioning", **IMAGE_TO_VIDEO) | META,
)


def _document(tree):
    return read(json.dumps(tree).encode(), "flow.json")


@pytest.mark.parametrize("old", REPLACEMENTS)
def test_the_table_is_about_types_and_inputs_that_there_are(old):
    new = newest().signature(REPLACEMENTS[old].type)

    assert new is not None
    assert new.versions == ("0.33.0",)
    for name in (*REPLACEMENTS[old].inputs, *REPLACEMENTS[old].values):
        assert new.input(name.partition(".")[0]) is not None
    kept = newest().signature(old)
    assert kept is None or all(kept.input(name) is not None for name in REPLACEMENTS[old].inputs.values())


@pytest.mark.parametrize(
    ("node_type", "version", "is_replaced"),
    [
        ("T2IAdapterLoader", None, True),
        ("T2IAdapterLoader", "0.33.0", True),
        ("T2IAdapterLoader", "0.8.0", False),  # its server has no such table
        ("ImageBatch", None, False),  # it is still there
        ("Load3DAnimation", None, True),
        ("Load3DAnimation", "0.3.64", False),
        ("SomebodysNode", None, False),
    ],
)
def test_what_is_gone_is_replaced(node_type, version, is_replaced):
    known = Catalogue(target=target(version)) if version else shipped()

    assert (replacement_of(node_type, known) is not None) == is_replaced


def test_the_server_gives_what_is_mapped_and_nothing_else():
    graph = build(_document(SEVERAL), newest())

    view = with_replacements(graph.flat, newest())

    adapter, apply, video = (view.nodes[NodePath(path)] for path in "345")
    assert (adapter.type, adapter.values) == ("ControlNetLoader", {"control_net_name": "depth.pth"})
    assert (video.type, video.values) == ("SVD_img2vid_Conditioning", {})
    assert apply is graph.flat.nodes[NodePath("4")]


def test_a_replaced_node_is_a_warning_where_the_workflow_runs_and_an_error_where_it_does_not():
    found = [each for each in Linter().lint_document(_document(SEVERAL)) if each.code == "N107"]

    assert [(each.node, each.severity) for each in found] == [("3", WARNING), ("5", ERROR)]
    assert "without its inputs" in found[1].message
    assert not [each for each in Linter().lint_document(_document(SEVERAL)) if each.code == "N101"]


@pytest.mark.parametrize(
    ("node", "said"),
    [
        ({key: value for key, value in ADAPTER.items() if key != "_meta"}, "it has no _meta"),
        (api_node("T2IAdapterLoader") | META, "it lacks t2i_adapter_name"),
    ],
)
def test_what_the_server_fails_on_is_an_error(node, said):
    (found,) = (each for each in Linter().lint_document(_document(picture(n3=node))) if each.code == "N107")

    assert found.severity is ERROR
    assert said in found.message


@pytest.mark.parametrize(
    ("number", "is_taken"),
    [(0, True), (1, False), (2, False), (3, False), (4, False)],
)
def test_what_a_server_answers_to_a_prompt_with_a_type_that_is_gone(number, is_taken):
    """Recorded of ComfyUI 0.33.0 over HTTP: whether it said that all of the prompt would run."""
    name = f"api/N57_replaced_class_name/{number:03}.json"
    (prompt,) = (row["prompt"] for row in recorded()["rows"] if row["file"] == name)

    found = Linter(Catalogue(target=target("0.33.0"))).lint_document(_document(prompt))

    assert [each for each in found if each.code == "N107"]
    assert (not [each for each in found if each.severity is ERROR]) == is_taken


def test_the_fix_keeps_all_that_the_node_was_given():
    document = _document(SEVERAL)
    for each in Linter().lint_document(document):
        document = edited(document, each.fix)

    assert document.tree["3"]["class_type"] == "ControlNetLoader"
    assert document.tree["3"]["inputs"] == {"control_net_name": "depth.pth"}
    assert document.tree["5"] == SEVERAL["5"] | {"class_type": "SVD_img2vid_Conditioning"}
    assert not [each for each in Linter().lint_document(document) if each.code == "N107"]


def test_values_of_a_node_that_is_gone_have_their_names():
    """The editor sends the node as it is, and the server replaces it."""
    loader = ui_node(3, "T2IAdapterLoader", outputs=[("CONTROL_NET", [])], values=["depth.pth"])

    converted = to_api(build(_document(ui([loader], [])), newest()))

    assert converted.prompt["3"]["class_type"] == "T2IAdapterLoader"
    assert converted.prompt["3"]["inputs"] == {"t2i_adapter_name": "depth.pth"}
    assert converted.warnings == ()
