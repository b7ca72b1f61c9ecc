"""A workflow file that has been read: the ordered JSON tree with the text that it came from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from wftools.document.positions import Positions
from wftools.errors import Place

if TYPE_CHECKING:
    from wftools.document.api import ApiWorkflow
    from wftools.document.source import SourceText, TextDefect
    from wftools.document.ui import UiWorkflow
    from wftools.document.view import Malformed

Form = Literal["ui", "api"]
Tree: TypeAlias = "dict[str, Any]"
"""A workflow: one JSON object. What is in it may be anything, since a malformed workflow is a document too."""


@dataclass(frozen=True)
class Document:
    """One workflow, lossless.

    The tree is the document: unknown keys, the order of keys, integer against float and 64-bit seeds are in it. Models
    (`ui`, `api`) are views of it. Trees are never changed in place; `edit.edited` gives another document.
    """

    form: Form
    tree: Tree  # the workflow
    source: SourceText
    root: Any  # the whole JSON text, of which the tree may be a part
    defects: tuple[TextDefect, ...] = ()
    companion: Document | None = None  # what the same file holds beside it: the prompt saved with a workflow

    @cached_property
    def text(self) -> str:
        """The JSON text: that which was read, or one of a workflow that was not read but made."""
        return self.source.text or json.dumps(self.root, indent=2, ensure_ascii=False)

    @cached_property
    def ui(self) -> UiWorkflow:
        """The typed view of a UI workflow; malformed parts are left out of it."""
        return self._ui_view[0]

    @cached_property
    def api(self) -> ApiWorkflow:
        """The typed view of an API prompt; malformed parts are left out of it."""
        return self._api_view[0]

    @property
    def problems(self) -> tuple[Malformed, ...]:
        """What is not as the format says; pointers start at the workflow."""
        return self._ui_view[1] if self.form == "ui" else self._api_view[1]

    def place(self, pointer: str, node: str | None = None, *, key: bool = False) -> Place:
        """Where the value of a pointer (or its key) stands in the file."""
        find = self.positions.key_offset if key else self.positions.offset
        line, column = self.positions.line_column(find(self.source.base + pointer))
        return Place(self.source.name, line, column, self.source.base + pointer, node)

    @cached_property
    def positions(self) -> Positions:
        """Finds lines and columns in the text."""
        return Positions(self.text)

    @cached_property
    def _ui_view(self) -> tuple[UiWorkflow, tuple[Malformed, ...]]:
        from wftools.document.ui import UiWorkflow
        from wftools.document.view import view

        return view(UiWorkflow, self.tree)

    @cached_property
    def _api_view(self) -> tuple[ApiWorkflow, tuple[Malformed, ...]]:
        from wftools.document.api import ApiWorkflow
        from wftools.document.view import view

        return view(ApiWorkflow, self.tree)
