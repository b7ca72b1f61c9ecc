"""Model files to handles: what the loader nodes do. Files are memory-mapped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NoReturn

from wftools.diffusion import families
from wftools.diffusion.latents import ScaledLatents
from wftools.diffusion.loading import load_network
from wftools.diffusion.model import LatentDiffusion
from wftools.diffusion.sampling.levels import DiscreteLevels
from wftools.diffusion.sampling.parametrise import Velocity
from wftools.diffusion.taesd import load_taesd
from wftools.diffusion.vae import ImageVae, PixelSpace
from wftools.diffusion.vision import clip_vision
from wftools.errors import InputError, Place, RunError, listed, shown
from wftools.folders import APPROXIMATE_VAES, BUILT_IN
from wftools.weights.dialects import understood
from wftools.weights.families import READ_OTHERWISE, Recognised, check_clip_type, facts_of, recognise, recognise_texts
from wftools.weights.tensorfile import TensorFile, open_tensors
from wftools.weights.vision import find_vision

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from wftools.context import Context
    from wftools.values import Clip, ClipVision, Model, Vae
    from wftools.weights.source import Weight

PIXEL_SPACE: Final = "pixel_space"

# What a loader of networks may bring the weights to, by ComfyUI's name; float32 is computed in all the same.
WEIGHT_DTYPES: Final = {
    "default": None,
    "fp8_e4m3fn": "float8_e4m3fn",
    "fp8_e4m3fn_fast": "float8_e4m3fn",
    "fp8_e5m2": "float8_e5m2",
}

# What a loader of ComfyUI-GGUF may have weights decoded to, by its name for it; where it has none, to what is computed.
DEQUANT_DTYPES: Final = {
    "default": None,
    "target": None,
    "float32": "float32",
    "float16": "float16",
    "bfloat16": "bfloat16",
}

# The files in the folders of a model of diffusers, in the order in which ComfyUI looks for them.
DIFFUSERS_FILES: Final = tuple(
    f"diffusion_pytorch_model{kind}" for kind in (".fp16.safetensors", ".safetensors", ".fp16.bin", ".bin")
)
DIFFUSERS_TEXT_FILES: Final = (
    "model.fp16.safetensors",
    "model.safetensors",
    "pytorch_model.fp16.bin",
    "pytorch_model.bin",
)
ONNX_FILE: Final = "model.onnx"  # in their place in what optimum exports, the VAE being two graphs
DIFFUSERS_TEXTS: Final = ("text_encoder", "text_encoder_2")


def load_checkpoint(name: str, context: Context) -> tuple[Model, Clip, Vae]:
    """The network, text encoders and VAE of a checkpoint. Raises RunError if it is not there, InputError if broken.

    What the checkpoint lacks is found out when it is used.
    """
    model, clip, vae, _ = load_whole_checkpoint(name, context)
    return model, clip, vae


def load_whole_checkpoint(name: str, context: Context) -> tuple[Model, Clip, Vae, ClipVision]:
    """The same with what encodes pictures."""
    file = _opened(context.folders.find("checkpoints", name))
    if file.format == "onnx":
        raise InputError(
            "an ONNX file is one part of a model", place=file.place, hint="use UNETLoader, CLIPLoader and VAELoader"
        )
    found = recognise(file)
    if found is None or found.parts.network is None:
        raise InputError(f"there is no diffusion model in the file that wftools knows: {_held(file)}", place=file.place)
    with file.blamed():
        running, parts = families.family(found.family), found.parts
        no_clip, no_vae = Absent("text encoder", file.place, "CLIPLoader"), Absent("VAE", file.place, "VAELoader")
        clip: Clip = running.clip(parts.texts, context) if parts.texts else no_clip
        vae: Vae = running.vae(parts.vae, context) if parts.vae else no_vae
        no_vision = Absent("encoder of pictures", file.place, "CLIPVisionLoader")
        vision: ClipVision = clip_vision(parts.vision, context) if parts.vision else no_vision
        return _model(file, found, context), clip, vae, vision


def load_configured(config_name: str, name: str, context: Context) -> tuple[Model, Clip, Vae]:
    """A checkpoint as a YAML file of the first years describes it: what it predicts, which layer of CLIP is read."""
    from wftools.diffusion.old_config import read_config

    config = read_config(context.folders.find("configs", config_name))
    model, clip, vae = load_checkpoint(name, context)
    if config.predicts_velocity and isinstance(model, LatentDiffusion):
        model = replace(model, parametrisation=Velocity(DiscreteLevels()))
    if config.clip_layer is not None:
        clip = clip.with_options(replace(clip.options, layer=config.clip_layer))
    return model, clip, vae


def load_diffusion_model(
    name: str,
    context: Context,
    *,
    kind: str = "diffusion_models",
    weight_dtype: str = "default",
    dequant_dtype: str = "default",
) -> Model:
    """A network from a file of its own, or the one of a checkpoint.

    `weight_dtype` is one of eight bits that its weights are rounded to, `dequant_dtype` one that those which are made
    of something else are rounded to before they are brought to what is computed in.
    """
    rounded, decoded = WEIGHT_DTYPES[weight_dtype], DEQUANT_DTYPES[dequant_dtype]
    return _diffusion_model(context.folders.find(kind, name), context, _Rounding(rounded, decoded))


def load_vae(name: str, context: Context) -> Vae:
    """A VAE from a file of its own, a small approximate one by its name, or none."""
    if name == PIXEL_SPACE:
        return ImageVae(PixelSpace(), context.placement)
    if name in APPROXIMATE_VAES:
        return load_taesd(name, context)
    return _vae(context.folders.find("vae", name), context)


def load_clip_vision(name: str, context: Context) -> ClipVision:
    """An encoder of pictures from a file of its own."""
    file = _opened(context.folders.find("clip_vision", name))
    part = find_vision(file)
    if part is None:
        raise InputError(
            f"there is no encoder of pictures in the file that wftools knows: {_held(file)}", place=file.place
        )
    with file.blamed():
        return clip_vision(part, context)


def load_clip(
    names: Sequence[str], clip_type: str, context: Context, *, kind: str = "text_encoders", on_cpu: bool = False
) -> Clip:
    """Text encoders from files of their own, as the models of a type use them. Raises RunError for another type."""
    if len(names) > 1 or clip_type in READ_OTHERWISE:
        check_clip_type(clip_type)
    if on_cpu:
        context = replace(context, placement=replace(context.placement, device="cpu"))
    return _clip([context.folders.find(kind, name) for name in names], clip_type, context)


def load_diffusers(name: str, context: Context) -> tuple[Model, Clip, Vae]:
    """A model in the folders that diffusers saves it in: `unet`, `vae`, `text_encoder`, perhaps `text_encoder_2`."""
    folder = context.folders.find("diffusers", name).parent
    network = _first(folder / "unet", (*DIFFUSERS_FILES, ONNX_FILE))
    vae = _first(folder / "vae", DIFFUSERS_FILES) or _first(folder / "vae_decoder", (ONNX_FILE,))
    names = (*DIFFUSERS_TEXT_FILES, ONNX_FILE)
    texts = [path for part in DIFFUSERS_TEXTS if (path := _first(folder / part, names)) is not None]
    if network is None or vae is None or not texts:
        raise RunError(
            f"the model {shown(name)} of diffusers lacks its unet, its vae or its text_encoder",
            hint=f"the files are called {listed(DIFFUSERS_FILES, 2)}, and {listed(DIFFUSERS_TEXT_FILES, 2)}",
        )
    clip_type = "stable_diffusion" if len(texts) == 1 else "sdxl"
    return _diffusion_model(network, context), _clip(texts, clip_type, context), _vae(vae, context)


@dataclass(frozen=True, slots=True)
class _Rounding:
    """The types, by torch's names, that weights are rounded to: those that are stored, and those that are made."""

    stored: str | None = None
    made: str | None = None

    def of(self, tensors: TensorFile) -> TensorFile:
        """A network's tensors, rounded."""
        rounded = tensors if self.stored is None else tensors.rounded(self.stored)
        return rounded if self.made is None else rounded.decoded(self.made)


