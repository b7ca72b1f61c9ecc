"""What is told of the outputs of a workflow."""

from __future__ import annotations

import pytest

from tests.overview.flows import BASE, seen
from wftools.overview import From


def told(changes, base=BASE):
    """The last pass of the only output that is sampled."""
    (output,) = (each for each in seen(changes, base).outputs if each.passes)
    return output.passes[-1]


def texts(prompts):
    return [each.text for each in prompts]


def files(models, kind):
    return [(each.name, dict(each.strengths)) for each in models if each.kind == kind]


def test_a_plain_workflow_is_told_as_a_whole():
    overview = seen({})

    (output,) = overview.outputs
    (one,) = output.passes
    assert one.settings == {
        "seed": 5,
        "steps": 20,
        "cfg": 7.0,
        "sampler": "dpmpp_2m",
        "scheduler": "karras",
        "denoise": 1.0,
    }
    assert (texts(one.positive), texts(one.negative)) == (["a fox"], ["blurry"])
    assert files(output.models, "checkpoints") == [("sd/base.safetensors", {})]
    assert (output.size.width, output.size.height, output.size.batch) == (512, 768, 1)
    assert overview.nodes == {
        "CLIPTextEncode": 2,
        "CheckpointLoaderSimple": 1,
        "EmptyLatentImage": 1,
        "KSampler": 1,
        "SaveImage": 1,
        "VAEDecode": 1,
    }


TEXT = {"positive": {"text": ["made", 0]}}


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (["PrimitiveString", {"value": "a hen"}], "a hen"),
        (["PrimitiveStringMultiline", {"value": "a\nhen"}], "a\nhen"),
        (["StringConcatenate", {"string_a": "a", "string_b": "hen", "delimiter": " "}], "a hen"),
        (["StringConcatenate", {"string_a": ["other", 0], "string_b": "hen", "delimiter": ", "}], "red, hen"),
        (["StringFormat", {"f_string": "{a} hen", "values.a": ["other", 0]}], "red hen"),
        (["StringReplace", {"string": "a fox", "find": "fox", "replace": "hen"}], "a hen"),
        (["CR Text Concatenate", {"text1": "a", "text2": "hen", "separator": "\\n"}], "a\nhen"),
        (["Text Concatenate", {"delimiter": ", ", "clean_whitespace": "true", "text_a": ["other", 0], "text_b": " b "}],
         "red, b"),
        (["JoinStringMulti", {"inputcount": 2, "string_1": "a", "string_2": ["other", 0], "delimiter": "-"}], "a-red"),
        (["ShowText|pysssss", {"text": ["other", 0]}], "red"),
        (["Text Multiline", {"text": "a hen"}], "a hen"),
        (["easy positive", {"positive": "a hen"}], "a hen"),
        (["ImpactWildcardProcessor", {"wildcard_text": "a __bird__", "populated_text": "a hen", "seed": 1}], "a hen"),
        (["ComfySwitchNode", {"switch": True, "on_true": ["other", 0], "on_false": "no"}], "red"),
        (["ComfySwitchNode", {"switch": False, "on_true": ["other", 0], "on_false": ["third", 0]}], "blue"),
        (["ImpactSwitch", {"select": 2, "input1": ["other", 0], "input2": ["third", 0]}], "blue"),
        (["Any Switch (rgthree)", {"any_01": ["third", 0], "any_02": ["other", 0]}], "blue"),
        (["A Type That Nobody Knows", {"text": "a hen"}], "a hen"),
        (["Another Joiner", {"text_1": "a", "text_2": ["other", 0], "delimiter": " "}], "a red"),
    ],
)  # fmt: skip
def test_a_text_is_followed_to_where_it_is_written(node, text):
    more = {"other": ["PrimitiveString", {"value": "red"}], "third": ["PrimitiveString", {"value": "blue"}]}

    assert texts(told({**TEXT, "made": node, **more}).positive)[-1:] == [text]


