"""Texts as nodes change them: Python's own means, with limits, since patterns and templates come from strangers."""

from __future__ import annotations

import json
import re
import string
from typing import TYPE_CHECKING, Any, Final

from wftools.errors import LimitError, RunError, shown
from wftools.memory import make_room

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MAX_PADDING: Final = 100_000  # characters that a format may fill up to
MAX_DIGITS: Final = 9  # of a number that are looked at
BYTES: Final = 4  # of a character, at most
TOO_LONG: Final = "use shorter texts"

_NUMBERS: Final = re.compile(r"\d+")


class _Formatter(string.Formatter):
    """Python's own, but that no template reads what is private, or fills memory with blanks."""

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        if "._" in field_name or "[_" in field_name:
            raise RunError(f"the template reads {shown(field_name)}, which is private", hint="name a value alone: {a}")
        return super().get_field(field_name, args, kwargs)

    def format_field(self, value: Any, format_spec: str) -> Any:
        if any(int(number[:MAX_DIGITS]) > MAX_PADDING for number in _NUMBERS.findall(format_spec)):
            raise LimitError(f"the template fills up to more than {MAX_PADDING:,} characters")
        return super().format_field(value, format_spec)


def formatted(template: str, values: Mapping[str, Any]) -> str:
    """A template with values in their places. Raises RunError for one that Python cannot fill."""
    try:
        return _Formatter().vformat(template, (), values)
    except KeyError as error:
        raise RunError(
            f"the template names {error}, which is not connected",
            hint=f"there is {', '.join(values) or 'nothing'}; write {{{{ and }}}} for braces themselves",
        ) from error
    except (IndexError, ValueError, TypeError, AttributeError) as error:
        raise RunError(
            f"the template cannot be filled: {error}", hint="write {{ and }} for braces themselves"
        ) from error


def joined(texts: Sequence[object], delimiter: str) -> str:
    """Texts as one. Raises RunError for what is none, which a node that gives lists may have put there."""
    for text in texts:
        if not isinstance(text, str):
            raise RunError(f"a text is needed, and a {type(text).__name__} was given: {shown(text)}")
    make_room(
        "the text", sum(len(str(text)) for text in texts) + len(delimiter) * len(texts), item=BYTES, hint=TOO_LONG
    )
    return delimiter.join(str(text) for text in texts)


def replaced(text: str, old: str, new: str) -> str:
    """A text with `new` wherever `old` stood."""
    make_room("the text", len(text) + text.count(old) * len(new), item=BYTES, hint=TOO_LONG)
    return text.replace(old, new)


def matches(pattern: str, text: str, flags: int) -> Iterator[re.Match[str]]:
    """Every place where a regular expression fits; none for one that is malformed."""
    try:
        compiled = re.compile(pattern, flags)
    except (re.error, OverflowError, RecursionError):
        return iter(())
    return compiled.finditer(text)


EXTRACTS: Final = ("First Match", "All Matches", "First Group", "All Groups")


def extracted(found: Iterator[re.Match[str]], what: str, group: int) -> str:
    """What of the matches is asked for, in the words of RegexExtract; several on lines of their own.

    All matches of an expression with groups are those of its first group.
    """
    if what == "First Match":
        return next((match.group() for match in found), "")
    if what == "All Matches":
        return "\n".join((match.group(1) or "") if match.re.groups else match.group() for match in found)
    if what == "First Group":
        first = next(found, None)
        return "" if first is None or first.re.groups < group else first.group(group) or ""
    texts = (match.group(group) for match in found if match.re.groups and match.re.groups >= group)
    return "\n".join(text for text in texts if text is not None)


def substituted(pattern: str, new: str, text: str, count: int, flags: int) -> str:
    """A text with `new` wherever a regular expression fits. Raises RunError for one that is malformed."""
    try:
        compiled = re.compile(pattern, flags)
        places = sum(1 for _ in compiled.finditer(text))
        make_room("the text", len(text) + places * len(new), item=BYTES, hint=TOO_LONG)
        return compiled.sub(new, text, count=count)
    except (re.error, IndexError, OverflowError) as error:
        raise RunError(f"the regular expression {shown(pattern)} cannot be used: {error}") from error


def first_object(text: str) -> Mapping[str, Any]:
    """The first JSON object in a text, wherever it stands; an empty one if there is none."""
    decoder = json.JSONDecoder()
    for brace in re.finditer(r"\{", text):
        try:
            found, _ = decoder.raw_decode(text, brace.start())
        except (json.JSONDecodeError, RecursionError):
            continue
        return found if isinstance(found, dict) else {}
    return {}
