"""What an overview says, without saying of which nodes: the same of workflows that mean the same."""

from __future__ import annotations

from typing import Any

from wftools.overview import From, Overview


def facts(overview: Overview) -> list[Any]:
    """Everything that is told of the outputs but ids and titles of nodes."""
    return [
        {
            "outputs": len(output.nodes),
            "size": size(output.size),
            "models": files(output.models),
            "inputs": files(output.inputs),
            "texts": [value(each) for each in output.texts],
            "passes": [
                {
                    "type": each.node.type,
                    "service": each.service,
                    "settings": {name: value(told) for name, told in each.settings.items()},
                    "positive": [value(prompt.text) for prompt in each.positive],
                    "negative": [value(prompt.text) for prompt in each.negative],
                    "models": files(each.models),
                    "inputs": files(each.inputs),
                    "size": size(each.size),
                }
                for each in output.passes
            ],
        }
        for output in overview.outputs
    ]


def value(told: Any) -> Any:
    return ("from", told.node.type, told.text) if isinstance(told, From) else told


def size(told: Any) -> list[Any]:
    return [value(each) for each in (told.width, told.height, told.batch, told.frames)]


def files(used: Any) -> list[Any]:
    return [(each.kind, each.name, {name: value(told) for name, told in each.strengths}) for each in used]
