"""CLIP: the text encoders of a model as one handle."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from wftools.diffusion.text.embeddings import find_embedding
from wftools.errors import RunError
from wftools.values import Cond, Conditioning, TextOptions

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.diffusion.ops import Bypass
    from wftools.diffusion.text.prompt import Chunk, FindEmbedding
    from wftools.diffusion.text.tower import Encoded
    from wftools.folders import Folders
    from wftools.values import Clip, Tokens
    from wftools.weights.source import Source, Weight


class Encoder(Protocol):
    """One text encoder with its tokenizer."""

    def tokenised(self, text: str, find_embedding: FindEmbedding) -> tuple[Chunk, ...]:
        """A prompt as chunks of tokens, at least one."""
        ...

    def encode(self, chunks: Sequence[Chunk], layer: int | None, *, is_projected: bool = True) -> Encoded:
        """What a layer makes of them; None: the one of the family. The pooled state is projected, where it can be."""
        ...

    def weights(self) -> Mapping[str, Weight]:
        """All weights by the network's names, as they are now."""
        ...

    def with_device(self, device: str | None) -> Encoder:
        """An encoder that computes on another device; None: on that which it was loaded for."""
        ...

    def with_weights(self, changes: Mapping[str, Callable[[Source], Source]]) -> Encoder:
        """An encoder that shares all weights but these, by its network's names."""
        ...

    def with_bypasses(self, bypasses: Mapping[str, Bypass]) -> Encoder:
        """An encoder with these ways around layers, in place of all that it has."""
        ...


Value = TypeVar("Value")

# How the outputs of a model's encoders, by name, become what its network is given.
Join = Callable[[Mapping[str, "Encoded"]], Cond]


def alone(encoded: Mapping[str, Encoded]) -> Cond:
    """What the only encoder of a model gives: a `Join`."""
    (only,) = encoded.values()
    return Cond(only.states, only.pooled)


@dataclass(frozen=True, slots=True, eq=False)
class TextEncoders:
    """The text encoders of a family: a kind of `values.Clip`."""

    encoders: Mapping[str, Encoder]  # "clip_l" -> …
    join: Join
    folders: Folders  # where embeddings are looked up
    options: TextOptions = field(default_factory=TextOptions)

    def tokenised(self, texts: str | Mapping[str, str], pictures: Sequence[Tensor] = ()) -> Tokens:
        """A prompt as tokens; encoders for which there is no text read an empty one. Raises RunError for pictures."""
        if pictures:
            raise RunError("the text encoders of this model read no pictures")
        by_name = dict.fromkeys(self.encoders, texts) if isinstance(texts, str) else texts
        return {
            name: encoder.tokenised(by_name.get(name, ""), partial(find_embedding, folders=self.folders, key=name))
            for name, encoder in self.encoders.items()
        }

    def encode(self, tokens: Tokens, options: TextOptions | None = None) -> Conditioning:
        """The conditioning of some tokens: one entry, as the family joins what its encoders give."""
        options = options or self.options
        encoded = {
            name: encoder.encode(tokens[name], options.layer, is_projected=options.is_projected)
            for name, encoder in self.encoders.items()
        }
        return (self.join(encoded),)

    def with_options(self, options: TextOptions) -> TextEncoders:
        """A handle that reads the encoders so."""
        return replace(self, options=options)

    def with_device(self, device: str | None) -> TextEncoders:
        """A handle that computes on another device; None: on that which it was loaded for."""
        return replace(self, encoders={name: each.with_device(device) for name, each in self.encoders.items()})

    def weights(self) -> dict[str, Weight]:
        """All weights by encoder and name, as they are now."""
        return {
            f"{encoder}.{name}": weight
            for encoder, each in self.encoders.items()
            for name, weight in each.weights().items()
        }

    def with_weights(self, changes: Mapping[str, Callable[[Source], Source]]) -> TextEncoders:
        """A handle that shares all weights but these, by encoder and name. Raises KeyError for one that is not."""
        patched = {name: self.encoders[name].with_weights(own) for name, own in _by_encoder(changes).items()}
        return replace(self, encoders={**self.encoders, **patched})

    def with_bypasses(self, bypasses: Mapping[str, Bypass]) -> TextEncoders:
        """A handle with these ways around layers, by encoder and name, in place of all that it has."""
        of_encoder = _by_encoder(bypasses)
        return replace(
            self,
            encoders={name: each.with_bypasses(of_encoder.get(name, {})) for name, each in self.encoders.items()},
        )


def _by_encoder(values: Mapping[str, Value]) -> dict[str, dict[str, Value]]:
    """What goes by encoder and name, for each encoder by the name alone."""
    of_encoder: dict[str, dict[str, Value]] = {}
    for full_name, value in values.items():
        encoder, _, name = full_name.partition(".")
        of_encoder.setdefault(encoder, {})[name] = value
    return of_encoder


def side_by_side(clip: Clip, **texts: str) -> Tokens:
    """A text for each of some encoders as tokens, the shorter ones with empty chunks up to the longest.

    Raises RunError if one of these encoders is not there.
    """
    tokens, empty = clip.tokenised(texts), clip.tokenised("")
    missing = sorted(texts.keys() - tokens.keys())
    if missing:
        raise RunError(
            f"the model has no text encoder {', '.join(missing)}; it has {', '.join(sorted(tokens))}",
            hint="load the text encoders of SDXL, or encode the prompt with CLIPTextEncode",
        )
    longest = max(len(chunks) for chunks in tokens.values())
    return {name: (*chunks, *empty[name] * (longest - len(chunks))) for name, chunks in tokens.items()}
