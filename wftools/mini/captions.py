"""Words to English in many ways, and English back to words.

A caption has a phrasing (the order of its parts), and in each part a choice of phrases. `words_in` reads the same
phrases without knowing the phrasing, so that a prompt that a person wrote can be judged too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Final

from wftools.mini.scene import COLOURS, Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Phrases = tuple[str, ...]
Phrasing = Callable[[Words, Random], str]

# The first phrase is as likely as all others together.
NOUNS: Final[Mapping[str, Phrases]] = {
    "circle": ("circle", "ball", "disc", "disk", "dot"),
    "square": ("square", "box", "block"),
    "triangle": ("triangle", "pyramid"),
    "star": ("star", "five-pointed star"),
    "heart": ("heart", "love heart"),
    "cross": ("cross", "plus sign", "plus"),
    "diamond": ("diamond", "rhombus", "lozenge"),
    "moon": ("moon", "crescent", "crescent moon", "half moon"),
}
ANY_NOUN: Final = ("shape", "object", "thing", "figure")
COLOUR_WORDS: Final[Mapping[str, Phrases]] = {
    **{colour: (colour,) for colour in COLOURS},
    "gray": ("gray", "grey"),
    "purple": ("purple", "violet"),
    "red": ("red", "crimson", "scarlet"),
}
SIZE_WORDS: Final[Mapping[str, Phrases]] = {
    "small": ("small", "tiny", "little", "mini"),
    "medium": ("medium", "medium-sized", "medium sized", "mid-sized"),
    "large": ("large", "big", "huge", "giant", "enormous"),
}
FILL_WORDS: Final[Mapping[str, Phrases]] = {
    "solid": ("solid", "filled"),
    "outlined": ("outlined", "hollow", "empty"),
    "striped": ("striped", "stripy"),
}
COUNT_WORDS: Final[Mapping[str, Phrases]] = {
    "one": ("a", "one", "a single"),
    "two": ("two", "2", "a pair of"),
    "three": ("three", "3"),
}
SIDES: Final[Mapping[str, Phrases]] = {
    "top": ("top", "upper"),
    "bottom": ("bottom", "lower"),
    "left": ("left",),
    "right": ("right",),
    "center": ("center", "centre", "middle"),
}
GROUND_NOUNS: Final = ("background", "backdrop", "ground", "canvas")
PLAIN_WORDS: Final = ("", "plain ", "solid ", "flat ")
ON: Final = ("on", "against", "over", "in front of")

OPENINGS: Final = (
    "a photo of ",
    "photo of ",
    "a picture of ",
    "an image of ",
    "a drawing of ",
    "there is ",
    "picture: ",
)
# Words that mean nothing here. Their rows in the table of tokens stay zero, like those of all words not listed.
FILLERS: Final = (
    "beautiful",
    "cute",
    "nice",
    "simple",
    "minimalist",
    "high quality",
    "4k",
    "masterpiece",
    "detailed",
    "abstract",
    "geometric",
    "flat design",
    "vector art",
    "bright",
    "very",
    "illustration",
    "digital art",
    "icon",
    "logo",
    "modern",
)

# How often an attribute is said, if it can be.
CHANCE_TO_SAY: Final[Mapping[str, float]] = {
    "shape": 0.95,
    "colour": 0.93,
    "fill": 1.0,
    "count": 1.0,
    "size": 0.6,
    "place": 0.6,
    "ground": 0.85,
    "ground_below": 1.0,
}
CHANCE_OF_ONE_ALONE: Final = 0.06
CHANCE_OF_SOLID: Final = 0.05
CHANCE_OF_OPENING: Final = 0.15
CHANCE_OF_FILLER: Final = 0.1


def caption(words: Words, random: Random, phrasings: Sequence[Phrasing] | None = None) -> str:
    """A caption that says exactly these words, in one of the phrasings."""
    phrasing = random.choice(phrasings or PHRASINGS)
    text = phrasing(words, random)
    if random.random() < CHANCE_OF_OPENING and not text.startswith("the "):
        text = random.choice(OPENINGS) + text
    if random.random() < CHANCE_OF_FILLER:
        filler = random.choice(FILLERS)
        text = f"{filler}, {text}" if random.random() < 0.5 else f"{text}, {filler}"
    return text + random.choice(("", "", "", "."))


def something_of(words: Words, random: Random) -> Words:
    """Those of a scene's words that a caption says: most, few, or one alone."""
    spoken = (
        words
        if random.random() < CHANCE_OF_SOLID
        else replace(words, fill=None if words.fill == "solid" else words.fill)
    )
    said = spoken.said()
    if random.random() < CHANCE_OF_ONE_ALONE:
        # A row or a stroke that is not asked for would be learnt as what an ordinary prompt gives.
        kept = {name for name, value in said.items() if name in UNUSUAL and value not in USUAL}
        kept.add(random.choice([name for name in said if name not in UNUSUAL]))
    else:
        kept = {name for name in said if random.random() < CHANCE_TO_SAY[name]}
    if "ground_below" in kept:
        kept.add("ground")
    if said.get("count") == "one" and random.random() < 0.9:
        kept.discard("count")
    if not kept:
        kept.add(random.choice([name for name in said if name not in UNUSUAL]))
    return Words(**{name: value for name, value in said.items() if name in kept})


