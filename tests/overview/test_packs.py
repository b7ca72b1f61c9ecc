"""Workflows as users of much used packs build them: loaders that do everything, pipes, contexts, detailers."""

from __future__ import annotations

from typing import Any

from tests.overview.facts import facts
from tests.overview.flows import BASE, seen


def told(nodes: dict[str, Any]) -> dict[str, Any]:
    """The facts of the last output."""
    found: dict[str, Any] = facts(seen({}, nodes))[-1]
    return found


def test_a_pipe_of_easy_use_with_two_passes() -> None:
    loader = {
        "ckpt_name": "x.safetensors", "vae_name": "Baked VAE", "lora_name": "None", "resolution": "768 x 512",
        "empty_latent_width": 512, "empty_latent_height": 512, "positive": ["2", 0], "negative": "bad",
        "batch_size": 1, "optional_lora_stack": ["9", 0],
    }  # fmt: skip
    stack = {
        "toggle": True, "mode": "simple", "num_loras": 1,
        "lora_1_name": "a.safetensors", "lora_1_strength": 0.7, "lora_1_model_strength": 1, "lora_1_clip_strength": 1,
        "lora_2_name": "b.safetensors", "lora_2_strength": 0.4, "lora_2_model_strength": 1, "lora_2_clip_strength": 1,
    }  # fmt: skip
    first = {"steps": 20, "cfg": 7, "sampler_name": "euler", "scheduler": "normal", "denoise": 1, "seed": 77}
    last = {**first, "steps": 9, "denoise": 0.5}

    output = told(
        {
            "1": ["easy fullLoader", loader],
            "2": ["easy positive", {"positive": "a cat"}],
            "9": ["easy loraStack", stack],
            "3": ["easy preSampling", {"pipe": ["1", 0], **first}],
            "4": ["easy kSampler", {"pipe": ["3", 0], "image_output": "Preview", "link_id": 0, "save_prefix": "x"}],
            "5": ["easy preSampling", {"pipe": ["4", 0], **last}],
            "6": ["easy kSampler", {"pipe": ["5", 0], "image_output": "Save", "link_id": 0, "save_prefix": "x"}],
        }
    )

    assert [each["settings"]["steps"] for each in output["passes"]] == [20, 9]
    assert [(each["positive"], each["negative"]) for each in output["passes"]] == [(["a cat"], ["bad"])] * 2
    assert ("loras", "a.safetensors", {"strength": 0.7}) in output["models"]
    assert "b.safetensors" not in str(output["models"])
    assert output["size"][:2] == [768, 512]


def test_efficient_nodes_one_behind_the_other() -> None:
    loader = {
        "ckpt_name": "x.safetensors", "vae_name": "Baked VAE", "lora_name": "l.safetensors",
        "lora_model_strength": 0.9, "lora_clip_strength": 0.8, "positive": "a cat", "negative": "bad",
        "empty_latent_width": 512, "empty_latent_height": 640, "batch_size": 1, "cnet_stack": ["8", 0],
    }  # fmt: skip
    sampler = {"steps": 20, "cfg": 7, "sampler_name": "euler", "scheduler": "normal", "denoise": 1}

    def links(path: str) -> dict[str, Any]:
        return {"model": [path, 0], "positive": [path, 1], "negative": [path, 2], "latent_image": [path, 3]}

    output = told(
        {
            "6": ["LoadImage", {"image": "p.png"}],
            "7": ["ControlNetLoader", {"control_net_name": "cn.pth"}],
            "8": ["Control Net Stacker", {"control_net": ["7", 0], "image": ["6", 0], "strength": 0.5}],
            "1": ["Efficient Loader", loader],
            "2": ["KSampler (Efficient)", {**sampler, **links("1"), "seed": 5}],
            "3": ["KSampler (Efficient)", {**sampler, **links("2"), "seed": 6}],
            "4": ["SaveImage", {"images": ["3", 5], "filename_prefix": "x"}],
        }
    )

    assert [each["settings"]["seed"] for each in output["passes"]] == [5, 6]
    assert [(each["positive"], each["negative"]) for each in output["passes"]] == [(["a cat"], ["bad"])] * 2
    assert output["models"] == [
        ("checkpoints", "x.safetensors", {}),
        ("loras", "l.safetensors", {"strength": 0.9, "clip": 0.8}),
        ("controlnet", "cn.pth", {"strength": 0.5}),
    ]
    assert output["size"][:2] == [512, 640]


