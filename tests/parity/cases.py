"""The recorded cases: prompts, and what ComfyUI computes for them. See tests/data/parity/README.md."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import torch
from safetensors import safe_open
from safetensors.torch import load_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from torch import Tensor

DATA: Final = Path(__file__).parents[1] / "data/parity"
SUITES: Final = ("breadth", "denoising", "side")

# Relative L2, where nothing else is said.
OF_NETWORKS, OF_ARITHMETIC = 1e-4, 1e-5
# Largest difference over the deviation of a latent, and of a picture as it is, where networks remove noise.
OF_LATENTS, OF_PICTURES = 3e-4, 2e-3
VALUES = 1e-5  # relative, of numbers

# What cases of a suite are allowed that differ from these, and why: name patterns, the first that fits.
TOLERANCES: Final[Mapping[str, Mapping[str, float]]] = {
    "breadth": {
        "patch_lcm": 5e-4,  # the reference misses itself by 1.9e-4 from machine to machine
    },
    # Where the reference's attention, computed another way, moves a case by more: ten times what it was seen to.
    "denoising": {
        "d_sampler_dpm_2*": 5e-3,
        "d_ms_contv_*": 2e-3,
        **dict.fromkeys(("d_sampler_heun", "d_sampler_res_multistep"), 8e-4),
        "d_sdxl_euler": 6e-4,
        **dict.fromkeys(
            ("d_sampler_dpmpp_2m", "d_sampler_dpmpp_3m_sde*", "d_sampler_ipndm_v", "d_sampler_uni_pc"), 5e-4
        ),
        **dict.fromkeys(("d_lora_loha", "d_sampler_deis", "d_sampler_euler", "d_sampler_heunpp2"), 4e-4),
    },
    "side": {
        "ds_load_video*": 0.02,  # pixels pass through libavcodec and swscale: exact with the same builds alone
        "ds_video_*": 0.02,
        "video_load*": 0.02,
        "patch_compute_dtype_fp16": 0.005,  # half precision on a CPU; its effect is 2.9e-3
        "patch_compute_dtype_bf16": 0.04,  # its effect is 2.3e-2
        "train_lora_bf16": float("inf"),  # the reference misses itself by 0.27: only that it trains, and what it names
        "train_bucket": 0.005,  # the reference misses itself by 3e-4
        "train_*": 1e-3,  # by up to 7.6e-5
        **dict.fromkeys(("ds_*", "image_*", "load_image*", "optimal_steps", "latent_empty_others"), OF_ARITHMETIC),
        **dict.fromkeys(("rebatch_latents", "curve_editor"), OF_ARITHMETIC),
    },
}
COUNT: Final = ".count"

LOSSES: Final = 1e-3  # relative, of what training tells

# Outputs in the order of a directory, which no two file systems have alike: lists that belong together, item by item.
UNORDERED: Final[Mapping[str, tuple[str, ...]]] = {
    "ds_load_images_many": ("1.0",),
    "ds_load_image_text": ("1.0", "1.1", "3.0"),
}

# Node types whose outputs come out of networks, or lead through them.
NETWORKS: Final = (
    "CLIP*", "KSampler*", "VAE*", "SamplerCustom*", "*UpscaleWithModel", "Conditioning*", "*ControlNet*", "unCLIP*",
    "GLIGEN*", "StyleModel*", "InpaintModelConditioning", "Train*", "*Zero123*", "SV*_Conditioning", "SVD*", "*Hook*",
    "PhotoMaker*", "InstructPix*", "SD_4XUpscale*", "AddNoise", "*Sampler*",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A prompt and what ComfyUI made of it."""

    suite: str
    name: str
    prompt: Mapping[str, Any]
    tensors: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, Any] = field(default_factory=dict)

    @property
    def types(self) -> frozenset[str]:
        """The node types that it needs."""
        return frozenset(node["class_type"] for node in self.prompt.values())

    @property
    def text(self) -> str:
        """The prompt as a file has it."""
        return json.dumps(self.prompt)

    def differences(self, captured: Path) -> list[str]:
        """What differs between the outputs in a capture and the recorded ones, a line each."""
        if not captured.exists():
            return ["nothing was computed"]
        got, metadata = load_file(captured), dict(values_in(captured))
        for key in self.values:
            if key.endswith(COUNT):  # of an adapter's tensors, of which only some were recorded
                metadata[key] = sum(name.startswith(key.removesuffix(COUNT[1:])) for name in got)
        unordered = UNORDERED.get(self.name, ())
        is_ordered = {key: key.split("#")[0] not in unordered for key in (*self.tensors, *self.values)}
        lines = [
            line
            for key, facts in self.tensors.items()
            if is_ordered[key]
            for line in self._difference(key, facts, got.get(key))
        ]
        lines += [
            f"{key} is {metadata.get(key)!r}, not {value!r}"
            for key, value in self.values.items()
            if is_ordered[key] and not is_object(value) and not self._is_same(value, metadata.get(key))
        ]
        return lines + list(self._differences_of_sets(unordered, got, metadata))

    def _differences_of_sets(
        self, keys: tuple[str, ...], got: Mapping[str, Tensor], values: Mapping[str, Any]
    ) -> Iterator[str]:
        """Lists that are in no order: each recorded item is one of those computed, with what belongs to it."""
        counts = {key.split("#")[1] for key in (*self.tensors, *self.values) if key.split("#")[0] in keys}
        for index in sorted(counts):
            wanted_tensors = {
                k: v for k, v in self.tensors.items() if k.endswith(f"#{index}") and k.split("#")[0] in keys
            }
            wanted_values = {
                k: v for k, v in self.values.items() if k.endswith(f"#{index}") and k.split("#")[0] in keys
            }
            if not any(
                all(
                    not list(self._difference(k, v, got.get(f"{k.split('#')[0]}#{other}")))
                    for k, v in wanted_tensors.items()
                )
                and all(self._is_same(v, values.get(f"{k.split('#')[0]}#{other}")) for k, v in wanted_values.items())
                for other in counts
            ):
                yield f"item {index} of {' and '.join(keys)} is none of those computed"

    def _difference(self, key: str, facts: Mapping[str, Any], tensor: Tensor | None) -> Iterator[str]:
        if tensor is None:
            yield f"{key} is missing"
        elif list(tensor.shape) != facts["shape"]:
            yield f"{key} has the shape {list(tensor.shape)}, not {facts['shape']}"
        else:
            flat = tensor.double().flatten()[:: facts["step"]]
            wanted = _samples(self.suite)[facts["at"] : facts["at"] + len(flat)].double()
            error, allowed = self._error(key, facts, flat, wanted)
            if not error <= allowed:  # also if it is no number
                yield f"{key} is off by {error:.2g}, and {allowed:.2g} is allowed"

    def _error(self, key: str, facts: Mapping[str, Any], got: Tensor, wanted: Tensor) -> tuple[float, float]:
        """How far a tensor is from the recorded one, and how far it may be."""
        holes = wanted.isnan()
        if not torch.equal(holes, got.isnan()):
            return float("nan"), 0.0
        got, wanted = got[~holes], wanted[~holes]
        if not len(wanted):
            return 0.0, 0.0
        own = self._own_tolerance
        if self.suite == "denoising" and key.endswith(".samples"):
            return float((got - wanted).abs().max()) / (facts["std"] or 1.0), own or OF_LATENTS
        if self.suite == "denoising" and len(facts["shape"]) == 4:
            return float((got - wanted).abs().max()), own or OF_PICTURES
        usual = OF_NETWORKS if self.suite != "breadth" or self._is_of_network(key.partition(".")[0]) else OF_ARITHMETIC
        length = float(wanted.norm())
        return float((got - wanted).norm()) / (length or 1.0), own or usual

    def _is_same(self, wanted: object, got: object) -> bool:
        if self._own_tolerance == float("inf") and isinstance(wanted, float):
            return isinstance(got, float)
        return is_same(wanted, got, LOSSES if self.name.startswith("train") else VALUES)

    @property
    def _own_tolerance(self) -> float | None:
        """What this case is allowed where it is not what others are."""
        return next((allowed for name, allowed in TOLERANCES[self.suite].items() if fnmatch(self.name, name)), None)

    def _is_of_network(self, node: str) -> bool:
        """Whether a node's outputs come out of a network, its own or one before it."""
        inputs = self.prompt[node]["inputs"].values() if node in self.prompt else ()
        sources = (value[0] for value in inputs if isinstance(value, list) and value and isinstance(value[0], str))
        kind = self.prompt[node]["class_type"] if node in self.prompt else ""
        return any(fnmatch(kind, name) for name in NETWORKS) or any(map(self._is_of_network, sources))


