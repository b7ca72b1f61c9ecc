"""Nodes that are known for what they did once, and do nothing."""

from wftools.catalog.declare import MODEL, node


@node("wanBlockSwap", category="", deprecated=True)
def wan_block_swap(*, model: MODEL) -> MODEL:
    """The model as it is."""
    return model
