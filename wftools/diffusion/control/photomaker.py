"""PhotoMaker: a prompt about the person in a picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import torch

from wftools.diffusion.loading import load_network
from wftools.diffusion.networks.photomaker import PhotoMaker
from wftools.diffusion.placing import network_input
from wftools.diffusion.text.prompt import CHUNK
from wftools.diffusion.vision import normalised
from wftools.errors import InputError, RunError
from wftools.weights.dialects import understood
from wftools.weights.networks.photomaker import find_photomaker
from wftools.weights.tensorfile import open_tensors

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.context import Context, Placement
    from wftools.values import Clip, Cond, Conditioning, Token

WORD: Final = "photomaker"  # stands in a prompt behind what the person is: "photograph of a man photomaker"


@dataclass(frozen=True, slots=True, eq=False)
class PhotoMakerModel:
    """PhotoMaker's network: a kind of `values.PhotoMaker`."""

    network: PhotoMaker
    placement: Placement

    def encoded(self, clip: Clip, text: str, image: Tensor) -> Conditioning:
        """A prompt whose word before "photomaker" is fused with the person in the first picture.

        ComfyUI's counting is kept, with its flaws: the place of the word among all, split at spaces, is taken for the
        number of a group of tokens, which is left out, and for a place among the tokens, whose first is the start.
        Raises RunError for text encoders that are not SDXL's, and a prompt of more than one chunk of tokens.
        """
        words = text.split(" ")
        number = words.index(WORD) + 1 if WORD in words else None
        tokens = {
            name: tuple(_without(chunk, number) for chunk in chunks) for name, chunks in clip.tokenised(text).items()
        }
        conditioning = clip.encode(tokens)
        if number is None:
            return conditioning
        return tuple(self._fused(cond, number - 1, image) for cond in conditioning)

    @torch.no_grad()
    def _fused(self, cond: Cond, place: int, image: Tensor) -> Cond:
        given, needed = cond.tensor.shape[-1], self.network.text_width
        if given != needed:
            raise RunError(
                f"the text encoders give states of width {given}, PhotoMaker needs {needed}",
                hint="PhotoMaker works with the text encoders of SDXL",
            )
        if cond.tensor.shape[1] != CHUNK:
            raise RunError(
                f"the prompt has more than {CHUNK} tokens, which PhotoMaker does not take", hint="shorten it"
            )
        if place >= CHUNK:
            return cond
        pixels = normalised(image[:1], self.network.config.side, crop=True)
        word, pixels = (network_input(each, self.placement) for each in (cond.tensor[:, place], pixels))
        states = cond.tensor.clone()
        states[:, place] = self.network.fused(word, pixels).to(states)
        return replace(cond, tensor=states)


def _without(chunk: tuple[Token, ...], group: int | None) -> tuple[Token, ...]:
    """A chunk without a group's tokens, and the last one repeated in their place."""
    kept = tuple(token for token in chunk if token.group != group)
    return (*kept, *[chunk[-1]] * (len(chunk) - len(kept)))


def load_photomaker(name: str, context: Context) -> PhotoMakerModel:
    """PhotoMaker in a file. Raises RunError if it is not there, InputError if it has none."""
    file = understood(open_tensors(context.folders.find("photomaker", name)))
    part = find_photomaker(file)
    if part is None:
        raise InputError("there is no PhotoMaker model in the file that wftools knows", place=file.place)
    return PhotoMakerModel(load_network(PhotoMaker, part, context.placement), context.placement)
