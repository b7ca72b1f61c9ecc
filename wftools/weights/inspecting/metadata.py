"""What trainers, ComfyUI and GGUF leave in the metadata of model files, in short."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_PARSED: Final = 16 * 2**20  # characters of JSON in a value that is looked into
MAX_TAGS: Final = 12

# What kohya's trainers tell -> how people call it, in the order in which they ask.
_TRAINING: Final[Mapping[str, str]] = {
    "ss_output_name": "name",
    "ss_sd_model_name": "trained on",
    "ss_base_model_version": "base model",
    "ss_network_module": "network",
    "ss_network_dim": "rank",
    "ss_network_alpha": "alpha",
    "ss_resolution": "resolution",
    "ss_num_train_images": "pictures",
    "ss_num_epochs": "epochs",
    "ss_epoch": "epoch",
    "ss_steps": "steps",
    "ss_learning_rate": "learning rate",
    "ss_unet_lr": "rate of the UNet",
    "ss_text_encoder_lr": "rate of the text encoder",
    "ss_optimizer": "optimiser",
    "ss_lr_scheduler": "schedule",
    "ss_clip_skip": "CLIP skip",
    "ss_training_comment": "comment",
}
# What Stability AI's model specification tells.
_SPECIFIED: Final[Mapping[str, str]] = {
    f"modelspec.{key}": key.replace("_", " ")
    for key in ("title", "architecture", "author", "license", "date", "resolution", "prediction_type", "trigger_phrase")
}
_OF_GGUF: Final[Mapping[str, str]] = {
    "general.name": "name",
    "general.architecture": "architecture",
    "general.author": "author",
    "general.license": "license",
    "general.quantized_by": "quantised by",
}
_WORKFLOWS: Final = ("prompt", "workflow")  # as ComfyUI saves them


def summary(metadata: Mapping[str, str]) -> dict[str, str]:
    """What is worth telling, by what people call it: training, author, and whether a workflow is in it."""
    named = {**_OF_GGUF, **_SPECIFIED, **_TRAINING}
    found = {
        label: metadata[key] for key, label in named.items() if metadata.get(key) not in {None, "", "None", "null"}
    }
    return {**found, **dict(_tags(metadata)), **dict(_workflows(metadata))}


def _tags(metadata: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The most frequent captions of a training, of all its folders together."""
    folders = _parsed(metadata.get("ss_tag_frequency", ""))
    counts: Counter[str] = Counter()
    if isinstance(folders, dict):
        for tags in folders.values():
            if isinstance(tags, dict):
                counts.update({tag.strip(): n for tag, n in tags.items() if type(n) is int and 0 < n < 2**53})
    if counts:
        yield "tags", ", ".join(f"{tag} ({count})" for tag, count in counts.most_common(MAX_TAGS))


def _workflows(metadata: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for key in _WORKFLOWS:
        tree = _parsed(metadata.get(key, ""))
        if isinstance(tree, dict):
            nodes = tree.get("nodes") if key == "workflow" else tree
            count = len(nodes) if isinstance(nodes, (list, dict)) else 0
            yield key, f"of ComfyUI, {count} node{'' if count == 1 else 's'}"


def _parsed(text: str) -> Any:
    if not text.startswith("{") or len(text) > MAX_PARSED:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
