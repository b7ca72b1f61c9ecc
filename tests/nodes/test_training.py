"""wftools.nodes: how much was learnt, as a preview."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

from wftools.nodes.training import loss_graph_node

if TYPE_CHECKING:
    from wftools.context import Context


def test_the_loss_is_drawn_into_a_preview_with_the_workflow(context: Context) -> None:
    loss_graph_node(loss={"loss": [2.0, 1.0]}, prompt={"1": {}}, context=context)

    (saved,) = context.saved
    assert saved.kind == "temp"
    assert saved.path is not None
    with Image.open(saved.path) as picture:
        assert picture.size == (840, 520)
        assert picture.info["prompt"] == '{"1": {}}'
