import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import onnx
import pytest
import torch
from hypothesis import given, settings
from onnx import ModelProto, TensorProto, helper, numpy_helper

from tests.weights.onnx_files import ACCEPTED, FLOAT, REFUSED, X, beside, floats, model_of, node, written
from wftools.weights.faults import ModelFileError
from wftools.weights.formats.onnx import graph_facts
from wftools.weights.tensorfile import open_tensors

DATA = Path(__file__).parent.parent / "data/weights/hostile"
EXPECTED = {
    each["file"]: each["expect"]
    for each in json.loads((DATA / "manifest.json").read_text())
    if each["file"].endswith(".onnx")
}
Make = Callable[[], ModelProto | bytes]


def outcome(path: Path) -> tuple[str, set[str]]:
    """Accepted or refused, and the codes."""
    try:
        file = open_tensors(path)
    except ModelFileError as error:
        return ("refuse" if path.name in str(error) and error.offset is not None else "refuse, and say not where"), {
            error.code
        }
    for name in file.tensors:
        assert tuple(file.read(name).shape) == file.shapes[name]
    return "accept", {doubt.code for doubt in file.doubts}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_hostile_file_ends_as_is_known_of_it(name: str) -> None:
    verdict, _, codes = EXPECTED[name].partition(":")

    found, given_codes = outcome(DATA / name)

    assert found == verdict.partition("+")[0]
    assert given_codes <= set(codes.split("|"))
    assert bool(codes) == bool(given_codes)


@pytest.mark.parametrize(
    ("code", "make"),
    [pytest.param(code, make, id=f"{code}-{name}") for code, cases in REFUSED.items() for name, make in cases.items()],
)
def test_what_must_not_be_used_is_refused_with_its_code(code: str, make: Make, tmp_path: Path) -> None:
    assert outcome(written(make(), tmp_path)) == ("refuse", {code})


@pytest.mark.parametrize(
    ("code", "make"),
    [pytest.param(code, make, id=f"{code}-{name}") for code, cases in ACCEPTED.items() for name, make in cases.items()],
)
def test_what_exporters_write_is_read(code: str, make: Make, tmp_path: Path) -> None:
    assert outcome(written(make(), tmp_path)) == ("accept", {code} - {""})


ARRAYS = {
    "F32": np.array([1.5, -2, np.nan, np.inf], np.float32),
    "F64": np.array([1e300, -0.0]),
    "F16": np.array([0.5, 65504, -6e-8], np.float16),
    "I64": np.array([-(2**63), 2**63 - 1]),
    "I32": np.array([-(2**31), 300], np.int32),
    "I16": np.array([-300, 300], np.int16),
    "I8": np.array([-128, 127], np.int8),
    "U8": np.array([0, 255], np.uint8),
    "U16": np.array([0, 65535], np.uint16),
    "U32": np.array([2**32 - 1], np.uint32),
    "U64": np.array([2**64 - 1], np.uint64),
    "BOOL": np.array([True, False]),
}


@pytest.mark.parametrize("dtype", ARRAYS)
@pytest.mark.parametrize("is_raw", [True, False])
def test_numbers_are_read_in_every_form_as_onnx_reads_them(dtype: str, is_raw: bool, tmp_path: Path) -> None:
    array = ARRAYS[dtype]
    tensor = numpy_helper.from_array(array, "w")
    if not is_raw:
        numbers = array.view({"F16": np.uint16, "BOOL": np.uint8}.get(dtype, array.dtype))
        tensor = TensorProto(name="w", data_type=tensor.data_type, dims=array.shape)
        getattr(tensor, helper.tensor_dtype_to_field(tensor.data_type)).extend(numbers.tolist())
    path = tmp_path / "model.onnx"
    path.write_bytes(model_of(X, tensors=(tensor,)).SerializeToString())

    file = open_tensors(path)

    assert file.tensors["w"].dtype == dtype
    assert file.read("w").numpy().tobytes() == numpy_helper.to_array(tensor).tobytes()
    assert torch.cat(list(file.pieces("w", 1))).numpy().tobytes() == array.tobytes()


@settings(max_examples=20)
@given(st.lists(st.floats(width=16), max_size=9))
def test_halves_that_stand_as_whole_numbers_are_read(values: list[float]) -> None:
    array = np.array(values, np.float16)
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT16, dims=array.shape)
    tensor.int32_data.extend(array.view(np.uint16).tolist())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        path.write_bytes(model_of(X, tensors=(tensor,)).SerializeToString())

        assert open_tensors(path).read("w").numpy().tobytes() == array.tobytes()


def test_data_beside_the_model_is_read_where_it_is(tmp_path: Path) -> None:
    path = written(beside(location="ok_ext.data", offset="0", length="16"), tmp_path)

    file = open_tensors(path)

    assert file.read("w").tolist() == [0, 1, 2, 3]
    assert file.tensors["w"].file == path.parent / "ok_ext.data"
    assert torch.cat(list(file.pieces("w"))).tolist() == [0, 1, 2, 3]


def test_a_model_says_what_goes_in_and_out_and_what_it_is_made_of(tmp_path: Path) -> None:
    model = helper.make_model(
        helper.make_graph(
            [node("Conv", "x", "w", to="h"), node("Relu", "h", to="k"), node("Relu", "k")],
            "g",
            [
                helper.make_tensor_value_info("x", FLOAT, ["batch", 3, None, 8]),
                helper.make_tensor_value_info("w", FLOAT, [4]),
            ],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT16, ["batch", 4])],
            [floats("w", 1, 2, 3, 4)],
        ),
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)],
        ir_version=8,
        producer_name="pytorch",
        producer_version="2.4",
    )
    onnx.helper.set_model_props(model, {"family": "sd1"})
    path = tmp_path / "model.onnx"
    path.write_bytes(model.SerializeToString())

    facts = graph_facts(path)

    assert [(value.name, value.dtype, value.shape) for value in facts.inputs] == [("x", "F32", ("batch", 3, None, 8))]
    assert [(value.name, value.dtype, value.shape) for value in facts.outputs] == [("y", "F16", ("batch", 4))]
    assert dict(facts.operators) == {"Conv": 1, "Relu": 2}
    assert facts.opsets == {"": 17, "com.microsoft": 1}
    assert (facts.version, facts.producer) == (8, "pytorch 2.4")
    assert open_tensors(path).metadata == {"family": "sd1"}


def test_a_model_is_judged_without_torch_and_without_onnx(tmp_path: Path) -> None:
    path = written(model_of(X), tmp_path)
    code = (
        "import sys; from pathlib import Path; from wftools.weights.formats.onnx import open_file; "
        "open_file(Path(sys.argv[1])); assert not {'torch', 'onnx', 'numpy', 'onnxruntime'} & sys.modules.keys()"
    )

    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
