"""What differs between two model files: the laws, and files under other names."""

import math
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes
from safetensors.torch import save_file
from torch import Tensor

from tests.cli.process import inside
from tests.seeded_models import UNET, VAE, shapes_of
from tests.weights_from_seed import weights_from_seed
from wftools.diffusion.networks.unet import UNet
from wftools.diffusion.networks.vae import AutoencoderKL
from wftools.weights.comparing import Comparison, compare
from wftools.weights.tensorfile import PIECE, open_tensors

FEW = settings(max_examples=25)  # each writes files
DTYPES = (torch.float32, torch.float16, torch.bfloat16, torch.float64, torch.int64, torch.bool)

tensors = st.dictionaries(
    st.from_regex(r"[a-z]{1,3}(\.[0-9])?\.[a-z]{1,3}", fullmatch=True),
    st.tuples(array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=3), st.sampled_from(DTYPES), st.integers(0, 9)),
    min_size=1,
    max_size=5,
)


def made(described: dict[str, tuple[tuple[int, ...], torch.dtype, int]]) -> dict[str, Tensor]:
    """Tensors of all types, with numbers that are no numbers among them."""
    found = {}
    for name, (shape, dtype, seed) in described.items():
        values = torch.randn(shape, generator=torch.Generator().manual_seed(seed)) * 10
        if values.numel() > 2 and dtype.is_floating_point:
            values.view(-1)[:2] = torch.tensor([math.nan, math.inf])
        found[name] = values.to(dtype)
    return found


def saved(values: dict[str, Tensor], path: Path, metadata: dict[str, str] | None = None) -> Path:
    save_file({name: tensor.contiguous() for name, tensor in values.items()}, path, metadata)
    return path


def between(first: Path, second: Path) -> Comparison:
    return compare(open_tensors(first), open_tensors(second))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pairs")


@FEW
@given(tensors)
def test_nothing_differs_between_a_file_and_itself(
    folder: Path, described: dict[str, tuple[tuple[int, ...], torch.dtype, int]]
) -> None:
    path = saved(made(described), folder / "a.safetensors", {"a": "b"})

    found = between(path, path)

    assert found.is_equal
    assert not found.differing
    assert not found.blocks
    assert found.is_within(math.inf)


@FEW
@given(tensors, tensors)
def test_what_one_has_and_the_other_has_not_is_told_from_both_sides(
    folder: Path,
    one: dict[str, tuple[tuple[int, ...], torch.dtype, int]],
    other: dict[str, tuple[tuple[int, ...], torch.dtype, int]],
) -> None:
    first, second = saved(made(one), folder / "a.safetensors"), saved(made(other), folder / "b.safetensors")

    there, back = between(first, second), between(second, first)

    assert there.is_equal == back.is_equal == (one == other and not back.differing)
    assert (set(there.only_first), set(there.only_second)) == (set(back.only_second), set(back.only_first))
    assert set(there.only_first) == one.keys() - other.keys()
    assert {each.name for each in there.tensors} == one.keys() & other.keys()
    assert {each.name for each in there.differing} == {each.name for each in back.differing}


@FEW
@given(tensors, st.data())
def test_one_number_that_differs_is_found(
    folder: Path, described: dict[str, tuple[tuple[int, ...], torch.dtype, int]], data: st.DataObject
) -> None:
    values = made(described)
    name = data.draw(st.sampled_from(sorted(values)))
    changed = values[name].clone().reshape(-1)
    if not changed.numel():
        return
    index = data.draw(st.integers(0, changed.numel() - 1))
    changed[index] = not changed[index] if changed.dtype == torch.bool else 77
    first = saved(values, folder / "a.safetensors")
    second = saved({**values, name: changed.reshape(values[name].shape)}, folder / "b.safetensors")

    found = between(first, second)

    assert [each.name for each in found.differing] == [name]
    assert not found.is_equal
    (block,) = found.blocks
    assert block.differing == 1


def test_distances_are_those_of_the_values_whatever_the_type(tmp_path: Path) -> None:
    x = torch.randn(64, 64, generator=torch.Generator().manual_seed(0))
    first = saved({"a.weight": x}, tmp_path / "a.safetensors")
    second = saved({"a.weight": x.bfloat16()}, tmp_path / "b.safetensors")

    (only,) = between(first, second).differing

    error = x.bfloat16().float() - x
    assert only.dtypes == ("F32", "BF16")
    assert only.distance is not None
    assert only.distance.mse == pytest.approx(float((error**2).mean()), rel=1e-5)
    assert only.distance.largest == float(error.abs().max())
    assert only.distance.snr == pytest.approx(10 * math.log10(float((x**2).sum() / (error**2).sum())), abs=1e-3)


def test_another_type_with_the_same_numbers_is_told_as_such(tmp_path: Path) -> None:
    first = saved({"a": torch.ones(4)}, tmp_path / "a.safetensors")
    second = saved({"a": torch.ones(4).half()}, tmp_path / "b.safetensors")

    found = between(first, second)

    assert not found.is_equal
    assert found.differing[0].has_same_numbers
    assert found.is_within(math.inf)
    assert not found.worst