def is_object(value: object) -> bool:
    """Whether a recorded text is Python's name for an object of ComfyUI's, with its address."""
    return isinstance(value, str) and value.startswith("<comfy.")


def is_same(wanted: object, got: object, allowed: float = VALUES) -> bool:
    """Whether two values are one: numbers but for rounding, everything else to the last character."""
    if wanted == "nan" and isinstance(got, float):  # JSON has no such number
        return math.isnan(got)
    if isinstance(wanted, float) and isinstance(got, int | float) and not isinstance(got, bool):
        return got == wanted or abs(got - wanted) <= allowed * abs(wanted) or (got != got and wanted != wanted)  # noqa: PLR0124
    return type(got) is type(wanted) and got == wanted


@cache
def cases(suite: str) -> tuple[Case, ...]:
    """Every case of a suite, in the order of their names."""
    lines = (DATA / f"{suite}.jsonl").read_text("utf-8").splitlines()
    facts = map(json.loads, lines)
    return tuple(
        Case(suite, each["case"], each["prompt"], *(each.get(key, {}) for key in ("tensors", "values", "files")))
        for each in facts
    )


@cache
def _samples(suite: str) -> Tensor:
    return load_file(DATA / f"{suite}.safetensors")["samples"]


def values_in(path: Path) -> Mapping[str, Any]:
    """Texts and numbers of a capture, by name."""
    with safe_open(path, "pt") as file:
        values: Mapping[str, Any] = json.loads((file.metadata() or {}).get("values", "{}"))
    return values
