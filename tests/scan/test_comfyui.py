"""What packs import of ComfyUI: folders, its own nodes, its constants."""

from __future__ import annotations

import pytest

from wftools.catalog.lookup import Catalogue
from wftools.catalog.target import Target


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ("get_filename_list('loras')", {"folder": "loras"}),
        ("['none'] + get_filename_list('loras')", {"folder": "loras", "extra_options": ["none"]}),
        ("[x for x in get_filename_list('vae') if 'taesd' not in x]", {"folder": "vae"}),
        ("sorted(get_filename_list('clip'))", {"folder": "text_encoders"}),
        ("['a/' + x for x in get_filename_list('loras')]", {"folders": [{"folder": "loras", "prefix": "a/"}]}),
        (
            "get_filename_list('vae') + get_filename_list('unet')",
            {"folders": [{"folder": "vae"}, {"folder": "diffusion_models"}]},
        ),
        ("[x for x in os.listdir(INPUT) if x.endswith('.txt')]", {"folder": "input:.txt"}),
        (
            "[x for x in os.listdir(INPUT) if x.lower().endswith(('.png', '.mp4'))]",
            {"folder": "input:image+video"},
        ),
        ("sorted(os.listdir(INPUT))", {"folder": "input:file"}),
        (
            "[x for x in os.listdir(INPUT) if os.path.isdir(os.path.join(INPUT, x))]",
            {"folder": "input:subfolders"},
        ),
        ("os.listdir(os.path.join(folder_paths.models_dir, 'loras'))", {"folder": "loras"}),
        ("get_filename_list('mine')", {"folder": "mine"}),
        ("folder_paths.get_input_subfolders()", {"folder": "input:subfolders"}),
    ],
)
def test_lists_of_files_are_known_by_their_kind(declared, choices, said):
    head = """
    import os
    import folder_paths
    from folder_paths import get_filename_list

    INPUT = folder_paths.get_input_directory()
    folder_paths.folder_names_and_paths["mine"] = ([os.path.join(folder_paths.models_dir, "mine")], {".bin"})
    """

    entry = declared(f"{{'required': {{'x': ({choices},)}}}}", head)

    assert entry["input"]["required"]["x"] == ["COMBO", {"listed": True, **said}]


def test_names_that_were_taken_apart_are_files_no_more(declared):
    head = "import os, folder_paths"
    choices = "[os.path.splitext(x)[0] for x in folder_paths.get_filename_list('loras')]"

    entry = declared(f"{{'required': {{'x': (['none'] + {choices},)}}}}", head)

    assert entry["input"]["required"]["x"] == [["none"], {"open": "machine"}]


def test_a_default_that_is_one_of_the_files_says_nothing(declared):
    head = "import folder_paths\nFILES = folder_paths.get_filename_list('vae')"

    entry = declared("{'required': {'x': (FILES, {'default': FILES[0]}), 'y': (FILES, {'default': 'a.pt'})}}", head)

    assert entry["input"]["required"]["x"] == ["COMBO", {"listed": True, "folder": "vae"}]
    assert entry["input"]["required"]["y"] == ["COMBO", {"listed": True, "folder": "vae", "default": "a.pt"}]


@pytest.mark.parametrize(
    ("head", "base"),
    [
        ("from nodes import SaveImage as Base", "Base"),
        ("import nodes", "nodes.SaveImage"),
        ("import nodes", "nodes.NODE_CLASS_MAPPINGS['SaveImage']"),
    ],
)
def test_a_class_may_stand_on_one_of_comfyuis_own(pack, head, base):
    found = pack(f"{head}\nclass Mine({base}):\n    pass\nNODE_CLASS_MAPPINGS = {{'Mine': Mine}}")

    entry = found.nodes["Mine"]
    assert entry["output_node"] is True
    assert entry["input"]["required"]["filename_prefix"][0] == "STRING"
    assert entry["input"]["hidden"] == {"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO"}
    assert entry["display_name"] == "Mine"


def test_inputs_of_comfyuis_own_nodes_can_be_taken_over_and_changed(pack):
    found = pack("""
        import nodes
        from nodes import KSampler

        class Mine:
            RETURN_TYPES = KSampler.RETURN_TYPES + ("INT",)
            FUNCTION = "run"

            @classmethod
            def INPUT_TYPES(cls):
                inputs = nodes.KSampler.INPUT_TYPES()
                inputs["required"]["seed"] = ("INT", {"default": 7})
                inputs["optional"] = {"size": ("INT", {"max": nodes.MAX_RESOLUTION})}
                return inputs

            def run(self, **given):
                return KSampler().sample(**given) + (nodes.common_ksampler(),)

        NODE_CLASS_MAPPINGS = {"Mine": Mine, "Loader": type("Loader", (nodes.LoadImage,), {})}
    """)

    entry = found.nodes["Mine"]
    assert entry["output"] == ["LATENT", "INT"]
    assert entry["input"]["required"]["seed"] == ["INT", {"default": 7}]
    assert entry["input"]["required"]["steps"] == ["INT", {"default": 20, "min": 1, "max": 10000}]
    assert entry["input"]["optional"] == {"size": ["INT", {"max": 16384}]}
    assert found.nodes["Loader"]["validates"] == ["image"]
    assert found.nodes["Loader"]["input"]["required"]["image"][1]["folder"] == "input:image"


