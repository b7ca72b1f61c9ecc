"""How a node is declared: a function whose signature is the node's.

    @node("EmptyLatentImage", category="model/latent")
    def empty_latent_image(*, width: Pixels = 512, height: Pixels = 512, batch_size: Batch = 1) -> LATENT:

Parameters are ComfyUI's input names in ComfyUI's order, since that order is the order of `widgets_values` and so part
of the file format. They are keyword-only, because ComfyUI calls by name. A Python default is the widget's default.
That an input is optional is said in the annotation (`OPTIONAL`), since some optional inputs have a default of their
own. The function stays an ordinary function; its signature is derived on first use.

Node modules do not use `from __future__ import annotations`: the annotations are read.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

from wftools.catalog.signature import COMBO, Branches, Input, Matched, NodeSignature, Output, Rows
from wftools.context import Context
from wftools.values import (
    Audio,
    Block,
    Clip,
    ClipVision,
    ClipVisionOutput,
    Conditioning,
    ControlNet,
    Curve,
    Expand,
    Grounder,
    Guider,
    Hooks,
    Keyframes,
    Latent,
    LatentOperation,
    Layers,
    Model,
    Need,
    PhotoMaker,
    StyleModel,
    Svg,
    Upscaler,
    Vae,
    Video,
)

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.diffusion.sampling import Solver
    from wftools.diffusion.sampling.noise import InitialNoise

NodeFunction = TypeVar("NodeFunction", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, eq=False)  # hashed by identity: typing.Union wants a hash
class Socket:
    """An annotation: the type of an input or output, and the options of its widget, if it has one."""

    type: str
    options: Mapping[str, Any] = field(default_factory=dict)
    listed: bool = False  # a combo in ComfyUI's older form: its choices are its type
    dynamic: Rows | Branches | Matched | None = None  # see `dynamic.py`


@dataclass(frozen=True, slots=True)
class Hidden:
    """An annotation: an input that the executor fills in."""

    kind: str


@dataclass(frozen=True, slots=True)
class Flag:
    """An annotation without a value: OPTIONAL, LAZY, IS_LIST."""

    name: str


OPTIONAL: Final = Flag("optional")
LAZY: Final = Flag("lazy")  # the input holds PENDING until the node has answered Need
IS_LIST: Final = Flag("is_list")  # an output that is a list: consumers are mapped over it

LORA_MODEL = Annotated[Mapping[str, "Tensor"], Socket("LORA_MODEL")]  # an adapter's tensors by name
LOSS_MAP = Annotated[Mapping[str, typing.Sequence[float]], Socket("LOSS_MAP")]  # {"loss": one a pass}
MODEL = Annotated[Model, Socket("MODEL")]
CLIP = Annotated[Clip, Socket("CLIP")]
VAE = Annotated[Vae, Socket("VAE")]
CLIP_VISION = Annotated[ClipVision, Socket("CLIP_VISION")]
CLIP_VISION_OUTPUT = Annotated[ClipVisionOutput, Socket("CLIP_VISION_OUTPUT")]
CONDITIONING = Annotated[Conditioning, Socket("CONDITIONING")]
CONTROL_NET = Annotated[ControlNet, Socket("CONTROL_NET")]
GLIGEN = Annotated[Grounder, Socket("GLIGEN")]
HOOKS = Annotated[Hooks, Socket("HOOKS")]
HOOK_KEYFRAMES = Annotated[Keyframes, Socket("HOOK_KEYFRAMES")]
TIMESTEPS_RANGE = Annotated[tuple[float, float], Socket("TIMESTEPS_RANGE")]
GUIDER = Annotated[Guider, Socket("GUIDER")]
PHOTOMAKER = Annotated[PhotoMaker, Socket("PHOTOMAKER")]
STYLE_MODEL = Annotated[StyleModel, Socket("STYLE_MODEL")]
UPSCALE_MODEL = Annotated[Upscaler, Socket("UPSCALE_MODEL")]
LATENT = Annotated[Latent, Socket("LATENT")]
LATENT_OPERATION = Annotated[LatentOperation, Socket("LATENT_OPERATION")]
NOISE = Annotated["InitialNoise", Socket("NOISE")]
SAMPLER = Annotated["Solver", Socket("SAMPLER")]
SIGMAS = Annotated["Tensor", Socket("SIGMAS")]  # (n,), float32, descending; the last is 0 where noise shall be gone
IMAGE = Annotated["Tensor", Socket("IMAGE")]
MASK = Annotated["Tensor", Socket("MASK")]
LAYERS = Annotated[Layers, Socket("LAYERS")]
CURVE = Annotated[Curve, Socket("CURVE")]
HISTOGRAM = Annotated["list[int]", Socket("HISTOGRAM")]
STRING = Annotated[str, Socket("STRING")]
INT = Annotated[int, Socket("INT")]
FLOAT = Annotated[float, Socket("FLOAT")]
BOOLEAN = Annotated[bool, Socket("BOOLEAN")]
AUDIO = Annotated[Audio, Socket("AUDIO")]
SVG = Annotated[Svg, Socket("SVG")]
VIDEO = Annotated[Video, Socket("VIDEO")]
ANY = Annotated[Any, Socket("*")]
ARRAY = Annotated[list[Any], Socket("ARRAY")]
DICT = Annotated[Mapping[str, Any], Socket("DICT")]

PROMPT = Annotated[Mapping[str, Any] | None, Hidden("PROMPT")]
EXTRA_PNGINFO = Annotated[Mapping[str, Any] | None, Hidden("EXTRA_PNGINFO")]
UNIQUE_ID = Annotated[str, Hidden("UNIQUE_ID")]
CONTEXT = Annotated[Context, Hidden("CONTEXT")]  # ours; ComfyUI has globals for it


def _options(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def Int(minimum: int | None = None, maximum: int | None = None, step: int | None = None, **options: Any) -> Socket:  # noqa: N802
    """An INT widget; options as in object_info."""
    return Socket("INT", _options(min=minimum, max=maximum, step=step, **options))


def Float(  # noqa: N802
    minimum: float | None = None, maximum: float | None = None, step: float | None = None, **options: Any
) -> Socket:
    """A FLOAT widget; options as in object_info."""
    return Socket("FLOAT", _options(min=minimum, max=maximum, step=step, **options))


def String(*, multiline: bool | None = None, **options: Any) -> Socket:  # noqa: N802
    """A STRING widget; options as in object_info."""
    return Socket("STRING", _options(multiline=multiline, **options))


def choice(options: typing.Iterable[Any], *, listed: bool = False, **more: Any) -> Socket:
    """A combo; the first choice is the default, so the order is part of the file format.

    `listed`: whether ComfyUI declares it in its older form, as the list of its choices.
    """
    return Socket(COMBO, _options(options=list(options), **more), listed)


def files(folder: str, *others: str, listed: bool = False, **more: Any) -> Socket:
    """A combo of the files of a kind, or of several: "checkpoints", "input:image"."""
    several = [{"folder": each} for each in (folder, *others)] if others else None
    return Socket(COMBO, _options(folder=None if others else folder, folders=several, **more), listed)


Seed = Annotated[int, Int(0, 2**64 - 1, control_after_generate=True)]


@dataclass(frozen=True)
class Declared:
    """A node as it was declared: its function and what the decorator was told."""

    type: str
    function: Callable[..., Any]
    category: str
    display_name: str
    output_node: bool
    is_input_list: bool
    outputs: tuple[str, ...]
    deprecated: bool
    experimental: bool
    changed: Callable[..., object] | None
    checks: Mapping[str, Callable[[Any], object]]
    more: Mapping[str, Socket]
    unlisted: Mapping[str, Socket]

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        """Pickled by the name of its function, as the function is: a process that is sent one finds its own there."""
        return getattr, (self.function, "declared")

    @cached_property
    def signature(self) -> NodeSignature:
        """What the node takes and gives, derived from the function's annotations."""
        inputs: list[Input] = []
        hidden: dict[str, str] = {}
        for name, parameter in inspect.signature(self.function).parameters.items():
            if parameter.kind is parameter.VAR_KEYWORD:
                inputs += [declared_input(key, socket) for key, socket in self.more.items()]
                continue
            if name in self.unlisted:
                continue
            kind = next((mark.kind for mark in _marks(parameter.annotation) if isinstance(mark, Hidden)), None)
            if kind is not None:
                hidden[name] = kind
            else:
                default = None if parameter.default is parameter.empty else parameter.default
                inputs.append(declared_input(name, parameter.annotation, default))
        inputs.sort(key=lambda i: not i.required)  # stable: the optional ones go last
        return NodeSignature(
            self.type,
            tuple(inputs),
            tuple(self._outputs()),
            hidden,
            self.display_name,
            self.category,
            self.output_node,
            self.is_input_list,
            self.deprecated,
            self.experimental,
        )

    def undeclared(self, name: str, *, is_linked: bool) -> Input | None:  # noqa: ARG002  (what others may ask)
        """An input that the signature does not have, and the function takes all the same; None if it takes none."""
        return declared_input(name, self.unlisted[name]) if name in self.unlisted else None

    def refusal(self, literals: Mapping[str, Any], linked: Mapping[str, str]) -> str | None:  # noqa: ARG002
        """What the node itself has against its literals and the types that it is linked to, before anything runs."""
        return None

    @cached_property
    def returns_tuple(self) -> bool:
        """Whether the function returns a tuple of its outputs, rather than the one output itself."""
        return typing.get_origin(self._returned) is tuple

    @cached_property
    def _returned(self) -> Any:
        """The return annotation without the answers that are no values."""
        annotation = inspect.signature(self.function).return_annotation
        if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union:
            arms = [arm for arm in typing.get_args(annotation) if arm not in (Need, Expand, Block)]
            return arms[0] if len(arms) == 1 else annotation
        return annotation

    def _outputs(self) -> Iterator[Output]:
        annotation = self._returned
        if annotation is None or annotation is inspect.Signature.empty:
            return
        parts = typing.get_args(annotation) if self.returns_tuple else (annotation,)
        for index, part in enumerate(parts):
            marks = tuple(_marks(part))
            socket = _socket(marks, f"output {index} of {self.type}")
            yield Output(
                self.outputs[index] if index < len(self.outputs) else socket.type,
                socket.type,
                IS_LIST in marks,
                tuple(socket.options["options"]) if socket.listed else None,
                socket.dynamic.template if isinstance(socket.dynamic, Matched) else None,
            )