def test_a_text_that_only_a_run_would_tell_is_told_by_its_node():
    changes = {
        **TEXT,
        "made": ["TextGenerate", {"clip": ["model", 1], "prompt": "describe a hen", "max_length": 9}],
    }

    (made,) = texts(told(changes).positive)

    assert isinstance(made, From)
    assert (made.node.path, made.node.type, made.text) == ("made", "TextGenerate", "describe a hen")


def test_texts_that_double_at_each_node_fill_no_memory():
    chain = {
        f"t{index}": [
            "StringConcatenate",
            {"string_a": [f"t{index - 1}", 0], "string_b": [f"t{index - 1}", 0], "delimiter": ""},
        ]
        for index in range(1, 60)
    }
    changes = {"positive": {"text": ["t59", 0]}, "t0": ["PrimitiveString", {"value": "ab"}], **chain}

    (made,) = texts(told(changes).positive)

    assert isinstance(made, From)


def test_nodes_that_wait_for_each_other_are_told_all_the_same():
    changes = {
        "positive": {"text": ["one", 0]},
        "one": ["StringConcatenate", {"string_a": ["two", 0], "string_b": "x", "delimiter": ""}],
        "two": ["StringTrim", {"string": ["one", 0], "mode": "Both"}],
        "latent": ["LatentUpscaleBy", {"samples": ["latent", 0], "upscale_method": "area", "scale_by": 2}],
        "model": ["LoraLoaderModelOnly", {"model": ["model", 0], "lora_name": "a.safetensors", "strength_model": 1}],
    }

    (made,) = texts(told(changes).positive)

    assert isinstance(made, From)


@pytest.mark.parametrize(
    ("nodes", "positive"),
    [
        ({"c": ["ConditioningCombine", {"conditioning_1": ["positive", 0], "conditioning_2": ["p2", 0]}]},
         ["a fox", "snow"]),
        ({"c": ["ConditioningConcat", {"conditioning_to": ["positive", 0], "conditioning_from": ["p2", 0]}]},
         ["a fox", "snow"]),
        ({"c": ["FluxGuidance", {"conditioning": ["positive", 0], "guidance": 3.5}]}, ["a fox"]),
        ({"c": ["ReferenceLatent", {"conditioning": ["positive", 0], "latent": ["latent", 0]}]}, ["a fox"]),
        ({"c": ["ConditioningSetArea", {"conditioning": ["p2", 0], "width": 64, "height": 64, "x": 0, "y": 0}]},
         ["snow"]),
        ({"c": ["ControlNetApplyAdvanced", {"positive": ["positive", 0], "negative": ["p2", 0], "strength": 1}]},
         ["a fox"]),
        ({"c": ["ConditioningZeroOut", {"conditioning": ["positive", 0]}]}, []),
        ({"c": ["CLIPTextEncodeFlux", {"clip_l": "a hen", "t5xxl": "a hen", "guidance": 2.5}]}, ["a hen"]),
        ({"c": ["CLIPTextEncodeSDXL", {"text_g": "a hen", "text_l": "red", "width": 1}]}, ["a hen", "red"]),
    ],
)  # fmt: skip
def test_conditioning_is_followed_to_its_texts(nodes, positive):
    more = {"p2": ["CLIPTextEncode", {"text": "snow", "clip": ["model", 1]}], "sampler": {"positive": ["c", 0]}}

    one = told({**more, **nodes})

    assert sorted(texts(one.positive)) == sorted(positive)
    assert texts(one.negative) == ["blurry"]


def test_guidance_travels_with_the_conditioning():
    guided = ["FluxGuidance", {"conditioning": ["positive", 0], "guidance": 3.5}]

    assert told({"c": guided, "sampler": {"positive": ["c", 0]}}).settings["guidance"] == 3.5


LORA = [
    "LoraLoader",
    {
        "model": ["model", 0],
        "clip": ["model", 1],
        "lora_name": "fur.safetensors",
        "strength_model": 0.8,
        "strength_clip": 0.5,
    },
]


