"""Nodes of the category text."""

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

from wftools.catalog.declare import (
    ANY,
    ARRAY,
    BOOLEAN,
    DICT,
    INT,
    OPTIONAL,
    STRING,
    Int,
    Socket,
    String,
    choice,
    node,
)
from wftools.catalog.dynamic import Autogrow, DynamicCombo
from wftools.texts import EXTRACTS, extracted, first_object, formatted, joined, matches, replaced, substituted

LETTERS: Final = tuple("abcdefghijklmnopqrstuvwxyz")

Text = Annotated[str, String(multiline=True)]
Line = Annotated[str, String()]
Spaces = Annotated[int, Int(0, 8)]
Values = Annotated[Mapping[str, Any], Autogrow({"value": ANY}, names=LETTERS)]
Style = Annotated[
    Mapping[str, Any],
    DynamicCombo(
        {"none": {}, "photo": {"photo": String(default="")}, "art_style": {"art_style": String(default="")}},
    ),
]

_CASES: Final = {"UPPERCASE": str.upper, "lowercase": str.lower, "Capitalize": str.capitalize, "Title Case": str.title}
_TRIMS: Final = {"Both": str.strip, "Left": str.lstrip, "Right": str.rstrip}
_COMPARISONS: Final = ("Starts With", "Ends With", "Equal")


@node("StringFormat", category="text", display_name="Format Text")
def string_format(*, values: Values, f_string: Text = "{a}") -> STRING:
    """A text with values in the places that `{a}`, `{b:.2f}` … name, as Python's `format` puts them there."""
    return formatted(f_string, values)


@node("StringConcatenate", category="text", display_name="Concatenate Text")
def string_concatenate(*, string_a: Text, string_b: Text, delimiter: Line = "") -> STRING:
    """Two texts as one, with `delimiter` between them."""
    return joined((string_a, string_b), delimiter)


@node("StringSubstring", category="text", display_name="Substring")
def string_substring(*, string: Text, start: INT, end: INT) -> STRING:
    """The characters from `start` up to `end`; negative ones count from the end."""
    return string[start:end]


@node("StringLength", category="text", display_name="Text Length", outputs=("length",))
def string_length(*, string: Text) -> INT:
    """How many characters a text has."""
    return len(string)


@node("CaseConverter", category="text", display_name="Convert Text Case")
def case_converter(*, string: Text, mode: Annotated[str, choice(_CASES)]) -> STRING:
    """A text in capitals, in small letters, or with a capital at its beginning or that of each word."""
    return _CASES[mode](string)


@node("StringTrim", category="text", display_name="Trim Text")
def string_trim(*, string: Text, mode: Annotated[str, choice(_TRIMS)]) -> STRING:
    """A text without white space at its ends."""
    return _TRIMS[mode](string)


@node("StringReplace", category="text", display_name="Replace Text")
def string_replace(*, string: Text, find: Text, replace: Text) -> STRING:
    """A text with one passage in place of another, wherever that stands."""
    return replaced(string, find, replace)


@node("StringContains", category="text", display_name="Contains Text", outputs=("contains",))
def string_contains(*, string: Text, substring: Text, case_sensitive: BOOLEAN = True) -> BOOLEAN:
    """Whether a text has a passage."""
    return substring in string if case_sensitive else substring.lower() in string.lower()


@node("StringCompare", category="text", display_name="Compare Text")
def string_compare(
    *, string_a: Text, string_b: Text, mode: Annotated[str, choice(_COMPARISONS)], case_sensitive: BOOLEAN = True
) -> BOOLEAN:
    """Whether the first text is the second, or starts or ends with it."""
    if not case_sensitive:
        string_a, string_b = string_a.lower(), string_b.lower()
    if mode == "Equal":
        return string_a == string_b
    return string_a.startswith(string_b) if mode == "Starts With" else string_a.endswith(string_b)


@node("RegexMatch", category="text", display_name="Match Text", outputs=("matches",))
def regex_match(
    *,
    string: Text,
    regex_pattern: Text,
    case_insensitive: BOOLEAN = True,
    multiline: BOOLEAN = False,
    dotall: BOOLEAN = False,
) -> BOOLEAN:
    """Whether a regular expression is found in a text; one that is none is not."""
    return any(True for _ in matches(regex_pattern, string, _flags(case_insensitive, multiline, dotall)))


