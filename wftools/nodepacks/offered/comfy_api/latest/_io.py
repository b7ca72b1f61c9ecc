"""Schemas of nodes in ComfyUI's newer form, and the classes of the older form that they stand for."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from wftools.nodepacks.offered.comfy_execution.graph import ExecutionBlocker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


class FolderType(StrEnum):
    """Folders of files."""

    input = "input"
    output = "output"
    temp = "temp"


class UploadType(StrEnum):
    """What a combo of files lets people upload."""

    image = "image_upload"
    audio = "audio_upload"
    video = "video_upload"
    model = "file_upload"


class NumberDisplay(StrEnum):
    """How a widget shows a number."""

    number = "number"
    slider = "slider"
    gradient_slider = "gradientslider"


class ControlAfterGenerate(StrEnum):
    """What becomes of a number once it was queued."""

    fixed = "fixed"
    increment = "increment"
    decrement = "decrement"
    randomize = "randomize"


class Hidden(StrEnum):
    """Inputs that the executor fills in."""

    unique_id = "UNIQUE_ID"
    prompt = "PROMPT"
    extra_pnginfo = "EXTRA_PNGINFO"
    dynprompt = "DYNPROMPT"
    auth_token_comfy_org = "AUTH_TOKEN_COMFY_ORG"  # noqa: S105  (the name of an input)
    api_key_comfy_org = "API_KEY_COMFY_ORG"


class Slot:
    """An input or an output: its name and what else is said of it."""

    io_type: str = "*"

    def __init__(self, id: str | None = None, display_name: str | None = None, **options: Any) -> None:
        self.id = id
        self.display_name = display_name
        self.options = options

    def get_io_type(self) -> str:
        """The type that object_info has."""
        return self.io_type


class Input(Slot):
    """An input of a node."""

    @property
    def is_optional(self) -> bool:
        """Whether it may be left open."""
        return bool(self.options.get("optional", False))

    def declaration(self) -> tuple[Any, dict[str, Any]]:
        """The input as INPUT_TYPES has it."""
        said = {_NAMES.get(name, name): _plain(value) for name, value in self.options.items() if value is not None}
        more = said.pop("extra_dict", {})
        said.pop("optional", None)
        return self.get_io_type(), {**said, **more}


class Output(Slot):
    """An output of a node."""

    @property
    def is_list(self) -> bool:
        """Whether what it is linked to is mapped over its elements."""
        return bool(self.options.get("is_output_list", False))

    @property
    def name(self) -> str:
        """What the output is called."""
        return self.display_name or self.id or self.get_io_type()


_WITH_WIDGET = frozenset({"INT", "FLOAT", "STRING", "BOOLEAN", "COMBO"})

# Names of options that object_info spells otherwise.
_NAMES = {
    "force_input": "forceInput",
    "raw_link": "rawLink",
    "dynamic_prompts": "dynamicPrompts",
    "display_mode": "display",
    "widget_type": "widgetType",
    "upload": "upload",
}


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


@dataclass(frozen=True)
class ComfyTypeIO:
    """A type of values: `Image.Input(…)`, `Image.Output(…)`, and `Image.Type` for annotations."""

    io_type: str
    Type: Any = Any

    def Input(self, id: str, display_name: str | None = None, **options: Any) -> Input:
        """An input of this type."""
        made: Input = _of(Input, self.io_type)(id, display_name, **options)
        return made

    def Output(self, id: str | None = None, display_name: str | None = None, **options: Any) -> Output:
        """An output of this type."""
        made: Output = _of(Output, self.io_type)(id, display_name, **options)
        return made


def _of(base: type[Any], kind: str) -> type[Any]:
    return type(base.__name__, (base,), {"io_type": kind})


def Custom(io_type: str) -> ComfyTypeIO:
    """A type of a pack's own."""
    return ComfyTypeIO(io_type)


def comfytype(io_type: str, **_options: Any) -> Callable[[type[Any]], Any]:
    """A decorator that makes a class a type of a pack's own."""
    return lambda _cls: ComfyTypeIO(io_type)


