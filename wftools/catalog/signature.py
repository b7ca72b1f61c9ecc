"""What a node type takes and gives: the one form that the catalogue, the linter and the executor share."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

COMBO: Final = "COMBO"
WILDCARD: Final = "*"  # fits every type
AUTOGROW: Final = "COMFY_AUTOGROW_V3"
DYNAMIC_COMBO: Final = "COMFY_DYNAMICCOMBO_V3"
DYNAMIC_SLOT: Final = "COMFY_DYNAMICSLOT_V3"
MATCH_TYPE: Final = "COMFY_MATCHTYPE_V3"

CUSTOM_MODULES: Final = "custom_nodes."  # what a server puts before the folder of a pack

KEPT: Final = 4096  # signatures of which what follows from them is remembered


@dataclass(frozen=True)
class Rows:
    """What an autogrow input stands for: inputs of one kind, as many as are used."""

    row: Input
    names: tuple[str, ...]  # of all rows that are possible
    least: int = 0  # how many of them have to be there
    prefix: str | None = None  # if the names are this and a number from 0

    @cached_property
    def inputs(self) -> tuple[Input, ...]:
        """Every possible row."""
        return tuple(
            replace(self.row, name=name, required=self.row.required and index < self.least)
            for index, name in enumerate(self.names)
        )

    def inputs_of(self, name: str, *, required: bool) -> tuple[Input, ...]:
        """The rows of the input of that name; `required`: whether as many as `least` says have to be there."""
        if (name, required) not in self._kept:
            self._kept[name, required] = tuple(
                replace(row, name=f"{name}.{row.name}", required=row.required and required) for row in self.inputs
            )
        return self._kept[name, required]

    @cached_property
    def _kept(self) -> dict[tuple[str, bool], tuple[Input, ...]]:
        return {}


@dataclass(frozen=True, slots=True)
class Branches:
    """What a dynamic combo stands for: each of its choices brings inputs of its own."""

    options: Mapping[str, tuple[Input, ...]]  # by choice


@dataclass(frozen=True, slots=True)
class OnceGiven:
    """What a dynamic slot stands for: it brings more inputs once it is given something."""

    inputs: tuple[Input, ...]


@dataclass(frozen=True, slots=True)
class Matched:
    """What a match-type input stands for: the type of what it is linked to, the same wherever the template is."""

    template: str
    allowed: str = WILDCARD  # a type or a comma-separated union


@dataclass(frozen=True, slots=True)
class Input:
    """One input: a socket, or a widget that a link may replace.

    `options` has object_info's names: default, min, max, step, round, options, multiline, control_after_generate …; a
    choice of files has `folder` ("checkpoints", "input:image") instead of `options`.
    """

    name: str
    type: str  # "INT", "MODEL", "COMBO", "*", "FLOAT,INT", AUTOGROW …
    required: bool = True
    options: Mapping[str, Any] = field(default_factory=dict)
    listed: bool = False  # a combo declared as a bare list of choices (ComfyUI's V1)
    dynamic: Rows | Branches | OnceGiven | Matched | None = None  # what an input of a dynamic type stands for

    @property
    def choices(self) -> tuple[Any, ...] | None:
        """What a combo offers; None where the choices are files, come from a server, or there are none to choose."""
        if isinstance(self.dynamic, Branches):
            return tuple(self.dynamic.options)
        options = self.options.get("options")
        return tuple(options) if self.type == COMBO and isinstance(options, list | tuple) else None

    def brings(self, value: Any) -> tuple[Input, ...] | None:
        """The inputs that a dynamic input has with this value; None if it cannot have the value."""
        match self.dynamic:
            case Branches(options):
                return options.get(value) if isinstance(value, str) else None
            case OnceGiven(inputs):
                return inputs if value is not None else None
        return ()

    @property
    def is_open(self) -> bool:
        """Whether it takes more than the choices that are known: they depend on a machine, or on a user's files."""
        return "open" in self.options

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
    def folders(self) -> tuple[str, ...]:
        """The kinds of files that a combo chooses from: packs join lists of several, with a prefix for each."""
        several = self.options.get("folders")
        told = [self.options, *(several if isinstance(several, list) else ())]
        found = (each.get("folder") for each in told if isinstance(each, dict))
        return tuple(folder for folder in found if isinstance(folder, str))


@dataclass(frozen=True, slots=True)
class Output:
    """One output slot. `choices` is set where the type is itself a list of choices; those of `listing` are unknown."""

    name: str
    type: str
    is_list: bool = False
    choices: tuple[Any, ...] | None = None
    match: str | None = None  # the MatchType template that decides the type
    listing: Mapping[str, Any] | None = None  # whose files the choices are: {"folder": "checkpoints"}


@dataclass(frozen=True, slots=True)
class Origin:
    """The pack of custom nodes that facts are of, and which of its versions they were taken from."""

    pack: str  # its id in the registry (`cnr_id`), or its folder in small letters
    folder: str
    repository: str  # "owner/name": the `aux_id` of nodes whose pack was cloned
    version: str = ""  # as its pyproject says; "" if it has none
    commit: str = ""
    date: str = ""  # of the commit
    since: str = ""  # of older facts: the day of the first commit that was read with them
    until: str = ""  # and of the last one

    @property
    def is_older(self) -> bool:
        """Whether these are facts of an older version: names and types of inputs, and no more."""
        return bool(self.until)

    def __str__(self) -> str:
        of = f"of {self.until}" if self.is_older else self.version or self.commit[:10]
        return f"{self.pack} {of}".rstrip()


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
    own_checks: frozenset[str] = frozenset()  # inputs whose values the class checks; object_info does not tell
    origin: Origin | None = None  # of shipped facts of a pack of custom nodes
    is_replaced: bool = False  # whether the type is gone, and this is told by the one that comes in its place
    is_flexible: bool = False  # whether it takes inputs of any further name
    partly: tuple[str, ...] = ()  # what could not be told from the source: why it may have other inputs or outputs

    def __hash__(self) -> int:
        return hash(self.type)  # equal ones are of one type; their mappings have no hash

    def input(self, name: str) -> Input | None:
        """The declared input of that name; rows and sub-inputs of dynamic inputs are not declared by name."""
        return self.by_name.get(name)

    @property
    def pack(self) -> str | None:
        """The pack of custom nodes that it is of, by its folder; None if it is not known to be of one."""
        return self.module.removeprefix(CUSTOM_MODULES) if self.module.startswith(CUSTOM_MODULES) else None

    @property
    def is_older(self) -> bool:
        """Whether it is what a pack of custom nodes had before: names and types of inputs, and no more."""
        return self.origin is not None and self.origin.is_older

    @cached_property
    def by_name(self) -> Mapping[str, Input]:
        """The declared inputs."""
        return {each.name: each for each in self.inputs}

    @cached_property
    def has_open_types(self) -> bool:
        """Whether of some input not even the type is known: a scan of a pack's source may not tell it."""
        return any(each.is_open and each.type == WILDCARD for each in self.inputs)

    @cached_property
    def is_static(self) -> bool:
        """Whether the inputs do not depend on what they are given."""
        return not any(isinstance(each.dynamic, Rows | Branches | OnceGiven) for each in self.inputs)

    @property
    def required(self) -> Iterator[Input]:
        """The inputs that must be given."""
        return (i for i in self.inputs if i.required)
