"""What an ONNX file says beside its tensors, and what it is for by the names of what goes in and comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wftools.weights.inspecting.signs import Component

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.weights.onnx.judging import Facts
    from wftools.weights.onnx.model import Value
    from wftools.weights.tensorfile import TensorFile

# What goes in -> what it is; the first of which all are there counts. As diffusers and optimum name them.
_BY_INPUTS: Final = (
    ({"sample", "timestep", "encoder_hidden_states", "controlnet_cond"}, "ControlNet"),
    ({"sample", "timestep", "encoder_hidden_states"}, "diffusion model"),
    ({"hidden_states", "timestep", "encoder_hidden_states"}, "diffusion model"),
    ({"latent_sample"}, "VAE"),
    ({"input_ids"}, "text encoder"),
    ({"pixel_values"}, "image encoder"),
)
_NAMES: Final[Mapping[str, str]] = {"VAE": "decoder"}


@dataclass(frozen=True, slots=True)
class Graph:
    """What a file's graph is like."""

    version: int  # of ONNX's format
    producer: str
    opsets: Mapping[str, int]  # domain -> version of its operators
    inputs: Mapping[str, str]  # name -> type and shape, as people write them
    outputs: Mapping[str, str]
    operators: Mapping[str, int]  # nodes of each, the most frequent first


def graph_of(file: TensorFile) -> Graph:
    """The graph of an ONNX file. Raises InputError if it has changed since it was opened."""
    from wftools.weights.formats.onnx import graph_facts

    facts = graph_facts(file.path)
    return Graph(
        version=facts.version,
        producer=facts.producer,
        opsets={domain or "ai.onnx": version for domain, version in facts.opsets.items()},
        inputs={each.name: _spelled(each) for each in facts.inputs},
        outputs={each.name: _spelled(each) for each in facts.outputs},
        operators=_ordered(facts),
    )


def component_of(graph: Graph) -> Component | None:
    """What a graph is for; None if its inputs and outputs do not tell."""
    names = graph.inputs.keys()
    for needed, kind in _BY_INPUTS:
        if needed <= names:
            reason = f"inputs {', '.join(sorted(needed))}"
            return Component(kind, f"graph of a {kind}", _NAMES.get(kind, ""), "", "", {}, reason)
    if len(names) == 1 and names <= {"sample"} and any(name.startswith("latent") for name in graph.outputs):
        return Component("VAE", "graph of a VAE", "encoder", "", "", {}, "input sample, output latent")
    return None


def _spelled(value: Value) -> str:
    if value.shape is None:
        return value.dtype
    sizes = ", ".join("?" if size in {None, ""} else str(size) for size in value.shape)
    return f"{value.dtype} [{sizes}]"


def _ordered(facts: Facts) -> dict[str, int]:
    return dict(sorted(facts.operators.items(), key=lambda item: (-item[1], item[0])))
