"""What travels along links, and what a node call may answer. No torch at import: the tensors are named, not made.

Values are immutable: a node that changes one returns a new one, so that every consumer of an output sees the same.
IMAGE is a float32 tensor (B, H, W, C) in 0..1 and MASK (B, H, W); the rest has a type here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from fractions import Fraction
    from pathlib import Path

    import torch
    from torch import Tensor

    from wftools.diffusion.guidance import Guidance
    from wftools.diffusion.ops import Bypass
    from wftools.diffusion.patches import Control, Patches
    from wftools.media.encoding import Encoding
    from wftools.weights.source import Source, Weight

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""What a JSON text holds."""


@dataclass(frozen=True, slots=True, eq=False)
class Latent:
    """A picture in a VAE's latent space, and what goes with it."""

    samples: Tensor  # (B, C, …): the axes of time and space as the family has them
    noise_mask: Tensor | None = None  # (B, H, W) or (B, 1, H, W): 1 where the sampler may change it
    batch_index: tuple[int, ...] | None = None  # which noise of the seed each sample takes; None: 0, 1, 2 …
    downscale_ratio_spacial: int | None = None  # pixels a latent cell, while the latent is still empty


@dataclass(frozen=True, slots=True)
class Area:
    """A part of a latent: along each axis of time and space how long it is, and where it starts."""

    size: tuple[float, ...]
    start: tuple[float, ...]
    is_share: bool = False  # of the latent's length along each axis; else counted in cells

    def named(self) -> tuple[float | str, ...]:
        """As ComfyUI writes it."""
        return (*(("percentage",) if self.is_share else ()), *self.size, *self.start)

    @classmethod
    def of(cls, named: tuple[float | str, ...]) -> Area:
        """What ComfyUI wrote so."""
        is_share = named[:1] == ("percentage",)
        numbers = tuple(each for each in named if not isinstance(each, str))
        half = len(numbers) // 2
        return cls(numbers[:half], numbers[half:], is_share)


@dataclass(frozen=True, slots=True, eq=False)
class Cond:
    """One entry of a conditioning: what the network attends to, and where, when and how strongly.

    Fields have ComfyUI's names and order, and are None where nothing was said. `extras` has what only some families
    read, by ComfyUI's names; the others ignore it.
    """

    tensor: Tensor  # (B, T, width of the text encoder)
    pooled_output: Tensor | None = None  # (B, width): the whole text in one vector
    area: Area | None = None  # the part of the latent that the cond is about; None: the whole
    strength: float | None = None  # what the cond counts for among those of its side; None: 1
    mask: Tensor | None = None  # (H, W) or (B, H, W): what it counts for in each place
    set_area_to_bounds: bool | None = None  # the area is the least one that holds all of the mask
    mask_strength: float | None = None  # factor of the mask; None: 1
    start_percent: float | None = None  # share of the way from noise to picture from which on it counts; None: 0
    end_percent: float | None = None  # and up to which; None: 1
    clip_start_percent: float | None = None  # the same for the schedule of the text encoder's hooks
    clip_end_percent: float | None = None
    default: bool | None = None  # it counts where the others of its side leave something
    control: ControlSource | None = None
    control_apply_to_uncond: bool | None = None  # the other sides get the control too, if they have none
    gligen: Grounding | None = None
    hooks: Hooks | None = None  # how weights change while it is asked about
    extras: Mapping[str, Any] = field(default_factory=dict)

    def named(self) -> Mapping[str, Any]:
        """All that was said beside the tensor, by ComfyUI's names."""
        typed = (each.name for each in fields(Cond) if each.name not in {"tensor", "extras"})
        said = {name: value for name in typed if (value := getattr(self, name)) is not None}
        if self.area is not None:
            said["area"] = self.area.named()
        if self.hooks is not None:
            said["hooks"] = Whole(["WeightHook"] * len(self.hooks.each))
        return {**said, **self.extras}

    def with_extras(self, **more: Any) -> Cond:
        """A cond that says more to the families that read it."""
        return replace(self, extras={**self.extras, **more})


Conditioning = tuple[Cond, ...]


class Whole(list[Any]):
    """A list that a capture notes as one value."""