USUAL: Final = ("one", "solid")  # what a picture has without being asked
UNUSUAL: Final = ("fill", "count", "ground_below")


def _pick(phrases: Sequence[str], random: Random) -> str:
    return phrases[0] if len(phrases) == 1 or random.random() < 0.5 else random.choice(phrases[1:])


def _object(words: Words, random: Random) -> str:
    """The object with its article and adjectives; empty if nothing is said of it."""
    if not any((words.shape, words.colour, words.size, words.fill, words.count)):
        return ""
    adjectives = _adjectives(words, random)
    if words.shape is None and words.count is None and adjectives and random.random() < 0.3:
        return " ".join(adjectives)
    noun = _pick(NOUNS[words.shape] if words.shape else ANY_NOUN, random)
    if words.fill == "outlined" and words.shape and random.random() < 0.3:
        noun += " outline"
        adjectives = [word for word in adjectives if word not in FILL_WORDS["outlined"]]
    if words.count in ("two", "three"):
        return " ".join([_pick(COUNT_WORDS[words.count], random), *adjectives, _plural(noun)])
    text = " ".join([*adjectives, noun])
    if words.count == "one":
        return f"{random.choice(COUNT_WORDS['one'][1:])} {text}"
    return random.choice(("", "", _article(text) + " ", _article(text) + " ", "the ")) + text


def _adjectives(words: Words, random: Random) -> list[str]:
    adjectives = [
        _pick(table[value], random)
        for table, value in ((SIZE_WORDS, words.size), (FILL_WORDS, words.fill), (COLOUR_WORDS, words.colour))
        if value
    ]
    if random.random() < 0.2:
        random.shuffle(adjectives)
    return adjectives


def _article(text: str) -> str:
    return "an" if text[0] in "aeiou" else "a"


def _plural(noun: str) -> str:
    return noun + ("es" if noun.endswith(("s", "x")) else "s")


def _ground(words: Words, random: Random) -> str:
    """The ground as a noun phrase without an article; empty if it is not said."""
    if words.ground is None:
        return ""
    noun = _pick(GROUND_NOUNS, random)
    colour = _pick(COLOUR_WORDS[words.ground], random)
    if words.ground_below is None:
        return f"{random.choice(PLAIN_WORDS) if random.random() < 0.2 else ''}{colour} {noun}"
    below = _pick(COLOUR_WORDS[words.ground_below], random)
    return random.choice(
        (
            f"{colour} to {below} gradient {noun}",
            f"{noun} fading from {colour} to {below}",
            f"gradient {noun} from {colour} to {below}",
            f"{colour} to {below} gradient",
        )
    )


