"""UI workflows: what the ComfyUI editor saves. Version 0.4 (links are rows) and 1 (links are objects).

These models say what a well-formed file holds; `schemas/` publishes them. They are a view: the document itself is the
JSON tree (see `document.py`), so keys that no model names survive. `view.py` makes the view of a malformed file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr
from pydantic.json_schema import WithJsonSchema

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

Number = StrictInt | StrictFloat
NodeId = StrictInt | StrictStr
# A few files spell types as numbers (0 and -1 are wildcards), null or lists.
SlotType = StrictStr | StrictInt | StrictFloat | list[StrictStr] | None


def _point(value: Any) -> Any:
    """Old files have {"0": x, "1": y}: a JavaScript typed array, serialised."""
    if isinstance(value, dict) and {"0", "1"} <= value.keys():
        return [value["0"], value["1"]]
    return value


def _slot(value: Any) -> Any:
    """Old files have slot numbers as strings."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value


_NUMBER_SCHEMA = {"type": "number"}
_POINT_SCHEMA = {
    "anyOf": [
        {"type": "array", "items": _NUMBER_SCHEMA, "minItems": 2},
        {"type": "object", "properties": {"0": _NUMBER_SCHEMA, "1": _NUMBER_SCHEMA}, "required": ["0", "1"]},
    ]
}
_SLOT_SCHEMA = {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": "^[0-9]+$"}]}
_ID_SCHEMA = {"anyOf": [{"type": "integer"}, {"type": "string"}]}
_TYPE_SCHEMA = {
    "anyOf": [{"type": ["string", "number", "null"]}, {"type": "array", "items": {"type": "string"}}],
    "title": "Type",
}

Point = Annotated[list[Number], Field(min_length=2), BeforeValidator(_point), WithJsonSchema(_POINT_SCHEMA)]
SlotIndex = Annotated[StrictInt, BeforeValidator(_slot), WithJsonSchema(_SLOT_SCHEMA)]
Rectangle = Annotated[list[Number], Field(min_length=4, max_length=4)]


class _Part(BaseModel):
    """A part of a workflow. Unknown keys are allowed and stay in the tree."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)


class WidgetReference(_Part):
    """Says that an input slot belongs to a widget."""

    name: StrictStr


class InputSlot(_Part):
    """An input of a node: a socket, or a widget that a link may replace."""

    name: StrictStr
    type: SlotType = None
    link: StrictInt | None = None
    """The id of the link that ends here."""
    widget: WidgetReference | None = None
    label: StrictStr | None = None
    """The user's name for it."""
    shape: StrictInt | None = None
    """7: optional."""


class OutputSlot(_Part):
    """An output of a node."""

    name: StrictStr = ""
    type: SlotType = None
    links: list[StrictInt] | None = None
    """The ids of the links that start here."""
    label: StrictStr | None = None
    shape: StrictInt | None = None
    """6: a list, 3: a circle."""


class UiNode(_Part):
    """A node as the editor saves it."""

    id: NodeId
    type: StrictStr
    """The class of the node, or the id of a subgraph definition."""
    pos: Point | None = None
    size: Point | None = None
    flags: dict[str, Any] | None = None
    order: StrictInt | None = None
    """Rank of execution; informative."""
    mode: Literal[0, 1, 2, 3, 4] | None = None
    """0 always, 1 on event, 2 never (muted), 3 on trigger, 4 bypassed; none means always."""
    inputs: list[InputSlot] | None = None
    outputs: list[OutputSlot] | None = None
    properties: dict[str, Any] | None = None
    widgets_values: list[Any] | dict[str, Any] | None = None
    widgets_values_named: dict[str, Any] | None = None
    title: StrictStr | None = None
    color: StrictStr | None = None
    bgcolor: StrictStr | None = None
    showAdvanced: StrictBool | None = None  # noqa: N815


_LINK_KEYS = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
_ROW_SCHEMA = {
    "type": "array",
    "prefixItems": [{"type": "integer"}, _ID_SCHEMA, _SLOT_SCHEMA, _ID_SCHEMA, _SLOT_SCHEMA, _TYPE_SCHEMA],
    "minItems": 5,
    "description": "id, origin node, origin slot, target node, target slot, type",
}


class LinkObject(_Part):
    """A link from an output slot to an input slot. -10 and -20 stand for the inputs and outputs of a subgraph."""

    id: StrictInt
    origin_id: NodeId
    origin_slot: SlotIndex
    target_id: NodeId
    target_slot: SlotIndex
    type: SlotType = None
    parentId: StrictInt | None = None  # noqa: N815
    """The reroute nearest to the target."""


class _AlsoRow:
    """An annotation: the schema takes the row as well as the object."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [_ROW_SCHEMA, handler(schema)]}


def _link(value: Any) -> Any:
    """Version 0.4 spells a link as a row of five or six values."""
    if isinstance(value, list) and len(value) >= len(_LINK_KEYS) - 1:
        return dict(zip(_LINK_KEYS, value, strict=False))
    return value


LinkRow = Annotated[LinkObject, BeforeValidator(_link), WithJsonSchema(_ROW_SCHEMA)]
AnyLink = Annotated[LinkObject, BeforeValidator(_link), _AlsoRow()]


class Group(_Part):
    """A titled rectangle. What lies in it is a matter of geometry."""

    title: StrictStr = ""
    bounding: Rectangle
    color: StrictStr | None = None
    font_size: Number | None = None
    id: StrictInt | None = None
    flags: dict[str, Any] | None = None


class Reroute(_Part):
    """A point that a link is drawn through. It has no effect on a run."""

    id: StrictInt
    pos: Point
    linkIds: list[StrictInt] | None = None  # noqa: N815
    parentId: StrictInt | None = None  # noqa: N815
    floating: dict[str, Any] | None = None


class SubgraphState(_Part):
    """The counters of version 1: the highest ids given out."""

    lastGroupId: StrictInt | None = None  # noqa: N815
    lastNodeId: StrictInt | None = None  # noqa: N815
    lastLinkId: StrictInt | None = None  # noqa: N815
    lastRerouteId: StrictInt | None = None  # noqa: N815


class UiGraph(_Part):
    """Nodes and links: a whole workflow, or the inside of a subgraph."""

    nodes: list[UiNode]
    links: list[AnyLink] = Field(default_factory=list)
    floatingLinks: list[LinkObject] | None = None  # noqa: N815
    groups: list[Group] | None = None
    reroutes: list[Reroute] | None = None
    config: dict[str, Any] | None = None
    extra: dict[str, Any] | None = None
    state: SubgraphState | None = None
    revision: StrictInt | None = None


class BoundarySlot(_Part):
    """An input or output of a subgraph."""

    name: StrictStr
    type: SlotType = None
    id: StrictStr | None = None
    linkIds: list[StrictInt] | None = None  # noqa: N815
    """The ids of the links inside that start or end here."""
    label: StrictStr | None = None
    shape: StrictInt | None = None


class BoundaryNode(_Part):
    """Where the inputs or the outputs of a subgraph are drawn."""

    id: NodeId
    bounding: Rectangle | None = None


class UiSubgraph(UiGraph):
    """A subgraph definition. A node whose type is this id is an instance of it."""

    id: StrictStr
    name: StrictStr = ""
    inputNode: BoundaryNode | None = None  # noqa: N815
    outputNode: BoundaryNode | None = None  # noqa: N815
    inputs: list[BoundarySlot] | None = None
    outputs: list[BoundarySlot] | None = None
    definitions: Definitions | None = None


class Definitions(_Part):
    """The subgraphs of a workflow; definitions are flat even where instances nest."""

    subgraphs: list[UiSubgraph] | None = None


class UiWorkflow(UiGraph):
    """A workflow as the ComfyUI editor saves it, in either version and in either spelling of links."""

    version: Number | None = None
    id: StrictStr | None = None
    last_node_id: NodeId | None = None
    last_link_id: StrictInt | None = None
    definitions: Definitions | None = None


class UiWorkflow04(UiWorkflow):
    """A workflow as the ComfyUI editor saves it, version 0.4: links are rows."""

    version: Annotated[Number, WithJsonSchema({"const": 0.4})]
    links: list[LinkRow] = Field(default_factory=list)


class UiWorkflow1(UiWorkflow):
    """A workflow as the ComfyUI editor saves it, version 1: links are objects, counters stand in `state`."""

    version: Annotated[Number, WithJsonSchema({"const": 1})]
    links: list[LinkObject] = Field(default_factory=list)
