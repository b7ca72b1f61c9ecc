"""Widgets that the scripts of packs make: what a saved node of each kind is in the prompt."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.graph.saved_nodes import graph_of
from wftools.convert.to_api import to_api

COMBINED = {"frame_rate": 8, "loop_count": 0, "filename_prefix": "ad", "format": "video/h264-mp4", "pingpong": False}
FORMAT = {"pix_fmt": "yuv420p", "crf": 19, "save_metadata": True}
PREVIEW = {"videopreview": {"hidden": False, "paused": False, "params": {"filename": "ad.mp4"}}}
LOADED = {"video": "a.mp4", "force_rate": 0, "frame_load_cap": 0, "skip_first_frames": 0, "select_every_nth": 1}
HEADER = {"type": "PowerLoraLoaderHeaderWidget"}
ADD_LORA = "➕ Add Lora"  # noqa: RUF001
WILDCARDS = {
    "wildcard_text": "a __b__",
    "populated_text": "a c",
    "mode": True,
    "Select to add LoRA": "Select the LoRA to add to the text",
    "Select to add Wildcard": "Select the Wildcard to add to the text",
    "seed": 5,
}
EFFICIENT = {
    "steps": 20,
    "cfg": 7,
    "sampler_name": "euler",
    "scheduler": "normal",
    "denoise": 1,
    "preview_method": "auto",
    "vae_decode": "true",
}
TAGGER = {"model": "wd-v1-4-moat-tagger-v2", "threshold": 0.35, "character_threshold": 0.85}
EXPLORED = {
    "seed_prompt": "1,2",
    "enable_additional": True,
    "additional_seed": 5,
    "additional_strength": 0.1,
    "noise_mode": "GPU(=A1111)",
    "initial_batch_seed_mode": "incremental",
    "variation_method": "linear",
}
SAMPLED = {"steps": 20, "cfg": 8, "sampler_name": "euler", "scheduler": "normal", "denoise": 0.5, "feather": 5}
DETECTED = {
    "bbox_threshold": 0.5,
    "bbox_dilation": 10,
    "bbox_crop_factor": 3,
    "sam_detection_hint": "center-1",
    "sam_dilation": 0,
    "sam_threshold": 0.93,
    "sam_bbox_expansion": 0,
    "sam_mask_hint_threshold": 0.7,
    "sam_mask_hint_use_negative": "False",
}
CONCATENATED = {"delimiter": ", ", "clean_whitespace": "true"}


def row(on: bool, lora: str, strength: float, two: float | None = None) -> dict[str, Any]:
    return {"on": on, "lora": lora, "strength": strength, "strengthTwo": two}


def without(given: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name not in names}


def slot(name: str, kind: str) -> dict[str, Any]:
    return {"name": name, "type": kind, "link": None}


# The type, the saved values, and what of them the prompt has
CASES: list[tuple[str, Any, dict[str, Any]]] = [
    # VideoHelperSuite: objects, lists of 2023, widgets of the chosen format, what was called otherwise
    (
        "VHS_VideoCombine",
        {**COMBINED, **FORMAT, "save_output": True, **PREVIEW},
        {**COMBINED, **FORMAT, "trim_to_audio": False, "save_output": True},
    ),
    (
        "VHS_VideoCombine",
        {**COMBINED, **without(FORMAT, "pix_fmt"), "save_image": True, **PREVIEW},
        {**COMBINED, **without(FORMAT, "pix_fmt"), "save_image": True},
    ),
    (
        "VHS_VideoCombine",
        [8, 0, "ad", "image/gif", False, True],
        {**COMBINED, "format": "image/gif", "save_output": True},
    ),
    (
        "VHS_LoadVideo",
        {**LOADED, "force_size": "512x?", "choose video to upload": "image", **PREVIEW},
        {**LOADED, "force_size": "512x?"},
    ),
    ("VHS_LoadVideo", ["a.mp4", 0, "Disabled", 0, 0, 1, "image"], {**LOADED, "force_size": "Disabled"}),
    (
        "VHS_LoadVideo",
        {**LOADED, "custom_width": 64, "custom_height": 0, "format": "None", "choose video to upload": "image"},
        {**LOADED, "custom_width": 64, "custom_height": 0, "format": "None"},
    ),
    (
        "VHS_LoadImages",
        ["frames", None, 0, 0, 1],
        {"directory": "frames", "image_load_cap": 0, "skip_first_images": 0, "select_every_nth": 1},
    ),
    # rgthree
    (
        "Power Lora Loader (rgthree)",
        [{}, HEADER, row(True, "a.safetensors", 1), row(False, "b.safetensors", 0.5, 0.25), {}, ""],
        {
            "PowerLoraLoaderHeaderWidget": HEADER,
            "lora_1": row(True, "a.safetensors", 1),
            "lora_2": row(False, "b.safetensors", 0.5, 0.25),
            ADD_LORA: "",
        },
    ),
    ("Power Lora Loader (rgthree)", [None, row(True, "a.safetensors", 1)], {"lora_1": row(True, "a.safetensors", 1)}),
    ("Seed (rgthree)", [-1, "", "", ""], {"seed": -1}),
    ("Seed (rgthree)", [5, None, None, None], {"seed": 5}),
    (
        "Image Comparer (rgthree)",
        [[{"name": "A", "selected": True, "url": "/a"}]],
        {"rgthree_comparer": {"images": [{"name": "A", "selected": True, "url": "/a"}]}},
    ),
    ("Image Comparer (rgthree)", [], {}),
    ("Display Any (rgthree)", ["of the last run"], {"output": ""}),
    ("Power Puter (rgthree)", [{"outputs": ["INT"]}, "a + b"], {"outputs": {"outputs": ["INT"]}, "code": "a + b"}),
    ("Power Primitive (rgthree)", ["INT", 5], {"type": "INT", "value": 5}),
    # Results of the last run
    ("ShowText|pysssss", [["of the last run"]], {}),
    (
        "WD14Tagger|pysssss",
        [*TAGGER.values(), False, False, "", "1girl, solo"],
        {**TAGGER, "replace_underscore": False, "trailing_comma": False, "exclude_tags": ""},
    ),
    (
        "WD14Tagger|pysssss",
        [*TAGGER.values(), "1girl, solo"],
        {**TAGGER, "replace_underscore": False, "trailing_comma": False, "exclude_tags": ""},
    ),
    ("easy showAnything", ["of the last run", "and more"], {}),
    # Impact, Inspire
    ("ImpactWildcardEncode", [*WILDCARDS.values(), "fixed"], WILDCARDS),
    ("ImpactWildcardEncode", [*{**WILDCARDS, "mode": "fixed"}.values(), "fixed"], {**WILDCARDS, "mode": "fixed"}),
    ("PreviewBridge", ["#placeholder"], {"image": "#placeholder"}),
    ("ImpactSEGSPicker", ["1,2", None], {"picks": "1,2"}),
    ("SeedExplorer //Inspire", [*EXPLORED.values(), None], EXPLORED),
    ("ShowCachedInfo //Inspire", ["info", "key", None, None, None], {"cache_info": "info", "key": "key"}),
    (
        "PromptBuilder //Inspire",
        ["style", "#PRESET", "text"],
        {"category": "style", "preset": "#PRESET", "text": "text"},
    ),
    (
        "ConcatConditioningsWithMultiplier //Inspire",
        [1, 0.5, 0.25],
        {"multiplier1": 1, "multiplier2": 0.5, "multiplier3": 0.25},
    ),
    # Efficiency nodes: a button, or a mode of control, or nothing behind the seed
    ("KSampler (Efficient)", [5, None, *EFFICIENT.values()], {"seed": 5, **EFFICIENT}),
    ("KSampler (Efficient)", [5, "randomize", *EFFICIENT.values()], {"seed": 5, **EFFICIENT}),
    ("KSampler (Efficient)", [5, *EFFICIENT.values()], {"seed": 5, **EFFICIENT}),
    (
        "KSampler (Efficient)",
        ["Script", 0, 99, False, 20, 7, "euler", "normal", 1, "Enabled"],
        {
            "sampler_state": "Script",
            "my_unique_id": 0,
            "seed": 99,
            **without(EFFICIENT, "preview_method", "vae_decode"),
            "preview_image": "Enabled",
        },
    ),
    # A version of 2023 with menus where there are switches today
    (
        "FaceDetailer",
        [256, "bbox", 768, 0, "fixed", *SAMPLED.values(), "enabled", "disabled", *DETECTED.values(), 10, ""],
        {
            "guide_size": 256,
            "guide_size_for": "bbox",
            "max_size": 768,
            "seed": 0,
            **SAMPLED,
            "noise_mask": "enabled",
            "force_inpaint": "disabled",
            **DETECTED,
            "drop_size": 10,
            "wildcard": "",
        },
    ),
    # Others
    ("easy stylesSelector", ["fooocus_styles", "a,b"], {"styles": "fooocus_styles", "select_styles": "a,b"}),
    ("easy seed", [5, "randomize", None], {"seed": 5}),
    (
        "ImageConcatMulti",
        [3, "right", False, None],
        {"inputcount": 3, "direction": "right", "match_image_size": False},
    ),
    ("JoinStringMulti", [2, " ", False, None], {"inputcount": 2, "delimiter": " ", "return_list": False}),
    (
        "Animation Builder (mtb)",
        [100, 1, 2, 0, 0, "frame: 0", "Idle", None, None],
        {"total_frames": 100, "scale_float": 1, "loop_count": 2, "raw_iteration": 0, "raw_loop": 0},
    ),
    (
        "ETN_Parameter",
        ["Steps", "number (integer)", 20, 1, 100],
        {"name": "Steps", "type": "number (integer)", "default": 20, "min": 1, "max": 100},
    ),
    ("ETN_Parameter", ["Style", "text", "oil"], {"name": "Style", "type": "text", "default": "oil"}),
    (
        "TextSwitchCase",
        {"switch_cases": "a", "condition": "b", "default_value": "c", "delimiter": ":"},
        {"switch_cases": "a", "condition": "b", "default_value": "c", "delimiter": ":"},
    ),
    (
        "ADE_AnimateDiffLoaderWithContext",
        ["mm.ckpt", "autoselect", 1, True, ""],
        {"model_name": "mm.ckpt", "beta_schedule": "autoselect", "motion_scale": 1, "apply_v2_models_properly": True},
    ),
]


@pytest.mark.parametrize(("node_type", "values", "inputs"), CASES)
def test_a_node_with_special_widgets_has_its_values_in_the_prompt(node_type, values, inputs):
    made = to_api(graph_of({"type": node_type, "widgets_values": values}))

    assert made.prompt["1"]["inputs"] == inputs
    assert made.lost == ()


@pytest.mark.parametrize(
    ("shown", "has_two"), [("Single Strength", False), ("Separate Model & Clip", True), (None, True)]
)
def test_the_second_strength_of_a_lora_travels_only_where_it_is_shown(shown, has_two):
    properties = {"Show Strengths": shown} if shown else {}

    made = to_api(
        graph_of(
            {
                "type": "Power Lora Loader (rgthree)",
                "properties": properties,
                "widgets_values": [{}, row(True, "a.safetensors", 1, 0.5)],
            }
        )
    )

    assert ("strengthTwo" in made.prompt["1"]["inputs"]["lora_1"]) is has_two


def test_what_is_a_socket_today_and_was_a_widget_keeps_its_value():
    node = {"type": "Text Concatenate", "widgets_values": [", ", "true", "", "b", "c", ""]}

    made = to_api(graph_of({**node, "inputs": [slot("text_a", "STRING")], "outputs": []}))

    assert made.prompt["1"]["inputs"] == {**CONCATENATED, "text_b": "b", "text_c": "c", "text_d": ""}


def test_sockets_have_places_in_files_of_some_editors():
    sockets = [slot(f"text_{letter}", "STRING") for letter in "abcd"]
    node = {"type": "Text Concatenate", "widgets_values": [", ", "true", "", "", "", ""]}

    made = to_api(graph_of({**node, "inputs": sockets, "outputs": []}))

    assert made.prompt["1"]["inputs"] == CONCATENATED
    assert made.lost == ()


def test_what_no_widget_takes_is_lost_and_the_rest_is_not():
    made = to_api(graph_of({"type": "ShowCachedInfo //Inspire", "widgets_values": ["info", "key", {"a": 1}, 7]}))

    assert made.prompt["1"]["inputs"] == {"cache_info": "info", "key": "key"}
    assert [each.values for each in made.lost] == [2]


@pytest.mark.parametrize(("node_type", "name"), [("VHS_VideoCombine", "2024/ad"), ("SaveImageWithAlpha", "2024/ad")])
def test_savers_of_these_packs_fill_in_what_file_names_take_from_the_day(node_type, name):
    node = {"type": node_type, "inputs": [], "widgets_values": {"filename_prefix": "%date:yyyy%/ad"}}

    made = to_api(graph_of(node), now=datetime(2024, 5, 6))

    assert made.prompt["1"]["inputs"]["filename_prefix"] == name


def test_a_list_of_something_else_is_read_as_far_as_its_kinds_fit():
    values = [256, *[{"of": "its own"}] * 30]

    made = to_api(graph_of({"type": "FaceDetailer", "widgets_values": values}))

    assert made.prompt["1"]["inputs"]["guide_size"] == 256
    assert {"of": "its own"} not in made.prompt["1"]["inputs"].values()
    assert [each.values for each in made.lost] == [30]
