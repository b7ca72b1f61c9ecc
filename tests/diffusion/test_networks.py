import pytest
import torch
from torch import Tensor, nn

from wftools.diffusion.networks.attention import attention
from wftools.diffusion.networks.clip_text import ClipText
from wftools.diffusion.networks.unet import UNet, sinusoidal_embedding
from wftools.diffusion.networks.vae import AutoencoderKL
from wftools.weights.networks.clip_text import ClipTextConfig
from wftools.weights.networks.unet import UNetConfig
from wftools.weights.networks.vae import VaeConfig

SMALL = UNetConfig(model_channels=32, channel_mult=(1, 2), transformer_depth=(1, 1), res_blocks=1, context_dim=16)


@pytest.mark.parametrize("causal", [False, True])
def test_attention_is_the_softmax_of_scaled_products(causal: bool) -> None:
    torch.manual_seed(0)
    q, k, v = (torch.randn(2, 5, 6, dtype=torch.float64) for _ in range(3))
    mask = torch.full((5, 5), -torch.inf).triu(1) if causal else torch.zeros(5, 5)
    heads = [
        (q[..., part] @ k[..., part].mT / 3**0.5 + mask).softmax(-1) @ v[..., part]
        for part in (slice(0, 3), slice(3, 6))
    ]

    torch.testing.assert_close(attention(q, k, v, heads=2, causal=causal), torch.cat(heads, -1))


def test_a_time_is_embedded_as_cosines_then_sines() -> None:
    embedding = sinusoidal_embedding(torch.tensor([0, 3]), 4)

    expected = [[1, 1, 0, 0], [torch.tensor(3.0).cos(), torch.tensor(0.03).cos(), torch.tensor(3.0).sin(), 0.03]]
    torch.testing.assert_close(embedding, torch.tensor(expected), atol=1e-5, rtol=0)


@pytest.mark.parametrize("size", [(8, 8), (5, 7), (1, 1), (9, 2)])
def test_a_unet_s_output_has_its_input_s_size(size: tuple[int, int]) -> None:
    network = UNet(SMALL)

    out = network(torch.randn(2, 4, *size), torch.tensor([1, 2]), torch.randn(2, 3, 16))

    assert out.shape == (2, 4, *size)


def unet_inputs(config: UNetConfig) -> list[Tensor]:
    torch.manual_seed(0)
    inputs = [torch.randn(2, 4, 4, 4), torch.tensor([1.0, 500.0]), torch.randn(2, 3, config.context_dim)]
    return [*inputs, torch.randn(2, config.pooled_dim)] if config.pooled_dim else inputs


CONFIGS = [
    SMALL,
    UNetConfig(
        model_channels=32,
        channel_mult=(1, 2),
        transformer_depth=(0, 2),
        res_blocks=1,
        context_dim=16,
        linear_projection=True,
        pooled_dim=8,
        head_dim=16,
        group_width=4,
    ),
]


@pytest.mark.parametrize("config", CONFIGS)
def test_a_unet_trains(config: UNetConfig) -> None:
    network = UNet(config)
    optimiser = torch.optim.SGD(network.parameters(), lr=0.01)
    inputs = unet_inputs(config)
    before = (network(*inputs) - inputs[0]).square().mean()

    before.backward()
    optimiser.step()

    assert [name for name, weight in network.named_parameters() if weight.grad is None] == []
    assert (network(*inputs) - inputs[0]).square().mean() < before


@pytest.mark.parametrize("config", CONFIGS)
def test_every_input_of_a_unet_counts(config: UNetConfig) -> None:
    network = UNet(config)
    inputs = unet_inputs(config)
    before = network(*inputs)

    for index, tensor in enumerate(inputs):
        changed = [*inputs[:index], tensor + 1, *inputs[index + 1 :]]
        assert not torch.allclose(network(*changed), before)


@pytest.mark.parametrize(
    ("network", "norm", "eps"),
    [
        (UNet(SMALL), "input_blocks.1.0.in_layers.0", 1e-5),
        (UNet(SMALL), "input_blocks.1.1.norm", 1e-6),
        (UNet(SMALL), "input_blocks.1.1.transformer_blocks.0.norm1", 1e-5),
        (UNet(SMALL), "out.0", 1e-5),
        (AutoencoderKL(VaeConfig(channels=32, channel_mult=(1,))), "encoder.mid.attn_1.norm", 1e-6),
        (ClipText(ClipTextConfig(width=64, layers=1, vocabulary=9)), "final_layer_norm", 1e-5),
    ],
)
def test_norms_have_the_published_epsilon(network: nn.Module, norm: str, eps: float) -> None:
    """Its effect on recorded results is below their tolerance."""
    assert network.get_submodule(norm).eps == eps


def test_a_token_sees_only_those_before_it() -> None:
    network = ClipText(ClipTextConfig(width=16, layers=2, mlp_width=32, vocabulary=9, head_dim=8))
    ids = torch.tensor([[1, 2, 3, 4]])
    changed = torch.tensor([[1, 2, 8, 4]])

    states, others = (network(network.embed(tokens)) for tokens in (ids, changed))

    assert len(states) == 2
    torch.testing.assert_close(states[-1][:, :2], others[-1][:, :2])
    assert not torch.allclose(states[-1][:, 2:], others[-1][:, 2:])
