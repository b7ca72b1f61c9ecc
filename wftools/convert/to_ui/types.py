"""The type of what a node of a prompt gives: declared, or decided by what is linked to its inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.catalog.expand import expand
from wftools.catalog.signature import MATCH_TYPE, WILDCARD, Matched
from wftools.convert.to_ui.rebuilt import Origin
from wftools.graph.model import Linked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.catalog.signature import Output
    from wftools.graph.model import View


class Types:
    """The types of outputs in one prompt."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._known: dict[Origin, str | None] = {}  # None where nothing decides it

    def output(self, origin: Origin) -> str:
        """The type of an output; `*` where nothing decides it.

        It is the declared one, or the first that is found upstream: what a switch gives is what it is given.
        """
        way: list[tuple[Origin, Iterator[Origin]]] = []  # to where we are, with what is still to be asked there
        here: Origin | None = origin
        while here is not None:
            if here not in self._known:
                declared = self._declared(here)
                if declared is not None and declared.type == MATCH_TYPE:
                    self._known[here] = None
                    way.append((here, self._deciding(here, declared)))
                else:
                    self._known[here] = declared.type if declared is not None else WILDCARD
            found, here = self._known[here], None
            while way and here is None:
                if found is not None:
                    self._known[way.pop()[0]] = found
                else:
                    here = next(way[-1][1], None)
                    if here is None:
                        way.pop()
        return self._known[origin] or WILDCARD

    def _declared(self, origin: Origin) -> Output | None:
        signature = self._view.nodes[origin.path].signature
        if signature is None or not 0 <= origin.slot < len(signature.outputs):
            return None
        return signature.outputs[origin.slot]

    def _deciding(self, origin: Origin, output: Output) -> Iterator[Origin]:
        """What is linked to the inputs that share the type of an output."""
        node = self._view.nodes[origin.path]
        assert node.signature is not None
        for name, declared in expand(node.signature, node.values).items():
            link = node.given.get(name)
            is_alike = isinstance(declared.dynamic, Matched) and declared.dynamic.template == output.match
            if is_alike and isinstance(link, Linked) and link.source in self._view.nodes:
                yield Origin(link.source, link.slot)
