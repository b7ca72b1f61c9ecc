"""UI workflow to API prompt, as the real editor's own export does it."""

from __future__ import annotations

import json
import lzma
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import comfyui_workflow_templates_json
import pytest

from tests.conftest import DATA
from wftools.catalog.lookup import Catalogue, catalogue, newest
from wftools.catalog.target import target
from wftools.convert.to_api import to_api
from wftools.document import read
from wftools.graph import build

TEMPLATES = Path(comfyui_workflow_templates_json.__file__).parent / "templates"

# Prompts that differ from the editor's, each with the reason.
EXPLAINED = {
    "api_flux2": "the editor loses the last of four linked rows of an autogrow input in a dynamic combo",
    "api_bytedance_seedream_5_0_flash_image_edit": "a row that the chosen option lost is linked to the prompt instead",
    "api_hunyuan3d_part": "a 3D scene is rendered when the workflow is queued",
    "api_hunyuan3d_retopo_uv": "a 3D scene is rendered when the workflow is queued",
    "api_hunyuan3d_smart_topology": "a 3D scene is rendered when the workflow is queued",
    "api_meshy7_1_image_to_model": "a 3D view is recorded when the workflow is queued",
    "rnd_delnode__3d_pixal3d_trellis2_image_to_model": "a 3D view is recorded when the workflow is queued",
}
# Edge files in which ours is another outcome than the editor's.
BETTER = {
    "null_link": "the editor refuses the file; the row is left out",
    "sg_self_recursive": "the editor gives an empty prompt; the rest of the workflow is kept",
    "type_special": "the editor sends an unknown node without its type",
    "type_whitespace": "the editor sends an unknown node without its type",
    "version_04_objects": "the editor drops links that are spelled for another version",
    "wv_dict_core": "the editor drops values that are saved by name",
    "link_bad_origin_slot": "the editor crashes; the link is kept, and lint reports it",
}


@cache
def oracle(name: str) -> dict[str, Any]:
    with lzma.open(DATA / "oracle" / f"{name}.json.xz", "rt") as stream:
        loaded: dict[str, Any] = json.load(stream)
    return loaded


@cache
def editor() -> Catalogue:
    """The definitions with which the editor was observed."""
    return catalogue(target=target("0.33.0"))


def converted(data: bytes, *, prefer_named: bool = False) -> dict[str, Any]:
    return to_api(build(read(data), editor(), prefer_named=prefer_named)).prompt


def template(name: str) -> bytes:
    return (TEMPLATES / f"{name}.json").read_bytes()


def _templates(tier):
    return [name for name, each in oracle("templates").items() if each["tier"] == tier]


def _spellings():
    return [(name, spelling) for name, each in oracle("mutations").items() for spelling in each["ui"]]


@pytest.mark.parametrize("name", [name for name in _templates("A") if name not in EXPLAINED])
def test_a_template_of_tier_a_gives_the_editor_s_prompt(name):
    assert converted(template(name)) == oracle("templates")[name]["api"]


@pytest.mark.parametrize("name", [name for name in _templates("B") if name not in EXPLAINED])
def test_a_template_of_tier_b_gives_the_editor_s_prompt(name):
    assert converted(template(name)) == oracle("templates")[name]["api"]


@pytest.mark.parametrize("name", [name for name, each in oracle("templates").items() if "named" in each])
def test_named_values_win_where_they_are_preferred(name):
    if name not in EXPLAINED:
        assert converted(template(name), prefer_named=True) == oracle("templates")[name]["named"]


@pytest.mark.parametrize(("name", "spelling"), [each for each in _spellings() if each[0] not in EXPLAINED])
def test_a_change_in_the_editor_gives_the_editor_s_prompt_in_every_spelling(name, spelling):
    mutation = oracle("mutations")[name]

    assert converted(json.dumps(mutation["ui"][spelling]).encode()) == mutation["api"]


