"""Which of many words nearly is another: what "did you mean" is told from."""

from __future__ import annotations

from collections import Counter
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_WORDS: Final = 20_000  # of which are compared
MAX_LETTERS: Final = 200  # of a word that is compared
MAX_COMPARED: Final = 20  # words that are looked at closely

MAX_FEW: Final = 2_000  # words that are compared one by one
KEPT: Final = 1_000  # answers that are remembered

NEAR: Final = 0.85  # of the letters, in difflib's measure


class KnownWords:
    """Words that may have been meant. Which of them is near is found without comparing each letter by letter.

    Two words of which the share NEAR of the letters is in common have nearly half of their pairs of neighbours in
    common as well, and which words have a pair is known beforehand.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._words = sorted(word for word in words if len(word) <= MAX_LETTERS)[:MAX_WORDS]
        self._having: dict[str, list[int]] = {}
        for index, word in enumerate(self._words):
            for pair in _pairs(word):
                self._having.setdefault(pair, []).append(index)

    def near(self, word: str) -> str | None:
        """The nearest word, if one is near."""
        if len(word) > MAX_LETTERS:
            return None
        shared = Counter(index for pair in _pairs(word) for index in self._having.get(pair, ()))
        least = 0.45 * len(word) - 1
        likely = [self._words[index] for index, count in shared.most_common(MAX_COMPARED) if count >= least]
        return next(iter(get_close_matches(word, likely, n=1, cutoff=NEAR)), None)


@lru_cache(maxsize=KEPT)
def nearest(word: str, few: tuple[str, ...]) -> str | None:
    """Of a few words the one that is most like this one, if one is like it at all."""
    if len(word) > MAX_LETTERS:
        return None
    compared = [each for each in few[:MAX_FEW] if len(each) <= MAX_LETTERS]
    return next(iter(get_close_matches(word, compared, n=1)), None)


def _pairs(word: str) -> set[str]:
    return {word[at : at + 2] for at in range(len(word) - 1)}
