"""Our networks as ONNX files, each of which is compared with torch before it is there.

The exporter by tracing comes first: it is in every torch that wftools runs with, needs no package more, and is faster
by ten. The other one, of torch 2.5 and later, is for what it cannot trace, and needs onnxscript.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import torch
from torch import Tensor, nn

from wftools.context import Placement
from wftools.diffusion import families
from wftools.diffusion.loading import load_network
from wftools.diffusion.networks.clip_text import ClipText
from wftools.diffusion.networks.compact import Compact
from wftools.diffusion.networks.controlnet import ControlNet
from wftools.diffusion.networks.rrdb import Rrdb
from wftools.diffusion.networks.vae import AutoencoderKL
from wftools.diffusion.onnx.session import missing, open_session
from wftools.diffusion.onnx.wrapping import (
    Wrapped,
    wrapped_controlnet,
    wrapped_decoder,
    wrapped_encoder,
    wrapped_text,
    wrapped_unet,
    wrapped_upscaler,
)
from wftools.diffusion.ops import weights_of
from wftools.diffusion.sampling.levels import DiscreteLevels
from wftools.diffusion.sampling.parametrise import Eps, Velocity
from wftools.errors import InputError, Place, RunError
from wftools.weights.dialects import understood
from wftools.weights.families import facts_of, recognise, recognise_texts
from wftools.weights.networks.controlnet import find_controlnet
from wftools.weights.networks.upscaler import RrdbConfig, find_compact, find_rrdb, unwrapped
from wftools.weights.onnx import roles
from wftools.weights.tensorfile import open_tensors
from wftools.writing import atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from wftools.weights.networks import Part
    from wftools.weights.tensorfile import TensorFile

OPSET: Final = 17
LATER_OPSET: Final = 18  # the least that the second exporter makes without converting what it made
MAX_INSIDE: Final = 1_800_000_000  # bytes of weights in the file itself: protobuf ends at two GiB
ALIGNMENT: Final = 4096  # of the data beside it, which readers map into memory
DATA_AT_LEAST: Final = 1024  # bytes of a tensor that is put beside it

# The largest difference from torch, in units of the largest value. Exports of all parts were seen at 1e-6 in float32;
# float16 rounds to 1e-3 in every layer.
TOLERANCES: Final = {"fp32": 1e-4, "fp16": 3e-2}
DTYPES: Final = {"fp32": torch.float32, "fp16": torch.float16}

COUNTED: Final = {"timestep", "time_ids"}
TRACED: Final = (2, 16, 24)  # how many, and height and width in cells, when a network is traced
CHECKED: Final = ((1, 8, 8), (3, 24, 16))  # and when it is compared

# What a file may have, in the order of the parts of a model; and where optimum puts each in a folder.
PARTS: Final[Mapping[str, str]] = {
    "unet": "unet/model.onnx",
    "clip": "text_encoder/model.onnx",
    "vae-encoder": "vae_encoder/model.onnx",
    "vae-decoder": "vae_decoder/model.onnx",
    "controlnet": "controlnet/model.onnx",
    "upscaler": "upscaler/model.onnx",
}
_OF_VAE: Final = ("vae-encoder", "vae-decoder")


@dataclass(frozen=True, slots=True, eq=False)
class Exportable:
    """One network of a file that can become a file of its own."""

    part: str  # one of `PARTS`
    place: str  # below a folder, where several are put into one
    load: Callable[[], nn.Module]
    wrap: Callable[[Any], Wrapped]
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that was made."""

    part: str
    path: Path
    bytes: int  # with the data beside it
    difference: float  # the largest difference from torch, in units of the largest value
    nodes: int


def exportable(file: TensorFile, part: str | None = None) -> list[Exportable]:
    """The networks in a file, or those of one part. Raises InputError if there are none."""
    found = [
        each for each in _found(file) if part is None or each.part == part or (part == "vae" and each.part in _OF_VAE)
    ]
    if not found:
        what = "nothing that can be exported" if part is None else f"no {part}"
        raise InputError(f"there is {what} in the file that wftools knows", place=file.place)
    return found