@dataclass(frozen=True, slots=True)
class Keyframe:
    """From a share of the way from noise to picture on, a hook has a strength."""

    start_percent: float
    strength: float
    guarantee_steps: int = 1  # for so many sigmas it stays, even if the next one's time has come


@dataclass(frozen=True, slots=True, eq=False)
class Keyframes:
    """HOOK_KEYFRAMES: the strengths of hooks over time, the earliest first; all hooks with the same change as one."""

    frames: tuple[Keyframe, ...] = ()

    def named(self) -> Whole:
        """As captures note them."""
        return Whole(
            [round(each.start_percent, 7), round(each.strength, 7), each.guarantee_steps] for each in self.frames
        )


class HookWeights(Protocol):
    """What a hook changes of weights. Two hooks of the same changes are one."""

    def of_model(self, model: Model) -> Callable[[float], Mapping[str, Callable[[Source], Source]]]:
        """The changes of a model, at a strength, as `with_weights` takes them."""
        ...

    def of_clip(self, clip: Clip) -> Callable[[float], Mapping[str, Callable[[Source], Source]]]:
        """The changes of text encoders."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Hook:
    """A change of weights for some conds, or some of the time."""

    weights: HookWeights
    strength_model: float
    strength_clip: float
    keyframes: Keyframes = field(default_factory=Keyframes)  # what both strengths are multiplied by


@dataclass(frozen=True, slots=True)
class Hooks:
    """HOOKS: changes of weights, in the order in which they take effect."""

    each: tuple[Hook, ...] = ()

    def named(self) -> Whole:
        """As captures note them."""
        return Whole(["WeightHook:hooked_only"] * len(self.each))


@dataclass(frozen=True, slots=True, eq=False)
class Sampling:
    """One run of a sampler, as far as a network's inputs may depend on it. All at the network's scale and device."""

    latent: Tensor  # what noise is added to
    noise: Tensor
    mask: Tensor | None = None  # of the latent's shape: 1 where the sampler may change it
    sigmas: Tensor | None = None  # of the run, from the first to the last
    source: torch.Generator | None = None  # of random numbers on the CPU, as the noise's draw left it
    seed: int = 0
    # What options and patches of the model remember from call to call, each under itself.
    memory: dict[object, Any] = field(default_factory=dict)


CONTROL_CONTEXT: Final = "control_context"
"""The tensor of `NetworkInputs` that control networks are given in place of `context`, and the network is not given."""


@dataclass(frozen=True, slots=True, eq=False)
class NetworkInputs:
    """What a network is given for a cond, beside the noisy latent and the timestep: its arguments by name."""

    # Each (b, …), b may be 1: repeated to the batch, and joined along it. Of one with the latent's axes and sizes, such
    # as a picture beside it, calls about a part of the latent are given that part.
    tensors: Mapping[str, Tensor]
    shared: Mapping[str, object] = field(default_factory=dict)  # for a whole batch: only equal ones are joined


class LatentFormat(Protocol):
    """The latents of a family: (B, channels, …), the last axes of time and space; and the scale of its network."""

    @property
    def channels(self) -> int:
        """How many channels a latent has."""
        ...

    @property
    def ratio(self) -> int:
        """Pixels a cell, along one side."""
        ...

    @property
    def dimensions(self) -> int:
        """Axes of time and space: 2 for pictures, 3 for videos, whose first is time."""
        ...

    def to_network(self, samples: Tensor) -> Tensor:
        """The VAE's latents at the network's scale."""
        ...

    def from_network(self, samples: Tensor) -> Tensor:
        """The network's latents at the VAE's scale."""
        ...


class NoiseLevels(Protocol):
    """How a family counts the way from a clean latent to noise: samplers know sigmas, networks know timesteps."""

    @property
    def sigmas(self) -> Tensor:
        """The table that schedules choose from: ascending, float32."""
        ...

    def timestep(self, sigma: Tensor) -> Tensor:
        """What the network is told for a sigma."""
        ...

    def sigma(self, timestep: Tensor) -> Tensor:
        """The sigma of a timestep, between the table's entries too."""
        ...

    def at_percent(self, percent: float) -> float:
        """The sigma at which that share (0..1) of the way from noise to picture is done."""
        ...