@pytest.mark.parametrize(
    ("node", "loras"),
    [
        (LORA, [("fur.safetensors", {"strength": 0.8, "clip": 0.5})]),
        (
            ["Power Lora Loader (rgthree)", {
                "model": ["model", 0], "clip": ["model", 1],
                "lora_1": {"on": True, "lora": "a.safetensors", "strength": 0.7},
                "lora_2": {"on": False, "lora": "b.safetensors", "strength": 1},
            }],
            [("a.safetensors", {"strength": 0.7})],
        ),
        (
            ["CR Apply LoRA Stack", {"model": ["model", 0], "clip": ["model", 1], "lora_stack": ["stack", 0]}],
            [("a.safetensors", {"strength": 0.9, "clip": 0.4})],
        ),
        (
            ["CR Apply LoRA Stack", {"model": ["model", 0], "clip": ["model", 1], "lora_stack": ["efficient", 0]}],
            [("c.safetensors", {"strength": 0.6})],
        ),
        (
            ["Lora Loader (LoraManager)", {
                "model": ["model", 0], "clip": ["model", 1], "text": "<lora:a:0.5>",
                "loras": {"__value__": [
                    {"name": "a", "strength": 0.5, "active": True, "clipStrength": 0.4},
                    {"name": "b", "strength": 0.5, "active": False},
                ]},
            }],
            [("a", {"strength": 0.5, "clip": 0.4})],
        ),
        (
            ["ImpactWildcardEncode", {
                "model": ["model", 0], "clip": ["model", 1], "wildcard_text": "", "seed": 1,
                "populated_text": "x <lora:fur:0.3>",
            }],
            [("fur", {"strength": 0.3})],
        ),
    ],
)  # fmt: skip
def test_loras_are_told_with_their_strengths(node, loras):
    stack = ["CR LoRA Stack", {
        "switch_1": "On", "lora_name_1": "a.safetensors", "model_weight_1": 0.9, "clip_weight_1": 0.4,
        "switch_2": "Off", "lora_name_2": "b.safetensors", "model_weight_2": 1.0, "clip_weight_2": 1.0,
        "switch_3": "On", "lora_name_3": "None", "model_weight_3": 1.0, "clip_weight_3": 1.0,
    }]  # fmt: skip
    efficient = ["LoRA Stacker", {
        "input_mode": "simple", "lora_count": 1,
        "lora_name_1": "c.safetensors", "lora_wt_1": 0.6, "model_str_1": 1.0, "clip_str_1": 1.0,
        "lora_name_2": "d.safetensors", "lora_wt_2": 0.5, "model_str_2": 1.0, "clip_str_2": 1.0,
    }]  # fmt: skip
    changes = {"lora": node, "stack": stack, "efficient": efficient, "sampler": {"model": ["lora", 0]}}

    assert files(told(changes).models, "loras") == loras


def test_loras_are_told_in_the_order_in_which_they_are_applied():
    changes = {
        "l1": LORA,
        "l2": ["LoraLoaderModelOnly", {"model": ["l1", 0], "lora_name": "b.safetensors", "strength_model": 1}],
        "sampler": {"model": ["l2", 0]},
    }

    assert [name for name, _ in files(told(changes).models, "loras")] == ["fur.safetensors", "b.safetensors"]


def test_a_control_model_is_told_with_its_strength():
    apply = {"positive": ["positive", 0], "negative": ["negative", 0], "control_net": ["cn", 0], "image": ["image", 0]}
    changes = {
        "cn": ["ControlNetLoader", {"control_net_name": "canny.pth"}],
        "image": ["LoadImage", {"image": "edges.png"}],
        "apply": ["ControlNetApplyAdvanced", {**apply, "strength": 0.6, "start_percent": 0, "end_percent": 0.5}],
        "sampler": {"positive": ["apply", 0], "negative": ["apply", 1]},
    }

    one = told(changes)

    assert files(one.models, "controlnet") == [("canny.pth", {"strength": 0.6, "end": 0.5})]
    assert [each.name for each in one.inputs] == ["edges.png"]
    assert (texts(one.positive), texts(one.negative)) == (["a fox"], ["blurry"])


