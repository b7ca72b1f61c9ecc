"""How large what a node makes is, as far as it is known before anything runs.

A session computes what follows from constants when it is opened, so that a file of a hundred bytes can ask for all
memory there is. What is followed here is what such files are made of: the shapes of constants, and the numbers of small
ones, since these say how large others become. Of what is only known when the network runs, the known sizes count, and
the others as one: what is said is the least that a node makes.
"""

from __future__ import annotations

import math
import operator
import struct
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Final

from wftools.weights.faults import ModelFileError
from wftools.weights.onnx.tensors import FLOATING, MAX_DIMENSIONS, MAX_NUMBERS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wftools.weights.onnx.wire import Message, Wire

Numbers = tuple[float | None, ...]  # None: not known
Sizes = tuple[int | None, ...]

_FLOAT, _INT64, _STRING = 1, 7, 8  # types of elements, in ONNX's numbers
_MANY: Final = 2**62  # what larger sizes are taken for


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a value."""

    shape: Sizes | None = None  # None: nothing
    numbers: Numbers | None = None  # in order, of small ones
    is_constant: bool = False  # it follows from what is in the file
    kind: int = 0  # of its elements, in ONNX's numbers; 0: not known

    @property
    def least(self) -> int:
        """How many elements it has at least."""
        return 1 if self.shape is None else math.prod(1 if size is None else size for size in self.shape)


UNKNOWN: Final = Known()


@dataclass(frozen=True)
class Call:
    """A node with what is known of its inputs."""

    op: str
    given: Sequence[Known | None]  # None: left out
    attributes: Mapping[str, Message]
    wire: Wire
    at: int

    def input(self, index: int) -> Known:
        """An input; nothing is known of one that is left out."""
        known = self.given[index] if index < len(self.given) else None
        return UNKNOWN if known is None else known

    def has(self, index: int) -> bool:
        """Whether an input is there."""
        return index < len(self.given) and self.given[index] is not None

    def integer(self, name: str, otherwise: int) -> int:
        """An attribute."""
        return self.attributes[name].number("i", 0) if name in self.attributes else otherwise

    def integers(self, name: str) -> Numbers | None:
        """An attribute; None if it is not there."""
        return tuple(self.attributes[name].numbers("ints", MAX_NUMBERS)) if name in self.attributes else None

    def floats(self, name: str, field: str = "floats") -> Numbers | None:
        """An attribute; None if it is not there."""
        if name not in self.attributes:
            return None
        rows = b"".join(self.wire.data[slice(*span)] for span in self.attributes[name].spans(field))
        return tuple(each for (each,) in struct.iter_unpack("<f", rows[: len(rows) // 4 * 4]))[:MAX_NUMBERS]

    def amounts(self, index: int) -> Numbers | None:
        """The numbers of an input that says how large something becomes; None if only a run tells.

        Raises ModelFileError if they follow from constants in a way that is not followed.
        """
        known = self.input(index)
        if known.numbers is None and known.is_constant:
            raise ModelFileError(
                "ONNX_RESOURCE", f"nothing tells how large what a {self.op} makes will be", offset=self.at
            )
        return known.numbers


def made(call: Call) -> Known:
    """What is known of a node's outputs: of the first, and the others are no larger. Raises ModelFileError."""
    is_constant = all(each.is_constant for each in call.given if each is not None)
    rule = _RULES.get(call.op)
    known = UNKNOWN if rule is None else rule(call)
    if known.numbers is not None and len(known.numbers) > MAX_NUMBERS:
        known = replace(known, numbers=None)
    if known.shape is not None and len(known.shape) > MAX_DIMENSIONS**2:
        known = replace(known, shape=None)
    return replace(known, is_constant=is_constant or known.is_constant)


def constant(shape: Sizes, numbers: Numbers | None, kind: int) -> Known:
    """What is in the file."""
    return Known(shape, numbers, is_constant=True, kind=kind)


def told(call: Call) -> Known:
    """What a node for a constant says that has no tensor."""
    for name, attribute in call.attributes.items():
        if name in {"value_int", "value_float"}:
            number = call.integer(name, 0) if name == "value_int" else (call.floats(name, "f") or (None,))[0]
            return constant((), (number,), _INT64 if name == "value_int" else _FLOAT)
        if name in {"value_ints", "value_floats"}:
            numbers = call.integers(name) if name == "value_ints" else call.floats(name)
            return constant((len(numbers or ()),), numbers, _INT64 if name == "value_ints" else _FLOAT)
        if name.startswith("value_string"):
            return constant((len(attribute.texts("strings")),), None, _STRING)
    return Known(is_constant=True)