class Parametrisation(Protocol):
    """What a network's output means, and how noise is mixed into a latent. A sigma is (), or (B,) for x (B, …)."""

    @property
    def levels(self) -> NoiseLevels:
        """The noise levels that the network knows."""
        ...

    @property
    def is_flow(self) -> bool:
        """Whether noise displaces the latent (x = (1 - sigma) latent + sigma noise), where others add it."""
        ...

    @property
    def noise_scale(self) -> float:
        """The deviation of the noise that the network was trained with; 1 but for some flows."""
        ...

    def alpha(self, sigma: Tensor) -> Tensor:
        """What is left of the latent in x: 1 - sigma for a flow, 1 for the others."""
        ...

    def scaled(self, x: Tensor, sigma: Tensor) -> Tensor:
        """The network's input for a noisy latent."""
        ...

    def denoised(self, x: Tensor, output: Tensor, sigma: Tensor) -> Tensor:
        """The latent without noise, from the network's output for x."""
        ...

    def noised(self, latent: Tensor, noise: Tensor, sigma: Tensor) -> Tensor:
        """The latent with noise of that sigma."""
        ...

    def start(self, latent: Tensor, noise: Tensor, sigma: Tensor) -> Tensor:
        """What sampling starts from at that sigma."""
        ...

    def finish(self, x: Tensor, sigma: Tensor) -> Tensor:
        """The latent when sampling stops at that sigma."""
        ...


class Model(Protocol):
    """MODEL: a denoising network with what its family knows of it; what changes it returns a new handle."""

    @property
    def latent_format(self) -> LatentFormat:
        """The latents that the network works on."""
        ...

    @property
    def parametrisation(self) -> Parametrisation:
        """What its output means."""
        ...

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        ...

    @property
    def guidance(self) -> Guidance:
        """How guiders combine what it says."""
        ...

    @property
    def patches(self) -> Patches:
        """What is changed of the network's way from input to output."""
        ...

    def memory_of(self, x: Tensor) -> int:
        """How many bytes a call for x needs beside the weights, about."""
        ...

    def inputs(self, cond: Cond, latent: Tensor, sampling: Sampling) -> NetworkInputs:
        """What the network is given for a cond in a run, for the whole latent; asked once, before the first step."""
        ...

    def denoised(self, x: Tensor, sigma: Tensor, inputs: NetworkInputs, patches: Patches = ...) -> Tensor:
        """The latent without noise: x (B, C, …), sigma (B,), tensors of inputs (B, …) -> like x.

        `patches` are those of this call, after the model's own; none by default.
        """
        ...

    def weights(self) -> Mapping[str, Weight]:
        """All weights by the network's names, as they are now."""
        ...

    def with_weights(self, changes: Mapping[str, Callable[[Source], Source]]) -> Model:
        """A handle that shares all weights but these, by the network's names.

        A change is given the source that made the weight until now, so that changes of changes add up. Raises KeyError
        for a name that is no weight.
        """
        ...

    def with_bypasses(self, bypasses: Mapping[str, Bypass]) -> Model:
        """A handle with these ways around layers, by the layers' names, in place of all that it has.

        Raises KeyError for a name that is no layer which can be bypassed.
        """
        ...

    def with_patches(self, more: Patches) -> Model:
        """A handle with more patches of what the network computes, after those that it has."""
        ...

    def with_device(self, device: str | None) -> Model:
        """A handle that computes on another device; None: on that which it was loaded for."""
        ...

    def with_dtype(self, dtype: str | None) -> Model:
        """A handle that computes in another precision, a torch dtype's name; None: in that which it was loaded for."""
        ...

    def compiled(self, backend: str) -> Model:
        """A handle whose network is compiled by a backend of torch's compiler, when it is first asked."""
        ...

    def with_guidance(self, more: Guidance) -> Model:
        """A handle with more options for guiders, after those that it has."""
        ...

    def with_options_of(self, other: Model) -> Model:
        """A handle with the patches and options of another in place of its own."""
        ...

    def with_parametrisation(
        self, parametrisation: Parametrisation, latent_format: LatentFormat | None = None
    ) -> Model:
        """A handle whose output means something else, and which may see latents at another scale."""
        ...


