"""Files quantised, quantised anew and brought back, and what is reported of it."""

from __future__ import annotations

import json
import math

import gguf
import numpy as np
import pytest
import torch
from jsonschema import Draft202012Validator
from safetensors.torch import load_file, save_file

from wftools.errors import InputError
from wftools.folders import BUILT_IN
from wftools.schemas import schema
from wftools.weights.dialects import understood
from wftools.weights.distance import distance
from wftools.weights.quant.encoding import ENCODERS
from wftools.weights.quantising.files import dequantising, quantising, write_report
from wftools.weights.quantising.rules import Rules
from wftools.weights.quantising.telling import lines, tensor_lines
from wftools.weights.quantising.types import FOR_TRAINED, MIXES, NATIVE, QUANTISED, tensor_rule
from wftools.weights.tensorfile import open_tensors


def weights(seed=0):
    generator = torch.Generator().manual_seed(seed)

    def noise(*shape):
        return torch.randn(shape, generator=generator)

    return {
        "input_blocks.3.0.op.weight": noise(64, 32, 3, 3),
        "input_blocks.6.0.op.weight": noise(8, 4, 3, 3),
        "input_blocks.9.0.op.weight": noise(8, 4, 3, 3),
        "output_blocks.2.1.conv.weight": noise(8, 4, 3, 3),
        "output_blocks.5.2.conv.weight": noise(8, 4, 3, 3),
        "output_blocks.8.2.conv.weight": noise(8, 4, 3, 3),
        "input_blocks.1.1.attn1.to_q.weight": noise(64, 256),
        "input_blocks.1.1.attn1.to_v.weight": noise(64, 256),
        "input_blocks.1.1.ff.net.2.weight": noise(64, 96),
        "input_blocks.1.1.norm1.bias": noise(320),
    }


@pytest.fixture
def source(tmp_path):
    save_file(weights(), tmp_path / "unet.safetensors", {"modelspec.title": "a title"})
    return tmp_path / "unet.safetensors"


def quantised(source, kind, name="out.gguf", **options):
    task = quantising(source, source.parent / name, Rules(kind, **options))
    return task.out, task.carried_out(replaces=True)


def test_gguf_py_reads_what_is_written(source):
    out, _ = quantised(source, "q8_0")

    reader = gguf.GGUFReader(out)
    told = {key: field.contents() for key, field in reader.fields.items()}
    assert told["general.architecture"] == "sd1"
    assert told["general.file_type"] == 7
    assert told["general.quantization_version"] == 2
    assert told["general.quantized_by"].startswith("wftools ")
    assert told["modelspec.title"] == "a title"
    assert told["comfy.gguf.orig_shape.input_blocks.3.0.op.weight"] == [64, 32, 3, 3]
    assert reader.fields["comfy.gguf.orig_shape.input_blocks.3.0.op.weight"].types == [
        gguf.GGUFValueType.ARRAY,
        gguf.GGUFValueType.INT32,  # ComfyUI-GGUF takes no other
    ]
    assert reader.fields["general.file_type"].types == [gguf.GGUFValueType.UINT32]
    for tensor in reader.tensors:
        original = weights()[tensor.name].numpy().reshape(-1)
        decoded = gguf.dequantize(tensor.data, tensor.tensor_type).reshape(-1)
        assert np.abs(decoded - original).max() <= np.abs(original).max() / 127


def test_the_bytes_are_those_that_gguf_py_makes(source):
    out, _ = quantised(source, "q5_1")

    for tensor in gguf.GGUFReader(out).tensors:
        if tensor.tensor_type == gguf.GGMLQuantizationType.Q5_1:
            rows = weights()[tensor.name].numpy().reshape(-1, tensor.shape[0])
            assert (gguf.quantize(rows, tensor.tensor_type) == tensor.data).all()


