"""Models merged weight by weight."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import torch

from wftools.diffusion.merging import added, mixed, mixed_by_blocks, subtracted
from wftools.diffusion.ops import Stored
from wftools.weights.source import Weight

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pytest

    from wftools.values import Model
    from wftools.weights.source import Source


@dataclass(frozen=True)
class Numbers:
    """A model of weights of one number, or as many as are given."""

    values: Mapping[str, Any] = field(default_factory=dict)

    def weights(self) -> dict[str, Weight]:
        tensors = {name: torch.tensor(value, dtype=torch.float32) for name, value in self.values.items()}
        return {name: Weight(Stored(tensor), tuple(tensor.shape)) for name, tensor in tensors.items()}

    def with_weights(self, changes: Mapping[str, Callable[[Source], Source]]) -> Numbers:
        made = {name: change(self.weights()[name].source) for name, change in changes.items()}
        values = {name: source.weight(torch.float32, torch.device("cpu")).tolist() for name, source in made.items()}
        return Numbers({**self.values, **values})


def model(**values: Any) -> Model:
    return cast("Model", Numbers({name.replace("_", "."): value for name, value in values.items()}))


def values_of(merged: Model) -> Mapping[str, Any]:
    return cast("Numbers", merged).values


def test_a_ratio_is_the_first_model_s_part() -> None:
    merged = mixed(model(a=8.0, b=2.0), model(a=4.0, b=6.0), 0.75)

    assert values_of(merged) == {"a": 7.0, "b": 3.0}


def test_sums_and_differences_are_of_whole_weights() -> None:
    first, second = model(a=8.0), model(a=3.0)

    assert values_of(added(first, second)) == {"a": 11.0}
    assert values_of(subtracted(first, second, 0.5)) == {"a": 2.5}


def test_the_longest_beginning_of_a_name_has_the_ratio_and_the_first_one_that_of_all_others() -> None:
    ratios = {"x.": 0.5, "in": 1.0, "in.1.": 0.0}
    first, second = (
        model(in_1_w=1.0, in_10_w=1.0, in_w=1.0, other=1.0),
        model(in_1_w=3.0, in_10_w=3.0, in_w=3.0, other=3.0),
    )

    merged = mixed_by_blocks(first, second, ratios)

    assert values_of(merged) == {"in.1.w": 3.0, "in.10.w": 1.0, "in.w": 1.0, "other": 2.0}


def test_what_one_model_alone_has_is_no_matter() -> None:
    merged = mixed(model(a=1.0, only=2.0), model(a=3.0, stranger=1.0), 0.5)

    assert values_of(merged) == {"a": 2.0, "only": 2.0}


def test_a_weight_of_another_shape_adds_nothing_and_the_first_s_part_stays_a_part(
    caplog: pytest.LogCaptureFixture,
) -> None:
    merged = mixed(model(a=[2.0, 4.0]), model(a=[1.0]), 0.25)

    assert values_of(merged) == {"a": [0.5, 1.0]}
    assert "1 weight of another shape in the second model" in caplog.text
