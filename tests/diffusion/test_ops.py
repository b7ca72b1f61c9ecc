from collections.abc import Callable
from dataclasses import dataclass

import pytest
import torch
from torch import Tensor, nn

from wftools.diffusion.ops import Conv2d, Embedding, GroupNorm, LayerNorm, Linear, resolved, with_sources

LAYERS: list[tuple[Callable[[], nn.Module], Callable[[], nn.Module], tuple[int, ...]]] = [
    (lambda: Linear(6, 4), lambda: nn.Linear(6, 4), (2, 6)),
    (lambda: Linear(6, 4, bias=False), lambda: nn.Linear(6, 4, bias=False), (2, 6)),
    (
        lambda: Conv2d(4, 6, 3, stride=2, padding=1),
        lambda: nn.Conv2d(4, 6, 3, stride=2, padding=1),
        (2, 4, 5, 7),
    ),
    (lambda: GroupNorm(2, 6, eps=1e-6), lambda: nn.GroupNorm(2, 6, eps=1e-6), (2, 6, 3, 3)),
    (lambda: LayerNorm(6), lambda: nn.LayerNorm(6), (2, 3, 6)),
]
NAMES = ["Linear", "Linear without bias", "Conv2d", "GroupNorm", "LayerNorm"]


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(Linear(4, 8), nn.SiLU(), Linear(8, 3)).requires_grad_(False)


@pytest.mark.parametrize(("ours", "torchs", "shape"), LAYERS, ids=NAMES)
def test_a_layer_starts_and_computes_as_torch_s_own(
    ours: Callable[[], nn.Module], torchs: Callable[[], nn.Module], shape: tuple[int, ...]
) -> None:
    torch.manual_seed(0)
    layer = ours()
    torch.manual_seed(0)
    expected = torchs()
    x = torch.randn(shape)

    assert layer.state_dict().keys() == expected.state_dict().keys()
    assert torch.equal(layer(x), expected(x))


@pytest.mark.parametrize(("ours", "_torchs", "shape"), LAYERS, ids=NAMES)
def test_weights_stored_in_half_precision_are_computed_in_the_input_s(
    ours: Callable[[], nn.Module], _torchs: object, shape: tuple[int, ...]
) -> None:
    layer = ours().half()
    x = torch.randn(shape)

    out = layer(x)

    assert out.dtype == torch.float32
    assert next(layer.parameters()).dtype == torch.float16
    assert torch.equal(out, layer.float()(x))


def test_an_embedding_brings_its_rows_to_the_type_asked_for() -> None:
    table = Embedding(5, 3).half()
    ids = torch.tensor([4, 0])

    assert torch.equal(table(ids), table.weight[ids].float())
    assert table(ids, torch.bfloat16).dtype == torch.bfloat16


def test_a_source_stands_in_for_a_weight_of_a_copy() -> None:
    """The original stays as it was, also when the copy is gone, and every other weight is shared."""
    original = network()
    x = torch.randn(2, 4)
    before = original(x)

    last = original[2]
    patched = with_sources(original, {"2.weight": lambda: last.weight * 2, "2.bias": lambda: last.bias * 2})

    assert torch.allclose(patched(x), before * 2)
    assert patched[0].weight is original[0].weight
    del patched
    assert torch.equal(original(x), before)


@dataclass
class Scaled:
    weight: Tensor
    factor: float

    def __call__(self) -> Tensor:
        return self.weight * self.factor


def test_sources_are_asked_at_every_call_and_shared_by_later_copies() -> None:
    original = network()
    source = Scaled(original[0].weight, 1.0)
    patched = with_sources(original, {"0.weight": source})
    twice = with_sources(patched, {"2.bias": lambda: torch.zeros(3)})
    x = torch.randn(2, 4)
    before = twice(x)

    source.factor = 3.0

    assert not torch.allclose(twice(x), before)


@pytest.mark.parametrize("name", ["3.weight", "2.wieght", "1.weight", ""])
def test_a_source_for_no_weight_is_an_error(name: str) -> None:
    with pytest.raises(KeyError):
        with_sources(network(), {name: lambda: torch.zeros(3)})


def test_resolved_weights_are_made_once() -> None:
    calls: list[int] = []

    def source() -> Tensor:
        calls.append(1)
        return torch.ones(3, 8, dtype=torch.float16)

    patched = with_sources(network(), {"2.weight": source})
    x = torch.randn(2, 4)
    expected = patched(x)

    once = resolved(patched)

    assert torch.equal(once(x), expected)
    assert torch.equal(once(x), expected)
    assert len(calls) == 2  # one for `expected`, one for the copy
    assert once[0].weight is patched[0].weight


def test_gradients_reach_parameters_and_what_sources_are_made_of() -> None:
    trained = network().requires_grad_(True)
    factor = torch.ones((), requires_grad=True)
    patched = with_sources(trained, {"2.weight": lambda: trained[2].weight * factor})

    patched(torch.randn(2, 4)).square().sum().backward()

    for tensor in (trained[0].weight, trained[2].weight, factor):
        assert tensor.grad is not None
        assert tensor.grad.abs().sum() > 0
