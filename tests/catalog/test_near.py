"""What may have been meant: the nearest of many words, in little time."""

from __future__ import annotations

from difflib import get_close_matches

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.work import lines_run
from wftools.catalog.lookup import Catalogue
from wftools.catalog.near import NEAR, KnownWords

TYPES = sorted(Catalogue().types())
WORDS = KnownWords(TYPES)


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("KSamplr", "KSampler"),
        ("SaveImagge", "SaveImage"),
        ("EmtyImage", "EmptyImage"),
        ("CLIPTextEncoder", "CLIPTextEncode"),
        ("SomebodysNode", None),
        ("K", None),
        ("", None),
        ("x" * 100_000, None),
    ],
)
def test_a_name_that_is_nearly_one(word: str, near: str | None) -> None:
    assert WORDS.near(word) == near


@given(st.data())
def test_what_is_near_by_all_letters_is_found_by_pairs(data: st.DataObject) -> None:
    """The first sieve loses nothing: difflib's own search among all words finds a word exactly as near."""
    known = data.draw(st.sampled_from(TYPES))
    at = data.draw(st.integers(0, len(known)))
    word = known[:at] + data.draw(st.text("aZ_ ", max_size=1)) + known[at + data.draw(st.integers(0, 1)) :]

    exact = get_close_matches(word, TYPES, n=1, cutoff=NEAR)

    assert WORDS.near(word) == (exact[0] if exact else None)


def test_an_unknown_type_costs_next_to_nothing() -> None:
    """A tenth of comparing its name with all, which takes 10 ms; a workflow may have hundreds of unknown types."""
    catalogue = Catalogue()
    catalogue.near("first")  # makes the index

    def look_up() -> None:
        for number in range(100):
            assert catalogue.variants(f"SomebodysOwnNode{number}") == ()
            catalogue.near(f"SomebodysOwnNode{number}")

    all_compared = lines_run(lambda: get_close_matches("SomebodysOwnNode", TYPES, n=1, cutoff=NEAR))
    assert 10 * lines_run(look_up) < 100 * all_compared
