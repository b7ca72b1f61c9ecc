"""What classes of the newer form say, and how a pack lists them."""

from __future__ import annotations

import pytest

SCHEMA = """
    from comfy_api.latest import ComfyExtension, io

    {head}
    class Node(io.ComfyNode):
        @classmethod
        def define_schema(cls):
            return io.Schema({schema})

        {body}

    class Extension(ComfyExtension):
        async def get_node_list(self):
            return [Node]

    async def comfy_entrypoint():
        return Extension()

    NODE_CLASS_MAPPINGS = None
"""


@pytest.fixture
def schema(pack):
    """What a scan says of a node with this schema."""

    def of(text: str, body: str = "", head: str = ""):
        return pack(SCHEMA.format(schema=text, body=body, head=head))

    return of


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            "io.Int.Input('x', 'shown', True, 'prose', None, 4, 1, 9, 2)",
            ["INT", {"default": 4, "min": 1, "max": 9, "step": 2}],
        ),
        (
            "io.Float.Input('x', default=0.0, round=0.1, display_mode=io.NumberDisplay.slider)",
            ["FLOAT", {"default": 0.0, "round": 0.1, "display": "slider"}],
        ),
        ("io.Combo.Input('x', ['a'], default='a')", ["COMBO", {"options": ["a"], "default": "a"}]),
        ("io.Combo.Input('x', options=Way, default=Way.UP)", ["COMBO", {"options": ["up", "down"], "default": "up"}]),
        (
            "io.Combo.Input('x', options=[], upload=io.UploadType.image, image_folder=io.FolderType.input)",
            ["COMBO", {"options": [], "image_upload": True, "image_folder": "input", "open": "empty"}],
        ),
        (
            "io.Combo.Input('x', remote=io.RemoteOptions('/r', True))",
            ["COMBO", {"remote": {"route": "/r", "refresh_button": True, "control_after_refresh": "first"}}],
        ),
        (
            "io.MultiCombo.Input('x', options=['a', 'b'], chip=True)",
            ["COMBO", {"options": ["a", "b"], "multiselect": True, "multi_select": {"chip": True}}],
        ),
        ("io.Color.Input('x')", ["COLOR", {"default": "#ffffff", "socketless": True}]),
        (
            "io.BoundingBox.Input('x')",
            ["BOUNDING_BOX", {"default": {"x": 0, "y": 0, "width": 512, "height": 512}, "socketless": True}],
        ),
        (
            "io.Curve.Input('x')",
            [
                "CURVE",
                {
                    "default": {"points": [[0.0, 0.0], [1.0, 1.0]], "interpolation": "monotone_cubic"},
                    "socketless": True,
                },
            ],
        ),
        ("io.Image.Input('x', lazy=True, raw_link=True)", ["IMAGE", {"lazy": True, "rawLink": True}]),
        ("io.Image.Input('x', extra_dict={'mine': 1, 'none': None})", ["IMAGE", {"mine": 1}]),
        ("io.Custom('MINE').Input('x')", ["MINE"]),
        ("Mine.Input('x')", ["MINE_TOO"]),
        ("io.AnyType.Input('x')", ["*"]),
        ("io.MultiType.Input('x', [io.Mask, io.Image, io.Mask])", ["MASK,IMAGE"]),
        (
            "io.MultiType.Input(io.String.Input('x', multiline=True), [io.Image])",
            ["STRING,IMAGE", {"multiline": True, "widgetType": "STRING"}],
        ),
        (
            "io.MatchType.Input('x', io.MatchType.Template('t'))",
            ["COMFY_MATCHTYPE_V3", {"template": {"template_id": "t", "allowed_types": "*"}}],
        ),
        (
            "io.DynamicSlot.Input(io.Int.Input('x'), [io.Image.Input('y')])",
            ["COMFY_DYNAMICSLOT_V3", {"slotType": "INT", "forceInput": True, "inputs": {"required": {"y": ["IMAGE"]}}}],
        ),
    ],
)
def test_what_an_input_of_a_schema_says(schema, given, said):
    head = """
    from enum import Enum

    class Way(Enum):
        UP = "up"
        DOWN = "down"

    @io.comfytype(io_type="MINE_TOO")
    class Mine(io.ComfyTypeIO):
        pass
    """

    found = schema(f"'MyNode', inputs=[{given}]", head=head)

    (section,) = found.nodes["MyNode"]["input"].values()
    assert section == {"x": said}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("is_output_node=True", {"output_node": True, "hidden": ["prompt", "extra_pnginfo"]}),
        (
            "is_api_node=True",
            {"api_node": True, "hidden": ["auth_token_comfy_org", "api_key_comfy_org", "comfy_usage_source"]},
        ),
        (
            "is_output_node=True, hidden=[io.Hidden.extra_pnginfo]",
            {"output_node": True, "hidden": ["extra_pnginfo", "prompt"]},
        ),
        ("is_input_list=True, is_dev_only=True", {"is_input_list": True, "dev_only": True}),
        ("display_name='Mine', category='a'", {"display_name": "Mine", "category": "a"}),
        (
            "outputs=[io.Image.Output(), io.Mask.Output('m'), io.Int.Output('i', 'shown')]",
            {"output_name": ["IMAGE", "m", "shown"]},
        ),
        ("outputs=[io.Image.Output(is_output_list=True)]", {"output_is_list": [True], "output": ["IMAGE"]}),
    ],
)
def test_what_a_schema_says(schema, more, said):
    entry = schema(f"node_id='MyNode', {more}").nodes["MyNode"]

    shown = {**entry, "hidden": list(entry["input"].get("hidden", ()))}
    assert said.items() <= shown.items()


