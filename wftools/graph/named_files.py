"""The files that nodes name: models, and files of the input folder. Nothing is looked up here.

    for named in named_files(graph.flat):
        named.node, named.input, named.kinds, named.name     # "4", "ckpt_name", ("checkpoints",), "xl/base.safetensors"

An input names a file if its declaration says from which folder it is chosen. Texts of prompts name files too: ComfyUI
reads `embedding:name`, and many packs read `<lora:name:0.8>`. Of a node whose type is not known, or which takes more
than is declared, a value that ends like the name of a model is one of an unknown kind.

What a file says of models beside their names, where they are to be had above all, are its `model_notes`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.expand import expand
from wftools.catalog.literals import literal
from wftools.catalog.lookup import shipped
from wftools.catalog.signature import COMBO, WILDCARD
from wftools.document.pointer import pointer
from wftools.errors import LimitError
from wftools.folders import MODEL_SUFFIXES, may_be_model
from wftools.folders.names import OLD_NAMES, annotated
from wftools.graph.model import Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wftools.catalog.signature import Input, NodeSignature
    from wftools.document import Document
    from wftools.folders.names import Area
    from wftools.graph.model import Node, NodePath, View

EMBEDDINGS: Final = "embeddings"
LORAS: Final = "loras"
MAX_VALUES: Final = 200  # of one value that holds others, or of one node, which are looked through
MAX_NAMED: Final = 100_000  # files of one view: subgraphs in subgraphs multiply them
_MODEL_NAME: Final = (*MODEL_SUFFIXES, ".engine")

# The kinds of which a server lists what ends like a model: ComfyUI's own, but for folders, and GGUF's.
_OWN_KINDS: Final = frozenset(
    {
        "audio_encoders",
        "background_removal",
        "checkpoints",
        "clip_gguf",
        "clip_vision",
        "configs",
        "controlnet",
        "detection",
        "diffusion_models",
        "embeddings",
        "frame_interpolation",
        "geometry_estimation",
        "gligen",
        "hypernetworks",
        "latent_upscale_models",
        "loras",
        "model_patches",
        "optical_flow",
        "photomaker",
        "style_models",
        "text_encoders",
        "unet_gguf",
        "upscale_models",
        "vae",
        "vae_approx",
    }
)

_FOLDERS_FOR_FILES: Final = frozenset({"diffusers"})
_NOTHING: Final = frozenset({"", "none", "null", "undefined"})  # choices of no file, however a pack spells them

_EMBEDDING: Final = re.compile(r"(?<![\w/\\])embedding:\s*((?:\\[()]|[^\s<\[(){}|,])+)(\)?)")
_IN_TEXT: Final = re.compile(r"embedding:|<lora:", re.IGNORECASE)
_WEIGHT: Final = re.compile(r":\s*-?[\d.]+$")
_LORA: Final = re.compile(r"<lora:([^:<>\n]+)(?::[^<>\n]*)?>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NamedFile:
    """One file that a node names."""

    node: NodePath
    input: str | None  # None where the file saves the value without saying for which input
    value: str  # as the workflow writes it; of a name in a text, that name
    name: str  # below a folder of its kind: with forward slashes, without what the value has around it
    kinds: tuple[str, ...]  # of models that it may be one of; none where that is unknown, and for what is no model
    area: Area | None  # the folder of what is no model; None for a model
    pointer: str  # of the value in the document
    is_folder: bool = False  # rather than a file
    is_in_text: bool = False  # named in a prompt, mostly without its suffix
    is_off: bool = False  # in a row that is switched off

    @property
    def is_model(self) -> bool:
        """Whether it is a model, rather than a picture or the like."""
        return self.area is None

    @property
    def spellings(self) -> tuple[str, ...]:
        """The names that the file may have: in prompts, suffixes are left out."""
        suffixes = _SUFFIXES_OF_EMBEDDINGS if self.kinds == (EMBEDDINGS,) else _SUFFIXES_OF_LORAS
        return tuple(self.name + suffix for suffix in suffixes) if self.is_in_text else (self.name,)

    @property
    def is_in_any_folder(self) -> bool:
        """Whether those who read the name find its file in subfolders too, as packs find LoRAs that texts name."""
        return self.is_in_text and self.kinds == (LORAS,) and "/" not in self.name


_SUFFIXES_OF_EMBEDDINGS: Final = ("", ".safetensors", ".pt", ".bin")  # as ComfyUI tries them
_SUFFIXES_OF_LORAS: Final = ("", ".safetensors", ".ckpt", ".pt", ".bin")


def named_files(view: View) -> Iterator[NamedFile]:
    """The files that the nodes of a view name, in the order of nodes and inputs.

    What a view has for the editor's own nodes and for instances of subgraphs, as `unfolded` does, names nothing itself:
    leave it out before. Raises LimitError for more than MAX_NAMED.
    """
    files = (named for node in view.nodes.values() for named in files_of(node))
    for count, named in enumerate(files, 1):
        if count > MAX_NAMED:
            raise LimitError(f"the workflow names more than {MAX_NAMED:,} files once its subgraphs are spelled out")
        yield named


def files_of(node: Node) -> Iterator[NamedFile]:
    """The files that one node of the server's names."""
    declared = expand(node.signature, node.values) if node.signature is not None else {}
    for name, given in node.given.items():
        if isinstance(given, Literal):
            yield from _in_value(node, name, declared.get(name), literal(given.value), given.pointer)
    if node.signature is None or node.unnamed:
        yield from _without_names(node)


