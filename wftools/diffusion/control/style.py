"""Style models: prompts that are followed by what a picture is like."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from wftools.diffusion.loading import load_network
from wftools.diffusion.networks.style import Redux, StyleAdapter
from wftools.diffusion.placing import network_input
from wftools.errors import InputError, RunError
from wftools.weights.dialects import understood
from wftools.weights.networks.style import find_redux, find_style_adapter
from wftools.weights.tensorfile import open_tensors

if TYPE_CHECKING:
    from wftools.context import Context, Placement
    from wftools.values import ClipVisionOutput, Cond, Conditioning, StyleModel


@dataclass(frozen=True, slots=True, eq=False)
class LearntStyle:
    """A network that says what pictures are like: a kind of `values.StyleModel`."""

    network: StyleAdapter | Redux
    placement: Placement

    @torch.no_grad()
    def tokens(self, seen: ClipVisionOutput) -> Tensor:
        """Tokens of a text (1, n, width of the text), those of all pictures in a row.

        Raises RunError if another vision encoder saw them.
        """
        states, needed = seen.last_hidden_state, self.network.config.width
        if states.shape[-1] != needed:
            raise RunError(
                f"the vision encoder gives states of width {states.shape[-1]}, the style model needs {needed}",
                hint="load the vision encoder that the style model was made for",
            )
        tokens: Tensor = self.network(network_input(states, self.placement))
        return tokens.float().cpu().flatten(0, 1)[None]


def styled(
    conditioning: Conditioning, model: StyleModel, seen: ClipVisionOutput, strength: float, *, biases: bool
) -> Conditioning:
    """A conditioning followed by what pictures are like: its tokens times a strength.

    Or `biases`: attention to them is that many times as likely, in families whose networks read an attention mask.
    Raises RunError if the style model writes for another text encoder.
    """
    tokens = model.tokens(seen)
    if not biases:
        tokens = tokens * strength
    return tuple(_followed(cond, tokens, strength if biases else 1.0) for cond in conditioning)


def _followed(cond: Cond, tokens: Tensor, likelihood: float) -> Cond:
    given, needed = cond.tensor.shape[-1], tokens.shape[-1]
    if given != needed:
        raise RunError(
            f"the conditioning is {given} wide, the style model's tokens {needed}",
            hint="take a style model for the family of the text encoder",
        )
    extras = dict(cond.extras)
    before = extras.get("attention_mask")
    # Where attention is masked already there must be room for the tokens, whatever they count for.
    if before is not None or likelihood != 1.0:
        pictures: tuple[int, int] = extras.get("attention_mask_img_shape", (1, 1))
        extras["attention_mask"] = _with_room(cond.tensor, before, tokens.shape[1], math.prod(pictures), likelihood)
        extras["attention_mask_img_shape"] = pictures
    tensor = torch.cat([cond.tensor, tokens.expand(len(cond.tensor), -1, -1)], dim=1)
    return replace(cond, tensor=tensor, extras=extras)


def _with_room(text: Tensor, before: Tensor | None, more: int, pictures: int, likelihood: float) -> Tensor:
    """The logarithms of how likely attention is (B, n, n), from each token to each: text, the new ones, the picture's.

    Half precision, as in ComfyUI; a mask of truths says what may be attended to at all.
    """
    batch, length = text.shape[:2]
    if before is None:
        before = torch.zeros(batch, length + pictures, length + pictures, dtype=torch.float16)
    elif before.dtype == torch.bool:
        before = before.half().log()
    size = length + more + pictures
    mask = torch.zeros(batch, size, size, dtype=torch.float16)
    old = [*range(length), *range(length + more, size)]
    mask[:, torch.tensor(old)[:, None], torch.tensor(old)] = before.half()
    new = slice(length, length + more)
    mask[:, old, new] = torch.tensor(likelihood).log().half()
    return mask


def load_style_model(name: str, context: Context) -> StyleModel:
    """The style model in a file. Raises RunError if it is not there, InputError if it is none."""
    file = understood(open_tensors(context.folders.find("style_models", name)))
    if (adapter := find_style_adapter(file)) is not None:
        return LearntStyle(load_network(StyleAdapter, adapter, context.placement), context.placement)
    if (redux := find_redux(file)) is not None:
        return LearntStyle(load_network(Redux, redux, context.placement), context.placement)
    raise InputError("there is no style model in the file that wftools knows", place=file.place)
