"""Schemas of nodes, and what object_info says of them: types, their inputs and outputs.

Facts of ComfyUI 0.33.0: the order of parameters, since packs give them by place; what an input says of itself, which is
what was given; what a schema implies.
"""

import copy
from enum import Enum

from _said import say, take


class FolderType(str, Enum):
    """Folders of files."""

    input = "input"
    output = "output"
    temp = "temp"


class UploadType(str, Enum):
    """What a combo of files lets people upload."""

    image = "image_upload"
    audio = "audio_upload"
    video = "video_upload"
    model = "file_upload"


class NumberDisplay(str, Enum):
    """How a widget shows a number."""

    number = "number"
    slider = "slider"
    gradient_slider = "gradientslider"


class ControlAfterGenerate(str, Enum):
    """What becomes of a value once it was queued."""

    fixed = "fixed"
    increment = "increment"
    decrement = "decrement"
    randomize = "randomize"


class Hidden(str, Enum):
    """Inputs that the executor fills in."""

    unique_id = "UNIQUE_ID"
    prompt = "PROMPT"
    extra_pnginfo = "EXTRA_PNGINFO"
    dynprompt = "DYNPROMPT"
    auth_token_comfy_org = "AUTH_TOKEN_COMFY_ORG"
    api_key_comfy_org = "API_KEY_COMFY_ORG"
    comfy_usage_source = "COMFY_USAGE_SOURCE"
    execution_list = "EXECUTION_LIST"


class _Said:
    """What is given by place or by name, and said again by name.

    `TAKES` are the parameters in their order, `DEFAULTS` the values of those that are not None unless they are given,
    `SAYS` those that are said, by the name that object_info has for them. `take` and `say` are done by us: a pack may
    have a thousand inputs.
    """

    TAKES = ()
    DEFAULTS = {}
    SAYS = {}

    def __init__(self, *values, **given):
        take(self, self.TAKES, self.DEFAULTS, values, given)

    def as_dict(self):
        return say(self, self.SAYS)


class RemoteItemSchema(_Said):
    """How what a server answers becomes choices."""

    TAKES = (
        "value_field", "label_field", "preview_url_field", "preview_type", "description_field", "search_fields",
    )  # fmt: skip
    DEFAULTS = {"preview_type": "image"}
    SAYS = {name: name for name in TAKES}


class RemoteOptions(_Said):
    """Where the editor asks for choices."""

    TAKES = ("route", "refresh_button", "control_after_refresh", "timeout", "max_retries", "refresh")
    DEFAULTS = {"control_after_refresh": "first"}
    SAYS = {name: name for name in TAKES}


class RemoteComboOptions(_Said):
    """Where the editor asks for choices that have pictures and more."""

    TAKES = (
        "route", "item_schema", "refresh_button", "auto_select", "timeout", "max_retries", "refresh", "response_key",
    )  # fmt: skip
    DEFAULTS = {"refresh_button": True}
    SAYS = {name: name for name in TAKES}


_FIRST = ("id", "display_name", "optional", "tooltip")
_LAST = ("extra_dict", "raw_link", "advanced")


class Input(_Said):
    """An input of a node."""

    Parent = None
    io_type = None
    TAKES = (*_FIRST, "lazy", *_LAST)
    DEFAULTS = {"optional": False, "extra_dict": {}}
    SAYS = {
        "display_name": "display_name",
        "tooltip": "tooltip",
        "lazy": "lazy",
        "rawLink": "raw_link",
        "advanced": "advanced",
    }

    def get_io_type(self):
        return self.io_type

    def get_all(self):
        return [self]

    def validate(self):
        pass


class WidgetInput(Input):
    """An input that is a widget unless something is linked to it."""

    TAKES = (*_FIRST, "lazy", "default", "socketless", "widget_type", "force_input", *_LAST)
    SAYS = {
        **Input.SAYS,
        "default": "default",
        "socketless": "socketless",
        "widgetType": "widget_type",
        "forceInput": "force_input",
    }

    def get_io_type(self):
        kind = getattr(self, "widget_type", None)
        return kind if kind is not None else super().get_io_type()


