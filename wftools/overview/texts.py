"""Texts through links: prompts that are joined, filled in or carried by nodes on their way to an encoder."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from wftools.errors import WftoolsError
from wftools.graph.model import Linked, Literal
from wftools.overview.model import From
from wftools.overview.ways import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from wftools.graph.model import Given, Node, NodePath
    from wftools.overview.model import Told
    from wftools.overview.ways import Ways

MAX_DEPTH: Final = 60  # of nodes that join what others have joined
MAX_TEXT: Final = 2**17  # characters: texts that are joined with themselves double at each node

POPULATED: Final = "populated_text"  # what a server made of a text with wildcards, before it ran
_CHOOSER: Final = re.compile(r"insert_|select to add", re.IGNORECASE)
"""What only helps to write a text in the editor."""

_DELIMITERS: Final = ("delimiter", "separator", "join_with", "seperator")


class Texts:
    """The texts that the nodes of a view make."""

    def __init__(self, ways: Ways) -> None:
        self._ways = ways
        self._known: dict[tuple[NodePath, int], Told] = {}

    def told(self, given: Given, depth: int = 0) -> Told:
        """The text that an input is given: as written, or as nodes put it together; else the node that makes it."""
        if isinstance(given, Literal):
            return given.value if isinstance(given.value, str) else self._ways.value(given)
        key = given.source, given.slot
        if key not in self._known:
            node = self._ways.nodes.get(given.source)
            made_here = From(self._ways.place(given.source))
            self._known[key] = made_here  # where a node waits for itself
            made = self._made(node, given.slot, depth + 1) if node is not None and depth < MAX_DEPTH else made_here
            self._known[key] = made if not isinstance(made, str) or len(made) <= MAX_TEXT else made_here
        return self._known[key]

    def inputs(self, node: Node) -> list[str]:
        """The inputs of a node that are texts: no choices, and no numbers."""
        ways, found = self._ways, []
        for name, given in node.given.items():
            kind = ways.type_of(node, name)
            declared = ways.declared(node).get(name)
            if kind == "STRING" or ("STRING" in kind.split(",")) or (declared is None and _is_text(given)):
                found.append(name)
        return found

    def _made(self, node: Node, slot: int, depth: int) -> Told:
        """What an output of a node is, if it is a text that can be told without running it."""
        ways = self._ways
        chosen = ways.chosen(node)
        if chosen is not None:
            return self.told(node.given[chosen], depth)
        own = _OPERATIONS.get(node.type)
        if own is not None:
            return self._computed(node, own, depth)
        names = self.inputs(node)
        if POPULATED in names:
            return self.told(node.given[POPULATED], depth)
        delimiter = next((name for name in names if name.lower() in _DELIMITERS), None)
        delimiter = delimiter or next((name for name in node.given if name.lower() in _DELIMITERS), None)
        parts = [name for name in names if name != delimiter]
        if delimiter is not None and parts:
            return self._joined(node, parts, delimiter, depth)
        wanted = plain(ways.output(node.path, slot)[0])
        named = [name for name in parts if plain(name) == wanted or wanted in name.lower().split("_")]
        if len(named) != 1 and len(parts) != 1:
            carried = ways.carried(node, slot)
            return self.told(carried, depth) if carried is not None else From(ways.place(node.path))
        name = named[0] if len(named) == 1 else parts[0]
        text = self.told(node.given[name], depth)
        if self._only_carries(node, names):
            return text
        return From(
            ways.place(node.path), text if isinstance(text, str) else text.text if isinstance(text, From) else None
        )

    def _only_carries(self, node: Node, texts: Iterable[str]) -> bool:
        """Whether nothing that a node is given could change its texts: no choice, no seed, no model or picture."""
        ways = self._ways
        others = [name for name in node.given if name not in texts and not _CHOOSER.match(name)]
        return all(ways.type_of(node, name) in ("INT", "FLOAT", "BOOLEAN") and "seed" not in name for name in others)

    def _joined(self, node: Node, parts: Iterable[str], delimiter: str, depth: int) -> Told:
        between = self._ways.value(node.given[delimiter])
        texts = [self.told(node.given[name], depth) for name in parts]
        if isinstance(between, From) or any(isinstance(text, From) for text in texts):
            said = [text if isinstance(text, str) else text.text for text in texts if isinstance(text, str | From)]
            return From(self._ways.place(node.path), "\n".join(filter(None, said)) or None)
        cleaned = str(node.values.get("clean_whitespace", "")).lower() == "true"
        spelled = [str(text).strip() if cleaned else str(text) for text in texts]
        if node.signature is not None and node.signature.origin is not None:  # packs write line ends as letters
            between = str(between).replace("\\n", "\n")
            spelled = [text for text in spelled if text]
        return str(between).join(spelled)

    def _computed(self, node: Node, operation: Callable[[Mapping[str, Any]], str], depth: int) -> Told:
        values = {name: self.told(given, depth) for name, given in node.given.items()}
        unknown = next((value for value in values.values() if isinstance(value, From)), None)
        if unknown is None:
            try:
                return operation(values)
            except (KeyError, TypeError, ValueError, WftoolsError):
                return From(self._ways.place(node.path))
        return replace(unknown, node=self._ways.place(node.path))


def _is_text(given: Given) -> bool:
    return not isinstance(given, Linked) and isinstance(given.value, str)


# ComfyUI's own nodes that change texts, where the change can be told.


def _formatted(values: Mapping[str, Any]) -> str:
    from wftools.texts import formatted

    named = {name.partition(".")[2]: value for name, value in values.items() if name.startswith("values.")}
    return formatted(values["f_string"], named)


def _trimmed(values: Mapping[str, Any]) -> str:
    text: str = values["string"]
    return {"Left": text.lstrip, "Right": text.rstrip}.get(values["mode"], text.strip)()


def _cased(values: Mapping[str, Any]) -> str:
    text: str = values["string"]
    cases = {"UPPERCASE": text.upper, "lowercase": text.lower, "Capitalize": text.capitalize, "Title Case": text.title}
    return cases[values["mode"]]()


def _replaced(values: Mapping[str, Any]) -> str:
    from wftools.texts import replaced

    return replaced(values["string"], values["find"], values["replace"])


_OPERATIONS: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "StringFormat": _formatted,
    "StringReplace": _replaced,
    "StringTrim": _trimmed,
    "CaseConverter": _cased,
}
