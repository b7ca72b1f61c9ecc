"""What a graph does, by what goes in and comes out: the names that diffusers and optimum give, or the shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, cast, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.weights.onnx.judging import Facts
    from wftools.weights.onnx.model import Value

Role = Literal["unet", "controlnet", "text_encoder", "vae_decoder", "vae_encoder", "upscaler"]

# What our own files say of themselves, in their metadata.
SAID_ROLE: Final = "wftools.part"
SAID_FAMILY: Final = "wftools.family"
SAID_ENCODER: Final = "wftools.text_encoder"  # "clip_l" …
SAID_PREDICTION: Final = "wftools.prediction"  # "epsilon", "v_prediction"
SAID_ZERO_SNR: Final = "wftools.zero_terminal_snr"  # "true" where the last level is pure noise
SAID_LATENT_SCALE: Final = "wftools.latent_scale"
SAID_CELL: Final = "wftools.cell"  # pixels that the sides of an upscaler's pictures are multiples of
SAID_LATENT_RATIO: Final = "wftools.latent_ratio"

_DENOISES: Final = {"sample", "timestep", "encoder_hidden_states"}
_LATENTS: Final = {"latent_sample", "latent_parameters", "latent", "latents", "latent_dist", "moments", "z"}
_COLOURS: Final = {1, 3, 4}
_LATENT_CHANNELS: Final = {4, 8, 16, 32}

# Families by the width of the text that they attend to, and of a whole text beside it.
_BY_WIDTH: Final[Mapping[tuple[int, bool], str]] = {
    (768, False): "sd1",
    (1024, False): "sd2",
    (2048, True): "sdxl",
    (1280, True): "sdxl_refiner",
}
_ENCODERS: Final[Mapping[int, str]] = {768: "clip_l", 1024: "clip_h", 1280: "clip_g"}  # by the width of their states


def role_of(facts: Facts) -> Role | None:
    """What a model does; None if nothing tells."""
    said = facts.metadata.get(SAID_ROLE)
    if said in get_args(Role):
        return cast("Role", said)
    inputs, outputs = ({each.name for each in values} for values in (facts.inputs, facts.outputs))
    if inputs >= _DENOISES:
        return "controlnet" if "controlnet_cond" in inputs else "unet"
    if "input_ids" in inputs:
        return "text_encoder"
    if len(facts.inputs) != 1 or not facts.outputs:
        return None
    if inputs <= _LATENTS:
        return "vae_decoder"
    if outputs & _LATENTS:
        return "vae_encoder"
    before, after = channels(facts.inputs[0]), channels(facts.outputs[0])
    if before == after and before in _COLOURS:
        return "upscaler"
    if after == 3 and before in _LATENT_CHANNELS:
        return "vae_decoder"
    return "vae_encoder" if before == 3 and after in _LATENT_CHANNELS else None


def channels(value: Value) -> int | None:
    """The channels of pictures or latents (B, C, h, w); None if it is not said."""
    return fixed(value, 1) if value.shape is not None and len(value.shape) == 4 else None


def fixed(value: Value, axis: int) -> int | None:
    """The size of a dimension; None if it may be any."""
    if value.shape is None or not -len(value.shape) <= axis < len(value.shape):
        return None
    size = value.shape[axis]
    return size if isinstance(size, int) else None


def family_of(facts: Facts) -> str | None:
    """The family of a network that denoises, or of what controls it; None if nothing tells."""
    said = facts.metadata.get(SAID_FAMILY)
    if said is not None:
        return said
    widths = {each.name: fixed(each, -1) for each in facts.inputs}
    return _BY_WIDTH.get((widths.get("encoder_hidden_states") or 0, "text_embeds" in widths))


def encoder_of(facts: Facts) -> str | None:
    """Which text encoder of CLIP's it is, as families call it; None if nothing tells."""
    said = facts.metadata.get(SAID_ENCODER)
    if said is not None:
        return said
    states = next((each for each in facts.outputs if each.name == "last_hidden_state"), None)
    return None if states is None else _ENCODERS.get(fixed(states, -1) or 0)