CUSTOM = {
    **{key: BASE[key] for key in ("model", "latent", "positive", "negative", "save")},
    "noise": ["RandomNoise", {"noise_seed": 9}],
    "guider": [
        "CFGGuider",
        {"model": ["model", 0], "positive": ["positive", 0], "negative": ["negative", 0], "cfg": 3},
    ],
    "select": ["KSamplerSelect", {"sampler_name": "euler"}],
    "sigmas": ["BasicScheduler", {"model": ["model", 0], "scheduler": "simple", "steps": 8, "denoise": 0.5}],
    "sampler": [
        "SamplerCustomAdvanced",
        {
            "noise": ["noise", 0],
            "guider": ["guider", 0],
            "sampler": ["select", 0],
            "sigmas": ["sigmas", 0],
            "latent_image": ["latent", 0],
        },
    ],
    "decode": BASE["decode"],
}


def test_settings_are_found_on_the_nodes_that_a_sampler_is_given():
    one = told({}, CUSTOM)

    assert one.settings == {
        "seed": 9,
        "steps": 8,
        "cfg": 3,
        "sampler": "euler",
        "scheduler": "simple",
        "denoise": 0.5,
    }
    assert (texts(one.positive), texts(one.negative)) == (["a fox"], ["blurry"])


def test_a_node_for_one_sampler_or_schedule_names_it_by_its_type():
    changes = {
        "select": ["SamplerEulerAncestral", {"eta": 1.0, "s_noise": 1.0}],
        "sigmas": ["KarrasScheduler", {"steps": 8, "sigma_max": 14.6, "sigma_min": 0.03, "rho": 7.0}],
    }

    settings = told(changes, CUSTOM).settings

    assert (settings["sampler"], settings["scheduler"], settings["steps"]) == ("euler_ancestral", "karras", 8)


def test_samplers_on_the_way_are_passes_in_their_order():
    refine = {**BASE["sampler"][1], "latent_image": ["large", 0], "model": ["m2", 0], "denoise": 0.4, "seed": 6}
    changes = {
        "m2": ["CheckpointLoaderSimple", {"ckpt_name": "refiner.safetensors"}],
        "large": ["LatentUpscaleBy", {"samples": ["sampler", 0], "upscale_method": "area", "scale_by": 1.5}],
        "second": ["KSampler", refine],
        "decode": {"samples": ["second", 0]},
    }

    (output,) = seen(changes).outputs

    assert [each.settings["seed"] for each in output.passes] == [5, 6]
    assert [each.node.path for each in output.passes] == ["sampler", "second"]
    assert "refiner.safetensors" not in [each.name for each in output.passes[0].models]
    assert "refiner.safetensors" in [each.name for each in output.passes[1].models]
    assert (output.size.width, output.size.height) == (768, 1152)


def test_what_travels_in_a_pipe_is_found_where_the_pipe_was_tied():
    changes = {
        "pipe": ["ToBasicPipe", {"model": ["model", 0], "clip": ["model", 1], "vae": ["model", 2],
                                 "positive": ["positive", 0], "negative": ["negative", 0]}],
        "untie": ["FromBasicPipe", {"basic_pipe": ["pipe", 0]}],
        "sampler": {"model": ["untie", 0], "positive": ["untie", 3], "negative": ["untie", 4]},
    }  # fmt: skip

    one = told(changes)

    assert (texts(one.positive), texts(one.negative)) == (["a fox"], ["blurry"])
    assert files(one.models, "checkpoints") == [("sd/base.safetensors", {})]


