"""Textual inversion (Gal et al. 2022): vectors from a file in the place of tokens, written `embedding:name`."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from wftools.diffusion.text.prompt import MAX_TOKENS, embedding_names
from wftools.errors import InputError, RunError
from wftools.weights.dialects import understood
from wftools.weights.tensorfile import identity, open_tensors

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from wftools.folders import Folders

FOLDER: Final = "embeddings"
SUFFIXES: Final = ("", ".safetensors", ".pt", ".bin")  # tried in this order behind the name

_LISTED: Final = re.compile(r"\d+\.")


def find_embedding(name: str, folders: Folders, key: str) -> Tensor | None:
    """The vectors (n, width) of an embedding; None if no file has that name. Raises InputError for a broken file.

    `key` is the text encoder's name.
    """
    import torch  # not for those who only ask which files there are

    path = _path(name, folders)
    if path is None:
        return None
    file = understood(open_tensors(path))
    if not file.tensors:
        raise InputError("the embedding has no vectors", place=file.place)
    parts = [file.tensor(each).float() for each in _names(tuple(file.tensors), key)]
    misshapen = [part for part in parts if part.ndim not in {1, 2}]
    if misshapen:
        raise InputError(f"the embedding has the shape {list(misshapen[0].shape)}, expected vectors", place=file.place)
    width = parts[0].shape[-1]  # a list may have vectors for several encoders
    return torch.cat([part.reshape(-1, width) for part in parts if part.shape[-1] == width])


def _names(names: tuple[str, ...], key: str) -> list[str]:
    """The tensors that are an embedding's vectors for a text encoder, in ComfyUI's order of looking:

    string_to_param.TOKEN                 as AUTOMATIC1111's web UI trains; of several the first
    NUMBER.TOKEN                          a list of tables, all of them
    clip_l, clip_g                        one for each encoder, by its name
    bundle_emb.NAME.string_to_param.*     and bundle_emb.NAME.clip_l: those that come with a LoRA, all of them
    any other                             the first
    """
    trained = [name for name in names if name.startswith("string_to_param.")]
    listed = [name for name in names if _LISTED.match(name)]
    if trained or len(listed) == len(names):
        return trained[:1] or listed
    if key in names:
        return [key]
    bundled = [name for name in names if name.startswith("bundle_emb.")]
    for end in (".string_to_param.*", f".{key}"):
        ending = [name for name in bundled if name.endswith(end)]
        if ending:
            return ending
    return list(names[:1])


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
