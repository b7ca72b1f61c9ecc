"""The JSON report, as `--format json` writes it and `schemas/report-deps.json` publishes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from wftools.deps.installed import PackState, pack_state
from wftools.deps.looking import agreement
from wftools.deps.versions import KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wftools.deps.installed import Installed
    from wftools.deps.looking import Found, Survey
    from wftools.deps.needs import InputNeed, ModelNeed, PackNeed, Use
    from wftools.errors import WftoolsError


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", defer_build=True)


class UseReport(_Part):
    """A node that needs something."""

    file: str
    node: str | None
    """Id of the node, as in ComfyUI's prompts; none where the file says it as a whole."""
    type: str
    input: str | None
    """The input that names it; none for packs, and where the file does not say which input a value is for."""
    role: Literal["runs", "off", "editor"]
    """off: muted or bypassed, or in a row that is switched off; editor: only there for people who edit."""


class CoreReport(_Part):
    """The version of ComfyUI."""

    least: str | None
    """The first that is known to have all its node types that are needed; none if none of them is, or none has all."""
    newer_than: str | None
    """A version that lacks some of them, where none is known that has them."""
    because: list[str]
    """The node types that earlier ones lack."""
    known: list[str]
    """The versions of which all node types are known; of others it is known what was saved with them."""
    saved_with: list[str]
    unknown_types: list[str]
    """Node types that are ComfyUI's own by their nodes' word, and that no known version has."""


class InstalledReport(_Part):
    """A pack in a folder of custom nodes."""

    folder: str
    version: str | None
    commit: str | None


class PackReport(_Part):
    """A pack of custom nodes."""

    id: str | None
    """In ComfyUI's registry."""
    repository: str | None
    """"owner/name" on GitHub."""
    url: str | None
    versions: list[str]
    """Versions or commits that nodes were saved with."""
    said_by: Literal["file", "types"]
    """Whether the file names it, or it is only known to have the node types."""
    others: list[str]
    """Packs that have the same types: one of them will do."""
    types: list[str]
    state: PackState
    installed: InstalledReport | None
    uses: list[UseReport]


class UnknownTypeReport(_Part):
    """A node type of which it is not known where it comes from."""

    type: str
    uses: list[UseReport]


class HashReport(_Part):
    """A hash that the file states for a model."""

    kind: str | None
    value: str
    agreement: Literal["agrees", "differs", "not checked"]


class _FileReport(_Part):
    name: str
    """Below the folder, with forward slashes."""
    state: Literal["present", "missing", "not looked for"]
    problem: str | None
    """Why it cannot be looked up."""
    path: str | None
    size: int | None
    sha256: str | None
    uses: list[UseReport]


class ModelReport(_FileReport):
    """A model."""

    kinds: list[str]
    """The kinds of folders that it may lie in, the likeliest first; none if that is not known."""
    kind: str | None
    """The one that it lies in."""
    urls: list[str]
    hashes: list[HashReport]


class InputReport(_FileReport):
    """A file, or a folder of files, that is no model."""

    area: Literal["input", "output", "temp"]
    is_folder: bool


class DepsFaultReport(_Part):
    """A file that could not be looked through."""

    file: str | None
    message: str
    hint: str | None


class DepsReport(_Part):
    """What `wftools deps` found."""

    files: list[str]
    comfyui: CoreReport
    packs: list[PackReport]
    unknown_types: list[UnknownTypeReport]
    models: list[ModelReport]
    inputs: list[InputReport]
    faults: list[DepsFaultReport] = Field(default_factory=list)


def report(survey: Survey, faults: Iterable[WftoolsError]) -> DepsReport:
    """What is needed, and what of it is there."""
    needs = survey.needs
    return DepsReport(
        files=list(needs.files),
        comfyui=CoreReport(
            least=needs.core.least,
            newer_than=needs.core.newer_than,
            because=list(needs.core.because),
            known=list(KNOWN),
            saved_with=list(needs.core.saved_with),
            unknown_types=list(needs.core.unknown),
        ),
        packs=[
            _pack(need, installed, was_looked_for=survey.knows_packs)
            for need, installed in zip(needs.packs, survey.packs, strict=True)
        ],
        unknown_types=[UnknownTypeReport(type=need.type, uses=_uses(need.uses)) for need in needs.unknown],
        models=[_model(*each) for each in zip(needs.models, survey.models, strict=True)],
        inputs=[_input(*each) for each in zip(needs.inputs, survey.inputs, strict=True)],
        faults=[
            DepsFaultReport(file=fault.place.file if fault.place else None, message=fault.message, hint=fault.hint)
            for fault in faults
        ],
    )


def _pack(need: PackNeed, installed: Installed | None, *, was_looked_for: bool) -> PackReport:
    return PackReport(
        id=need.id or None,
        repository=need.repository or None,
        url=need.url,
        versions=list(need.versions),
        said_by="file" if need.is_said else "types",
        others=list(need.others),
        types=need.types,
        state=pack_state(need, installed, was_looked_for=was_looked_for),
        installed=InstalledReport(
            folder=installed.folder, version=installed.version or None, commit=installed.commit or None
        )
        if installed is not None
        else None,
        uses=_uses(need.uses),
    )


def _model(need: ModelNeed, found: Found | None) -> ModelReport:
    content = found.content if found is not None else None
    return ModelReport(
        name=need.name,
        kinds=list(need.kinds),
        kind=found.kind if found is not None else None,
        urls=list(need.urls),
        hashes=[
            HashReport(kind=each.kind or None, value=each.value, agreement=agreement(each, content))
            for each in need.hashes
        ],
        **_looked_up(found),
        uses=_uses(need.uses),
    )


def _input(need: InputNeed, found: Found | None) -> InputReport:
    return InputReport(
        name=need.name, area=need.area, is_folder=need.is_folder, **_looked_up(found), uses=_uses(need.uses)
    )


def _looked_up(found: Found | None) -> dict[str, str | int | None]:
    content = found.content if found is not None else None
    return {
        "state": "not looked for" if found is None else "present" if found.is_there else "missing",
        "problem": found.problem if found is not None else None,
        "path": str(found.path) if found is not None and found.path is not None else None,
        "size": content.size if content is not None else None,
        "sha256": content.sha256 if content is not None else None,
    }


def _uses(uses: Iterable[Use]) -> list[UseReport]:
    return [UseReport(file=use.file, node=use.node, type=use.type, input=use.input, role=use.role) for use in uses]
