"""Read ComfyUI's `extra_model_paths.yaml`: where more models lie."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from wftools.errors import InputError, LimitError, Place, shown
from wftools.folders.names import OLD_NAMES

if TYPE_CHECKING:
    from pathlib import Path

    import yaml

MAX_BYTES: Final = 2**20
MAX_ENTRIES: Final = 10_000  # of one mapping: with `<<`, a few lines can double them again and again


def extra_model_paths(file: Path) -> dict[str, tuple[Path, ...]]:
    """Read ComfyUI's `extra_model_paths.yaml`: kind -> folders. A section marked is_default comes first.

    Raises InputError if the file is not of that form.
    """
    place = Place(str(file))
    config = _yaml(file)
    sections = {name: section for name, section in config.items() if section is not None}
    preferred: dict[str, list[Path]] = {}
    others: dict[str, list[Path]] = {}
    for name, section in sections.items():
        if not isinstance(section, dict):
            raise InputError(f"{shown(name)} is {shown(section)}, not a section of `kind: path` lines", place=place)
        for key, value in section.items():
            is_flag = key == "is_default" and isinstance(value, bool)
            if not (isinstance(key, str) and (is_flag or value is None or isinstance(value, str))):
                raise InputError(f"{shown(key)} of {shown(name)} is {shown(value)}, not a path", place=place)
        base = file.parent / _expanded(section.get("base_path") or "")
        into = preferred if section.get("is_default") else others
        for kind in section.keys() - {"base_path", "is_default"}:
            lines = (section[kind] or "").splitlines()
            paths = [base / _expanded(line.strip()) for line in lines if line.strip()]
            into.setdefault(OLD_NAMES.get(kind, kind), []).extend(paths)
    return {kind: (*preferred.get(kind, ()), *others.get(kind, ())) for kind in {**preferred, **others}}


def _expanded(path: str) -> str:
    return os.path.expanduser(os.path.expandvars(path))  # noqa: PTH111  (which fails for a user that is not there)


def _yaml(file: Path) -> dict[Any, Any]:
    """The mapping that a file holds; an empty file has an empty one."""
    place = Place(str(file))
    try:
        import yaml
    except ImportError as error:
        hint = "pip install 'wftools[run]'"
        raise InputError("cannot be read without PyYAML, which is not installed", place=place, hint=hint) from error

    class Loader(yaml.SafeLoader):
        def flatten_mapping(self, node: yaml.MappingNode) -> None:
            super().flatten_mapping(node)
            if len(node.value) > MAX_ENTRIES:
                raise LimitError(f"a section has more than {MAX_ENTRIES:,} lines")

    try:
        if file.stat().st_size > MAX_BYTES:
            raise LimitError(f"is larger than {MAX_BYTES // 2**20} MB")
        if not file.is_file():
            raise InputError("is no file")
        config = yaml.load(file.read_text("utf-8"), Loader)  # noqa: S506  (a safe loader)
    except InputError as error:
        error.place = place
        raise
    except yaml.YAMLError as error:
        raise InputError(f"is not YAML: {' '.join(str(error).split())}", place=place) from error
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", place=place) from error
    except Exception as error:  # the loader lets pass what int(), float() and dates raise: 2020-13-45, !!int ""
        raise InputError(f"has a value that is none: {type(error).__name__}: {error}", place=place) from error
    if config is None:
        return {}
    if not isinstance(config, dict):
        raise InputError(f"is {shown(config)}, not sections of `kind: path` lines", place=place)
    return config
