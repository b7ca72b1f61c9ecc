"""The JSON report of `wftools model inspect`, as `schemas/report-model-inspect.json` publishes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import BaseModel, ConfigDict

from wftools.weights.faults import ModelFileError
from wftools.weights.inspecting.amounts import told

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wftools.errors import WftoolsError
    from wftools.weights.inspecting.adapters import Adapter
    from wftools.weights.inspecting.amounts import Amount
    from wftools.weights.inspecting.inspection import Inspection, Share

VERSION: Final = 1  # of the format


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", defer_build=True)


class AmountReport(_Part):
    """How much of something there is."""

    tensors: int
    parameters: int
    bytes: int


class PartReport(AmountReport):
    """The tensors of one network, or of what is left over."""

    kind: str
    """ "diffusion model", "VAE", "text encoder" …; of what is left over, what it is."""
    name: str
    """ "SDXL", "CLIP", "Flux.1" …; "" for what is left over."""
    variant: str
    """ "inpainting", "ViT-L" …; "" if there are none, or nothing tells."""
    layout: str
    """Whose names the tensors have, if not those of the network's publication."""
    prefix: str
    """What stands before the names of its tensors."""
    dtypes: list[str]
    """Their types, that of most bytes first."""
    facts: dict[str, int]
    """Sizes that people know a network by: width, blocks, latent channels."""
    reason: str
    """By which names and shapes it was told."""


class TypeReport(AmountReport):
    """The tensors of one type."""

    dtype: str
    """As safetensors calls it, or the name of a type in blocks."""
    bits: float
    """Bits a weight, with the scales of a block."""
    meaning: Literal["float", "compressed", "quantised", "no weights"]
    """Compressed: floats of fewer bits. Quantised: whole numbers that share their scales."""


class TargetReport(_Part):
    """A network that an adapter changes."""

    name: str
    layers: int
    sorts: dict[str, int]
    """What the layers do, and how many of each."""
    blocks: dict[str, list[int]]
    """In which blocks they are."""


class AdapterReport(_Part):
    """What a LoRA, or one of its kin, changes."""

    algorithms: dict[str, int]
    """LoRA, LoCon, LoHa, LoKr, GLoRA, OFT, BOFT, difference, replacement: how many layers in each."""
    ranks: dict[str, int]
    """Rank -> layers."""
    alphas: dict[str, int]
    """Alpha -> layers."""
    dora: bool
    """Whether it has magnitudes, as DoRA."""
    trained_on: str
    """For whose models it is by its metadata; "" if that says nothing."""
    naming: str
    """Whose way of naming layers it has: kohya, ComfyUI, diffusers …"""
    reason: str
    """By which layer the family was told."""
    targets: list[TargetReport]


class HashesReport(_Part):
    """By what sites know the file."""

    sha256: str
    autov1: str | None
    autov2: str
    autov3: str | None


class DoubtReport(_Part):
    """What need not be a fault."""

    code: str
    message: str
    offset: int | None


class TensorReport(_Part):
    """One tensor."""

    name: str
    dtype: str
    shape: list[int]
    bytes: int


class ErrorReport(_Part):
    """Why a file could not be looked into."""

    code: str | None
    """One of the codes that `wftools model verify` tells; none for what is no fault of a model file."""
    message: str
    offset: int | None
    """The byte that it is about."""


class GraphReport(_Part):
    """What an ONNX file says beside its tensors."""

    version: int
    """Of ONNX's format."""
    producer: str
    opsets: dict[str, int]
    """Domain -> version of its operators."""
    inputs: dict[str, str]
    """Name -> type and shape."""
    outputs: dict[str, str]
    operators: dict[str, int]
    """How many nodes of each."""


class InspectedReport(_Part):
    """One file that could be looked into."""

    file: str
    format: str
    """The module that read it: safetensors, pickle, gguf, onnx …"""
    bytes: int
    """With the files that it names."""
    kind: str
    """ "checkpoint", "diffusion model", "VAE", "LoRA" … or "unknown"."""
    family: str
    """Whose models it belongs to; "" if nothing tells."""
    variant: str
    total: AmountReport
    parts: list[PartReport]
    adapter: AdapterReport | None
    types: list[TypeReport]
    stored: str
    """What is done to the weights, in words."""
    schemes: dict[str, int]
    """How weights are quantised that have scales in tensors of their own, and in how many layers."""
    summary: dict[str, str]
    """What the metadata tells that is worth telling."""
    metadata: dict[str, str]
    hashes: HashesReport | None
    graph: GraphReport | None
    """None for what is no ONNX file."""
    notes: list[str]
    doubts: list[DoubtReport]
    tensors: list[TensorReport] | None
    """Those that were asked for; none without --tensors or --keys."""