class ControlSource(Protocol):
    """What adds to the features of a network while it denoises: a control network, or several in a row."""

    def __call__(self, x: Tensor, sigma: Tensor, inputs: NetworkInputs, model: Model, *, calls: int) -> Control | None:
        """What is added in a call for x (B, C, …), sigma (B,) and inputs (B, …); None: nothing.

        A batch is that many `calls` with this control behind one another, all of one size.
        """
        ...


class Grounder(Protocol):
    """GLIGEN: layers for a network that tell it where in a picture things are."""

    def placed(
        self, conditioning: Conditioning, text: Cond, /, *, left: int, top: int, width: int, height: int
    ) -> Conditioning:
        """A conditioning with one more box, in pixels; the text, whose pooled state is not projected, is in it."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Hint:
    """What a control network is shown."""

    image: Tensor  # (B, H, W, C) in 0..1
    vae: Vae | None = None  # of the model, for networks that see latents
    mask: Tensor | None = None  # (B, H, W): 1 where something is to be painted, for networks that see it


class ControlNet(Protocol):
    """CONTROL_NET: a network that says of pictures what is to be added to the features of another one."""

    def with_type(self, kind: int | None) -> ControlNet:
        """A handle for pictures of that kind, where the network knows several; None: it is not said."""
        ...

    def seen(self, hint: Hint, height: int, width: int, model: Model, /) -> Any:
        """What it makes of a hint for latents of that size, once for all steps. Raises RunError for what is no hint."""
        ...

    def control(
        self, seen: Any, x: Tensor, sigma: Tensor, inputs: NetworkInputs, model: Model, /, *, calls: int
    ) -> Control:
        """What is added in a call, as in `ControlSource`. Raises RunError for a model that it does not fit."""
        ...


class Grounding(Protocol):
    """What tells a network where in a picture things are: GLIGEN's boxes with their texts."""

    def patches(self, shape: torch.Size, device: torch.device) -> Patches:
        """The patches of a call for x of that shape (B, C, h, w)."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """What a guider makes of a noisy latent, and the predictions of the two sides that it makes it of."""

    denoised: Tensor
    cond: Tensor
    uncond: Tensor


class Denoise(Protocol):
    """A network as samplers see it: what a guider tells of it."""

    @property
    def parametrisation(self) -> Parametrisation:
        """How noise is mixed into the latents; with flows some samplers do another step."""
        ...

    def __call__(self, x: Tensor, sigma: Tensor) -> Tensor:
        """The latent without noise, from x (B, C, …) with noise of deviation sigma ()."""
        ...

    def pair(self, x: Tensor, sigma: Tensor) -> Pair:
        """The same with the predictions of the positive and the negative side."""
        ...


class Guider(Denoise, Protocol):
    """GUIDER: a model with its conditionings, which tells a sampler what a noisy latent is without noise."""

    @property
    def model(self) -> Model:
        """The model that it asks."""
        ...

    def during(self, sampling: Sampling) -> Guider:
        """The guider of one run, on which the network's inputs may depend."""
        ...


class LatentOperation(Protocol):
    """LATENT_OPERATION: a change of latents that is a value itself."""

    def __call__(self, latent: Tensor, /) -> Tensor:
        """The changed latent, of the same shape (B, C, …)."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Token:
    """What stands at one position of a prompt: a token's id, or a vector in its place, learnt or seen."""

    value: int | Tensor
    weight: float = 1.0
    group: int = 0  # of tokens that were read together, counted from 1; 0 for marks and padding


Tokens: TypeAlias = "Mapping[str, tuple[tuple[Token, ...], ...]]"
"""A prompt as each text encoder reads it: the encoder's name -> its chunks of tokens."""


@dataclass(frozen=True, slots=True)
class TextOptions:
    """How text encoders are read."""

    layer: int | None = None  # whose output is taken, from the last on: -1, -2 …; None: the one of the family
    is_projected: bool = True  # whether the pooled state is, where the family projects it
    t5_min_padding: int | None = None  # tokens behind the text that encoders of T5's kind are given at least
    t5_min_length: int | None = None  # tokens that they are given at least; None: as the family has it


