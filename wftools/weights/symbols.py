"""Pickles read as symbols: what they say is built, nothing is imported or called.

A pickle is a program for a machine with a stack. Here the machine knows dictionaries, lists, tuples and plain values,
and of what others would import and call only what torch writes for tensors; that stays a description (`Rebuilt`). All
else is refused by its name: a pickle can name any function of any package, and have it called.
"""

from __future__ import annotations

import pickletools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wftools.errors import InputError, LimitError, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import BinaryIO

MAX_STEPS: Final = 2**22  # a checkpoint of 3000 tensors takes some 80,000

_MARK: Final = object()


@dataclass(frozen=True, slots=True)
class Named:
    """A class or function that others would import."""

    name: str  # "torch.FloatStorage"


@dataclass(frozen=True, slots=True)
class Kept:
    """What stands outside of the pickle: the numbers of a storage, by what torch says of it."""

    id: Any


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What others would get by calling a function: its name, and what it would be given."""

    name: str
    arguments: tuple[Any, ...]


# What torch, and Lightning around it, write into files of weights. Named, never imported.
_STORAGES: Final = frozenset(
    f"torch.{kind}Storage"
    for kind in (
        *("Float", "Half", "BFloat16", "Double", "Long", "Int", "Short", "Char", "Byte", "Bool", "ComplexFloat"),
        *("Untyped",),
    )
) | {"torch.storage.UntypedStorage"}
_TENSORS: Final = frozenset(
    f"torch._utils._rebuild_{kind}"
    for kind in ("tensor", "tensor_v2", "tensor_v3", "parameter", "parameter_with_state")
)
_INERT_CALLS: Final = frozenset(
    {
        "torch.Size",
        "numpy.core.multiarray.scalar",
        "numpy._core.multiarray.scalar",
        "numpy.dtype",
        "_codecs.encode",
        "torch._tensor._rebuild_from_type_v2",
    }
)
_INERT_NAMES: Final = frozenset({"pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint"})
_ORDERED: Final = "collections.OrderedDict"
_DTYPES: Final = frozenset(
    f"torch.{name}"
    for name in (
        *("float8_e4m3fn", "float8_e5m2", "float8_e8m0fnu", "float32", "float16", "bfloat16", "float64"),
        *("int64", "int32", "int16", "int8", "uint8", "uint16", "uint32", "uint64", "bool", "complex64"),
    )
)
_KNOWN: Final = _STORAGES | _TENSORS | _INERT_CALLS | _INERT_NAMES | _DTYPES | {_ORDERED}


def read(stream: BinaryIO) -> Any:
    """The value of one pickle, up to its end. Raises InputError for what is no pickle, or says more than weights."""
    machine = _Machine()
    try:
        for steps, (opcode, argument, position) in enumerate(pickletools.genops(stream)):
            if steps > MAX_STEPS:
                raise LimitError(f"the pickle has more than {MAX_STEPS:,} steps")
            if opcode.name == "STOP":
                break
            machine.do(opcode.name, argument, position or 0)
        (value,) = machine.stack
    except InputError:
        raise
    except (ValueError, IndexError, KeyError, TypeError, OverflowError, AttributeError) as error:
        raise InputError("the pickle in the file is broken", hint="download or save the file again") from error
    return value


class _Machine:
    """The stack and the memory of a pickle."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memory: dict[int, Any] = {}

    def do(self, name: str, argument: Any, position: int) -> None:
        """One step. Raises InputError for one that no file of weights needs."""
        if name in _VALUES:
            self.stack.append(argument)
        elif name in _STEPS:
            _STEPS[name](self, argument)
        else:
            raise InputError(f"the pickle in the file takes the step {name} at byte {position:,}, as no weights do")

    def marked(self) -> list[Any]:
        """What was put on the stack since the last mark, which goes, too."""
        at = max(index for index, each in enumerate(self.stack) if each is _MARK)
        items = self.stack[at + 1 :]
        del self.stack[at:]
        return items

    def name(self, module: str, name: str) -> None:
        """Something to import, if it is of those that are known."""
        full = f"{module}.{name}"
        if full not in _KNOWN and not module == "numpy.dtypes":
            raise InputError(
                f"the file would run {shown(full)}, which has nothing to do with weights",
                hint="take the model as a .safetensors file; a pickle may do whatever its author wants",
            )
        self.stack.append(Named(full))

    def call(self) -> None:
        """What a function would give."""
        arguments, function = self.stack.pop(), self.stack.pop()
        if not isinstance(function, Named) or not isinstance(arguments, tuple):
            raise InputError("the pickle in the file calls what is no function")
        if function.name == _ORDERED and not arguments:
            self.stack.append({})
        elif function.name in _TENSORS | _INERT_CALLS or function.name.startswith("numpy.dtypes."):
            self.stack.append(Rebuilt(function.name, arguments))
        else:
            raise InputError(f"the file would call {shown(function.name)}, which has nothing to do with weights")

    def build(self) -> None:
        """A state, which is left out: that of a dictionary is torch's `_metadata`; numpy's types have one."""
        state, thing = self.stack.pop(), self.stack[-1]
        is_dictionary = isinstance(thing, dict) and isinstance(state, dict) and state.keys() <= {"_metadata"}
        if not is_dictionary and not (isinstance(thing, Rebuilt) and thing.name == "numpy.dtype"):
            raise InputError("the pickle in the file gives a state to what has none")

    def set_items(self, items: list[Any]) -> None:
        """Keys and values by turns, for the dictionary below them."""
        into = self.stack[-1]
        if not isinstance(into, dict):
            raise InputError("the pickle in the file sets the items of what is no dictionary")
        into.update(zip(items[::2], items[1::2], strict=True))

    def append(self, items: list[Any]) -> None:
        """More items for the list below them."""
        into = self.stack[-1]
        if not isinstance(into, list):
            raise InputError("the pickle in the file appends to what is no list")
        into.extend(items)

    def pop(self, count: int) -> list[Any]:
        """The last items of the stack, no mark among them."""
        items = self.stack[len(self.stack) - count :]
        if len(items) < count or any(item is _MARK for item in items):
            raise InputError("the pickle in the file takes more from its stack than there is")
        del self.stack[len(self.stack) - count :]
        return items

    def put(self, key: int) -> None:
        """Keep what is on top of the stack."""
        self.memory[key] = self.stack[-1]