@pytest.mark.parametrize("name", oracle("uploads"))
def test_a_promoted_button_has_a_value_and_a_place_among_those_of_the_instance(name):
    packed = oracle("uploads")[name]

    assert converted(json.dumps(packed["ui"]).encode()) == packed["api"]


@pytest.mark.parametrize("name", [name for name in oracle("edge") if name not in BETTER])
def test_an_edge_file_gives_the_editor_s_prompt(name):
    edge = oracle("edge")[name]

    assert converted(json.dumps(edge["ui"]).encode()) == edge["api"]


@pytest.mark.parametrize("name", BETTER)
def test_where_the_editor_fails_there_is_a_prompt_all_the_same(name):
    edge = oracle("edge")[name]

    prompt = converted(json.dumps(edge["ui"]).encode())

    assert prompt
    assert prompt != edge["api"]
    assert all(entry["class_type"] for entry in prompt.values())


def test_the_exceptions_are_few_and_still_differ():
    """At least 98 % of tier A, 90 % of tier B; an exception that has become exact is no exception any more."""
    for tier, least in (("A", 0.98), ("B", 0.90)):
        names = _templates(tier)
        assert sum(name not in EXPLAINED for name in names) / len(names) >= least
    for name in EXPLAINED:
        if name in oracle("templates"):
            assert converted(template(name)) != oracle("templates")[name]["api"], name


def test_converting_a_prompt_changes_nothing():
    prompt = {"1": {"class_type": "EmptyImage", "inputs": {"width": 7.0}}}

    assert converted(json.dumps(prompt).encode()) == prompt


GROUP = {
    "nodes": [
        {
            "index": 0,
            "type": "PrimitiveString",
            "widgets_values": ["one"],
            "inputs": [],
            "outputs": [{"name": "STRING", "type": "STRING"}],
        },
        {
            "index": 1,
            "type": "RandomNoise",
            "widgets_values": [5, "fixed"],
            "inputs": [],
            "outputs": [{"name": "NOISE", "type": "NOISE"}],
        },
        {
            "index": 2,
            "type": "StringConcatenate",
            "widgets_values": ["", "", "-"],
            "outputs": [{"name": "STRING", "type": "STRING"}],
            "inputs": [{"name": "string_a", "type": "STRING"}, {"name": "string_b", "type": "STRING"}],
        },
    ],
    "links": [[0, 0, 2, 0, 1, "STRING"]],
    "external": [],
}


@pytest.mark.parametrize("spelling", ["workflow>Pair", "workflow/Pair"])
def test_a_group_node_is_spelled_out_with_its_values_in_their_places(spelling):
    """The editor gives the same ids, and mixes up the values."""
    workflow = {
        "last_node_id": 9,
        "version": 0.4,
        "extra": {"groupNodes": {"Pair": GROUP}},
        "nodes": [
            {
                "id": 4,
                "type": "PrimitiveString",
                "widgets_values": ["two"],
                "outputs": [{"name": "STRING", "type": "STRING"}],
            },
            {
                "id": 5,
                "type": spelling,
                "widgets_values": ["three", 7, "randomize", "x", "y", "+"],
                "inputs": [{"name": "string_b", "type": "STRING", "link": 1}],
                "outputs": [{"name": "NOISE", "type": "NOISE"}, {"name": "STRING", "type": "STRING"}],
            },
            {"id": 6, "type": "PreviewAny", "inputs": [{"name": "source", "type": "*", "link": 2}]},
        ],
        "links": [[1, 4, 0, 5, 0, "STRING"], [2, 5, 1, 6, 0, "STRING"]],
    }

    prompt = converted(json.dumps(workflow).encode())

    assert {path: entry["inputs"] for path, entry in prompt.items()} == {
        "4": {"value": "two"},
        "13:10": {"value": "three"},
        "13:11": {"noise_seed": 7},
        "13:12": {"string_a": ["13:10", 0], "string_b": ["4", 0], "delimiter": "+"},
        "6": {"source": ["13:12", 0]},
    }


