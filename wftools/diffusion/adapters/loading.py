"""Adapter files on models and text encoders: what the nodes that load LoRAs do."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, Literal, TypeVar

from wftools.diffusion.adapters import Adapter, adapters_in, bypasses, changes
from wftools.errors import listed, shown
from wftools.weights.dialects import understood
from wftools.weights.keymaps.adapters import network_names, text_names
from wftools.weights.tensorfile import open_tensors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from torch import Tensor

    from wftools.context import Context
    from wftools.values import Clip, Model
    from wftools.weights.source import Weight

FOLDER: Final = "loras"

_SHOWN: Final = 3

Handle = TypeVar("Handle", "Model", "Clip")

log = logging.getLogger(__name__)


def adapter_tensors(name: str, context: Context) -> dict[str, Tensor]:
    """The tensors of an adapter file, mapped where they are stored as numbers. Raises RunError if it is not there."""
    file = understood(open_tensors(context.folders.find(FOLDER, name)))
    return {tensor: file.tensor(tensor) for tensor in file.tensors}


def adapters_for(
    tensors: Mapping[str, Tensor], model: Model | None, clip: Clip | None
) -> tuple[dict[str, Adapter], dict[str, Adapter]]:
    """The adapters in a file for the weights of a model and of its text encoders, by the weights' names.

    What is for neither, or does not fit, is left out with a warning, as in ComfyUI.
    """
    heard: set[str] = set()
    of_model = _fitting(tensors, network_names, {} if model is None else model.weights(), heard)
    of_clip = _fitting(tensors, text_names, {} if clip is None else clip.weights(), heard)
    unheard = [name for name in tensors if name not in heard]
    if unheard or not tensors:
        log.warning(
            "%d of %d tensors of the adapter are for no weight that is here, and are left out, as in ComfyUI: %s",
            len(unheard),
            len(tensors),
            listed([*map(shown, unheard)], _SHOWN),
        )
    return of_model, of_clip


def _fitting(
    tensors: Mapping[str, Tensor],
    names: Callable[[Iterable[str]], Mapping[str, str]],
    weights: Mapping[str, Weight],
    heard: set[str],
) -> dict[str, Adapter]:
    found = adapters_in(tensors, names(weights), heard) if weights else {}
    fitting = {
        name: adapter for name, adapter in found.items() if name in weights and adapter.fits(weights[name].shape)
    }
    others = [name for name in found if name not in fitting]
    if others:
        log.warning(
            "the adapter was made for weights of another shape: %s; what does not fit is left out, as in ComfyUI",
            listed(others, _SHOWN),
        )
    return fitting


def adapted(handle: Handle, adapters: Mapping[str, Adapter], strength: float) -> Handle:
    """A model or text encoders with adapters at a strength, after those that they have."""
    return handle.with_weights(changes(adapters, strength)) if adapters and strength != 0.0 else handle


def bypassed(handle: Handle, adapters: Mapping[str, Adapter], strength: float) -> Handle:
    """A model or text encoders beside whose layers adapters compute, in place of others that do so.

    What changes biases, or layers that do more than multiply, changes the weights themselves.
    """
    weights = handle.weights()
    around = bypasses({name: adapter for name, adapter in adapters.items() if weights[name].multiplies}, strength)
    rest = {name: adapter for name, adapter in adapters.items() if name.removesuffix(".weight") not in around}
    handle = adapted(handle, rest, strength)
    return handle.with_bypasses(around) if around else handle


# How adapters are put on a handle: into the weights, or beside the layers.
Way = Literal["adapted", "bypassed"]


def load_for_model(name: str, context: Context, model: Model, strength: float, *, way: Way = "adapted") -> Model:
    """A model with the adapters of a file. A file that nothing is taken of is not read."""
    if strength == 0.0:
        return model
    return with_adapters(model, adapter_tensors(name, context), strength, way=way)


def with_adapters(model: Model, tensors: Mapping[str, Tensor], strength: float, *, way: Way = "adapted") -> Model:
    """A model with the adapters that some tensors are."""
    if strength == 0.0:
        return model
    of_model, _ = adapters_for(tensors, model, None)
    return adapted(model, of_model, strength) if way == "adapted" else bypassed(model, of_model, strength)


def load_for_both(
    name: str, context: Context, handles: tuple[Model, Clip], strengths: tuple[float, float], *, way: Way = "adapted"
) -> tuple[Model, Clip]:
    """A model and its text encoders with the adapters of a file, each at its strength."""
    if not any(strengths):
        return handles
    (model, clip), (of_model, of_clip) = handles, adapters_for(adapter_tensors(name, context), *handles)
    if way == "adapted":
        return adapted(model, of_model, strengths[0]), adapted(clip, of_clip, strengths[1])
    return bypassed(model, of_model, strengths[0]), bypassed(clip, of_clip, strengths[1])