def open_source(path: Path) -> TensorFile:
    """A file whose networks are to be exported. Raises InputError for one that is ONNX already."""
    file = open_tensors(path)
    if file.format == "onnx":
        raise InputError("the file is ONNX already", place=file.place)
    return understood(file)


def _found(file: TensorFile) -> Iterator[Exportable]:
    bare = unwrapped(file)
    for find, network in ((find_rrdb, Rrdb), (find_compact, Compact)):
        part = find(bare)
        if part is not None:
            cell = part.config.unshuffle if isinstance(part.config, RrdbConfig) else 1
            yield _exportable("upscaler", part, network, wrapped_upscaler, {roles.SAID_CELL: str(cell)})
            return
    control = find_controlnet(file)
    if control is not None:
        yield _exportable("controlnet", control, ControlNet, wrapped_controlnet)
        return
    whole = recognise(file)
    if whole is not None and (whole.parts.network or whole.parts.vae or whole.parts.texts):
        name, parts = whole.family, whole.parts
        said = {roles.SAID_FAMILY: name}
        form = facts_of(name).LATENT_FORM
        if parts.network is not None:
            meaning = families.family(name).parametrisation(file, parts.network)
            more = {**said, **_meaning(meaning, file), roles.SAID_LATENT_SCALE: str(form.scale)}
            yield _exportable("unet", parts.network, families.family(name).network, wrapped_unet, more)
        yield from _texts(parts.texts, said)
        if parts.vae is not None:
            more = {roles.SAID_LATENT_SCALE: str(form.scale), roles.SAID_LATENT_RATIO: str(parts.vae.config.ratio)}
            yield _exportable("vae-encoder", parts.vae, AutoencoderKL, wrapped_encoder, more)
            yield _exportable("vae-decoder", parts.vae, AutoencoderKL, wrapped_decoder, more)
        return
    alone = recognise_texts([file], "stable_diffusion")
    if alone is not None:
        yield from _texts(alone.parts.texts, {})


def _texts(texts: Mapping[str, Part[Any]], said: Mapping[str, str]) -> Iterator[Exportable]:
    for index, (name, text) in enumerate(texts.items()):
        made = _exportable("clip", text, ClipText, wrapped_text, {**said, roles.SAID_ENCODER: name})
        yield replace(made, place="text_encoder_2/model.onnx") if index else made


_ROLES: Final = {"clip": "text_encoder", "vae-encoder": "vae_encoder", "vae-decoder": "vae_decoder"}


def _exportable(
    name: str,
    part: Part[Any],
    network: Callable[[Any], nn.Module],
    wrap: Callable[[Any], Wrapped],
    metadata: Mapping[str, str] | None = None,
) -> Exportable:
    said = {roles.SAID_ROLE: _ROLES.get(name, name), **(metadata or {})}
    return Exportable(name, PARTS[name], lambda: load_network(network, part, Placement(weights="mapped")), wrap, said)


def _meaning(parametrisation: object, file: TensorFile) -> dict[str, str]:
    """What the network predicts, in words. Raises RunError for what has none."""
    levels = getattr(parametrisation, "levels", None)
    if type(parametrisation) not in {Eps, Velocity} or type(levels) is not DiscreteLevels:
        raise RunError("models with noise levels of their own are not exported to ONNX yet", place=file.place)
    said = {roles.SAID_PREDICTION: "v_prediction" if isinstance(parametrisation, Velocity) else "epsilon"}
    return said | ({roles.SAID_ZERO_SNR: "true"} if levels.zero_terminal_snr else {})