def _size(number: float | None) -> int | None:
    """A size that a number says."""
    if number is None or math.isnan(number):
        return None
    return int(max(0, min(number, _MANY)))


def _sizes(numbers: Numbers) -> Sizes:
    return tuple(map(_size, numbers))


def _axis(axis: int, dims: int) -> int:
    return axis + dims if axis < 0 else axis


def _like(call: Call) -> Known:
    """One number for each: the shape stays."""
    known = call.input(0)
    change = _EACH.get(call.op)
    numbers = None
    if known.numbers is not None and change is not None:
        numbers = tuple(_tried(change, each) for each in known.numbers)
    return Known(known.shape, numbers, kind=known.kind)


def _tried(compute: Callable[..., float], *numbers: float | None) -> float | None:
    """What comes of some numbers; None where one is not known, or nothing comes of them. None grows without end."""
    if None in numbers:
        return None
    try:
        number = compute(*numbers)
    except (ArithmeticError, ValueError, TypeError):
        return None
    return None if isinstance(number, complex) else max(-_MANY, min(number, _MANY))


def _cast(call: Call) -> Known:
    known, kind = call.input(0), call.integer("to", 0)
    if call.op == "CastLike":
        kind = call.input(1).kind
    if known.numbers is None or not kind or kind in FLOATING:
        return Known(known.shape, known.numbers, kind=kind)
    return Known(known.shape, tuple(_tried(int, each) for each in known.numbers), kind=kind)


def _together(call: Call) -> Known:
    """One number of each input for each: shapes are stretched to fit."""
    given = [each for each in call.given if each is not None]
    kind = given[-1].kind if given else 0
    shape = _stretched([each.shape for each in given])
    numbers = _paired(call.op, given, is_whole=kind != 0 and kind not in FLOATING)
    return Known(shape, numbers, kind=kind)


def _stretched(shapes: Sequence[Sizes | None]) -> Sizes | None:
    found: list[int | None] = []
    ones: list[int | None]
    for shape in shapes:
        if shape is None:
            return None
        ones = [1] * (len(shape) - len(found))
        found = ones + found
        for index, size in enumerate(reversed(shape), 1):
            if found[-index] == 1 or (found[-index] is None and size is not None and size > 1):
                found[-index] = size
    return tuple(found)


def _paired(op: str, given: Sequence[Known], *, is_whole: bool) -> Numbers | None:
    """The numbers that come of several, where all are of one length, or one number."""
    compute = _WHOLE.get(op) if is_whole and op in _WHOLE else _PAIRED.get(op)
    rows = [each.numbers for each in given]
    if compute is None or any(row is None for row in rows):
        return None
    known = [row for row in rows if row is not None]
    length = max(map(len, known), default=0)
    if any(len(row) not in {1, length} for row in known):
        return None
    return tuple(
        _tried(compute, *(row[0] if len(row) == 1 else row[index] for row in known)) for index in range(length)
    )


def _whole_division(a: float, b: float) -> float:
    """Towards zero, as C does."""
    quotient = abs(int(a)) // abs(int(b))
    return quotient if (a < 0) == (b < 0) else -quotient


def _constant_of_shape(call: Call) -> Known:
    amounts = call.amounts(0)
    if amounts is None:
        return UNKNOWN
    shape = _sizes(amounts)
    known = Known(shape)
    return replace(known, numbers=(None,) * known.least) if known.least <= MAX_NUMBERS else known


def _shape_of(call: Call) -> Known:
    shape = call.input(0).shape
    if shape is None:
        return Known(kind=_INT64)
    cut = shape[slice(call.integer("start", 0), call.integer("end", len(shape)))]
    return Known((len(cut),), cut, is_constant=None not in cut, kind=_INT64)


def _size_of(call: Call) -> Known:
    shape = call.input(0).shape
    if shape is None or None in shape:
        return Known((), None, kind=_INT64)
    return Known((), (call.input(0).least,), is_constant=True, kind=_INT64)


