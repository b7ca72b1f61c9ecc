"""CLIP's tokenizer: text to the ids of byte pairs.

Radford et al. 2021; byte pair encoding after Sennrich et al. 2016, over bytes. The vocabulary of 49,408 entries follows
from the merges: 256 bytes, 256 bytes that end a word, one entry for each of the 48,894 merges, and two special tokens.

Two ways of cleaning a text are in use, and differ for scripts other than Latin and for control characters. ComfyUI
takes whichever version of transformers is installed:

- "transformers 5" composes characters (NFC), makes one space of white space, lowers each character by itself;
- "legacy", before version 5, also drops control characters and sets every CJK ideograph apart.
"""

from __future__ import annotations

import heapq
import lzma
import unicodedata
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Final, Literal

import regex

from wftools.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Cleaning = Literal["transformers 5", "legacy"]

START: Final = 49406
END: Final = 49407
OPENCLIP_PADDING: Final = 0  # what stands after the end of a text in OpenCLIP's encoders; in CLIP's it is END
SPECIAL_TOKENS: Final[Mapping[str, int]] = {"<|startoftext|>": START, "<|endoftext|>": END}

MAX_WORD: Final = 2**18  # letters; joining them takes a second
MAX_KEPT: Final = 64  # letters of a word whose ids are kept for the next time
MAX_MARKS: Final = 1000  # composing characters takes the square of their number

_WORD_END: Final = "</w>"
_PIECES: Final = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+"
_SPACES: Final = regex.compile(r"\s+")
_TOO_MANY_MARKS: Final = regex.compile(rf"\p{{M}}{{{MAX_MARKS + 1}}}")
_CJK: Final = regex.compile(
    "[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002a6df\U0002a700-\U0002ceaf\U0002f800-\U0002fa1f]"
)
_KEPT_CONTROLS: Final = "\t\n\r"


def tokenize(text: str, cleaning: Cleaning = "transformers 5") -> Iterator[int]:
    """The ids of a text, without start and end, as they are found. The special tokens may be written out in it.

    Raises RunError for what would take too long to read: a word without end, accents without end on one letter.
    """
    if _TOO_MANY_MARKS.search(text):
        raise RunError(f"the prompt has more than {MAX_MARKS:,} accents on one letter")
    clean, pieces = _CLEANINGS[cleaning]
    for match in pieces.finditer(clean(text)):
        piece = match.group()
        if len(piece) > MAX_WORD:
            raise RunError(f"the prompt has a word of {len(piece):,} letters; at most {MAX_WORD:,} are read")
        yield from _encoded(piece) if len(piece) <= MAX_KEPT else _byte_pairs(piece)


def _as_transformers_5(text: str) -> str:
    spaced = _SPACES.sub(" ", unicodedata.normalize("NFC", text))
    return "".join(map(str.lower, spaced))  # not text.lower(), which knows of final sigmas


def _as_before(text: str) -> str:
    kept = "".join(
        c for c in text if c in _KEPT_CONTROLS or not (c == "\ufffd" or unicodedata.category(c).startswith("C"))
    )
    apart = _CJK.sub(r" \g<0> ", kept)
    return " ".join(map(str.lower, unicodedata.normalize("NFC", apart).split()))


_CLEANINGS: Final[Mapping[Cleaning, tuple[Callable[[str], str], regex.Pattern[str]]]] = {
    "transformers 5": (_as_transformers_5, regex.compile(_PIECES)),
    "legacy": (_as_before, regex.compile(_PIECES, regex.IGNORECASE)),
}


@lru_cache(maxsize=2**14)
def _encoded(piece: str) -> tuple[int, ...]:
    return (SPECIAL_TOKENS[piece],) if piece in SPECIAL_TOKENS else _byte_pairs(piece)


def _byte_pairs(piece: str) -> tuple[int, ...]:
    ids, ranks = _vocabulary()
    characters = _byte_characters()
    symbols = [characters[byte] for byte in piece.encode("utf-8", "replace")]  # JSON may hold half a surrogate pair
    symbols[-1] += _WORD_END
    return tuple(ids[symbol] for symbol in _merged(symbols, ranks))


def _merged(symbols: list[str], ranks: Mapping[tuple[str, str], int]) -> Iterator[str]:
    """Join neighbours, the pair of the lowest rank first and of equal ones the leftmost, until none is listed.

    A heap of candidates over a linked list: a word of a million letters takes seconds, not days.
    """
    before = list(range(-1, len(symbols) - 1))
    after = [*range(1, len(symbols)), -1]
    heap: list[tuple[int, int, str, str]] = []

    def offer(left: int, right: int) -> None:
        if left >= 0 and right >= 0:
            rank = ranks.get((symbols[left], symbols[right]))
            if rank is not None:
                heapq.heappush(heap, (rank, left, symbols[left], symbols[right]))

    for left in range(len(symbols) - 1):
        offer(left, left + 1)
    while heap:
        _, left, first, second = heapq.heappop(heap)
        right = after[left]
        if right < 0 or symbols[left] != first or symbols[right] != second:
            continue  # one of the two has been joined to another meanwhile
        symbols[left], symbols[right] = first + second, ""
        after[left] = after[right]
        if after[right] >= 0:
            before[after[right]] = left
        offer(before[left], left)
        offer(left, after[left])
    return filter(None, symbols)


def vocabulary() -> dict[str, int]:
    """Every symbol and its id."""
    return dict(_vocabulary()[0])


def merges() -> str:
    """The pairs that are joined, in order: a text whose first line names the version."""
    packed = resources.files(__package__).joinpath("clip_merges.txt.xz").read_bytes()
    return lzma.decompress(packed).decode("utf-8")


@cache
def _vocabulary() -> tuple[dict[str, int], dict[tuple[str, str], int]]:
    """Symbol -> id, and pair of symbols -> rank: the number of its merge."""
    pairs = [tuple(line.split(" ")) for line in merges().splitlines()[1:]]
    characters = list(_byte_characters().values())
    symbols = [*characters, *(c + _WORD_END for c in characters), *("".join(pair) for pair in pairs), *SPECIAL_TOKENS]
    return {symbol: id_ for id_, symbol in enumerate(symbols)}, {(a, b): rank for rank, (a, b) in enumerate(pairs)}


@cache
def _byte_characters() -> dict[int, str]:
    """A visible character for each byte, in the order of the vocabulary: printable Latin-1 stands for itself."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {byte: chr(256 + n) for n, byte in enumerate(others)}
