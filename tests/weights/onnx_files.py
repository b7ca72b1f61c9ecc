"""ONNX files made by the package onnx, for tests: one node's graph, and what is wrong with others."""

import os
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper
from torch import Tensor

BIG = 2**38
FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64


def value(name: str, shape: tuple[int | str | None, ...] | None = (4,), kind: int = FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


def ints(name: str, *numbers: int) -> TensorProto:
    return numpy_helper.from_array(np.array(numbers, np.int64), name)


def floats(name: str, *numbers: float) -> TensorProto:
    return numpy_helper.from_array(np.array(numbers, np.float32), name)


def graph_of(*nodes: NodeProto, tensors: tuple[TensorProto, ...] = (), output: str | None = "y") -> GraphProto:
    outputs = [value(output, None)] if output else []
    return helper.make_graph(list(nodes), "g", [value("x")], outputs, list(tensors))


def model_of(*nodes: NodeProto, tensors: tuple[TensorProto, ...] = (), output: str | None = "y") -> ModelProto:
    graph = graph_of(*nodes, tensors=tensors, output=output)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def node(op: str, *inputs: str, to: str = "y", **attributes: Any) -> NodeProto:
    return helper.make_node(op, list(inputs), [to], **attributes)


def saved(tensors: dict[str, Tensor], path: Path) -> None:
    """Tensors as the initialisers of a graph that passes its input on."""
    made = [
        helper.make_tensor(name, INT64, tensor.shape, tensor.flatten().tolist())
        if tensor.dtype == torch.int64
        else numpy_helper.from_array(tensor.numpy(), name)
        for name, tensor in tensors.items()
    ]
    path.write_bytes(model_of(node("Identity", "x"), tensors=tuple(made)).SerializeToString())


def beside(**said: str) -> ModelProto:
    """One tensor of four numbers, whose data is described so."""
    tensor = TensorProto(name="w", data_type=FLOAT, dims=[4], data_location=TensorProto.EXTERNAL)
    for key, text in said.items():
        tensor.external_data.add(key=key, value=text)
    return model_of(node("Add", "x", "w"), tensors=(tensor,))


def _with(change: Callable[[TensorProto], object]) -> ModelProto:
    tensor = floats("w", 1, 2, 3, 4)
    change(tensor)
    return model_of(node("Add", "x", "w"), tensors=(tensor,))


def _with_model(change: Callable[[ModelProto], object], *nodes: NodeProto) -> ModelProto:
    model = model_of(*(nodes or [node("Identity", "x")]))
    change(model)
    return model


def _in_bodies(depth: int, *nodes: NodeProto, tensors: tuple[TensorProto, ...] = ()) -> ModelProto:
    """Nodes in a branch in a branch."""
    body = helper.make_graph(list(nodes), "body", [], [value("y", None)], list(tensors))
    for _ in range(depth):
        inner = node("If", "yes", then_branch=body, else_branch=body if depth == 1 else _nothing())
        body = helper.make_graph([inner], "body", [], [value("y", None)])
    yes = numpy_helper.from_array(np.array(True), "yes")
    return model_of(*body.node, tensors=(yes,))


def _nothing() -> GraphProto:
    return helper.make_graph([node("Identity", "x")], "nothing", [], [value("y", None)])


def _loop(*body: NodeProto, count: str, tensors: tuple[TensorProto, ...]) -> ModelProto:
    inputs = [value("i", (), INT64), value("more", (), TensorProto.BOOL), value("h", None)]
    outputs = [value("again", (), TensorProto.BOOL), value("next", None)]
    graph = helper.make_graph(list(body), "body", inputs, outputs)
    return model_of(node("Loop", count, "", "x", body=graph), tensors=tensors)


def _functions(*bodies: list[NodeProto], call: NodeProto) -> ModelProto:
    def change(model: ModelProto) -> None:
        for index, nodes in enumerate(bodies):
            opsets = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
            model.functions.append(helper.make_function("own", f"F{index}", ["x"], ["y"], nodes, opsets))
        model.opset_import.append(helper.make_opsetid("own", 1))

    return _with_model(change, call)


def _calls(index: int) -> list[NodeProto]:
    """A function that calls the one before it twice."""
    before = f"F{index - 1}"
    return [node(before, "x", to="h", domain="own"), node(before, "h", domain="own")]


def _doubled(times: int, *, given: str) -> ModelProto:
    names = [given, *(f"h{index}" for index in range(times - 1)), "y"]
    nodes = [node("Concat", a, a, to=b, axis=0) for a, b in pairwise(names)]
    return model_of(*nodes, tensors=(floats("w", 1, 2, 3, 4),))


def _again(model: ModelProto) -> bytes:
    """A model, and another part of its graph, whose tensor takes the place of none."""
    more = ModelProto(graph=GraphProto(initializer=[floats("w3", 1)]))
    return bytes(model.SerializeToString() + more.SerializeToString())


def _sparse(dims: list[int]) -> ModelProto:
    sparse = helper.make_sparse_tensor(floats("s", 1), ints("", 0), dims)
    return _with_model(lambda model: model.graph.sparse_initializer.append(sparse))


def _deep_attribute(depth: int) -> bytes:
    """Graphs in graphs, without the limit that the library has."""
    content = b""
    for _ in range(depth):
        graph = _field(1, _field(4, b"If") + _field(5, _field(1, b"then_branch") + _field(6, content)))
        content = graph
    model = model_of(node("Identity", "x"))
    return bytes(model.SerializeToString() + _field(7, content))


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    found = b""
    while number > 127:
        found += bytes([number & 127 | 128])
        number >>= 7
    return found + bytes([number])


X = node("Identity", "x")
ONE = floats("one", 1)
PLAIN = model_of(X).SerializeToString()

# What a file must be refused for: code -> files.
REFUSED: dict[str, dict[str, Callable[[], ModelProto | bytes]]] = {
    "ONNX_EXT_PATH": {
        "absolute": lambda: beside(location="/etc/passwd"),
        "up": lambda: beside(location="../x"),
        "up and back": lambda: beside(location="a/../ok_ext.data"),
        "windows": lambda: beside(location="..\\x"),
        "drive": lambda: beside(location="C:/x"),
        "network": lambda: beside(location="\\\\host\\x"),
        "url": lambda: beside(location="file:///etc/passwd"),
        "empty": lambda: beside(location=""),
        "no location": lambda: beside(offset="0"),
        "nul": lambda: beside(location="ok_ext.data\0.txt"),
        "memory": lambda: beside(location="*/_ORT_MEM_ADDR_/*", offset="140000000000000"),
        "folder": lambda: beside(location="folder"),
        "link out": lambda: beside(location="link"),
        "link to nothing out": lambda: beside(location="dangling"),
        "link in a folder": lambda: beside(location="folder/up/outside.data"),
        "loop of links": lambda: beside(location="loop"),
        "too long": lambda: beside(location="a" * 5000),
        "in a file": lambda: beside(location="ok_ext.data/x"),
        "pipe": lambda: beside(location="pipe"),
        "in a constant": lambda: model_of(node("Constant", value=beside(location="/etc/passwd").graph.initializer[0])),
        "in a branch": lambda: _in_bodies(1, X, tensors=(beside(location="../x").graph.initializer[0],)),
        "in a training": lambda: _with_model(
            lambda model: model.training_info.add().algorithm.CopyFrom(beside(location="/x").graph)
        ),
    },
    "ONNX_EXT_MISSING": {"not there": lambda: beside(location="nope.bin")},
    "ONNX_EXT_BOUNDS": {
        "too long": lambda: beside(location="ok_ext.data", length="17"),
        "too far": lambda: beside(location="ok_ext.data", offset="1"),
        "wraps": lambda: beside(location="ok_ext.data", offset=str(2**64 - 8), length="16"),
        "negative length": lambda: beside(location="ok_ext.data", length="-1"),
        "no number": lambda: beside(location="ok_ext.data", offset="0x0"),
        "thousand digits": lambda: beside(location="ok_ext.data", offset="1" * 5000),
        "other digits": lambda: beside(location="ok_ext.data", offset="٣"),
    },
    "ONNX_EXT_KEY": {
        "unknown": lambda: beside(location="ok_ext.data", basepath="/etc"),
        "both": lambda: _with(lambda w: w.external_data.add(key="location", value="ok_ext.data")),
        "raw, too": lambda: _with(lambda w: setattr(w, "data_location", TensorProto.EXTERNAL)),
    },
    "ONNX_SIZE": {
        "short": lambda: _with(lambda w: setattr(w, "raw_data", b"\0" * 12)),
        "none": lambda: _with(lambda w: w.ClearField("raw_data")),
        "negative": lambda: _with(lambda w: (w.dims.pop(), w.dims.extend([-2, -2]))),
        "wraps": lambda: _with(lambda w: (w.dims.pop(), w.dims.extend([2**32, 2**32 + 1]))),
        "other numbers, too": lambda: _with(lambda w: w.float_data.extend([1, 2, 3, 4])),
        "numbers of another type": lambda: _with(
            lambda w: (w.ClearField("raw_data"), w.int64_data.extend([1, 2, 3, 4]))
        ),
        "too few numbers": lambda: _with(lambda w: (w.ClearField("raw_data"), w.float_data.extend([1, 2]))),
        "too many varints": lambda: _with(
            lambda w: w.CopyFrom(TensorProto(name="w", data_type=6, dims=[4], int32_data=[300, -1, 2, 3, 4]))
        ),
        "external": lambda: beside(location="ok_ext.data", length="12"),
    },
    "TENSOR_DIMS": {"nine": lambda: _with(lambda w: w.dims.extend([1] * 8))},
    "ONNX_DTYPE": {
        "none": lambda: _with(lambda w: setattr(w, "data_type", 0)),
        "text": lambda: model_of(X, tensors=(TensorProto(name="w", data_type=8, dims=[1], string_data=[b"a"]),)),
        "sparse": lambda: _sparse([4]),
        "in a constant": lambda: model_of(node("Constant", value=TensorProto(data_type=77))),
    },
    "ONNX_SYNTAX": {
        "no graph": lambda: _with_model(lambda model: model.ClearField("graph")),
        "group": lambda: PLAIN + b"\x0b\x0c",
        "field 0": lambda: PLAIN + b"\x02\x00",
        "endless number": lambda: PLAIN + b"\x80" * 20,
        "number cut off": lambda: PLAIN + b"\x28\x80",
        "other form": lambda: PLAIN + b"\x38\x01",
        "noise": lambda: b"\x08\x08" + bytes(range(256)),
        "packed number cut off": lambda: PLAIN + _field(7, _field(5, b"\x08\x01\x10\x06" + _field(5, b"\x80"))),
        "graphs in graphs": lambda: _deep_attribute(5000),
        "unmade input": lambda: model_of(node("Identity", "z")),
        "not in order": lambda: model_of(node("Identity", "h"), node("Identity", "x", to="h")),
        "unmade output": lambda: model_of(X, output="z"),
    },
    "ONNX_DUPLICATE": {
        "tensors": lambda: model_of(X, tensors=(ONE, ONE)),
        "joined": lambda: PLAIN + ModelProto(graph=GraphProto(initializer=[ONE, ONE])).SerializeToString(),
        "nodes": lambda: model_of(X, X),
        "functions": lambda: (
            _functions([X], call=node("F0", "x", domain="own")).SerializeToString()
            + ModelProto(functions=_functions([X], call=X).functions).SerializeToString()
        ),
    },
    "ONNX_VERSION": {
        "old": lambda: _with_model(lambda model: setattr(model, "ir_version", 2)),
        "none": lambda: _with_model(lambda model: model.ClearField("ir_version")),
        "negative": lambda: _with_model(lambda model: setattr(model, "ir_version", -1)),
        "operators": lambda: _with_model(lambda model: setattr(model.opset_import[0], "version", 999)),
        "no operators": lambda: _with_model(lambda model: model.ClearField("opset_import")),
    },
    "ONNX_OP": {
        "python": lambda: model_of(node("PyOp", "x", domain="ai.onnx.contrib")),
        "python of training": lambda: model_of(node("PythonOp", "x", domain="com.microsoft")),
        "compiled": lambda: model_of(node("EPContext", "x", domain="com.microsoft")),
        "own": lambda: model_of(node("Anything", "x", domain="me")),
        "unknown": lambda: model_of(node("Anything", "x")),
        "in a branch": lambda: _in_bodies(2, node("PyOp", "x", domain="ai.onnx.contrib")),
        "in a function": lambda: _functions([node("PyOp", "x", domain="me")], call=node("F0", "x", domain="own")),
        "in a function that nobody calls": lambda: _functions([node("PyOp", "x", domain="me")], call=X),
        "in a training": lambda: _with_model(
            lambda model: model.training_info.add().algorithm.node.append(node("PyOp", domain="me"))
        ),
    },
    "ONNX_RESOURCE": {
        "shape": lambda: model_of(node("ConstantOfShape", "n"), tensors=(ints("n", BIG),)),
        "shape of a constant": lambda: model_of(
            node("Constant", to="n", value_ints=[BIG]), node("ConstantOfShape", "n")
        ),
        "product": lambda: model_of(
            node("Mul", "n", "n", to="m"), node("ConstantOfShape", "m"), tensors=(ints("n", 2**20),)
        ),
        "product of all": lambda: model_of(
            node("ReduceProd", "n", to="m"), node("ConstantOfShape", "m"), tensors=(ints("n", *[1024] * 4),)
        ),
        "whole number of a root": lambda: model_of(
            node("Sqrt", "f", to="r"),
            node("Cast", "r", to="m"),
            node("ConstantOfShape", "m"),
            tensors=(floats("f", 2.0**80),),
        ),
        "chosen": lambda: model_of(
            node("Constant", to="c", value=numpy_helper.from_array(np.array([True]))),
            node("Where", "c", "n", "o", to="m"),
            node("ConstantOfShape", "m"),
            tensors=(ints("n", BIG), ints("o", 1)),
        ),
        "untold": lambda: model_of(
            node("Einsum", "n", to="m", equation="i->i"), node("ConstantOfShape", "m"), tensors=(ints("n", BIG),)
        ),
        "expand": lambda: model_of(node("Expand", "one", "n"), tensors=(ONE, ints("n", 2**19, 2**19))),
        "expand what runs": lambda: model_of(node("Expand", "x", "n"), tensors=(ints("n", BIG, 1),)),
        "tile": lambda: model_of(node("Tile", "one", "n"), tensors=(ONE, ints("n", BIG))),
        "tile what runs": lambda: model_of(node("Tile", "x", "n"), tensors=(ints("n", BIG),)),
        "resize": lambda: model_of(node("Resize", "x", "", "s"), tensors=(floats("s", 2.0**40),)),
        "resize to": lambda: model_of(node("Resize", "x", "", "", "n"), tensors=(ints("n", BIG),)),
        "upsample": lambda: model_of(node("Upsample", "x", "s"), tensors=(floats("s", 2.0**40),)),
        "range": lambda: model_of(
            node("Range", "a", "b", "c"),
            tensors=tuple(helper.make_tensor(n, INT64, [], [v]) for n, v in (("a", 0), ("b", BIG), ("c", 1))),
        ),
        "pad": lambda: model_of(node("Pad", "x", "n"), tensors=(ints("n", 0, BIG),)),
        "one hot": lambda: model_of(
            node("OneHot", "i", "d", "v"), tensors=(ints("i", 0), ints("d", BIG), floats("v", 0, 1))
        ),
        "random": lambda: model_of(node("RandomNormal", shape=[BIG])),
        "window": lambda: model_of(node("HannWindow", "n"), tensors=(helper.make_tensor("n", INT64, [], [BIG]),)),
        "stretched": lambda: model_of(
            node("ConstantOfShape", "n", to="a"),
            node("Transpose", "a", to="b"),
            node("Add", "a", "b"),
            tensors=(ints("n", 2**20, 1),),
        ),
        "matrices": lambda: model_of(
            node("ConstantOfShape", "n", to="a"),
            node("Transpose", "a", to="b"),
            node("MatMul", "a", "b"),
            tensors=(ints("n", 2**20, 1),),
        ),
        "gathered": lambda: model_of(
            node("ConstantOfShape", "n", to="a"),
            node("Cast", "a", to="i"),
            node("Gather", "a", "i", axis=0),
            tensors=(ints("n", 2**15, 2**10),),
        ),
        "doubled": lambda: _doubled(40, given="w"),
        "doubled while it runs": lambda: _doubled(40, given="x"),
        "many": lambda: model_of(
            *(node("ConstantOfShape", "n", to=f"h{index}") for index in range(20)), X, tensors=(ints("n", 2**27),)
        ),
        "in a branch": lambda: _in_bodies(2, node("ConstantOfShape", "n"), tensors=(ints("n", BIG),)),
        "in a function": lambda: _functions(
            [node("Constant", to="n", value_ints=[BIG]), node("ConstantOfShape", "n")],
            call=node("F0", "x", domain="own"),
        ),
        "of a function's attribute": lambda: _functions(
            [_refers(node("Constant", to="n"), "value_ints", "size"), node("ConstantOfShape", "n")],
            call=node("F0", "x", domain="own", size=[BIG]),
        ),
        "functions of functions": lambda: _functions(
            [X], *map(_calls, range(1, 12)), [*_calls(12), *_many(12)], call=node("F12", "x", domain="own")
        ),
        "a function of itself": lambda: _functions([node("F0", "x", domain="own")], call=node("F0", "x", domain="own")),
        "said of an output": lambda: _with_model(lambda model: model.graph.output[0].CopyFrom(value("y", (BIG, 2)))),
        "said of a value": lambda: _with_model(lambda model: model.graph.value_info.append(value("h", (BIG,)))),
        "sparse": lambda: _sparse([BIG]),
        "turns": lambda: _loop(
            node("Identity", "more", to="again"), node("Identity", "h", to="next"), count="n", tensors=(ints("n", BIG),)
        ),
        "endless": lambda: _loop(
            node("Identity", "more", to="again"), node("Identity", "h", to="next"), count="", tensors=()
        ),
    },
}


def _refers(made: NodeProto, name: str, to: str) -> NodeProto:
    made.attribute.append(AttributeProto(name=name, ref_attr_name=to, type=AttributeProto.INTS))
    return made


def _many(index: int) -> list[NodeProto]:
    names = [f"k{number}" for number in range(40)]
    return [node(f"F{index - 1}", "x", to=name, domain="own") for name in names]


# What a file is used with, and what is doubted: code -> files; an empty one where nothing is.
ACCEPTED: dict[str, dict[str, Callable[[], ModelProto | bytes]]] = {
    "": {
        "beside it": lambda: beside(location="ok_ext.data", offset="0", length="16", checksum="aa"),
        "beside it, as short as can be said": lambda: beside(location="ok_ext.data"),
        "beside it, in a folder": lambda: beside(location="folder/inside.data"),
        "link inside": lambda: beside(location="inside"),
        "optimised": lambda: model_of(node("FastGelu", "x", domain="com.microsoft")),
        "own domain by its name": lambda: model_of(node("Relu", "x", domain="ai.onnx")),
        "function": lambda: _functions([node("Relu", "x")], call=node("F0", "x", domain="own")),
        "set that no node is of": lambda: _with_model(
            lambda model: model.opset_import.append(helper.make_opsetid("pkg.anything", 1))
        ),
        "empty tensor": lambda: model_of(X, tensors=(floats("roi"),)),
        "unknown field": lambda: PLAIN + _field(99, b"later"),
        "unknown sizes": lambda: model_of(
            node("Shape", "x", to="n"), node("ConstantOfShape", "n", to="z"), node("Expand", "z", "n")
        ),
        "copies of weights": lambda: model_of(
            *(node("Cast", "w", to=f"h{index}") for index in range(8)), X, tensors=(floats("w", 1, 2, 3, 4),)
        ),
        "loop": lambda: _loop(
            node("Identity", "more", to="again"), node("Identity", "h", to="next"), count="n", tensors=(ints("n", 9),)
        ),
        "branches": lambda: _in_bodies(3, X),
    },
    "ONNX_MERGED": {
        "another part": lambda: _again(model_of(X)),
        "another version": lambda: PLAIN + b"\x08\x07",
        "numbers twice": lambda: (
            PLAIN
            + ModelProto(graph=GraphProto()).SerializeToString()
            + _field(7, _field(5, floats("w", 1).SerializeToString() + _field(9, b"\0\0\0\0")))
        ),
    },
    "BAD_UTF8": {
        "who made it": lambda: (
            _with_model(lambda model: setattr(model, "producer_name", "QQ"))
            .SerializeToString()
            .replace(b"QQ", b"\xff\0")
        )
    },
}


def written(made: ModelProto | bytes, folder: Path) -> Path:
    """A file with all that the cases have beside it, in a folder below an own one."""
    inside = folder / "models"
    (inside / "folder").mkdir(parents=True)
    (inside / "ok_ext.data").write_bytes(np.arange(4, dtype=np.float32).tobytes())
    (inside / "folder" / "inside.data").write_bytes(np.arange(4, dtype=np.float32).tobytes())
    (folder / "outside.data").write_bytes(np.arange(4, dtype=np.float32).tobytes())
    for name, target in {
        "link": "../outside.data", "dangling": "../nothing", "loop": "loop", "inside": "ok_ext.data",
        "folder/up": "../..",
    }.items():  # fmt: skip
        (inside / name).symlink_to(target)
    os.mkfifo(inside / "pipe")
    path = inside / "model.onnx"
    path.write_bytes(made if isinstance(made, bytes) else made.SerializeToString())
    return path
