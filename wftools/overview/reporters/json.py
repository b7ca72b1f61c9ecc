"""One JSON object for machines; see schemas/report-show.json."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.escaping import json_bytes
from wftools.overview.model import From

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wftools.errors import WftoolsError
    from wftools.overview.files import Seen
    from wftools.overview.model import Output, Overview, Pass, Place, Prompt, Size, Told, UsedFile, UsedPack
    from wftools.values import Json


def render(files: Iterable[Seen]) -> Iterator[bytes]:
    """The report as `ShowReport` describes it."""
    seen = list(files)
    yield json_bytes(
        {
            "files": [_file(each.overview) for each in seen if each.overview is not None],
            "faults": [_fault(each.name, each.error) for each in seen if each.error is not None],
        }
    )


def _file(file: Overview) -> Json:
    return {
        "file": file.file,
        "form": file.form,
        "container": file.container,
        "schema_version": file.schema,
        "id": file.id,
        "title": file.title,
        "frontend": file.frontend,
        "core": list(file.core),
        "picture": {"width": file.picture[0], "height": file.picture[1]} if file.picture is not None else None,
        "outputs": [_output(each) for each in file.outputs],
        "packs": [_pack(each) for each in file.packs],
        "nodes": sum(file.nodes.values()),
        "types": dict(file.nodes),
    }


def _output(output: Output) -> Json:
    return {
        "nodes": [_place(each) for each in output.nodes],
        "size": _size(output.size),
        "models": [_used(each) for each in output.models],
        "inputs": [_used(each) for each in output.inputs],
        "passes": [_pass(each) for each in output.passes],
        "texts": [_told(each) for each in output.texts],
    }


def _pass(one: Pass) -> Json:
    return {
        "node": _place(one.node),
        "service": one.service,
        "settings": {name: _told(value) for name, value in one.settings.items()},
        "positive": [_prompt(each) for each in one.positive],
        "negative": [_prompt(each) for each in one.negative],
        "size": _size(one.size),
        "models": [_used(each) for each in one.models],
        "inputs": [_used(each) for each in one.inputs],
    }


def _place(place: Place) -> Json:
    return {"id": place.path, "type": place.type, "title": place.title}


def _prompt(prompt: Prompt) -> Json:
    return {"text": _told(prompt.text), "node": prompt.node}


def _size(size: Size) -> Json:
    known = {"width": size.width, "height": size.height, "batch": size.batch, "frames": size.frames}
    return {name: None if value is None else _told(value) for name, value in known.items()}


def _used(file: UsedFile) -> Json:
    return {
        "kind": file.kind,
        "name": file.name,
        "node": file.node,
        "strengths": {name: _told(value) for name, value in file.strengths},
        "url": file.url,
        "sha256": file.sha256,
    }


def _pack(pack: UsedPack) -> Json:
    return {"name": pack.name, "versions": list(pack.versions), "types": list(pack.types)}


def _told(value: Told) -> Json:
    return {"from": _place(value.node), "text": value.text} if isinstance(value, From) else value


def _fault(name: str, error: WftoolsError) -> Json:
    return {"file": name, "message": error.message, "hint": error.hint}