class Output:
    """An output of a node."""

    Parent = None
    io_type = None

    def __init__(self, id=None, display_name=None, tooltip=None, is_output_list=False):
        self.id = id
        self.display_name = display_name if display_name else id
        self.tooltip = tooltip
        self.is_output_list = is_output_list

    def get_io_type(self):
        return self.io_type

    def validate(self):
        pass


class _ComfyType:
    Type = None
    io_type = None


class ComfyTypeI(_ComfyType):
    """A type of inputs."""

    class Input(Input):
        """An input of the type."""


class ComfyTypeIO(ComfyTypeI):
    """A type of inputs and outputs."""

    class Output(Output):
        """An output of the type."""


def comfytype(io_type, **_more):
    """A decorator that makes a class a type."""

    def mark(cls):
        if not issubclass(cls, _ComfyType):
            cls = type(cls.__name__, (cls, ComfyTypeIO), {})
        cls.io_type = io_type
        for name in ("Input", "Output"):
            part = getattr(cls, name, None)
            if part is not None:
                setattr(cls, name, type(name, (part,), {"Parent": cls, "io_type": io_type}))
        return cls

    return mark


def Custom(io_type):
    """A type of that name."""

    @comfytype(io_type=io_type)
    class CustomComfyType(ComfyTypeIO):
        pass

    return CustomComfyType


@comfytype(io_type="BOOLEAN")
class Boolean(ComfyTypeIO):
    """Yes or no."""

    class Input(WidgetInput):
        """A switch."""

        TAKES = (*_FIRST, "lazy", "default", "label_on", "label_off", "socketless", "force_input", *_LAST)
        SAYS = {**WidgetInput.SAYS, "label_on": "label_on", "label_off": "label_off"}


@comfytype(io_type="INT")
class Int(ComfyTypeIO):
    """A whole number."""

    class Input(WidgetInput):
        """A widget for a whole number."""

        TAKES = (
            *_FIRST, "lazy", "default", "min", "max", "step", "control_after_generate", "display_mode", "socketless",
            "force_input", *_LAST,
        )  # fmt: skip
        SAYS = {
            **WidgetInput.SAYS,
            "min": "min",
            "max": "max",
            "step": "step",
            "control_after_generate": "control_after_generate",
            "display": "display_mode",
        }


@comfytype(io_type="FLOAT")
class Float(ComfyTypeIO):
    """A number."""

    class Input(WidgetInput):
        """A widget for a number."""

        TAKES = (
            *_FIRST, "lazy", "default", "min", "max", "step", "round", "display_mode", "gradient_stops", "socketless",
            "force_input", *_LAST,
        )  # fmt: skip
        SAYS = {
            **WidgetInput.SAYS,
            "min": "min",
            "max": "max",
            "step": "step",
            "round": "round",
            "display": "display_mode",
            "gradient_stops": "gradient_stops",
        }


@comfytype(io_type="STRING")
class String(ComfyTypeIO):
    """A text."""

    class Input(WidgetInput):
        """A widget for a text."""

        TAKES = (
            *_FIRST, "lazy", "multiline", "placeholder", "default", "dynamic_prompts", "socketless", "force_input",
            *_LAST,
        )  # fmt: skip
        DEFAULTS = {**Input.DEFAULTS, "multiline": False}
        SAYS = {
            **WidgetInput.SAYS,
            "multiline": "multiline",
            "placeholder": "placeholder",
            "dynamicPrompts": "dynamic_prompts",
        }