def _concat(call: Call) -> Known:
    given = [each for each in call.given if each is not None]
    shapes = [each.shape for each in given]
    kind = given[0].kind if given else 0
    first = shapes[0] if shapes else None
    if first is None or any(shape is None or len(shape) != len(first) for shape in shapes):
        return Known(None, None, kind=kind)
    axis = _axis(call.integer("axis", 1), len(first))
    rows = [shape for shape in shapes if shape is not None]
    if not 0 <= axis < len(first):
        return Known(kind=kind)
    sizes = [
        # Of what is not known there is one at least, so that doubling it again and again is seen.
        sum(1 if row[axis] is None else row[axis] or 0 for row in rows) if index == axis else _agreed(rows, index)
        for index in range(len(first))
    ]
    found = Known(tuple(sizes), None, kind=kind)
    return replace(found, numbers=_joined(given, axis)) if found.least <= MAX_NUMBERS else found


def _joined(given: Sequence[Known], axis: int) -> Numbers | None:
    """The numbers of small tensors behind one another along an axis; those that are not known stand as that."""
    parts = []
    for each in given:
        if each.shape is None or None in each.shape:
            return None
        length = math.prod(size or 0 for size in each.shape[axis:])
        numbers = each.numbers or (None,) * each.least
        parts.append([numbers[start : start + length] for start in range(0, len(numbers), length)] if length else [])
    return tuple(
        number for row in zip(*(part for part in parts if part), strict=False) for each in row for number in each
    )


def _agreed(shapes: Sequence[Sizes], index: int) -> int | None:
    return next((shape[index] for shape in shapes if shape[index] is not None), None)


def _taken(known: Known, indices: Sequence[Sequence[int]]) -> Numbers | None:
    """The numbers of a small tensor at some places along each axis; None if they are not known."""
    if known.numbers is None or known.shape is None or None in known.shape:
        return None
    if math.prod(map(len, indices)) > MAX_NUMBERS or len(known.numbers) != known.least:
        return None
    steps = [math.prod(size or 0 for size in known.shape[axis + 1 :]) for axis in range(len(known.shape))]
    places = (sum(at * step for at, step in zip(place, steps, strict=True)) for place in product(*indices))
    return tuple(known.numbers[place] for place in places)


def _gather(call: Call) -> Known:
    known, at = call.input(0), call.input(1)
    if known.shape is None or at.shape is None or not known.shape:
        return Known(kind=known.kind)
    axis = _axis(call.integer("axis", 0), len(known.shape))
    shape = (*known.shape[:axis], *at.shape, *known.shape[axis + 1 :])
    numbers, size = None, known.shape[axis] if 0 <= axis < len(known.shape) else None
    if size is not None and at.numbers is not None and None not in known.shape:
        inside = [_axis(int(each), size) for each in at.numbers if each is not None]
        if len(inside) == len(at.numbers) and all(0 <= each < size for each in inside):
            every = [range(length or 0) for length in known.shape]
            numbers = _taken(known, [*every[:axis], inside, *every[axis + 1 :]])
    return Known(shape, numbers, kind=known.kind)


def _slice(call: Call) -> Known:
    known = call.input(0)
    if known.shape is None:
        return Known(kind=known.kind)
    starts = call.integers("starts") or call.input(1).numbers
    ends = call.integers("ends") or call.input(2).numbers
    axes = call.integers("axes") or call.input(3).numbers
    steps = call.input(4).numbers if call.has(4) else None
    if starts is None or ends is None or (axes is None and call.has(3)) or (steps is None and call.has(4)):
        return Known((None,) * len(known.shape), kind=known.kind)
    indices: list[Sequence[int] | None] = [None if size is None else range(size) for size in known.shape]
    bounds = zip(starts, ends, axes or tuple(range(len(starts))), steps or (1,) * len(starts), strict=False)
    for start, stop, axis_, step in bounds:
        axis = _axis(int(axis_ or 0), len(known.shape))
        every = indices[axis] if 0 <= axis < len(indices) else None
        if every is None or start is None or stop is None or not step:
            indices[axis if 0 <= axis < len(indices) else 0] = None
            continue
        cut = slice(int(start), None if step < 0 and stop < -len(every) else int(stop), int(step))
        indices[axis] = every[cut]
    shape = tuple(None if each is None else len(each) for each in indices)
    whole = [each for each in indices if each is not None]
    return Known(shape, _taken(known, whole) if len(whole) == len(indices) else None, kind=known.kind)


def _unsqueeze(call: Call) -> Known:
    known, axes = call.input(0), call.integers("axes") or call.amounts(1)
    if known.shape is None or axes is None or None in axes:
        return Known(None, known.numbers, kind=known.kind)
    dims = len(known.shape) + len(axes)
    ones = {_axis(int(axis or 0), dims) for axis in axes}
    sizes = iter(known.shape)
    shape = tuple(1 if index in ones else next(sizes, 1) for index in range(dims))
    return Known(shape, known.numbers, kind=known.kind)


