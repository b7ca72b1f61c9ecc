"""What a merge decides: the vocabulary that reports, records, drivers and tests read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from wftools.diff.changes import ABSENT

if TYPE_CHECKING:
    from wftools.diff.changes import Content, Endpoint, FactValue, Key, Subject
    from wftools.document import Document
    from wftools.values import Json

SideName: TypeAlias = Literal["base", "ours", "theirs"]
SIDES: Final[tuple[SideName, ...]] = ("base", "ours", "theirs")
Favor: TypeAlias = Literal["ours", "theirs", "union"]
"""Whose value is taken where the two sides disagree, so that nothing is left to be resolved. union: what both added or
kept, and of two values ours.
"""

ConflictKind: TypeAlias = Literal[
    "widget",  # two values of a widget, or two texts of which lines clash
    "link",  # two sources of an input
    "insert",  # two chains of nodes put in between on the same link
    "title",
    "mode",
    "property",
    "model",
    "type",  # two types of a node, or a link that does not fit the type of its node any more
    "delete/edit",
    "delete/use",
    "io",  # inputs and outputs of a subgraph
    "group",
    "field",  # anything else: a key that no model knows
    "cycle",  # links of both sides that are well alone and go round together
    "graph",  # two workflows that could not be made into one
]


@dataclass(frozen=True)
class Use:
    """That an input, or an output of a subgraph (key `("link",)`), is linked to something."""

    subject: Subject
    key: Key
    source: Endpoint


@dataclass(frozen=True)
class Whole:
    """What is there or not as one, with the links to and from it: a node; a subgraph definition and its instances."""

    parts: tuple[tuple[Subject, Content], ...]
    uses: tuple[Use, ...] = ()


Value: TypeAlias = "FactValue | Whole"


@dataclass(frozen=True)
class Three:
    """What each version says of one thing. ABSENT is what a version lacks."""

    base: Value = ABSENT
    ours: Value = ABSENT
    theirs: Value = ABSENT

    def of(self, side: SideName) -> Value:
        """What one version says."""
        return {"base": self.base, "ours": self.ours, "theirs": self.theirs}[side]


@dataclass(frozen=True)
class Labels:
    """What the three versions are called where people read it: `main`, `feature` …"""

    base: str = "base"
    ours: str = "ours"
    theirs: str = "theirs"


@dataclass(frozen=True)
class Conflict:
    """One thing of which the two sides want different things, and what stands in the file meanwhile.

    Values are facts; under an empty key they are Wholes, of what is there or not.
    """

    id: str
    kind: ConflictKind
    subject: Subject  # as the merged document calls it
    key: Key
    values: Three
    chosen: SideName = "ours"
    labels: Labels = field(default_factory=Labels)


Wish: TypeAlias = Literal["base", "ours", "theirs", "both"]
WISHES: Final[tuple[Wish, ...]] = (*SIDES, "both")


@dataclass(frozen=True)
class Take:
    """What a conflict comes to: what a version has, both (for nodes put in between on one link), or another value."""

    wish: Wish | None = None
    value: Json = None


Action: TypeAlias = Literal["ours", "theirs", "both", "combined", "note", "favored", "conflict"]
"""What became of a fact. ours, theirs: only that side changed it; both: both did the same; combined: two changes made
into one; note: the two differ, and it matters so little that ours was taken; favored: they differ, and it was said
beforehand what to take; conflict: somebody has to confirm.
"""


@dataclass(frozen=True)
class Decision:
    """What became of one fact, or of one subject (under an empty key), that a side changed."""

    subject: Subject  # as changes of base call it
    key: Key
    action: Action
    values: Three
    note: str = ""  # what a person should know of it
    conflict: Conflict | None = None


@dataclass(frozen=True)
class Merged:
    """The result of a merge."""

    document: Document
    decisions: tuple[Decision, ...] = ()
    conflicts: tuple[Conflict, ...] = ()  # all that stand in the record of the document

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know although nothing has to be confirmed."""
        return tuple(decision.note for decision in self.decisions if decision.note)

    @property
    def exit_status(self) -> int:
        """0 for a clean merge, 1 if something has to be resolved."""
        return CONFLICTS if self.conflicts else CLEAN


CLEAN: Final = 0
CONFLICTS: Final = 1
