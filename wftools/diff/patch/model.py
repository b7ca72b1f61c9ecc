"""The format of patches, `wfpatch/1`, as `schemas/patch.json` publishes it."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from wftools.diff.changes import Class  # noqa: TC001  (pydantic reads it)

FORMAT: Final = "wfpatch/1"

Operation: TypeAlias = Literal[
    "add_node",
    "remove_node",
    "retype",
    "set_widget",
    "set_field",
    "connect",
    "disconnect",
    "rewire",
    "layout",
    "add_group",
    "remove_group",
    "set_group",
    "add_subgraph",
    "remove_subgraph",
    "set_subgraph",
    "subgraph_io",
    "add_reroute",
    "remove_reroute",
    "set_reroute",
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True, populate_by_name=True)


class NodeName(_Part):
    """A node, as it is found again in another file: by id and type, else by its fingerprint."""

    id: str
    """Its id in the old version. Of a new node its own, followed by * where the old version has another of that id."""
    type: str = ""
    fingerprint: str | None = None
    """A hash of its type, title, values and the same of what it is linked to, in the old version."""
    new_id: str | None = None
    """Its id in the new version, where that is another one."""
    widgets: list[str] | None = None
    """The names of its values, where the old version alone does not tell them."""
    new_widgets: list[str] | None = None
    """The same of the new version."""


class MentionedNode(NodeName):
    """A node that changes name in their keys and values: in a definition, as what an instance shows."""

    scope: str = ""
    """The subgraph definition in which it is; none: the workflow itself."""


class GroupName(_Part):
    """A group: by id, else by its title."""

    id: str
    title: str = ""
    new_id: str | None = None
    """Its id in the new version, where that is another one."""


class RerouteName(_Part):
    """A reroute."""

    id: str


class SlotName(_Part):
    """An input or output of the subgraph that `scope` names: by name, else by id."""

    name: str
    id: str | None = None


class SubgraphName(_Part):
    """A subgraph definition: by id, else by its name and what is in it."""

    id: str
    name: str = ""
    fingerprint: str | None = None
    new_id: str | None = None
    """Its id in the new version, where that is another one."""


class LinkEnd(_Part):
    """Where a link comes from."""

    node: NodeName | None = None
    """None: an input of the subgraph around."""
    output: str
    """The name of the output; for prompts, of which the index counts, it may be a number."""
    index: int
    """Of the slot, as it stood in the file."""


class Content(_Part):
    """What came or went, with all that belongs to it."""

    tree: dict[str, JsonValue]
    """The JSON of it, as it stood in its file."""
    links: dict[str, LinkEnd] = Field(default_factory=dict)
    """What its inputs are linked to, by name."""


class PatchedChange(_Part):
    """One change. What has no `key` came or went as a whole: then `new` or `old` is a `Content`."""

    op: Operation
    """What kind of a change it is; said again for readers, and checked."""
    scope: str = ""
    """The subgraph definition in which it is; none: the workflow itself."""
    node: NodeName | None = None
    group: GroupName | None = None
    reroute: RerouteName | None = None
    subgraph: SubgraphName | None = None
    input: SlotName | None = None
    output: SlotName | None = None
    key: list[str] | None = Field(default=None, min_length=1, max_length=3)
    """What of it: ["widget", "steps"], ["link", "model"], ["pos"]."""
    class_: Class = Field(default="semantic", alias="class")
    """What such a change means."""
    old: JsonValue = None
    """What has to stand there; missing: nothing. Of a link a `LinkEnd`."""
    new: JsonValue = None
    """What shall stand there; missing: nothing. Of a link a `LinkEnd`."""


class TextEdit(_Part):
    """Other characters in the place of some."""

    at: int = Field(ge=0)
    """Where in the text, in characters."""
    remove: int = Field(ge=0)
    """How many."""
    insert: str


class Residual(_Part):
    """What no change says: the order of keys and rows, blanks, how numbers are spelled."""

    of: str = Field(pattern="^[0-9a-f]{64}$")
    """SHA-256 of the text that the changes make of the old version, in UTF-8."""
    edits: list[TextEdit]
    """What makes the new version of it, from the first character to the last."""


class FilePatch(_Part):
    """The changes of one file."""

    file: str = ""
    """Its name, where there was one."""
    form: Literal["ui", "api"]
    subgraphs: list[SubgraphName] = Field(default_factory=list)
    """The definitions of the old version that changes are in or speak of."""
    nodes: list[MentionedNode] = Field(default_factory=list)
    """The nodes of the old version that changes speak of beside those that they are of."""
    changes: list[PatchedChange]
    is_inverse: bool = False
    """Whether it leads from the new version to the old one: then names are still those of the old one."""
    residual: Residual | None = None
    back: Residual | None = None
    """The residual of the inverse."""


class Patch(_Part):
    """Changes of workflow files, which `wftools apply` makes."""

    format: Literal["wfpatch/1"]
    files: list[FilePatch]
