"""Style models, which say as tokens of a text what a picture is like: their configs, read off names and shapes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftools.weights.networks import find
from wftools.weights.networks.shapes import Shapes, count, size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.weights.networks import Part
    from wftools.weights.tensorfile import TensorFile


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleAdapterConfig:
    """The style adapter of Mou et al. 2023, "T2I-Adapter": a small transformer whose last tokens are the text's."""

    width: int = 1024  # of the vision encoder
    text_width: int = 768
    tokens: int = 8
    layers: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ReduxConfig:
    """Redux of FLUX.1: two layers on each token of the vision encoder."""

    width: int = 1152
    hidden: int = 12288
    text_width: int = 4096


def find_style_adapter(file: TensorFile) -> Part[StyleAdapterConfig] | None:
    """The style adapter in a file; None if there is none. Raises InputError if it is there and cannot be built."""
    names = {name.replace(".in_proj_", ".in_proj."): name for name in file.tensors}
    return find(file.renamed(names), "style_adapter", ("",), infer_style_adapter)


def find_redux(file: TensorFile) -> Part[ReduxConfig] | None:
    """Redux in a file; None if it is not there. Raises InputError if it is there and cannot be built."""
    return find(file, "redux", ("",), infer_redux)


def infer_style_adapter(shapes: Shapes, _hidden: Mapping[str, int]) -> StyleAdapterConfig | None:
    """Read the config off a style adapter's tensor names and shapes; None if there is none. Reads no data.

    Raises InputError if a tensor that tells is missing.
    """
    if "style_embedding" not in shapes:
        return None
    return StyleAdapterConfig(
        width=size(shapes, "style_embedding", 2, dimensions=3),
        text_width=size(shapes, "proj", 1, dimensions=2),
        tokens=size(shapes, "style_embedding", 1, dimensions=3),
        layers=count(shapes, "transformer_layes.{}.ln_1.weight"),
    )


def infer_redux(shapes: Shapes, _hidden: Mapping[str, int]) -> ReduxConfig | None:
    """Read the config off Redux's tensor names and shapes; None if it is not there. Reads no data.

    Raises InputError if a tensor that tells is missing.
    """
    if "redux_down.weight" not in shapes:
        return None
    return ReduxConfig(
        width=size(shapes, "redux_up.weight", 1, dimensions=2),
        hidden=size(shapes, "redux_up.weight", 0, dimensions=2),
        text_width=size(shapes, "redux_down.weight", 0, dimensions=2),
    )
