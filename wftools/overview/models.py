"""The models that nodes use, and how strongly: LoRAs, control models, adapters of pictures; and the files they read."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.literals import literal
from wftools.graph.model import Literal
from wftools.graph.named_files import EMBEDDINGS, LORAS, files_of
from wftools.overview.model import From, UsedFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from wftools.graph.model import Node, NodePath
    from wftools.graph.named_files import ModelNote, NamedFile
    from wftools.overview.model import Told
    from wftools.overview.ways import Slot, Ways

Strengths = tuple[tuple[str, "Told"], ...]

_STRENGTH: Final = re.compile(r"strength|weight|(?:^|_)(?:str|wt)(?:_|$)|multiplier", re.IGNORECASE)
_NO_STRENGTH: Final = re.compile(r"type|interpretation|dtype|precision|normali|seed", re.IGNORECASE)
_RANGE: Final[Mapping[str, str]] = {
    "start_percent": "start",
    "end_percent": "end",
    "start_at": "start",
    "end_at": "end",
    "start": "start",
    "end": "end",
}
_OFF: Final = frozenset({"off", "false", "disable", "disabled", "none", "no"})
_SWITCHES: Final = frozenset({"switch", "toggle", "enabled", "enable", "lora_enabled", "on", "lora_on"})
_COUNTS: Final = ("lora_count", "num_loras", "num_controlnet")
_MODES: Final = ("input_mode", "mode")

_ALONE: Final = frozenset({"checkpoints", "diffusion_models", "text_encoders", "vae", "unet_gguf", "clip_gguf"})
"""Kinds of models that are used as they are, not to some degree."""

_ORDER: Final = (
    "checkpoints",
    "diffusion_models",
    "unet_gguf",
    LORAS,
    "controlnet",
    "",
    "text_encoders",
    "clip_gguf",
    "vae",
)

# Links that do not carry a model which a node applies to some degree.
_UNAPPLIED: Final = frozenset(
    {
        "MODEL",
        "CLIP",
        "VAE",
        "LATENT",
        "IMAGE",
        "MASK",
        "CONDITIONING",
        "INT",
        "FLOAT",
        "BOOLEAN",
        "STRING",
        "COMBO",
        "VIDEO",
        "AUDIO",
        "NOISE",
        "SIGMAS",
        "SAMPLER",
        "GUIDER",
        "LORA_STACK",
        "WANVIDEOMODEL",
        "WANVIDLORA",
        "CLIP_VISION",
        "CLIP_VISION_OUTPUT",
        "*",
    }
)
_PRESETS: Final = re.compile(r"IPADAPTER|PULID|INSTANTID")
_LORA_TAG: Final = re.compile(r"<lora:([^:<>\n]+)((?::[^:<>\n]*)*)>", re.IGNORECASE)
_NUMBER: Final = re.compile(r"\d+")


class Models:
    """The files of a view's nodes."""

    def __init__(self, ways: Ways, notes: Iterable[ModelNote] = ()) -> None:
        self._ways = ways
        self._notes = {_base(note.name): note for note in notes}
        self._own: dict[NodePath, tuple[UsedFile, ...]] = {}
        self._applied: dict[NodePath, tuple[tuple[UsedFile, Strengths], ...]] = {}

    def of(self, nodes: Iterable[NodePath]) -> tuple[UsedFile, ...]:
        """The files of some nodes, in the order of the nodes, each once."""
        paths = list(nodes)
        applied = dict(each for path in paths for each in self._applied_by(self._ways.nodes[path]))
        found: dict[UsedFile, None] = {}
        for path in paths:
            for file in self._of_node(self._ways.nodes[path]):
                found.setdefault(replace(file, strengths=file.strengths or applied.get(file, ())))
        return tuple(found)

    def _of_node(self, node: Node) -> tuple[UsedFile, ...]:
        if node.path not in self._own:
            files = [named for named in files_of(node) if not named.is_off and not self._is_off(node, named.input)]
            rows = {named.name for named in files if _is_row(node, named)}
            files = [named for named in files if not named.is_in_text or _is_row(node, named) or named.name not in rows]
            self._own[node.path] = tuple(self._used(node, named) for named in files) or _preset(node)
        return self._own[node.path]

    def _used(self, node: Node, named: NamedFile) -> UsedFile:
        kind = named.kinds[0] if named.kinds else named.area or ""
        note = self._notes.get(_base(named.name))
        is_sha = note is not None and (note.hash_type or "").upper() == "SHA256"
        used = UsedFile(
            kind,
            named.name,
            node.path,
            url=note.url if note is not None else None,
            sha256=note.hash.lower() if note is not None and note.hash and is_sha else None,
        )
        given = node.given.get(named.input) if named.input is not None else None
        value = literal(given.value) if isinstance(given, Literal) else None
        if kind in _ALONE or kind == EMBEDDINGS or named.area is not None:
            return used
        if named.is_in_text and isinstance(value, str):
            return replace(used, strengths=_of_tag(value, named.value))
        if isinstance(value, dict | list):
            return replace(used, strengths=_of_row(value, named.value))
        return replace(used, strengths=self._beside(node, named.input or "", kind))

    def _beside(self, node: Node, name: str, kind: str) -> Strengths:
        """The strengths that a node has for the file that one of its inputs names: those of the same number."""
        numbers = _NUMBER.findall(name)
        others = sum(not file.is_off and file.kinds != () for file in files_of(node))
        found: dict[str, Told] = {}
        spelled: dict[str, str] = {}
        for key, given in node.given.items():
            if _NUMBER.findall(key) != numbers:
                continue
            value = self._ways.value(given)
            if isinstance(value, bool) or (isinstance(value, str) and _as_number(value) is None):
                continue
            bare = _NUMBER.sub("", key).strip("_").lower().removeprefix("controlnet_").removeprefix("lora_")
            if _STRENGTH.search(key) and not _NO_STRENGTH.search(key):
                is_of_other = (
                    others > 1 and not numbers and kind == LORAS and "lora" not in key.lower() and "lora" in name
                )
                if not (is_of_other and any("lora" in each.lower() and _STRENGTH.search(each) for each in node.given)):
                    what = "clip" if "clip" in bare else "model" if "model" in bare else "plain"
                    if spelled.setdefault(what, key) == key:
                        found[what] = value
            elif bare in _RANGE:
                found[_RANGE[bare]] = value
        return _tidied(found, self._mode(node))

    def _mode(self, node: Node) -> str:
        return next((str(node.values[name]).lower() for name in _MODES if isinstance(node.values.get(name), str)), "")

    def _is_off(self, node: Node, name: str | None) -> bool:
        """Whether a switch of the node, or a number of rows that count, leaves out what an input names."""
        numbers = _NUMBER.findall(name) if name is not None else []
        for key, value in node.values.items():
            of_row = _NUMBER.findall(key)
            bare = _NUMBER.sub("", key).strip("_").lower()
            is_switch = bare in _SWITCHES and of_row in ([], numbers)
            if is_switch and (value is False or (isinstance(value, str) and value.lower() in _OFF)):
                return True
            if key in _COUNTS and numbers and isinstance(value, int) and int(numbers[0]) > value:
                return True
        return False

    def _applied_by(self, node: Node) -> tuple[tuple[UsedFile, Strengths], ...]:
        """How strongly a node applies models that others load: a control model, a model of styles, an adapter."""
        ways = self._ways
        if node.path not in self._applied:
            strengths = self._beside(node, "", "") if any(_STRENGTH.search(name) for name in node.given) else ()
            found: list[tuple[UsedFile, Strengths]] = []
            for name, source in ways.inputs(node) if strengths else ():
                kind = ways.output(source.node, source.slot)[1] or name.upper()
                if kind not in _UNAPPLIED:
                    loaders = ways.upstream([source], self._carries_same(kind))
                    files = (file for each in loaders for file in self._of_node(ways.nodes[each]))
                    found += [(file, strengths) for file in files if file.kind not in _ALONE and file.kind != LORAS]
            self._applied[node.path] = tuple(found)
        return self._applied[node.path]

    def _carries_same(self, kind: str) -> Callable[[Slot], bool]:
        """Whether an output merely hands on a model of that type, rather than load it or apply one."""
        ways = self._ways

        def carries(at: Slot) -> bool:
            node = ways.nodes[at.node]
            is_same = ways.output(at.node, at.slot)[1] in (kind, "*", "") or _PRESETS.search(kind) is not None
            return is_same and not self._of_node(node) and not any(_STRENGTH.search(name) for name in node.given)

        return carries


