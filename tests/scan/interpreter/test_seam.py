"""What is asked of the interpreter from outside."""

from __future__ import annotations

import pytest

from tests.scan.interpreter.packs import interpreter_of, is_unknown, value_of
from wftools.scan.interpreter import (
    FileMarker,
    Foreign,
    Instance,
    Undecided,
    Unknown,
    foreign_module,
    partly,
    plain,
)

NODES = """
    from .more import A, extra

    class B(A):
        RETURN_TYPES = ("INT",)

        @classmethod
        def INPUT_TYPES(cls):
            inputs = super().INPUT_TYPES()
            inputs["required"]["b"] = ("INT", {"default": len(extra), "max": 2 ** 31 - 1})
            return inputs

    NODE_CLASS_MAPPINGS = {"B": B}
"""
MORE = """
    extra = [1, 2, 3]

    class A:
        @classmethod
        def INPUT_TYPES(cls):
            return {"required": {"a": (["x", "y"],)}}
"""


def test_a_class_is_called_as_a_server_does(tmp_path):
    interpreter = interpreter_of(tmp_path, {"__init__.py": NODES, "more.py": MORE})
    mappings = interpreter.attribute(interpreter.load(), "NODE_CLASS_MAPPINGS")

    inputs = interpreter.call(interpreter.attribute(mappings["B"], "INPUT_TYPES"))

    assert inputs == {"required": {"a": (["x", "y"],), "b": ("INT", {"default": 3, "max": 2147483647})}}
    assert interpreter.incomplete == []


def test_what_is_missing_is_unknown_or_the_default(tmp_path):
    interpreter = interpreter_of(tmp_path, "A = 1")
    module = interpreter.load()

    assert is_unknown(interpreter.attribute(module, "B"))
    assert interpreter.attribute(module, "B", None) is None


def test_nothing_is_decided_by_an_unknown():
    for decide in (
        bool,
        str,
        int,
        len,
        lambda value: value == 1,
        lambda value: value < 1,
        lambda value: value in [1, 2],
    ):
        with pytest.raises(Undecided):
            decide(Unknown("why"))


def test_foreign_functions_are_given_the_arguments(tmp_path):
    lists = {"get_filename_list": Foreign("get_filename_list", lambda _, kind: [FileMarker(kind, suffix=".pt").text])}
    source = """
        import folder_paths
        X = ["None"] + ["sub/" + name for name in folder_paths.get_filename_list("loras") if name.endswith(".pt")]
    """

    value = value_of(tmp_path, source, folder_paths=foreign_module("folder_paths", lists))

    assert value[0] == "None"
    assert FileMarker.find(value[1]) == FileMarker("loras", "sub/", ".pt")


def test_a_text_subclass_counts_as_its_text(tmp_path):
    value = value_of(tmp_path, "class Any(str):\n    def __ne__(self, other):\n        return False\nX = Any('*')")

    assert isinstance(value, Instance)
    assert plain(value) == "*"


def test_what_is_merged_into_a_dict_without_being_known_leaves_its_trace(tmp_path):
    value = value_of(tmp_path, "import torch\nX = {'a': 1, **torch.stuff}")

    assert value["a"] == 1
    assert partly(value) == ["stuff of module torch"]