def _texts(value, **options):
    workflow = {
        "version": 0.4,
        "links": [],
        "nodes": [
            {"id": 1, "type": "CLIPTextEncode", "widgets_values": [value]},
            {"id": 2, "type": "SaveImage", "widgets_values": [value], "title": "The end"},
            {
                "id": 3,
                "type": "KSampler",
                "widgets_values": [42, "fixed", 20, 7.5, "euler", "normal", 1],
                "properties": {"Node name for S&R": "Sampler"},
            },
        ],
    }
    graph = build(read(json.dumps(workflow).encode()), editor())
    made = to_api(graph, now=datetime(2026, 3, 5, 7, 8, 9), **options).prompt
    return made["1"]["inputs"]["text"], made["2"]["inputs"]["filename_prefix"]


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("plain", "plain"),
        ("a // comment\nb", "a \nb"),
        ("a /* b\nc */ d", "a  d"),
        ("see http://x/y\nz", "see http:\nz"),
        ("{only}", "only"),
        (r"\{kept \| as \}is", "{kept | as }is"),
        ("{", ""),
        ("}", "}"),
        ("a|b", "a|b"),
        ("{{{deep}}}", "deep"),
        ("", ""),
    ],
)
def test_comments_and_choices_are_resolved_in_prompts(text, sent):
    assert _texts(text)[0] == sent


def test_choices_are_drawn_from_the_seed():
    text = "{a|b|c|d} {e|{f|g}|h}"

    drawn = {_texts(text, seed=seed)[0] for seed in range(40)}

    assert _texts(text, seed=7) == _texts(text, seed=7)
    assert len(drawn) > 8
    assert {word for each in drawn for word in each.split()} == set("abcdefgh")


@pytest.mark.parametrize(
    ("prefix", "sent"),
    [
        ("%date:yyyy-MM-dd%/x", "2026-03-05/x"),
        ("%date:yy.M.d hh.m.ss%", "26.3.5 07.8.09"),
        ("%Sampler.seed%_%KSampler.seed%", "42_42"),  # by the name for search and replace, and by title
        ("%Sampler.cfg%", "7.5"),
        ("%Nobody.seed%", "%Nobody.seed%"),
        ("%width%x%height% 100%", "%width%x%height% 100%"),
        ("%Sampler.nothing%", "%Sampler.nothing%"),
    ],
)
def test_file_names_are_filled_in(prefix, sent):
    assert _texts(prefix)[1] == sent


def test_what_is_not_known_is_converted_from_the_file_and_named():
    workflow = {
        "version": 0.4,
        "links": [],
        "nodes": [
            {
                "id": 1,
                "type": "Mine",
                "widgets_values": [7, "randomize", "x"],
                "inputs": [
                    {"name": "image", "type": "IMAGE", "link": None},
                    {"name": "seed", "type": "INT", "link": None, "widget": {"name": "seed"}},
                    {"name": "text", "type": "STRING", "link": None, "widget": {"name": "text"}},
                ],
            },
            {"id": 2, "type": "Yours", "widgets_values": [1], "widgets_values_named": {"amount": 1}},
        ],
    }

    made = to_api(build(read(json.dumps(workflow).encode()), editor()))

    assert made.prompt["1"]["inputs"] == {"seed": 7, "text": "x"}
    assert made.prompt["2"]["inputs"] == {"amount": 1}
    assert "Mine, Yours" in made.warnings[0]


def test_without_a_server_all_templates_convert_alike_but_for_types_of_other_versions(templates):
    """What is shipped against ComfyUI 0.33.0 alone: they differ where a template uses a type that it lacks."""
    for path in templates:
        document = read(path)

        alone = to_api(build(document, newest())).prompt

        if alone != to_api(build(document, editor())).prompt:
            assert {node["class_type"] for node in alone.values()} - editor().types(), path.stem