_EXACT: Final = _Rounding()


def _diffusion_model(path: Path, context: Context, rounding: _Rounding = _EXACT) -> Model:
    file = _opened(path)
    if file.format == "onnx":
        from wftools.diffusion.onnx.loading import load_onnx_model

        return load_onnx_model(path, context)
    found = recognise(file)
    if found is None or found.parts.network is None:
        raise InputError(f"there is no diffusion model in the file that wftools knows: {_held(file)}", place=file.place)
    with file.blamed():
        return _model(file, found, context, rounding)


def _model(file: TensorFile, found: Recognised, context: Context, rounding: _Rounding = _EXACT) -> LatentDiffusion:
    running, part = families.family(found.family), found.parts.network
    assert part is not None
    return LatentDiffusion(
        load_network(running.network, replace(part, tensors=rounding.of(part.tensors)), context.placement),
        running,
        ScaledLatents(facts_of(found.family).LATENT_FORM),
        running.parametrisation(file, part),
        context.placement,
    )


def _vae(path: Path, context: Context) -> Vae:
    file = _opened(path)
    if file.format == "onnx":
        from wftools.diffusion.onnx.loading import load_onnx_vae

        return load_onnx_vae(path, context)
    found = recognise(file)
    if found is None or found.parts.vae is None:
        raise InputError(f"there is no VAE in the file that wftools knows: {_held(file)}", place=file.place)
    form = facts_of(found.family).SAVED
    if path.name != BUILT_IN.name and file.below(form.vae).tensors and file.below(form.network).tensors:
        raise InputError(
            "the file is a whole checkpoint, not a VAE", place=file.place, hint="load it with CheckpointLoaderSimple"
        )
    with file.blamed():
        return families.family(found.family).vae(found.parts.vae, context)


