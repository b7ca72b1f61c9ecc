"""Nodes for the texts of data sets. Each gives a list that holds one text, as a single value: so ComfyUI has it."""

from typing import Annotated, Any, cast

from wftools.catalog.declare import STRING, Int, Socket, String, node
from wftools.texts import joined, replaced

Text = Annotated[str, String()]
Texts = Annotated[list[Any], Socket("STRING")]


def _text(given: object) -> str:
    """The text that a node was given. Raises RunError for the list that another node of this kind gives."""
    return joined((given,), "")


@node(
    "AddTextPrefix",
    category="text",
    display_name="Add Text Prefix (DEPRECATED)",
    outputs=("texts",),
    deprecated=True,
    experimental=True,
)
def add_text_prefix(*, texts: STRING, prefix: Text = "") -> Texts:
    """A text with another one before it."""
    return [joined((prefix, texts), "")]


@node(
    "AddTextSuffix",
    category="text",
    display_name="Add Text Suffix (DEPRECATED)",
    outputs=("texts",),
    deprecated=True,
    experimental=True,
)
def add_text_suffix(*, texts: STRING, suffix: Text = "") -> Texts:
    """A text with another one behind it."""
    return [joined((texts, suffix), "")]


@node(
    "ReplaceText",
    category="text",
    display_name="Replace Text (DEPRECATED)",
    outputs=("texts",),
    deprecated=True,
    experimental=True,
)
def replace_text(*, texts: STRING, find: Text = "", replace: Text = "") -> Texts:
    """A text with one passage in place of another, wherever that stands."""
    return [replaced(_text(texts), find, replace)]


@node(
    "StripWhitespace",
    category="text",
    display_name="Strip Whitespace (DEPRECATED)",
    outputs=("texts",),
    deprecated=True,
    experimental=True,
)
def strip_whitespace(*, texts: STRING) -> Texts:
    """A text without white space at its ends."""
    return [_text(texts).strip()]


@node(
    "TextToLowercase",
    category="text",
    display_name="Convert Text to Lowercase (DEPRECATED)",
    outputs=("texts",),
    deprecated=True,
    experimental=True,
)
def text_to_lowercase(*, texts: STRING) -> Texts:
    """A text in small letters."""
    return [_text(texts).lower()]


@node(
    "TextToUppercase",
    category="text",
    display_name="Convert Text to Uppercase (DEPRECATED)",
    outputs=("texts",),
    deprecated=True,
    experimental=True,
)
def text_to_uppercase(*, texts: STRING) -> Texts:
    """A text in capitals."""
    return [_text(texts).upper()]


@node("TruncateText", category="text", display_name="Truncate Text", outputs=("texts",), experimental=True)
def truncate_text(*, texts: STRING, max_length: Annotated[int, Int(1, 10000)] = 77) -> Texts:
    """The first characters of a text."""
    return [_text(texts)[:max_length]]


@node(
    "MergeTextLists",
    category="text",
    display_name="Merge Text Lists (DEPRECATED)",
    is_input_list=True,
    outputs=("texts",),
    deprecated=True,
    experimental=True,
)
def merge_text_lists(*, texts: STRING) -> Texts:
    """All texts as one value."""
    return [cast("list[Any]", texts)]
