"""wftools.imaging.resample: ComfyUI's ways of changing a size."""

from collections.abc import Mapping

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch.torch_version import TorchVersion

from tests.imaging.conftest import DATA, PICTURES
from wftools.errors import RunError
from wftools.imaging import RESAMPLING
from wftools.imaging.load import load
from wftools.imaging.resample import center_crop, resample, scale, scale_by, scale_to_pixels, scale_to_side

# Of values in 0..1: torch's bilinear kernel differs in the last bit from machine to machine, and its bicubic kernel
# before 2.7 by 3.0e-7 from the one of the recordings.
EXACT = 2e-7 if TorchVersion(torch.__version__) >= "2.7" else 4e-7

sides = st.integers(1, 40)


@pytest.mark.parametrize("key", [key for key in np.load(DATA / "recorded.npz").files if key.startswith("scale/")])
def test_an_image_is_scaled_as_comfyui_scales_it(key: str, recorded: Mapping[str, NDArray[np.float32]]) -> None:
    _, method, width, height, crop = key.split("/")
    image = load(PICTURES / "rgba.png").image

    scaled = scale(image, int(width), int(height), method, crop)

    np.testing.assert_allclose(scaled[:, 1::8, 2::8], recorded[key], rtol=0, atol=EXACT)


@given(width=sides, height=sides, method=st.sampled_from(RESAMPLING), crop=st.sampled_from(["disabled", "center"]))
def test_the_result_has_the_size_asked_for(width: int, height: int, method: str, crop: str) -> None:
    samples = torch.rand(2, 3, 7, 11)

    assert resample(samples, width, height, method, crop).shape == (2, 3, height, width)


@given(width=sides, height=sides, method=st.sampled_from(RESAMPLING))
def test_one_colour_stays_one_colour(width: int, height: int, method: str) -> None:
    samples = torch.full((1, 3, 7, 11), 0.6)  # 153 / 255

    torch.testing.assert_close(resample(samples, width, height, method), torch.full((1, 3, height, width), 0.6))


@pytest.mark.parametrize(
    ("height", "width", "aspect", "rows", "columns"),
    [
        (10, 20, 1.0, (0, 10), (5, 15)),
        (20, 10, 1.0, (5, 15), (0, 10)),
        (10, 15, 1.0, (0, 10), (2, 13)),  # 2.5 on each side: half to even
        (10, 17, 1.0, (0, 10), (4, 13)),  # 3.5
        (10, 20, 2.0, (0, 10), (0, 20)),
    ],
)
def test_the_middle_of_the_new_aspect_ratio_is_kept(
    height: int, width: int, aspect: float, rows: tuple[int, int], columns: tuple[int, int]
) -> None:
    samples = torch.arange(height * width).reshape(1, 1, height, width)

    assert torch.equal(center_crop(samples, aspect), samples[:, :, slice(*rows), slice(*columns)])


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (0, 0, (10, 15)),
        (0, 5, (5, 8)),
        (30, 0, (20, 30)),
        (0, 1, (1, 2)),
        (1, 0, (1, 1)),
        (4, 7, (7, 4)),
    ],
)
def test_a_side_of_zero_keeps_the_aspect_ratio(width: int, height: int, expected: tuple[int, int]) -> None:
    assert scale(torch.rand(1, 10, 15, 3), width, height, "area").shape[1:3] == expected


@pytest.mark.parametrize(("factor", "expected"), [(1.0, (10, 15)), (0.5, (5, 8)), (0.3, (3, 4))])
def test_both_sides_are_multiplied_and_rounded_half_to_even(factor: float, expected: tuple[int, int]) -> None:
    assert scale_by(torch.rand(1, 10, 15, 3), factor, "bilinear").shape[1:3] == expected


@given(height=sides, width=sides, megapixels=st.sampled_from([0.01, 0.02, 0.05]), steps=st.sampled_from([1, 8, 32]))
def test_a_number_of_pixels_is_met_in_steps(height: int, width: int, megapixels: float, steps: int) -> None:
    side = (megapixels * 2**20 / (height * width)) ** 0.5
    assume(min(height, width) * side > 0.51 * steps)

    rows, columns = scale_to_pixels(torch.rand(1, height, width, 1), megapixels, steps, "nearest-exact").shape[1:3]

    assert rows % steps == columns % steps == 0
    assert abs(rows - height * side) <= steps / 2 + 1e-6
    assert abs(columns - width * side) <= steps / 2 + 1e-6


@pytest.mark.parametrize(
    ("shape", "longest", "expected"),
    [
        ((96, 128), 48, (36, 48)),
        ((128, 96), 48, (48, 36)),
        ((50, 50), 20, (20, 20)),
        ((1, 100), 60, (1, 60)),
    ],
)
def test_the_longer_side_gets_its_length(shape: tuple[int, int], longest: int, expected: tuple[int, int]) -> None:
    assert scale_to_side(torch.rand(1, *shape, 3), longest, "area").shape[1:3] == expected


@pytest.mark.parametrize("method", RESAMPLING)
def test_no_image_is_scaled_to_nothing(method: str) -> None:
    """Where ComfyUI ends in an error of the library, here or when the image is saved."""
    for scaling in (
        lambda: scale_by(torch.rand(1, 10, 15, 3), 0.01, method),
        lambda: scale_to_side(torch.rand(1, 1, 100, 3), 10, method),
        lambda: scale_to_pixels(torch.rand(1, 1, 4096, 3), 0.01, 64, method),
    ):
        with pytest.raises(RunError, match="no pixels"):
            scaling()


@pytest.mark.parametrize("method", [method for method in RESAMPLING if method != "lanczos"])
def test_an_image_of_the_size_stays_as_it_is(method: str) -> None:
    samples = torch.rand(2, 3, 7, 11)

    assert torch.equal(resample(samples, 11, 7, method, "center"), samples)
    assert torch.equal(torch.nn.functional.interpolate(samples, size=(7, 11), mode=method), samples)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_lanczos_cuts_down_to_bytes(channels: int) -> None:
    """0.9999 of a level is lost, and what is outside 0..1."""
    samples = torch.tensor([1.9999 / 255, -1, 2.0, 0.5]).reshape(1, 1, 2, 2).repeat(1, channels, 1, 1)

    same = resample(samples, 2, 2, "lanczos")

    assert torch.equal(same[0, 0].flatten() * 255, torch.tensor([1.0, 0.0, 255.0, 127.0]))


def test_lanczos_refuses_what_pillow_has_no_mode_for() -> None:
    with pytest.raises(RunError, match="not 16"):
        resample(torch.rand(1, 16, 4, 4), 8, 8, "lanczos")