class Clip(Protocol):
    """CLIP: one or more text encoders with their tokenizers; patches and options return a new handle."""

    def tokenised(self, texts: str | Mapping[str, str], pictures: Sequence[Tensor] = ()) -> Tokens:
        """A prompt as tokens, weights and embeddings included: one text for all encoders, or one for each by name.

        `pictures`, each (1, H, W, C), are seen by the encoders that read pictures; others raise RunError.
        """
        ...

    def encode(self, tokens: Tokens, options: TextOptions | None = None) -> Conditioning:
        """The conditioning of some tokens; `options` take the place of the handle's own for this call."""
        ...

    @property
    def options(self) -> TextOptions:
        """How the encoders are read."""
        ...

    def with_options(self, options: TextOptions) -> Clip:
        """A handle that reads the encoders so."""
        ...

    def weights(self) -> Mapping[str, Weight]:
        """All weights by encoder and name, as they are now: "clip_l.encoder.layers.0.mlp.fc1.weight"."""
        ...

    def with_weights(self, changes: Mapping[str, Callable[[Source], Source]]) -> Clip:
        """A handle that shares all weights but these, by encoder and name."""
        ...

    def with_bypasses(self, bypasses: Mapping[str, Bypass]) -> Clip:
        """A handle with these ways around layers, by encoder and name, in place of all that it has."""
        ...

    def with_device(self, device: str | None) -> Clip:
        """A handle that computes on another device; None: on that which it was loaded for."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class ClipVisionOutput:
    """CLIP_VISION_OUTPUT: what an encoder of pictures says of some (B, …), under ComfyUI's names."""

    last_hidden_state: Tensor  # (B, patches + 1, width)
    penultimate_hidden_states: Tensor  # the same before the last layer
    image_embeds: Tensor  # (B, width of the projection): each picture in one vector, as CLIP has texts too


class ClipVision(Protocol):
    """CLIP_VISION: an encoder of pictures."""

    def encode(self, image: Tensor, crop: str = ...) -> ClipVisionOutput:
        """What is seen in pictures (B, H, W, C) in 0..1: in their middle ("center"), or in all of them ("none")."""
        ...

    def weights(self) -> Mapping[str, Weight]:
        """All weights by the network's names."""
        ...


class Vae(Protocol):
    """VAE: pixels to latents and back. H and W of pictures are cut to a whole number of latent cells."""

    @property
    def ratio(self) -> int:
        """Pixels a latent cell, along one side."""
        ...

    def encode(self, image: Tensor) -> Tensor:
        """Pictures (B, H, W, C) in 0..1 to latents, the mean of the posterior; a video's frames are one latent."""
        ...

    def decode(self, samples: Tensor) -> Tensor:
        """Latents (B, c, …) to pictures (B, H, W, C), clamped to 0..1; frames of videos one after another."""
        ...

    def encode_tiled(self, image: Tensor, tile: int, overlap: int) -> Tensor:
        """As `encode`, in tiles of about so many pixels along each side, which share so many with their neighbours."""
        ...

    def decode_tiled(self, samples: Tensor, tile: int, overlap: int) -> Tensor:
        """As `decode`, in tiles of about so many cells along each side, which share so many with their neighbours."""
        ...

    def weights(self) -> Mapping[str, Weight]:
        """All weights by the network's names."""
        ...

    def with_device(self, device: str | None) -> Vae:
        """A handle that computes on another device; None: on that which it was loaded for."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Audio:
    """AUDIO: sounds of one length. Samples are in -1..1, which may be left."""

    waveform: Tensor  # (B, channels, samples), float32
    sample_rate: int  # samples a second


@dataclass(frozen=True, slots=True, eq=False)
class VideoComponents:
    """What a video is made of."""

    images: Tensor  # (frames, H, W, 3)
    audio: Audio | None
    fps: Fraction


class Video(Protocol):
    """VIDEO: a handle on a video, which is decoded when it is asked for it."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        ...

    @property
    def fps(self) -> Fraction:
        """Frames a second, on average."""
        ...

    @property
    def frame_count(self) -> int:
        """How many frames it has."""
        ...

    @property
    def duration(self) -> float:
        """How many seconds it takes."""
        ...

    @property
    def bit_depth(self) -> int:
        """Bits of a colour: 8, 10 …"""
        ...

    @property
    def color_space(self) -> str:
        """What the colours mean: "sRGB", "HDR" or "HDR PQ"."""
        ...

    def components(self) -> VideoComponents:
        """All of it, decoded."""
        ...

    def frames_at(self, indices: Sequence[int]) -> Tensor:
        """Single frames (n, H, W, 3) by their numbers, ascending; counted from the start of what it was cut from."""
        ...

    def trimmed(self, start: float, duration: float) -> Video:
        """A part of it: from a second on, counted from the end if negative; so many seconds, 0 for all that is left.

        Raises RunError if there is no such part.
        """
        ...

    def write(self, path: str, encoding: Encoding, texts: Mapping[str, str]) -> None:
        """Write it as a file, in whose metadata `texts` are."""
        ...