def targets(found: Sequence[Exportable], out: Path, *, replaces: bool = False) -> list[tuple[Exportable, Path]]:
    """Where each network goes: the file that is named, or its place in the folder.

    Raises InputError for several that are to go into one file, and unless it `replaces` for files that are there.
    """
    if out.suffix.lower() == ".onnx":
        places = [(each, out) for each in found]
    else:
        places = [(each, out / each.place) for each in found]
    there = next((path for _, path in places if path.exists()), None)
    if there is not None and not replaces:
        raise InputError("the file is there already", place=Place(str(there)), hint="--force replaces it")
    if len(found) > 1 and out.suffix.lower() == ".onnx":
        raise InputError(
            f"there are {len(found)} networks to export, which do not go into one file: "
            + ", ".join(dict.fromkeys(each.part for each in found)),
            hint="choose one with --part, or name a folder",
        )
    return places


def export(each: Exportable, out: Path, dtype: str = "fp32", tell: Callable[[str], None] = lambda _: None) -> Exported:
    """Make the file of one network. Nothing is there until it agrees with torch. Raises RunError if it does not."""
    try:
        import onnx
    except ImportError as error:
        raise missing("onnx", out) from error
    tell(f"{each.part}: reading")
    network = _in_one_type(each.load(), DTYPES[dtype])
    wrapped = each.wrap(network)
    wrapped.module.eval().requires_grad_(False)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".wftools-", dir=out.parent) as folder:
        made = Path(folder) / out.name
        tell(f"{each.part}: exporting")
        _export(wrapped, made, DTYPES[dtype])
        tell(f"{each.part}: writing")
        model = _finished(made, wrapped, each.metadata)
        tell(f"{each.part}: comparing with torch")
        onnx.checker.check_model(str(made))
        difference = _difference(wrapped, made, DTYPES[dtype])
        if not difference <= TOLERANCES[dtype]:
            raise RunError(
                f"the exported {each.part} differs from torch by {difference:.1e} of its largest value, "
                f"more than {TOLERANCES[dtype]:.0e}",
            )
        size = sum(file.stat().st_size for file in made.parent.iterdir())
        for file in sorted(made.parent.iterdir(), reverse=True):  # data first, so that no model lacks it
            _move(file, out.parent / file.name)
    return Exported(each.part, out, size, difference, len(model.graph.node))


def _move(file: Path, to: Path) -> None:
    with atomically(to) as stream, file.open("rb") as content:
        shutil.copyfileobj(content, stream)


def _in_one_type(network: nn.Module, dtype: torch.dtype) -> nn.Module:
    """A network whose weights are numbers of one type, whatever makes them now: a graph has nothing else."""
    made = {
        name: weight.source.weight(dtype, torch.device("cpu")).contiguous()
        for name, weight in weights_of(network).items()
    }
    for name, tensor in made.items():
        owner, _, of_owner = name.rpartition(".")
        module = network.get_submodule(owner)
        module.register_parameter(of_owner, nn.Parameter(tensor, requires_grad=False))
        getattr(module, "sources", {}).pop(of_owner, None)
        getattr(module, "kept", {}).clear()
    return network


def _given(wrapped: Wrapped, sizes: tuple[int, int, int], dtype: torch.dtype) -> tuple[Tensor, ...]:
    """Inputs as the graph takes them. Times and sizes stay float32: halves do not tell 2,049 from 2,048."""
    pairs = zip(wrapped.inputs, wrapped.sample(*sizes), strict=True)
    return tuple(
        each.to(dtype) if each.is_floating_point() and side.name not in COUNTED else each for side, each in pairs
    )


@torch.no_grad()
def _export(wrapped: Wrapped, path: Path, dtype: torch.dtype) -> None:
    given = _given(wrapped, TRACED, dtype)
    names = [side.name for side in wrapped.inputs], [side.name for side in wrapped.outputs]
    axes = {side.name: side.axes for side in (*wrapped.inputs, *wrapped.outputs) if side.axes}
    options: dict[str, Any] = {
        "input_names": names[0],
        "output_names": names[1],
        "opset_version": OPSET,
        "verbose": False,
    }
    with _quiet(), _by_default(dtype):  # the masks of attention are of that type
        try:
            torch.onnx.export(wrapped.module, given, str(path), dynamic_axes=axes, dynamo=False, **options)
        except (RuntimeError, torch.onnx.errors.OnnxExporterError) as error:
            try:
                options["opset_version"] = LATER_OPSET
                torch.onnx.export(wrapped.module, given, str(path), dynamic_axes=axes, dynamo=True, **options)
            except Exception as second:  # of many kinds; the first one says what is wrong
                raise RunError(f"torch cannot export the network: {str(error).partition(chr(10))[0]}") from second