def _clip(paths: Sequence[Path], clip_type: str, context: Context) -> Clip:
    files = [_opened(path) for path in paths]
    found = recognise_texts(files, clip_type)
    if found is None:
        held = "; ".join(f"{file.path.name}: {_held(file)}" for file in files)
        raise InputError(
            f"there is no text encoder of the type {shown(clip_type)} that wftools knows: {held}", place=files[0].place
        )
    with files[0].blamed():
        return families.family(found.family).clip(found.parts.texts, context)


def _opened(path: Path) -> TensorFile:
    return understood(open_tensors(path))


def _held(file: TensorFile) -> str:
    """What a file holds, for a message about what it does not."""
    found = recognise(file)
    if found is None:
        from wftools.weights.inspecting import UNKNOWN, describe

        described = describe(file)
        if described.kind != UNKNOWN:
            named = f"{described.kind}, {described.family}" if described.family else described.kind
            return f"it holds what is known as {named}"
        return f"it holds {len(file.tensors):,} tensors such as {listed([*map(shown, file.tensors)], 2)}"
    parts = found.parts
    held = [
        *(["a diffusion model"] if parts.network else []),
        *(["a VAE"] if parts.vae else []),
        *(f"the text encoder {name}" for name in parts.texts),
    ]
    return f"it holds {' and '.join(held) or 'a text encoder alone of several'}"


def _first(folder: Path, names: Sequence[str]) -> Path | None:
    """The first of some files that is in a folder."""
    return next((path for name in names if (path := folder / name).is_file()), None)


@dataclass(frozen=True, slots=True)
class Absent:
    """Stands where a checkpoint has no text encoder or VAE, so that only using it is an error."""

    what: str
    place: Place
    loader: str

    def encode(self, *_: object, **__: object) -> NoReturn:
        """Raise RunError."""
        raise RunError(f"the checkpoint has no {self.what}", place=self.place, hint=f"load one with {self.loader}")

    decode = encode_tiled = decode_tiled = tokenised = with_device = with_options = with_weights = with_bypasses = (
        encode
    )

    @property
    def ratio(self) -> NoReturn:
        """Raise RunError."""
        self.encode()

    @property
    def options(self) -> NoReturn:
        """Raise RunError."""
        self.encode()

    def weights(self) -> dict[str, Weight]:
        """None: what changes weights leaves it as it is."""
        return {}