def _squeeze(call: Call) -> Known:
    known = call.input(0)
    axes = call.integers("axes") or (call.amounts(1) if call.has(1) else None)
    if known.shape is None:
        return Known(None, known.numbers, kind=known.kind)
    gone = None if axes is None else {_axis(int(axis or 0), len(known.shape)) for axis in axes}
    shape = tuple(size for index, size in enumerate(known.shape) if (size != 1 if gone is None else index not in gone))
    return Known(shape, known.numbers, kind=known.kind)


def _reshape(call: Call) -> Known:
    known, wanted = call.input(0), call.integers("shape") or call.input(1).numbers
    if wanted is None:
        return Known(None, known.numbers, kind=known.kind)
    sizes: list[int | None] = []
    for index, number in enumerate(wanted):
        if number == 0 and not call.integer("allowzero", 0):
            sizes.append(known.shape[index] if known.shape is not None and index < len(known.shape) else None)
        else:
            sizes.append(None if number is None or number < 0 else _size(number))
    is_whole = known.shape is not None and None not in known.shape
    if is_whole and sizes.count(None) == 1 and -1 in wanted:
        others = math.prod(size for size in sizes if size is not None)
        sizes[sizes.index(None)] = known.least // others if others else 0
    return Known(tuple(sizes), known.numbers, kind=known.kind)


def _flatten(call: Call) -> Known:
    known = call.input(0)
    if known.shape is None:
        return Known((None, None), kind=known.kind)
    axis = _axis(call.integer("axis", 1), len(known.shape))
    halves = (known.shape[:axis], known.shape[axis:])
    sizes = [None if None in half else math.prod(size or 0 for size in half) for half in halves]
    return Known(tuple(sizes), known.numbers, kind=known.kind)


def _transpose(call: Call) -> Known:
    known = call.input(0)
    if known.shape is None:
        return Known(kind=known.kind)
    order = call.integers("perm") or tuple(reversed(range(len(known.shape))))
    if sorted(int(each or 0) for each in order) != list(range(len(known.shape))):
        return Known(kind=known.kind)
    axes = [int(each or 0) for each in order]
    shape, numbers = tuple(known.shape[axis] for axis in axes), None
    if known.numbers is not None and None not in shape and Known(shape).least <= MAX_NUMBERS:
        steps = [math.prod(size or 0 for size in known.shape[axis + 1 :]) for axis in axes]
        places = product(*(range(size or 0) for size in shape))
        numbers = tuple(known.numbers[sum(map(operator.mul, place, steps))] for place in places)
    return Known(shape, numbers, kind=known.kind)


def _expand(call: Call) -> Known:
    known, wanted = call.input(0), call.amounts(1)
    if wanted is None:
        return Known(kind=known.kind)
    shape = _stretched([known.shape if known.shape is not None else (), _sizes(wanted)])
    numbers = known.numbers
    least = Known(shape).least
    if numbers is not None and len(numbers) != least:
        numbers = numbers * least if len(numbers) == 1 and least <= MAX_NUMBERS else None
    return Known(shape, numbers, kind=known.kind)


def _tile(call: Call) -> Known:
    known = call.input(0)
    times = call.amounts(1)
    if times is None:
        return Known(kind=known.kind)
    if known.shape is None or (len(times) == 1 and len(known.shape) != 1):
        return Known(_sizes(times), kind=known.kind)
    return _scaled(known, times)


def _scaled(known: Known, times: Numbers) -> Known:
    """Each side so many times as long; a side that is not known is one long at least."""
    shape = known.shape if known.shape is not None and len(known.shape) == len(times) else (None,) * len(times)
    sizes = []
    for size, factor in zip(shape, times, strict=True):
        longer = _size(math.floor(factor * (1 if size is None else size))) if factor is not None else size
        sizes.append(None if size is None and (longer or 0) <= 1 else longer)
    numbers = known.numbers if tuple(sizes) == known.shape else None
    return Known(tuple(sizes), numbers, kind=known.kind)


def _range(call: Call) -> Known:
    start, limit, step = (call.amounts(index) for index in range(3))
    if not start or not limit or not step:
        return Known((None,), kind=call.input(0).kind)
    count = _tried(lambda a, b, c: max(0.0, math.ceil((b - a) / c)), start[0], limit[0], step[0])
    if count is None:
        return Known((None,), kind=call.input(0).kind)
    numbers = None
    if count <= MAX_NUMBERS:
        first, each = start[0] or 0, step[0] or 0
        numbers = tuple(first + each * index for index in range(int(count)))
    return Known((_size(count),), numbers, kind=call.input(0).kind)