@contextmanager
def _by_default(dtype: torch.dtype) -> Iterator[None]:
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what the exporter tells developers: that it is the old one, and what it took for constants."""
    logger = logging.getLogger("torch.onnx")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)


def _finished(path: Path, wrapped: Wrapped, metadata: Mapping[str, str]) -> Any:
    """The file with what it says of itself, inputs that may be left out, and its large data beside it if it must be."""
    import onnx

    model = onnx.load(str(path), load_external_data=False)
    for key, value in metadata.items():
        model.metadata_props.add(key=key, value=value)
    model.producer_name, model.producer_version = "wftools", ""
    kinds = {each.name: each.type.tensor_type.elem_type for each in model.graph.input}
    for side in wrapped.inputs:
        if side.is_optional:
            zero = onnx.helper.make_tensor(side.name, kinds[side.name], [1, 1, 1, 1], [0.0])
            model.graph.initializer.append(zero)
    parts = {
        path.parent / each.value
        for tensor in model.graph.initializer
        for each in tensor.external_data
        if each.key == "location"
    }
    if parts or model.ByteSize() > MAX_INSIDE:
        _put_beside(model, path)
    for part in parts - {path.with_name(f"{path.name}_data")}:
        part.unlink(missing_ok=True)
    path.write_bytes(model.SerializeToString())
    return model


def _put_beside(model: Any, path: Path) -> None:
    """Move all large tensors into one file beside the model, one after another."""
    beside = path.with_name(f"{path.name}_data")
    with beside.open("wb") as stream:
        for tensor in model.graph.initializer:
            said = {each.key: each.value for each in tensor.external_data}
            content = _content(tensor, said, path)
            if len(content) < DATA_AT_LEAST:
                continue
            stream.seek(-stream.tell() % ALIGNMENT, 1)
            start = stream.tell()
            stream.write(content)
            tensor.ClearField("raw_data")
            del tensor.external_data[:]
            tensor.data_location = tensor.EXTERNAL
            for key, value in (("location", beside.name), ("offset", start), ("length", len(content))):
                tensor.external_data.add(key=key, value=str(value))


def _content(tensor: Any, said: Mapping[str, str], path: Path) -> bytes:
    if not said:
        return bytes(tensor.raw_data)
    with (path.parent / said["location"]).open("rb") as file:
        file.seek(int(said.get("offset", 0)))
        content = file.read(int(said["length"])) if "length" in said else file.read()
    if len(content) < DATA_AT_LEAST:
        del tensor.external_data[:]
        tensor.ClearField("data_location")
        tensor.raw_data = content
    return content


@torch.no_grad()
def _difference(wrapped: Wrapped, path: Path, dtype: torch.dtype) -> float:
    """The largest difference of any output from torch, in units of its largest value, on sizes that were not traced."""
    session = open_session(path)
    worst = 0.0
    for sizes in CHECKED:
        given = _given(wrapped, sizes, dtype)
        wanted = wrapped.module(*given)
        wanted = wanted if isinstance(wanted, tuple) else (wanted,)
        needed = [side for side in wrapped.inputs if not side.is_optional]
        feeds = {side.name: tensor for side, tensor in zip(needed, given, strict=False)}
        for ours, theirs in zip(session(feeds, session.outputs), wanted, strict=True):
            if ours.shape != theirs.shape:
                return float("inf")
            largest = max(theirs.float().abs().max().item(), torch.finfo(torch.float32).tiny)
            worst = max(worst, (ours.float() - theirs.float()).abs().max().item() / largest)
    return worst
