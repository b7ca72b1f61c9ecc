import os

import numpy as np
import torch
from PIL import Image

import comfy.model_management
import comfy.utils
import folder_paths
from comfy_execution.graph import ExecutionBlocker
from comfy_execution.graph_utils import GraphBuilder
from nodes import MAX_RESOLUTION, SaveImage
from server import PromptServer


class AnyType(str):
    def __ne__(self, other):
        return False


ANY = AnyType("*")


class ContainsAll(dict):
    def __contains__(self, key):
        return True

    def __getitem__(self, key):
        return ("*",)


@PromptServer.instance.routes.get("/classic/hello")
async def hello(request):
    return "hello"


class Brighten:
    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {
                "image": ("IMAGE",),
                "factor": ("FLOAT", {"default": 1.0, "min": 0.0, "max": 4.0, "step": 0.1}),
                "mode": (["multiply", "add"],),
            },
            "optional": {"mask": ("MASK",)},
        }

    RETURN_TYPES = ("IMAGE", "STRING")
    RETURN_NAMES = ("image", "told")
    FUNCTION = "brighten"
    CATEGORY = "classic/picture"

    def brighten(self, image, factor, mode, mask=None):
        out = image * factor if mode == "multiply" else image + factor
        if mask is not None:
            mask = comfy.utils.common_upscale(mask.unsqueeze(1), image.shape[2], image.shape[1], "bilinear", "disabled")
            out = torch.lerp(image, out, mask.movedim(1, -1))
        bar = comfy.utils.ProgressBar(2)
        bar.update(1)
        bar.update(1)
        comfy.model_management.throw_exception_if_processing_interrupted()
        return (out.clamp(0, 1), f"{mode} {factor} on {comfy.model_management.get_torch_device()}")


class Counter:
    """Keeps a number between its calls, and says who it is."""

    def __init__(self):
        self.count = 0

    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {"texts": ("STRING", {"forceInput": True})},
            "hidden": {"unique_id": "UNIQUE_ID", "prompt": "PROMPT", "extra": "EXTRA_PNGINFO"},
        }

    INPUT_IS_LIST = True
    RETURN_TYPES = ("STRING", "INT")
    OUTPUT_IS_LIST = (True, False)
    FUNCTION = "run"
    CATEGORY = "classic/text"

    def run(self, texts, unique_id, prompt, extra):
        self.count += len(texts)
        kind = prompt[0][unique_id[0]]["class_type"]
        return ([f"{kind} {text}" for text in texts], self.count)


class Validated:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"number": ("INT", {"default": 3, "min": 0, "max": 9}), "kind": (["a", "b"],)}}

    @classmethod
    def VALIDATE_INPUTS(cls, number, kind):
        return True if number % 2 else f"{number} is even"

    @classmethod
    def IS_CHANGED(cls, **kwargs):
        return float("nan")

    RETURN_TYPES = ("INT",)
    FUNCTION = "run"
    CATEGORY = "classic"

    def run(self, number, kind):
        return (number,)


class LazyPick:
    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {"first": ("BOOLEAN", {"default": True})},
            "optional": {"a": (ANY, {"lazy": True}), "b": (ANY, {"lazy": True})},
        }

    RETURN_TYPES = (ANY,)
    FUNCTION = "pick"
    CATEGORY = "classic/logic"

    def check_lazy_status(self, first, a=None, b=None):
        wanted = "a" if first else "b"
        return [wanted] if {"a": a, "b": b}[wanted] is None else []

    def pick(self, first, a=None, b=None):
        return (a if first else b,)


class Flexible:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {}, "optional": ContainsAll()}

    RETURN_TYPES = ("STRING",)
    FUNCTION = "run"
    CATEGORY = "classic/text"

    def run(self, **kwargs):
        return (", ".join(f"{name}={kwargs[name]}" for name in sorted(kwargs)),)


class LatentShift:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"latent": ("LATENT",), "conditioning": ("CONDITIONING",)}}

    RETURN_TYPES = ("LATENT", "CONDITIONING")
    FUNCTION = "run"
    CATEGORY = "classic/latent"

    def run(self, latent, conditioning):
        out = latent.copy()
        out["samples"] = latent["samples"] + 1
        out["noise_mask"] = torch.ones(1, 1, 8, 8)
        return (out, [[tensor * 2, {**said, "strength": 0.5, "own": 1}] for tensor, said in conditioning])


class Stop:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"go": ("BOOLEAN", {"default": False}), "value": (ANY,)}}

    RETURN_TYPES = (ANY,)
    FUNCTION = "run"
    CATEGORY = "classic/logic"

    def run(self, go, value):
        return (value if go else ExecutionBlocker(None),)


class Twice:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"image": ("IMAGE",)}}

    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "run"
    CATEGORY = "classic/picture"

    def run(self, image):
        graph = GraphBuilder()
        once = graph.node("Brighten", image=image, factor=0.5, mode="multiply")
        again = graph.node("Brighten", image=once.out(0), factor=0.5, mode="multiply")
        return {"result": (again.out(0),), "expand": graph.finalize()}


class SaveHalf(SaveImage):
    """Stands on a class of the core."""

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"images": ("IMAGE",)}, "hidden": {"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO"}}

    CATEGORY = "classic/picture"

    def save_images(self, images, prompt=None, extra_pnginfo=None):
        return super().save_images(images / 2, "half", prompt, extra_pnginfo)


class SaveRaw:
    @classmethod
    def INPUT_TYPES(cls):
        files = sorted(folder_paths.get_filename_list("loras"))
        return {
            "required": {
                "images": ("IMAGE",),
                "filename_prefix": ("STRING", {"default": "raw"}),
                "width": ("INT", {"default": 0, "max": MAX_RESOLUTION}),
            },
            "optional": {"lora": (["None", *files],)},
        }

    RETURN_TYPES = ()
    OUTPUT_NODE = True
    FUNCTION = "save"
    CATEGORY = "classic/picture"

    def save(self, images, filename_prefix, width, lora="None"):
        folder, name, counter, subfolder, _ = folder_paths.get_save_image_path(
            filename_prefix, folder_paths.get_output_directory(), images.shape[2], images.shape[1]
        )
        saved = []
        for image in images:
            file = f"{name}_{counter:05}_.png"
            pixels = np.clip(255.0 * image.cpu().numpy(), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(os.path.join(folder, file))
            saved.append({"filename": file, "subfolder": subfolder, "type": "output"})
            counter += 1
        return {"ui": {"images": saved, "text": ["saved"]}}


NODE_CLASS_MAPPINGS = {
    "Brighten": Brighten,
    "Counter": Counter,
    "Validated": Validated,
    "LazyPick": LazyPick,
    "Flexible": Flexible,
    "LatentShift": LatentShift,
    "Stop": Stop,
    "Twice": Twice,
    "SaveHalf": SaveHalf,
    "SaveRaw": SaveRaw,
}
NODE_DISPLAY_NAME_MAPPINGS = {"Brighten": "Brighten (classic)"}
