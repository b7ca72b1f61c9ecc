"""A rule: a module of `rules/`, whose file name gives its code and its name.

A rule module has a docstring (the first line is the summary, the rest the explanation), SEVERITY, READS (what it looks
at), `check`, and the examples BAD and GOOD, which are its tests. MIRRORS names the server's error type, if it has one.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from wftools.plugins import Folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wftools.lint.examples import Example
    from wftools.lint.finding import Found, Severity
    from wftools.lint.subject import Reading, Subject

Reads = Literal["source", "api", "authored", "flat"]
SOURCE: Final = "source"  # the file: `check` is given a Reading
API: Final = "api"  # the tree of an API prompt
AUTHORED: Final = "authored"  # what the editor saved; UI workflows only
FLAT: Final = "flat"  # what the server would be given


class RuleModule(Protocol):
    """What a module of `rules/` has."""

    SEVERITY: Severity
    READS: Reads
    BAD: Sequence[Example]
    GOOD: Sequence[Example]

    def check(self, subject: Any, /) -> Iterable[Found]:
        """What the rule has to say: of a Reading if it reads the source, else of a Subject."""
        ...


RULES: Final[Folder[RuleModule]] = Folder("wftools.lint.rules")


@dataclass(frozen=True)
class Rule:
    """One rule, by the name of its module: `l204_dangling_link`."""

    module_name: str

    @property
    def code(self) -> str:
        """`L204`."""
        return self.module_name.partition("_")[0].upper()

    @property
    def name(self) -> str:
        """`dangling-link`."""
        return self.module_name.partition("_")[2].replace("_", "-")

    @cached_property
    def _module(self) -> RuleModule:
        return RULES.load(self.module_name)

    @property
    def severity(self) -> Severity:
        """What a finding of this rule is, unless it says otherwise."""
        return self._module.SEVERITY

    @property
    def reads(self) -> Reads:
        """What the rule looks at."""
        return self._module.READS

    @property
    def mirrors(self) -> str | None:
        """The error type of ComfyUI's server that this rule foresees."""
        return getattr(self._module, "MIRRORS", None)

    @property
    def summary(self) -> str:
        """One line: what it finds."""
        return self._doc.partition("\n")[0]

    @property
    def explanation(self) -> str:
        """Why it matters and what to do."""
        return self._doc.partition("\n")[2].strip()

    @property
    def bad(self) -> tuple[Example, ...]:
        """Examples that it finds something in."""
        return tuple(self._module.BAD)

    @property
    def good(self) -> tuple[Example, ...]:
        """Examples that it finds nothing in."""
        return tuple(self._module.GOOD)

    @property
    def _doc(self) -> str:
        return inspect.cleandoc(self._module.__doc__ or "")

    def check(self, subject: Subject | Reading) -> Iterable[Found]:
        """What the rule has to say of a subject; of a Reading, if it reads the source."""
        return self._module.check(subject)


def rules() -> tuple[Rule, ...]:
    """Every rule, by code."""
    return tuple(Rule(name) for name in RULES.names())
