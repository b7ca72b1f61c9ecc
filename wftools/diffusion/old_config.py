"""The YAML files that the first checkpoints came with, as far as ComfyUI still heeds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wftools.errors import InputError, LimitError, Place

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES: Final = 2**20  # published ones have some 3,000


@dataclass(frozen=True, slots=True)
class OldConfig:
    """What such a file says of a model beyond what its tensors show."""

    predicts_velocity: bool = False
    clip_layer: int | None = None


def read_config(path: Path) -> OldConfig:
    """Raises InputError for what is no YAML, or has another form."""
    import yaml

    place = Place(str(path))
    if path.stat().st_size > MAX_BYTES:
        raise LimitError(f"the config has more than {MAX_BYTES:,} bytes", place=place)
    try:
        config = yaml.safe_load(path.read_bytes())
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise InputError("the config is not YAML", place=place) from error
    params = _table(_table(config, "model", place), "params", place)
    text = params.get("cond_stage_config") or {}
    options = (text.get("params") if isinstance(text, dict) else None) or {}
    layer = options.get("layer_idx") if isinstance(options, dict) else None
    if layer is not None and (type(layer) is not int or layer >= 0):
        raise InputError(f"layer_idx in the config is {layer!r}, expected a number below 0", place=place)
    return OldConfig(params.get("parameterization") == "v", layer)


def _table(value: Any, key: str, place: Place) -> dict[str, Any]:
    inner = value.get(key) if isinstance(value, dict) else None
    if not isinstance(inner, dict):
        raise InputError(f"the config has no table {key!r}", place=place)
    return inner
