"""API prompts: what the ComfyUI server runs. An object of nodes by id; a link is `[node id, output slot]`."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, RootModel, StrictStr


class Meta(BaseModel):
    """What the editor says of a node; the server does not look at it."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)

    title: StrictStr | None = None


class ApiNode(BaseModel):
    """A node: its class and its inputs, each a literal value or a link."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)

    class_type: StrictStr
    inputs: dict[str, Any]
    meta: Meta | None = Field(default=None, alias="_meta")


class ApiWorkflow(RootModel[Annotated[dict[str, ApiNode], Field(json_schema_extra={"minProperties": 1})]]):
    """A prompt as ComfyUI's server takes it: nodes by id."""

    model_config = ConfigDict(frozen=True, defer_build=True)
