"""A lock: what workflows needed when it was written, to the byte; and what is missing or differs since.

The file is JSON (`schemas/deps-lock.json`). It names no place and no time: it is the same wherever it is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from wftools.deps.installed import pack_state
from wftools.deps.looking import surveyed
from wftools.deps.needs import CoreNeed, InputNeed, ModelNeed, Needs, PackNeed, TypeNeed, is_run
from wftools.document.jsontext import MAX_BYTES, decode, parse
from wftools.errors import InputError, Place
from wftools.reading import opened, read_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from wftools.deps.looking import Content, Found, Machine, Survey

FORMAT: Final = "wflock/1"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)


class LockedCore(_Part):
    """The version of ComfyUI."""

    least: str | None = None
    """The first version that is known to have all node types."""
    newer_than: str | None = None
    """A version that lacks some of them, where none is known that has them."""
    saved_with: list[str] = Field(default_factory=list)


class LockedPack(_Part):
    """A pack of custom nodes."""

    id: str
    """In ComfyUI's registry; empty if it is not known."""
    repository: str
    """"owner/name" on GitHub; empty if it is not known."""
    saved_with: list[str]
    """Versions or commits that nodes say."""
    installed: str | None
    """The version or commit that was installed; none if that is not known."""


class LockedModel(_Part):
    """A model."""

    name: str
    kinds: list[str]
    """The kinds of folders that it may lie in."""
    size: int | None
    """In bytes; none if it was missing."""
    sha256: str | None
    urls: list[str]


class LockedInput(_Part):
    """A file, or a folder of files, that is no model."""

    name: str
    area: Literal["input", "output", "temp"]
    is_folder: bool
    size: int | None
    sha256: str | None


class Lock(_Part):
    """What workflows needed."""

    lock: Literal["wflock/1"]
    comfyui: LockedCore
    packs: list[LockedPack]
    unknown_types: list[str]
    """Node types of which it is not known where they come from."""
    models: list[LockedModel]
    inputs: list[LockedInput]

    @property
    def unseen(self) -> list[str]:
        """The files that were not there when it was written."""
        models = [model.name for model in self.models if model.size is None]
        return models + [file.name for file in self.inputs if file.size is None and not file.is_folder]


def lock_of(survey: Survey) -> Lock:
    """The lock of what is needed by what runs, and of the packs of all nodes."""
    needs = survey.needs
    models = [_model(need, found) for need, found in zip(needs.models, survey.models, strict=True) if is_run(need.uses)]
    inputs = [_input(need, found) for need, found in zip(needs.inputs, survey.inputs, strict=True) if is_run(need.uses)]
    return Lock(
        lock=FORMAT,
        comfyui=LockedCore(
            least=needs.core.least, newer_than=needs.core.newer_than, saved_with=list(needs.core.saved_with)
        ),
        packs=[
            LockedPack(
                id=need.id,
                repository=need.repository,
                saved_with=list(need.versions),
                installed=next(iter(installed.versions), None) if installed is not None else None,
            )
            for need, installed in zip(needs.packs, survey.packs, strict=True)
        ],
        unknown_types=[need.type for need in needs.unknown],
        models=sorted(models, key=lambda model: (model.kinds, model.name)),
        inputs=sorted(inputs, key=lambda file: (file.area, file.name)),
    )


def _model(need: ModelNeed, found: Found | None) -> LockedModel:
    content = found.content if found is not None else None
    return LockedModel(
        name=(found.name if found is not None else None) or need.name,
        kinds=[found.kind] if found is not None and found.kind is not None else list(need.kinds),
        size=content.size if content is not None else None,
        sha256=content.sha256 if content is not None else None,
        urls=list(need.urls),
    )


def _input(need: InputNeed, found: Found | None) -> LockedInput:
    content = found.content if found is not None else None
    return LockedInput(
        name=need.name,
        area=need.area,
        is_folder=need.is_folder,
        size=content.size if content is not None else None,
        sha256=content.sha256 if content is not None else None,
    )


def read_lock(path: str) -> Lock:
    """The lock in a file. Raises InputError, which names it, for what is none."""
    with opened(path) as stream:
        data = read_whole(stream, MAX_BYTES, path)
    try:
        tree = parse(decode(data)[0])[0]
        return Lock.model_validate(tree)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "it"
        hint = "write one with `wftools deps FILE --lock LOCK`"
        raise InputError(f"is no lock: {where}: {first['msg']}", place=Place(path), hint=hint) from None
    except InputError as error:
        raise InputError(f"is no lock: {error.message}", place=Place(path), hint=error.hint) from error


# What became of it