@comfytype(io_type="COMBO")
class Combo(ComfyTypeIO):
    """One of several choices."""

    class Input(WidgetInput):
        """A widget for a choice."""

        TAKES = (
            "id", "options", *_FIRST[1:], "lazy", "default", "control_after_generate", "upload", "image_folder",
            "remote", "remote_combo", "socketless", *_LAST,
        )  # fmt: skip
        SAYS = {
            **WidgetInput.SAYS,
            "multiselect": "multiselect",
            "options": "options",
            "control_after_generate": "control_after_generate",
            "image_folder": "image_folder",
            "remote": "remote",
            "remote_combo": "remote_combo",
        }
        multiselect = False

        def __init__(self, *values, **given):
            super().__init__(*values, **given)
            if isinstance(self.options, type) and issubclass(self.options, Enum):
                self.options = [each.value for each in self.options]
            if isinstance(self.default, Enum):
                self.default = self.default.value

        def as_dict(self):
            upload = getattr(self, "upload", None)
            return {**super().as_dict(), **({upload.value: True} if upload is not None else {})}

    class Output(Output):
        """A choice."""

        def __init__(self, id=None, display_name=None, options=None, tooltip=None, is_output_list=False):
            super().__init__(id, display_name, tooltip, is_output_list)
            self.options = options if options is not None else []


@comfytype(io_type="COMBO")
class MultiCombo(ComfyTypeI):
    """Some of several choices."""

    class Input(Combo.Input):
        """A widget for choices."""

        TAKES = (
            "id", "options", *_FIRST[1:], "lazy", "default", "placeholder", "chip", "control_after_generate",
            "socketless", *_LAST,
        )  # fmt: skip
        multiselect = True

        def as_dict(self):
            looks = {"placeholder": self.placeholder, "chip": self.chip}
            shown = {name: value for name, value in looks.items() if value is not None}
            return {**super().as_dict(), "multi_select": shown}


@comfytype(io_type="WEBCAM")
class Webcam(ComfyTypeIO):
    """A picture from a camera."""

    class Input(WidgetInput):
        """A widget for a camera."""

        TAKES = (*_FIRST, "lazy", "default", "socketless", *_LAST)


class _Drawn(WidgetInput):
    """A widget of its own, with no socket unless it is asked for."""

    TAKES = (*_FIRST, "socketless", "default", "advanced")
    DEFAULTS = {"optional": False, "socketless": True}


class _Shown(_Drawn):
    """A widget that has no value of its own."""

    TAKES = (*_FIRST, "socketless", "advanced")


@comfytype(io_type="COMPOSITOR")
class Compositor(ComfyTypeIO):
    """Where layers are."""

    class Input(_Drawn):
        """A widget for layers."""

        DEFAULTS = {**_Drawn.DEFAULTS, "default": {}}


@comfytype(io_type="CAMERA_INFO_STATE")
class CameraInfoState(ComfyTypeI):
    """Where a camera is."""

    class Input(_Shown):
        """A widget for a camera."""


@comfytype(io_type="IMAGECOMPARE")
class ImageCompare(ComfyTypeI):
    """Two pictures beside each other."""

    class Input(_Shown):
        """A widget that shows them."""


@comfytype(io_type="COLOR")
class Color(ComfyTypeIO):
    """A colour."""

    class Input(_Drawn):
        """A widget for a colour."""

        TAKES = (*_FIRST, "socketless", "advanced", "default")
        DEFAULTS = {**_Drawn.DEFAULTS, "default": "#ffffff"}


@comfytype(io_type="COLORS")
class Colors(ComfyTypeIO):
    """Some colours."""

    class Input(_Drawn):
        """A widget for colours."""

        DEFAULTS = {**_Drawn.DEFAULTS, "default": []}


@comfytype(io_type="BOUNDING_BOX")
class BoundingBox(ComfyTypeIO):
    """A part of a picture."""

    class Input(_Drawn):
        """A widget for a part of a picture."""

        TAKES = (*_FIRST, "socketless", "default", "component", "force_input")
        DEFAULTS = {**_Drawn.DEFAULTS, "default": {"x": 0, "y": 0, "width": 512, "height": 512}}
        SAYS = {**WidgetInput.SAYS, "component": "component"}


@comfytype(io_type="BOUNDING_BOXES")
class BoundingBoxes(ComfyTypeIO):
    """Some parts of a picture."""

    class Input(_Drawn):
        """A widget for them."""

        DEFAULTS = {**_Drawn.DEFAULTS, "default": []}


