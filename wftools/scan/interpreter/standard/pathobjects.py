"""`pathlib`: paths as objects, of which only those in the pack are looked at."""

from __future__ import annotations

import fnmatch
import posixpath
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from wftools.scan.interpreter.builtin.types import OBJECT
from wftools.scan.interpreter.files import COMFYUI
from wftools.scan.interpreter.standard import filedata, paths
from wftools.scan.interpreter.standard.declaring import functions, nothing, text
from wftools.scan.interpreter.values import (
    ClassMethod,
    ClassValue,
    Foreign,
    Instance,
    Property,
    StaticMethod,
    Stream,
    Undecided,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftools.scan.interpreter.interpreter import Interpreter


def names(interpreter: Interpreter, module: str) -> dict[str, Value]:
    return dict.fromkeys(("Path", "PurePath", "PosixPath", "PurePosixPath", "WindowsPath", "PureWindowsPath"), PATH)


def made(path: str | PurePosixPath) -> Instance:
    """A path of the interpreted code."""
    return Instance(PATH, {"_path": str(PurePosixPath(path))})


def _pure(value: Value) -> PurePosixPath:
    return PurePosixPath(value.attributes["_path"])


def _new(interpreter: Interpreter, cls: Value, *parts: Value) -> Value:
    path = made(PurePosixPath(*(paths.with_marks(interpreter, each) for each in parts)))
    return Instance(cls if isinstance(cls, ClassValue) else PATH, path.attributes)


def _joined(interpreter: Interpreter, owner: Value, *parts: Value) -> Value:
    return made(_pure(owner).joinpath(*(paths.with_marks(interpreter, each) for each in parts)))


def _joined_to(interpreter: Interpreter, owner: Value, first: Value) -> Value:
    return made(PurePosixPath(paths.with_marks(interpreter, first)) / _pure(owner))


def _part(name: str) -> Property:
    def get(_: Interpreter, owner: Value) -> Value:
        found: Any = getattr(_pure(owner), name)
        if isinstance(found, PurePosixPath):
            return made(found)
        return tuple(map(made, found)) if name == "parents" else found

    return Property(Foreign(name, get))


def _changed(name: str) -> Callable[..., Value]:
    def change(interpreter: Interpreter, owner: Value, *given: Value, **_: Value) -> Value:
        return made(getattr(_pure(owner), name)(*(paths.with_marks(interpreter, each) for each in given)))

    return change


def _whole(_: Interpreter, owner: Value, **__: Value) -> Value:
    return made(posixpath.normpath(posixpath.join(COMFYUI, _pure(owner))))


def _asked(question: str) -> Callable[..., Value]:
    return lambda interpreter, owner, **_: paths.asked(question)(interpreter, str(_pure(owner)))


def _iterdir(interpreter: Interpreter, owner: Value) -> Value:
    return Stream(
        name if isinstance(name, Unknown) else made(_pure(owner) / name)
        for name in paths.folder_names(interpreter, str(_pure(owner)))
    )


def _glob(interpreter: Interpreter, owner: Value, pattern: Value, **_: Value) -> Value:
    found = paths.matching(interpreter, text(pattern), str(_pure(owner)), recursive=True)
    return Stream(each if isinstance(each, Unknown) else made(_pure(owner) / each) for each in found)


def _rglob(interpreter: Interpreter, owner: Value, pattern: Value, **_: Value) -> Value:
    """All that is somewhere below; the pattern is of a name."""
    return _glob(interpreter, owner, f"**/{text(pattern)}")


def _relative_to(interpreter: Interpreter, owner: Value, other: Value, **_: Value) -> Value:
    return made(_pure(owner).relative_to(paths.with_marks(interpreter, other)))


def _is_relative_to(interpreter: Interpreter, owner: Value, other: Value) -> Value:
    return _pure(owner).is_relative_to(paths.with_marks(interpreter, other))


def _read_text(interpreter: Interpreter, owner: Value, encoding: Value = None, errors: Value = None) -> Value:
    return filedata.read(interpreter, str(_pure(owner)), encoding, errors)


def _read_bytes(interpreter: Interpreter, owner: Value) -> Value:
    return filedata.read_bytes(interpreter, str(_pure(owner)))


def _open(interpreter: Interpreter, owner: Value, *given: Value, **named: Value) -> Value:
    return filedata.open_file(interpreter, str(_pure(owner)), *given, **named)


def _make_folder(interpreter: Interpreter, owner: Value, *_: Value, **__: Value) -> None:
    interpreter.modules.files.make_folder(str(_pure(owner)))


def _written(interpreter: Interpreter, owner: Value, *_: Value, **__: Value) -> Value:
    interpreter.modules.files.write(str(_pure(owner)))
    return None


def _equals(interpreter: Interpreter, owner: Value, other: Value) -> Value:
    if isinstance(other, Unknown):
        raise Undecided(other.reason)
    return isinstance(other, Instance) and other.cls.is_a(PATH) and _pure(owner) == _pure(other)


def _less(_: Interpreter, owner: Value, other: Value) -> Value:
    return isinstance(other, Instance) and other.cls.is_a(PATH) and _pure(owner) < _pure(other)


def _representation(_: Interpreter, owner: Value) -> Value:
    return f"PosixPath({str(_pure(owner))!r})"


def _match(_: Interpreter, owner: Value, pattern: Value) -> Value:
    return fnmatch.fnmatchcase(_pure(owner).name, text(pattern))


PATH = ClassValue(
    "Path",
    (OBJECT,),
    {
        "__new__": StaticMethod(Foreign("Path", _new)),
        **{
            name: _part(name)
            for name in ("name", "stem", "suffix", "suffixes", "parent", "parents", "parts", "anchor", "root")
        },
        **functions(
            __init__=nothing,
            __truediv__=_joined,
            __rtruediv__=_joined_to,
            __str__=lambda _, owner: str(_pure(owner)),
            __repr__=_representation,
            __fspath__=lambda _, owner: str(_pure(owner)),
            __eq__=_equals,
            __lt__=_less,
            joinpath=_joined,
            as_posix=lambda _, owner: str(_pure(owner)),
            resolve=_whole,
            absolute=_whole,
            expanduser=lambda _, owner: owner,
            is_absolute=lambda _, owner: _pure(owner).is_absolute(),
            with_suffix=_changed("with_suffix"),
            with_name=_changed("with_name"),
            with_stem=_changed("with_stem"),
            relative_to=_relative_to,
            is_relative_to=_is_relative_to,
            match=_match,
            exists=_asked("exists"),
            is_file=_asked("is_file"),
            is_dir=_asked("is_dir"),
            is_symlink=lambda *_: False,
            iterdir=_iterdir,
            glob=_glob,
            rglob=_rglob,
            read_text=_read_text,
            read_bytes=_read_bytes,
            open=_open,
            mkdir=_make_folder,
            write_text=_written,
            write_bytes=_written,
            **dict.fromkeys(("unlink", "touch", "rename", "rmdir", "chmod", "symlink_to"), nothing),
            stat=lambda *_: Unknown("the state of a file"),
        ),
        "cwd": ClassMethod(Foreign("cwd", lambda *_: made(COMFYUI))),
        "home": ClassMethod(Foreign("home", lambda *_: made("/home/comfyui"))),
    },
    builtin=True,
    partial=True,
)
