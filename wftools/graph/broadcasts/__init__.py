"""Links that no file has: a node of cg-use-everywhere sends what it is given to all inputs that want it.

    Anything Everywhere ⇠ MODEL           every unlinked MODEL input gets it

The pack makes these links when a workflow is queued and takes them away again, and so do we: `made` gives the workflow
with them. Where the file has the pack's own record of them (`extra.ue_links`), that is followed, else the rules of its
version 7 are: `sending` says what is broadcast and to whom, `receiving` who may be. Each graph is looked at by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from wftools.graph.authored import Authored
    from wftools.graph.authored.scopes import AuthoredLink, AuthoredNode, Scope
    from wftools.graph.broadcasts.receiving import Receiver
    from wftools.graph.broadcasts.sending import Broadcast, Refused

QUERY: Final = "Anything Everywhere?"
PROMPTS: Final = "Prompts Everywhere"
SEED: Final = "Seed Everywhere"
BROADCASTERS: Final = frozenset({"Anything Everywhere", QUERY, "Anything Everywhere3", PROMPTS, SEED})


@dataclass(frozen=True, eq=False)
class Made:
    """A broadcast that became a link."""

    scope: Scope
    node: AuthoredNode  # the one that sends it
    receiver: Receiver
    link: AuthoredLink


@dataclass(frozen=True, eq=False)
class Unclear:
    """An input that gets nothing, since several broadcasts are meant for it alike."""

    scope: Scope
    receiver: Receiver
    broadcasts: tuple[Broadcast, ...]

    def __str__(self) -> str:
        """The input and the nodes, in words."""
        senders = " and ".join(str(each.node) for each in self.broadcasts)
        return f"nodes {senders} broadcast {self.broadcasts[0].type} alike to {self.receiver}"


@dataclass(frozen=True)
class Broadcasts:
    """A workflow with its broadcasts as links, and what came of them."""

    authored: Authored
    made: tuple[Made, ...] = ()
    unclear: tuple[Unclear, ...] = ()
    refused: tuple[tuple[Scope, Refused], ...] = ()


def is_broadcaster(node: AuthoredNode) -> bool:
    """Whether a node sends something without links."""
    return node.type in BROADCASTERS or bool((node.ui.properties or {}).get("ue_convert"))


def made(authored: Authored) -> Broadcasts:
    """A workflow with its broadcasts as links. Raises LimitError for patterns that take too long to search for."""
    sending = {scope: nodes for scope in authored.scopes if (nodes := [*filter(is_broadcaster, scope.nodes)])}
    if not sending:
        return Broadcasts(authored)
    from wftools.graph.broadcasts.making import Maker  # few files need it

    maker = Maker(authored)
    for scope, nodes in sending.items():
        maker.make(scope, nodes)
    return maker.result()
