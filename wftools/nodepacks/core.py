"""ComfyUI's own node classes, made of the nodes that wftools has."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.nodes import NodeTypes
from wftools.catalog.object_info import object_info
from wftools.nodepacks.exchange import ours, theirs
from wftools.nodepacks.running import current

if TYPE_CHECKING:
    from collections.abc import Mapping

# ComfyUI's name of the class -> node type, and the method that does it.
CORE_METHODS: Final[Mapping[str, tuple[str, str]]] = {
    "CLIPTextEncode": ("CLIPTextEncode", "encode"),
    "CLIPSetLastLayer": ("CLIPSetLastLayer", "set_last_layer"),
    "CheckpointLoaderSimple": ("CheckpointLoaderSimple", "load_checkpoint"),
    "ConditioningAverage": ("ConditioningAverage", "addWeighted"),
    "ConditioningCombine": ("ConditioningCombine", "combine"),
    "ConditioningConcat": ("ConditioningConcat", "concat"),
    "ConditioningSetArea": ("ConditioningSetArea", "append"),
    "ConditioningSetMask": ("ConditioningSetMask", "append"),
    "ConditioningSetTimestepRange": ("ConditioningSetTimestepRange", "set_range"),
    "ConditioningZeroOut": ("ConditioningZeroOut", "zero_out"),
    "ControlNetApply": ("ControlNetApply", "apply_controlnet"),
    "ControlNetApplyAdvanced": ("ControlNetApplyAdvanced", "apply_controlnet"),
    "ControlNetLoader": ("ControlNetLoader", "load_controlnet"),
    "EmptyImage": ("EmptyImage", "generate"),
    "EmptyLatentImage": ("EmptyLatentImage", "generate"),
    "ImageBatch": ("ImageBatch", "batch"),
    "ImageInvert": ("ImageInvert", "invert"),
    "ImagePadForOutpaint": ("ImagePadForOutpaint", "expand_image"),
    "ImageScale": ("ImageScale", "upscale"),
    "ImageScaleBy": ("ImageScaleBy", "upscale"),
    "InpaintModelConditioning": ("InpaintModelConditioning", "encode"),
    "KSampler": ("KSampler", "sample"),
    "KSamplerAdvanced": ("KSamplerAdvanced", "sample"),
    "LatentBlend": ("LatentBlend", "blend"),
    "LatentComposite": ("LatentComposite", "composite"),
    "LatentCrop": ("LatentCrop", "crop"),
    "LatentFlip": ("LatentFlip", "flip"),
    "LatentFromBatch": ("LatentFromBatch", "frombatch"),
    "LatentRotate": ("LatentRotate", "rotate"),
    "LatentUpscale": ("LatentUpscale", "upscale"),
    "LatentUpscaleBy": ("LatentUpscaleBy", "upscale"),
    "LoadImage": ("LoadImage", "load_image"),
    "LoadImageMask": ("LoadImageMask", "load_image"),
    "LoraLoader": ("LoraLoader", "load_lora"),
    "PreviewImage": ("PreviewImage", "save_images"),
    "RepeatLatentBatch": ("RepeatLatentBatch", "repeat"),
    "SaveImage": ("SaveImage", "save_images"),
    "SetLatentNoiseMask": ("SetLatentNoiseMask", "set_mask"),
    "VAEDecode": ("VAEDecode", "decode"),
    "VAEDecodeTiled": ("VAEDecodeTiled", "decode"),
    "VAEEncode": ("VAEEncode", "encode"),
    "VAEEncodeForInpaint": ("VAEEncodeForInpaint", "encode"),
    "VAELoader": ("VAELoader", "load_vae"),
}
USUAL_METHOD: Final = "execute"  # of classes of the newer form


@cache
def core_types() -> frozenset[str]:
    """The core node types that wftools runs."""
    return frozenset(NodeTypes())


@cache
def core_class(node_type: str) -> type:
    """A class as ComfyUI has it for a core node type."""
    declared = NodeTypes()[node_type]
    info = object_info(declared.signature)
    hidden = info["input"].get("hidden", {})
    info["input"]["hidden"] = {name: kind for name, kind in hidden.items() if kind != "CONTEXT"}
    names = [*(each.name for each in declared.signature.inputs), *info["input"]["hidden"]]
    method = next((method for name, method in CORE_METHODS.values() if name == node_type), USUAL_METHOD)

    def run(self: object, *positional: Any, **given: Any) -> Any:  # noqa: ARG001
        named = {**dict(zip(names, positional, strict=False)), **given}
        arguments = {}
        for each in declared.signature.inputs:
            if each.name in named:
                arguments[each.name] = ours(named[each.name], each.type)
        for name, kind in declared.signature.hidden.items():
            arguments[name] = current() if kind == "CONTEXT" else named.get(name)
        values = declared.function(**arguments)
        values = values if declared.returns_tuple else (values,)
        result = tuple(theirs(value) for value in values) if declared.signature.outputs else ()
        return {"ui": {}, "result": result} if declared.output_node else result

    return type(
        node_type,
        (),
        {
            "INPUT_TYPES": classmethod(lambda cls: info["input"]),  # noqa: ARG005
            "RETURN_TYPES": tuple(info["output"]),
            "RETURN_NAMES": tuple(info["output_name"]),
            "FUNCTION": method,
            "CATEGORY": declared.category,
            "OUTPUT_NODE": declared.output_node,
            "INPUT_IS_LIST": declared.is_input_list,
            "OUTPUT_IS_LIST": tuple(info["output_is_list"]),
            method: run,
            "__doc__": declared.function.__doc__,
        },
    )