class RefusedReport(_Part):
    """One file that could not be looked into."""

    file: str
    error: ErrorReport


class ModelInspectReport(_Part):
    """What `wftools model inspect` found, file by file."""

    version: Literal[1]
    files: list[InspectedReport | RefusedReport]


def report_of(files: Sequence[InspectedReport | RefusedReport]) -> Any:
    """The report of some files as a JSON tree."""
    return ModelInspectReport(version=VERSION, files=list(files)).model_dump(mode="json")


def refused(file: str, error: WftoolsError) -> RefusedReport:
    """A file that could not be looked into."""
    ours = error if isinstance(error, ModelFileError) else None
    code, offset = (None, None) if ours is None else (ours.code, ours.offset)
    return RefusedReport(file=file, error=ErrorReport(code=code, message=error.message, offset=offset))


def inspected(file: str, inspection: Inspection, *, lists_tensors: bool) -> InspectedReport:
    """A file that could be looked into."""
    described, tensors = inspection.described, inspection.file.tensors
    main = described.main
    return InspectedReport(
        file=file,
        format=inspection.file.format,
        bytes=inspection.size,
        kind=described.kind,
        family=main.name if main is not None else described.family,
        variant=main.variant if main is not None else "",
        total=_amount(inspection.amount),
        parts=[_part(share) for share in inspection.shares],
        adapter=None if described.adapter is None else _adapter(described.adapter),
        types=[
            TypeReport(dtype=way.dtype, bits=way.amount.bits, meaning=way.meaning, **_counts(way.amount))
            for way in inspection.ways
        ],
        stored=told(inspection.ways),
        schemes=dict(inspection.schemes),
        summary=dict(inspection.summary),
        metadata=dict(inspection.file.metadata),
        hashes=_hashes(inspection),
        graph=_graph(inspection),
        notes=list(described.notes),
        doubts=[
            DoubtReport(code=each.code, message=each.message, offset=each.offset) for each in inspection.file.doubts
        ],
        tensors=[
            TensorReport(
                name=name,
                dtype=tensors[name].dtype,
                shape=list(tensors[name].shape),
                bytes=tensors[name].stop - tensors[name].start,
            )
            for name in inspection.names
        ]
        if lists_tensors
        else None,
    )


def _counts(amount: Amount) -> dict[str, int]:
    return {"tensors": amount.tensors, "parameters": amount.parameters, "bytes": amount.bytes}


def _amount(amount: Amount) -> AmountReport:
    return AmountReport(**_counts(amount))


def _part(share: Share) -> PartReport:
    component = share.component
    return PartReport(
        kind=share.label,
        name=component.name if component else "",
        variant=component.variant if component else "",
        layout=component.layout if component else "",
        prefix=share.prefix,
        dtypes=list(share.dtypes),
        facts=dict(component.facts) if component else {},
        reason=component.reason if component else "",
        **_counts(share.amount),
    )


def _adapter(adapter: Adapter) -> AdapterReport:
    return AdapterReport(
        algorithms=dict(adapter.algorithms),
        ranks=_named(adapter.ranks.items()),
        alphas=_named(adapter.alphas.items()),
        dora=adapter.is_dora,
        trained_on=adapter.trained_on,
        naming=adapter.naming,
        reason=adapter.reason,
        targets=[
            TargetReport(
                name=target.name,
                layers=target.layers,
                sorts=dict(target.sorts),
                blocks={name: list(numbers) for name, numbers in target.blocks.items()},
            )
            for target in adapter.targets
        ],
    )


def _named(counts: Iterable[tuple[float, int]]) -> dict[str, int]:
    return {f"{value:g}": count for value, count in counts}


def _graph(inspection: Inspection) -> GraphReport | None:
    graph = inspection.graph
    if graph is None:
        return None
    return GraphReport(
        version=graph.version,
        producer=graph.producer,
        opsets=dict(graph.opsets),
        inputs=dict(graph.inputs),
        outputs=dict(graph.outputs),
        operators=dict(graph.operators),
    )


def _hashes(inspection: Inspection) -> HashesReport | None:
    hashes = inspection.hashes
    if hashes is None:
        return None
    return HashesReport(sha256=hashes.sha256, autov1=hashes.autov1, autov2=hashes.autov2, autov3=hashes.autov3)