def _pad(call: Call) -> Known:
    known = call.input(0)
    pads = call.integers("pads") or call.integers("paddings") or call.amounts(1)
    if pads is None:
        return Known(known.shape and (None,) * len(known.shape), kind=known.kind)
    half = len(pads) // 2
    added = [
        None if before is None or after is None else before + after
        for before, after in zip(pads[:half], pads[half:], strict=False)
    ]
    is_for_all = not call.has(3) and known.shape is not None and len(known.shape) == half
    shape = known.shape if is_for_all and known.shape is not None else (None,) * half
    # Of a side that is not known, what is added is there at least.
    sizes = [
        (_size(more) or None) if size is None else None if more is None else _size(size + more)
        for size, more in zip(shape, added, strict=False)
    ]
    return Known(tuple(sizes), kind=known.kind)


def _resize(call: Call) -> Known:
    known = call.input(0)
    scales_at = {"Upsample": 1, "Resize": 1 if len(call.given) == 2 else 2}[call.op]
    scales = call.floats("scales") or (call.amounts(scales_at) if call.has(scales_at) else None)
    sizes = call.amounts(3) if call.has(3) else None
    if sizes:
        return Known(_sizes(sizes), kind=known.kind)
    return _scaled(known, scales) if scales else Known(kind=known.kind)


def _one_hot(call: Call) -> Known:
    known, depth = call.input(0), call.amounts(1)
    shape = known.shape if known.shape is not None else ()
    return Known((*shape, _size(depth[0]) if depth else None), kind=call.input(2).kind)


def _by_attribute(call: Call) -> Known:
    shape = call.integers("shape")
    return UNKNOWN if shape is None else Known(_sizes(shape), is_constant=True)


def _window(call: Call) -> Known:
    size = call.amounts(0)
    return Known((_size(size[0]) if size else None,))


def _matrix_product(call: Call) -> Known:
    a, b = call.input(0).shape, call.input(1).shape
    if a is None or b is None or not a or not b:
        return Known(kind=call.input(0).kind)
    rows, columns = a[-2:-1], b[-1:] if len(b) > 1 else ()
    before = _stretched([a[:-2], b[:-2]]) or ()
    return Known((*before, *rows, *columns), kind=call.input(0).kind)


def _gemm(call: Call) -> Known:
    a, b = call.input(0).shape, call.input(1).shape
    if a is None or b is None or len(a) != 2 or len(b) != 2:
        return Known(kind=call.input(0).kind)
    rows, columns = a[1 if call.integer("transA", 0) else 0], b[0 if call.integer("transB", 0) else 1]
    return Known((rows, columns), kind=call.input(0).kind)


def _reduced(call: Call) -> Known:
    known = call.input(0)
    reduce = _REDUCED[call.op]
    if known.numbers and None not in known.numbers and known.shape is not None and len(known.shape) == 1:
        dims = (1,) if call.integer("keepdims", 1) else ()
        return Known(
            dims, (_tried(lambda: reduce([each for each in known.numbers or () if each is not None])),), kind=known.kind
        )
    return Known(None, None, kind=known.kind)


def _running(call: Call) -> Known:
    known = call.input(0)
    numbers: list[float | None] = []
    for each in known.numbers or ():
        before = numbers[-1] if numbers else 0 if call.op == "CumSum" else 1
        numbers.append(_tried(operator.add if call.op == "CumSum" else operator.mul, before, each))
    return Known(known.shape, tuple(numbers) if known.numbers is not None else None, kind=known.kind)


def _chosen(call: Call) -> Known:
    """Where: one of two for each."""
    which, a, b = (call.input(index) for index in range(3))
    shape = _stretched([which.shape, a.shape, b.shape])
    numbers = None
    if which.numbers is not None and a.numbers is not None and b.numbers is not None:
        length = max(len(which.numbers), len(a.numbers), len(b.numbers))
        rows = [row * length if len(row) == 1 else row for row in (which.numbers, a.numbers, b.numbers)]
        if all(len(row) == length for row in rows):
            numbers = tuple(None if w is None else x if w else y for w, x, y in zip(*rows, strict=True))
    return Known(shape, numbers, kind=a.kind)