def node(
    type: str,  # noqa: A002
    *,
    category: str,
    display_name: str | None = None,
    output_node: bool = False,
    is_input_list: bool = False,
    outputs: tuple[str, ...] = (),
    deprecated: bool = False,
    experimental: bool = False,
    changed: Callable[..., object] | None = None,
    checks: Mapping[str, Callable[[Any], object]] | None = None,
    more: Mapping[str, Socket] | None = None,
    unlisted: Mapping[str, Socket] | None = None,
) -> Callable[[NodeFunction], NodeFunction]:
    """Declare a node type. `outputs`: names where they differ from the types; `more`: inputs of `**` parameters.

    `unlisted`: parameters that the node is given if a prompt has them, although ComfyUI does not declare them.

    `changed(**literal_inputs, context=…)` gives something that differs whenever the node must run again although its
    inputs are the same (ComfyUI's IS_CHANGED).

    `checks`: for inputs of which ComfyUI takes more values than the node runs with yet, what raises RunError for the
    others. Literals are checked before anything runs.
    """

    def declare(function: NodeFunction) -> NodeFunction:
        declared = Declared(
            type,
            function,
            category,
            display_name if display_name is not None else type,
            output_node,
            is_input_list,
            outputs,
            deprecated,
            experimental,
            changed,
            checks or {},
            more or {},
            unlisted or {},
        )
        function.declared = declared  # type: ignore[attr-defined]
        return function

    return declare


