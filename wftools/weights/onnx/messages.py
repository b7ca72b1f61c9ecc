"""The messages of ONNX, as far as they are read: their fields by number. onnx/onnx.proto, ONNX 1.23."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.weights.onnx.wire import BYTES, EIGHT_BYTES, FOUR_BYTES, VARINT, Kind

if TYPE_CHECKING:
    from wftools.weights.onnx.wire import Schema


def _number(name: str) -> Kind:
    return Kind(name, VARINT)


def _numbers(name: str) -> Kind:
    return Kind(name, VARINT, is_repeated=True)


def _text(name: str) -> Kind:
    return Kind(name, BYTES)


def _texts(name: str) -> Kind:
    return Kind(name, BYTES, is_repeated=True)


def _message(name: str) -> Kind:
    return Kind(name, BYTES, is_message=True)


def _messages(name: str) -> Kind:
    return Kind(name, BYTES, is_repeated=True, is_message=True)


MODEL: Final[Schema] = {
    1: _number("ir_version"),
    2: _text("producer_name"),
    3: _text("producer_version"),
    7: _message("graph"),
    8: _messages("opset_import"),
    14: _messages("metadata_props"),
    20: _messages("training_info"),
    25: _messages("functions"),
}
OPERATOR_SET: Final[Schema] = {1: _text("domain"), 2: _number("version")}
ENTRY: Final[Schema] = {1: _text("key"), 2: _text("value")}
GRAPH: Final[Schema] = {
    1: _messages("node"),
    2: _text("name"),
    5: _messages("initializer"),
    11: _messages("input"),
    12: _messages("output"),
    13: _messages("value_info"),
    15: _messages("sparse_initializer"),
}
NODE: Final[Schema] = {
    1: _texts("input"),
    2: _texts("output"),
    3: _text("name"),
    4: _text("op_type"),
    5: _messages("attribute"),
    7: _text("domain"),
}
ATTRIBUTE: Final[Schema] = {
    1: _text("name"),
    2: Kind("f", FOUR_BYTES),
    3: _number("i"),
    4: _text("s"),
    5: _message("t"),
    6: _message("g"),
    7: Kind("floats", FOUR_BYTES, is_repeated=True),
    8: _numbers("ints"),
    9: _texts("strings"),
    10: _messages("tensors"),
    11: _messages("graphs"),
    20: _number("type"),
    21: _text("ref_attr_name"),
    22: _message("sparse_tensor"),
    23: _messages("sparse_tensors"),
}
TENSOR: Final[Schema] = {
    1: _numbers("dims"),
    2: _number("data_type"),
    3: _message("segment"),
    4: Kind("float_data", FOUR_BYTES, is_repeated=True),
    5: _numbers("int32_data"),
    6: _texts("string_data"),
    7: _numbers("int64_data"),
    8: _text("name"),
    9: _text("raw_data"),
    10: Kind("double_data", EIGHT_BYTES, is_repeated=True),
    11: _numbers("uint64_data"),
    13: _messages("external_data"),
    14: _number("data_location"),
}
SPARSE_TENSOR: Final[Schema] = {1: _message("values"), 2: _message("indices"), 3: _numbers("dims")}
VALUE: Final[Schema] = {1: _text("name"), 2: _message("type")}
TYPE: Final[Schema] = {1: _message("tensor_type")}
TENSOR_TYPE: Final[Schema] = {1: _number("elem_type"), 2: _message("shape")}
SHAPE: Final[Schema] = {1: _messages("dim")}
DIMENSION: Final[Schema] = {1: _number("dim_value"), 2: _text("dim_param")}
TRAINING: Final[Schema] = {1: _message("initialization"), 2: _message("algorithm")}
FUNCTION: Final[Schema] = {
    1: _text("name"),
    4: _texts("input"),
    5: _texts("output"),
    7: _messages("node"),
    9: _messages("opset_import"),
    10: _text("domain"),
    11: _messages("attribute_proto"),
}

# The fields of a model by number, and their form, all that there are: what a file is told by.
MODEL_FIELDS: Final = {
    **dict.fromkeys((1, 5), VARINT),
    **dict.fromkeys((2, 3, 4, 6, 7, 8, 14, 20, 25, 26), BYTES),
}
