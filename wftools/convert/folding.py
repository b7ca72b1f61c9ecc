"""The subgraphs that a prompt was made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.convert.members import members
from wftools.convert.wiring import Disagreement, connect

if TYPE_CHECKING:
    from wftools.convert.scope import Id, Scope
    from wftools.graph.model import View


def fold(view: View) -> Scope:
    """The root of the scopes that a prompt was made from, connected.

    Raises nothing: what cannot be folded without a change of ids stays in the root.
    """
    unfolded: set[Id] = set()
    while True:
        root = members(view, unfolded)
        try:
            connect(view, root)
        except Disagreement as disagreement:
            unfolded |= disagreement.hosts
        else:
            return root
