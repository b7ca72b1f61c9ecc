"""What the nodes of one workflow are given beside their inputs: hidden inputs and a context."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from wftools.context import Context, Placement, never
from wftools.folders import Folders

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wftools.document import Document
    from wftools.graph import View
    from wftools.runtime.plan.call import Call


@dataclass(frozen=True)
class Surroundings:
    """One run of one workflow, as all its nodes see it."""

    folders: Folders = field(default_factory=Folders)
    placement: Placement = field(default_factory=Placement)
    metadata: bool = True  # whether saved files carry the workflow
    cancelled: Callable[[], bool] = never
    prompt: Mapping[str, Any] | None = None  # what is run, as an API prompt
    workflow: Mapping[str, Any] | None = None  # the same as the editor saved it, if it is in the file

    def context(self, call: Call, report: Callable[[int, int], None]) -> Context:
        """The context of one node."""
        return Context(self.folders, self.placement, call.path, self.metadata, report, self.cancelled)

    def hidden(self, call: Call, context: Context) -> dict[str, Any]:
        """The hidden inputs of a call, by name. Those that only a server can fill are None."""
        values = {
            "CONTEXT": context,
            "UNIQUE_ID": call.path,
            "PROMPT": self.prompt,
            "EXTRA_PNGINFO": {"workflow": self.workflow} if self.workflow is not None else None,
        }
        return {name: values.get(kind) for name, kind in call.signature.hidden.items()}

    def hidden_key(self, call: Call) -> dict[str, str]:
        """What of a call's hidden inputs its result may depend on.

        Of the context these are the folders of models, since what a node gives may go on looking for files there, as
        text encoders do for embeddings. Other folders count by the files that are read.
        """
        models = repr((self.folders.models, sorted(self.folders.more_models.items())))
        values = {"CONTEXT": models, "UNIQUE_ID": call.path, "PROMPT": self._digest, "EXTRA_PNGINFO": self._digest}
        return {name: values[kind] for name, kind in call.signature.hidden.items() if kind in values}

    @cached_property
    def _digest(self) -> str:
        return sha256(json.dumps([self.prompt, self.workflow]).encode()).hexdigest()


def prompt_of(view: View) -> dict[str, Any]:
    """A flattened view as an API prompt."""
    return {
        path: {
            "inputs": node.values,
            "class_type": node.type,
            **({"_meta": {"title": node.title}} if node.title is not None else {}),
        }
        for path, node in view.nodes.items()
    }


def editor_workflow(document: Document) -> Mapping[str, Any] | None:
    """The UI workflow of a file: the document itself, or what the file holds beside it."""
    for each in (document, document.companion):
        if each is not None and each.form == "ui":
            return each.tree
    return None
