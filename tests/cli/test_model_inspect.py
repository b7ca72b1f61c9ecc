"""wftools model inspect: what people and programs are told of model files."""

from __future__ import annotations

import hashlib
import json
import struct
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from jsonschema import Draft202012Validator
from safetensors.torch import save_file

from tests.cli.process import inside
from tests.conftest import DATA
from tests.seeded_models import write_models
from tests.weights.inspecting.test_recognising import networks
from tests.weights.model_files import write_hollow, write_hollow_types
from wftools.schemas import schema

STATUS = Path("/proc/self/status")
MOST_KILOBYTES = 40 * 1024  # 27 MB measured
HOSTILE = DATA / "weights/hostile"
MANIFEST = json.loads((HOSTILE / "manifest.json").read_text("utf-8"))

inspect = partial(inside, "model", "inspect")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    write_models(folder)
    return folder


def report(*arguments: str, cwd: Path, status: int = 0) -> list[dict[str, Any]]:
    """What is told to programs, which is as the schema says."""
    result = inspect(*arguments, "--output-format", "json", cwd=cwd)
    assert result.returncode == status, result.stderr
    tree = json.loads(result.stdout)
    Draft202012Validator(schema("report-model-inspect")).validate(tree)
    files: list[dict[str, Any]] = tree["files"]
    return files


def test_a_checkpoint_is_told_with_its_parts(models: Path) -> None:
    (found,) = report("checkpoints/mini_sd15.safetensors", cwd=models)

    assert (found["format"], found["kind"], found["family"]) == ("safetensors", "checkpoint", "SD1")
    assert [(part["kind"], part["prefix"]) for part in found["parts"]] == [
        ("diffusion model", "model.diffusion_model."),
        ("VAE", "first_stage_model."),
        ("text encoder", "cond_stage_model.transformer."),
    ]
    assert sum(part["tensors"] for part in found["parts"]) == found["total"]["tensors"] == 1002
    assert sum(part["bytes"] for part in found["parts"]) == sum(each["bytes"] for each in found["types"])
    assert found["types"][0] | {"bytes": 0, "parameters": 0} == {
        "dtype": "F32",
        "meaning": "float",
        "bits": 32.0,
        "tensors": 1002,
        "bytes": 0,
        "parameters": 0,
    }


def test_people_are_told_the_same_in_lines(models: Path) -> None:
    lines = inspect("checkpoints/mini_sd15.safetensors", cwd=models).stdout.splitlines()

    assert lines[0] == "checkpoints/mini_sd15.safetensors"
    assert "  holds        checkpoint: SD1" in lines
    assert any(line.startswith("  diffusion model  SD1 ") and "686" in line for line in lines)
    assert max(map(len, lines)) <= 100


def test_blocks_that_are_alike_are_one_branch(models: Path) -> None:
    result = inspect("clip/mini_clip_l.safetensors", "--output-format", "tree", cwd=models)

    layers = [line for line in result.stdout.splitlines() if "0-3 x4" in line]
    assert len(layers) == 1
    assert "64 tensors in all" in layers[0]
    assert result.stdout.count("self_attn") == 1


