"""Where files are, as ComfyUI's module of that name tells it: the folders of the run."""

from __future__ import annotations

import mimetypes
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wftools.folders import CONFIG_SUFFIXES, MODEL_SUFFIXES, Folders, filled_in, highest_number
from wftools.folders.names import split
from wftools.nodepacks.running import current

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

supported_pt_extensions: Final = set(MODEL_SUFFIXES)

KINDS: Final = (
    "checkpoints", "configs", "loras", "vae", "text_encoders", "diffusion_models", "clip_vision", "style_models",
    "embeddings", "diffusers", "vae_approx", "controlnet", "gligen", "upscale_models", "latent_upscale_models",
    "custom_nodes", "hypernetworks", "photomaker", "classifiers", "model_patches", "audio_encoders",
)  # fmt: skip

_added: dict[str, tuple[list[str], set[str]]] = {}  # kinds that packs have added: folders and suffixes


def _folders() -> Folders:
    return current().folders


def get_input_directory() -> str:
    """The folder of inputs."""
    return str(_folders().input.absolute())


def get_output_directory() -> str:
    """The folder of results."""
    return str(_folders().output.absolute())


def get_temp_directory() -> str:
    """The folder of previews, which is there."""
    _folders().temp.mkdir(parents=True, exist_ok=True)
    return str(_folders().temp.absolute())


def get_user_directory() -> str:
    """Where a server keeps its users' settings: here, the folder of previews."""
    return get_temp_directory()


def get_directory_by_type(type_name: str) -> str | None:
    """The folder called input, output or temp."""
    return str(_folders().area(type_name).absolute()) if type_name in {"input", "output", "temp"} else None


def get_folder_paths(folder_name: str) -> list[str]:
    """The folders in which models of a kind lie."""
    added = _added.get(folder_name, ([], set()))[0]
    return [*added, *(str(root.absolute()) for root in _folders().roots(folder_name))]


def add_model_folder_path(folder_name: str, full_folder_path: str, is_default: bool = False) -> None:
    """Look for models of a kind in one more folder."""
    paths, _ = _added.setdefault(folder_name, ([], set(MODEL_SUFFIXES)))
    if full_folder_path not in paths:
        paths.insert(0 if is_default else len(paths), full_folder_path)


def get_filename_list(folder_name: str) -> list[str]:
    """The files of a kind, by the names that workflows give them."""
    suffixes = _added.get(folder_name, ([], CONFIG_SUFFIXES if folder_name == "configs" else MODEL_SUFFIXES))[1]
    found = (
        path.relative_to(root).as_posix()
        for root in map(Path, get_folder_paths(folder_name))
        for path in sorted(root.rglob("*"))
        if path.is_file() and (not suffixes or path.suffix.lower() in suffixes)
    )
    return list(dict.fromkeys(found))


def get_full_path(folder_name: str, filename: str) -> str | None:
    """The file of a kind and name, if it is there; a name leads out of no folder."""
    for root in map(Path, get_folder_paths(folder_name)):
        path = Path(os.path.normpath(root / filename))
        if path.is_relative_to(root) and path.is_file():
            return str(path)
    return None


def get_full_path_or_raise(folder_name: str, filename: str) -> str:
    """The file of a kind and name. Raises FileNotFoundError."""
    path = get_full_path(folder_name, filename)
    if path is None:
        raise FileNotFoundError(f"Model in folder '{folder_name}' with filename '{filename}' not found.")
    return path


def annotated_filepath(name: str) -> tuple[str, str | None]:
    """A name without its ` [output]`, and the folder that this says."""
    for area in ("output", "input", "temp"):
        if name.endswith(f"[{area}]"):
            return name.removesuffix(f"[{area}]").rstrip(" "), get_directory_by_type(area)
    return name, None


def get_annotated_filepath(name: str, default_dir: str | None = None) -> str:
    """The path that `a.png [output]` names. Raises RunError if the name leads out of the folder."""
    if default_dir is None:
        return str(_folders().named(name).absolute())
    bare, folder = annotated_filepath(name)
    return str(Path(folder or default_dir) / bare)


def exists_annotated_filepath(name: str) -> bool:
    """Whether there is a file that `a.png [output]` names."""
    return Path(get_annotated_filepath(name)).exists()


def filter_files_content_types(files: Iterable[str], content_types: Iterable[str]) -> list[str]:
    """The files whose suffix says that they are pictures, sounds, videos or 3-D models."""
    wanted = {"model" if kind == "model" else kind for kind in content_types}
    return [file for file in files if (mimetypes.guess_type(file)[0] or "").split("/")[0] in wanted]


def get_save_image_path(
    filename_prefix: str, output_dir: str, image_width: int = 0, image_height: int = 0
) -> tuple[str, str, int, str, str]:
    """Folder, name, next number, subfolder and prefix of a file to save. Raises RunError outside of `output_dir`."""
    prefix = filled_in(filename_prefix, image_width, image_height)
    subfolder, name = split(prefix)
    folder = Path(output_dir) / subfolder
    folder.mkdir(parents=True, exist_ok=True)
    number = highest_number((path.name for path in folder.iterdir()), name) + 1
    return str(folder), name, number, str(subfolder) if str(subfolder) != "." else "", prefix


class _Kinds:
    """The kinds of models with their folders and suffixes: reads and takes as the dictionary does."""

    def __getitem__(self, kind: str) -> tuple[list[str], set[str]]:
        return get_folder_paths(kind), set(_added.get(kind, ([], MODEL_SUFFIXES))[1])

    def __setitem__(self, kind: str, value: tuple[Iterable[str], Iterable[str]]) -> None:
        paths, suffixes = value
        own = {str(root.absolute()) for root in _folders().roots(kind)}
        _added[kind] = [path for path in paths if path not in own], set(suffixes)

    def __contains__(self, kind: object) -> bool:
        return kind in _added or kind in KINDS

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*KINDS, *_added)))

    def get(self, kind: str, default: Any = None) -> Any:
        """The entry of a kind, or the default."""
        return self[kind] if kind in self else default

    def keys(self) -> list[str]:
        """Every kind."""
        return list(self)


folder_names_and_paths = _Kinds()


def __getattr__(name: str) -> str:
    """`models_dir`, `base_path`, `output_directory` … are of the run."""
    paths = {
        "models_dir": lambda: _folders().models,
        "base_path": lambda: _folders().models.absolute().parent,
        "input_directory": lambda: _folders().input,
        "output_directory": lambda: _folders().output,
        "temp_directory": lambda: _folders().temp,
    }
    if name not in paths:
        raise AttributeError(f"folder_paths.{name} is not offered", name=name)
    return str(paths[name]().absolute())
