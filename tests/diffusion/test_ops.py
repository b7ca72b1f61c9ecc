from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from tests.diffusion.sources import LowRank, Times
from wftools.diffusion.ops import (
    Conv2d,
    Embedding,
    GroupNorm,
    LayerNorm,
    Linear,
    Module,
    Multiplying,
    Sequential,
    Stored,
    give,
    keep_weights,
    shared_copy,
    with_bypasses,
    with_weights,
)
from wftools.weights.source import Reshaped, SomeRows, Source, Stacked, Transposed

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


class TwoLayers(Module):
    """A network."""

    def __init__(self) -> None:
        super().__init__()
        self.first = Linear(4, 8)
        self.last = Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(F.silu(self.first(x)))


def network() -> TwoLayers:
    torch.manual_seed(0)
    return TwoLayers().requires_grad_(False)


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


def test_a_changed_weight_is_that_of_a_copy() -> None:
    """The original stays as it was, also when the copy is gone, and every other weight is shared."""
    original = network()
    x = torch.randn(2, 4)
    before = original(x)

    patched = with_weights(original, {name: lambda source: Times(source, 2.0) for name in ("last.weight", "last.bias")})

    assert torch.allclose(patched(x), before * 2)
    assert patched.first.weight is original.first.weight
    del patched
    assert torch.equal(original(x), before)


def test_two_low_rank_changes_of_one_layer_add_up() -> None:
    original = network()
    x = torch.randn(2, 4)
    first, second = ((torch.randn(8, 2), torch.randn(2, 4)) for _ in range(2))

    once = with_weights(original, {"first.weight": lambda source: LowRank(source, *first)})
    twice = with_weights(once, {"first.weight": lambda source: LowRank(source, *second)})

    expected = original.first.weight + first[0] @ first[1] + second[0] @ second[1]
    torch.testing.assert_close(twice.first(x), F.linear(x, expected, original.first.bias))
    torch.testing.assert_close(
        once.first(x), F.linear(x, original.first.weight + first[0] @ first[1], original.first.bias)
    )


