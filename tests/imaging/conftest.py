"""Pictures and recorded values that several tests of this room use."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

DATA = Path(__file__).parents[1] / "data" / "imaging"
PICTURES = DATA / "pictures"


@pytest.fixture(scope="session")
def recorded() -> Mapping[str, NDArray[np.float32]]:
    """What ComfyUI computed, by the names of tests/data/imaging/README.md; only `[:, 1::8, 2::8]` of each tensor."""
    with np.load(DATA / "recorded.npz") as file:
        return dict(file)


@pytest.fixture
def rgb() -> NDArray[np.uint8]:
    """A picture (83, 101, 3) of smooth waves: odd sides, all values."""
    y, x = np.mgrid[0:83, 0:101]
    waves = [127 + 127 * np.sin(x / 9) * np.cos(y / 13), 255 * x / 100, 127 + 127 * np.cos((x + y) / 7)]
    return np.stack(waves, -1).astype(np.uint8)
