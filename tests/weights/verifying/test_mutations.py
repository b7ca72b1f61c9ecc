"""Sound files of every format, broken at random, are accepted or refused with a code, and nothing else."""

from pathlib import Path

import pytest

from tests.weights.verifying.mutations import broken_laws
from wftools.weights.tensorfile import FORMATS

FEW, MANY = range(300), range(300, 20_300)


@pytest.mark.parametrize("name", FORMATS.names())
@pytest.mark.parametrize("numbers", [FEW, pytest.param(MANY, marks=pytest.mark.slow)], ids=["few", "many"])
def test_a_broken_file_is_accepted_or_refused_with_a_code(name: str, numbers: range, tmp_path: Path) -> None:
    assert not list(broken_laws(name, numbers, tmp_path))
