"""Files of the pack that are opened and read: text, JSON, YAML, CSV, INI. What else there is is unknown."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from wftools.scan.interpreter import containers
from wftools.scan.interpreter.builtin.errors import BY_NAME
from wftools.scan.interpreter.builtin.types import OBJECT
from wftools.scan.interpreter.limits import Bound
from wftools.scan.interpreter.standard.declaring import functions, nothing, path_text, text
from wftools.scan.interpreter.values import (
    ClassValue,
    Foreign,
    Instance,
    Stream,
    Undecided,
    Unknown,
    Value,
    plain,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.scan.interpreter.interpreter import Interpreter


def names(interpreter: Interpreter, module: str) -> dict[str, Value]:
    return MODULES[module]


# ---------------------------------------------------------------------------------------------------------------------
# Opening and reading


def read_bytes(interpreter: Interpreter, path: str) -> bytes:
    """The bytes of a file of the pack. Raises `Undecided` for any other, and an exception if it is not there."""
    files = interpreter.modules.files
    if files.is_written(path):
        raise Undecided("a file that the pack writes")
    is_file = files.is_file(path)
    if is_file is None:
        raise Undecided("a file outside the pack")
    data = files.read(path) if is_file else None
    if data is None:
        raise interpreter.error("FileNotFoundError", f"No such file or directory: '{path}'")
    interpreter.budget.step(len(data) // 1024)
    return data


def read(interpreter: Interpreter, path: str, encoding: Value = None, errors: Value = None) -> str:
    """The text of a file of the pack, its ends of lines as Python gives them."""
    data = read_bytes(interpreter, path)
    content = data.decode(plain(encoding) or "utf-8", plain(errors) or "strict")
    return content.replace("\r\n", "\n").replace("\r", "\n")


def open_file(
    interpreter: Interpreter,
    path: Value,
    mode: Value = "r",
    buffering: Value = -1,
    encoding: Value = None,
    errors: Value = None,
    newline: Value = None,
    **_: Value,
) -> Value:
    """`open(path, mode)`."""
    del buffering, newline
    mode, where = text(mode), path_text(interpreter, path)
    if set(mode) & set("wax+"):
        interpreter.modules.files.write(where)
        return Instance(FILE, {"name": where, "_content": "", "_at": 0})
    content: Any = read_bytes(interpreter, where) if "b" in mode else read(interpreter, where, encoding, errors)
    return Instance(FILE, {"name": where, "_content": content, "_at": 0})


def _rest(owner: Instance, size: Value = -1) -> Any:
    content, at = owner.attributes["_content"], owner.attributes["_at"]
    size = plain(size)
    end = len(content) if size is None or size < 0 else min(len(content), at + size)
    owner.attributes["_at"] = end
    return content[at:end]


def _lines(interpreter: Interpreter, owner: Instance) -> Iterator[Value]:
    while line := _line(interpreter, owner):
        yield line


def _line(_: Interpreter, owner: Instance, size: Value = -1) -> Any:
    content, at = owner.attributes["_content"], owner.attributes["_at"]
    end = content.find(b"\n" if isinstance(content, bytes) else "\n", at)
    return _rest(owner, end + 1 - at if end >= 0 else -1)


def _seek(_: Interpreter, owner: Instance, place: Value, *__: Value) -> int:
    owner.attributes["_at"] = plain(place)
    return int(plain(place))


FILE = ClassValue(
    "TextIOWrapper",
    (OBJECT,),
    functions(
        __enter__=lambda _, owner: owner,
        __exit__=nothing,
        __iter__=lambda interpreter, owner: Stream(_lines(interpreter, owner)),
        __next__=_line,
        read=lambda _, owner, size=-1: _rest(owner, size),
        readline=_line,
        readlines=lambda interpreter, owner, *_: list(_lines(interpreter, owner)),
        seek=_seek,
        **dict.fromkeys(("write", "writelines", "close", "flush"), nothing),
    ),
    builtin=True,
    partial=True,
)


def _string_io(interpreter: Interpreter, content: Value = "", *_: Value, **__: Value) -> Value:
    del interpreter
    return Instance(FILE, {"name": "", "_content": text(content), "_at": 0})


def _content(interpreter: Interpreter, file: Value) -> Any:
    """All that is left of a file that was opened."""
    if isinstance(file, Instance) and file.cls is FILE:
        return _rest(file)
    raise Undecided(file.reason if isinstance(file, Unknown) else "a file that is not known")


# ---------------------------------------------------------------------------------------------------------------------
# Formats


def parse_json(interpreter: Interpreter, content: Value, **_: Value) -> Value:
    """`json.loads(content)`."""
    content = plain(content)
    if isinstance(content, Unknown):
        raise Undecided(content.reason)
    interpreter.budget.length(len(content))
    return _own(interpreter, json.loads(content))


def _own(interpreter: Interpreter, value: Any) -> Any:
    interpreter.budget.measure(value)
    return interpreter.doubt.made(value)


def _dump_json(interpreter: Interpreter, value: Value, **named: Value) -> Value:
    interpreter.budget.measure(value)
    indent = plain(named.get("indent"))
    if not (indent is None or (isinstance(indent, int) and indent <= 16)):
        raise Undecided("a text of JSON")
    ready = _plain_throughout(value)
    return json.dumps(ready, indent=indent, ensure_ascii=bool(plain(named.get("ensure_ascii", True))))


def _plain_throughout(value: Value) -> Any:
    if isinstance(value, Unknown):
        raise Undecided(value.reason)
    value = plain(value)
    if isinstance(value, dict):
        return {_plain_throughout(key): _plain_throughout(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain_throughout(each) for each in value]
    return value


def _parse_yaml(interpreter: Interpreter, source: Value, *_: Value, **__: Value) -> Value:
    try:
        import yaml
    except ImportError:
        raise Undecided("YAML cannot be read without PyYAML") from None
    content = source if isinstance(plain(source), str | bytes) else _content(interpreter, source)
    if len(content) > MAX_YAML:
        raise Bound("a YAML file is too large to be read")
    try:
        return _own(interpreter, yaml.safe_load(content))
    except yaml.YAMLError as fault:
        raise interpreter.error("ValueError", str(fault)[:200]) from fault


MAX_YAML = 500_000  # bytes; PyYAML reads some 100 kB a second


def _csv_rows(
    interpreter: Interpreter, source: Value, *_: Value, delimiter: Value = ",", **__: Value
) -> list[list[str]]:
    if isinstance(source, Instance) and source.cls is FILE:
        lines = _content(interpreter, source).splitlines(keepends=True)
    else:
        lines = [text(each) for each in containers.listed(interpreter, source)]
    return list(csv.reader(lines, delimiter=text(delimiter)))


def _csv_reader(interpreter: Interpreter, source: Value, *given: Value, **named: Value) -> Value:
    return Stream(iter(_csv_rows(interpreter, source, *given, **named)))


def _csv_dict_reader(interpreter: Interpreter, source: Value, fieldnames: Value = None, **named: Value) -> Value:
    rows = _csv_rows(interpreter, source, **named)
    fields = containers.listed(interpreter, fieldnames) if fieldnames is not None else rows[0] if rows else []
    body = rows if fieldnames is not None else rows[1:]
    table = [dict(zip(fields, [*row, *[None] * len(fields)], strict=False)) for row in body if row]
    reader = Instance(READER, {"fieldnames": list(fields)}, native=table)
    reader.attributes["_rows"] = Stream(iter(table))
    return reader


READER = ClassValue(
    "DictReader",
    (OBJECT,),
    functions(
        __iter__=lambda _, owner: owner.attributes["_rows"],
        __next__=lambda interpreter, owner: next(iter(owner.attributes["_rows"]), None),
    ),
    builtin=True,
    partial=True,
)


# ---------------------------------------------------------------------------------------------------------------------
# configparser


def _config_read(interpreter: Interpreter, owner: Instance, filenames: Value, encoding: Value = None) -> Value:
    several = isinstance(filenames, list | tuple)
    for each in containers.listed(interpreter, filenames) if several else [filenames]:
        path = path_text(interpreter, each)
        if interpreter.modules.files.is_file(path) is False:
            continue
        _config_read_text(interpreter, owner, read(interpreter, path, encoding))
    return []


def _config_read_text(interpreter: Interpreter, owner: Instance, content: Value, *_: Value) -> None:
    import configparser

    parser = configparser.RawConfigParser(allow_no_value=True, strict=False)
    try:
        parser.read_file(io.StringIO(text(content)))
    except configparser.Error as fault:
        raise interpreter.error("ValueError", str(fault)[:200]) from fault
    for section in parser.sections():
        owner.native.setdefault(section, {}).update(parser.items(section))


def _config_get(
    interpreter: Interpreter, owner: Instance, section: Value, option: Value, *, fallback: Value = None, **_: Value
) -> Value:
    found = owner.native.get(text(section), {}).get(text(option).lower())
    return fallback if found is None else found


def _config_as(kind: str) -> Any:
    def get(
        interpreter: Interpreter, owner: Instance, section: Value, option: Value, *, fallback: Value = None
    ) -> Value:
        found = _config_get(interpreter, owner, section, option)
        if found is None:
            return fallback
        if kind == "boolean":
            return found.lower() in {"1", "yes", "true", "on"}
        return int(found) if kind == "int" else float(found)

    return get


CONFIG = ClassValue(
    "ConfigParser",
    (OBJECT,),
    functions(
        __init__=nothing,
        read=_config_read,
        read_string=_config_read_text,
        read_file=lambda interpreter, owner, file, *_: _config_read_text(
            interpreter, owner, _content(interpreter, file)
        ),
        sections=lambda _, owner: list(owner.native),
        has_section=lambda _, owner, section: section in owner.native,
        has_option=lambda _, owner, section, option: text(option).lower() in owner.native.get(section, {}),
        options=lambda _, owner, section: list(owner.native.get(section, {})),
        items=lambda _, owner, section=None: list(
            (owner.native if section is None else owner.native.get(section, {})).items()
        ),
        get=_config_get,
        getint=_config_as("int"),
        getfloat=_config_as("float"),
        getboolean=_config_as("boolean"),
        **dict.fromkeys(("write", "set", "add_section"), nothing),
    ),
    native=dict,
    builtin=True,
    partial=True,
)
CONFIG.attributes["__new__"] = Foreign("ConfigParser", lambda *_, **__: Instance(CONFIG, native={}))


MODULES: dict[str, dict[str, Value]] = {
    "json": functions(
        loads=parse_json,
        load=lambda interpreter, file, **_: parse_json(interpreter, _content(interpreter, file)),
        dumps=_dump_json,
        dump=nothing,
    )
    | {"JSONDecodeError": BY_NAME["ValueError"]},
    "yaml": functions(safe_load=_parse_yaml, load=_parse_yaml, full_load=_parse_yaml, dump=nothing, safe_dump=nothing)
    | dict.fromkeys(("FullLoader", "SafeLoader", "Loader"), None)
    | {"YAMLError": BY_NAME["ValueError"]},
    "csv": functions(reader=_csv_reader, DictReader=_csv_dict_reader, writer=nothing),
    "configparser": {"ConfigParser": CONFIG, "RawConfigParser": CONFIG, "SafeConfigParser": CONFIG},
    "io": functions(open=open_file, StringIO=_string_io),
    "codecs": functions(
        open=lambda interpreter, path, mode="r", encoding=None, **_: open_file(
            interpreter, path, mode, encoding=encoding
        )
    ),
}