@pytest.mark.parametrize("kind", [*(each.lower() for each in (*QUANTISED, *FOR_TRAINED)), *MIXES, "f16", "bf16"])
def test_what_is_reported_is_what_the_file_has(source, kind):
    out, report = quantised(source, kind)

    made = open_tensors(out)
    assert {each.name: each.after for each in report.tensors} == {n: info.dtype for n, info in made.tensors.items()}
    assert report.bytes_after == sum(info.stop - info.start for info in made.tensors.values())
    assert report.bytes_before == sum(tensor.nbytes for tensor in weights().values())
    assert report.bits_after == pytest.approx(8 * report.bytes_after / report.weights)
    for each in report.tensors:
        stored = made.weight(each.name)
        numbers = stored if isinstance(stored, torch.Tensor) else stored.weight(torch.float32, torch.device("cpu"))
        expected = distance(weights()[each.name], numbers)
        if each.error is not None:
            assert each.error.mse == pytest.approx(expected.mse, rel=1e-4)
            assert each.error.snr == pytest.approx(expected.snr, abs=0.01)
            assert each.error.cosine == pytest.approx(expected.cosine, abs=1e-6)
        else:
            assert expected.is_zero
            assert each.change == "kept"


def test_compressing_is_told_from_quantising(source):
    _, report = quantised(source, "q4_k", tensors=(tensor_rule("*.to_q.*=bf16"),))

    changes = {each.name.rpartition("1.")[2]: each.change for each in report.tensors}
    assert changes["to_q.weight"] == "compressed"
    assert changes["to_v.weight"] == "quantised"
    assert changes["bias"] == "kept"


def test_the_report_is_as_its_schema_says(source, tmp_path):
    task = quantising(source, tmp_path / "out.gguf", Rules("q4_k_m"))

    for report in (task.planned(), task.carried_out()):
        write_report(report, tmp_path / "report.json")
        Draft202012Validator(schema("report-model-quantize")).validate(
            json.loads((tmp_path / "report.json").read_text())
        )


def test_a_plan_is_what_is_then_made_and_writes_nothing(source, tmp_path):
    task = quantising(source, tmp_path / "out.gguf", Rules("q5_k_m"))
    planned = task.planned()

    assert not task.out.exists()
    made = task.carried_out()
    assert [each.model_copy(update={"error": None}) for each in made.tensors] == planned.tensors
    assert (made.bytes_after, made.architecture) == (planned.bytes_after, planned.architecture)


def test_what_is_told_names_every_tensor_and_the_worst(source):
    _, report = quantised(source, "q2_k")

    assert sum(each.name in line for each in report.tensors for line in tensor_lines(report)) == len(report.tensors)
    text = "\n".join(lines(report))
    assert "worst:" in text
    assert "below 20 dB" in text


def test_quantising_anew_is_quantising_what_was_decoded(source, tmp_path):
    coarse, _ = quantised(source, "q8_0", "first.gguf")
    dequantising(coarse, tmp_path / "decoded.safetensors", "F32").carried_out()
    direct, _ = quantised(tmp_path / "decoded.safetensors", "q4_k", "direct.gguf")

    again = quantising(coarse, tmp_path / "again.gguf", Rules("q4_k"), again=True)
    again.carried_out()

    one, other = open_tensors(direct), open_tensors(again.out)
    assert {name: info.dtype for name, info in one.tensors.items()} == {n: i.dtype for n, i in other.tensors.items()}
    assert all(torch.equal(one.read(name), other.read(name)) for name in one.tensors)


def test_what_is_of_its_type_already_keeps_its_bytes(source, tmp_path):
    first, _ = quantised(source, "q4_0", "first.gguf", tensors=(tensor_rule("*.to_q.*=q8_0"),))

    task = quantising(first, tmp_path / "again.gguf", Rules("q4_0"), again=True)
    report = task.carried_out()

    changed = [each.name for each in report.tensors if each.error is not None]
    assert changed == ["input_blocks.1.1.attn1.to_q.weight"]
    before, after = open_tensors(first), open_tensors(task.out)
    assert all(torch.equal(before.read(name), after.read(name)) for name in before.tensors if name not in changed)


