"""How often a node is called, and with what: an input that holds several values maps the node over them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wftools.values import Block

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wftools.runtime.call import Call

Items = tuple[Any, ...]
"""What an output holds: one value, or the elements of a list."""


def arguments(call: Call, items: Mapping[str, Items]) -> Iterator[dict[str, Any]]:
    """The arguments of each call of a node's function, by input name; `items` has what each input is given.

    One call for each element of the longest input; shorter ones repeat their last element. With an empty input there
    is no call. A node that takes lists is called once, with a list for every input.
    """
    if call.signature.is_input_list:
        yield {name: list(values) for name, values in items.items()}
        return
    lengths = [len(values) for values in items.values()]
    for index in range(max(lengths, default=1) if all(lengths) else 0):
        yield {name: values[min(index, len(values) - 1)] for name, values in items.items()}


def block_in(call: Call, given: Mapping[str, Any]) -> Block | None:
    """The first block among the arguments of a call, which then does not happen."""
    for value in given.values():
        elements = value if call.signature.is_input_list else (value,)
        for element in elements:
            if isinstance(element, Block):
                return element
    return None
