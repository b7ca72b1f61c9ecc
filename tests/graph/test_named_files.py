"""Which files nodes name."""

from __future__ import annotations

import json

import pytest

from tests.graph.cases import node, workflow
from wftools.catalog.lookup import shipped
from wftools.document import read
from wftools.graph import Literal, Node, NodePath, build
from wftools.graph.named_files import files_of, model_notes, named_files


def prompt(node_type, **inputs):
    return {"1": {"class_type": node_type, "inputs": inputs}}


def graph_of(tree, tmp_path):
    path = tmp_path / "flow.json"
    path.write_text(json.dumps(tree))
    return build(read(str(path)))


@pytest.fixture
def named(tmp_path):
    """What a tree names: the kinds or the area, or ? if that is unknown, and the name."""

    def of(tree):
        return [
            ("+".join(each.kinds) or each.area or "?", each.name) for each in named_files(graph_of(tree, tmp_path).flat)
        ]

    return of


@pytest.mark.parametrize(
    ("node_type", "inputs", "found"),
    [
        ("CheckpointLoaderSimple", {"ckpt_name": "sdxl\\base.safetensors"}, [("checkpoints", "sdxl/base.safetensors")]),
        ("UNETLoader", {"unet_name": "a.safetensors"}, [("diffusion_models", "a.safetensors")]),
        ("CLIPLoader", {"clip_name": "a.safetensors"}, [("text_encoders", "a.safetensors")]),
        ("CheckpointLoaderSimple", {"ckpt_name": ["2", 0]}, []),  # a link
        ("VAELoader", {"vae_name": "pixel_space"}, []),
        ("VAELoader", {"vae_name": "taesd"}, [("vae", "taesd")]),
        ("Efficient Loader", {"vae_name": "Baked VAE", "lora_name": "None"}, []),
        ("LoRA Stacker", {"lora_name_1": "a.pt", "lora_name_2": "None"}, [("loras", "a.pt")]),
        ("LoRA Stacker", {"lora_name_1": "Lora of an older version"}, []),
        ("UltralyticsDetectorProvider", {"model_name": "segm/face.pt"}, [("ultralytics_segm", "face.pt")]),
        ("LoadImage", {"image": "sub\\a.png"}, [("input", "sub/a.png")]),
        ("LoadImageMask", {"image": "clipspace/mask.png [input]"}, [("input", "clipspace/mask.png")]),
        ("LoadImage", {"image": "a.png [output]"}, [("output", "a.png")]),
        ("Load3D", {"model_file": "3d/a.glb"}, [("input", "3d/a.glb")]),
        ("Nobody knows", {"a": "x.safetensors", "b": "x.png"}, [("?", "x.safetensors")]),
        ("Nobody knows", {"a": {"b": ["x.pt", 5]}}, [("?", "x.pt")]),
        ("Nobody knows", {"a": "https://example.com/x.safetensors"}, []),
        ("Power Lora Loader (rgthree)", {"lora_1": {"on": True, "lora": "a.pt"}}, [("loras", "a.pt")]),
        ("Power Lora Loader (rgthree)", {"lora_1": {"on": True, "lora": "None"}}, []),
        ("Power Lora Loader (rgthree)", {"lora_1": 5}, []),
    ],
)
def test_a_declared_folder_says_what_a_value_names(node_type, inputs, found, named):
    assert named(prompt(node_type, **inputs)) == found


def test_of_several_folders_without_prefixes_all_are_told(named):
    assert named(prompt("ClownModelLoader", model_name="a.safetensors")) == [
        ("checkpoints+diffusion_models", "a.safetensors")
    ]