AnyType = ComfyTypeIO("*")
Boolean = ComfyTypeIO("BOOLEAN")
Int = ComfyTypeIO("INT")
Float = ComfyTypeIO("FLOAT")
String = ComfyTypeIO("STRING")
Image = ComfyTypeIO("IMAGE")
Mask = ComfyTypeIO("MASK")
Latent = ComfyTypeIO("LATENT")
Conditioning = ComfyTypeIO("CONDITIONING")
Sampler = ComfyTypeIO("SAMPLER")
Sigmas = ComfyTypeIO("SIGMAS")
Noise = ComfyTypeIO("NOISE")
Guider = ComfyTypeIO("GUIDER")
Clip = ComfyTypeIO("CLIP")
ControlNet = ComfyTypeIO("CONTROL_NET")
Vae = ComfyTypeIO("VAE")
Model = ComfyTypeIO("MODEL")
ClipVision = ComfyTypeIO("CLIP_VISION")
ClipVisionOutput = ComfyTypeIO("CLIP_VISION_OUTPUT")
StyleModel = ComfyTypeIO("STYLE_MODEL")
Gligen = ComfyTypeIO("GLIGEN")
UpscaleModel = ComfyTypeIO("UPSCALE_MODEL")
Audio = ComfyTypeIO("AUDIO")
Video = ComfyTypeIO("VIDEO")
SVG = ComfyTypeIO("SVG")
LoraModel = ComfyTypeIO("LORA_MODEL")
LossMap = ComfyTypeIO("LOSS_MAP")
Hooks = ComfyTypeIO("HOOKS")
HookKeyframes = ComfyTypeIO("HOOK_KEYFRAMES")
TimestepsRange = ComfyTypeIO("TIMESTEPS_RANGE")
LatentOperation = ComfyTypeIO("LATENT_OPERATION")
FlowControl = ComfyTypeIO("FLOW_CONTROL")
Color = ComfyTypeIO("COLOR")
BoundingBox = ComfyTypeIO("BOUNDING_BOX")
Curve = ComfyTypeIO("CURVE")
Histogram = ComfyTypeIO("HISTOGRAM")
Array = ComfyTypeIO("ARRAY")
Dict = ComfyTypeIO("DICT")


class _ComboInput(Input):
    io_type = "COMBO"
    multiselect = False

    def declaration(self) -> tuple[Any, dict[str, Any]]:
        """The input with its choices, which may be an enumeration's."""
        kind, said = super().declaration()
        choices: Any = said.get("options")
        if isinstance(choices, type) and issubclass(choices, Enum):
            choices = [each.value for each in choices]
        said["options"] = [_plain(each) for each in choices or ()]
        upload = said.pop("upload", None)
        if upload is not None:
            said[str(upload)] = True
        return kind, {**said, "multiselect": True} if self.multiselect else said


class Combo(ComfyTypeIO):
    """A choice of several."""

    Input = _ComboInput
    Output = _of(Output, "COMBO")


class MultiCombo(ComfyTypeIO):
    """Several choices of several."""

    Input = type("_MultiComboInput", (_ComboInput,), {"multiselect": True})
    Output = _of(Output, "COMBO")


class MultiType:
    """An input that takes values of several types."""

    Type = Any

    class Input(Input):
        """The input; by its name, or another input whose widget it has."""

        def __init__(self, id: str | Input, types: Sequence[Any] = (), **options: Any) -> None:
            self._widget = id if isinstance(id, Slot) else None
            super().__init__(id.id if isinstance(id, Slot) else id, **options)
            self._types = types

        def get_io_type(self) -> str:
            """A union of types."""
            own = [self._widget.get_io_type()] if self._widget is not None else []
            return ",".join(dict.fromkeys([*own, *(each.io_type for each in self._types)]))

        def declaration(self) -> tuple[Any, dict[str, Any]]:
            """The input, with the widget's options."""
            kind, said = super().declaration()
            if self._widget is None:
                return kind, said
            return kind, {**self._widget.declaration()[1], "widgetType": self._widget.get_io_type(), **said}


