"""Where files may be: models, input, output, temp. Nothing that a workflow names leaves these folders.

The layout and the names are ComfyUI's: one folder per kind of model below `models`, more of them from
`extra_model_paths.yaml`, and file values of the form `sub/name.png [output]`.

Symbolic links inside the folders are followed, wherever they lead, as ComfyUI follows them: the user made them, to keep
models on another disk. A workflow cannot make one, and a name in it (`..`, an absolute path, a drive) leads out of no
folder.
"""

from __future__ import annotations

import errno
import os
import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from wftools.errors import RunError, shown
from wftools.folders.names import KINDS_OF_PACKS, MAX_NAME, OLD_NAMES, annotated, inside, split

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    Content = bytes | Callable[[BinaryIO], object]
    """What a file holds, or what writes it: it is given a stream that has a path, its `name`."""

# Kinds whose files lie in a folder of another name as well; ComfyUI kept the old names when it renamed the kinds.
FOLDERS_OF_KIND: Final[Mapping[str, tuple[str, ...]]] = {
    "controlnet": ("controlnet", "t2i_adapter"),
    "diffusion_models": ("unet", "diffusion_models"),
    "text_encoders": ("text_encoders", "clip"),
}
MODEL_SUFFIXES: Final = frozenset(
    {".ckpt", ".pt", ".pt2", ".bin", ".pth", ".safetensors", ".pkl", ".sft", ".gguf", ".onnx"}
)
CONFIG_SUFFIXES: Final = frozenset({".yaml"})
# Models that are a folder, which is found by a file that it has.
INDEX_OF_KIND: Final[Mapping[str, str]] = {"diffusers": "model_index.json"}
# Small VAEs that ComfyUI knows by name: each is two files, NAME_encoder… and NAME_decoder…, in a folder of their own.
APPROXIMATE_VAES: Final = ("taesd", "taesdxl", "taesd3", "taef1")
# The model that comes with wftools: a whole checkpoint, so that it answers for each of its networks too.
BUILT_IN: Final = Path(__file__).parents[1] / "mini" / "wftools-mini.safetensors"
BUILT_IN_KINDS: Final = frozenset({"checkpoints", "diffusion_models", "text_encoders", "vae"})

NUMBERED: Final = "_00001_.webp"  # what is put behind a prefix, at its longest


_LISTED: Final = (*MODEL_SUFFIXES, *CONFIG_SUFFIXES)


