"""What the editor does to values when a workflow is queued: comments and choices in prompts, names in file names.

    a {red|green} fox // not too large      ->  a green fox
    %date:yyyy-MM-dd%/%KSampler.seed%       ->  2026-11-24/42

The values of an API prompt have been through this. Observed in frontend 1.58.1.
"""

from __future__ import annotations

import random
import re
from dataclasses import replace
from datetime import datetime
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

from wftools.catalog.expand import expand
from wftools.catalog.literals import WRAPPED, literal
from wftools.catalog.signature import KEPT
from wftools.errors import LimitError
from wftools.graph.model import Literal
from wftools.graph.widget_values import added
from wftools.graph.widget_values.spelling import as_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wftools.catalog.signature import Input, NodeSignature
    from wftools.graph.model import Given, Node, View

# The save nodes whose `filename_prefix` the editor fills in.
SAVE_TYPES: Final = frozenset(
    {
        "SaveImage",
        "SaveVideo",
        "SaveAnimatedWEBP",
        "SaveWEBM",
        "SaveAudio",
        "SaveGLB",
        "SaveAnimatedPNG",
        "CLIPSave",
        "VAESave",
        "ModelSave",
        "LoraSave",
        "SaveLatent",
    }
)
_SAVING_PACKS: Final = frozenset({"ComfyUI-VideoHelperSuite", "ComfyUI-KJNodes"})  # whose scripts do the same
CURVE: Final = "CURVE"  # the type of widget whose values are marked in prompts
MAX_DEPTH: Final = 100  # of choices in choices
MAX_NAME: Final = 2**20  # characters of a file name that is filled in; no system takes more than a few hundred

_COMMENT: Final = re.compile(r"/\*.*?\*/|//[^\n\r\u2028\u2029]*", re.DOTALL)
_PLAIN: Final = re.compile(r"[^\\{|}]+")
_ESCAPED: Final = re.compile(r"\\([{}|])")
_PLACE: Final = re.compile(r"%([^%]+)%")
_FORBIDDEN: Final = re.compile(r'[/?<>\\:*|"\x00-\x1f\x7f]')
_DATE_PART: Final = re.compile(r"d{1,2}|M{1,2}|h{1,2}|m{1,2}|s{1,2}|yyyy|yyy|yy|y")


def as_queued(view: View, *, seed: int = 0, now: datetime | None = None) -> View:
    """The flattened view with values as the editor sends them. Choices in prompts are drawn from `seed`."""
    dice = random.Random(seed)
    names = _Names(view, now or datetime.now())
    return replace(view, nodes={path: _queued(node, dice, names) for path, node in view.nodes.items()})


def _queued(node: Node, dice: random.Random, names: _Names) -> Node:
    changed: dict[str, Given] = {}
    for declared in _changing(node):
        name = declared.name
        own = node.given.get(name)
        # The value of a promoted widget is sent as it is.
        if not isinstance(own, Literal) or name in node.promoted:
            continue
        if declared.options.get("dynamicPrompts") and isinstance(own.value, str):
            changed[name] = replace(own, value=resolved(own.value, dice))
        elif declared.type == CURVE and own.value is not None:
            changed[name] = replace(own, value={"__type__": CURVE, WRAPPED: literal(own.value)})
    changed |= _by_scripts(node)
    prefix = node.given.get("filename_prefix")
    if _fills_in_names(node) and isinstance(prefix, Literal) and isinstance(prefix.value, str):
        changed["filename_prefix"] = replace(prefix, value=names.filled_in(prefix.value))
    return replace(node, given={**node.given, **changed}) if changed else node


def _by_scripts(node: Node) -> dict[str, Given]:
    """What the scripts of packs make of the values of a node that they show, but do not send as they are."""
    if node.ui is None or node.type not in _SHOWN_OTHERWISE:
        return {}
    changed: dict[str, Given] = {}
    is_single = (node.ui.properties or {}).get("Show Strengths") == "Single Strength"
    for name, each in node.given.items():
        if not isinstance(each, Literal):
            continue
        value = literal(each.value)
        if node.type == "Display Any (rgthree)" and name == "output":
            changed[name] = replace(each, value="")
        elif name == added.COMPARED and isinstance(value, list):
            changed[name] = replace(each, value={"images": value})
        elif name.startswith("lora_") and isinstance(value, dict) and is_single:
            changed[name] = replace(each, value={key: part for key, part in value.items() if key != "strengthTwo"})
    return changed


_SHOWN_OTHERWISE: Final = frozenset({"Display Any (rgthree)", added.IMAGE_COMPARER, added.POWER_LORA_LOADER})