@pytest.mark.parametrize("dtype", ["F32", "F16", "BF16"])
def test_what_is_brought_back_is_what_was_decoded(source, tmp_path, dtype):
    coarse, _ = quantised(source, "q5_k", "coarse.gguf")

    dequantising(coarse, tmp_path / "back.safetensors", dtype).carried_out()

    back, made = load_file(tmp_path / "back.safetensors"), open_tensors(coarse)
    wanted = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}[dtype]
    for name, tensor in weights().items():
        stored = made.weight(name)
        if isinstance(stored, torch.Tensor):
            assert torch.equal(back[name], stored)
        else:
            assert torch.equal(back[name], stored.weight(torch.float32, torch.device("cpu")).to(wanted))
        assert back[name].shape == tensor.shape


def test_eight_bits_with_a_scale_are_quantised_anew_too(tmp_path):
    """As ComfyUI saves them."""
    torch.manual_seed(0)
    values, scale = torch.randn(64, 256), torch.tensor(0.01)
    told = torch.tensor(list(b'{"format": "float8_e4m3fn"}'), dtype=torch.uint8)
    tensors = {
        "a.weight": (values / scale).clamp(-448, 448).to(torch.float8_e4m3fn),
        "a.weight_scale": scale,
        "a.comfy_quant": told,
    }
    save_file(tensors, tmp_path / "scaled.safetensors")

    task = quantising(tmp_path / "scaled.safetensors", tmp_path / "out.gguf", Rules("q8_0"), again=True)
    report = task.carried_out()

    (only,) = report.tensors
    assert (only.name, only.before, only.after) == ("a.weight", "F8_E4M3", "Q8_0")
    assert only.error.snr is not None
    assert only.error.snr > 40


@pytest.mark.parametrize("kind", NATIVE)
def test_types_of_comfyui_itself_are_written_as_it_reads_them(tmp_path, kind):
    """Read again by the dialect that reads ComfyUI's files."""
    prefix = "model.diffusion_model.double_blocks.0."
    tensors = {
        f"{prefix}img_attn.proj.weight": torch.randn((64, 256), generator=torch.Generator().manual_seed(0)),
        f"{prefix}img_attn.proj.bias": torch.zeros(64),
        "model.diffusion_model.img_in.weight": torch.ones(64, 64),
    }
    save_file(tensors, tmp_path / "flux.safetensors")

    task = quantising(tmp_path / "flux.safetensors", tmp_path / "out.safetensors", Rules(kind))
    report = task.carried_out()

    made = understood(open_tensors(task.out))
    changed = [each for each in report.tensors if each.error is not None]
    assert [each.name for each in changed] == [f"{prefix}img_attn.proj.weight"]
    assert changed[0].change == ("compressed" if kind == "fp8_scaled" else "quantised")
    assert made.tensors.keys() == tensors.keys()
    decoded = made.weight(f"{prefix}img_attn.proj.weight").weight(torch.float32, torch.device("cpu"))
    error = distance(tensors[f"{prefix}img_attn.proj.weight"], decoded)
    assert error.snr == pytest.approx(changed[0].error.snr, abs=0.1)
    assert error.snr > 30


@pytest.mark.parametrize("options", [{"tensors": (tensor_rule("*=q8_0"),)}, {"fallback": "keep"}, {"compat": "sdcpp"}])
def test_types_without_blocks_have_no_rules_about_them(options):
    with pytest.raises(InputError, match="has no blocks"):
        Rules("int8_row", **options)


def test_one_network_of_a_checkpoint_gets_the_names_of_a_file_of_its_own(tmp_path):
    task = quantising(BUILT_IN, tmp_path / "unet.gguf", Rules("q4_k"), only="unet")

    report = task.planned()
    own = "model.diffusion_model."
    names = {name.removeprefix(own) for name in open_tensors(BUILT_IN).tensors if name.startswith(own)}
    assert {each.name for each in report.tensors} == names
    assert len(report.left_out) == len(open_tensors(BUILT_IN).tensors) - len(names)
    assert {each.after for each in report.tensors if len(each.shape) == 4} == {"Q4_K", "F16"}  # in rows of 256