def _on_ground(words: Words, random: Random) -> str:
    ground = _ground(words, random)
    if not ground:
        return ""
    if words.ground_below is None and random.random() < 0.3:
        return f"{_pick(ON, random)} {_pick(COLOUR_WORDS[words.ground or ''], random)}"
    return f"{_pick((*ON, 'with'), random)} {random.choice(('', 'the ', _article(ground) + ' '))}{ground}"


def _place(words: Words, random: Random) -> str:
    """Where it stands, without a preposition; empty if it is not said."""
    if words.place is None:
        return ""
    sides = [_pick(SIDES[side], random) for side in words.place.split()]
    return random.choice((" ", " ", "-")).join(sides)


def _at_place(words: Words, random: Random) -> str:
    place = _place(words, random)
    if not place or random.random() < 0.25:
        return place
    if words.place == "center":
        return random.choice((f"in the {place}", f"at the {place}", "centered"))
    end = random.choice((" corner", "") if " " in str(words.place) else (" side", "", " edge"))
    return f"{random.choice(('in', 'at', 'on'))} the {place}{end}"


def _joined(parts: Sequence[str], separator: str = " ") -> str:
    return separator.join(part for part in parts if part)


def _object_ground_place(words: Words, random: Random) -> str:
    return _joined([_object(words, random), _on_ground(words, random), _at_place(words, random)])


def _object_place_ground(words: Words, random: Random) -> str:
    return _joined([_object(words, random), _at_place(words, random), _on_ground(words, random)])


def _listed(words: Words, random: Random) -> str:
    parts = [_object(words, random), _ground(words, random), _at_place(words, random)]
    random.shuffle(parts)
    return _joined(parts, ", ")


def _tags(words: Words, random: Random) -> str:
    parts = [
        _object(replace(words, colour=None, size=None), random) if words.shape else "",
        *(
            _pick(table[value], random)
            for table, value in ((COLOUR_WORDS, words.colour), (SIZE_WORDS, words.size))
            if value
        ),
        _ground(words, random),
        _place(words, random),
    ]
    if not words.shape and (words.fill or words.count):
        parts[0] = _object(replace(words, colour=None, size=None), random)
    random.shuffle(parts)
    return _joined(parts, ", ")


def _ground_first(words: Words, random: Random) -> str:
    ground = _ground(words, random)
    rest = _joined([_object(words, random), _at_place(words, random)])
    with_article = ground and f"{_article(ground)} {ground}"
    return _joined([with_article, rest], " with ")


def _on_ground_first(words: Words, random: Random) -> str:
    return _joined(
        [_on_ground(words, random), _joined([_object(words, random), _at_place(words, random)])],
        random.choice((", ", " ")),
    )


def _place_first(words: Words, random: Random) -> str:
    return _joined(
        [_at_place(words, random), _joined([_object(words, random), _on_ground(words, random)])],
        random.choice((", ", ": ")),
    )


def _ground_place_object(words: Words, random: Random) -> str:
    return _joined([_on_ground(words, random), _at_place(words, random), _object(words, random)], ", ")


def _sentences(words: Words, random: Random) -> str:
    """`the circle is red and small, the background is blue`."""
    if words.shape is None or words.count or words.fill or words.ground_below:
        return _object_ground_place(words, random)
    is_what = [
        _pick(table[value], random)
        for table, value in ((COLOUR_WORDS, words.colour), (SIZE_WORDS, words.size))
        if value
    ]
    where = _at_place(words, random)
    claims = " and ".join([*is_what, *([where] if where else [])])
    noun = _pick(NOUNS[words.shape], random)
    ground = f"the {_pick(GROUND_NOUNS, random)} is {_pick(COLOUR_WORDS[words.ground], random)}" if words.ground else ""
    return _joined([f"the {noun} is {claims}" if claims else f"the {noun}", ground], random.choice((", ", " and ")))


