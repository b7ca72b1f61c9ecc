"""Folders as diffusers writes them: a folder for each part of a model, and model_index.json, which names them.

    model_index.json                  {"_class_name": "FluxPipeline", "vae": ["diffusers", "AutoencoderKL"], …}
    unet/, vae/, transformer/         diffusion_pytorch_model.safetensors, or .bin, or an index of several files
    text_encoder/, text_encoder_2/    model.safetensors, or pytorch_model.bin, or an index

All is one model: a tensor's name is that of its part, a dot, and its name in the file: `unet.conv_in.weight`. A folder
without model_index.json that has the file of one part is that part, its names as they are in the file.

Of several files of one part the first counts: safetensors before pickles, and those without a variant in their name
(`diffusion_pytorch_model.fp16.safetensors`) before those with one.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from wftools.errors import Place, shown
from wftools.weights.faults import Doubt, ModelFileError
from wftools.weights.formats import index
from wftools.weights.tensorfile import TensorFile, open_tensors, together

if TYPE_CHECKING:
    from pathlib import Path

MODEL_INDEX: Final = "model_index.json"

MAX_PARTS: Final = 64  # pipelines have ten

_WEIGHTS: Final = re.compile(
    r"(?:diffusion_pytorch_model|model|pytorch_model)"
    r"(?:\.(?P<variant>(?!.*-\d{5}-of-)[\w-]+))?"
    r"\.(?P<format>safetensors|bin|onnx)(?P<index>\.index(?:\.(?P<of_index>[\w-]+))?\.json)?"
)
_FORMATS: Final = ("safetensors", "bin", "onnx")
_WITHOUT_WEIGHTS: Final = re.compile(r"scheduler|tokenizer\w*|feature_extractor|image_processor\w*|processor")


def open_folder(path: Path) -> TensorFile:
    """All parts of a model as one. Raises ModelFileError for a folder that holds none."""
    if not (path / MODEL_INDEX).is_file():
        found = weights_file(path)
        if found is None:
            hint = f"name the files in it; a model's folder has {MODEL_INDEX} in it"
            raise ModelFileError("NOT_A_MODEL", "is a folder, and none of a model", place=Place(str(path)), hint=hint)
        return open_tensors(path / found)
    table = index.read_table(path / MODEL_INDEX)
    parts: dict[str, TensorFile] = {}
    doubts: list[Doubt] = []
    for part in _parts(table):
        folder = index.below(path / MODEL_INDEX, part)
        found = weights_file(folder) if folder.is_dir() else None
        if found is not None:
            parts[part] = open_tensors(index.below(path / MODEL_INDEX, f"{part}/{found}"))
        elif not _WITHOUT_WEIGHTS.fullmatch(part):
            doubts.append(Doubt("INDEX_MISSING", f"the part {shown(part)} is not there, or has no weights"))
    if not parts:
        raise ModelFileError("INDEX_MISSING", "none of the model's parts is there", place=Place(str(path)))
    names = {f"{part}.{name}": (file, name) for part, file in parts.items() for name in file.tensors}
    file = together(path, "folder", names)
    return replace(file, metadata=index.texts(table), doubts=(*file.doubts, *doubts))


def weights_file(folder: Path) -> str | None:
    """The name of the file that has the weights of one part; None if there is none."""
    matches = [found for path in folder.iterdir() if (found := _WEIGHTS.fullmatch(path.name))]
    return min(matches, key=_precedence).string if matches else None


def _precedence(found: re.Match[str]) -> tuple[Any, ...]:
    variant = found["variant"] or found["of_index"] or ""
    return bool(variant), _FORMATS.index(found["format"]), bool(found["index"]), variant, found.string


def _parts(table: dict[str, Any]) -> list[str]:
    """The names of folders: whatever has a library and a class, both of which are null for a part that is left out."""
    named = [
        key
        for key, value in table.items()
        if not key.startswith("_") and isinstance(value, list) and len(value) == 2 and all(value)
    ]
    return named[:MAX_PARTS]
