"""A prompt to chunks of tokens, as a text encoder takes them: 77 at a time, the first and last of them marks."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final

from wftools.diffusion.text.tokenizer import END, START, Cleaning, tokenize
from wftools.diffusion.text.weighting import weighted_segments
from wftools.errors import RunError, shown
from wftools.values import Token

if TYPE_CHECKING:
    from torch import Tensor

CHUNK: Final = 77  # tokens that CLIP was trained with
WHOLE_BELOW: Final = 8  # groups of fewer tokens are not cut at the end of a chunk
EMBEDDING: Final = "embedding:"

# Some 20,000 tokens: a hundred times the longest prompts that people write. Encoded they take 60 MB with Stable
# Diffusion's text encoder, and every layer of its network reads them all at every step.
MAX_CHUNKS: Final = 256
MAX_TOKENS: Final = MAX_CHUNKS * (CHUNK - 2)

_BEFORE_EMBEDDING: Final = re.compile(rf"\s(?={EMBEDDING})")
_EMBEDDING_NAME: Final = re.compile(r"\s*([^\s<\[]*)")

log = logging.getLogger(__name__)

Chunk = tuple[Token, ...]
FindEmbedding = Callable[[str], "Tensor | None"]


def chunks_of(prompt: str, find_embedding: FindEmbedding, pad: int, cleaning: Cleaning) -> tuple[Chunk, ...]:
    """A prompt as chunks of 77 tokens, at least one. Text is tokenised by groups of equal weight, not by words.

    Raises RunError for a prompt of more than MAX_TOKENS, before it is read to its end.
    """
    return tuple(_chunked(_bounded(_groups(prompt, cache(find_embedding), cleaning)), pad))


def embedding_names(prompt: str) -> Iterator[str]:
    """The names of the embeddings that a prompt asks for: each as it stands, and without the commas behind it."""
    for text, _ in weighted_segments(prompt) if EMBEDDING in prompt else ():
        for part in _BEFORE_EMBEDDING.split(text):
            match = _EMBEDDING_NAME.match(part, len(EMBEDDING)) if part.startswith(EMBEDDING) else None
            if match is not None:
                yield from dict.fromkeys((match.group(1), match.group(1).rstrip(",")))


def empty_chunk(pad: int) -> Chunk:
    """The chunk of a prompt without text."""
    return _closed([], pad)


def _groups(prompt: str, find_embedding: FindEmbedding, cleaning: Cleaning) -> Iterator[Iterable[Token]]:
    for text, weight in weighted_segments(prompt):
        for part in _BEFORE_EMBEDDING.split(text):
            rest = part
            if part.startswith(EMBEDDING):
                vectors, rest = _embedding(part.removeprefix(EMBEDDING), find_embedding)
                if vectors is not None:
                    yield [Token(vector, weight) for vector in vectors]
            if rest or rest == part:  # nothing behind an embedding is no group
                yield (Token(id_, weight) for id_ in tokenize(rest, cleaning))


def _bounded(groups: Iterable[Iterable[Token]]) -> Iterator[list[Token]]:
    """The groups as lists. Raises RunError where they are too many, or their tokens are."""
    count = 0
    for number, group in enumerate(groups, start=1):
        tokens: list[Token] = []
        for token in group:
            tokens.append(replace(token, group=number))
            count += 1
            if count > MAX_TOKENS:
                raise RunError(f"the prompt has more than {MAX_TOKENS:,} tokens", hint="shorten it")
        yield tokens


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
        start = 0
        while len(chunk) + len(group) - start > space:
            stop = start + space - len(chunk) if len(group) >= WHOLE_BELOW else start
            yield _closed(chunk + group[start:stop], pad)
            chunk, start = [], stop
        chunk = chunk + group[start:]
    yield _closed(chunk, pad)


def _closed(tokens: list[Token], pad: int) -> Chunk:
    padding = [Token(pad)] * (CHUNK - 2 - len(tokens))
    return (Token(START), *tokens, Token(END), *padding)
