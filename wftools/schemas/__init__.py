"""The published JSON Schemas: generated from the models that the program itself uses."""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from wftools.document.jsontext import MAX_BYTES, decode, parse
from wftools.document.pointer import pointer
from wftools.document.positions import Positions
from wftools.errors import InputError, Place, written
from wftools.reading import opened
from wftools.schemas.descriptions import described
from wftools.writing import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pydantic import BaseModel

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"

_WRITTEN: Final = "report-"  # what only we write: with what is computed, and all that has a default

MAX_MESSAGE: Final = 300  # characters

MODELS: Final[Mapping[str, str]] = {
    "workflow-ui-0.4": "wftools.document.ui:UiWorkflow04",
    "workflow-ui-1": "wftools.document.ui:UiWorkflow1",
    "workflow-api": "wftools.document.api:ApiWorkflow",
    "report-diff": "wftools.diff.json_report:DiffReport",
    "report-lint": "wftools.lint.json_report:LintReport",
    "merge-decisions": "wftools.merge.json_report:MergeDecisions",
    "merge-resolution": "wftools.merge.json_report:Resolution",
    "report-conflicts": "wftools.merge.json_report:ConflictsReport",
    "patch": "wftools.diff.patch.model:Patch",
    "report-model-diff": "wftools.weights.comparing.report:ModelDiffReport",
    "report-model-inspect": "wftools.weights.inspecting.report:ModelInspectReport",
    "report-show": "wftools.overview.json_report:ShowReport",
    "report-run": "wftools.runtime.telling.report:RunReport",
    "report-model-verify": "wftools.weights.verifying.json_report:VerifyReport",
    "report-model-quantize": "wftools.weights.quantising.report:QuantizeReport",
    "report-scan": "wftools.scan.json_report:ScanReport",
    "report-blame": "wftools.git.histories.json_report:BlameReport",
    "report-log": "wftools.git.histories.json_report:LogReport",
    "report-deps": "wftools.deps.report:DepsReport",
    "deps-lock": "wftools.deps.lock:Lock",
}


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of that name, one of MODELS."""
    module, _, model_name = MODELS[name].partition(":")
    model: type[BaseModel] = getattr(import_module(module), model_name)
    made = model.model_json_schema(mode="serialization" if name.startswith(_WRITTEN) else "validation")
    described(model, made)
    return {"$schema": DRAFT, **made}


def violations(name: str, file: str) -> Iterator[tuple[Place, str]]:
    """Where a JSON file breaks a schema, and how. Raises InputError for a file that is not JSON."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    text, tree = _read(file)
    positions = Positions(text)
    for outer in Draft202012Validator(schema(name)).iter_errors(tree):
        error = best_match([outer]) or outer  # of a choice between forms, what is wrong with the likeliest
        where = pointer(*error.absolute_path)
        message = error.message  # has the whole value in it, be it a picture
        if len(message) > MAX_MESSAGE:
            message = f"{message[:MAX_MESSAGE]}..."
        yield Place(file, *positions.line_column(positions.offset(where)), pointer=where), message


def write_all(folder: Path) -> None:
    """Write every schema into a folder. Raises InputError."""
    with written(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name in MODELS:
            write_atomically(folder / f"{name}.json", (json.dumps(schema(name), indent=2) + "\n").encode())


def _read(file: str) -> tuple[str, Any]:
    with opened(file) as stream:
        data = stream.read(MAX_BYTES + 1)
    try:
        text, _, _ = decode(data)
        return text, parse(text)[0]
    except InputError as error:
        raise InputError(f"not JSON: {error.message}", place=Place(file)) from error