def unlike(lock: Lock, machine: Machine, hashed: Callable[[Survey], Survey]) -> Iterator[str]:
    """What of a lock is missing on a machine, or differs there, a line each.

    `hashed` gives a survey the hashes of files; without them, contents are compared by their sizes.
    """
    survey = hashed(surveyed(_needs(lock), machine))
    for pack, need, installed in zip(lock.packs, survey.needs.packs, survey.packs, strict=True):
        state = pack_state(need, installed, was_looked_for=survey.knows_packs)
        if state == "missing":
            yield f"pack {need.name} is missing"
        elif state == "another version" and installed is not None:
            wanted = pack.installed or " or ".join(pack.saved_with)
            yield f"pack {need.name} is {' at '.join(installed.versions)}, not {wanted}"
    for model, found in zip(lock.models, survey.models, strict=True):
        yield from _unlike(f"model {'|'.join(model.kinds) or '?'}/{model.name}", model, found)
    for file, found in zip(lock.inputs, survey.inputs, strict=True):
        yield from _unlike(f"{file.area}/{file.name}", file, found)


def outdated(lock: Lock, needs: Needs) -> Iterator[str]:
    """In what a lock does not say what workflows need now, a line each."""
    core = LockedCore(least=needs.core.least, newer_than=needs.core.newer_than)
    if (lock.comfyui.least, lock.comfyui.newer_than) != (core.least, core.newer_than):
        yield f"ComfyUI: the workflows need {_core(core)}, the lock has {_core(lock.comfyui)}"
    packs = {need.key: need for need in needs.packs}
    locked = {(pack.id or pack.repository).lower(): pack for pack in lock.packs}
    yield from _both_ways("pack", packs, locked)
    for key in packs.keys() & locked.keys():
        now, then = packs[key].versions, tuple(locked[key].saved_with)
        if now != then:
            yield f"pack {key} was saved with {', '.join(now) or 'no version'}, in the lock {', '.join(then) or 'none'}"
    yield from _both_ways("node type", {need.type for need in needs.unknown}, lock.unknown_types)
    models = [need for need in needs.models if is_run(need.uses)]
    for need in models:
        if not any(_is_same(need, model) for model in lock.models):
            yield f"model {need.name} is needed, and not in the lock"
    for model in lock.models:
        if not any(_is_same(need, model) for need in models):
            yield f"model {model.name} is in the lock, and no longer needed"
    files = {f"{need.area}/{need.name}" for need in needs.inputs if is_run(need.uses)}
    yield from _both_ways("file", files, {f"{file.area}/{file.name}" for file in lock.inputs})


def _is_same(need: ModelNeed, model: LockedModel) -> bool:
    return model.name in need.spellings and not (need.kinds and set(need.kinds).isdisjoint(model.kinds))


def _both_ways(what: str, now: Iterable[str], then: Iterable[str]) -> Iterator[str]:
    for name in sorted(set(now) - set(then)):
        yield f"{what} {name} is needed, and not in the lock"
    for name in sorted(set(then) - set(now)):
        yield f"{what} {name} is in the lock, and no longer needed"


def _core(core: LockedCore) -> str:
    return f"newer than {core.newer_than}" if core.newer_than is not None else core.least or "no version"


def _needs(lock: Lock) -> Needs:
    """What a lock asks of a machine."""
    return Needs(
        files=(),
        core=CoreNeed(),
        packs=tuple(
            PackNeed(
                each.id,
                each.repository,
                (each.installed,) if each.installed is not None else tuple(each.saved_with),
                is_said=True,
                uses=(),
            )
            for each in lock.packs
        ),
        unknown=tuple(TypeNeed(each, ()) for each in lock.unknown_types),
        models=tuple(ModelNeed(each.name, tuple(each.kinds), (each.name,), ()) for each in lock.models),
        inputs=tuple(InputNeed(each.name, each.area, each.is_folder, ()) for each in lock.inputs),
    )


def _unlike(name: str, locked: LockedModel | LockedInput, found: Found | None) -> Iterator[str]:
    if found is None:
        return
    if not found.is_there:
        yield f"{name} is missing" + (f": {found.problem}" if found.problem is not None else "")
    elif found.content is not None:
        yield from _content(name, locked, found.content)


def _content(name: str, locked: LockedModel | LockedInput, content: Content) -> Iterator[str]:
    if locked.size is not None and content.size != locked.size:
        yield f"{name} has {content.size:,} bytes, not {locked.size:,}"
    elif locked.sha256 is not None and content.sha256 not in (None, locked.sha256):
        yield f"{name} has another content: its SHA256 is {content.sha256}, not {locked.sha256}"
