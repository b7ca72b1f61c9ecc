import logging

import pytest
import torch

from wftools.diffusion import compiling
from wftools.diffusion.model import LatentDiffusion
from wftools.diffusion.patches import At, Patches
from wftools.nodes.experimental_model import torch_compile_model
from wftools.values import Clip, Model, NetworkInputs, Vae


def denoised(model: Model) -> torch.Tensor:
    source = torch.Generator().manual_seed(0)
    x, context = torch.randn(1, 4, 8, 8, generator=source), torch.randn(1, 77, 128, generator=source)
    with torch.no_grad():
        return model.denoised(x, torch.tensor([3.0]), NetworkInputs({"context": context}))


@pytest.mark.slow
def test_a_compiled_network_says_the_same_with_other_weights_and_patches_too(
    mini_sd15: tuple[Model, Clip, Vae],
) -> None:
    """The backend that compiles nothing, but traces the network as all do: inductor takes minutes."""
    model = mini_sd15[0]

    def twice(h: torch.Tensor, _at: At) -> torch.Tensor:
        return h * 2

    patches = Patches(middle=(twice,))
    compiled = model.compiled("eager")

    torch.testing.assert_close(denoised(compiled), denoised(model))
    torch.testing.assert_close(denoised(compiled.with_patches(patches)), denoised(model.with_patches(patches)))
    torch.testing.assert_close(denoised(compiled.with_weights({})), denoised(model))
    assert isinstance(model, LatentDiffusion)
    assert isinstance(compiled, LatentDiffusion)
    assert compiled.network is not model.network
    assert next(compiled.network.parameters()) is next(model.network.parameters())


@pytest.mark.parametrize(("backend", "missing"), [("cudagraphs", "CUDA device"), ("inductor", "C++ compiler")])
def test_a_backend_that_cannot_compile_here_leaves_the_model_as_it_is(
    backend: str,
    missing: str,
    mini_sd15: tuple[Model, Clip, Vae],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(compiling, "COMPILERS", ("no such compiler",))
    model = mini_sd15[0]

    with caplog.at_level(logging.WARNING):
        compiled = torch_compile_model(model=model, backend=backend)

    assert compiled.network is model.network  # type: ignore[attr-defined]
    assert missing in caplog.text
    assert torch.equal(denoised(compiled), denoised(model))