# The text encoder is tested on the phrasings that it was not trained on.
HELD_OUT_PHRASINGS: Final = (_place_first, _ground_place_object)
PHRASINGS: Final = (
    _object_ground_place,
    _object_ground_place,
    _object_place_ground,
    _object_place_ground,
    _listed,
    _listed,
    _tags,
    _ground_first,
    _on_ground_first,
    _sentences,
)


def words_in(text: str) -> Words:
    """The words that a prompt says. What it does not understand is left out, as the model leaves it out."""
    rest = re.sub(r"[-_\s]+", " ", text.lower())
    rest, ground, below = _without_ground(rest)
    found = {name: _only(name, rest) for name in _PHRASES}
    if re.search(r"\boutlines?\b", rest):
        found["fill"] = "outlined"
    return Words(ground=ground, ground_below=below, place=_parsed_place(rest), **found)


def _alternatives(phrases: Iterable[str]) -> str:
    """A pattern for any of the phrases, the longest first, hyphens read as spaces."""
    return "|".join(re.escape(phrase.replace("-", " ")) for phrase in sorted(phrases, key=len, reverse=True))


def _meanings(table: Mapping[str, Phrases]) -> dict[str, str]:
    return {phrase.replace("-", " "): value for value, phrases in table.items() for phrase in phrases}


_PHRASES: Final[Mapping[str, dict[str, str]]] = {
    "shape": {written: shape for noun, shape in _meanings(NOUNS).items() for written in (noun, _plural(noun))},
    "colour": _meanings(COLOUR_WORDS),
    "size": _meanings(SIZE_WORDS),
    "fill": _meanings(FILL_WORDS),
    "count": _meanings({**COUNT_WORDS, "one": COUNT_WORDS["one"][1:]}),
}
_SIDE_OF: Final = _meanings(SIDES)

_A_COLOUR: Final = f"({_alternatives(_PHRASES['colour'])})"
_A_GROUND: Final = f"(?:{_alternatives(GROUND_NOUNS)})"
_PLAIN: Final = f"(?:(?:{_alternatives(word.strip() for word in PLAIN_WORDS if word)}) )?"
_GROUNDS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b{_A_COLOUR} to {_A_COLOUR}(?: gradient)?(?: {_A_GROUND})?\b",
        rf"\b{_PLAIN}{_A_COLOUR} {_A_GROUND}\b",
        rf"\b{_A_GROUND} is {_A_COLOUR}\b",
        rf"\b(?:{_alternatives(ON)}) (?:an? |the )?{_PLAIN}{_A_COLOUR}\b",
    )
)


def _without_ground(text: str) -> tuple[str, str | None, str | None]:
    """A text with the ground cut out of it, and the ground's colours."""
    meanings = _PHRASES["colour"]
    for pattern in _GROUNDS:
        match = pattern.search(text)
        if match:
            colours = [meanings[colour] for colour in match.groups()]
            return f"{text[: match.start()]};{text[match.end() :]}", colours[0], colours[1] if colours[1:] else None
    return text, None, None


def _only(attribute: str, text: str) -> str | None:
    """The value of the first phrase in the text that belongs to an attribute."""
    meanings = _PHRASES[attribute]
    match = re.search(rf"\b(?:{_alternatives(meanings)})\b", text)
    return meanings[match.group()] if match else None


def _parsed_place(text: str) -> str | None:
    sides = {_SIDE_OF[side] for side in re.findall(rf"\b(?:{_alternatives(_SIDE_OF)})\b", text)}
    row = next((side for side in ("top", "bottom") if side in sides), None)
    column = next((side for side in ("left", "right") if side in sides), None)
    if row or column:
        return " ".join(filter(None, (row, column)))
    return "center" if "center" in sides or re.search(r"\bcente?re?d\b", text) else None