class Shifted(Module):
    """A module that is no layer and has a parameter of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.shift = nn.Parameter(torch.ones(3, dtype=torch.float16), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.shift


def test_a_parameter_of_a_module_that_is_no_layer_is_changed_too() -> None:
    original = Sequential(Shifted())
    x = torch.zeros(3)

    patched = original
    for factor in (3.0, 5.0):
        patched = with_weights(patched, {"0.shift": partial(Times, factor=factor)})

    assert patched(x).tolist() == [15.0] * 3
    assert original(x).tolist() == [1.0] * 3


def test_sources_are_asked_at_every_call_and_shared_by_later_copies() -> None:
    original = network()
    patched = with_weights(original, {"first.weight": lambda before: Times(before, 1.0)})
    source = patched.first.sources["weight"]
    assert isinstance(source, Times)
    twice = with_weights(patched, {"last.bias": lambda before: Times(before, 0.0)})
    x = torch.randn(2, 4)
    before = twice(x)

    source.factor = 3.0

    assert not torch.allclose(twice(x), before)


@pytest.mark.parametrize("name", ["third.weight", "last.wieght", "last.sources", "last", ""])
def test_a_change_of_no_weight_is_an_error(name: str) -> None:
    with pytest.raises(KeyError):
        with_weights(network(), {name: lambda source: source})


@dataclass
class Quantised:
    """A weight that multiplies by itself and shows nobody what it is."""

    seen: list[torch.dtype] = field(default_factory=list)

    def linear(self, x: Tensor, bias: Tensor | None) -> Tensor:
        self.seen.append(x.dtype)
        product = x.sum(-1, keepdim=True).expand(*x.shape[:-1], 3)
        return product if bias is None else product + bias

    def weight(self, dtype: torch.dtype, device: torch.device) -> Tensor:
        return torch.ones(3, 8, dtype=dtype, device=device)


def test_a_source_that_can_multiply_is_asked_to() -> None:
    source = Quantised()
    quantised = with_weights(network(), {"last.weight": lambda _: source})
    patched = with_weights(quantised, {"last.weight": lambda before: Times(before, 2.0)})
    x = torch.randn(2, 8)

    product = quantised.last(x)

    torch.testing.assert_close(product, x.sum(-1, keepdim=True) + quantised.last.bias)
    assert source.seen == [torch.float32]
    torch.testing.assert_close(patched.last(x), 2 * x.sum(-1, keepdim=True) + quantised.last.bias)
    assert len(source.seen) == 1  # the patched layer asked for the weight


def test_what_there_is_room_for_is_made_once() -> None:
    patched = with_weights(network().half(), {"last.weight": lambda before: Times(before, 2.0)})
    source = patched.last.sources["weight"]
    assert isinstance(source, Times)
    x = torch.randn(2, 4)
    expected = patched(x)

    keep_weights(patched, lambda size, _device, _is_compact: size <= 4 * 8 * 4)

    for _ in range(2):
        assert torch.equal(patched(x), expected)
    assert source.calls == 2  # one for `expected`, one that was kept
    assert patched.first.kept.keys() == patched.last.kept.keys() == {"weight", "bias"}


@pytest.mark.parametrize(
    ("stored", "is_compact"),
    [
        (Stored(torch.ones(3, 8)), False),
        (Stored(torch.ones(3, 8).bfloat16()), False),
        (Stored(torch.ones(3, 8).to(torch.float8_e5m2)), True),
        (Times(Stored(torch.ones(3, 8).to(torch.float8_e5m2)), 2.0), True),
        (Times(Times(Stored(torch.ones(3, 8)), 2.0), 2.0), False),
        (SomeRows(Stored(torch.ones(4, 8).to(torch.float8_e4m3fn)), 0, 3), True),
        (Transposed(Stored(torch.ones(8, 3).to(torch.float8_e4m3fn))), True),
        (Reshaped(Stored(torch.ones(6, 4).to(torch.float8_e4m3fn)), (3, 8)), True),
        (Stacked((Stored(torch.ones(1, 8)), Stored(torch.ones(2, 8).to(torch.float8_e4m3fn)))), True),
    ],
)
def test_whoever_gives_room_is_told_whether_a_weight_rests_in_few_bits(stored: Source, *, is_compact: bool) -> None:
    """Whatever is made of it: that is as large as if it came from a file of its own."""
    asked: list[bool] = []

    def room(_size: int, _device: torch.device, compact: bool) -> bool:
        asked.append(compact)
        return False

    patched = with_weights(network(), {"last.weight": lambda _: stored})
    keep_weights(patched, room)
    patched.last(torch.randn(2, 8))

    assert asked == [is_compact]
    assert not patched.last.kept


def test_of_a_table_only_the_rows_are_made_that_are_asked_for() -> None:
    table = Embedding(5, 3)
    give(table, "weight", Rows(Stored(torch.arange(15.0).view(5, 3))))
    ids = torch.tensor([[4, 0]])

    assert table(ids).tolist() == [[[12.0, 13.0, 14.0], [0.0, 1.0, 2.0]]]
    assert table(ids, torch.bfloat16).dtype == torch.bfloat16


def test_without_room_nothing_is_kept_and_the_result_is_the_same() -> None:
    half = network().half()
    x = torch.randn(2, 4)

    assert torch.equal(half(x), network().half().float()(x))
    assert not half.first.kept


def test_copies_keep_what_they_share_together_and_what_they_changed_apart() -> None:
    original = network().half()
    keep_weights(original, lambda _size, _device, _is_compact: True)
    patched = with_weights(original, {"last.weight": lambda before: Times(before, 2.0)})
    x = torch.randn(2, 4)

    patched(x)

    assert original.first.kept["weight"] is patched.first.kept["weight"]
    assert not original.last.kept
    torch.testing.assert_close(original(x), network().half().float()(x))


def test_gradients_reach_parameters_and_what_sources_are_made_of() -> None:
    trained = network().requires_grad_(True)
    keep_weights(trained, lambda _size, _device, _is_compact: True)
    factor = torch.ones((), requires_grad=True)
    patched = with_weights(trained, {"last.weight": lambda before: Times(before, factor)})

    patched(torch.randn(2, 4)).square().sum().backward()

    for tensor in (trained.first.weight, trained.last.weight, factor):
        assert tensor.grad is not None
        assert tensor.grad.abs().sum() > 0


def test_gradients_reach_an_input_through_weights_of_another_type() -> None:
    """Backwards each layer needs its own weight, although all were brought to the same memory."""
    half = network().half()
    x = torch.randn(2, 4, requires_grad=True)

    half(x).sum().backward()

    got, x.grad = x.grad, None
    network().half().float()(x).sum().backward()
    torch.testing.assert_close(got, x.grad)


@dataclass
class Rows:
    """A weight of which nobody may ask for all."""

    before: Source

    def weight(self, dtype: torch.dtype, device: torch.device) -> Tensor:
        raise AssertionError

    def rows(self, ids: Tensor, dtype: torch.dtype) -> Tensor:
        return self.before.weight(dtype, ids.device)[ids]


def doubled(layer: Multiplying, x: Tensor) -> Tensor:
    return 2 * layer.own(x)


def test_a_bypass_goes_around_a_layer_of_a_copy_and_takes_the_place_of_those_before() -> None:
    plain, x = network(), torch.randn(2, 4)

    first = with_bypasses(plain, {"first": doubled})
    last = with_bypasses(first, {"last": doubled})

    assert torch.equal(shared_copy(first)(x), plain.last(F.silu(2 * plain.first(x))))
    assert torch.equal(last(x), 2 * plain(x))
    assert last.last.weight is plain.last.weight


def test_only_layers_that_multiply_can_be_bypassed() -> None:
    with pytest.raises(KeyError, match="norm"):
        with_bypasses(Sequential(Linear(4, 4), LayerNorm(4)), {"norm": doubled})
