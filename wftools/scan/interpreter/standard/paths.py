"""`os`, `os.path`, `glob`, `shutil`: paths as texts, and the pack's own folder."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from typing import TYPE_CHECKING, Any

from wftools.scan.interpreter import containers
from wftools.scan.interpreter.builtin.types import OBJECT
from wftools.scan.interpreter.files import COMFYUI
from wftools.scan.interpreter.standard.declaring import functions, nothing, path_text, text
from wftools.scan.interpreter.values import (
    ClassValue,
    FileMarker,
    Foreign,
    Instance,
    ModuleValue,
    Stream,
    Undecided,
    Unknown,
    Value,
    plain,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wftools.scan.interpreter.interpreter import Interpreter

OUTSIDE = "what lies outside the pack"
PLACES = ("PATH", "HOME", "USER", "USERNAME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "TEMP", "TMP", "PYTHONPATH")


def names(interpreter: Interpreter, module: str) -> dict[str, Value]:
    if module == "os":
        return _os(interpreter)
    if module in {"os.path", "posixpath", "ntpath"}:
        return _os_path()
    if module == "glob":
        return functions(glob=_glob, iglob=_glob, escape=lambda _, path: re.sub(r"([*?[])", r"[\1]", text(path)))
    return functions(
        **dict.fromkeys(("copy", "copy2", "copyfile", "copytree", "rmtree", "move"), nothing), which=_which
    )


def _which(*_: Value, **__: Value) -> Value:
    return Unknown("what is installed")


def _os(interpreter: Interpreter) -> dict[str, Value]:
    environment: dict[Value, Value] = {place: Unknown(f"the environment ({place})") for place in PLACES}
    silent = (
        "makedirs",
        "mkdir",
        "remove",
        "rename",
        "chmod",
        "symlink",
        "unlink",
        "rmdir",
        "replace",
        "putenv",
        "chdir",
    )
    return {
        "path": ModuleValue("os.path", _os_path(), otherwise=Unknown("module os.path")),
        "environ": environment,
        "sep": "/",
        "altsep": None,
        "pathsep": ":",
        "linesep": "\n",
        "name": "posix",
        "curdir": ".",
        "pardir": "..",
        "devnull": "/dev/null",
        "PathLike": ClassValue("PathLike", (OBJECT,), builtin=True),
        **functions(**dict.fromkeys(silent, nothing)),
        **functions(
            makedirs=_make_folder,
            mkdir=_make_folder,
            getenv=lambda _, key, default=None: (
                containers.get_item(interpreter, environment, key) if plain(key) in environment else default
            ),
            getcwd=lambda _: COMFYUI,
            fspath=lambda interpreter, path: path_text(interpreter, path),
            fsdecode=lambda interpreter, path: path_text(interpreter, path),
            listdir=_listdir,
            walk=_walk,
            scandir=_scandir,
            cpu_count=lambda _: Unknown("the number of processors"),
            getpid=lambda _: Unknown("the process"),
        ),
    }


# ---------------------------------------------------------------------------------------------------------------------
# os.path


def _os_path() -> dict[str, Value]:
    return {
        "sep": "/",
        "pathsep": ":",
        "curdir": ".",
        "pardir": "..",
        "extsep": ".",
        **{
            name: Foreign(name, _of_text(getattr(posixpath, name)))
            for name in ("basename", "dirname", "split", "splitext", "splitdrive", "normpath", "normcase", "isabs")
        },
        **functions(
            join=_join,
            abspath=_absolute,
            realpath=_absolute,
            expanduser=lambda interpreter, path: path_text(interpreter, path),
            expandvars=lambda interpreter, path: path_text(interpreter, path),
            relpath=_relative,
            commonpath=lambda interpreter, paths: posixpath.commonpath(
                [path_text(interpreter, each) for each in containers.listed(interpreter, paths)]
            ),
            commonprefix=lambda interpreter, paths: posixpath.commonprefix(
                [path_text(interpreter, each) for each in containers.listed(interpreter, paths)]
            ),
            exists=asked("exists"),
            lexists=asked("exists"),
            isfile=asked("is_file"),
            isdir=asked("is_dir"),
            islink=lambda *_: False,
            ismount=lambda *_: False,
            getsize=lambda *_: Unknown("the size of a file"),
            getmtime=lambda *_: Unknown("the time of a file"),
            getctime=lambda *_: Unknown("the time of a file"),
            samefile=lambda interpreter, one, other: _absolute(interpreter, one) == _absolute(interpreter, other),
        ),
    }


def with_marks(interpreter: Interpreter, value: Value) -> str:
    """A path as text, which may be that of a file on somebody's machine."""
    value = plain(value)
    return value if isinstance(value, str) else path_text(interpreter, value)


def _of_text(function: Callable[[str], Any]) -> Callable[..., Value]:
    return lambda interpreter, path: function(with_marks(interpreter, path))


def _join(interpreter: Interpreter, first: Value, *rest: Value) -> Value:
    parts = [with_marks(interpreter, each) for each in (first, *rest)]
    interpreter.budget.length(sum(map(len, parts)) + len(parts))
    return posixpath.join(*parts)


def _absolute(interpreter: Interpreter, path: Value) -> str:
    return posixpath.normpath(posixpath.join(COMFYUI, with_marks(interpreter, path)))