class MatchType:
    """Inputs and outputs that have one type, whichever it is."""

    Type = Any

    @dataclass
    class Template:
        """What they have in common."""

        template_id: str
        allowed_types: Any = None

        def as_dict(self) -> dict[str, Any]:
            """As object_info has it."""
            allowed = self.allowed_types
            kinds = [] if allowed is None else list(allowed) if isinstance(allowed, list | tuple) else [allowed]
            names = ",".join(each.io_type for each in kinds) or "*"
            return {"template_id": self.template_id, "allowed_types": names}

    class Input(Input):
        """An input of the type."""

        io_type = "COMFY_MATCHTYPE_V3"

        def __init__(self, id: str, template: MatchType.Template, **options: Any) -> None:
            super().__init__(id, **options)
            self.template = template

        def declaration(self) -> tuple[Any, dict[str, Any]]:
            """The input with its template."""
            kind, said = super().declaration()
            return kind, {**said, "template": self.template.as_dict()}

    class Output(Output):
        """An output of the type."""

        io_type = "COMFY_MATCHTYPE_V3"

        def __init__(self, template: MatchType.Template, id: str | None = None, **options: Any) -> None:
            super().__init__(id, **options)
            self.template = template


class Autogrow:
    """As many inputs of one kind as are used."""

    Type: TypeAlias = dict[str, Any]

    class _Template:
        def __init__(self, input: Input, **said: Any) -> None:
            if input.get_io_type() in _WITH_WIDGET:  # rows are linked
                input.options["force_input"] = True
            self.input = input
            self.said = said

        def as_dict(self) -> dict[str, Any]:
            """As object_info has it."""
            return {"input": _sections([self.input]), **self.said}

    class TemplatePrefix(_Template):
        """Rows that are called by a prefix and a number."""

        def __init__(self, input: Input, prefix: str, min: int = 1, max: int = 10) -> None:
            super().__init__(input, prefix=prefix, min=min, max=max)

    class TemplateNames(_Template):
        """Rows that have names of their own."""

        def __init__(self, input: Input, names: list[str], min: int = 1) -> None:
            super().__init__(input, names=list(names), min=min)

    class Input(Input):
        """All rows."""

        io_type = "COMFY_AUTOGROW_V3"

        def __init__(self, id: str, template: Autogrow._Template, **options: Any) -> None:
            super().__init__(id, **options)
            self.template = template

        def declaration(self) -> tuple[Any, dict[str, Any]]:
            """The input with the template of its rows."""
            kind, said = super().declaration()
            return kind, {**said, "template": self.template.as_dict()}


class DynamicCombo:
    """A choice that brings inputs of its own."""

    Type: TypeAlias = dict[str, Any]

    class Option:
        """A choice."""

        def __init__(self, key: str, inputs: list[Input]) -> None:
            self.key = key
            self.inputs = inputs

    class Input(Input):
        """The choice and what it brings."""

        io_type = "COMFY_DYNAMICCOMBO_V3"

        def __init__(self, id: str, options: list[DynamicCombo.Option], **more: Any) -> None:
            super().__init__(id, **more)
            self.choices = options

        def declaration(self) -> tuple[Any, dict[str, Any]]:
            """The input with its choices."""
            kind, said = super().declaration()
            return kind, {**said, "options": [{"key": o.key, "inputs": _sections(o.inputs)} for o in self.choices]}


def _sections(inputs: Iterable[Input]) -> dict[str, Any]:
    sections: dict[str, Any] = {}
    for each in inputs:
        sections.setdefault("optional" if each.is_optional else "required", {})[each.id] = list(each.declaration())
    return sections


@dataclass
class Schema:
    """What a node is called, takes and gives."""

    node_id: str
    display_name: str | None = None
    category: str = "sd"
    inputs: list[Input] = field(default_factory=list)
    outputs: list[Output] = field(default_factory=list)
    hidden: list[Hidden] = field(default_factory=list)
    description: str = ""
    is_input_list: bool = False
    is_output_node: bool = False
    is_deprecated: bool = False
    is_experimental: bool = False
    is_dev_only: bool = False
    is_api_node: bool = False
    not_idempotent: bool = False
    enable_expand: bool = False
    accept_all_inputs: bool = False
    search_aliases: list[str] = field(default_factory=list)
    essentials_category: str | None = None
    price_badge: Any = None
    has_intermediate_output: bool = False