def test_a_row_that_is_switched_off_is_told_as_such(tmp_path):
    rows = {"lora_1": {"on": False, "lora": "a.pt"}, "lora_2": {"on": True, "lora": "b.pt"}}
    view = graph_of(prompt("Power Lora Loader (rgthree)", **rows), tmp_path).flat

    assert {each.name: each.is_off for each in named_files(view)} == {"a.pt": True, "b.pt": False}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a cat, embedding:bad", ["bad"]),
        ("embedding:bad, embedding:sub/worse.pt,dogs", ["bad", "sub/worse.pt"]),
        ("(embedding:bad:1.2)", ["bad"]),
        (r"(blurry, embedding:bad_\(v2\):0.8), x", ["bad_(v2)"]),
        ("(embedding:bad, blurry:1.2)", ["bad"]),
        ("{embedding:one|embedding:two}", ["one", "two"]),
        ("no embedding: here", ["here"]),  # as ComfyUI reads it
        ("myembedding:bad", []),
        ("<lora:style:0.8>", []),  # a text to ComfyUI's own encoder
    ],
)
def test_prompts_name_embeddings(text, names, named):
    found = named(prompt("CLIPTextEncode", text=text))

    assert found == [("embeddings", name) for name in names]


@pytest.mark.parametrize("node_type", ["ImpactWildcardProcessor", "PrimitiveStringMultiline", "Nobody knows"])
def test_prompts_that_packs_may_read_name_loras(node_type, named):
    name = "wildcard_text" if node_type.startswith("Impact") else "value"
    found = named(prompt(node_type, **{name: "a cat <lora:sub\\style:0.8:0.5> <LoRA:other>"}))

    assert found == [("loras", "sub/style"), ("loras", "other")]


def test_a_name_in_a_text_stands_for_files_with_suffixes(tmp_path):
    (found,) = named_files(graph_of(prompt("CLIPTextEncode", text="embedding:bad"), tmp_path).flat)

    assert found.spellings == ("bad", "bad.safetensors", "bad.pt", "bad.bin")


def test_values_of_an_unknown_type_are_found_without_names(tmp_path):
    unknown = node(1, "Nobody knows", values=["x.safetensors", 5, None, {"lora": "y.pt"}, "a picture.png"])
    view = graph_of(workflow([unknown], []), tmp_path).flat

    assert [(each.name, each.kinds, each.pointer) for each in named_files(view)] == [
        ("x.safetensors", (), "/nodes/0/widgets_values/0"),
        ("y.pt", (), "/nodes/0/widgets_values/3"),
    ]


def test_what_an_input_is_known_for_is_told_once(tmp_path):
    unknown = node(1, "Nobody knows", [("*a", "COMBO", None)], values=["x.pt", "y.pt"])
    view = graph_of(workflow([unknown], []), tmp_path).flat

    assert [(each.input, each.name) for each in named_files(view)] == [("a", "x.pt"), (None, "y.pt")]


def test_an_older_signature_takes_its_folders_from_today_s():
    """Older facts of packs have names and types of inputs, and no folders."""
    older = next(each for each in shipped().variants("VHS_LoadVideo") if each.origin.is_older)
    loader = Node(NodePath("1"), "VHS_LoadVideo", {"video": Literal("a.mp4", "/1")}, "/1", signature=older)

    assert [(each.area, each.name) for each in files_of(loader)] == [("input", "a.mp4")]


def test_notes_on_models_stand_at_nodes_and_at_the_top(tmp_path):
    stated = {
        "name": "a.safetensors",
        "url": "https://example.com/a",
        "directory": "unet",
        "hash": "00",
        "hash_type": 5,
    }
    loader = node(1, "UNETLoader", values=["a.safetensors", "default"], properties={"models": [stated, "odd", {}]})
    tree = workflow([loader], [], models=[{"name": "b.pt"}], extra={"models": [{"name": "c.pt", "url": ""}]})
    graph = graph_of(tree, tmp_path)

    found = list(model_notes(graph.document, graph.flat))

    assert [(each.name, each.node, each.directory, each.hash_type) for each in found] == [
        ("a.safetensors", "1", "diffusion_models", None),
        ("b.pt", None, None, None),
        ("c.pt", None, None, None),
    ]
    assert found[0].pointer == "/nodes/0/properties/models/0"


def test_every_model_that_a_template_names_stands_in_its_notes(templates):
    """The templates say for each of their models where it is to be had: a law over a thousand names."""
    for path in templates[::4]:
        graph = build(read(str(path)))
        noted = {
            each.name.replace("\\", "/").rpartition("/")[2] for each in model_notes(graph.document, graph.unfolded)
        }
        models = [each for each in named_files(graph.flat) if each.is_model and each.kinds]
        assert {each.name.rpartition("/")[2] for each in models} <= noted, path