def _in_value(node: Node, name: str | None, declared: Input | None, value: Any, at: str) -> Iterator[NamedFile]:
    """The files that a value names: one, or those in a list of choices, in rows or in a text."""
    rows = ROWS.get(node.type)
    if rows is not None and name is not None and rows.inputs.fullmatch(name):
        yield from rows.files(node, name, value, at)
        return
    sources = _sources(node.signature, declared) if declared is not None else ()
    if declared is not None and sources and name is not None:
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str) and not _is_none(declared, sources, each):
                yield _chosen(node.path, name, sources, each, at)
    elif declared is None or declared.is_open or declared.type == WILDCARD:
        yield from _of_unknown_kind(node.path, name, value, at)
    if not sources and isinstance(value, str) and (declared is None or declared.type in ("STRING", WILDCARD)):
        yield from in_text(node, name, value, at)


@dataclass(frozen=True, slots=True)
class _Source:
    """A folder that the choices of an input come from."""

    kind: str  # "loras", "input:image", "output:subfolders"
    prefix: str = ""  # what stands before the names


def _sources(signature: NodeSignature | None, declared: Input) -> tuple[_Source, ...]:
    """The folders that an input chooses from; of older facts, which lack them, those of today."""
    found = tuple(_declared_sources(declared))
    if not found and signature is not None and signature.origin is not None and signature.origin.is_older:
        variants = (each.input(declared.name) for each in shipped().variants(signature.type))
        known = (tuple(_declared_sources(each)) for each in variants if each is not None and each.type == declared.type)
        return next(filter(None, known), ())
    return found


def _declared_sources(declared: Input) -> Iterator[_Source]:
    if declared.type != COMBO:
        return
    if declared.folder is not None:
        yield _Source(declared.folder)
    several = declared.options.get("folders")
    for each in several if isinstance(several, list) else ():
        if isinstance(each, dict) and isinstance(each.get("folder"), str):
            prefix = each.get("prefix")
            yield _Source(each["folder"], prefix.replace("\\", "/") if isinstance(prefix, str) else "")


def _is_none(declared: Input, sources: Sequence[_Source], value: str) -> bool:
    """Whether a choice is none of the files."""
    if value in (declared.options.get("extra_options") or ()) or value.strip().lower() in _NOTHING:
        return True
    return all(OLD_NAMES.get(source.kind, source.kind) in _OWN_KINDS for source in sources) and not may_be_model(value)


def _chosen(node: NodePath, name: str, sources: Sequence[_Source], value: str, at: str) -> NamedFile:
    spelled = value.replace("\\", "/")
    area, _, content = sources[0].kind.partition(":")
    if content:  # "input:image", "input/3d:model3d"
        folder = area.partition("/")[0]
        bare, where = annotated(value)
        is_folder = content == "subfolders"
        return NamedFile(node, name, value, bare.replace("\\", "/"), (), where or _area(folder), at, is_folder)
    matching = [source for source in sources if source.prefix and spelled.startswith(source.prefix)]
    matching = matching or [source for source in sources if not source.prefix] or list(sources)
    prefix = matching[0].prefix if spelled.startswith(matching[0].prefix) else ""
    kinds = tuple(dict.fromkeys(OLD_NAMES.get(source.kind, source.kind) for source in matching))
    is_folder = kinds[0] in _FOLDERS_FOR_FILES
    return NamedFile(node, name, value, spelled.removeprefix(prefix), kinds, None, at, is_folder)


def _area(name: str) -> Area:
    return "output" if name == "output" else "input"


# What nobody declares


def _of_unknown_kind(node: NodePath, name: str | None, value: Any, at: str) -> Iterator[NamedFile]:
    for _, text in _texts([value]):
        if text.lower().endswith(_MODEL_NAME) and "\n" not in text and "://" not in text:
            yield NamedFile(node, name, text, text.replace("\\", "/"), (), None, at)


def _without_names(node: Node) -> Iterator[NamedFile]:
    """What saved values name that no input is known for."""
    values = node.ui.widgets_values if node.ui is not None else None
    if not isinstance(values, list):
        return
    told = {given.value for given in node.given.values() if isinstance(given.value, str)}
    places = {given.pointer for given in node.given.values()}
    for index, text in _texts(values):
        if text.lower().endswith(_MODEL_NAME) or _IN_TEXT.search(text):  # quickly: there may be many of such a node
            at = node.pointer + pointer("widgets_values", index)
            if text not in told and at not in places:
                yield from _in_value(node, None, None, text, at)