_VALUES: Final = frozenset(
    {
        *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
        *("STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
        *("BINBYTES", "SHORT_BINBYTES", "BINBYTES8"),
    }
)

_STEPS: Final[Mapping[str, Callable[[_Machine, Any], object]]] = {
    "PROTO": lambda _m, _: None,
    "FRAME": lambda _m, _: None,
    "NONE": lambda m, _: m.stack.append(None),
    "NEWTRUE": lambda m, _: m.stack.append(True),
    "NEWFALSE": lambda m, _: m.stack.append(False),
    "MARK": lambda m, _: m.stack.append(_MARK),
    "POP": lambda m, _: m.stack.pop(),
    "POP_MARK": lambda m, _: m.marked(),
    "DUP": lambda m, _: m.stack.append(m.stack[-1]),
    "EMPTY_DICT": lambda m, _: m.stack.append({}),
    "EMPTY_LIST": lambda m, _: m.stack.append([]),
    "EMPTY_TUPLE": lambda m, _: m.stack.append(()),
    "EMPTY_SET": lambda m, _: m.stack.append([]),
    "DICT": lambda m, _: _dictionary(m),
    "LIST": lambda m, _: m.stack.append(m.marked()),
    "TUPLE": lambda m, _: m.stack.append(tuple(m.marked())),
    "TUPLE1": lambda m, _: m.stack.append(tuple(m.pop(1))),
    "TUPLE2": lambda m, _: m.stack.append(tuple(m.pop(2))),
    "TUPLE3": lambda m, _: m.stack.append(tuple(m.pop(3))),
    "SETITEM": lambda m, _: m.set_items(m.pop(2)),
    "SETITEMS": lambda m, _: m.set_items(m.marked()),
    "APPEND": lambda m, _: m.append(m.pop(1)),
    "APPENDS": lambda m, _: m.append(m.marked()),
    "ADDITEMS": lambda m, _: m.append(m.marked()),
    "PUT": lambda m, key: m.put(key),
    "BINPUT": lambda m, key: m.put(key),
    "LONG_BINPUT": lambda m, key: m.put(key),
    "MEMOIZE": lambda m, _: m.put(len(m.memory)),
    "GET": lambda m, key: m.stack.append(m.memory[key]),
    "BINGET": lambda m, key: m.stack.append(m.memory[key]),
    "LONG_BINGET": lambda m, key: m.stack.append(m.memory[key]),
    "GLOBAL": lambda m, names: m.name(*names.split(" ", 1)),
    "STACK_GLOBAL": lambda m, _: m.name(*m.pop(2)),
    "BINPERSID": lambda m, _: m.stack.append(Kept(*m.pop(1))),
    "REDUCE": lambda m, _: m.call(),
    "BUILD": lambda m, _: m.build(),
}


def _dictionary(machine: _Machine) -> None:
    items = machine.marked()
    machine.stack.append({})
    machine.set_items(items)
