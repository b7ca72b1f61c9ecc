"""What a node type takes and gives: the one form that the catalogue, the linter and the executor share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

COMBO: Final = "COMBO"
WILDCARD: Final = "*"  # fits every type
AUTOGROW: Final = "COMFY_AUTOGROW_V3"
DYNAMIC_COMBO: Final = "COMFY_DYNAMICCOMBO_V3"
DYNAMIC_SLOT: Final = "COMFY_DYNAMICSLOT_V3"
MATCH_TYPE: Final = "COMFY_MATCHTYPE_V3"

KEPT: Final = 4096  # signatures of which what follows from them is remembered


@dataclass(frozen=True, slots=True)
class Input:
    """One input: a socket, or a widget that a link may replace.

    `options` has object_info's names: default, min, max, step, round, options, multiline, control_after_generate …; a
    choice of files has `folder` ("checkpoints", "input:image") instead of `options`, and an autogrow or match-type
    input its `template`.
    """

    name: str
    type: str  # "INT", "MODEL", "COMBO", "*", "FLOAT,INT", AUTOGROW …
    required: bool = True
    options: Mapping[str, Any] = field(default_factory=dict)
    listed: bool = False  # a combo declared as a bare list of choices (ComfyUI's V1)

    @property
    def choices(self) -> tuple[Any, ...] | None:
        """What a combo offers; None where the choices are files, come from a server, or there are none to choose."""
        options = self.options.get("options")
        return tuple(options) if self.type == COMBO and isinstance(options, list | tuple) else None

    @property
    def default(self) -> Any:
        """The value of the widget unless another is chosen; None if there is none."""
        return self.options.get("default")

    @property
    def folder(self) -> str | None:
        """The kind of file that a combo chooses from: "checkpoints", "input:image" …"""
        folder = self.options.get("folder")
        return folder if isinstance(folder, str) else None

    @property
    def template(self) -> Mapping[str, Any]:
        """What an autogrow or match-type input says of its rows or types."""
        template = self.options.get("template")
        return template if isinstance(template, Mapping) else {}


@dataclass(frozen=True, slots=True)
class Output:
    """One output slot. `choices` is set where the type is itself a list of choices."""

    name: str
    type: str
    is_list: bool = False
    choices: tuple[Any, ...] | None = None
    match: str | None = None  # the MatchType template that decides the type


@dataclass(frozen=True)
class NodeSignature:
    """One node type at one version, or as one source knows it."""

    type: str
    inputs: tuple[Input, ...]  # required ones first, then optional ones: the order of widgets
    outputs: tuple[Output, ...]
    hidden: Mapping[str, str] = field(default_factory=dict)  # name -> PROMPT, UNIQUE_ID …
    display_name: str = ""
    category: str = ""
    output_node: bool = False
    is_input_list: bool = False
    deprecated: bool = False
    experimental: bool = False
    api_node: bool = False
    module: str = ""
    versions: tuple[str, ...] = ()  # of ComfyUI, where this signature was seen
    approximate: bool = False  # put together from documentation and saved files, not reported

    def __hash__(self) -> int:
        return hash(self.type)  # equal ones are of one type; their mappings have no hash

    def input(self, name: str) -> Input | None:
        """The declared input of that name; rows and sub-inputs of dynamic inputs are not declared by name."""
        return next((i for i in self.inputs if i.name == name), None)

    @cached_property
    def is_static(self) -> bool:
        """Whether the inputs do not depend on what they are given."""
        return not any(each.type in (AUTOGROW, DYNAMIC_COMBO, DYNAMIC_SLOT) for each in self.inputs)

    @property
    def required(self) -> Iterator[Input]:
        """The inputs that must be given."""
        return (i for i in self.inputs if i.required)
