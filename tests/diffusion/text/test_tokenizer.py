import hashlib
import lzma
from importlib import resources

import pytest

from wftools.diffusion.text.tokenizer import tokenize

# From CLIPTokenizer of transformers 5.23.0, and of transformers 4.57.6 where the legacy rule differs.
TEXTS: list[tuple[str, list[int], list[int] | None]] = [
    ("", [], None),
    (" \n ", [], None),
    ("a cat", [320, 2368], None),
    ("A RED Fox, In THE Snow!!", [320, 736, 3240, 267, 530, 518, 2583, 748], None),
    (
        "don't you'll I've we're I'm she'd it's",
        [
            847,
            713,
            592,
            1342,
            328,
            1200,
            649,
            982,
            328,
            880,
            1043,
            1896,
            585,
            568,
        ],
        None,
    ),
    ("12345 3.14 ½ ² ٣", [272, 273, 274, 275, 276, 274, 269, 272, 275, 33613, 41175, 149, 352], None),
    ("a<|endoftext|>b", [320, 49407, 321], None),
    ("<|STARTOFTEXT|>", [49406], None),
    ("naïve — “quotes”", [1097, 35689, 563, 2005, 728, 506, 5808, 728, 507], None),
    ("Å Å e\u0301", [127, 354, 127, 354, 4166], None),
    ("\u0130stanbul \u0131I", [328, 16384, 11231, 18562, 328], None),
    ("हिन्दी", [29446, 26721, 26090, 19389, 29552, 25751], None),
    ("مرحبا", [12986, 10948, 25722, 16378, 22625], None),
    ("&amp; &lt;", [261, 6259, 282, 261, 3333, 282], None),
    ("狐狸", [163, 233, 238, 163, 233, 372], [163, 233, 494, 163, 233, 372]),
    ("\u200b", [9844], []),
    ("\ufffd", [39802], []),
    ("\x00\x01\x02 ctl", [188, 189, 446, 3381, 331], [3381, 331]),
    ("\u0345", [137, 483], []),
    ("👨‍👩‍👧‍👦 family", [25023, 26304, 48938, 4244, 964, 355, 1315], [18966, 18800, 48938, 964, 355, 1315]),
    ("ΥΣ", [139, 227, 139, 481], [139, 227, 139, 480]),
]


@pytest.mark.parametrize(("text", "expected", "_legacy"), TEXTS)
def test_a_text_has_the_tokens_that_transformers_gives_it(
    text: str, expected: list[int], _legacy: list[int] | None
) -> None:
    assert list(tokenize(text)) == expected


@pytest.mark.parametrize(("text", "expected", "legacy"), TEXTS)
def test_the_legacy_rule_gives_those_of_transformers_4(
    text: str, expected: list[int], legacy: list[int] | None
) -> None:
    assert list(tokenize(text, "legacy")) == (expected if legacy is None else legacy)


def test_a_very_long_word_is_no_trap() -> None:
    """Joining neighbours naively would take the square of the length: hours."""
    assert list(tokenize("ab" * 100_000))[-1] == list(tokenize("abab"))[-1]


def test_half_a_surrogate_pair_is_no_trap() -> None:
    assert list(tokenize("a \ud800 b")) == list(tokenize("a ? b"))


def test_the_merges_are_those_of_clip() -> None:
    packed = resources.files("wftools.diffusion.text").joinpath("clip_merges.txt.xz").read_bytes()

    assert hashlib.md5(lzma.decompress(packed)).hexdigest() == "d2bc10797e70c920c14c69729ecdab34"