@dataclass(frozen=True, slots=True)
class File3D:
    """FILE_3D and its kinds: a model, a splat or a cloud of points in a file, whose suffix says which."""

    path: Path


@dataclass(frozen=True, slots=True)
class Svg:
    """SVG: one or more drawings, each the text of a file."""

    drawings: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One layer of a composition: pictures, and where and how they are laid. Fields have ComfyUI's names."""

    image: Tensor  # (B, H, W, C): each picture of a batch is a layer of its own
    mask: Tensor | None = None  # (B, H, W): 1 where it is transparent, beside what its alpha channel says
    name: str | None = None
    x: int = 0  # of its left upper corner before it is turned
    y: int = 0
    w: int | None = None  # the size that it is scaled to; None: its own
    h: int | None = None
    rotation: float = 0.0  # radians, clockwise around its middle
    opacity: float = 1.0
    blend_mode: str = "normal"
    z_index: int = 0  # layers with a larger one lie above
    flip_h: bool = False
    flip_v: bool = False
    type: str = "raster"


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """LAYERS: layers of a composition, from below."""

    layers: tuple[Layer, ...]
    canvas: tuple[int, int] | None = None  # width and height; None: as far as the layers reach
    version: int = 1


@dataclass(frozen=True, slots=True)
class Curve:
    """CURVE: a function of 0..1 through points (x, y), ascending in x."""

    points: tuple[tuple[float, float], ...]
    interpolation: str = "monotone_cubic"  # or "linear"

    def __str__(self) -> str:
        """As ComfyUI prints it."""
        return (
            f"{'LinearCurve' if self.interpolation == 'linear' else 'MonotoneCubicCurve'}(points={list(self.points)})"
        )


class PhotoMaker(Protocol):
    """PHOTOMAKER: a network that fuses the person in a picture with a word of a prompt."""

    def encoded(self, clip: Clip, text: str, image: Tensor, /) -> Conditioning:
        """A prompt about the person in pictures (B, H, W, C), whom a word of it stands for."""
        ...


class StyleModel(Protocol):
    """STYLE_MODEL: a network that says of pictures, as a vision encoder sees them, what they are like."""

    def tokens(self, seen: ClipVisionOutput, /) -> Tensor:
        """Tokens of a text (1, n, width of its encoder), those of all pictures in a row."""
        ...


class Upscaler(Protocol):
    """UPSCALE_MODEL: a network that makes a picture larger, or restores one at its size."""

    @property
    def scale(self) -> float:
        """How many times larger pictures become, along one side."""
        ...

    def __call__(self, picture: Tensor, /) -> Tensor:
        """(1, C, H, W) in 0..1 to (1, c, scale * H, scale * W). Raises RunError for channels that it does not see."""
        ...


@dataclass(frozen=True, slots=True)
class Need:
    """An answer of a node call: first compute these lazy inputs, then call again."""

    inputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Expand:
    """An answer of a node call: run this subgraph, its outputs are mine.

    `prompt` is an API prompt of new nodes, whose ids are local to this call; a link to an id that is not in it leads
    to a node of the surrounding graph. `outputs` are literal values or links `[id, slot]` into the subgraph.
    """

    prompt: Mapping[str, Any]
    outputs: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """An answer of a node call, or one of its outputs: what depends on it does not run.

    With a message, an output node that is blocked reports it as its error; without, it is left out silently.
    """

    message: str | None = None


class Pending:
    """What a lazy input holds until it has been asked for."""

    def __repr__(self) -> str:
        return "PENDING"

    def __bool__(self) -> bool:
        return False


PENDING: Final = Pending()