def _fills_in_names(node: Node) -> bool:
    """Whether the script of a save node replaces what stands in its `filename_prefix`."""
    if node.type in SAVE_TYPES:
        return True
    return node.signature is not None and node.ui is not None and node.signature.pack in _SAVING_PACKS


def _changing(node: Node) -> Iterable[Input]:
    """The inputs of a node whose values are not sent as they are; none for an unknown type."""
    signature = node.signature
    if signature is None or node.ui is None:
        return ()
    if signature.is_static:
        return _changing_of(signature)
    declared = expand(signature, node.values)
    return filter(_is_changing, declared.values())


@lru_cache(maxsize=KEPT)
def _changing_of(signature: NodeSignature) -> tuple[Input, ...]:
    return tuple(filter(_is_changing, signature.inputs))


def _is_changing(declared: Input) -> bool:
    return bool(declared.options.get("dynamicPrompts")) or declared.type == CURVE


def resolved(text: str, dice: random.Random) -> str:
    r"""A prompt without its comments, and with one of each `{choice|of|several}`; `\\{` stands for the brace itself.

    A comment starts with `//` wherever it stands, in an address as well: so does the editor.
    """
    return _ESCAPED.sub(r"\1", _Choices(_COMMENT.sub("", text), dice).text())


class _Choices:
    """Reads a text with choices in braces, which may stand in each other."""

    def __init__(self, source: str, dice: random.Random) -> None:
        self._source = source
        self._dice = dice
        self._at = 0

    def text(self) -> str:
        parts: list[str] = []
        while self._at < len(self._source):
            parts.append(self._choice(1) if self._source[self._at] == "{" else self._piece())
        return "".join(parts)

    def _choice(self, depth: int) -> str:
        """From an opening brace to its closing one, or to the end of the text."""
        self._at += 1
        options: list[list[str]] = [[]]
        while self._at < len(self._source):
            character = self._source[self._at]
            if character == "}":
                self._at += 1
                break
            if character == "|":
                self._at += 1
                options.append([])
            elif character == "{" and depth < MAX_DEPTH:
                options[-1].append(self._choice(depth + 1))
            else:
                options[-1].append(self._piece())
        return "".join(self._dice.choice(options))

    def _piece(self) -> str:
        """Text up to the next character that may mean something, or that one; a backslash keeps the next with it."""
        plain = _PLAIN.match(self._source, self._at)
        if plain is not None:
            self._at = plain.end()
            return plain.group()
        width = 2 if self._source[self._at] == "\\" else 1
        taken = self._source[self._at : self._at + width]
        self._at += width
        return taken


class _Names:
    """Fills in what file names take from the workflow: `%date:yyyy%` and `%node.widget%`."""

    def __init__(self, view: View, now: datetime) -> None:
        self._view = view
        self._now = now

    def filled_in(self, text: str) -> str:
        """What is not known stays as it is: the server fills in %width% and the like.

        Raises LimitError for a name of more than MAX_NAME characters: a long text may be asked for many times.
        """
        length = len(text)

        def value(match: re.Match[str]) -> str:
            nonlocal length
            filled = self._value(match.group(1), match.group(0))
            length += len(filled) - len(match.group(0))
            if length > MAX_NAME:
                raise LimitError(f"a file name has more than {MAX_NAME:,} characters once it is filled in")
            return filled

        return _PLACE.sub(value, text)

    def _value(self, name: str, otherwise: str) -> str:
        if name.startswith("date:"):
            return date_text(self._now, name.removeprefix("date:"))
        node, separator, widget = name.partition(".")
        given = self._named[node].given.get(widget) if separator and node in self._named else None
        return _FORBIDDEN.sub("_", as_text(given.value)) if isinstance(given, Literal) else otherwise

    @cached_property
    def _named(self) -> Mapping[str, Node]:
        """The first node of each name for search and replace, or else of each title."""
        found: dict[str, Node] = {}
        for node in self._view.nodes.values():
            properties = node.ui.properties if node.ui is not None else None
            name = (properties or {}).get("Node name for S&R")
            if isinstance(name, str):
                found.setdefault(name, node)
        for node in self._view.nodes.values():
            if node.title is not None:
                found.setdefault(node.title, node)
        return found


def date_text(moment: datetime, pattern: str) -> str:
    """A date in the editor's letters: yyyy yy MM M dd d hh h mm m ss s."""
    numbers: Mapping[str, int] = {
        "d": moment.day,
        "M": moment.month,
        "h": moment.hour,
        "m": moment.minute,
        "s": moment.second,
    }

    def part(match: re.Match[str]) -> str:
        letters = match.group()
        if letters[0] == "y":
            return str(moment.year)[-len(letters) :] if len(letters) < 4 else str(moment.year)
        return str(numbers[letters[0]]).rjust(len(letters), "0")

    return _DATE_PART.sub(part, pattern)
