"""The layers that every network is built from, and where their weights come from.

A layer's weight is a parameter, or a `Source` that makes it when the layer computes. Both are brought to the type and
place of the input, so that

- a float16 file stays mapped as it is and is computed in float32;
- a quantised, rescaled or patched weight is a `Source`, and no network knows of it;
- a source that can multiply by itself does so, and nobody sees its weight (`LinearSource`);
- a patched network is a copy of the module tree that shares every tensor with the original (`with_weights`);
- what was brought or made is kept for the next call where there is room for it (`keep_weights`), which for weights that
  rest in few bits a number is only where somebody asks for it: they are few to save memory;
- a layer may be gone around, its weight being as it is (`with_bypasses`).

Parameters stay ordinary parameters: the layers train, and initialise, as torch's own.

Why not tensor subclasses for quantised weights: each would have to answer for every operator that torch may call;
a source answers one question.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Protocol, TypeVar

import torch
import torch.nn.functional as F  # noqa: N812  the field's name for it
from torch import Tensor, nn

from wftools.errors import RunError
from wftools.weights.source import LinearSource, TableSource, Weight, is_compact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wftools.weights.source import Source
    from wftools.weights.tensorfile import Shape

Network = TypeVar("Network", bound=nn.Module)

# Whether so many bytes more may be kept on a device; and whether they are made of numbers of few bits.
Room = Callable[[int, torch.device, bool], bool]


def no_room(_size: int, _device: torch.device, _is_compact: bool) -> bool:
    """Keep nothing: every weight is brought or made at every call."""
    return False


class Module(nn.Module):
    """Torch's module, whose call is known to give a tensor."""

    __call__: Callable[..., Tensor]


class Closed(Module):
    """A network whose weights nobody sees: a program of its own, such as a graph in ONNX."""


class Sequential(Module, nn.Sequential):
    """Modules in a row."""


