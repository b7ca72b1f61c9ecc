"""Where files may be: models, input, output, temp. Nothing that a workflow names leaves these folders.

The layout and the names are ComfyUI's: one folder per kind of model below `models`, more of them from
`extra_model_paths.yaml`, and file values of the form `sub/name.png [output]`.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from wftools.errors import InputError, Place, RunError

if TYPE_CHECKING:
    from collections.abc import Mapping

# Kinds whose files lie in a folder of another name as well; ComfyUI kept the old names when it renamed the kinds.
FOLDERS_OF_KIND: Final[Mapping[str, tuple[str, ...]]] = {
    "controlnet": ("controlnet", "t2i_adapter"),
    "diffusion_models": ("unet", "diffusion_models"),
    "text_encoders": ("text_encoders", "clip"),
}
OLD_NAMES: Final[Mapping[str, str]] = {
    "unet": "diffusion_models",
    "clip": "text_encoders",
    "t2i_adapter": "controlnet",
}

MODEL_SUFFIXES: Final = frozenset(
    {".ckpt", ".pt", ".pt2", ".bin", ".pth", ".safetensors", ".pkl", ".sft", ".gguf", ".onnx"}
)
CONFIG_SUFFIXES: Final = frozenset({".yaml"})
# The model that comes with wftools: a whole checkpoint, so that it answers for each of its networks too.
BUILT_IN: Final = Path(__file__).with_name("mini") / "wftools-mini.safetensors"
BUILT_IN_KINDS: Final = frozenset({"checkpoints", "diffusion_models", "text_encoders", "vae"})

AREAS: Final = ("input", "output", "temp")

_AREA = re.compile(r" \[(input|output|temp)\]$")


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
        own = tuple(self.models / name for name in FOLDERS_OF_KIND.get(kind, (kind,)))
        return (*self.more_models.get(kind, ()), *own)

    def names(self, kind: str) -> tuple[str, ...]:
        """The model files of a kind, as a workflow names them: relative, with forward slashes, sorted."""
        suffixes = CONFIG_SUFFIXES if kind == "configs" else MODEL_SUFFIXES
        return tuple(
            sorted(
                {
                    path.relative_to(root).as_posix()
                    for root in self.roots(kind)
                    for path in _files_below(root)
                    if path.suffix.lower() in suffixes
                }
            )
        )

    def find(self, kind: str, name: str) -> Path:
        """The model file of that kind and name. Raises RunError if there is none, or if the name leaves the folder.

        The name of the built-in model leads to that model, unless there is a file of that name in the folders.
        """
        relative = inside(name)
        for root in self.roots(kind):
            path = root / relative
            if path.is_file():
                return path
        if name == BUILT_IN.name and OLD_NAMES.get(kind, kind) in BUILT_IN_KINDS and BUILT_IN.is_file():
            return BUILT_IN
        searched = ", ".join(str(root) for root in self.roots(kind))
        raise RunError(f"model {name!r} is not there", hint=f"put it into one of: {searched}")

    def area(self, name: str) -> Path:
        """The folder called input, output or temp."""
        return {"input": self.input, "output": self.output, "temp": self.temp}[name]

    def file(self, value: str, default: str = "input") -> Path:
        """The file that a value such as `sub/a.png [output]` names. Raises RunError if it is not there."""
        match = _AREA.search(value)
        area = match.group(1) if match else default
        folder = self.area(area)
        path = folder / inside(value[: match.start()] if match else value)
        if not path.is_file():
            raise RunError(f"file {value!r} is not there", hint=f"put it into {folder}")
        return path

    def next_file(self, prefix: str, suffix: str, area: str = "output") -> Path:
        """A new file for a `filename_prefix`; see `next_files`."""
        return self.next_files(prefix, suffix, area=area)[0]

    def next_files(self, prefix: str, suffix: str, count: int = 1, area: str = "output") -> tuple[Path, ...]:
        """New files for a `filename_prefix`: `prefix_00001_`, `prefix_00002_` …, their folder made.

        `prefix` may name subfolders; it may not leave the folder. `%batch_num%` in it becomes 0, 1 …
        Numbers go on after the highest that is taken, whatever the suffix of that file; gaps stay, as in ComfyUI.
        """
        relative = inside(prefix)
        folder = self.area(area) / relative.parent
        folder.mkdir(parents=True, exist_ok=True)
        names = [relative.name.replace("%batch_num%", str(index)) for index in range(count)]
        files = [path.name for path in folder.iterdir()]
        first = max((_number(file, name) for name in set(names) for file in files), default=0) + 1
        return tuple(folder / f"{name}_{number:05}_{suffix}" for number, name in enumerate(names, first))


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


def _number(file: str, name: str) -> int:
    """The number of `name_00007_…`; 0 for any other file."""
    start, rest = file[: len(name) + 1], file[len(name) + 1 :]
    digits = rest.split("_")[0]
    is_numbered = os.path.normcase(start) == os.path.normcase(f"{name}_") and digits.isdecimal()
    return int(digits) if is_numbered else 0


def inside(name: str) -> PurePosixPath:
    """A relative path that stays below the folder it is joined to. Raises RunError for any other name."""
    path = PurePosixPath(name.replace("\\", "/"))
    drive = re.match(r"[A-Za-z]:", name)
    if not path.parts or path.is_absolute() or drive or ".." in path.parts or "\0" in name:
        raise RunError(f"{name!r} would leave the folder it belongs to", hint="use a relative path without '..'")
    return path


def extra_model_paths(file: Path) -> dict[str, tuple[Path, ...]]:
    """Read ComfyUI's `extra_model_paths.yaml`: kind -> folders. A section marked is_default comes first.

    Raises InputError if the file is not of that form.
    """
    import yaml

    try:
        config = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"cannot be read: {error}", place=Place(str(file))) from error
    if not isinstance(config, dict) or not all(isinstance(section, dict) for section in config.values() if section):
        raise InputError("expected sections of `kind: path` lines", place=Place(str(file)))
    preferred: dict[str, list[Path]] = {}
    others: dict[str, list[Path]] = {}
    for section in filter(None, config.values()):
        base = _expanded(str(section.get("base_path") or ""), file.parent)
        into = preferred if section.get("is_default") else others
        for kind, lines in section.items():
            if kind in {"base_path", "is_default"} or not isinstance(lines, str):
                continue
            paths = [_expanded(line.strip(), base) for line in lines.splitlines() if line.strip()]
            into.setdefault(OLD_NAMES.get(kind, kind), []).extend(paths)
    return {kind: (*preferred.get(kind, ()), *others.get(kind, ())) for kind in {**preferred, **others}}


def _expanded(path: str, base: Path) -> Path:
    return base / Path(os.path.expandvars(path)).expanduser()


def _files_below(root: Path) -> list[Path]:
    return [Path(folder, name) for folder, _, names in os.walk(root, followlinks=True) for name in names]