@comfytype(io_type="CURVE")
class Curve(ComfyTypeIO):
    """A curve."""

    class Input(_Drawn):
        """A widget for a curve."""

        DEFAULTS = {**_Drawn.DEFAULTS, "default": [(0.0, 0.0), (1.0, 1.0)]}

        def as_dict(self):
            points = [list(point) for point in self.default]
            return {**super().as_dict(), "default": {"points": points, "interpolation": "monotone_cubic"}}


@comfytype(io_type="VIDEO_EDIT")
class VideoEdit(ComfyTypeIO):
    """What is cut from a video."""

    class Input(_Drawn):
        """A widget for it."""

        TAKES = (*_FIRST, "socketless", "default", "features", "advanced")
        DEFAULTS = {**_Drawn.DEFAULTS, "features": ["trim", "crop"]}
        SAYS = {**WidgetInput.SAYS, "features": "features"}
        NOTHING = {
            "trim": {"start_time": 0.0, "duration": 0.0},
            "crop": {"x": 0, "y": 0, "width": 0, "height": 0},
        }

        def __init__(self, *values, **given):
            super().__init__(*values, **given)
            if self.default is None:
                self.default = {name: nothing for name, nothing in self.NOTHING.items() if name in self.features}


@comfytype(io_type="RESOLUTION_PREVIEW")
class ResolutionPreview(ComfyTypeIO):
    """A size."""

    class Input(_Drawn):
        """A widget that shows it."""

        TAKES = (*_FIRST, "socketless", "advanced", "ratio_widget", "megapixels_widget", "multiple_widget")
        DEFAULTS = {
            "optional": True,
            "socketless": True,
            "ratio_widget": "aspect_ratio",
            "megapixels_widget": "megapixels",
            "multiple_widget": "multiple",
        }
        SAYS = {**WidgetInput.SAYS, **{name: name for name in TAKES[-3:]}}


@comfytype(io_type="RANGE")
class Range(ComfyTypeIO):
    """From a number to another."""

    class Input(_Drawn):
        """A widget for it."""

        TAKES = (
            *_FIRST, "socketless", "default", "display", "gradient_stops", "show_midpoint", "midpoint_scale",
            "value_min", "value_max", "advanced",
        )  # fmt: skip
        DEFAULTS = {**_Drawn.DEFAULTS, "default": {"min": 0.0, "max": 1.0}}
        SAYS = {**WidgetInput.SAYS, **{name: name for name in TAKES[6:12]}}


AnyType = Custom("*")