def _part(call: Call) -> Known:
    """Some of it: no more than there is."""
    return Known(None, None, kind=call.input(0).kind)


# What is done to each number, where sizes are made of it.
_EACH: Final[Mapping[str, Callable[[float], float]]] = {
    "Identity": lambda x: x,
    "Dropout": lambda x: x,
    "Abs": abs,
    "Neg": operator.neg,
    "Ceil": math.ceil,
    "Floor": math.floor,
    "Round": round,
    "Sqrt": math.sqrt,
    "Exp": math.exp,
    "Log": math.log,
    "Reciprocal": lambda x: 1 / x,
    "Relu": lambda x: max(x, 0),
    "Not": lambda x: not x,
    "Sign": lambda x: (x > 0) - (x < 0),
}
_PAIRED: Final[Mapping[str, Callable[..., float]]] = {
    "Add": operator.add,
    "Sub": operator.sub,
    "Mul": operator.mul,
    "Div": operator.truediv,
    "Pow": lambda a, b: a**b if abs(b) <= 64 else math.inf,
    "Mod": operator.mod,
    "Min": lambda *all_: min(all_),
    "Max": lambda *all_: max(all_),
    "Sum": lambda *all_: sum(all_),
    "Mean": lambda *all_: sum(all_) / len(all_),
    "Equal": operator.eq,
    "Less": operator.lt,
    "LessOrEqual": operator.le,
    "Greater": operator.gt,
    "GreaterOrEqual": operator.ge,
    "And": lambda a, b: a and b,
    "Or": lambda a, b: a or b,
    "Xor": lambda a, b: bool(a) != bool(b),
    "BitwiseAnd": lambda a, b: int(a) & int(b),
    "BitwiseOr": lambda a, b: int(a) | int(b),
    "BitwiseXor": lambda a, b: int(a) ^ int(b),
    "BitShift": lambda a, b: a * 2.0**b,  # to the left, the larger of both
    "PRelu": lambda a, b: a if a >= 0 else a * b,
}
_REDUCED: Final[Mapping[str, Callable[[list[float]], float]]] = {
    "ReduceProd": math.prod,
    "ReduceSum": sum,
    "ReduceMax": max,
    "ReduceMin": min,
}
_WHOLE: Final[Mapping[str, Callable[..., float]]] = {"Div": _whole_division}

_SAME_SHAPE: Final = (
    *_EACH, "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Bernoulli", "BitwiseNot", "Celu", "Clip", "Cos", "Cosh",
    "Elu", "Erf", "Gelu", "HardSigmoid", "HardSwish", "Hardmax", "IsInf", "IsNaN", "LeakyRelu", "LogSoftmax", "Mish",
    "RandomNormalLike", "RandomUniformLike", "Selu", "Shrink", "Sigmoid", "Sin", "Sinh", "Softmax", "Softplus",
    "Softsign", "Swish", "Tan", "Tanh", "ThresholdedRelu", "Trilu", "DequantizeLinear", "QuantizeLinear",
    "LayerNormalization", "InstanceNormalization", "GroupNormalization", "BatchNormalization", "EyeLike",
    "ScatterElements", "ScatterND", "Scatter", "ReverseSequence",
)  # fmt: skip

_RULES: Final[Mapping[str, Callable[[Call], Known]]] = {
    **dict.fromkeys(_SAME_SHAPE, _like),
    **dict.fromkeys(_PAIRED, _together),
    "Cast": _cast,
    "CastLike": _cast,
    "Where": _chosen,
    "ConstantOfShape": _constant_of_shape,
    "Shape": _shape_of,
    "Size": _size_of,
    "Concat": _concat,
    "Gather": _gather,
    "Slice": _slice,
    "Split": _part,
    "Unsqueeze": _unsqueeze,
    "Squeeze": _squeeze,
    "Reshape": _reshape,
    "Flatten": _flatten,
    "Transpose": _transpose,
    "Expand": _expand,
    "Tile": _tile,
    "Range": _range,
    "Pad": _pad,
    "Resize": _resize,
    "Upsample": _resize,
    "OneHot": _one_hot,
    "RandomNormal": _by_attribute,
    "RandomUniform": _by_attribute,
    "BlackmanWindow": _window,
    "HannWindow": _window,
    "HammingWindow": _window,
    "MatMul": _matrix_product,
    "Gemm": _gemm,
    **dict.fromkeys(_REDUCED, _reduced),
    "CumSum": _running,
    "CumProd": _running,
}
