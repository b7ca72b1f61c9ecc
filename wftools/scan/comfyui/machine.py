"""The folders of a ComfyUI that is not there: which files they hold nobody knows, only of which kind.

A list of such files has a text for each suffix that they may have. What a pack does with the list (adds to it, filters
it, puts prefixes before its items) is done to these texts, and in the end `files_in` reads off them what is left.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from wftools.folders import FOLDERS_OF_KIND
from wftools.folders.names import OLD_NAMES
from wftools.scan.interpreter.files import COMFYUI, PackFiles
from wftools.scan.interpreter.values import FileMarker

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from mimetypes import MimeTypes

MODEL_SUFFIXES: Final = (".bin", ".ckpt", ".pkl", ".pt", ".pt2", ".pth", ".safetensors", ".sft")
"""What ComfyUI takes for model files."""

KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(
        (
            "checkpoints", "loras", "vae", "text_encoders", "diffusion_models", "clip_vision", "style_models",
            "embeddings", "vae_approx", "controlnet", "gligen", "upscale_models", "latent_upscale_models",
            "hypernetworks", "photomaker", "model_patches", "audio_encoders", "background_removal",
            "frame_interpolation", "geometry_estimation", "optical_flow", "detection",
        ),
        MODEL_SUFFIXES,
    ),
    "configs": (".yaml",),
    "diffusers": (),
    "classifiers": (),
    "datasets": (),
}  # fmt: skip
"""The kinds of files that ComfyUI 0.33.0 has a folder for, and their suffixes; none: any."""

# What else may lie in a folder of models that takes any file.
_MORE: Final = (".gguf", ".onnx", ".json", ".yaml", ".txt", ".npz", ".engine", ".zip", ".png")

IMAGES: Final = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tiff", ".svg", ".psd")
VIDEOS: Final = (".mp4", ".webm", ".mkv", ".mov", ".avi")
SOUNDS: Final = (".mp3", ".wav", ".flac", ".ogg", ".m4a", ".opus")
SHAPES: Final = (".glb", ".gltf", ".obj", ".stl", ".fbx", ".ply")
_OTHERS: Final = (".latent", ".txt", ".json", ".csv", ".yaml", ".npy", ".safetensors", ".exr", ".srt")

_CONTENT: Final[Mapping[str, tuple[str, ...]]] = {
    "image": IMAGES,
    "video": VIDEOS,
    "audio": SOUNDS,
    "model3d": SHAPES,
    "latent": (".latent",),
}

AREAS: Final = ("input", "output", "temp")
_IN_AREA: Final = (*IMAGES, *VIDEOS, *SOUNDS, *SHAPES, *_OTHERS)
SUBFOLDER: Final = ".folder"  # what stands for the suffix of a folder, so that it is no suffix that anybody asks for


def listed(kind: str, suffixes: Iterable[str] = ()) -> list[str]:
    """Texts that stand for the files of a kind."""
    return [FileMarker(kind, suffix=suffix).text for suffix in sorted(suffixes) or (*MODEL_SUFFIXES, *_MORE)]


def suffixes_of(kind: str) -> tuple[str, ...]:
    """The suffixes of the files of a kind, `input:image` among them; none if they may have any."""
    return _CONTENT.get(kind.partition(":")[2], ()) if ":" in kind else KINDS.get(kind, ())


@cache
def places() -> Mapping[str, tuple[str, ...]]:
    """The folders that are there, and what a listing of each gives."""
    found = {f"{COMFYUI}/{area}": _area(area) for area in AREAS}
    for kind, suffixes in KINDS.items():
        for folder in FOLDERS_OF_KIND.get(kind, (kind,)):
            found[f"{COMFYUI}/models/{folder}"] = tuple(listed(kind, suffixes))
    return found


def _area(area: str) -> tuple[str, ...]:
    return tuple(FileMarker(area, suffix=suffix).text for suffix in (*_IN_AREA, SUBFOLDER))


@cache
def _mime() -> MimeTypes:
    from mimetypes import MimeTypes

    return MimeTypes()  # Python's own table: that of this machine is not ComfyUI's


def content_of(name: str) -> str:
    """What kind of content a file of that name has: "image", "video" …; "" if it is not known."""
    return (_mime().guess_type(name, strict=False)[0] or "").split("/")[0]


@dataclass(frozen=True)
class Files:
    """What a list of choices is: files, and choices beside them."""

    sources: tuple[tuple[str, str], ...]  # kind and prefix
    others: tuple[Any, ...]

    def said(self) -> dict[str, Any]:
        """As facts have it."""
        said: dict[str, Any] = {}
        if len(self.sources) == 1 and not self.sources[0][1]:
            said["folder"] = self.sources[0][0]
        else:
            said["folders"] = [
                {"folder": kind, **({"prefix": prefix} if prefix else {})} for kind, prefix in self.sources
            ]
        if self.others:
            said["extra_options"] = list(self.others)
        return said


def files_in(choices: Iterable[Any]) -> Files | None:
    """The files in a list of choices; None if there are none, or none that still are whole names."""
    found: dict[tuple[str, str], list[str]] = {}
    others = []
    for choice in choices:
        mark = FileMarker.find(choice) if isinstance(choice, str) else None
        if mark is None:
            others.append(choice)
        elif "." in mark.suffix[1:] or (mark.suffix and not mark.suffix.startswith(".")):
            return None
        else:
            found.setdefault((mark.folder, mark.prefix), []).append(mark.suffix)
    sources = []
    for (kind, prefix), suffixes in found.items():
        if kind in AREAS:
            sources.append((f"{kind}:{_of_area(suffixes)}", prefix))
        elif ":" in kind:
            sources.append((kind, prefix))
        elif all(suffixes):
            sources.append((OLD_NAMES.get(kind, kind), prefix))
        else:
            return None  # names without their suffix are no files
    return Files(tuple(sources), tuple(others)) if sources else None


def _of_area(suffixes: list[str]) -> str:
    """What is left of a listing, in a word."""
    files = {suffix for suffix in suffixes if suffix != SUBFOLDER}
    if not files:
        return "subfolders"
    if files.issuperset(_IN_AREA):
        return "file"
    contents = [name for name, known in _CONTENT.items() if files.intersection(known)]
    if all(any(suffix in _CONTENT[name] for name in contents) for suffix in files):
        return "+".join(contents)
    return "+".join(sorted(files)) if not contents else "file"


class MachineFiles(PackFiles):
    """The files of a pack, and the folders of the machine around it."""

    def names(self, path: str) -> list[str] | None:
        """The names in a folder; those of the machine's folders stand for any."""
        known = places().get(_normal(path))
        return list(known) if known is not None else super().names(path)

    def is_dir(self, path: str) -> bool | None:
        """Whether it is a folder; None if nobody knows."""
        path = _normal(path)
        mark = _mark(path)
        return path in places() or (super().is_dir(path) if mark is None else mark.suffix == SUBFOLDER)

    def is_file(self, path: str) -> bool | None:
        """Whether it is a file; None if nobody knows."""
        path = _normal(path)
        mark = _mark(path)
        return False if path in places() else super().is_file(path) if mark is None else mark.suffix != SUBFOLDER


def _normal(path: str) -> str:
    return posixpath.normpath(posixpath.join(COMFYUI, path))


def _mark(path: str) -> FileMarker | None:
    """The file of a machine's folder that a path leads to."""
    folder, _, name = path.rpartition("/")
    return FileMarker.find(name) if folder in places() else None
