"""How a value became another, in few words: of texts the words that changed, of lists and objects what is in them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, Final

from wftools.diff.changes import Absent, Endpoint
from wftools.diff.compare import same
from wftools.diff.story.pieces import Piece, Pieces, joined, said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.diff.changes import FactValue

SHORT: Final = 48  # characters of a value that is shown whole
_WHOLE_NAME: Final = 80  # the same of one without blanks: the name of a file
_CONTEXT: Final = 7  # words, blanks and marks around what changed
_SPOTS: Final = 3  # changes that are shown of a text, a list or an object
_MAX_WORD: Final = 90  # characters of a run of words that came or went
_MAX_WORDS: Final = 4000  # of texts that are compared word by word; longer ones are compared by lines first

_WORD: Final = re.compile(r"\s+|\w+|[^\w\s]")
_LINE_END: Final = re.compile(r"[^\S\n]*\r?\n")
_NAME_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SECRET_WORDS: Final = frozenset({"key", "apikey", "token", "secret", "password", "passwd", "passphrase"})
_SECRET_VALUE: Final = re.compile(
    r"\b(sk-|hf_|ghp_|gho_|github_pat_|glpat-|xox[abp]-|AKIA|AIza|r8_)[\w-]{12,}"
    r"|[?&](\w*_)?(api_?key|key|token|secret|password|signature|sig)=[^&\s]{6,}"
    r"|://[^/\s:@]+:[^/\s@]+@",
    re.IGNORECASE,
)
_PLAIN: Final = re.compile(r"[^\s\"'][^\"\n]*[^\s\"',:]|[^\s\"']")

REDACTED: Final = "(redacted)"


def is_secret(name: str, value: object = None) -> bool:
    """Whether a value is not to be published: its name says so, or it looks like the key of a service, or has one."""
    if {word.lower() for word in _NAME_WORD.findall(name)} & _SECRET_WORDS:
        return True
    if isinstance(value, dict):
        return any(is_secret(str(key), each) for key, each in value.items())
    if isinstance(value, list):
        return any(is_secret("", each) for each in value)
    return isinstance(value, str) and _SECRET_VALUE.search(value) is not None


def redacted(name: str, value: FactValue) -> FactValue:
    """A value in which what is secret is replaced by a word."""
    if isinstance(value, Absent) or not is_secret(name, value):
        return value
    if isinstance(value, dict) and not is_secret(name):
        return {key: redacted(key, each) for key, each in value.items()}  # type: ignore[misc]
    if isinstance(value, list) and not is_secret(name):
        return [redacted("", each) for each in value]  # type: ignore[misc]
    return REDACTED


@dataclass(frozen=True)
class Telling:
    """How much of values is told: `is_full`, all of it; `redacts`, nothing that is secret."""

    is_full: bool = False
    redacts: bool = False

    def change(self, name: str, old: FactValue, new: FactValue) -> Pieces:
        """`20 → 30`; of what is long, the parts that changed."""
        if self.redacts and (is_secret(name, old) or is_secret(name, new)):
            old, new = redacted(name, old), redacted(name, new)
            if same(old, new) or REDACTED in (old, new):
                return said(Piece(REDACTED, "quiet"))
        if isinstance(old, str) and isinstance(new, str) and (is_long(old) or is_long(new)):
            return self.words(old, new)
        if isinstance(old, list | dict) and isinstance(new, list | dict) and type(old) is type(new):
            if all(len(_spelled(each)) <= SHORT for each in (old, new)):
                return said(Piece(_spelled(old), "old"), " → ", Piece(_spelled(new), "new"))
            return self._inside(name, old, new)
        return said(Piece(self.shown(name, old), "old"), " → ", Piece(self.shown(name, new), "new"))

    def shown(self, name: str, value: FactValue) -> str:
        """A value on its own, cut if it is long."""
        value = redacted(name, value) if self.redacts else value
        text = _spelled(value if self.is_full else _on_one_line(value))
        most = SHORT if any(map(str.isspace, text)) else _WHOLE_NAME
        return text if self.is_full or len(text) <= most else f"{text[: most - 1]}…"

    def words(self, old: str, new: str) -> Pieces:
        """The words of a text that changed, with some around them."""
        runs = [*_runs(old, new)]
        kept = sum(len(before) for kind, before, _ in runs if kind == "equal")
        if not self.is_full and kept * 4 < max(len(old), len(new)):  # another text
            return said(Piece(self.shown("", old), "old"), " → ", Piece(self.shown("", new), "new"))
        most = len(runs) if self.is_full else _SPOTS
        changed = 0
        told: list[Piece] = []
        for index, (kind, before, after) in enumerate(runs):
            if kind == "replace":
                changed += 1
                if changed <= most:
                    told += [Piece(self._cut(before), "deleted")] if before else []
                    told += [Piece(self._cut(after), "inserted")] if after else []
            elif changed <= most:
                is_last = index == len(runs) - 1 or changed == most
                told.append(Piece(before if self.is_full else _around(before, is_first=index == 0, is_last=is_last)))
        if changed > most:
            rest = changed - most
            told.append(Piece(f" and {rest} more place" + ("s" if rest > 1 else ""), "quiet"))
        return tuple(told) if self.is_full else tuple(Piece(_on_one_line(text), role) for text, role in told)

    def _cut(self, text: str) -> str:
        return text if self.is_full or len(text) <= _MAX_WORD else f"{text[: _MAX_WORD - 1]}…"

    def _inside(self, name: str, old: Any, new: Any) -> Pieces:
        """What changed in a list or an object, by where it stands in it."""
        found = [*_differences(old, new, ())]
        told = [self._of_part(name, *each) for each in (found if self.is_full else found[:_SPOTS])]
        more = said(Piece(f" and {len(found) - len(told)} more", "quiet")) if len(found) > len(told) else ()
        return (*joined(told), *more)

    def _of_part(self, name: str, path: tuple[str, ...], old: FactValue, new: FactValue) -> Pieces:
        where = ".".join(path)
        owner = f"{name}.{where}"
        if isinstance(old, Absent):
            return said(Piece(f"+{where} ", "name"), Piece(self.shown(owner, new), "new"))
        if isinstance(new, Absent):
            return said(Piece(f"-{where} ", "name"), Piece(self.shown(owner, old), "old"))
        return said(Piece(f"{where} ", "name"), self.change(owner, old, new))

    def is_hidden(self, name: str, value: FactValue) -> bool:
        """Whether a value is not to be told."""
        return self.redacts and is_secret(name, value)


def _on_one_line(value: Any) -> Any:
    """A text with a sign for each end of a line."""
    return _LINE_END.sub("↵", value) if isinstance(value, str) else value


def is_long(text: str) -> bool:
    """Whether a text is told by the words that changed in it."""
    return len(text) > SHORT or "\n" in text


def _spelled(value: FactValue) -> str:
    """A value as a person reads it: JSON, but without quotes where nothing is lost by that."""
    if isinstance(value, Absent):
        return "none"
    if isinstance(value, Endpoint):
        return f"#{value.node}.{value.output}"
    if isinstance(value, str):
        is_plain = _PLAIN.fullmatch(value) is not None and value not in ("true", "false", "null", "none")
        return value if is_plain and not _is_number(value) else json.dumps(value, ensure_ascii=False)
    return json.dumps(value, ensure_ascii=False)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _runs(old: str, new: str) -> Iterator[tuple[str, str, str]]:
    """Equal and changed runs of words: (kind, old text, new text), where no two changed ones stand side by side."""
    mine, theirs = _WORD.findall(old), _WORD.findall(new)
    if len(mine) + len(theirs) > _MAX_WORDS:
        mine, theirs = old.splitlines(keepends=True), new.splitlines(keepends=True)
    pending: tuple[str, str] = ("", "")
    for kind, a, b, c, d in SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes():
        before, after = "".join(mine[a:b]), "".join(theirs[c:d])
        if kind == "equal" and before.strip():
            if any(pending):
                yield "replace", *pending
                pending = "", ""
            yield "equal", before, after
        else:  # a blank between two changed words is part of one change
            pending = pending[0] + before, pending[1] + after
    if any(pending):
        yield "replace", *pending


def _around(text: str, *, is_first: bool, is_last: bool) -> str:
    """What is shown of an unchanged run: its end leads to the next change, its start follows the one before."""
    words = _WORD.findall(text)
    head, tail = "".join(words[:_CONTEXT]), "".join(words[-_CONTEXT:])
    if is_first:
        return text if len(words) <= _CONTEXT else f"…{tail.lstrip()}"
    if is_last:
        return text if len(words) <= _CONTEXT else f"{head.rstrip()}…"
    return text if len(words) <= 2 * _CONTEXT else f"{head} … {tail}"


def _differences(old: Any, new: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], FactValue, FactValue]]:
    """The parts of two values that differ, with where they stand."""
    absent = Absent()
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*old, *new)):
            yield from _differences(old.get(key, absent), new.get(key, absent), (*path, str(key)))
    elif isinstance(old, list) and isinstance(new, list):
        mine, theirs = ([json.dumps(each, sort_keys=True) for each in items] for items in (old, new))
        for kind, a, b, c, d in SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes():
            if kind != "equal":
                both = min(b - a, d - c)
                for offset in range(both):
                    yield from _differences(old[a + offset], new[c + offset], (*path, str(a + offset)))
                yield from (((*path, str(at)), old[at], absent) for at in range(a + both, b))
                yield from (((*path, str(at)), absent, new[at]) for at in range(c + both, d))
    elif isinstance(old, Absent) or isinstance(new, Absent) or not same(old, new):
        yield path or ("value",), old, new
