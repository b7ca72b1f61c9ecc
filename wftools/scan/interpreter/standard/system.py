"""`sys`, `platform` and what else differs between machines and runs; and what only talks: logging, warnings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.scan.interpreter.builtin.types import OBJECT
from wftools.scan.interpreter.standard.collection import named_tuple
from wftools.scan.interpreter.standard.declaring import functions, nothing
from wftools.scan.interpreter.values import (
    ClassValue,
    Foreign,
    Instance,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from wftools.scan.interpreter.interpreter import Interpreter

VERSION = (3, 12, 7, "final", 0)  # of the Python that servers are taken to run
MAX_SIZE = 2**63 - 1


def names(interpreter: Interpreter, module: str) -> dict[str, Value]:
    if module == "sys":
        return _sys(interpreter)
    if module in {"logging", "warnings"}:
        return dict(SILENT[module])
    if module == "asyncio":
        return functions(run=lambda _, value: value, iscoroutinefunction=lambda *_: False)
    return {
        "system": Foreign("system", lambda _: "Linux"),
        "python_version": Foreign("python_version", lambda _: "3.12.7"),
    }


def _sys(interpreter: Interpreter) -> dict[str, Value]:
    version = named_tuple("version_info", ["major", "minor", "micro", "releaselevel", "serial"], [])
    return {
        "maxsize": MAX_SIZE,
        "platform": "linux",
        "byteorder": "little",
        "version": "3.12.7 (main)",
        "version_info": Instance(version, native=VERSION),
        "hexversion": 0x030C07F0,
        "path": interpreter.modules.search,
        "modules": interpreter.modules.loaded,
        "argv": ["main.py"],
        "executable": Unknown("where Python lies"),
        "prefix": Unknown("where Python lies"),
        "stdout": Instance(STREAM),
        "stderr": Instance(STREAM),
        "stdin": Instance(STREAM),
        "float_info": Unknown("sys.float_info"),
        "flags": Unknown("sys.flags"),
        **functions(
            exit=_exit,
            exc_info=_exc_info,
            getrecursionlimit=lambda _: 1000,
            getdefaultencoding=lambda _: "utf-8",
            getfilesystemencoding=lambda _: "utf-8",
            getsizeof=lambda *_: Unknown("the size of a value"),
            setrecursionlimit=nothing,
            _getframe=lambda *_: Unknown("a frame"),
        ),
    }


def _exit(interpreter: Interpreter, *_: Value) -> Value:
    raise interpreter.error("SystemExit", "")


def _exc_info(interpreter: Interpreter) -> Value:
    if not interpreter.handled:
        return None, None, None
    return interpreter.handled[-1].cls, interpreter.handled[-1], None


STREAM = ClassValue(
    "TextIOWrapper",
    (OBJECT,),
    {
        **functions(
            **dict.fromkeys(("write", "flush", "reconfigure", "close"), nothing), isatty=lambda _, owner: False
        ),
        "encoding": "utf-8",
    },
    builtin=True,
    partial=True,
)


# ---------------------------------------------------------------------------------------------------------------------
# What only talks

LOGGER = ClassValue("Logger", (OBJECT,), builtin=True, partial=True)
_TALK = ("debug", "info", "warning", "warn", "error", "critical", "exception", "log")
_SET_UP = (
    "setLevel",
    "addHandler",
    "addFilter",
    "removeHandler",
    "setFormatter",
    "basicConfig",
    "captureWarnings",
    "disable",
)
LOGGER.attributes |= {
    **functions(
        **dict.fromkeys((*_TALK, *_SET_UP), nothing),
        __init__=nothing,
        isEnabledFor=lambda *_: False,
        getChild=lambda *_: Instance(LOGGER, {"handlers": [], "level": 20}),
        hasHandlers=lambda *_: False,
        getEffectiveLevel=lambda *_: 20,
        format=lambda *_: Unknown("a line of a log"),
        formatTime=lambda *_: Unknown("a line of a log"),
    ),
    "propagate": True,
    "name": "root",
}


def _logger(*_: Value) -> Value:
    return Instance(LOGGER, {"handlers": [], "level": 20})


SILENT: dict[str, dict[str, Value]] = {
    "logging": {
        **functions(
            **dict.fromkeys((*_TALK, *_SET_UP), nothing),
            getLogger=_logger,
            getLevelName=lambda *_: "INFO",
            addLevelName=nothing,
        ),
        "DEBUG": 10,
        "INFO": 20,
        "WARNING": 30,
        "WARN": 30,
        "ERROR": 40,
        "CRITICAL": 50,
        "NOTSET": 0,
        **dict.fromkeys(
            ("Logger", "Formatter", "Filter", "Handler", "StreamHandler", "FileHandler", "LoggerAdapter"), LOGGER
        ),
        "root": Instance(LOGGER, {"handlers": [], "level": 20}),
    },
    "warnings": functions(
        **dict.fromkeys(("warn", "filterwarnings", "simplefilter", "warn_explicit", "resetwarnings"), nothing)
    ),
}