_PLAIN = {
    "Accumulation": "ACCUMULATION",
    "Array": "ARRAY",
    "Audio": "AUDIO",
    "AudioEncoder": "AUDIO_ENCODER",
    "AudioEncoderOutput": "AUDIO_ENCODER_OUTPUT",
    "BBOX": "BBOX",
    "BackgroundRemoval": "BACKGROUND_REMOVAL",
    "Clip": "CLIP",
    "ClipVision": "CLIP_VISION",
    "ClipVisionOutput": "CLIP_VISION_OUTPUT",
    "Conditioning": "CONDITIONING",
    "ControlNet": "CONTROL_NET",
    "Dict": "DICT",
    "FaceAnalysis": "FACE_ANALYSIS",
    "File3DAny": "FILE_3D",
    "File3DFBX": "FILE_3D_FBX",
    "File3DGLB": "FILE_3D_GLB",
    "File3DGLTF": "FILE_3D_GLTF",
    "File3DKSPLAT": "FILE_3D_KSPLAT",
    "File3DOBJ": "FILE_3D_OBJ",
    "File3DPLY": "FILE_3D_PLY",
    "File3DPointCloudAny": "FILE_3D_POINT_CLOUD_ANY",
    "File3DSPLAT": "FILE_3D_SPLAT",
    "File3DSPZ": "FILE_3D_SPZ",
    "File3DSTL": "FILE_3D_STL",
    "File3DSplatAny": "FILE_3D_SPLAT_ANY",
    "File3DUSDZ": "FILE_3D_USDZ",
    "FlowControl": "FLOW_CONTROL",
    "Gligen": "GLIGEN",
    "Guider": "GUIDER",
    "Histogram": "HISTOGRAM",
    "HookKeyframes": "HOOK_KEYFRAMES",
    "Hooks": "HOOKS",
    "Image": "IMAGE",
    "Latent": "LATENT",
    "LatentOperation": "LATENT_OPERATION",
    "LatentUpscaleModel": "LATENT_UPSCALE_MODEL",
    "Layers": "LAYERS",
    "Load3D": "LOAD_3D",
    "Load3DAnimation": "LOAD_3D_ANIMATION",
    "Load3DCamera": "LOAD3D_CAMERA",
    "Load3DModelInfo": "LOAD3D_MODEL_INFO",
    "LoraModel": "LORA_MODEL",
    "LossMap": "LOSS_MAP",
    "Mask": "MASK",
    "Mesh": "MESH",
    "Model": "MODEL",
    "ModelPatch": "MODEL_PATCH",
    "Noise": "NOISE",
    "Photomaker": "PHOTOMAKER",
    "Point": "POINT",
    "SEGS": "SEGS",
    "SVG": "SVG",
    "Sampler": "SAMPLER",
    "Sigmas": "SIGMAS",
    "Splat": "SPLAT",
    "StyleModel": "STYLE_MODEL",
    "TimestepsRange": "TIMESTEPS_RANGE",
    "Tracks": "TRACKS",
    "UpscaleModel": "UPSCALE_MODEL",
    "Vae": "VAE",
    "Video": "VIDEO",
    "Voxel": "VOXEL",
    "WanCameraEmbedding": "WAN_CAMERA_EMBEDDING",
}


def __getattr__(name):
    """A type that has neither widget nor more: made when it is asked for."""
    return Custom(_PLAIN[name])


@comfytype(io_type="COMFY_MULTITYPED_V3")
class MultiType(_ComfyType):
    """One of several types."""

    class Input(Input):
        """An input of several types, with the widget of another input if it is made of one."""

        TAKES = ("id", "types", *_FIRST[1:], "lazy", *_LAST)

        def __init__(self, *values, **given):
            super().__init__(*values, **given)
            self.widget = None
            if isinstance(self.id, Input):
                self.widget = copy.copy(self.id)
                self.id = self.widget.id
                self.optional = self.widget.optional or self.optional
                if isinstance(self.widget, WidgetInput):
                    self.widget.widget_type = self.widget.get_io_type()

        def get_io_type(self):
            own = [self.widget.get_io_type()] if self.widget is not None else []
            return ",".join(dict.fromkeys([*own, *[each.io_type for each in self.types]]))

        def as_dict(self):
            return {**super().as_dict(), **(self.widget.as_dict() if self.widget is not None else {})}


@comfytype(io_type="COMFY_MATCHTYPE_V3")
class MatchType(ComfyTypeIO):
    """One type for all inputs and outputs of a template."""

    class Template:
        """What they have in common."""

        def __init__(self, template_id, allowed_types=AnyType):
            self.template_id = template_id
            self.allowed_types = allowed_types if isinstance(allowed_types, (list, tuple, set)) else [allowed_types]

        def as_dict(self):
            allowed = ",".join([each.io_type for each in self.allowed_types])
            return {"template_id": self.template_id, "allowed_types": allowed}

    class Input(Input):
        """An input of the type."""

        TAKES = ("id", "template", *_FIRST[1:], "lazy", *_LAST)

        def as_dict(self):
            return {**super().as_dict(), "template": self.template.as_dict()}

    class Output(Output):
        """An output of the type."""

        def __init__(self, template, id=None, display_name=None, tooltip=None, is_output_list=False):
            super().__init__(id, display_name if id or display_name else "MATCHTYPE", tooltip, is_output_list)
            self.template = template


class DynamicInput(Input):
    """An input that stands for others."""


class DynamicOutput(Output):
    """An output that stands for others."""