def test_the_network_of_a_family_that_is_not_run_is_told_by_its_keys(tmp_path):
    tensors = {
        "model.diffusion_model.double_blocks.0.img_attn.proj.weight": torch.ones(64, 256),
        "vae.decoder.conv_in.weight": torch.ones(64, 256),
    }
    save_file(tensors, tmp_path / "flux.safetensors")

    report = quantising(tmp_path / "flux.safetensors", tmp_path / "x.gguf", Rules("q8_0"), only="unet").planned()

    assert [each.name for each in report.tensors] == ["double_blocks.0.img_attn.proj.weight"]
    assert report.architecture == "flux"


@pytest.mark.parametrize(
    ("begin", "message"),
    [
        (lambda path: quantising(path, path.with_name("x.safetensors"), Rules("q8_0")), "are GGUF"),
        (lambda path: quantising(path, path.with_name("x.gguf"), Rules("int8_row")), "are safetensors"),
        (lambda path: quantising(path, path.with_name("x.gguf"), Rules("q8_0"), again=True), "no tensor is quantised"),
        (lambda path: dequantising(path, path.with_name("x.gguf"), "F16"), "no tensor is quantised"),
        (lambda path: dequantising(path, path.with_name("x"), "F16"), "does not say which format"),
        (lambda path: quantising(path.with_name("y"), path.with_name("x.gguf"), Rules("q8_0")), "cannot be read"),
    ],
)
def test_what_cannot_be_done_is_one_error(source, begin, message):
    with pytest.raises(InputError, match=message):
        begin(source)


def test_what_is_quantised_already_is_not_quantised_by_mistake(source):
    coarse, _ = quantised(source, "q8_0")

    with pytest.raises(InputError, match="are quantised already"):
        quantising(coarse, source.with_name("x.gguf"), Rules("q4_0"))


def test_a_file_is_replaced_only_if_that_is_asked_for_and_never_by_itself(source):
    task = quantising(source, source.with_name("x.gguf"), Rules("q8_0"))
    task.out.write_bytes(b"mine")

    with pytest.raises(InputError, match="is there already"):
        task.carried_out()
    assert task.out.read_bytes() == b"mine"
    task.carried_out(replaces=True)
    with pytest.raises(InputError, match="is the file that is read"):
        quantising(task.out, task.out, Rules("q4_0"), again=True).carried_out(replaces=True)


def test_numbers_that_become_infinite_are_told_of(tmp_path):
    save_file({"a.weight": torch.full((64, 33), 1e6)}, tmp_path / "large.safetensors")

    _, report = quantised(tmp_path / "large.safetensors", "q8_0")

    assert report.tensors[0].error.non_finite == 64 * 33
    assert "2,112 numbers are not finite in the new file" in "\n".join(lines(report))


def test_what_gguf_has_no_form_for_is_left_out_and_told_of(tmp_path):
    save_file({"a.weight": torch.ones(2, 32), "b": torch.zeros(3, dtype=torch.bool)}, tmp_path / "odd.safetensors")

    _, report = quantised(tmp_path / "odd.safetensors", "q8_0")

    assert report.left_out == {"b": "BOOL has no form in GGUF"}
    assert "  left out: 1 tensor: BOOL has no form in GGUF" in list(lines(report))


def test_every_type_that_can_be_asked_for_can_be_encoded():
    assert {*QUANTISED, *FOR_TRAINED} == ENCODERS.keys()


def test_an_empty_file_and_one_without_matrices_are_written(tmp_path):
    save_file({"norm.bias": torch.zeros(8)}, tmp_path / "few.safetensors")
    save_file({}, tmp_path / "none.safetensors")

    assert quantised(tmp_path / "few.safetensors", "q8_0")[1].bits_after == 32
    report = quantised(tmp_path / "none.safetensors", "q8_0")[1]
    assert (report.weights, report.bytes_after, math.isfinite(report.bits_after)) == (0, 0, True)