def _relative(interpreter: Interpreter, path: Value, start: Value = COMFYUI) -> Value:
    return posixpath.relpath(_absolute(interpreter, path), _absolute(interpreter, start))


def asked(question: str) -> Callable[..., Value]:
    """Whether something is there. Files on somebody's machine are; what else is outside the pack is not known."""

    def answer(interpreter: Interpreter, path: Value) -> Value:
        whole = with_marks(interpreter, path)
        found = getattr(interpreter.modules.files, question)(whole)
        if found is None and FileMarker.find(whole) is not None:
            return question != "is_dir"
        return Unknown(OUTSIDE) if found is None else found

    return answer


# ---------------------------------------------------------------------------------------------------------------------
# Folders


def folder_names(interpreter: Interpreter, path: str) -> list[Value]:
    """The names in a folder, in order; one Unknown if it is not the pack's, and an exception if it is not there."""
    files = interpreter.modules.files
    listing = files.names(path)
    if listing is not None:
        return list(listing)
    if files.is_dir(path) is False:
        raise interpreter.error("FileNotFoundError", f"No such file or directory: '{path}'")
    return [Unknown(OUTSIDE, many=True)]


def _listdir(interpreter: Interpreter, path: Value = ".") -> Value:
    return interpreter.doubt.made(folder_names(interpreter, path_text(interpreter, path)))


def _make_folder(interpreter: Interpreter, path: Value, *_: Value, **__: Value) -> None:
    interpreter.modules.files.make_folder(path_text(interpreter, path))


def _walk(interpreter: Interpreter, top: Value, topdown: Value = True, **_: Value) -> Value:
    def folders(path: str) -> Iterator[Value]:
        interpreter.budget.step()
        listing = folder_names(interpreter, path)
        if listing and isinstance(listing[0], Unknown):
            yield listing[0]
            return
        inner = [name for name in listing if interpreter.modules.files.is_dir(f"{path}/{name}")]
        files = [name for name in listing if name not in inner]
        yield path, inner, files
        for name in inner:
            yield from folders(f"{path}/{name}")

    try:
        return Stream(iter(list(folders(path_text(interpreter, top)))))
    except Undecided as why:
        return Unknown(why.reason)


ENTRY = ClassValue(
    "DirEntry",
    (OBJECT,),
    functions(
        is_file=lambda interpreter, entry, **_: asked("is_file")(interpreter, entry.attributes["path"]),
        is_dir=lambda interpreter, entry, **_: asked("is_dir")(interpreter, entry.attributes["path"]),
        is_symlink=lambda *_: False,
        stat=lambda *_: Unknown("the state of a file"),
        __fspath__=lambda _, entry: entry.attributes["path"],
    ),
    builtin=True,
    partial=True,
)
LISTING = ClassValue(
    "ScandirIterator",
    (OBJECT,),
    functions(__enter__=lambda _, owner: owner, __exit__=nothing, close=nothing),
    native=list,
    builtin=True,
    partial=True,
)


def _scandir(interpreter: Interpreter, path: Value = ".") -> Value:
    folder = path_text(interpreter, path)
    entries = [
        name if isinstance(name, Unknown) else Instance(ENTRY, {"name": name, "path": posixpath.join(folder, name)})
        for name in folder_names(interpreter, folder)
    ]
    return Instance(LISTING, native=entries)


# ---------------------------------------------------------------------------------------------------------------------
# Patterns of paths


def _glob(
    interpreter: Interpreter, pattern: Value, *, root_dir: Value = None, recursive: Value = False, **_: Value
) -> Value:
    given = path_text(interpreter, pattern)
    root = path_text(interpreter, root_dir) if root_dir is not None else ""
    return interpreter.doubt.made(matching(interpreter, given, root, recursive=bool(plain(recursive))))


def matching(interpreter: Interpreter, pattern: str, root: str, *, recursive: bool) -> list[Value]:
    """The paths that a pattern fits, in order; one Unknown if it looks outside the pack."""
    found: list[Value] = [""]
    if pattern.startswith("/"):
        found, pattern = ["/"], pattern.lstrip("/")
    for part in pattern.split("/"):
        found = [
            each
            for path in found
            for each in ([path] if isinstance(path, Unknown) else _step(interpreter, root, path, part, recursive))
        ]
    return found


def _step(interpreter: Interpreter, root: str, path: str, part: str, recursive: bool) -> list[Value]:
    interpreter.budget.step()
    files = interpreter.modules.files
    here = posixpath.join(root, path)
    if not re.search(r"[*?[]", part):
        there = posixpath.join(path, part)
        whole = posixpath.join(here, part)
        return [there] if files.exists(whole) is not False else []
    listing = files.names(here)
    if listing is None:
        return [Unknown(OUTSIDE, many=True)] if files.is_dir(here) is not False else []
    if part == "**" and recursive:
        inner = [path]
        for name in listing:
            if not name.startswith(".") and files.is_dir(posixpath.join(here, name)):
                inner += _step(interpreter, root, posixpath.join(path, name), part, recursive)
        return inner
    shown = [name for name in listing if not name.startswith(".") or part.startswith(".")]
    return [posixpath.join(path, name) for name in shown if fnmatch.fnmatchcase(name, part)]
