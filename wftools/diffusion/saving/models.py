"""Checkpoints, networks, text encoders and VAEs as ComfyUI saves them: in the layout that their family began with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch

from wftools.diffusion.families import name_of
from wftools.diffusion.model import LatentDiffusion
from wftools.diffusion.ops import Stored
from wftools.diffusion.placing import dtype_of
from wftools.diffusion.sampling.levels import DiscreteLevels, EdmLevels
from wftools.diffusion.sampling.parametrise import Eps, Velocity
from wftools.diffusion.saving import writing
from wftools.errors import RunError
from wftools.weights.families import facts_of
from wftools.weights.keymaps.openclip import PROJECTION, as_openclip
from wftools.weights.source import Weight

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from wftools.context import Context
    from wftools.diffusion.saving import Content
    from wftools.values import Clip, ClipVision, Model, Vae
    from wftools.weights.families import CheckpointForm

LOGIT_SCALE: Final = 4.6055  # CLIP's temperature, which nothing here needs and files have; in ComfyUI it never changes
POSITIONS: Final = 77
OF_TRANSFORMERS: Final = "clip_l"  # the only text encoder that checkpoints have under transformers' names

# How ComfyUI calls what the output means, in a file's metadata.
PREDICTS: Final[Mapping[type, str]] = {Eps: "epsilon", Velocity: "v"}


def save_checkpoint(
    prefix: str,
    context: Context,
    texts: Mapping[str, str],
    *,
    model: Model,
    clip: Clip | None = None,
    vision: ClipVision | None = None,
    vae: Vae | None = None,
) -> None:
    """A model, perhaps with its encoders and its VAE, as one file. Raises RunError for what is no checkpoint.

    `texts`: of the file's metadata, after what is said of the model there.
    """
    if not isinstance(model, LatentDiffusion):
        raise RunError(f"the model is a {type(model).__name__}, which has no form as a checkpoint")
    form = facts_of(name_of(model.family)).SAVED
    content: dict[str, Weight | Tensor] = {
        name if name.startswith(form.apart) else form.network + name: weight for name, weight in model.weights().items()
    }
    if clip is not None:
        content |= _texts(clip.weights(), form)
    if vision is not None:
        content |= _prefixed(form.vision or "", vision.weights())
    if vae is not None:
        content |= _prefixed(form.vae, vae.weights())
    content |= _said_by_tensors(model)
    _write(prefix, content, {**_described(model, form, prefix, context), **texts}, context)


def save_clip(prefix: str, context: Context, texts: Mapping[str, str], clip: Clip) -> None:
    """Each text encoder as a file of its own, under transformers' names."""
    weights = clip.weights()
    for encoder in dict.fromkeys(name.partition(".")[0] for name in weights):
        own = _below(encoder, weights)
        content: Content = {
            f"text_model.{name}" if name != f"{PROJECTION}.weight" else name: weight
            for name, weight in _with_projection(own).items()
        } | {"logit_scale": torch.tensor(LOGIT_SCALE)}
        _write(f"{prefix}_{encoder}", content, {"format": "pt", **texts}, context)


def save_vae(prefix: str, context: Context, texts: Mapping[str, str], vae: Vae) -> None:
    """A VAE as a file of its own."""
    _write(prefix, vae.weights(), texts, context)


def _write(prefix: str, content: Content, texts: Mapping[str, str], context: Context) -> None:
    """The file, its weights in the type that networks compute in, which is what ComfyUI brings them to."""
    write = writing(content, dtype_of(context.placement), texts, context.step)
    context.write(prefix, "_.safetensors", [write])


def _texts(weights: Mapping[str, Weight], form: CheckpointForm) -> dict[str, Weight | Tensor]:
    """The text encoders of a checkpoint; one that its family does not have keeps ComfyUI's own names."""
    content: dict[str, Weight | Tensor] = {}
    for encoder in dict.fromkeys(name.partition(".")[0] for name in weights):
        own = _below(encoder, weights)
        if encoder not in form.texts:
            content |= _prefixed(f"{encoder}.transformer.text_model.", own)
        elif encoder == OF_TRANSFORMERS:
            own.pop(f"{PROJECTION}.weight", None)
            content |= _prefixed(form.texts[encoder], own)
            if form.has_position_ids:
                content[f"{form.texts[encoder]}embeddings.position_ids"] = torch.arange(POSITIONS)[None]
        else:
            content |= _prefixed(form.texts[encoder], as_openclip(_with_projection(own)))
            content[f"{form.texts[encoder]}logit_scale"] = torch.tensor(LOGIT_SCALE)
    return content


def _with_projection(weights: Mapping[str, Weight]) -> dict[str, Weight]:
    """A text encoder's weights with a projection: files without one are given one that changes nothing."""
    name, width = f"{PROJECTION}.weight", weights["final_layer_norm.weight"].shape[0]
    return {name: Weight(Stored(torch.eye(width)), (width, width)), **weights}


def _said_by_tensors(model: LatentDiffusion) -> dict[str, Tensor]:
    """What the network's output means, as far as a checkpoint says it by tensors."""
    levels = model.parametrisation.levels
    said: dict[str, Tensor] = {}
    if isinstance(levels, EdmLevels) and type(model.parametrisation) is Velocity:
        said["edm_vpred.sigma_max"], said["edm_vpred.sigma_min"] = levels.sigmas[-1].float(), levels.sigmas[0].float()
    if _predicts(model) == PREDICTS[Velocity]:
        said["v_pred"] = torch.tensor([])
        if isinstance(levels, DiscreteLevels) and levels.zero_terminal_snr:
            said["ztsnr"] = torch.tensor([])
    return said


def _predicts(model: LatentDiffusion) -> str | None:
    """What the network was trained to say, whatever nodes made of it, as in ComfyUI."""
    trained = model.trained
    is_discrete = trained is not None and isinstance(trained.levels, DiscreteLevels)
    return PREDICTS.get(type(trained)) if is_discrete else None


def _described(model: LatentDiffusion, form: CheckpointForm, prefix: str, context: Context) -> dict[str, str]:
    """What a checkpoint's metadata says of the model."""
    said: dict[str, str] = {}
    if form.architecture is not None:
        name, number = context.folders.next_name(prefix)
        said |= {
            "modelspec.architecture": form.architecture,
            "modelspec.sai_model_spec": "1.0.0",
            "modelspec.implementation": "sgm",
            "modelspec.title": f"{name} {number}",
        }
    predicts = _predicts(model)
    return said if predicts is None else {**said, "modelspec.predict_key": predicts}


def _prefixed(prefix: str, weights: Mapping[str, Weight]) -> dict[str, Weight]:
    return {prefix + name: weight for name, weight in weights.items()}


def _below(encoder: str, weights: Mapping[str, Weight]) -> dict[str, Weight]:
    start = f"{encoder}."
    return {name.removeprefix(start): weight for name, weight in weights.items() if name.startswith(start)}