def test_contexts_and_detailers() -> None:
    rows = {
        "lora_1": {"on": True, "lora": "a.safetensors", "strength": 0.7, "strengthTwo": 0.2},
        "lora_2": {"on": False, "lora": "b.safetensors", "strength": 1},
    }
    context = {"model": ["2", 0], "clip": ["2", 1], "vae": ["1", 2], "positive": ["3", 0], "negative": ["4", 0],
               "latent": ["e", 0], "seed": ["s", 0]}  # fmt: skip
    taken = {"model": ["6", 1], "positive": ["6", 4], "negative": ["6", 5]}
    how = {"steps": 20, "cfg": 7, "sampler_name": "euler", "scheduler": "normal", "denoise": 1}
    choosers = {"insert_embedding": "CHOOSE", "insert_saved": "CHOOSE"}

    output = told(
        {
            "1": ["CheckpointLoaderSimple", {"ckpt_name": "x.safetensors"}],
            "2": ["Power Lora Loader (rgthree)", {"model": ["1", 0], "clip": ["1", 1], **rows}],
            "p": ["Power Prompt - Simple (rgthree)", {"prompt": "a cat, embedding:nice", **choosers}],
            "3": ["CLIPTextEncode", {"text": ["p", 0], "clip": ["2", 1]}],
            "4": ["CLIPTextEncode", {"text": "bad", "clip": ["2", 1]}],
            "s": ["Seed (rgthree)", {"seed": 123}],
            "e": ["EmptyLatentImage", {"width": 512, "height": 512, "batch_size": 2}],
            "5": ["Context (rgthree)", context],
            "6": ["Context (rgthree)", {"base_ctx": ["5", 0]}],
            "7": ["KSampler", {**taken, **how, "latent_image": ["6", 6], "seed": ["6", 8]}],
            "8": ["VAEDecode", {"samples": ["7", 0], "vae": ["6", 3]}],
            "u": ["UpscaleModelLoader", {"model_name": "4x.pth"}],
            "10": ["UltimateSDUpscale", {**taken, **how, "image": ["8", 0], "vae": ["6", 3], "seed": 9,
                                         "upscale_by": 2, "upscale_model": ["u", 0], "denoise": 0.3}],
            "11": ["FaceDetailer", {**taken, **how, "image": ["10", 0], "clip": ["6", 2], "vae": ["6", 3], "seed": 1}],
            "12": ["SaveImage", {"images": ["11", 0], "filename_prefix": "x"}],
        }
    )  # fmt: skip

    assert [(each["type"], each["settings"]["seed"]) for each in output["passes"]] == [
        ("KSampler", 123),
        ("UltimateSDUpscale", 9),
        ("FaceDetailer", 1),
    ]
    assert all(each["positive"] == ["a cat, embedding:nice"] for each in output["passes"])
    assert all(each["negative"] == ["bad"] for each in output["passes"])
    assert [each for each in output["models"] if each[0] == "loras"] == [
        ("loras", "a.safetensors", {"strength": 0.7, "clip": 0.2})
    ]
    assert output["size"] == [1024, 1024, 2, None]


def test_adapters_of_pictures() -> None:
    how = {"weight_type": "linear", "start_at": 0}
    output = told(
        {
            **BASE,
            "file": ["IPAdapterModelLoader", {"ipadapter_file": "ip.safetensors"}],
            "picture": ["LoadImage", {"image": "ref.png"}],
            "one": ["IPAdapterUnifiedLoader", {"model": ["model", 0], "preset": "PLUS (high strength)"}],
            "a": ["IPAdapterAdvanced", {"model": ["one", 0], "ipadapter": ["one", 1], "image": ["picture", 0],
                                        "weight": 0.65, "end_at": 0.8, **how}],
            "b": ["IPAdapterAdvanced", {"model": ["a", 0], "ipadapter": ["file", 0], "image": ["picture", 0],
                                        "weight": 0.3, "end_at": 1, **how}],
            "sampler": ["KSampler", {**BASE["sampler"][1], "model": ["b", 0]}],
        }
    )  # fmt: skip

    assert [each for each in output["models"] if each[0] == "ipadapter"] == [
        ("ipadapter", "PLUS (high strength)", {"strength": 0.65, "end": 0.8}),
        ("ipadapter", "ip.safetensors", {"strength": 0.3}),
    ]
    assert output["inputs"] == [("input", "ref.png", {})]


def test_a_video_of_a_pack_with_types_of_its_own() -> None:
    output = told(
        {
            "1": ["WanVideoModelLoader", {"model": "wan.safetensors", "lora": ["2", 0]}],
            "2": ["WanVideoLoraSelect", {"lora": "w.safetensors", "strength": 0.8}],
            "3": ["WanVideoTextEncode", {"positive_prompt": "a dog runs", "negative_prompt": "bad", "t5": ["4", 0]}],
            "4": ["LoadWanVideoT5TextEncoder", {"model_name": "umt5.safetensors"}],
            "5": ["WanVideoSampler", {"model": ["1", 0], "image_embeds": ["6", 0], "steps": 30, "cfg": 6, "shift": 5,
                                      "seed": 3, "scheduler": "unipc", "text_embeds": ["3", 0]}],
            "6": ["WanVideoEmptyEmbeds", {"width": 832, "height": 480, "num_frames": 81}],
            "7": ["WanVideoDecode", {"samples": ["5", 0], "vae": ["8", 0]}],
            "8": ["WanVideoVAELoader", {"model_name": "v.safetensors"}],
            "9": ["VHS_VideoCombine", {"images": ["7", 0], "frame_rate": 16, "format": "video/h264-mp4"}],
        }
    )  # fmt: skip

    (one,) = output["passes"]
    assert (one["positive"], one["negative"]) == (["a dog runs"], ["bad"])
    assert one["settings"] == {"seed": 3, "steps": 30, "cfg": 6, "shift": 5, "scheduler": "unipc"}
    assert ("loras", "w.safetensors", {"strength": 0.8}) in one["models"]
    assert output["size"] == [832, 480, None, 81]
