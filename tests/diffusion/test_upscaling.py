from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.testing import assert_close

from tests.seeded_models import shapes_of
from tests.weights_from_seed import weights_from_seed
from wftools.context import Context
from wftools.diffusion.networks.compact import Compact
from wftools.diffusion.networks.rrdb import Rrdb
from wftools.diffusion.upscaling import OVERLAP, SMALLEST_TILE, TILE, upscaled
from wftools.errors import InputError, RunError
from wftools.folders import Folders
from wftools.nodes.image_upscale_model import upscale_model_loader
from wftools.values import Upscaler
from wftools.weights.networks.upscaler import CompactConfig, RrdbConfig

SMALL: dict[str, Any] = {"channels": 4, "growth": 4, "blocks": 2}
Load = Callable[[Mapping[str, Tensor]], Upscaler]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Writes a file of an upscale model, and loads it."""

    def load(weights: Mapping[str, Tensor]) -> Upscaler:
        (tmp_path / "upscale_models").mkdir(exist_ok=True)
        save_file(dict(weights), tmp_path / "upscale_models/x.safetensors")
        return upscale_model_loader(model_name="x.safetensors", context=Context(Folders(models=tmp_path)))

    return load


def weights(network: nn.Module) -> dict[str, Tensor]:
    return weights_from_seed(shapes_of(network), 3)


def old(weights: Mapping[str, Tensor], doublings: int) -> dict[str, Tensor]:
    """As ESRGAN's first version counts the modules."""
    places = {"conv_first": 0, "conv_hr": 3 * doublings + 2, "conv_last": 3 * doublings + 4}
    places |= {f"conv_up{index}": 3 * index for index in range(1, doublings + 1)}
    renamed = {}
    for name, tensor in weights.items():
        module, _, weight = name.rpartition(".")
        if module.startswith("body."):
            _, block, dense, conv = module.split(".")
            dot = "" if conv == "conv1x1" else ".0"
            renamed[f"model.1.sub.{block}.{dense.upper()}.{conv}{dot}.{weight}"] = tensor
        elif module == "conv_body":
            renamed[f"model.1.sub.{SMALL['blocks']}.{weight}"] = tensor
        else:
            renamed[f"model.{places[module]}.{weight}"] = tensor
    return renamed


def bsrgan(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """As ESRGAN's second version, and BSRGAN, call the modules."""
    renamed = {}
    for name, tensor in weights.items():
        new = name.replace("conv_body", "trunk_conv").replace("conv_up", "upconv").replace("conv_hr", "HRconv")
        renamed[new.replace("body.", "RRDB_trunk.").replace(".rdb", ".RDB")] = tensor
    return renamed


@pytest.mark.parametrize("doublings", [0, 1, 2, 3])
@pytest.mark.parametrize("is_plus", [False, True])
def test_every_version_s_names_are_known(doublings: int, is_plus: bool, load: Load) -> None:
    new = weights(Rrdb(RrdbConfig(doublings=doublings, is_plus=is_plus, **SMALL)))
    picture = torch.rand(1, 3, 8, 6, generator=torch.Generator().manual_seed(1))

    expected = load(new)(picture)

    assert expected.shape == (1, 3, 8 * 2**doublings, 6 * 2**doublings)
    trained = {f"params_ema.{name}": tensor for name, tensor in new.items()} | {
        "params.conv_first.weight": torch.ones(1)
    }
    several = {f"module.{name}": tensor for name, tensor in new.items()}
    for layout in (old(new, doublings), bsrgan(new), trained, several):
        assert_close(load(layout)(picture), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("in_channels", "scale"), [(12, 2.0), (48, 1.0)])
@pytest.mark.parametrize("size", [(8, 8), (7, 9), (1, 3)])
def test_a_network_that_sees_cells_takes_pictures_of_any_size(
    in_channels: int, scale: float, size: tuple[int, int], load: Load
) -> None:
    model = load(weights(Rrdb(RrdbConfig(in_channels=in_channels, **SMALL))))

    larger = model(torch.rand(1, 3, *size))

    assert model.scale == scale
    assert larger.shape[2:] == (round(size[0] * scale), round(size[1] * scale))


def test_a_compact_network_adds_to_the_nearest_pixels(load: Load) -> None:
    silent = {
        name: torch.zeros_like(each) for name, each in weights(Compact(CompactConfig(channels=4, layers=2))).items()
    }
    picture = torch.rand(1, 3, 5, 4)

    model = load(silent)

    assert model.scale == 4
    assert_close(model(picture), F.interpolate(picture, scale_factor=4, mode="nearest"))


def test_what_comes_out_is_a_picture(load: Load) -> None:
    model = load({name: 9 * each for name, each in weights(Compact(CompactConfig(channels=4, layers=2))).items()})

    larger = model(torch.rand(1, 3, 6, 6))

    assert larger.min() == 0
    assert larger.max() == 1


def test_other_channels_are_refused(load: Load) -> None:
    model = load(weights(Rrdb(RrdbConfig(in_channels=12, **SMALL))))

    with pytest.raises(RunError, match="3 channels, not 4"):
        model(torch.rand(1, 4, 8, 8))


def test_a_file_of_no_known_network_says_what_would_help(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "spandrel", None)

    with pytest.raises(InputError) as raised:
        load({"weight": torch.zeros(3)})

    assert "pip install spandrel" in (raised.value.hint or "")


def test_a_file_that_spandrel_does_not_know_either_is_refused(load: Load) -> None:
    pytest.importorskip("spandrel")

    with pytest.raises(InputError, match="spandrel knows"):
        load({"weight": torch.zeros(3)})


class Doubled:
    """An upscale model that repeats pixels, and notes how large the tiles were; larger ones take too much memory."""

    scale = 2.0

    def __init__(self, most: int = TILE) -> None:
        self.most = most
        self.tiles: list[tuple[int, ...]] = []

    def __call__(self, picture: Tensor) -> Tensor:
        self.tiles.append(tuple(picture.shape))
        if max(picture.shape[2:]) > self.most:
            raise torch.cuda.OutOfMemoryError
        return F.interpolate(picture, scale_factor=2, mode="nearest")


@pytest.mark.parametrize("most", [TILE, 256, SMALLEST_TILE])
def test_tiles_are_as_large_as_memory_allows_and_leave_no_seams(most: int, tmp_path: Path) -> None:
    model, steps = Doubled(most), []
    context = Context(Folders(models=tmp_path), report=lambda done, total: steps.append((done, total)))
    image = torch.rand(2, 40, TILE + 3 * OVERLAP, 3)

    larger = upscaled(model, image, context)

    assert_close(larger, image.repeat_interleave(2, dim=1).repeat_interleave(2, dim=2))
    assert max(model.tiles[-1][2:]) <= most
    assert all(shape[0] == 1 for shape in model.tiles)
    assert all(done <= total for done, total in steps)


def test_memory_that_does_not_suffice_for_the_smallest_tile_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(torch.cuda.OutOfMemoryError):
        upscaled(Doubled(SMALLEST_TILE - 1), torch.zeros(1, 8, 600, 3), Context(Folders(models=tmp_path)))


def test_a_grey_answer_is_a_picture_of_three_channels(tmp_path: Path) -> None:
    class Grey(Doubled):
        def __call__(self, picture: Tensor) -> Tensor:
            return super().__call__(picture)[:, :1]

    assert upscaled(Grey(), torch.rand(1, 4, 5, 3), Context(Folders(models=tmp_path))).shape == (1, 8, 10, 3)