def test_what_depends_on_the_machine_is_open(declared):
    head = """
    import comfy.model_management
    import torch
    from comfy.comfy_types import IO

    DEVICES = ["cpu"] + [f"cuda:{i}" for i in range(torch.cuda.device_count())]
    """

    entry = declared("{'required': {'x': (DEVICES,), 'y': (IO.ANY, {'default': IO.INT})}}", head)

    assert entry["input"]["required"]["x"] == [["cpu"], {"open": "devices"}]
    assert entry["input"]["required"]["y"] == ["*", {"default": "INT"}]


def test_a_pack_that_talks_to_the_server_is_read_all_the_same(pack):
    found = pack("""
        from aiohttp import web
        from server import PromptServer
        import execution, latent_preview, comfy.utils, comfy_extras.nodes_mask

        @PromptServer.instance.routes.get("/mine")
        async def mine(request):
            return web.json_response({})

        class Node:
            RETURN_TYPES = ("MASK",)
            @classmethod
            def INPUT_TYPES(cls): return {"required": {"x": ("MASK",)}}

        NODE_CLASS_MAPPINGS = {"Node": Node}
        WEB_DIRECTORY = "./js"
        print("loaded")
    """)

    assert found.nodes["Node"]["input"]["required"] == {"x": ["MASK"]}
    assert found.is_whole


def test_a_class_that_stands_on_a_schema_of_comfyui_is_told_as_that_schema(pack):
    """A server asks such a class for its schema, and not for INPUT_TYPES."""
    found = pack("""
        import nodes
        from comfy_api.latest import io
        from comfy_extras.nodes_sd3 import TripleCLIPLoader

        class Mine(nodes.NODE_CLASS_MAPPINGS["TripleCLIPLoader"]):
            @classmethod
            def INPUT_TYPES(cls): return {"required": {"nobody": ("INT",)}}

        class Other(TripleCLIPLoader):
            @classmethod
            def define_schema(cls):
                return io.Schema("Other", inputs=[io.Int.Input("x")], outputs=[io.Clip.Output()])

        NODE_CLASS_MAPPINGS = {"Mine": Mine, "Other": Other}
    """)

    assert list(found.nodes["Mine"]["input"]["required"]) == ["clip_name1", "clip_name2", "clip_name3"]
    assert found.nodes["Mine"]["input"]["required"]["clip_name1"] == ["COMBO", {"folder": "text_encoders"}]
    assert found.nodes["Other"]["input"] == {"required": {"x": ["INT"]}}
    assert found.nodes["Other"]["output"] == ["CLIP"]


def test_types_that_a_pack_puts_among_comfyuis_own_are_its_types(pack):
    found = pack("""
        import nodes

        class Node:
            RETURN_TYPES = ()
            @classmethod
            def INPUT_TYPES(cls): return {"required": {"x": ("INT",)}}

        nodes.NODE_CLASS_MAPPINGS["Mine"] = Node
        nodes.NODE_CLASS_MAPPINGS.update({"Mine Too": Node, "KSampler": Node})
    """)

    assert list(found.nodes) == ["Mine", "Mine Too"]


def test_names_of_types_are_there_by_each_of_their_modules(declared):
    head = """
    from comfy.comfy_types import node_typing, ComfyNodeABC, InputTypeDict
    from comfy.comfy_types.node_typing import IO

    class Kinds(str):
        kinds = node_typing.IO.PRIMITIVE.split(",")
    """

    entry = declared("{'required': {'x': (Kinds.kinds,), 'y': (IO.NUMBER,)}}", head)

    assert entry["input"]["required"] == {"x": [["STRING", "FLOAT", "INT", "BOOLEAN"]], "y": ["FLOAT,INT"]}


@pytest.mark.parametrize(
    ("head", "choices", "node_type", "name"),
    [
        (
            "from comfy.cldm.control_types import UNION_CONTROLNET_TYPES as TYPES",
            "['auto'] + list(TYPES.keys())",
            "SetUnionControlNetType",
            "type",
        ),
        (
            "import comfy.hooks",
            "comfy.hooks.InterpolationMethod._LIST",
            "CreateHookKeyframesInterpolated",
            "interpolation",
        ),
    ],
)
def test_choices_of_comfyuis_own_nodes_are_those_of_the_catalogue(declared, head, choices, node_type, name):
    known = Catalogue(target=Target()).signature(node_type).input(name).choices or ()

    entry = declared(f"{{'required': {{'x': ({choices},)}}}}", head)

    assert entry["input"]["required"]["x"] == [list(known)]


def test_a_class_that_stands_on_an_older_one_of_comfyui_has_the_inputs_that_it_declares(pack):
    found = pack("""
        import comfy_extras.nodes_model_merging

        class Mine(comfy_extras.nodes_model_merging.ModelMergeBlocks):
            @classmethod
            def INPUT_TYPES(cls): return {"required": {"mine": ("INT",)}}

        NODE_CLASS_MAPPINGS = {"Mine": Mine}
    """)

    assert found.nodes["Mine"]["input"]["required"] == {"mine": ["INT"]}
    assert found.nodes["Mine"]["output"] == ["MODEL"]
