"""Pickles read as symbols: what they say is built, nothing is imported or called.

A pickle is a program for a machine with a stack. Here the machine knows dictionaries, lists, tuples and plain values,
and of what others would import and call only what torch writes for tensors; that stays a description (`Rebuilt`). All
else is refused by its name: a pickle can name any function of any package, and have it called.
"""

from __future__ import annotations

import pickletools
import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NoReturn

from wftools.errors import shown
from wftools.weights.faults import ModelFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import BinaryIO, Protocol

    class Readable(Protocol):
        """A stream, or a file in memory."""

        def read(self, count: int, /) -> bytes: ...
        def readline(self) -> bytes: ...
        def tell(self) -> int: ...


MAX_STEPS: Final = 2**20  # a checkpoint of 3000 tensors takes some 80,000
MAX_NESTING: Final = 100  # of tables and rows in others; checkpoints have ten. Whoever walks through them may recurse
MAX_PROTOCOL: Final = 5
MAX_KEY: Final = 2**60  # of a dictionary: larger integers can be chosen so that all of them have one hash
MAX_KEY_ITEMS: Final = 16  # of a row that is a key, which is hashed anew every time


@dataclass(frozen=True, slots=True)
class Named:
    """A class or function that others would import."""

    name: str  # "torch.FloatStorage"


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """What stands outside of the pickle: the numbers of a storage, by what torch says of it."""

    id: Any
    at: int  # the step, as a byte of the file


@dataclass(frozen=True, slots=True, eq=False)
class Rebuilt:
    """What others would get by calling a function: its name, and what it would be given."""

    name: str
    arguments: tuple[Any, ...]
    at: int  # the step, as a byte of the file


@dataclass(frozen=True, slots=True)
class Said:
    """What a pickle says."""

    value: Any
    kept: tuple[Kept, ...]  # all that it takes from outside, wherever in the value that stands
    stop: int  # the byte of the file behind it


# What torch, and Lightning around it, write into files of weights. Named, never imported.
_STORAGES: Final = frozenset(
    f"{module}.{kind}Storage"
    for module in ("torch", "torch.cuda")
    for kind in (
        *("Float", "Half", "BFloat16", "Double", "Long", "Int", "Short", "Char", "Byte", "Bool", "ComplexFloat"),
        *("Untyped",),
    )
) | {"torch.storage.UntypedStorage"}
FROM_TYPE: Final = "torch._tensor._rebuild_from_type_v2"  # of a tensor that has attributes: how else, with what
_TENSORS: Final = frozenset(
    f"torch._utils._rebuild_{kind}"
    for kind in ("tensor", "tensor_v2", "tensor_v3", "parameter", "parameter_with_state")
) | {FROM_TYPE}
_INERT_CALLS: Final = frozenset(
    {
        *("torch.Size", "torch.device", "collections.Counter", "_codecs.encode"),
        *("numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar", "numpy.dtype"),
        *(f"{module}.{name}" for module in ("builtins", "__builtin__") for name in ("set", "bytearray", "complex")),
    }
)
_INERT_NAMES: Final = frozenset(
    {
        *("torch.Tensor", "torch.nn.parameter.Parameter"),
        # Lightning has the settings of this one by its class.
        "pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint",
        "lightning.pytorch.callbacks.model_checkpoint.ModelCheckpoint",
    }
)
_NOT_READ: Final = re.compile(
    r"torch\._utils\._rebuild_(qtensor|sparse_tensor|meta_tensor_no_storage|nested_tensor|wrapper_subclass"
    r"|device_tensor_from_numpy|device_tensor_from_cpu_tensor)|torch\.(QInt8|QInt32|QUInt8|ComplexDouble)Storage"
)
_ORDERED: Final = "collections.OrderedDict"
_DTYPES: Final = frozenset(
    f"torch.{name}"
    for name in (
        *("float8_e4m3fn", "float8_e5m2", "float8_e8m0fnu", "float32", "float16", "bfloat16", "float64"),
        *("int64", "int32", "int16", "int8", "uint8", "uint16", "uint32", "uint64", "bool", "complex64"),
    )
)
_KNOWN: Final = _STORAGES | _TENSORS | _INERT_CALLS | _INERT_NAMES | _DTYPES | {_ORDERED}
_NUMPY_TYPE: Final = re.compile(r"numpy\.dtypes\.[A-Za-z0-9]+DType")


