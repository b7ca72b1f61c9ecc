"""Values of custom nodes are given to the widgets that they were saved for, whatever version of the pack saved them."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.graph.saved_nodes import graph_of, saved, signatures, types, value
from wftools.catalog.lookup import shipped

if TYPE_CHECKING:
    from collections.abc import Sequence


def misnamed(node_types: Sequence[str]) -> list[str]:
    """Nodes that were not read with the names of the signature by which they were saved.

    A pack that renamed an input and changed nothing else leaves no trace in a file: those are not counted.
    """
    found = []
    for node_type in node_types:
        for signature, today in signatures(node_type):
            dice = Random(f"{node_type} {signature.origin}")
            node, named = saved(signature, partial(value, today, dice))
            authored = graph_of(node, catalogue=shipped()).authored
            binding = authored.binding(authored.root.nodes[0])
            got = {name: widget.value for name, widget in binding.widgets.items() if widget.key is not None}
            is_renamed = [*map(str, got.values())] == [*map(str, named.values())]
            if (got != named and not is_renamed) or binding.unnamed:
                found.append(f"{node_type} of {signature.origin}: {got} instead of {named}")
    return found


def test_a_node_has_the_names_of_the_version_that_saved_it():
    assert misnamed(types()[::61]) == []


@pytest.mark.slow
def test_nodes_of_all_versions_of_all_types_have_the_names_of_the_version_that_saved_them():
    assert misnamed(types()) == []