class NodeOutput:
    """What a node gives: values, something to show, a subgraph, or word that nothing after it runs."""

    def __init__(
        self, *args: Any, ui: Any = None, expand: dict[str, Any] | None = None, block_execution: str | None = None
    ) -> None:
        self.args = args
        self.ui = ui
        self.expand = expand
        self.block_execution = block_execution

    @property
    def result(self) -> tuple[Any, ...] | None:
        """The values."""
        return self.args or None

    def as_answer(self) -> Any:
        """The same as a node of the older form answers."""
        if self.block_execution is not None:
            return ExecutionBlocker(self.block_execution)
        shown = self.ui.as_dict() if hasattr(self.ui, "as_dict") else self.ui or {}
        answer = {"ui": shown, "result": self.args}
        return {**answer, "expand": self.expand} if self.expand is not None else answer


class ComfyNode:
    """A node of the newer form: class methods, and a schema."""

    hidden: ClassVar[Any] = SimpleNamespace()

    @classmethod
    def define_schema(cls) -> Schema:
        """What the node takes and gives."""
        raise NotImplementedError(f"{cls.__name__} has no define_schema")

    @classmethod
    def execute(cls, **_given: Any) -> Any:
        """What the node does."""
        raise NotImplementedError(f"{cls.__name__} has no execute")

    @classmethod
    def GET_SCHEMA(cls) -> Schema:
        """What the node takes and gives."""
        return cls.define_schema()


def as_class(node: type[ComfyNode]) -> type:
    """A class of the older form that does what a node of the newer form does."""
    schema = node.GET_SCHEMA()
    hidden = {each.name: each.value for each in map(Hidden, schema.hidden)}
    if schema.is_output_node:  # what is saved says what it was made by
        hidden = {**hidden, "prompt": Hidden.prompt.value, "extra_pnginfo": Hidden.extra_pnginfo.value}

    def called(given: dict[str, Any]) -> Any:
        own = {name: given.pop(name, None) for name in hidden}
        if schema.is_input_list:
            own = {name: value[0] if isinstance(value, list) and value else value for name, value in own.items()}
        filled = SimpleNamespace(**{**dict.fromkeys(each.name for each in Hidden), **own})
        own_node: type[ComfyNode] = type(node.__name__, (node,), {"hidden": filled})
        return own_node.execute(**given)

    async def execute_later(_self: object, **given: Any) -> Any:
        return await called(given)

    def execute(_self: object, **given: Any) -> Any:
        return called(given)

    members: dict[str, Any] = {
        "INPUT_TYPES": classmethod(lambda _cls: {**_sections(schema.inputs), "hidden": hidden}),
        "RETURN_TYPES": tuple(each.get_io_type() for each in schema.outputs),
        "RETURN_NAMES": tuple(each.name for each in schema.outputs),
        "OUTPUT_IS_LIST": tuple(each.is_list for each in schema.outputs),
        "OUTPUT_MATCHTYPES": [getattr(getattr(o, "template", None), "template_id", None) for o in schema.outputs],
        "FUNCTION": "execute",
        "execute": execute_later if inspect.iscoroutinefunction(node.execute) else execute,
        "CATEGORY": schema.category,
        "OUTPUT_NODE": schema.is_output_node,
        "INPUT_IS_LIST": schema.is_input_list,
        "DEPRECATED": schema.is_deprecated,
        "EXPERIMENTAL": schema.is_experimental,
        "ACCEPT_ALL_INPUTS": schema.accept_all_inputs,
        "__module__": node.__module__,
    }
    for own, old in (("fingerprint_inputs", "IS_CHANGED"), ("validate_inputs", "VALIDATE_INPUTS")):
        if hasattr(node, own):
            members[old] = staticmethod(getattr(node, own))
    if hasattr(node, "check_lazy_status"):
        members["check_lazy_status"] = staticmethod(node.check_lazy_status)
    if schema.not_idempotent and "IS_CHANGED" not in members:
        members["IS_CHANGED"] = staticmethod(lambda **_given: float("nan"))
    return type(schema.node_id, (), members)
