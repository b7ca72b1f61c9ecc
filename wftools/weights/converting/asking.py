"""What is asked of a conversion, and the plans that answer it: of one file, or of a folder of diffusers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal

from wftools import __version__
from wftools.errors import InputError, Place, listed
from wftools.weights.converting import layouts, scaling, selecting
from wftools.weights.converting.layouts import Laid, Layout
from wftools.weights.converting.plan import Plan, Planned
from wftools.weights.converting.types import FLOATS, Types, network_prefix, typed
from wftools.weights.dialects import comfy_quant, understood
from wftools.weights.formats.gguf import entries
from wftools.weights.gguf import ARCHITECTURE
from wftools.weights.quantising.architectures import Architecture, architecture_of
from wftools.weights.writers import WRITERS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wftools.weights.converting.selecting import Sections
    from wftools.weights.gguf import Metadata
    from wftools.weights.tensorfile import TensorFile

Only = Literal["unet", "vae", "clip", "clip_l", "clip_g", "clip_h"]

CONVERTED: Final = "wftools.converted_by"
OF_FOLDERS: Final = "folder"  # the format of a folder of diffusers
IN_FOLDERS: Final = "safetensors"  # that of the files in it
NOT_WRITTEN: Final = {".onnx": "`wftools model export-onnx` writes ONNX"}

# What a GGUF file says of itself and holds for no other.
_OF_GGUF: Final = ("general.file_type", "general.quantiz")


@dataclass(frozen=True)
class Wanted:
    """What is asked for."""

    types: Types = field(default_factory=Types)
    only: Only | None = None
    layout: Layout | None = None
    prune: bool = False
    ema: bool = False  # the averaged weights instead of the others, which implies `prune`

    @property
    def is_of_parts(self) -> bool:
        """Whether a file's networks have to be told apart."""
        return self.only is not None or self.layout is not None


