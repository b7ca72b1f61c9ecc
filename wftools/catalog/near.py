"""Which of many words nearly is another: what "did you mean" is told from."""

from __future__ import annotations

from collections import Counter
from difflib import get_close_matches
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_WORDS: Final = 20_000  # of which are compared
MAX_LETTERS: Final = 200  # of a word that is compared
MAX_COMPARED: Final = 100  # words that are looked at closely

MAX_FEW: Final = 2_000  # words that are compared one by one
KEPT: Final = 1_000  # answers that are remembered

NEAR: Final = 0.85  # of the letters, in difflib's measure


class KnownWords:
    """Words that may have been meant. Which of them is near is found without comparing each letter by letter.

    Which words have a pair of neighbours is known beforehand, and near words have many in common. Of two words with T
    letters together and M of them the same, all but T - 2 M stand in the other. Each of these others can tear apart one
    run of the same letters, so there are T - 2 M + 1 runs at most, and a run of n letters has n - 1 pairs: together
    3 M - T - 1 or more. The words nearest by that are looked at closely.
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
        shared = Counter(chain.from_iterable(self._having.get(pair, ()) for pair in _pairs(word)))
        # Fewer pairs than that are in common with no near word, however short it is: T is at least this.
        least = _least_shared(len(word) / (1 - NEAR / 2))
        likely = [(index, count) for index, count in shared.items() if count >= least]
        letters = {index: len(word) + len(self._words[index]) for index, _ in likely}
        promising = [(index, count) for index, count in likely if count >= _least_shared(letters[index])]
        promising.sort(key=lambda each: (each[1] + 1) / letters[each[0]], reverse=True)
        closely = [self._words[index] for index, _ in promising[:MAX_COMPARED]]
        return next(iter(get_close_matches(word, closely, n=1, cutoff=NEAR)), None)


def _least_shared(letters: float) -> float:
    """How many pairs two near words with so many letters together have in common at least."""
    return (1.5 * NEAR - 1) * letters - 1


@lru_cache(maxsize=KEPT)
def nearest(word: str, few: tuple[str, ...]) -> str | None:
    """Of a few words the one that is most like this one, if one is like it at all."""
    if len(word) > MAX_LETTERS:
        return None
    compared = [each for each in few[:MAX_FEW] if len(each) <= MAX_LETTERS]
    return next(iter(get_close_matches(word, compared, n=1)), None)


def _pairs(word: str) -> list[str]:
    """The pairs of neighbours in a word; what stands in it a second time is told apart from the first."""
    counts: Counter[str] = Counter()
    pairs = []
    for at in range(len(word) - 1):
        pair = word[at : at + 2]
        pairs.append(pair if pair not in counts else f"{pair}{counts[pair]}")
        counts[pair] += 1
    return pairs