@node("RegexExtract", category="text", display_name="Extract Text")
def regex_extract(
    *,
    string: Text,
    regex_pattern: Text,
    mode: Annotated[str, choice(EXTRACTS)],
    case_insensitive: BOOLEAN = True,
    multiline: BOOLEAN = False,
    dotall: BOOLEAN = False,
    group_index: Annotated[int, Int(0, 100)] = 1,
) -> STRING:
    """What a regular expression finds in a text, or a group of it: the first, or all of them on lines of their own."""
    found = matches(regex_pattern, string, _flags(case_insensitive, multiline, dotall))
    return extracted(found, mode, group_index)


@node("RegexReplace", category="text", display_name="Replace Text (Regex)")
def regex_replace(
    *,
    string: Text,
    regex_pattern: Text,
    replace: Text,
    case_insensitive: Annotated[BOOLEAN, OPTIONAL] = True,
    multiline: Annotated[BOOLEAN, OPTIONAL] = False,
    dotall: Annotated[BOOLEAN, OPTIONAL] = False,
    count: Annotated[int, Int(0, 100), OPTIONAL] = 0,
) -> STRING:
    """A text with another passage in place of what a regular expression finds; at most `count` times, 0 is always."""
    return substituted(regex_pattern, replace, string, count, _flags(case_insensitive, multiline, dotall))


def _flags(case_insensitive: bool, multiline: bool, dotall: bool) -> int:
    chosen = zip((re.IGNORECASE, re.MULTILINE, re.DOTALL), (case_insensitive, multiline, dotall), strict=True)
    return sum(int(flag) for flag, is_on in chosen if is_on)


@node("JsonExtractString", category="text", display_name="Extract Text from JSON")
def json_extract_string(*, json_string: Text, key: Line) -> STRING:
    """The value of a key in the first JSON object of a text; nothing where there is none."""
    value = first_object(json_string).get(key)
    return "" if value is None else str(value)


@node("ConvertDictionaryToString", category="text", display_name="Convert Dictionary to String")
def convert_dictionary_to_string(*, dictionary: DICT, indent: Spaces = 2) -> STRING:
    """An object as JSON; on one line with an indentation of 0."""
    return json.dumps(dictionary, ensure_ascii=False, indent=indent or None)


@node("ConvertArrayToString", category="text", display_name="Convert Array to String")
def convert_array_to_string(*, array: ARRAY, indent: Spaces = 2) -> STRING:
    """A list as JSON; on one line with an indentation of 0."""
    return json.dumps(array, ensure_ascii=False, indent=indent or None)


@node(
    "BuildJsonPromptIdeogram",
    category="text",
    display_name="Build JSON Prompt (Ideogram)",
    outputs=("prompt",),
    experimental=True,
)
def build_json_prompt_ideogram(
    *,
    element: ARRAY,
    high_level_description: Text = "",
    background: Text = "",
    style: Style,
    aesthetics: Line = "",
    lighting: Line = "",
    medium: Line = "",
    color_palette: Annotated[Any, Socket("COLORS", {"default": []})],
) -> DICT:
    """A prompt as the object that Ideogram's model reads: description, style, background and elements."""
    caption: dict[str, Any] = {}
    if high_level_description.strip():
        caption["high_level_description"] = high_level_description
    kind = style["style"]
    if kind != "none":
        own = {"photo": style.get("photo", ""), "medium": medium}
        if kind == "art_style":
            own = {"medium": medium, "art_style": style.get("art_style", "")}
        caption["style_description"] = {"aesthetics": aesthetics, "lighting": lighting, **own}
        colors = color_palette.values() if isinstance(color_palette, Mapping) else color_palette
        if palette := [color.upper() for color in colors if isinstance(color, str) and color]:
            caption["style_description"]["color_palette"] = palette
    caption["compositional_deconstruction"] = {"background": background, "elements": element}
    return caption