@dataclass(frozen=True)
class Conversion:
    """A file to be written, or a folder: its plans, by the folders in it."""

    plans: Mapping[str, Plan]  # "" alone: one file
    file: TensorFile  # what it is made from, as its dialect means it
    size_before: int  # the bytes of all tensors that are in it
    found: Sections | None = None  # what was recognised, if that was asked for

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder of diffusers."""
        return "" not in self.plans

    @property
    def size(self) -> int:
        """The bytes of all tensors."""
        return sum(plan.size for plan in self.plans.values())

    @property
    def left_out(self) -> Mapping[str, str]:
        """What stands in no new file, and why."""
        return next(iter(self.plans.values())).left_out


def format_of(out: Path) -> str | None:
    """The module of `weights.writers` that a name asks for; None: a folder. Raises InputError for any other."""
    suffix = out.suffix.lower()
    if not suffix or out.is_dir():
        return None
    writers = {known: name for name in WRITERS.names() for known in WRITERS.load(name).SUFFIXES}
    if suffix not in writers:
        hint = NOT_WRITTEN.get(suffix, f"name it so that it ends in {', '.join(sorted(writers))}, or a folder")
        raise InputError("the name does not say which format to write", place=Place(str(out)), hint=hint)
    return writers[suffix]


def planned(stored: TensorFile, out: Path, wanted: Wanted) -> Conversion:
    """How a file, as it is stored, is converted. Raises InputError."""
    form = format_of(out)
    if form is None:
        wanted = replace(wanted, layout="diffusers")
    elif stored.format == OF_FOLDERS and not wanted.is_of_parts:
        wanted = replace(wanted, layout="single")
    if form is None and (wanted.only is not None):
        hint = f"name a file: {out.name}.safetensors"
        raise InputError("one network alone is a file and no folder", place=Place(str(out)), hint=hint)
    if form is not None and wanted.layout == "diffusers" and wanted.only is None:
        hint = "name a folder, or one network with --only"
        raise InputError("a model in the layout of diffusers is a folder", place=Place(str(out)), hint=hint)
    file, left, before = stored, dict[str, str](), sum(info.stop - info.start for info in stored.tensors.values())
    if wanted.ema:
        file = selecting.averaged(file)
    if wanted.prune or wanted.ema:
        file, left = selecting.pruned(file)
    if form is not None and not wanted.is_of_parts and _stays(file, form, wanted):
        told = _metadata(file, form, architecture_of(file) if form == "gguf" else None, is_decoded=False)
        return Conversion({"": Plan(file, form, _as_they_are(file).tensors, told, left)}, file, before)
    file = understood(file)
    kind = architecture_of(file)
    if form is not None and not wanted.is_of_parts:
        return Conversion({"": _finished(_as_they_are(file), form, wanted, left, kind)}, file, before)
    found = selecting.sections(file)
    if form is None:
        laid = layouts.folders(found)
    elif wanted.only is None:
        laid = {"": layouts.single(found)}
    else:
        laid = {"": layouts.alone(found, _part(found, wanted.only), wanted.layout or "single")}
    left |= selecting.left_out(file, [each.file for each in laid.values()], "belongs to no network that is asked for")
    plans = {folder: _finished(each, form, wanted, left, kind) for folder, each in laid.items()}
    return Conversion(plans, file, before, found)


def _stays(file: TensorFile, form: str, wanted: Wanted) -> bool:
    """Whether nothing is asked of the numbers, and the format holds them as they are."""
    holds = WRITERS.load(form).holds
    return wanted.types.dtype is None and all(holds(info.dtype, info.shape) for info in file.tensors.values())


def _as_they_are(file: TensorFile) -> Laid:
    return Laid(file, tuple(Planned(name, name, info.dtype, info.shape) for name, info in file.tensors.items()))


def _finished(
    laid: Laid, form: str | None, wanted: Wanted, left_out: Mapping[str, str], kind: Architecture | None
) -> Plan:
    """The plan of one file, with types and scales; `form` None: of one in a folder."""
    types, place = wanted.types, laid.file.place
    if form == "gguf" and types.has_few_bits:
        hint = "`wftools model quantize` writes GGUF in few bits"
        raise InputError("GGUF has no numbers of eight bits with a scale beside them", place=place, hint=hint)
    if form is None and types.is_scaled:
        raise InputError("diffusers reads no scales", place=place, hint="name a file, or leave out the scales")
    has_scales, form = form not in {None, "gguf"}, form or IN_FOLDERS
    if types.dtype is None and has_scales:
        laid = Laid(*scaling.with_kept_scales(laid.file, laid.tensors))
    tensors, scales = typed(laid, form, types, kind or Architecture(""))
    if types.is_scaled and not scales:
        raise InputError(
            "no layer can have a scale: there is no matrix of a network that denoises",
            place=place,
            hint="leave out --scaled, or take another --dtype",
        )
    file, tensors = scaling.with_scales(laid.file, tensors, scales)
    if any(each.is_marked for each in scales.values()):
        file, marker = scaling.marked(file, network_prefix(laid), FLOATS[types.dtype or ""])
        tensors = (*tensors, marker)
    _check_names(tensors, file)
    return Plan(file, form, tensors, _metadata(file, form, kind, is_decoded=True), left_out)


def _check_names(tensors: tuple[Planned, ...], file: TensorFile) -> None:
    """Raise InputError if two tensors would have one name."""
    names = [each.name for each in tensors]
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise InputError(f"two tensors would be called {listed(twice, 3)}", place=file.place)


def _part(found: Sections, only: Only) -> str:
    """The network that is meant. Raises InputError if it is not there, or if it is not clear which one is meant."""
    matching = found.texts if only == "clip" else tuple(name for name in found.files if name == only)
    if len(matching) == 1:
        return matching[0]
    place = next(iter(found.files.values())).place
    if matching:
        raise InputError(
            f"the file has the text encoders {listed(matching, 3)}",
            place=place,
            hint=f"name one: --only {matching[0]}",
        )
    raise InputError(f"the file has no {only}", place=place, hint=f"it has {listed(list(found.files), 5)}")


def _metadata(file: TensorFile, form: str, kind: Architecture | None, *, is_decoded: bool) -> Metadata:
    """What the new file says of itself: what the old one said, as far as it still holds, and what made it."""
    told: Metadata = entries(file.path) if file.format == "gguf" else file.metadata
    if file.format == OF_FOLDERS:  # what stands there is about the folder
        told = {key: value for key, value in told.items() if key.startswith("wftools.")}
    dropped = {"format", "total_size", *selecting.STATES, *({comfy_quant.ALL_LAYERS} if is_decoded else ())}
    kept = {key: value for key, value in told.items() if key not in dropped and not key.startswith(_OF_GGUF)}
    named = {"format": "pt"} if form == "safetensors" else {}  # transformers asks for it
    if kind is not None and form == "gguf":
        named = {ARCHITECTURE: kind.name}
    return dict(sorted({**kept, **named, CONVERTED: f"wftools {__version__}"}.items()))