def may_be_model(name: str) -> bool:
    """Whether a ComfyUI server could list a name among the models of a kind of its own: by its suffix, or as one of
    the small VAEs, pairs of files under one name.
    """
    return name.lower().endswith(_LISTED) or name.startswith(("tae", "lighttae"))


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders of one run. A name from a workflow is looked up in them and nowhere else."""

    models: Path = Path("models")
    input: Path = Path("input")
    output: Path = Path("output")
    temp: Path = Path("temp")
    more_models: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)  # kind -> folders, the preferred first

    def roots(self, kind: str) -> tuple[Path, ...]:
        """The folders in which models of a kind lie, the preferred first."""
        kind = OLD_NAMES.get(kind, kind)
        if kind in KINDS_OF_PACKS:
            return (*self.more_models.get(kind, ()), *self.roots(KINDS_OF_PACKS[kind]))
        own = tuple(self.models / name for name in FOLDERS_OF_KIND.get(kind, (kind,)))
        return (*self.more_models.get(kind, ()), *own)

    def find(self, kind: str, name: str) -> Path:
        """The model file of that kind and name; of a model that is a folder its index.

        Raises RunError if there is none, or if the name leaves the folder.
        The name of the built-in model leads to that model, unless there is a file of that name in the folders.
        """
        if kind == "vae" and name in APPROXIMATE_VAES:
            return self.approximate_vae(name)[0]
        relative = inside(name) / INDEX_OF_KIND.get(kind, "")
        for root in self.roots(kind):
            if _is_file(root / relative, name):
                return root / relative
        own_kind = KINDS_OF_PACKS.get(kind, OLD_NAMES.get(kind, kind))
        if name == BUILT_IN.name and own_kind in BUILT_IN_KINDS and BUILT_IN.is_file():
            return BUILT_IN
        searched = ", ".join(str(root) for root in self.roots(kind))
        raise RunError(f"model {shown(name)} is not there", hint=f"put it into one of: {searched}")

    def approximate_vae(self, name: str) -> tuple[Path, Path]:
        """The encoder and the decoder of a small VAE. Raises RunError if one of them is not there."""
        roots = [root for root in self.roots("vae_approx") if root.is_dir()]
        paths = []
        for part in ("encoder", "decoder"):
            named = (
                path for root in roots for path in sorted(root.iterdir()) if path.name.startswith(f"{name}_{part}.")
            )
            path = next((path for path in named if path.suffix in MODEL_SUFFIXES and _is_file(path, name)), None)
            if path is None:
                searched = ", ".join(str(root) for root in self.roots("vae_approx"))
                raise RunError(f"the {part} of the VAE {name} is not there", hint=f"put it into one of: {searched}")
            paths.append(path)
        return paths[0], paths[1]

    def area(self, name: str) -> Path:
        """The folder called input, output or temp."""
        return {"input": self.input, "output": self.output, "temp": self.temp}[name]

    def named(self, value: str) -> Path:
        """The path that a value such as `sub/a.png [output]` names; without an area it is one of the inputs.

        Raises RunError if the name leaves the area, or can name no file.
        """
        name, area = annotated(value)
        return self.area(area or "input") / inside(name)

    def file(self, value: str) -> Path:
        """The file that a value such as `sub/a.png [output]` names. Raises RunError if it is not there."""
        path = self.named(value)
        if not _is_file(path, value):
            raise RunError(f"file {shown(value)} is not there", hint=f"put it into {path.parent}")
        return path

    def folder(self, value: str) -> Path:
        """The folder in the inputs that a value such as `sub/pictures` names. Raises RunError if it is not there."""
        path = self.input / inside(value)
        if path == self.input or not path.is_dir():
            raise RunError(f"folder {shown(value)} is not there", hint=f"put it into {self.input}")
        return path

    def replace(self, name: str, content: bytes) -> Path:
        """Write the output file of that name, such as `sub/a.png`, in place of one that is there.

        Raises RunError for a name that leaves the folder, OSError if writing fails.
        """
        from wftools.writing import write_atomically

        path = self.output / inside(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)
        return path

    def write(
        self,
        prefix: str,
        suffix: str,
        contents: Iterable[Content],
        area: str = "output",
        size: tuple[int, int] = (0, 0),
    ) -> Iterator[Path]:
        """Write new files for a `filename_prefix`: `prefix_00001` …, then the suffix; yields each once it is there.

        `prefix` may name subfolders, which are made; `%width%` and others are filled in (see `filled_in`), and
        `%batch_num%` becomes 0, 1 … Numbers go on after the highest that is taken, whatever stands behind it; gaps
        stay, as in ComfyUI. A number that another process takes at the same time is passed over. Raises RunError for a
        prefix that leaves the folder, OSError if writing fails.
        """
        from wftools.writing import atomically  # not for those who only look for files

        subfolder, template = split(filled_in(prefix, *size))
        folder = self.area(area) / subfolder
        folder.mkdir(parents=True, exist_ok=True)
        present = [path.name for path in folder.iterdir()]
        highest: dict[str, int] = {}
        number = 0
        for index, content in enumerate(contents):
            name = template.replace("%batch_num%", str(index))
            if name not in highest:
                highest[name] = highest_number(present, name)
            number = max(number, highest[name])
            while True:
                number += 1
                path = folder / f"{name}_{number:05}{suffix}"
                try:
                    with atomically(path, replaces=False) as stream:
                        content(stream) if callable(content) else stream.write(content)
                except FileExistsError:
                    continue
                break
            yield path

    def next_name(self, prefix: str, area: str = "output") -> tuple[str, int]:
        """The name and the number of the file that is written next for a `filename_prefix`, unless somebody is faster.

        Raises RunError for a prefix that leaves the folder.
        """
        subfolder, name = split(filled_in(prefix))
        folder = self.area(area) / subfolder
        present = [path.name for path in folder.iterdir()] if folder.is_dir() else []
        return name, highest_number(present, name) + 1

    def check_prefix(self, prefix: str, area: str = "output") -> None:
        """Raise RunError if no file can be written for a `filename_prefix`, as far as that can be told before."""
        subfolder, name = split(prefix)
        if len(os.fsencode(name + NUMBERED)) > MAX_NAME:
            raise RunError(f"the name {shown(name)} is too long for a file", hint=f"at most {MAX_NAME} bytes fit")
        folder = self.area(area) / subfolder
        for each in (folder, *folder.parents):  # the ones that are not there will be made
            try:
                each.stat()
            except FileNotFoundError:
                continue
            except OSError as error:
                raise RunError(f"cannot save to {shown(str(folder))}: {error.strerror}") from error
            if not os.path.isdir(each):  # noqa: PTH112
                raise RunError(f"cannot save to {folder}: {each} is no folder")
            if not os.access(each, os.W_OK | os.X_OK):
                raise RunError(f"cannot save to {folder}: {each} is not writable")
            return


def filled_in(prefix: str, width: int = 0, height: int = 0, now: datetime | None = None) -> str:
    """A `filename_prefix` with the size of the picture and the local time in it: `%width%`, `%year%`, `%month%` …"""
    now = now or datetime.now()
    values = {
        "width": str(width),
        "height": str(height),
        "year": str(now.year),
        "month": f"{now.month:02}",
        "day": f"{now.day:02}",
        "hour": f"{now.hour:02}",
        "minute": f"{now.minute:02}",
        "second": f"{now.second:02}",
    }
    return re.sub(f"%({'|'.join(values)})%", lambda match: values[match.group(1)], prefix)


def highest_number(files: Iterable[str], name: str) -> int:
    """The highest number among the files of a folder that are called so; 0 if there is none."""
    return max((_number(file, name) for file in files), default=0)


def _number(file: str, name: str) -> int:
    """The number of `name_00007_…` and `name_00007.…`; 0 for any other file."""
    start, rest = file[: len(name) + 1], file[len(name) + 1 :]
    digits = re.split("[_.]", rest)[0]
    is_numbered = os.path.normcase(start) == os.path.normcase(f"{name}_") and digits.isdecimal()
    return int(digits) if is_numbered else 0


def _is_file(path: Path, name: str) -> bool:
    """Whether there is a file that can be read. Raises RunError if that cannot be told, or it may not be read."""
    try:
        if not path.is_file():
            return False
    except OSError as error:  # the whole path is too long, for one
        raise RunError(f"{shown(name)} cannot be looked up: {error.strerror}") from error
    if not os.access(path, os.R_OK):
        raise RunError(f"{shown(name)} cannot be read: {os.strerror(errno.EACCES)}")
    return True
