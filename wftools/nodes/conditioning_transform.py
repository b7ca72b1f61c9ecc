"""Nodes of the category "model/conditioning/transform"."""

from wftools.catalog.declare import CONDITIONING, node


@node("ConditioningCombine", category="model/conditioning/transform", display_name="Conditioning (Combine)")
def conditioning_combine(*, conditioning_1: CONDITIONING, conditioning_2: CONDITIONING) -> CONDITIONING:
    """The entries of both: the network's answers to them are averaged."""
    return (*conditioning_1, *conditioning_2)
