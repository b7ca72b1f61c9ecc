"""Nodes whose inputs depend on what they are given, run in workflows."""

from __future__ import annotations

from typing import Any

from tests.runtime.plug import document, prompt, states, texts
from wftools.runtime import Options, Session, WorkflowReport


def run(**nodes: tuple[str, dict[str, Any]]) -> WorkflowReport:
    """Run one prompt with the nodes that wftools has."""
    (report,) = Session(Options()).run([document(prompt(**nodes))]).workflows
    assert not report.errors
    return report


def test_rows_that_grow_are_batched() -> None:
    report = run(
        n1=("SolidMask", {"value": 1.0, "width": 6, "height": 4}),
        n2=("SolidMask", {"value": 0.5, "width": 12, "height": 8}),
        n3=("BatchMasksNode", {"masks.mask0": ["1", 0], "masks.mask1": ["2", 0], "masks.mask2": ["2", 0]}),
        n4=("MaskToImage", {"mask": ["3", 0]}),
        n5=("GetImageSize", {"image": ["4", 0]}),
        n6=("PreviewAny", {"source": ["5", 0]}),
        n7=("PreviewAny", {"source": ["5", 1]}),
        n8=("PreviewAny", {"source": ["5", 2]}),
    )

    assert texts(report) == ["6", "4", "3"]


def test_the_inputs_of_a_choice_arrive_with_it() -> None:
    report = run(
        n1=("EmptyImage", {"width": 10, "height": 6, "batch_size": 1, "color": 0}),
        n2=(
            "ResizeImageMaskNode",
            {
                "input": ["1", 0],
                "resize_type": "scale longer dimension",
                "resize_type.longer_size": 5,
                "scale_method": "area",
            },
        ),
        n3=("GetImageSize", {"image": ["2", 0]}),
        n4=("PreviewAny", {"source": ["3", 0]}),
        n5=("PreviewAny", {"source": ["3", 1]}),
    )

    assert texts(report) == ["5", "3"]


def test_a_switch_computes_one_side_only() -> None:
    report = run(
        n1=("PrimitiveString", {"value": "yes"}),
        n2=("PrimitiveString", {"value": "no"}),
        n3=("ComfySwitchNode", {"switch": True, "on_false": ["2", 0], "on_true": ["1", 0]}),
        n4=("PreviewAny", {"source": ["3", 0]}),
    )

    assert texts(report) == ["yes"]
    assert states(report)["1"] == "ran"
    assert states(report)["2"] != "ran"
