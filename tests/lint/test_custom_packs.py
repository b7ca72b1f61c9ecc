"""Nodes of the packs that are shipped: judged by facts of one version, and that is said."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from wftools.catalog.literals import literal
from wftools.catalog.lookup import Catalogue, catalogue
from wftools.catalog.packs import INDEX, pack
from wftools.catalog.signature import COMBO, NodeSignature
from wftools.catalog.target import target
from wftools.document import read
from wftools.graph import NodePath, build
from wftools.graph.widget_values import bind
from wftools.lint import ERROR, WARNING, Linter
from wftools.lint.examples import api_node, picture, subgraph, ui, ui_node

EFFICIENCY = {"cnr_id": "efficiency-nodes-comfyui"}
THE_VERSION = {"cnr_id": "efficiency-nodes-comfyui", "ver": "1.0.9"}


def _found(tree: dict[str, Any], known: Catalogue | None = None) -> list[Any]:
    return Linter(known or Catalogue()).lint(json.dumps(tree).encode())


def _codes(tree: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(each.code, each.severity) for each in _found(tree)]


def _shown(**node: Any) -> dict[str, Any]:
    """A prompt in which that node makes the picture."""
    return picture(n3=node, n2=api_node("SaveImage", images=["3", 0], filename_prefix="a"))


def _canny(*, said: dict[str, str] | None = None, **values: Any) -> dict[str, Any]:
    return _shown(**api_node("CannyEdgePreprocessor", image=["1", 0], **values), _meta=said or {})


@pytest.mark.parametrize(
    ("said", "severity", "hint"),
    [
        (None, WARNING, "by facts of comfyui_controlnet_aux 1.1.5"),
        ({"cnr_id": "comfyui_controlnet_aux", "ver": "1.0.1"}, WARNING, ", the file says 1.0.1"),
        ({"aux_id": "somebody/elses", "ver": "1.1.5"}, WARNING, ", the file says somebody/elses 1.1.5"),
        ({"cnr_id": "comfyui_controlnet_aux", "ver": "1.1.5"}, ERROR, None),
        ({"aux_id": "Fannovel16/comfyui_controlnet_aux", "ver": "e8b689a513c3"}, ERROR, None),
    ],
)
@pytest.mark.parametrize(("value", "code"), [(-1, "V402"), (300, "V403"), ("wide", "V401"), ([1], "V407")])
def test_a_wrong_value_is_an_error_only_if_the_facts_are_of_the_node_s_own_version(said, severity, hint, value, code):
    (found,) = [each for each in _found(_canny(said=said, low_threshold=value)) if each.node == "3"]

    assert (found.code, found.severity) == (code, severity)
    assert hint is None or hint in found.hint
    assert hint is not None or "facts" not in (found.hint or "")


@pytest.mark.parametrize("known", [catalogue(target=target("0.33.0")), catalogue(target=target("0.3.64"))])
def test_a_target_names_no_version_of_a_pack(known):
    found = _found(_canny(low_threshold=-1), known)

    assert [(each.code, each.severity) for each in found] == [("V402", WARNING)]


def test_a_given_object_info_is_the_word_of_a_server(tmp_path):
    path = tmp_path / "info.json"
    entry = {"input": {"required": {"low_threshold": ["INT", {"min": 0}]}}, "output": ["IMAGE"]}
    path.write_text(json.dumps({"CannyEdgePreprocessor": {**entry, "python_module": "custom_nodes.aux"}}))

    found = _found(_canny(low_threshold=-1), catalogue([str(path)]))

    assert ("V402", ERROR) in [(each.code, each.severity) for each in found]


def test_what_a_core_node_lacks_stays_an_error_beside_nodes_of_packs():
    tree = _canny() | {"5": api_node("SaveImage", filename_prefix="b")}

    assert _codes(tree) == [("N105", ERROR)]


@pytest.mark.parametrize(
    "node",
    [
        api_node("ImpactSwitch", select=2, sel_mode=False, input1=["1", 0], input2=["1", 0], input12=["1", 0]),
        api_node("ImageBatchMulti", inputcount=3, image_1=["1", 0], image_2=["1", 0], image_3=["1", 0]),
        api_node("Any Switch (rgthree)", any_01=["1", 0], any_07=["1", 0], whatever=["1", 0]),
        api_node(
            "VHS_VideoCombine",
            images=["1", 0],
            frame_rate=8,
            loop_count=0,
            filename_prefix="a",
            format="video/h264-mp4",
            pingpong=False,
            save_output=True,
            pix_fmt="yuv420p",
            crf=19,
            videopreview={"hidden": False},
        ),
        api_node(
            "Power Lora Loader (rgthree)",
            PowerLoraLoaderHeaderWidget={"type": "PowerLoraLoaderHeaderWidget"},
            lora_1={"on": True, "lora": "a.safetensors", "strength": 1},
        ),
        api_node("UltralyticsDetectorProvider", model_name="bbox/face_yolov8m.pt"),
        api_node("CLIPLoaderGGUF", clip_name="t5.gguf", type="flux2"),
        api_node("BrushNetLoader", brushnet="anything at all", dtype="float16"),
        api_node("Basic data handling: ListCreateFromInt", item_0=1, item_1=""),
        api_node("CheckpointNameSelector", ckpt_name="xl/base.safetensors"),
        api_node("Image Comparer (rgthree)", image_a=["1", 0], rgthree_comparer={"images": []}),
    ],
)
def test_what_a_pack_takes_beyond_its_declaration_is_no_finding(node):
    assert _codes(picture(n3=node)) == []


def test_names_that_are_nearly_declared_and_links_that_go_nowhere_are_told_of():
    near = _found(_canny(low_treshold=100))
    link = _found(_canny(mask=["1", 0]))

    assert [(each.code, each.severity) for each in (*near, *link)] == [("N104", WARNING)] * 2
    assert near[0].hint == "did you mean 'low_threshold'?; by facts of comfyui_controlnet_aux 1.1.5"


def test_a_choice_that_is_not_offered_is_a_warning_with_what_is():
    found = _found(_shown(**api_node("IPAdapterUnifiedLoader", model=["1", 0], preset="PLUS (high strenght)")))

    choice = next(each for each in found if each.code == "V404")
    assert choice.severity is WARNING
    assert "did you mean 'PLUS (high strength)'?" in choice.hint


@pytest.mark.parametrize(
    ("source", "slot", "target_input", "fits"),
    [
        (api_node("CheckpointNameSelector", ckpt_name="a.safetensors"), 0, "ckpt_name", True),  # the same list
        (api_node("CheckpointNameSelector", ckpt_name="a.safetensors"), 1, "ckpt_name", False),  # a text
        (api_node("ImpactSwitch", select=1, sel_mode=False), 0, "ckpt_name", True),  # *
    ],
)
def test_lists_of_files_fit_lists_of_files(source, slot, target_input, fits):
    loader = api_node("CheckpointLoaderSimple", **{target_input: ["4", slot]})
    decoded = api_node("VAEDecode", samples=["6", 0], vae=["3", 2])
    latent = api_node("EmptyLatentImage", width=64, height=64, batch_size=1)
    saved = api_node("SaveImage", images=["5", 0], filename_prefix="a")

    assert ("T301" in [code for code, _ in _codes(picture(n2=saved, n3=loader, n4=source, n5=decoded, n6=latent))]) is (
        not fits
    )


def test_a_link_of_the_wrong_type_from_a_pack_is_a_warning():
    found = _found(picture(n3=api_node("Text Multiline", text="a"), n2=api_node("SaveImage", images=["3", 0])))

    (link,) = [each for each in found if each.code == "T301"]
    assert link.severity is WARNING
    assert "by facts of was-n" in link.hint or "by facts of was-node-suite-comfyui" in link.hint


SAMPLER = ("randomize", 20, 7.0, "euler", "normal", 1.0, "auto", "true")


def test_of_an_older_signature_names_and_types_are_known_and_nothing_else():
    """Neither ranges nor choices, nor whether an input is required today."""
    older = ui_node(1, "KSampler (Efficient)", values=["Sample", -5, *SAMPLER], properties=EFFICIENCY)

    assert _codes(ui([older], [])) == []


def test_what_the_node_s_own_version_asks_for_is_an_error_and_what_the_file_has_no_slot_for_came_later():
    def lacking(properties: dict[str, str]) -> Any:
        slots: list[Any] = [("model", "MODEL", None), ("positive", "CONDITIONING", None)]
        node = ui_node(1, "KSampler (Efficient)", slots, values=[5, *SAMPLER], properties=properties)
        return {each.pointer: each.severity for each in _found(ui([node], [])) if each.code == "N105"}

    assert lacking(EFFICIENCY) == {"/nodes/0/inputs/0": WARNING, "/nodes/0/inputs/1": WARNING}
    assert lacking(THE_VERSION) == {"/nodes/0/inputs/0": ERROR, "/nodes/0/inputs/1": ERROR, "/nodes/0": ERROR}


def test_a_prompt_that_lacks_what_came_later_is_of_an_older_version():
    assert _codes(picture(n3=api_node("ImpactSwitch", select=1, input1=["1", 0]))) == []
    assert _codes(picture(n3=api_node("ImpactSwitch", select=0, sel_mode=True))) == [("V402", WARNING)]


OPENED = """
import sys

opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
from wftools.lint import Linter

for path in sys.argv[1:]:
    Linter().lint(path)
print(*(path for path in opened if "custom" in path and "packs" in path), sep="\\n")
print(*(name for name in ("near", "nodes", "packs.known") if f"wftools.catalog.{name}" in sys.modules))
"""


@pytest.mark.slow
def test_a_file_of_core_nodes_opens_nothing_of_a_custom_pack(tmp_path):
    def opened(tree: dict[str, Any]) -> str:
        path = tmp_path / "flow.json"
        path.write_text(json.dumps(tree))
        done = subprocess.run([sys.executable, "-c", OPENED, path], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    nodes = [ui_node(1, "Note", values=["x"]), ui_node(2, "Reroute"), ui_node(3, "KSampler"), ui_node(4, "sub")]
    inside = subgraph("sub", [ui_node(5, "SaveImage")], [])

    assert opened(ui(nodes, [], definitions=inside)) == ""
    of_one = opened(ui([ui_node(1, "CannyEdgePreprocessor")], []))
    assert "comfyui_controlnet_aux" in of_one
    assert "comfyui-impact-pack" not in of_one


TYPES = sorted(pack(INDEX).types())


@st.composite
def saved_nodes(draw: st.DrawFn) -> tuple[NodeSignature, dict[str, Any], dict[str, Any]]:
    """A node as one of the versions of its pack has saved it, with the values of its widgets by name."""
    known = Catalogue().variants(draw(st.sampled_from(TYPES)))
    made = draw(st.sampled_from([each for each in known if each.origin is not None]))
    binding = bind(made, None)
    values = {name: value for name, value in binding.saved if name in binding.widgets}
    for name, value in values.items():
        declared = binding.widgets[name].declared
        if value is None and declared is not None and declared.type in ("INT", "FLOAT", "STRING", COMBO):
            values[name] = draw(st.integers(1, 9)) if declared.type in ("INT", "FLOAT") else f"{name}.safetensors"
    saved = [values.get(name, value) for name, value in binding.saved]
    sockets: list[Any] = [(each.name, each.type, None) for each in made.inputs if each.name not in binding.widgets]
    outputs: list[tuple[str, list[int]]] = [(each.type, []) for each in made.outputs]
    said = draw(st.sampled_from([{}, {"cnr_id": made.origin.pack if made.origin else ""}]))
    return made, values, ui_node(1, made.type, sockets, outputs, saved, properties=said)


@given(saved_nodes())
def test_what_a_version_of_a_pack_has_saved_is_no_error_and_of_a_known_version(saved):
    _, _, node = saved

    found = _found(ui([node], []))

    assert [each.message for each in found if each.severity is ERROR or each.code == "N101"] == []


@pytest.mark.parametrize("number", ["Infinity", "-Infinity", "NaN", "1e999"])
def test_numbers_that_are_none_are_looked_at_like_others(number):
    tree = ui([ui_node(1, "KSampler (Efficient)", values=["SEED", None, *SAMPLER[1:]])], [])

    found = Linter().lint(json.dumps(tree).replace('"SEED"', number).encode())

    assert "P003" in {each.code for each in found} or number == "1e999"


@pytest.mark.parametrize(
    "node",
    [
        ui_node(1, "ImageFlip+", values=[1], properties={"cnr_id": "comfyui_essentials", "ver": "1.4.2"}),
        ui_node(1, "GetImageSize+", outputs=[("IMAGE", [])], properties={"cnr_id": "comfyui_essentials"}),
    ],
)
def test_what_no_known_version_of_a_pack_has_is_told_of_and_not_judged(node):
    again = node | {"id": 2, "title": "another"}

    (found,) = [each for each in _found(ui([node, again], [])) if each.code != "G601"]

    assert (found.code, found.severity) == ("N101", WARNING)
    assert "is not known in the version that was saved; 2 nodes are of it: 1" in found.message
    assert "--custom-nodes" in found.hint
    assert "by facts of comfyui_essentials 1.1.0" in found.hint


@pytest.mark.parametrize(
    "node",
    [
        ui_node(1, "ImageFlip+", values=["x", 7], properties={"cnr_id": "comfyui_essentials", "ver": "9.0.0"}),
        ui_node(1, "GetImageSize+", outputs=[("INT", []), ("STRING", [])]),
        ui_node(1, "KSampler (Efficient)", values=[*SAMPLER, "of a newer version"]),
    ],
)
def test_a_node_with_something_more_than_is_known_of_its_type_is_known(node):
    assert "N101" not in {each.code for each in _found(ui([node], []))}


@given(saved_nodes())
def test_what_today_s_version_has_saved_is_read_as_it_was_meant(saved):
    made, values, node = saved
    assume(not made.is_older)

    found = build(read(json.dumps(ui([node], [])).encode()), Catalogue()).flat.nodes.get(NodePath("1"))
    assume(found is not None)  # but for what its pack's script keeps to itself

    assert found is not None
    assert found.signature is not None
    assert not found.signature.is_older
    assert {name: literal(each.value) for name, each in found.given.items()} == values