def read(stream: BinaryIO | Readable, start: int, size: int) -> Said:
    """The value of one pickle, up to its end.

    `start` is the byte of the file that the stream begins with, `size` how many bytes the stream has. Raises
    ModelFileError for what is no pickle, or says more than weights.
    """
    machine = _Machine(start + stream.tell(), start + size)
    try:
        return _said(machine, stream, start)
    except (ValueError, IndexError, KeyError, TypeError, OverflowError, AttributeError, EOFError) as error:
        raise ModelFileError(
            "PICKLE_SYNTAX",
            "the pickle in the file is broken",
            offset=machine.at,
            hint="download or save the file again",
        ) from error


def _said(machine: _Machine, stream: BinaryIO | Readable, start: int) -> Said:
    """The same, by a machine that has not begun. Raises whatever pickletools and it stumble on in a broken pickle."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pickletools': a text may have backslashes that mean nothing
        for count, (opcode, argument, _) in enumerate(pickletools.genops(stream)):  # type: ignore[arg-type]
            if opcode.name == "STOP":
                return Said(machine.stack[-1], tuple(machine.kept), start + stream.tell())
            if count == MAX_STEPS:
                machine.refuse("PICKLE_SIZE", f"the pickle in the file has more than {MAX_STEPS:,} steps")
            machine.do(opcode.name, argument)
            machine.at = start + stream.tell()
    raise EOFError


class _Machine:
    """The stack and the memory of a pickle."""

    def __init__(self, start: int, end: int) -> None:
        self.stack: list[Any] = []  # above the last mark
        self.below: list[list[Any]] = []  # what each mark hides
        self.memory: dict[int, Any] = {}
        self.kept: list[Kept] = []
        self.depths: dict[int, int] = {}  # of what holds others, by its identity: how deep it goes
        self.at = start  # the byte of the step that is done
        self.end = end

    def do(self, name: str, argument: Any) -> None:
        """One step. Raises ModelFileError for one that no file of weights needs."""
        if name in _VALUES:
            self.stack.append(argument)
        elif name in _STEPS:
            _STEPS[name](self, argument)
        else:
            if name == "INST":
                self.name(*argument.split(" ", 1))  # so that what it would run is told
            self.refuse("PICKLE_OPCODE", f"the pickle in the file takes the step {name}, as no weights do")

    def refuse(self, code: str, message: str, hint: str | None = None) -> NoReturn:
        """Raise an error that points at this step."""
        raise ModelFileError(code, message, offset=self.at, hint=hint)

    def push(self, value: Any) -> None:
        """One more on top."""
        self.stack.append(value)

    def make(self, value: Any, items: Iterable[Any] = ()) -> None:
        """Something that holds items on top."""
        self.depths[id(value)] = 1
        self.holds(value, items)
        self.stack.append(value)

    def holds(self, value: Any, items: Iterable[Any]) -> None:
        """Something holds these, too. They were made before it got them, so they go no deeper any more."""
        depth = 1 + max((self.depths[id(item)] for item in items if type(item) in _HOLDERS), default=0)
        if depth > MAX_NESTING:
            self.refuse("PICKLE_SIZE", f"the pickle in the file has tables in tables more than {MAX_NESTING} deep")
        self.depths[id(value)] = max(self.depths[id(value)], depth)

    def mark(self) -> None:
        """Begin a row of items."""
        if len(self.below) == MAX_NESTING:
            self.refuse("PICKLE_SIZE", f"the pickle in the file has more than {MAX_NESTING} rows that are not done")
        self.below.append(self.stack)
        self.stack = []

    def marked(self) -> list[Any]:
        """What was put on the stack since the last mark, which goes, too."""
        items = self.stack
        self.stack = self.below.pop()
        return items

    def drop(self) -> None:
        """Take one item off, or a mark that nothing stands above."""
        if self.stack:
            self.stack.pop()
        else:
            self.marked()

    def name(self, module: Any, name: Any) -> None:
        """Something to import, if it is of those that are known. No dots: others walk along them to anything."""
        if not isinstance(module, str) or not isinstance(name, str):
            self.refuse("PICKLE_SYNTAX", "the pickle in the file imports what is no name")
        full = f"{module}.{name}"
        if _NOT_READ.fullmatch(full):
            self.refuse("PICKLE_GLOBAL", f"the file has a tensor of a kind that is not read, {shown(full)}")
        if "." in name or (full not in _KNOWN and not _NUMPY_TYPE.fullmatch(full)):
            self.refuse(
                "PICKLE_GLOBAL",
                f"the file would run {shown(full)}, which has nothing to do with weights",
                hint="take the model as a .safetensors file; a pickle may do whatever its author wants",
            )
        self.stack.append(Named(full))

    def keep(self, said: Any) -> None:
        """Something that stands outside of the pickle."""
        self.kept.append(Kept(said, self.at))
        self.stack.append(self.kept[-1])

    def call(self) -> None:
        """What a function would give."""
        function, arguments = self.pop(2)
        if not isinstance(function, Named) or not isinstance(arguments, tuple):
            self.refuse("PICKLE_OPCODE", "the pickle in the file calls what is no function")
        if function.name == _ORDERED and not arguments:
            self.make({})
        elif function.name in _TENSORS | _INERT_CALLS or _NUMPY_TYPE.fullmatch(function.name):
            self.make(Rebuilt(function.name, arguments, self.at), (arguments,))
        else:
            self.refuse(
                "PICKLE_OPCODE", f"the file would call {shown(function.name)}, which has nothing to do with weights"
            )

    def build(self) -> None:
        """A state, which is left out: that of a dictionary is torch's `_metadata`; numpy's types have one."""
        thing, state = self.pop(2)
        is_dictionary = isinstance(thing, dict) and isinstance(state, dict) and state.keys() <= {"_metadata"}
        if not is_dictionary and not (isinstance(thing, Rebuilt) and thing.name == "numpy.dtype"):
            self.refuse("PICKLE_OPCODE", "the pickle in the file gives a state to what has none")
        self.stack.append(thing)

    def set_items(self, items: list[Any]) -> None:
        """Keys and values by turns, for the dictionary below them."""
        into = self.stack[-1]
        if not isinstance(into, dict):
            self.refuse("PICKLE_SYNTAX", "the pickle in the file sets the items of what is no dictionary")
        if not all(map(_is_key, items[::2])):
            self.refuse("PICKLE_SYNTAX", "the pickle in the file has a key that no table of weights has")
        into.update(zip(items[::2], items[1::2], strict=True))
        self.holds(into, items[1::2])

    def append(self, items: list[Any]) -> None:
        """More items for the list below them."""
        into = self.stack[-1]
        if not isinstance(into, list):
            self.refuse("PICKLE_SYNTAX", "the pickle in the file appends to what is no list")
        into.extend(items)
        self.holds(into, items)

    def pop(self, count: int) -> list[Any]:
        """The last items of the stack, no mark among them."""
        if len(self.stack) < count:
            self.refuse("PICKLE_SYNTAX", "the pickle in the file takes more from its stack than there is")
        items = self.stack[len(self.stack) - count :]
        del self.stack[len(self.stack) - count :]
        return items

    def put(self, key: int) -> None:
        """Keep what is on top of the stack."""
        self.memory[key] = self.stack[-1]

    def protocol(self, number: int) -> None:
        """The version of the language."""
        if number > MAX_PROTOCOL:
            self.refuse("PICKLE_SYNTAX", f"the pickle in the file is of protocol {number}; at most 5 is known")

    def frame(self, length: int) -> None:
        """So many bytes that belong together."""
        if self.at + length > self.end:
            self.refuse("PICKLE_SYNTAX", f"the pickle in the file ends before {length:,} bytes of it")


def _is_key(value: Any) -> bool:
    """Whether a dictionary may have such a key: a plain value, or one row of them. Deep rows cannot be hashed."""
    if isinstance(value, tuple):
        return len(value) <= MAX_KEY_ITEMS and all(not isinstance(each, tuple) and _is_key(each) for each in value)
    return not isinstance(value, (list, dict)) and not (isinstance(value, int) and abs(value) > MAX_KEY)


_HOLDERS: Final = frozenset({dict, list, tuple, Rebuilt})

_VALUES: Final = frozenset(
    {
        *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
        *("STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
        *("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"),
    }
)

_STEPS: Final[Mapping[str, Callable[[_Machine, Any], object]]] = {
    "PROTO": lambda m, number: m.protocol(number),
    "FRAME": lambda m, length: m.frame(length),
    "NONE": lambda m, _: m.push(None),
    "NEWTRUE": lambda m, _: m.push(True),
    "NEWFALSE": lambda m, _: m.push(False),
    "MARK": lambda m, _: m.mark(),
    "POP": lambda m, _: m.drop(),
    "POP_MARK": lambda m, _: m.marked(),
    "DUP": lambda m, _: m.push(m.stack[-1]),
    "EMPTY_DICT": lambda m, _: m.make({}),
    "EMPTY_LIST": lambda m, _: m.make([]),
    "EMPTY_TUPLE": lambda m, _: m.make(()),
    "EMPTY_SET": lambda m, _: m.make([]),
    "FROZENSET": lambda m, _: m.make(items := tuple(m.marked()), items),
    "DICT": lambda m, _: _dictionary(m),
    "LIST": lambda m, _: m.make(items := m.marked(), items),
    "TUPLE": lambda m, _: m.make(items := tuple(m.marked()), items),
    "TUPLE1": lambda m, _: m.make(items := tuple(m.pop(1)), items),
    "TUPLE2": lambda m, _: m.make(items := tuple(m.pop(2)), items),
    "TUPLE3": lambda m, _: m.make(items := tuple(m.pop(3)), items),
    "SETITEM": lambda m, _: m.set_items(m.pop(2)),
    "SETITEMS": lambda m, _: m.set_items(m.marked()),
    "APPEND": lambda m, _: m.append(m.pop(1)),
    "APPENDS": lambda m, _: m.append(m.marked()),
    "ADDITEMS": lambda m, _: m.append(m.marked()),
    "PUT": lambda m, key: m.put(key),
    "BINPUT": lambda m, key: m.put(key),
    "LONG_BINPUT": lambda m, key: m.put(key),
    "MEMOIZE": lambda m, _: m.put(len(m.memory)),
    "GET": lambda m, key: m.push(m.memory[key]),
    "BINGET": lambda m, key: m.push(m.memory[key]),
    "LONG_BINGET": lambda m, key: m.push(m.memory[key]),
    "GLOBAL": lambda m, names: m.name(*names.split(" ", 1)),
    "STACK_GLOBAL": lambda m, _: m.name(*m.pop(2)),
    "BINPERSID": lambda m, _: m.keep(*m.pop(1)),
    "REDUCE": lambda m, _: m.call(),
    "BUILD": lambda m, _: m.build(),
}


def _dictionary(machine: _Machine) -> None:
    items = machine.marked()
    machine.make({})
    machine.set_items(items)