def test_a_loader_that_encodes_both_prompts_gives_each_to_its_side():
    loader = ["Efficient Loader", {
        "ckpt_name": "sd/base.safetensors", "vae_name": "Baked VAE", "clip_skip": -2, "lora_name": "None",
        "lora_model_strength": 1, "lora_clip_strength": 1, "positive": "a hen", "negative": "a cat",
        "empty_latent_width": 640, "empty_latent_height": 384, "batch_size": 2,
    }]  # fmt: skip
    changes = {
        "loader": loader,
        "sampler": {"model": ["loader", 0], "positive": ["loader", 1], "negative": ["loader", 2],
                    "latent_image": ["loader", 3]},
    }  # fmt: skip

    (output,) = seen(changes).outputs
    (one,) = output.passes

    assert (texts(one.positive), texts(one.negative)) == (["a hen"], ["a cat"])
    assert (one.size.width, one.size.height, one.size.batch) == (640, 384, 2)
    assert files(output.models, "loras") == []


@pytest.mark.parametrize(
    ("nodes", "size"),
    [
        ({}, (512, 768)),
        ({"i": ["ImageScale", {"image": ["decode", 0], "width": 100, "height": 50, "crop": "disabled"}]}, (100, 50)),
        ({"i": ["ImageScaleBy", {"image": ["decode", 0], "scale_by": 0.5}]}, (256, 384)),
        ({"i": ["ImageInvert", {"image": ["decode", 0]}]}, (512, 768)),
        ({"i": ["ImageScaleToTotalPixels", {"image": ["decode", 0], "megapixels": 1}]}, (None, None)),
    ],
)
def test_the_size_is_followed_through_what_resizes(nodes, size):
    (output,) = seen({**nodes, "save": {"images": ["i" if nodes else "decode", 0]}}).outputs

    assert (output.size.width, output.size.height) == size


def test_outputs_that_share_everything_are_told_together():
    changes = {"preview": ["PreviewImage", {"images": ["decode", 0]}]}

    (output,) = seen(changes).outputs

    assert [each.path for each in output.nodes] == ["save", "preview"]


def test_a_service_is_told_with_its_prompt_and_model():
    nodes = {
        "1": ["OpenAIGPTImage1", {"prompt": "a hen", "seed": 3, "size": "1024x1536", "model": "gpt-image-1"}],
        "2": ["SaveImage", {"images": ["1", 0], "filename_prefix": "x"}],
    }

    (output,) = seen({}, nodes).outputs
    (one,) = output.passes

    assert (texts(one.positive), one.service, one.settings["seed"]) == (["a hen"], "gpt-image-1", 3)
    assert (one.size.width, one.size.height) == (1024, 1536)


def test_a_service_may_be_given_what_is_not_wanted():
    nodes = {
        "1": ["KlingTextToVideoNode", {"prompt": "a hen", "negative_prompt": "rain", "cfg_scale": 0.5, "mode": "x"}],
        "2": ["SaveVideo", {"video": ["1", 0], "filename_prefix": "x"}],
    }

    (output,) = seen({}, nodes).outputs

    assert (texts(output.passes[0].positive), texts(output.passes[0].negative)) == (["a hen"], ["rain"])


def test_nodes_of_unknown_types_are_told_by_the_names_of_their_inputs():
    nodes = {
        "load": ["My Loader", {"file": "strange.safetensors"}],
        "text": ["My Encoder", {"text": "a hen", "clip": ["load", 1]}],
        "sample": [
            "My Sampler",
            {"model": ["load", 0], "positive": ["text", 0], "seed": 3, "steps": 4, "cfg": 1.5, "sampler_name": "own"},
        ],
        "save": ["My Saver", {"images": ["sample", 0]}],
    }

    (output,) = seen({}, nodes).outputs
    (one,) = output.passes

    assert one.settings == {"seed": 3, "steps": 4, "cfg": 1.5, "sampler": "own"}
    assert texts(one.positive) == ["a hen"]
    assert [each.name for each in one.models] == ["strange.safetensors"]
