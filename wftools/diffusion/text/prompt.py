"""A prompt to chunks of tokens, as a text encoder takes them: 77 at a time, the first and last of them marks."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wftools.diffusion.text.tokenizer import END, START, Rule, tokenize
from wftools.diffusion.text.weighting import weighted_segments
from wftools.errors import shown

if TYPE_CHECKING:
    from torch import Tensor

CHUNK: Final = 77  # tokens that CLIP was trained with
WHOLE_BELOW: Final = 8  # groups of fewer tokens are not cut at the end of a chunk
EMBEDDING: Final = "embedding:"

_BEFORE_EMBEDDING: Final = re.compile(rf"\s(?={EMBEDDING})")
_EMBEDDING_NAME: Final = re.compile(r"\s*([^\s<\[]*)")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Token:
    """What stands at one position: a token's id, or a vector of an embedding."""

    value: int | Tensor
    weight: float = 1.0


Chunk = tuple[Token, ...]
FindEmbedding = Callable[[str], "Tensor | None"]


def chunks_of(prompt: str, find_embedding: FindEmbedding, pad: int, rule: Rule) -> list[Chunk]:
    """A prompt as chunks of 77 tokens, at least one. Text is tokenised by groups of equal weight, not by words."""
    return list(_chunked(_groups(prompt, find_embedding, rule), pad))


def empty_chunk(pad: int) -> Chunk:
    """The chunk of a prompt without text."""
    return _closed([], pad)


def _groups(prompt: str, find_embedding: FindEmbedding, rule: Rule) -> Iterator[list[Token]]:
    for text, weight in weighted_segments(prompt):
        for part in _BEFORE_EMBEDDING.split(text):
            rest = part
            if part.startswith(EMBEDDING):
                vectors, rest = _embedding(part.removeprefix(EMBEDDING), find_embedding)
                if vectors is not None:
                    yield [Token(vector, weight) for vector in vectors]
            yield [Token(id_, weight) for id_ in tokenize(rest, rule)]


def _embedding(text: str, find_embedding: FindEmbedding) -> tuple[Tensor | None, str]:
    """The embedding that a text starts with the name of, and the rest of the text. Commas may end the name."""
    match = _EMBEDDING_NAME.match(text)
    assert match is not None  # the pattern matches the empty string
    name, rest = match.group(1), text[match.end() :]
    for attempt in dict.fromkeys((name, name.rstrip(","))):
        vectors = find_embedding(attempt) if attempt else None
        if vectors is not None:
            return vectors, name[len(attempt) :] + rest
    log.warning("embedding %s is not there and is left out, as in ComfyUI", shown(name))
    return None, rest


def _chunked(groups: Iterable[list[Token]], pad: int) -> Iterator[Chunk]:
    space = CHUNK - 2
    chunk: list[Token] = []
    for group in groups:
        rest = group
        while len(chunk) + len(rest) > space:
            taken = space - len(chunk) if len(group) >= WHOLE_BELOW else 0
            yield _closed(chunk + rest[:taken], pad)
            chunk, rest = [], rest[taken:]
        chunk = chunk + rest
    yield _closed(chunk, pad)


def _closed(tokens: list[Token], pad: int) -> Chunk:
    padding = [Token(pad)] * (CHUNK - 2 - len(tokens))
    return (Token(START), *tokens, Token(END), *padding)