def declared_in(module: types.ModuleType) -> Iterator[Declared]:
    """The nodes that a module declares, in its order."""
    for value in vars(module).values():
        declared = getattr(value, "declared", None)
        if isinstance(declared, Declared) and declared.function.__module__ == module.__name__:
            yield declared


def declared_in_package(module: types.ModuleType) -> Iterator[Declared]:
    """The nodes that a module offers, whether they are declared in it or in a module inside of it, each once."""
    found: dict[int, Declared] = {}
    for value in vars(module).values():
        declared = getattr(value, "declared", None)
        if isinstance(declared, Declared):
            home = declared.function.__module__
            if home == module.__name__ or home.startswith(f"{module.__name__}."):
                found.setdefault(id(declared), declared)
    yield from found.values()


def declared_input(name: str, annotation: Any, default: Any = None) -> Input:
    """An input from its annotation: a socket, or a type with one among its metadata, such as IMAGE."""
    marks = tuple(_marks(annotation))
    socket = _socket(marks, f"the input {name}")
    options = dict(socket.options)
    if default is not None:
        options["default"] = default
    if LAZY in marks:
        options["lazy"] = True
    return Input(name, socket.type, OPTIONAL not in marks, options, socket.listed, socket.dynamic)


def _marks(annotation: Any) -> Iterator[Any]:
    """The metadata of Annotated, also inside `X | None`; a socket by itself."""
    if isinstance(annotation, Socket):
        yield annotation
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union:
        for arm in typing.get_args(annotation):
            yield from _marks(arm)
    yield from getattr(annotation, "__metadata__", ())
    if typing.get_origin(annotation) is Annotated:
        yield from _marks(typing.get_args(annotation)[0])


def _socket(marks: tuple[Any, ...], what: str) -> Socket:
    sockets = [mark for mark in marks if isinstance(mark, Socket)]
    if not sockets:
        raise TypeError(f"{what} has no socket type in its annotation")
    return sockets[0]