def test_several_files_are_told_and_a_bad_one_hides_none(models: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.safetensors").write_bytes(b"\1\0\0\0\0\0\0\0{")
    good = str(models / "vae/mini_vae.safetensors")

    first, second, third = report("bad.safetensors", good, "missing.ckpt", cwd=tmp_path, status=2)

    assert first["file"] == "bad.safetensors"
    assert first["error"]["code"] == "ST_HEADER"
    assert second["kind"] == "VAE"
    assert third["error"]["message"].startswith("cannot be read")


def test_what_is_wrong_is_told_on_standard_error(tmp_path: Path) -> None:
    (tmp_path / "bad.safetensors").write_bytes(b"\1\0\0\0\0\0\0\0{")

    result = inspect("bad.safetensors", cwd=tmp_path)

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("error: bad.safetensors: ")


def test_hashes_are_those_that_sites_know_files_by(tmp_path: Path) -> None:
    save_file({"a": torch.arange(600_000, dtype=torch.float32)}, tmp_path / "a.safetensors")
    content = (tmp_path / "a.safetensors").read_bytes()
    (length,) = struct.unpack("<Q", content[:8])

    (found,) = report("a.safetensors", "--hash", cwd=tmp_path)

    whole = hashlib.sha256(content).hexdigest()
    assert found["hashes"] == {
        "sha256": whole,
        "autov1": hashlib.sha256(content[0x100000:0x110000]).hexdigest()[:8],
        "autov2": whole[:10],
        "autov3": hashlib.sha256(content[8 + length :]).hexdigest()[:12],
    }


def test_tensors_are_listed_where_that_is_asked_for(models: Path) -> None:
    (found,) = report("vae/mini_vae.safetensors", "--keys", "decoder.conv_*.weight", cwd=models)
    (bare,) = report("vae/mini_vae.safetensors", cwd=models)
    lines = inspect("vae/mini_vae.safetensors", "--keys", "decoder.conv_in.bias", cwd=models).stdout.splitlines()

    assert [each["name"] for each in found["tensors"]] == ["decoder.conv_in.weight", "decoder.conv_out.weight"]
    assert found["tensors"][0] | {"name": ""} == {"name": "", "dtype": "F32", "shape": [128, 4, 3, 3], "bytes": 18432}
    assert bare["tensors"] is None
    assert lines[-2].split() == ["decoder.conv_in.bias", "F32", "128"]


def test_compressing_and_quantising_are_told_apart(tmp_path: Path) -> None:
    layer = "model.diffusion_model.input_blocks.1.1.proj_in"
    write_hollow_types(
        tmp_path / "a.safetensors",
        {
            f"{layer}.weight": ("I8", (64, 64)),
            f"{layer}.weight_scale": ("F32", ()),
            f"{layer}.comfy_quant": ("U8", (2,)),
            "b": ("F16", (64, 64)),
            "c": ("F8_E4M3", (64, 64)),
            "d": ("F32", (64, 64)),
        },
    )

    (found,) = report("a.safetensors", cwd=tmp_path)

    meanings = {each["dtype"]: each["meaning"] for each in found["types"]}
    assert meanings["I8"] == "quantised"
    assert meanings["F16"] == meanings["F8_E4M3"] == "compressed"
    assert meanings["F32"] == "float"
    assert found["schemes"] == {"comfy_quant ?": 1}
    assert found["stored"].count(",") == 2


def test_whole_numbers_without_scales_are_no_weights(tmp_path: Path) -> None:
    write_hollow_types(tmp_path / "a.safetensors", {"position_ids": ("I64", (1, 77)), "w": ("F16", (8, 8))})

    (found,) = report("a.safetensors", cwd=tmp_path)

    assert {each["dtype"]: each["meaning"] for each in found["types"]} == {"F16": "compressed", "I64": "no weights"}
    assert found["stored"].startswith("all compressed")


def test_what_trainers_say_is_told_in_short_and_whole(tmp_path: Path) -> None:
    metadata = {
        "ss_output_name": "cat",
        "ss_network_dim": "8",
        "ss_tag_frequency": json.dumps({"10_cat": {"cat": 12, "sofa": 3}, "5_cat": {"cat": 1}}),
        "workflow": json.dumps({"nodes": [{"id": 1}, {"id": 2}]}),
        "prompt": json.dumps({"1": {"class_type": "KSampler", "inputs": {}}}),
        "long": "x" * 5000 + "\x1b[31m",
        "ss_broken": "{",
    }
    write_hollow(tmp_path / "a.safetensors", {"a": (2, 2)}, metadata=metadata)

    (found,) = report("a.safetensors", cwd=tmp_path)
    text = inspect("a.safetensors", cwd=tmp_path).stdout

    assert found["summary"]["name"] == "cat"
    assert found["summary"]["rank"] == "8"
    assert found["summary"]["tags"] == "cat (13), sofa (3)"
    assert found["summary"]["workflow"] == "of ComfyUI, 2 nodes"
    assert found["summary"]["prompt"] == "of ComfyUI, 1 node"
    assert found["metadata"] == metadata
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 100


def test_a_graph_is_told_with_what_goes_in_and_comes_out(tmp_path: Path) -> None:
    import onnx
    from onnx import TensorProto, helper

    inputs = [
        helper.make_tensor_value_info("sample", TensorProto.FLOAT, ["batch", 4, None, None]),
        helper.make_tensor_value_info("timestep", TensorProto.INT64, [1]),
        helper.make_tensor_value_info("encoder_hidden_states", TensorProto.FLOAT, None),
    ]
    output = helper.make_tensor_value_info("out_sample", TensorProto.FLOAT, None)
    nodes = [helper.make_node("Identity", ["sample"], ["y"]), helper.make_node("Identity", ["y"], ["out_sample"])]
    graph = helper.make_graph(nodes, "g", inputs, [output])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), tmp_path / "a.onnx")

    (found,) = report("a.onnx", cwd=tmp_path)

    assert (found["format"], found["kind"]) == ("onnx", "diffusion model")
    assert found["graph"]["opsets"] == {"ai.onnx": 17}
    assert found["graph"]["operators"] == {"Identity": 2}
    assert found["graph"]["inputs"]["sample"] == "F32 [batch, 4, ?, ?]"
    assert "takes        sample: F32 [batch, 4, ?, ?]" in inspect("a.onnx", cwd=tmp_path).stdout


def test_files_of_strangers_are_told_or_refused_but_never_a_fault_of_ours(tmp_path: Path) -> None:
    judged = [each for each in MANIFEST if each["expect"] != "n/a"]  # data that belongs to another file
    names = [each["file"] for each in judged]

    files = report(*(str(HOSTILE / name) for name in names), cwd=tmp_path, status=2)
    text = inspect("-v", "--tensors", *(str(HOSTILE / name) for name in names), cwd=tmp_path)
    tree = inspect("--output-format", "tree", *(str(HOSTILE / name) for name in names), cwd=tmp_path)

    for each, found in zip(judged, files, strict=True):
        assert ("error" in found) == each["expect"].startswith("refuse"), each["file"]
        if "error" in found:
            assert found["error"]["code"], each["file"]
    for output in (text, tree):
        assert output.returncode == 2
        assert "wftools failed" not in output.stderr
        assert "\x1b" not in output.stdout


@pytest.mark.skipif(not STATUS.exists(), reason="what a process needs at most is not told here")
def test_a_large_file_is_told_in_little_memory(tmp_path: Path) -> None:
    write_hollow(tmp_path / "a.safetensors", networks()["sdxl"])
    program = (
        "from wftools.cli import main\ntry:\n    main(['model', 'inspect', 'a.safetensors'])\n"
        f"except SystemExit:\n    print(open({str(STATUS)!r}).read())"
    )

    result = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
    )

    peak = next(line for line in result.stdout.splitlines() if line.startswith("VmHWM"))
    assert int(peak.split()[1]) < MOST_KILOBYTES