@comfytype(io_type="COMFY_AUTOGROW_V3")
class Autogrow(ComfyTypeI):
    """As many inputs as are used."""

    _MaxNames = 100

    class _AutogrowTemplate:
        def __init__(self, input):
            self.input = copy.copy(input)
            if isinstance(self.input, WidgetInput):  # rows are linked
                self.input.force_input = True

        def as_dict(self):
            return {"input": create_input_dict_v1([self.input])}

    class TemplatePrefix(_AutogrowTemplate):
        """Rows that are named by a prefix and a number."""

        def __init__(self, input, prefix, min=1, max=10):
            super().__init__(input)
            assert min >= 0
            assert 1 <= max <= Autogrow._MaxNames
            self.prefix = prefix
            self.min = min
            self.max = max
            self.names = [f"{prefix}{index}" for index in range(max)]

        def as_dict(self):
            return {**super().as_dict(), "prefix": self.prefix, "min": self.min, "max": self.max}

    class TemplateNames(_AutogrowTemplate):
        """Rows that have names of their own."""

        def __init__(self, input, names, min=1):
            super().__init__(input)
            assert min >= 0
            self.names = names[: Autogrow._MaxNames]
            self.min = min

        def as_dict(self):
            return {**super().as_dict(), "names": self.names, "min": self.min}

    class Input(DynamicInput):
        """All rows."""

        TAKES = ("id", "template", *_FIRST[1:], "lazy", "extra_dict")

        def as_dict(self):
            return {**super().as_dict(), "template": self.template.as_dict()}


@comfytype(io_type="COMFY_DYNAMICCOMBO_V3")
class DynamicCombo(ComfyTypeI):
    """A choice that brings inputs of its own."""

    class Option:
        """A choice."""

        def __init__(self, key, inputs):
            self.key = key
            self.inputs = inputs

        def as_dict(self):
            return {"key": self.key, "inputs": create_input_dict_v1(self.inputs)}

    class Input(DynamicInput):
        """The choice and what it brings."""

        TAKES = ("id", "options", *_FIRST[1:], "lazy", "extra_dict")

        def as_dict(self):
            return {**super().as_dict(), "options": [option.as_dict() for option in self.options]}


@comfytype(io_type="COMFY_DYNAMICSLOT_V3")
class DynamicSlot(ComfyTypeI):
    """A socket that brings more inputs once something is linked to it."""

    class Input(DynamicInput):
        """The socket and what it brings."""

        def __init__(self, slot, inputs, display_name=None, tooltip=None, lazy=None, extra_dict=None):
            self.slot = copy.copy(slot)
            self.force_input = None
            if isinstance(self.slot, WidgetInput):
                self.force_input = self.slot.force_input = True
            own = (slot.display_name, slot.tooltip, slot.lazy, slot.extra_dict)
            said = [
                mine if mine is not None else asked
                for mine, asked in zip(own, (display_name, tooltip, lazy, extra_dict))
            ]
            super().__init__(slot.id, said[0], True, said[1], said[2], said[3])
            self.inputs = inputs

        def as_dict(self):
            return {
                **super().as_dict(),
                "slotType": str(self.slot.get_io_type()),
                "inputs": create_input_dict_v1(self.inputs),
                **({"forceInput": True} if self.force_input else {}),
            }


@comfytype(io_type="COMFY_DYNAMICGROUP_V3")
class _DynamicGroup(ComfyTypeI):
    class Input(DynamicInput):
        """Rows of widgets."""

        TAKES = ("id", "template", "min", "max", *_FIRST[1:], "lazy", "extra_dict", "group_name")
        DEFAULTS = {**Input.DEFAULTS, "min": 0, "max": 20, "group_name": "Group"}
        SAYS = {**Input.SAYS, "min": "min", "max": "max", "group_name": "group_name"}

        def as_dict(self):
            return {**super().as_dict(), "template": create_input_dict_v1(self.template)}


def create_input_dict_v1(inputs):
    """Inputs as object_info has them: by section and name."""
    sections = {"required": {}}
    for each in inputs:
        section = sections.setdefault("optional" if each.optional else "required", {})
        section[each.id] = (each.get_io_type(), each.as_dict())
    return sections


