"""What a server asks of a pack's classes, and what it makes of their answers."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("RETURN_TYPES = ('IMAGE', 'MASK')", {"output": ["IMAGE", "MASK"]}),
        ("RETURN_TYPES = ['IMAGE']", {"output": ["IMAGE"]}),
        ("RETURN_TYPES = ('INT')", {"output": ["I", "N", "T"], "output_is_text": True}),
        ("RETURN_TYPES = (['a', 'b'],)", {"output": [["a", "b"]]}),
        ("RETURN_TYPES = ('INT', 'INT')\nRETURN_NAMES = ('width',)", {"output_name": ["width"]}),
        ("RETURN_TYPES = ('INT',)\nRETURN_NAMES = ('a', 'b')", {"output_name": ["a", "b"]}),
        ("RETURN_TYPES = ('INT',)\nRETURN_NAMES = ('INT',)", {}),
        ("RETURN_TYPES = ('INT',)\nOUTPUT_IS_LIST = (True,)", {"output_is_list": [True]}),
        ("RETURN_TYPES = ('INT',)\nOUTPUT_IS_LIST = (False,)", {}),
        ("OUTPUT_NODE = True", {"output_node": True}),
        ("OUTPUT_NODE = 1", {"output_node": True}),
        ("OUTPUT_NODE = 'yes'", {}),
        ("INPUT_IS_LIST = True\nDEPRECATED = True\nEXPERIMENTAL = False", {"is_input_list": True, "deprecated": True}),
        ("DEV_ONLY = True\nAPI_NODE = True", {"dev_only": True, "api_node": True}),
        ("CATEGORY = 'a/b'", {"category": "a/b"}),
        ("", {"category": "sd", "display_name": "Node", "output": []}),
        ("@classmethod\ndef VALIDATE_INPUTS(cls, a, b=1): return True", {"validates": ["a", "b"]}),
        ("@staticmethod\ndef VALIDATE_INPUTS(a): return True", {"validates": ["a"]}),
        ("@classmethod\ndef VALIDATE_INPUTS(cls, a, **more): return True", {"validates": ["a"], "validates_all": True}),
        ("@classmethod\ndef VALIDATE_INPUTS(cls): return True", {}),
    ],
)
def test_what_a_class_of_the_older_form_says(node, body, said):
    entry = node(body).nodes["Node"]

    told = {
        "output_name",
        "output_is_list",
        "output_is_text",
        "output_node",
        "is_input_list",
        "deprecated",
        "validates",
    }
    assert said.items() <= entry.items()
    assert not (told & entry.keys()) - said.keys()


@pytest.mark.parametrize(
    ("declaration", "said"),
    [
        ("('INT', {'default': 1})", ["INT", {"default": 1}]),
        ("['INT', {'default': 1}]", ["INT", {"default": 1}]),
        ("('INT',)", ["INT"]),
        ("('INT', {})", ["INT"]),
        ("'INT'", ["INT"]),
        (
            "('INT', {'default': 0, 'tooltip': 'prose', 'min': 0, 'forceInput': False})",
            ["INT", {"default": 0, "min": 0}],
        ),
        ("('BOOLEAN', {'default': False, 'label_on': 'prose'})", ["BOOLEAN", {"default": False}]),
        ("(('a', 'b'),)", [["a", "b"]]),
        ("([1, 2.5, True, None, 'a'],)", [[1, 2.5, True, None, "a"]]),
        ("(['a'], {'default': 'a'})", [["a"], {"default": "a"}]),
        ("('COMBO', {'options': ('a', 'b')})", ["COMBO", {"options": ["a", "b"]}]),
        ("([],)", [[], {"open": "empty"}]),
        ("(['auto', 'cpu'],)", [["auto", "cpu"], {"open": "devices"}]),
        ("(['cpu', 'cuda'],)", [["cpu", "cuda"]]),
        ("('INT', {'default': 1, 2: 3})", ["INT", {"default": 1, "2": 3}]),
    ],
)
def test_what_a_declaration_says(declared, declaration, said):
    entry = declared(f"{{'required': {{'x': {declaration}}}}}")

    assert entry["input"] == {"required": {"x": said}}
    assert entry["input_order"] == {"required": ["x"]}


def test_sections_keep_their_order_and_empty_ones_are_left_out(declared):
    entry = declared("{'optional': {'b': ('INT',), 'a': ('INT',)}, 'required': {}, 'hidden': {'id': ('UNIQUE_ID',)}}")

    assert list(entry["input"]["optional"]) == ["b", "a"]
    assert entry["input"].keys() == {"optional", "hidden"}
    assert entry["input"]["hidden"] == {"id": "UNIQUE_ID"}
    assert entry["input_order"] == {"optional": ["b", "a"]}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("INPUT_TYPES = None\ndel INPUT_TYPES", "no INPUT_TYPES"),
        ("RETURN_TYPES = ()\ndel RETURN_TYPES", "no RETURN_TYPES"),
        ("@classmethod\ndef INPUT_TYPES(cls): return {'required': {'a', 'b'}}", "no dictionary"),
        ("@classmethod\ndef INPUT_TYPES(cls): return {'required': {'a': (int,)}}", "JSON cannot hold"),
        (
            "@classmethod\ndef INPUT_TYPES(cls): return {'required': {'a': ('INT', {'default': {1, 2}})}}",
            "JSON cannot hold",
        ),
        ("@classmethod\ndef INPUT_TYPES(cls): return {'required': {'a': ()}}", "no type"),
    ],
)
def test_a_type_that_a_server_cannot_report_is_left_out_and_said(node, body, why):
    found = node(body)

    assert found.nodes == {}
    assert why in found.facts.refused["Node"]


UNKNOWN = "import somebodys_library as other\nX = other.thing()\n"


@pytest.mark.parametrize(
    ("declaration", "said"),
    [
        ("(X,)", ["*", {"open": "computed"}]),
        ("X", ["*", {"open": "computed"}]),
        ("('INT', {'default': 1, 'max': X})", ["INT", {"default": 1, "unknown": ["max"]}]),
        ("(['a', X],)", [["a"], {"open": "computed"}]),
        ("(['a'] + X.names,)", [["a"], {"open": "computed"}]),
        ("('COMBO', {'options': X})", ["COMBO", {"unknown": ["options"]}]),
        ("(['a', 'b'], {'default': X})", [["a", "b"], {"unknown": ["default"]}]),
    ],
)
def test_what_the_source_does_not_tell_is_said_to_be_unknown(declared, declaration, said):
    assert declared(f"{{'required': {{'x': {declaration}}}}}", UNKNOWN)["input"]["required"]["x"] == said


def test_inputs_of_which_not_all_names_are_known_make_a_signature_partly_known(declared):
    entry = declared("{'required': {'a': ('INT',), X: ('INT',)}}", UNKNOWN)

    assert entry["input"]["required"] == {"a": ["INT"]}
    assert len(entry["partly"]) == 1


@pytest.mark.parametrize(
    "body",
    [
        "for name in X.names: inputs[name] = ('INT',)",
        "for name, each in X.items(): inputs[name] = each",
        "for name, each in X.items(): inputs.setdefault(name, {}).update(each)",
        "inputs.update(X)",
        "inputs |= X",
        "inputs = {**inputs, **X}",
        "inputs.update({name: each for name, each in X.items()})",
        "inputs.pop(X.name, None)",
        "del inputs[X.name]",
        "inputs.clear() if X.test else None",
        "if X.test: inputs['b'] = ('INT',)",
        "if X.test: inputs.update(b=('INT',))",
        "while X.test: inputs['b'] = ('INT',)",
    ],
)
def test_what_may_have_changed_the_inputs_leaves_them_partly_known(node, body):
    """An input that is said to be the only one, and is not, gives the values of a file to the wrong inputs."""
    text = f"@classmethod\ndef INPUT_TYPES(cls):\n    inputs = {{'a': ('INT',)}}\n    {body}\n"

    found = node(f"{text}    return {{'required': inputs}}\n", UNKNOWN)

    assert found.partly or found.facts.unknown


def test_a_class_that_is_not_known_is_told_and_not_made_up(pack):
    found = pack(UNKNOWN + "NODE_CLASS_MAPPINGS = {'A': X, 'B': other.Node}")

    assert found.nodes == {}
    assert found.facts.unknown.keys() == {"A", "B"}
    assert not found.is_whole


def test_names_of_types_that_are_not_known_are_told(pack):
    found = pack(UNKNOWN + "NODE_CLASS_MAPPINGS = {}\nNODE_CLASS_MAPPINGS.update(X)")

    assert found.facts.incomplete


def test_text_subclasses_arrive_as_text_and_dicts_as_what_they_hold(declared):
    head = """
        class Any(str):
            def __ne__(self, other): return False

        class Rows(dict):
            def __init__(self, kind):
                self.kind = kind
            def __getitem__(self, key):
                return (self.kind,)
            def __contains__(self, key):
                return True
    """

    entry = declared("{'required': {'x': (Any('*'), {'default': Any('d')})}, 'optional': Rows('INT')}", head)

    assert entry["input"] == {"required": {"x": ["*", {"default": "d"}]}}
    assert entry["flexible"] == ["optional"]


# ---------------------------------------------------------------------------------------------------------------------
# The mappings and the entry point


def test_the_table_of_classes_wins_over_the_entry_point(pack):
    found = pack("""
        class Node:
            RETURN_TYPES = ()
            @classmethod
            def INPUT_TYPES(cls): return {}
        def comfy_entrypoint():
            raise ValueError("a server does not ask")
        NODE_CLASS_MAPPINGS = {"Old": Node, "KSampler": Node}
        NODE_DISPLAY_NAME_MAPPINGS = {"Old": "An old node", "Nobody": "Names nobody"}
    """)

    assert list(found.nodes) == ["Old"], "ComfyUI's own names stay ComfyUI's"
    assert found.nodes["Old"]["display_name"] == "An old node"