def _is_row(node: Node, named: NamedFile) -> bool:
    """Whether a file is named by a row rather than in a text; some packs keep a text of their rows beside them."""
    return not isinstance(node.values.get(named.input or ""), str)


def _preset(node: Node) -> tuple[UsedFile, ...]:
    """An adapter that is chosen by the name of a preset rather than by its file."""
    outputs = node.signature.outputs if node.signature is not None else ()
    kind = next((each.type for each in outputs if _PRESETS.search(each.type)), None)
    preset = node.values.get("preset")
    return (UsedFile(kind.lower(), preset, node.path),) if kind is not None and isinstance(preset, str) else ()


def rank(file: UsedFile) -> int:
    """In which order kinds of models are told: what makes the picture first, then what changes it, then the others."""
    return _ORDER.index(file.kind) if file.kind in _ORDER else _ORDER.index("")


def is_input(file: UsedFile) -> bool:
    """Whether a file is no model, but something that is read: a picture, a video, a sound."""
    return file.kind in ("input", "output", "temp")


def _tidied(found: Mapping[str, Told], mode: str) -> Strengths:
    """One strength, and another for the text encoder where it differs; of two ways to say it, the one that counts."""
    has_both = "plain" in found and "model" in found
    if has_both and "simple" in mode:
        found = {what: value for what, value in found.items() if what not in ("model", "clip")}
    elif has_both:
        found = {what: value for what, value in found.items() if what != "plain"}
    main = found.get("model", found.get("plain", found.get("clip")))
    if main is None:
        return ()
    told: list[tuple[str, Told]] = [("strength", main)]
    if "clip" in found and found["clip"] != main:
        told.append(("clip", found["clip"]))
    if found.get("start", 0) != 0:
        told.append(("start", found["start"]))
    if found.get("end", 1) != 1:
        told.append(("end", found["end"]))
    return tuple(told)


def _of_tag(text: str, name: str) -> Strengths:
    """The strengths in `<lora:name:0.8:0.6>`."""
    for match in _LORA_TAG.finditer(text):
        if match.group(1).strip() == name:
            numbers = [number for part in match.group(2).split(":")[1:] if (number := _as_number(part)) is not None]
            return _tidied(dict(zip(("model", "clip"), numbers, strict=False)), "")
    return ()


def _of_row(value: Any, name: str) -> Strengths:
    """The strengths of a row that a pack's script makes: `{"lora": …, "strength": 1, "strengthTwo": null}`."""
    for row in value if isinstance(value, list) else [value]:
        if isinstance(row, dict) and name in row.values():
            strengths = {
                "model": ("strength", "strength_model"),
                "clip": ("strengthTwo", "clipStrength", "strength_clip"),
            }
            found: dict[str, Told] = {}
            for what, keys in strengths.items():
                number = next((n for key in keys if (n := _as_number(row.get(key))) is not None), None)
                if number is not None:
                    found[what] = number
            return _tidied(found, "")
    return ()


def _as_number(value: Any) -> float | None:
    if isinstance(value, bool | From) or value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return int(number) if isinstance(value, int) else number


def _base(name: str) -> str:
    return name.rpartition("/")[2]
