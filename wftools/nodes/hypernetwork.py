"""The node that loads hypernetworks."""

from typing import Annotated

from wftools.catalog.declare import CONTEXT, MODEL, Float, files, node


@node("HypernetworkLoader", category="model/loaders", display_name="Load Hypernetwork")
def hypernetwork_loader(
    *,
    model: MODEL,
    hypernetwork_name: Annotated[str, files("hypernetworks")],
    strength: Annotated[float, Float(-10.0, 10.0, step=0.01)] = 1.0,
    context: CONTEXT,
) -> MODEL:
    """Have the model's attentions see what a hypernetwork makes of keys and values."""
    from wftools.diffusion.adapters.hypernetwork import with_hypernetwork

    return with_hypernetwork(model, hypernetwork_name, strength, context)
