"""wftools.nodes.model_merging_specific: all merge as ModelMergeBlocks does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.diffusion.test_merging import Numbers, values_of
from wftools.catalog.declare import declared_in
from wftools.nodes import model_merging_specific as nodes

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftools.values import Model


NODES = [
    nodes.model_merge_sd1,
    nodes.model_merge_sd2,
    nodes.model_merge_sdxl,
    nodes.model_merge_sd3_2b,
    nodes.model_merge_sd35_large,
    nodes.model_merge_auraflow,
    nodes.model_merge_flux1,
    nodes.model_merge_mochipreview,
    nodes.model_merge_ltxv,
    nodes.model_merge_cosmos7b,
    nodes.model_merge_cosmos14b,
    nodes.model_merge_cosmospredict2_2b,
    nodes.model_merge_cosmospredict2_14b,
    nodes.model_merge_wan2_1,
    nodes.model_merge_qwenimage,
    nodes.model_merge_krea2,
]


@pytest.mark.parametrize("merge", NODES)
def test_each_ratio_is_for_the_weights_that_begin_so(merge: Callable[..., Model]) -> None:
    (declared,) = (each for each in declared_in(nodes) if each.function is merge)
    starts = [each.name for each in declared.signature.inputs if each.name not in {"model1", "model2"}]
    ratios = {start: index / len(starts) for index, start in enumerate(starts)}
    first, second = (Numbers({start + "weight": value for start in starts}) for value in (1.0, 0.0))

    merged = merge(model1=first, model2=second, **ratios)

    assert values_of(merged) == pytest.approx({f"{start}weight": ratios[start] for start in starts})
