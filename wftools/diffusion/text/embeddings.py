"""Textual inversion (Gal et al. 2022): vectors from a file in the place of tokens, written `embedding:name`."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from wftools.diffusion.text.prompt import MAX_TOKENS, embedding_names
from wftools.errors import InputError, RunError
from wftools.weights.tensorfile import identity, open_tensors

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from wftools.folders import Folders

FOLDER: Final = "embeddings"
SUFFIXES: Final = ("", ".safetensors", ".pt", ".bin")  # tried in this order behind the name


def find_embedding(name: str, folders: Folders, key: str) -> Tensor | None:
    """The vectors (n, width) of an embedding; None if no file has that name. Raises InputError for a broken file.

    `key` is the text encoder's name. A file for several encoders keeps each one's vectors under it, others keep
    theirs under any name.
    """
    path = _path(name, folders)
    if path is None:
        return None
    file = open_tensors(path)
    if not file.tensors:
        raise InputError("the embedding has no vectors", place=file.place)
    vectors = file.read(key if key in file.tensors else next(iter(file.tensors))).float()
    if vectors.ndim not in {1, 2}:
        raise InputError(f"the embedding has the shape {list(vectors.shape)}, expected vectors", place=file.place)
    return vectors.reshape(-1, vectors.shape[-1])


def versions(prompt: str | None, folders: Folders) -> list[tuple[str, int, int]]:
    """What tells the files of a prompt's embeddings from their later versions; of all files, if it is not known yet.

    Of a prompt with more names than tokens are possible, so many as are.
    """
    if prompt is None:
        found = (path for root in folders.roots(FOLDER) for path in sorted(root.rglob("*")) if path.is_file())
    else:
        named = islice(embedding_names(prompt), MAX_TOKENS)
        found = (path for name in named if (path := _path(name, folders)) is not None)
    return [identity(path) for path in found]


def _path(name: str, folders: Folders) -> Path | None:
    for suffix in SUFFIXES:
        try:
            return folders.find(FOLDER, name + suffix)
        except RunError:
            continue
    return None
