"""wftools.memory: what does not fit is refused before it is made."""

from __future__ import annotations

import pytest

from wftools import memory
from wftools.errors import LimitError
from wftools.memory import free_memory, in_words, make_room


def test_what_fits_has_room() -> None:
    make_room("a picture", 64, 64, 3)


def test_what_does_not_fit_is_an_error_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free_memory", lambda *, swap: 5 * 2**30)

    with pytest.raises(LimitError, match=r"the images would take 12\.0 GB of memory, and 5\.0 GB are free") as raised:
        make_room("the images", 4, 16384, 16384, 3)

    assert "smaller" in str(raised.value.hint)


def test_free_memory_is_told() -> None:
    assert 0 < free_memory() <= free_memory(swap=True)


@pytest.mark.parametrize(
    ("size", "words"), [(5, "5 bytes"), (2**20, "1.0 MB"), (3 * 2**29, "1.5 GB"), (48 * 2**40, "48.0 TB")]
)
def test_sizes_in_words(size: int, words: str) -> None:
    assert in_words(size) == words
