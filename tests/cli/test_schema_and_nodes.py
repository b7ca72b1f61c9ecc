"""wftools schema and wftools nodes; the published schemas."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from tests.lint.test_ui_defects import rows
from wftools.cli import COMMANDS
from wftools.schemas import MODELS, schema

PUBLISHED = Path(__file__).parents[2] / "schemas"


def call(command, *arguments):
    return CliRunner().invoke(COMMANDS.load(command).command, list(arguments))


@pytest.mark.parametrize("name", MODELS)
def test_a_published_schema_is_valid_and_fresh(name):
    published = json.loads((PUBLISHED / f"{name}.json").read_text())

    Draft202012Validator.check_schema(published)
    assert published == schema(name), "run: wftools schema --write schemas"
    assert json.loads(call("schema", name).stdout) == published


def test_nothing_else_is_published():
    assert {path.stem for path in PUBLISHED.iterdir()} == set(MODELS)


def test_all_templates_are_valid(templates):
    validator = Draft202012Validator(schema("workflow-ui-0.4"))

    for path in templates:
        assert validator.is_valid(json.loads(path.read_bytes())), path.name


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id=row["file"])
        for row in rows()
        if row["kind"] in {"U20_version_string", "H10_bad_mode", "H11_group_bad_bounding"}
    ],
)
def test_a_defect_that_a_schema_can_see_is_seen(row):
    assert not Draft202012Validator(schema("workflow-ui-0.4")).is_valid(row["workflow"])


def test_version_1_and_api_prompts_have_schemas_of_their_own():
    link = {"id": 1, "origin_id": 1, "origin_slot": 0, "target_id": 2, "target_slot": 0, "type": "IMAGE"}
    one = {"version": 1, "nodes": [], "links": [link]}

    assert Draft202012Validator(schema("workflow-ui-1")).is_valid(one)
    assert not Draft202012Validator(schema("workflow-ui-1")).is_valid({**one, "links": [[1, 1, 0, 2, 0, "IMAGE"]]})
    assert not Draft202012Validator(schema("workflow-ui-0.4")).is_valid({**one, "version": 0.4})
    assert Draft202012Validator(schema("workflow-api")).is_valid({"1": {"class_type": "A", "inputs": {}}})
    assert not Draft202012Validator(schema("workflow-api")).is_valid({"1": {"class_type": "A"}})
    assert not Draft202012Validator(schema("workflow-api")).is_valid({})


def test_a_file_is_checked_with_line_and_column(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{\n  "1": {"class_type": 7, "inputs": {}}\n}')

    result = call("schema", "workflow-api", str(path))

    assert result.exit_code == 1
    assert result.stdout == f"{path}:2:23: 7 is not of type 'string'\n"


def test_a_file_that_cannot_be_read_hides_nothing_of_the_others(tmp_path):
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "bad.json").write_text(json.dumps({"nodes": "x" * 100_000, "links": []}))

    result = call("schema", "workflow-ui-0.4", str(tmp_path / "broken.json"), str(tmp_path / "bad.json"))

    assert result.exit_code == 2
    assert "broken.json: not JSON" in result.stderr
    assert "bad.json:1:" in result.stdout
    assert len(result.stdout) < 5000


def test_node_types_are_listed_by_name_and_category():
    names = call("nodes", "list", "ksampler").stdout.split()

    assert {"KSampler", "KSamplerAdvanced", "KSamplerSelect"} <= set(names)
    assert "EmptyImage" in call("nodes", "list", "image/").stdout
    assert all(entry["implemented"] for entry in json.loads(call("nodes", "list", "--implemented", "--json").stdout))


def test_a_node_type_is_shown_with_its_inputs_and_outputs():
    shown = call("nodes", "show", "KSampler").stdout

    assert "steps" in shown
    assert "1 to 10000; default 20" in shown
    assert json.loads(call("nodes", "show", "KSampler", "--json").stdout)["output"] == ["LATENT"]
    assert "COMBO, " not in call("nodes", "show", "SaveVideo", "--target", "comfyui==0.8.0").stdout


def test_a_node_type_of_a_pack_is_shown_with_its_version_and_what_it_was():
    shown = call("nodes", "show", "KSampler (Efficient)").stdout

    assert "the pack efficiency-nodes-comfyui 1.0.9" in shown
    assert "jags111/efficiency-nodes-comfyui at 4579b7d607, 2026-03-31" in shown
    assert "a server said so" in shown
    before = shown.partition("inputs before\n")[2]
    assert "2023-08-07 to 2023-09-18  sampler_state COMBO, model MODEL, seed INT" in before


@pytest.mark.parametrize(
    ("node_type", "told"),
    [
        ("Power Lora Loader (rgthree)", "and any further ones"),
        ("CLIPLoaderGGUF", "a file of clip_gguf or text_encoders"),
        ("BrushNetLoader", "what is offered is not known"),
        ("VHS_LoadVideo", "checked by the node itself"),
        ("InsightFaceLoader", "the type is gone"),
        ("Blur", "comfyui-post-processing-nodes 1.0.1, the pack masquerade-nodes-comfyui 432cb4d146"),
    ],
)
def test_what_packs_say_beyond_a_server_is_shown(node_type, told):
    assert told in call("nodes", "show", node_type).stdout


def test_the_packs_that_are_known_are_listed():
    shown = call("nodes", "list", "--packs", "IMPACT").stdout.splitlines()
    told = json.loads(call("nodes", "list", "--packs", "ltdrdata/ComfyUI-Impact-Pack", "--json").stdout)

    assert [line.split()[0] for line in shown] == ["pack", "comfyui-impact-pack", "comfyui-impact-subpack"]
    assert shown[1].split()[1:4] == ["7.10.6", "727295b52e", "2024-10-24"]
    assert [(each["pack"], each["version"], each["types"], each["license"]) for each in told] == [
        ("comfyui-impact-pack", "7.10.6", 186, "GPL-3.0")
    ]
    assert len(call("nodes", "list", "--packs").stdout.splitlines()) == 95


def test_a_node_type_that_is_not_known_is_told_with_a_near_one():
    result = call("nodes", "show", "KSamplr")

    assert "did you mean 'KSampler'" in str(result.exception.hint)