class Layer(Module):
    """A module with weights of its own, each a parameter or stood in for by a source."""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self.sources: dict[str, Source] = {}
        self.shapes: dict[str, Shape] = {}  # of weights that are no parameters
        self.kept: dict[str, Tensor] = {}  # weights as they were last computed with; copies of the layer share it
        self.room: Room = no_room

    def reset_parameters(self) -> None:
        """Initialise as torch does; on the meta device there is nothing to do, and torch would import its compiler."""
        if not any(parameter.is_meta for parameter in self.parameters(recurse=False)):
            super().reset_parameters()  # type: ignore[misc]  # every layer here derives from one that has it

    def weights(self, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """Weight and bias in the type and on the device of an input."""
        weight = self.brought("weight", x)
        assert weight is not None  # every layer here has one
        return weight, self.brought("bias", x)

    def brought(self, name: str, x: Tensor) -> Tensor | None:
        """A weight in the type and on the device of an input; None if the layer has no such weight.

        It is good until the next weight is asked for in the same thread: what is not kept may share its memory.
        """
        kept = self.kept.get(name)
        if kept is not None and kept.dtype == x.dtype and kept.device == x.device:
            return kept
        source, stored = self.sources.get(name), self._parameters.get(name)
        if source is None:
            if stored is None or (stored.dtype == x.dtype and stored.device == x.device):
                return stored
            if not self.room(stored.numel() * x.itemsize, x.device, stored.itemsize == 1):
                return _in_scratch(stored, x) if name == "weight" else stored.to(x.device, x.dtype)
            made = stored.to(x.device, x.dtype)
        else:
            made = source.weight(x.dtype, x.device)
            if not self.room(made.nbytes, x.device, is_compact(source)):
                return made
        if not made.requires_grad and not made.is_inference():  # those of inference mode do not serve for learning
            self.kept[name] = made
        return made


class _Scratch(threading.local):
    """Memory that a thread brings weights to, one after another: new memory for each would cost more than the work."""

    def __init__(self) -> None:
        self.buffers: dict[torch.dtype, Tensor] = {}

    def of(self, shape: torch.Size, dtype: torch.dtype) -> Tensor:
        buffer = self.buffers.get(dtype)
        if buffer is None or buffer.numel() < shape.numel():
            with torch.inference_mode(mode=False):  # so that it may be written to in any mode
                buffer = self.buffers[dtype] = torch.empty(shape.numel(), dtype=dtype)
        return buffer[: shape.numel()].view(shape)


_SCRATCH = _Scratch()


def _in_scratch(stored: Tensor, x: Tensor) -> Tensor:
    """A weight as an input needs it, in memory that the next one overwrites, unless gradients shall pass it."""
    is_learning = torch.is_grad_enabled() and (stored.requires_grad or x.requires_grad)
    if is_learning or x.device.type != "cpu":
        return stored.to(x.device, x.dtype)
    return _SCRATCH.of(stored.shape, x.dtype).copy_(stored)


class Bypass(Protocol):
    """Another way around a layer, which may go through it: `layer.own(x)`."""

    def __call__(self, layer: Multiplying, x: Tensor, /) -> Tensor:
        """What stands in for the layer's output."""
        ...


class Multiplying(Layer):
    """A layer that multiplies its input with a weight; it may be bypassed."""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self.bypass: Bypass | None = None

    def forward(self, x: Tensor) -> Tensor:
        return self.own(x) if self.bypass is None else self.bypass(self, x)

    @property
    def weight_shape(self) -> Shape:
        """The shape of the layer's weight, whatever makes it."""
        stored = self._parameters.get("weight")
        return self.shapes["weight"] if stored is None else tuple(stored.shape)

    def own(self, x: Tensor) -> Tensor:
        """The layer's output where nothing bypasses it."""
        raise NotImplementedError

    def product(self, x: Tensor, weight: Tensor) -> Tensor:
        """An input multiplied with another weight as with the layer's own, without bias."""
        raise NotImplementedError


class Linear(Multiplying, nn.Linear):
    """x @ weight.T + bias."""

    def own(self, x: Tensor) -> Tensor:
        source = self.sources.get("weight")
        if source is not None and isinstance(source, LinearSource):
            return source.linear(x, self.brought("bias", x))
        return F.linear(x, *self.weights(x))

    def product(self, x: Tensor, weight: Tensor) -> Tensor:
        return F.linear(x, weight)


class Conv2d(Multiplying, nn.Conv2d):
    """A convolution over (B, C, H, W)."""

    def own(self, x: Tensor) -> Tensor:
        return F.conv2d(x, *self.weights(x), self.stride, self.padding, self.dilation, self.groups)

    def product(self, x: Tensor, weight: Tensor) -> Tensor:
        return F.conv2d(x, weight, None, self.stride, self.padding, self.dilation, self.groups)


class Conv3d(Layer, nn.Conv3d):
    """A convolution over (B, C, T, H, W)."""

    def forward(self, x: Tensor) -> Tensor:
        return F.conv3d(x, *self.weights(x), self.stride, self.padding, self.dilation, self.groups)


class GroupNorm(Layer, nn.GroupNorm):
    """Normalisation over groups of channels."""

    def forward(self, x: Tensor) -> Tensor:
        # Not the functional form, which refuses groups of one value: a small network has those on small pictures.
        return torch.group_norm(x, self.num_groups, *self.weights(x), self.eps)


class LayerNorm(Layer, nn.LayerNorm):
    """Normalisation over the last dimension."""

    def forward(self, x: Tensor) -> Tensor:
        return F.layer_norm(x, self.normalized_shape, *self.weights(x), self.eps)


class Embedding(Layer, nn.Embedding):
    """Rows of a table. The rows, not the table, are brought to `dtype`."""

    def forward(self, ids: Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
        source = self.sources.get("weight")
        if isinstance(source, TableSource):
            return source.rows(ids, dtype)
        table = self.weight if source is None else source.weight(dtype, ids.device)
        return F.embedding(ids.to(table.device), table).to(ids.device, dtype)


@dataclass(frozen=True, slots=True)
class Stored:
    """A weight as it is kept, as a source for those that are made of it."""

    tensor: Tensor

    def weight(self, dtype: torch.dtype, device: torch.device) -> Tensor:
        """The weight in a type and on a device."""
        return self.tensor.to(device, dtype)

    @property
    def is_compact(self) -> bool:
        """Whether a number has eight bits."""
        return self.tensor.itemsize == 1


def weights_of(network: nn.Module) -> dict[str, Weight]:
    """All weights of a network by name: its parameters, and what sources make. Raises RunError for a closed one."""
    if isinstance(network, Closed):
        raise closed()
    found: dict[str, Weight] = {}
    for prefix, module in network.named_modules():
        sources = module.sources if isinstance(module, Layer) else {}
        shapes = dict(module.shapes) if isinstance(module, Layer) else {}
        stored = dict(module.named_parameters(recurse=False))
        shapes |= {name: tuple(parameter.shape) for name, parameter in stored.items()}
        for name, shape in shapes.items():
            source = sources.get(name) or Stored(stored[name])
            multiplies = name == "weight" and isinstance(module, Multiplying)
            found[f"{prefix}.{name}" if prefix else name] = Weight(source, shape, multiplies)
    return found


def closed() -> RunError:
    """That the weights of a network cannot be changed."""
    return RunError(
        "the model is in ONNX, whose weights nothing can change or save: no LoRA, no merge",
        hint="load it from another format; what was merged into the weights before can be exported with it",
    )


def with_weights(network: Network, changes: Mapping[str, Callable[[Source], Source]]) -> Network:
    """A copy of the network that shares every weight, except those (by parameter name) that are changed.

    A change is given the source that made the weight until now, so that changes of changes add up. Raises KeyError for
    a name that is no weight, RunError for a closed network.
    """
    if isinstance(network, Closed):
        raise closed()
    twin = shared_copy(network)
    modules = dict(twin.named_modules())
    for name, change in changes.items():
        module, _, weight = name.rpartition(".")
        owner = modules.get(module)
        if owner is None:
            raise KeyError(name)
        before = owner.sources.get(weight) if isinstance(owner, Layer) else None
        if before is None:
            parameter = getattr(owner, weight, None)
            if not isinstance(parameter, nn.Parameter):
                raise KeyError(name)
            before = Stored(parameter)
        give(owner, weight, change(before))
    return twin


def give(module: nn.Module, weight: str, source: Source) -> None:
    """Let a source make a weight of a module, whatever made it before.

    A module that is no `Layer` asks no sources, so its weight is made now, in float32 or in its own type if that is
    finer.
    """
    if isinstance(module, Layer):
        module.sources[weight] = source
        module.kept = {name: tensor for name, tensor in module.kept.items() if name != weight}
        return
    parameter: nn.Parameter = getattr(module, weight)
    made = source.weight(torch.promote_types(parameter.dtype, torch.float32), parameter.device)
    setattr(module, weight, nn.Parameter(made, requires_grad=False))


def with_bypasses(network: Network, bypasses: Mapping[str, Bypass]) -> Network:
    """A copy of the network that shares every weight, with these bypasses, by name of the layer, and no others.

    Raises KeyError for a name that is no layer which can be bypassed.
    """
    if isinstance(network, Closed):
        raise closed()
    twin = shared_copy(network)
    layers = {name: module for name, module in twin.named_modules() if isinstance(module, Multiplying)}
    for layer in layers.values():
        layer.bypass = None
    for name, bypass in bypasses.items():
        layers[name].bypass = bypass
    return twin


def keep_weights(network: nn.Module, room: Room) -> None:
    """From now on keep what is brought to the type and device of an input, or made by a source, where there is room."""
    for layer in _layers(network):
        layer.room = room


def shared_copy(network: Network) -> Network:
    """A copy of the module tree that shares parameters, buffers, sources, bypasses, and what was kept of weights."""
    layers = list(_layers(network))
    sources = chain.from_iterable(layer.sources.values() for layer in layers)
    kept = (layer.kept for layer in layers)
    bypasses = (layer.bypass for layer in layers if isinstance(layer, Multiplying))
    shared = {id(each): each for each in chain(network.parameters(), network.buffers(), sources, kept, bypasses)}
    return copy.deepcopy(network, shared)


def _layers(network: nn.Module) -> Iterator[Layer]:
    return (module for module in network.modules() if isinstance(module, Layer))
