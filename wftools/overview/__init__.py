"""What a workflow or a picture is, at a glance: its models, prompts, seeds and sizes, for every output.

from wftools.document import read
from wftools.overview import overview

for output in overview(read("picture.png")).outputs:
    for each in output.passes:
        each.settings["seed"], each.positive[0].text

Of a file that holds both the workflow and the prompt that was run, the values are those that were run. What a node does
is told by what it declares (`ways`, `sampling`, `prompts`, `models`, `sizes`), so that nodes of packs nobody has heard
of are told like others, as far as links and names go. What only running would tell is a `From`: the node it comes from.

Each name is imported when it is asked for: the command line lists formats without reading a workflow.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wftools.overview.look import overview
    from wftools.overview.model import From, Output, Overview, Pass, Place, Prompt, Size, UsedFile

__all__ = ["From", "Output", "Overview", "Pass", "Place", "Prompt", "Size", "UsedFile", "overview"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{'look' if name == 'overview' else 'model'}"), name)