def _texts(values: Sequence[Any]) -> Iterator[tuple[int, str]]:
    """The texts in some values, those in lists and objects included, each with the index of its value.

    Of very many values, the first are looked through.
    """
    waiting = [(index, each) for index, each in reversed([*enumerate(values[:MAX_VALUES])])]
    for _ in range(MAX_VALUES):
        if not waiting:
            return
        index, value = waiting.pop()
        if isinstance(value, str):
            yield index, value
        elif isinstance(value, list | dict):
            parts = islice(value.values() if isinstance(value, dict) else value, MAX_VALUES)
            waiting += [(index, part) for part in reversed([*parts])]


# Texts


def in_text(node: Node, name: str | None, text: str, at: str) -> Iterator[NamedFile]:
    """The embeddings and LoRAs that a text names. ComfyUI's own encoders of texts know no LoRAs."""
    for kind, written in _names_in(text):
        if kind == EMBEDDINGS or not _is_encoder_of_core(node.signature):
            spelled = written.replace("\\", "/")
            yield NamedFile(node.path, name, written, spelled, (kind,), None, at, is_in_text=True)


@lru_cache(maxsize=256)
def _names_in(text: str) -> tuple[tuple[str, str], ...]:
    """What a text names, by its kind; remembered, since a subgraph has its texts in each of its uses."""
    found: list[tuple[str, str]] = []
    if "embedding:" in text:
        for match in _EMBEDDING.finditer(text):
            written = _WEIGHT.sub("", match.group(1)) if match.group(2) else match.group(1)
            found.append((EMBEDDINGS, re.sub(r"\\([()])", r"\1", written)))
    if "<lora:" in text.lower():
        found += [(LORAS, match.group(1).strip()) for match in _LORA.finditer(text)]
    return tuple(found)


def _is_encoder_of_core(signature: NodeSignature | None) -> bool:
    return (
        signature is not None
        and signature.origin is None
        and signature.pack is None
        and any(output.type == "CONDITIONING" for output in signature.outputs)
    )


# Rows that the scripts of packs make, and no declaration tells of


@dataclass(frozen=True, slots=True)
class _Rows:
    """Inputs that are rows: objects with the name of a model, and whether it is used."""

    inputs: re.Pattern[str]
    kind: str
    name: str
    on: str
    is_in_text: bool = False  # whether names stand without their suffixes

    def files(self, node: Node, name: str, value: Any, at: str) -> Iterator[NamedFile]:
        """The files that the value of such an input names."""
        for row in value if isinstance(value, list) else [value]:
            written = row.get(self.name) if isinstance(row, dict) else None
            if isinstance(written, str) and written.strip().lower() not in _NOTHING:
                yield NamedFile(
                    node.path,
                    name,
                    written,
                    written.replace("\\", "/"),
                    (self.kind,),
                    None,
                    at,
                    is_in_text=self.is_in_text,
                    is_off=row.get(self.on) is False,
                )


_LORA_MANAGER: Final = _Rows(re.compile("loras"), LORAS, "name", "active", is_in_text=True)
ROWS: Final[Mapping[str, _Rows]] = {
    "Power Lora Loader (rgthree)": _Rows(re.compile(r"lora_\d+", re.IGNORECASE), LORAS, "lora", "on"),
    "Lora Loader (LoraManager)": _LORA_MANAGER,
    "Lora Stacker (LoraManager)": _LORA_MANAGER,
    "Lora Randomizer (LoraManager)": _LORA_MANAGER,
}


# What the file says of models


@dataclass(frozen=True, slots=True)
class ModelNote:
    """What a file says of a model: where it is to be had, and what its content is."""

    name: str
    pointer: str
    node: NodePath | None = None  # None where the file says it of the whole workflow
    directory: str | None = None  # the kind of folder
    url: str | None = None
    hash: str | None = None
    hash_type: str | None = None  # "SHA256", "AutoV2" …


def model_notes(document: Document, view: View) -> Iterator[ModelNote]:
    """What the nodes of a view say of models (`properties.models`), then what the document says at its top.

    Official templates say it at the nodes that load them, and older ones once for all.
    """
    for node in view.nodes.values():
        properties = node.ui.properties if node.ui is not None else None
        if properties is not None:
            yield from _notes(properties.get("models"), node.pointer + pointer("properties", "models"), node.path)
    if document.form == "ui":
        extra = document.tree.get("extra")
        yield from _notes(document.tree.get("models"), pointer("models"), None)
        yield from _notes(extra.get("models") if isinstance(extra, dict) else None, pointer("extra", "models"), None)


def _notes(models: Any, at: str, node: NodePath | None) -> Iterator[ModelNote]:
    for index, each in enumerate(models if isinstance(models, list) else ()):
        if isinstance(each, dict) and isinstance(each.get("name"), str):
            directory, url, hash_, hash_type = (
                found if isinstance(found := each.get(key), str) and found else None
                for key in ("directory", "url", "hash", "hash_type")
            )
            if directory is not None:
                directory = OLD_NAMES.get(directory, directory)
            yield ModelNote(each["name"], at + pointer(index), node, directory, url, hash_, hash_type)
