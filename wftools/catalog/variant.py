"""Which version's signature a saved node has, of several that are known of its type: the one that fits it best.

The answer is asked for once and stays with the node. Whoever binds its values, judges, converts or runs it goes by the
same signature: a node that is read as one version declares it and judged by another is found wrong where nothing is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from wftools.catalog.expand import expand
from wftools.catalog.literals import takes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from wftools.catalog.lookup import Catalogue
    from wftools.catalog.signature import NodeSignature


class Misfit(NamedTuple):
    """How badly a signature fits a saved node. What stands first weighs most."""

    foreign: int  # inputs of the node that it does not declare
    places: int  # saved values without names: by how many they are too many or too few
    missing: int  # inputs that it asks for, or widgets that it has, and that the node says nothing of
    refused: int  # values that it does not take


def variant(catalogue: Catalogue, node_type: str, misfit: Callable[[NodeSignature], Misfit]) -> NodeSignature | None:
    """The signature of a node: of those that are known of its type the one that fits best, the newest of equals.

    None for a type that is unknown, or known from hearsay only: then the file itself says what its values are.
    """
    known = [each for each in catalogue.variants(node_type) if not each.approximate]
    return min(known, key=misfit) if len(known) > 1 else next(iter(known), None)


def misfit(signature: NodeSignature, given: Mapping[str, Any], widgets: Collection[str], *, places: int = 0) -> Misfit:
    """How badly a signature fits a node with these inputs, as a prompt gives them.

    `widgets` are the inputs that are widgets by this signature, those that the editor adds to it among them.
    """
    declared = expand(signature, given)
    known = {*declared, *widgets, *signature.hidden}
    return Misfit(
        foreign=sum(name not in known for name in given),
        places=places,
        missing=sum(name not in given for name, each in declared.items() if each.required or name in widgets),
        refused=sum(not takes(each, given[name]) for name, each in declared.items() if name in given),
    )