def test_a_schema_names_the_type_and_what_it_checks_itself(schema):
    body = "@classmethod\n        def validate_inputs(cls, x): return True"

    found = schema("'MyNode', inputs=[io.Int.Input('x')]", body)

    assert list(found.nodes) == ["MyNode"]
    assert found.nodes["MyNode"]["validates"] == ["x"]


def test_a_schema_with_two_inputs_of_one_name_is_refused(schema):
    found = schema("'MyNode', inputs=[io.Int.Input('x'), io.Int.Input('x')]")

    assert found.nodes == {}
    assert not found.is_whole or found.facts.refused


@pytest.mark.parametrize(
    "more",
    [
        "inputs=[io.Int.Input('x'), X.input()]",
        "inputs=X.inputs()",
        "inputs=[*X.inputs()]",
        "inputs=[io.Int.Input('x', optional=X.test)]",
        "inputs=[io.Int.Input(X.name)]",
        "inputs=[io.Int.Input('x')] * X.count",
        "inputs=[io.DynamicCombo.Input('x', options=[io.DynamicCombo.Option('y', [X.input()])])]",
        "inputs=[io.Autogrow.Input('x', template=io.Autogrow.TemplatePrefix(io.Int.Input('y'), 'y', max=X.most))]",
        "inputs=[io.MultiType.Input('x', [io.Int, X.kind])]",
        "inputs=[io.Custom(X.kind).Input('x')]",
        "inputs=[io.Int.Input('x', **X.options)]",
        "outputs=[X.output()]",
        "outputs=X.outputs()",
        "outputs=[io.Custom(X.kind).Output()]",
        "is_output_node=X.test",
        "**X.more",
    ],
)
def test_what_a_schema_does_not_tell_is_said_to_be_unknown(schema, more):
    found = schema(f"'MyNode', {more}", head="import somebodys_library as X")

    assert {*found.partly, *found.facts.unknown} == {"MyNode"}


def test_a_schema_whose_name_is_not_known_is_told(schema):
    found = schema("X.name, inputs=[]", head="import somebodys_library as X")

    assert not found.nodes
    assert "Node has no schema that could be read" in found.facts.incomplete[0]