def test_tensors_of_several_pieces_are_compared_to_their_ends(tmp_path: Path) -> None:
    x = torch.zeros(2 * PIECE + 3)
    y = x.clone()
    y[-1] = 1
    first, second = saved({"a": x}, tmp_path / "a.safetensors"), saved({"a": y}, tmp_path / "b.safetensors")

    (only,) = between(first, second).differing

    assert only.distance is not None
    assert (only.distance.count, only.distance.largest) == (2 * PIECE + 3, 1.0)


def test_other_shapes_and_metadata_are_told(tmp_path: Path) -> None:
    first = saved({"a": torch.zeros(2, 3)}, tmp_path / "a.safetensors", {"k": "1", "same": "x"})
    second = saved({"a": torch.zeros(3, 2)}, tmp_path / "b.safetensors", {"k": "2", "same": "x", "new": "y"})

    found = between(first, second)

    assert found.tensors[0].shapes == ((2, 3), (3, 2))
    assert found.tensors[0].distance is None
    assert found.metadata == {"k": ("1", "2"), "new": (None, "y")}
    assert not found.is_within(0)


def test_numbers_that_are_none_in_one_file_only_are_never_within_a_limit(tmp_path: Path) -> None:
    first = saved({"a": torch.ones(4)}, tmp_path / "a.safetensors")
    second = saved({"a": torch.tensor([1, 1, 1, math.nan])}, tmp_path / "b.safetensors")

    found = between(first, second)

    assert found.differing[0].distance is not None
    assert found.differing[0].distance.non_finite == 1
    assert not found.is_within(-1000)


def test_blocks_and_parts_add_up_what_differs(tmp_path: Path) -> None:
    names = ["x.blocks.0.a", "x.blocks.0.b", "x.blocks.1.a", "x.blocks.2.a"]
    values = {name: torch.ones(4) for name in names}
    moved = {
        **values,
        "x.blocks.0.a": torch.ones(4) + 0.1,
        "x.blocks.0.b": torch.ones(4) + 0.1,
        "x.blocks.2.a": torch.zeros(4),
    }
    first, second = saved(values, tmp_path / "a.safetensors"), saved(moved, tmp_path / "b.safetensors")

    found = between(first, second)

    assert [(block.name, block.differing, block.tensors) for block in found.blocks] == [
        ("x.blocks.2", 1, 1),
        ("x.blocks.0", 2, 2),
    ]
    assert found.blocks[1].distance.mse == pytest.approx(0.01, rel=1e-4)
    assert found.worst[0].name == "x.blocks.2.a"


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A UNet and a VAE in one file, and each alone."""
    folder = tmp_path_factory.mktemp("networks")
    with torch.device("meta"):
        unet, vae = shapes_of(UNet(UNET)), shapes_of(AutoencoderKL(VAE))
    of_unet, of_vae = weights_from_seed(unet, 1), weights_from_seed(vae, 2)
    whole = {f"model.diffusion_model.{name}": tensor for name, tensor in of_unet.items()}
    whole |= {f"first_stage_model.{name}": tensor for name, tensor in of_vae.items()}
    return {
        "whole": saved(whole, folder / "whole.safetensors"),
        "unet": saved(of_unet, folder / "unet.safetensors"),
        "vae": saved(of_vae, folder / "vae.safetensors"),
        "unet in halves": saved({name: tensor.half() for name, tensor in of_unet.items()}, folder / "half.safetensors"),
    }


@pytest.mark.parametrize("alone", ["unet", "vae"])
def test_a_network_alone_is_compared_with_the_one_in_a_checkpoint(networks: dict[str, Path], alone: str) -> None:
    found = between(networks["whole"], networks[alone])

    count = len(open_tensors(networks[alone]).tensors)
    assert len(found.tensors) == count
    assert not found.differing
    assert not found.only_second
    assert len(found.only_first) == len(open_tensors(networks["whole"]).tensors) - count
    assert found.aligned.way
    assert found.tensors[0].name.startswith(("model.diffusion_model.", "first_stage_model."))
    assert not found.tensors[0].other.startswith(("model.", "first_stage"))


def test_a_folder_of_diffusers_is_compared_with_the_file_that_it_is_of(
    networks: dict[str, Path], tmp_path: Path
) -> None:
    result = inside("model", "convert", str(networks["whole"]), "folder", "--layout", "diffusers", "-q", cwd=tmp_path)
    assert result.returncode == 0, result.stderr

    found = between(networks["whole"], tmp_path / "folder")

    assert len(found.tensors) == len(open_tensors(networks["whole"]).tensors)
    assert not found.differing
    assert found.only_first == found.only_second == ()
    assert any(each.name != each.other and each.other.startswith("unet.down_blocks") for each in found.tensors)


def test_files_that_have_nothing_in_common_are_told_so(networks: dict[str, Path]) -> None:
    found = between(networks["unet"], networks["vae"])

    assert not found.tensors
    assert not found.is_equal
    assert found.only_first
    assert found.only_second


def test_every_byte_that_is_compared_is_told(networks: dict[str, Path]) -> None:
    one, other = open_tensors(networks["unet"]), open_tensors(networks["unet in halves"])
    told: list[int] = []

    compare(one, other, progress=lambda _, count: told.append(count))

    assert sum(told) == sum(info.stop - info.start for file in (one, other) for info in file.tensors.values())
