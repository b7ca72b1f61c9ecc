"""What two versions need from elsewhere: model files, and packs of custom nodes with their versions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.diff.compare import Comparison
    from wftools.diff.version import Version

MODEL_FILES: Final = (".safetensors", ".ckpt", ".pt", ".pth", ".gguf", ".sft", ".bin", ".onnx", ".engine")

_CORE: Final = "comfy-core"  # how nodes of ComfyUI itself name their pack


@dataclass(frozen=True)
class Needs:
    """What came and went between two versions."""

    models_added: tuple[str, ...]
    models_removed: tuple[str, ...]
    packs_added: Mapping[str, tuple[str, ...]]  # with the versions that nodes name
    packs_removed: Mapping[str, tuple[str, ...]]
    packs_updated: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]  # the versions before and after


def needs(comparison: Comparison) -> Needs:
    """The model files and packs that only one version names, and the packs of which they name other versions."""
    old, new = (_models(version) for version in (comparison.old, comparison.new))
    before, after = (_packs(version) for version in (comparison.old, comparison.new))
    return Needs(
        tuple(sorted(new - old)),
        tuple(sorted(old - new)),
        {name: versions for name, versions in after.items() if name not in before},
        {name: versions for name, versions in before.items() if name not in after},
        {name: (before[name], after[name]) for name in before if name in after and before[name] != after[name]},
    )


def is_model_file(value: object) -> bool:
    """Whether a value names a file of weights."""
    return isinstance(value, str) and value.lower().endswith(MODEL_FILES) and "\n" not in value


def _models(version: Version) -> set[str]:
    """The names of model files: the values of widgets."""
    values = (value for part in version.of_kind("node") for value in part.widgets.values())
    return {value.replace("\\", "/") for value in values if isinstance(value, str) and is_model_file(value)}


def _packs(version: Version) -> dict[str, tuple[str, ...]]:
    """The packs that nodes come from, by name, with the versions that nodes name."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for part in version.of_kind("node"):
        properties = part.tree.get("properties")
        if not isinstance(properties, dict):
            continue
        name = properties.get("cnr_id") or properties.get("aux_id")
        if isinstance(name, str) and name != _CORE:
            pack_version = properties.get("ver")
            found[name].update({pack_version} if isinstance(pack_version, str) else ())
    return {name: tuple(sorted(versions)) for name, versions in sorted(found.items())}