class PriceBadgeDepends(_Said):
    """What a price is computed of."""

    TAKES = ("widgets", "inputs", "input_groups")


class PriceBadge(_Said):
    """What a node costs."""

    TAKES = ("expr", "depends_on", "engine")


class Schema(_Said):
    """What a node is called, takes and gives."""

    TAKES = (
        "node_id", "display_name", "category", "inputs", "outputs", "hidden", "description", "search_aliases",
        "is_input_list", "is_output_node", "is_deprecated", "is_experimental", "is_dev_only", "is_api_node",
        "price_badge", "not_idempotent", "enable_expand", "accept_all_inputs", "essentials_category",
        "has_intermediate_output", "loop_boundary",
    )  # fmt: skip
    DEFAULTS = {
        "category": "sd",
        "inputs": [],
        "outputs": [],
        "hidden": [],
        **dict.fromkeys([name for name in TAKES if name.startswith("is_")], False),
    }

    def validate(self):
        """Refuse two inputs, or two outputs, of one name."""
        named = [each.id for each in self.inputs if not isinstance(each, DynamicInput)]
        given = [each.id for each in self.outputs]
        for ids, what in ((named, "Input"), (given, "Output")):
            if len(set(ids)) != len(ids):
                raise ValueError(f"{what} ids must be unique")

    def finalize(self):
        """Add what other words of the schema imply."""
        self.hidden = list(self.hidden)
        implied = []
        if self.is_api_node:
            implied += [Hidden.auth_token_comfy_org, Hidden.api_key_comfy_org, Hidden.comfy_usage_source]
        if self.is_output_node:
            implied += [Hidden.prompt, Hidden.extra_pnginfo]
        self.hidden += [each for each in implied if each not in self.hidden]
        for index, output in enumerate(self.outputs):
            if output.id is None:
                output.id = f"_{index}_{output.io_type}_"

    def sections(self):
        """The inputs as object_info has them."""
        sections = create_input_dict_v1(self.inputs)
        if self.hidden:
            sections["hidden"] = {each.name: (each.value,) for each in self.hidden}
        return sections

    def said(self):
        """What a server says of the node."""
        return {
            "input": self.sections(),
            "is_input_list": self.is_input_list,
            "output": [each.io_type for each in self.outputs],
            "output_is_list": [each.is_output_list for each in self.outputs],
            "output_name": [each.display_name if each.display_name else each.io_type for each in self.outputs],
            "output_matchtypes": [
                each.template.template_id if isinstance(each, MatchType.Output) else None for each in self.outputs
            ],
            "name": self.node_id,
            "display_name": self.display_name,
            "category": self.category,
            "output_node": self.is_output_node,
            "deprecated": self.is_deprecated,
            "experimental": self.is_experimental,
            "dev_only": self.is_dev_only,
            "api_node": self.is_api_node,
        }


class NodeOutput:
    """What a node gives."""

    def __init__(self, *args, ui=None, expand=None, block_execution=None):
        self.args = args
        self.ui = ui
        self.expand = expand
        self.block_execution = block_execution


class ComfyNode:
    """A node: class methods, and a schema."""

    hidden = None

    @classmethod
    def define_schema(cls):
        """What the node takes and gives."""
        raise NotImplementedError("define_schema")

    @classmethod
    def GET_SCHEMA(cls):
        """The same with what it implies. Raises ValueError for what a server refuses."""
        schema = cls.define_schema()
        schema.finalize()
        schema.validate()
        return schema

    @classmethod
    def GET_NODE_INFO_V1(cls):
        """What a server says of the node."""
        return cls.GET_SCHEMA().said()

    @classmethod
    def INPUT_TYPES(cls):
        """The inputs, as nodes of the older form have them."""
        return cls.GET_SCHEMA().sections()


class ComfyExtension:
    """What an entry point gives: the nodes of a pack."""

    async def on_load(self):
        """Called once the pack is there."""

    async def get_node_list(self):
        """The node classes."""
        raise NotImplementedError("get_node_list")
