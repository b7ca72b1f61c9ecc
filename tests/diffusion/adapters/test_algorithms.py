"""What each algorithm makes of a weight, against its definition written out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from torch import Tensor

from wftools.diffusion.adapters import Adapted, Beside, BypassingAdapter, adapters_in
from wftools.diffusion.ops import Conv2d, Linear, Multiplying, Stored, with_weights
from wftools.errors import InputError

if TYPE_CHECKING:
    from wftools.diffusion.adapters import Adapter
    from wftools.weights.tensorfile import Shape

OUT, IN, RANK = 8, 12, 3
CONV = (OUT, IN, 3, 3)
ALPHA = torch.tensor(1.5)


def drawn(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape) * 31 + len(shape)))


WEIGHT, KERNEL = drawn(OUT, IN), drawn(*CONV)
UP, DOWN = drawn(OUT, RANK), drawn(RANK, IN)
CORE = drawn(RANK, RANK, 3, 3)
A1, A2, B1 = drawn(IN, RANK), drawn(RANK, IN), drawn(OUT, RANK)
SKEW = drawn(2, 4, 4) / 8


def adapter_of(tensors: dict[str, Tensor]) -> Adapter:
    (adapter,) = adapters_in(
        {f"x{name}": tensor for name, tensor in tensors.items()}, {"x": "w.weight"}, set()
    ).values()
    return adapter


def cayley(block: Tensor) -> Tensor:
    skew = block - block.T
    inverse: Tensor = torch.linalg.inv(torch.eye(len(block)) - skew)
    return (torch.eye(len(block)) + skew) @ inverse


LORA = {".lora_up.weight": UP, ".lora_down.weight": DOWN}
DELTAS = {
    "lora": (WEIGHT, LORA, UP @ DOWN),
    "lora with alpha": (WEIGHT, LORA | {".alpha": ALPHA}, 0.5 * UP @ DOWN),
    "peft": (WEIGHT, {".lora_B.weight": UP, ".lora_A.weight": DOWN}, UP @ DOWN),
    "diffusers": (WEIGHT, {"_lora.up.weight": UP, "_lora.down.weight": DOWN}, UP @ DOWN),
    "locon": (
        KERNEL,
        {".lora_up.weight": UP[..., None, None], ".lora_down.weight": drawn(RANK, IN, 3, 3)},
        torch.einsum("or,rikl->oikl", UP, drawn(RANK, IN, 3, 3)),
    ),
    "locon with a core": (
        KERNEL,
        {
            ".lora_up.weight": UP[..., None, None],
            ".lora_down.weight": DOWN[..., None, None],
            ".lora_mid.weight": CORE,
        },
        torch.einsum("or,rskl,si->oikl", UP, CORE, DOWN),
    ),
    "loha": (
        WEIGHT,
        {".hada_w1_a": UP, ".hada_w1_b": DOWN, ".hada_w2_a": 2 * UP, ".hada_w2_b": DOWN, ".alpha": ALPHA},
        0.5 * (UP @ DOWN) * (2 * UP @ DOWN),
    ),
    "loha with cores": (
        KERNEL,
        {
            ".hada_w1_a": UP.T,
            ".hada_w1_b": DOWN,
            ".hada_t1": CORE,
            ".hada_w2_a": UP.T,
            ".hada_w2_b": DOWN,
            ".hada_t2": CORE,
        },
        torch.einsum("rskl,ro,si->oikl", CORE, UP.T, DOWN) ** 2,
    ),
    "lokr": (
        WEIGHT,
        {".lokr_w1": drawn(2, 3), ".lokr_w2": drawn(4, 4), ".alpha": ALPHA},
        torch.kron(drawn(2, 3), drawn(4, 4)),
    ),
    "lokr of products": (
        KERNEL,
        {
            ".lokr_w1_a": drawn(2, 1),
            ".lokr_w1_b": drawn(1, 3),
            ".lokr_w2_a": drawn(RANK, 4),
            ".lokr_w2_b": drawn(RANK, 4) * 2,
            ".lokr_t2": CORE,
            ".alpha": ALPHA,
        },
        0.5
        * torch.kron(
            (drawn(2, 1) @ drawn(1, 3))[..., None, None],
            torch.einsum("rskl,ro,si->oikl", CORE, drawn(RANK, 4), drawn(RANK, 4) * 2).contiguous(),
        ),
    ),
    "glora": (
        WEIGHT,
        {".a1.weight": A1, ".a2.weight": A2, ".b1.weight": B1, ".b2.weight": DOWN},
        WEIGHT @ A1 @ A2 + B1 @ DOWN,
    ),
    "glora of old": (
        WEIGHT,
        {".a1.weight": A2, ".a2.weight": A1, ".b1.weight": DOWN, ".b2.weight": B1, ".alpha": ALPHA},
        0.5 * (WEIGHT @ A1 @ A2 + B1 @ DOWN),
    ),
    "oft": (
        WEIGHT,
        {".oft_blocks": SKEW, ".rescale": drawn(OUT, 1)},
        torch.cat([cayley(block).T @ rows for block, rows in zip(SKEW, WEIGHT.chunk(2), strict=True)]) - WEIGHT,
    ),
    "boft of one factor": (
        WEIGHT,
        {".oft_blocks": SKEW[None], ".rescale": drawn(OUT, 1)},
        # the rows of a block of four are taken in the order 0 2 1 3, and put back
        torch.cat(
            [
                (cayley(block) @ rows[[0, 2, 1, 3]])[[0, 2, 1, 3]]
                for block, rows in zip(SKEW, WEIGHT.chunk(2), strict=True)
            ]
        )
        * drawn(OUT, 1)
        - WEIGHT,
    ),
    "difference": (WEIGHT, {".diff": drawn(OUT, IN)}, drawn(OUT, IN)),
    "set": (WEIGHT, {".set_weight": drawn(OUT, IN)}, drawn(OUT, IN) - WEIGHT),
    "of a norm": (WEIGHT[0], {".w_norm": drawn(IN)}, drawn(IN)),
}


@pytest.mark.parametrize("case", DELTAS)
def test_a_weight_is_changed_as_the_algorithm_is_defined(case: str) -> None:
    weight, tensors, delta = DELTAS[case]
    adapter = adapter_of(tensors)

    assert adapter.fits(tuple(weight.shape))
    torch.testing.assert_close(adapter.changed(weight, 1.0), weight + delta)


# A strength multiplies the delta; OFT's counts twice, BOFT's turns less and counts, what is set is set.
@pytest.mark.parametrize("case", [case for case in DELTAS if case != "boft of one factor"])
@pytest.mark.parametrize("strength", [0.5, -1.0])
def test_the_strength_multiplies_the_delta(case: str, strength: float) -> None:
    weight, tensors, delta = DELTAS[case]
    factor = {"oft": strength**2, "set": 1.0}.get(case, strength)

    torch.testing.assert_close(adapter_of(tensors).changed(weight, strength), weight + factor * delta)


@pytest.mark.parametrize("case", DELTAS)
@pytest.mark.parametrize("shape", [(OUT, IN + 1), (OUT + 4, IN), (OUT, IN, 2), (OUT,), (4, 4, 3, 3)])
def test_what_does_not_fit_says_so(case: str, shape: Shape) -> None:
    adapter = adapter_of(DELTAS[case][1])
    if not adapter.fits(shape):
        return

    assert adapter.changed(drawn(*shape), 1.0).shape == shape, "it said that it fits"


def test_dora_for_inputs_gives_the_adapted_columns_their_length() -> None:
    magnitude = drawn(1, IN).abs()

    changed = adapter_of(LORA | {".dora_scale": magnitude}).changed(WEIGHT, 1.0)

    torch.testing.assert_close(changed.norm(dim=0, keepdim=True), magnitude)
    torch.testing.assert_close(changed / changed.norm(dim=0), (WEIGHT + UP @ DOWN) / (WEIGHT + UP @ DOWN).norm(dim=0))


def test_dora_for_outputs_divides_by_the_length_of_the_rows_before() -> None:
    magnitude = drawn(OUT, 1).abs()

    changed = adapter_of(LORA | {".dora_scale": magnitude}).changed(WEIGHT, 1.0)

    torch.testing.assert_close(changed, (WEIGHT + UP @ DOWN) * magnitude / WEIGHT.norm(dim=1, keepdim=True))


def test_at_half_strength_dora_goes_half_the_way() -> None:
    adapter = adapter_of(LORA | {".dora_scale": drawn(1, IN).abs()})

    torch.testing.assert_close(adapter.changed(WEIGHT, 0.5), (WEIGHT + adapter.changed(WEIGHT, 1.0)) / 2)


def test_magnitudes_of_another_width_do_not_fit() -> None:
    assert not adapter_of(LORA | {".dora_scale": drawn(1, IN + 1)}).fits((OUT, IN))


def test_a_bias_has_its_difference_beside_the_weight() -> None:
    tensors = {"x.lora_up.weight": UP, "x.lora_down.weight": DOWN, "x.diff_b": drawn(OUT)}

    assert adapters_in(tensors, {"x": "w.weight"}, set()).keys() == {"w.weight", "w.bias"}


def test_half_an_adapter_is_an_error() -> None:
    with pytest.raises(InputError, match=r"lacks 'x\.lora_down\.weight'"):
        adapters_in({"x.lora_up.weight": UP}, {"x": "w.weight"}, set())


def test_an_adapted_weight_is_computed_in_float32_and_leaves_the_stored_one_as_it_is() -> None:
    stored = WEIGHT.to(torch.bfloat16)
    before = stored.clone()

    made = Adapted(Stored(stored), adapter_of(LORA), 1.0).weight(torch.bfloat16, torch.device("cpu"))

    assert torch.equal(made, (before.float() + UP @ DOWN).to(torch.bfloat16))
    assert torch.equal(stored, before)


@pytest.mark.parametrize("case", [case for case in DELTAS if case not in {"difference", "set", "of a norm"}])
@pytest.mark.parametrize("strength", [1.0, 0.5])
def test_beside_a_layer_an_adapter_gives_what_it_gives_within(case: str, strength: float) -> None:
    """At full strength; at less, where the strength multiplies the delta."""
    weight, tensors, _ = DELTAS[case]
    if strength != 1.0 and case in {"oft", "boft of one factor"}:
        return
    layer: Multiplying = Linear(IN, OUT, bias=False)
    x = drawn(2, 5, IN)
    if weight.ndim == 4:
        layer, x = Conv2d(IN, OUT, 3, stride=2, padding=1, bias=False), drawn(2, IN, 6, 5)
    adapter = adapter_of(tensors)
    assert isinstance(adapter, BypassingAdapter)

    within = with_weights(layer, {"weight": lambda _source: Adapted(Stored(weight), adapter, strength)})
    beside = with_weights(layer, {"weight": lambda _source: Stored(weight)})
    beside.bypass = Beside(adapter, strength)

    torch.testing.assert_close(beside(x), within(x), rtol=1e-5, atol=1e-4)  # sums of up to 108 products near 10
