"""`functools`, `itertools`, `operator`, `contextlib`, `copy`: functions of functions and of iterables."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from wftools.scan.interpreter import attributes, calls, containers, operators
from wftools.scan.interpreter.builtin import ordering
from wftools.scan.interpreter.builtin.types import OBJECT
from wftools.scan.interpreter.limits import Bound
from wftools.scan.interpreter.standard.declaring import functions, nothing
from wftools.scan.interpreter.values import (
    MISSING,
    BoundMethod,
    ClassValue,
    Foreign,
    FunctionValue,
    Instance,
    Property,
    Stream,
    Unknown,
    Value,
    plain,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wftools.scan.interpreter.interpreter import Interpreter

MAX_COMBINED = 10_000  # rows of product(), permutations() …: their number grows as a power


def names(interpreter: Interpreter, module: str) -> dict[str, Value]:
    return MODULES[module]


# ---------------------------------------------------------------------------------------------------------------------
# functools


def _partial(interpreter: Interpreter, function: Value, *first: Value, **named: Value) -> Value:
    def call(interpreter: Interpreter, *rest: Value, **more: Value) -> Value:
        return calls.call(interpreter, function, [*first, *rest], {**named, **more})

    return Foreign("partial", call, attributes={"func": function, "args": first, "keywords": named})


def _wraps(interpreter: Interpreter, wrapped: Value, *_: Value, **__: Value) -> Value:
    """The function keeps its own ways, and gets the names of what it wraps."""

    def wrap(interpreter: Interpreter, function: Value) -> Value:
        names = attributes.names_of(function)
        if names is not None:
            for name in ("__name__", "__qualname__", "__doc__", "__module__"):
                found = attributes.find(interpreter, wrapped, name)
                if found is not MISSING:
                    names[name] = found
            names |= (attributes.names_of(wrapped) or {}) if isinstance(wrapped, FunctionValue) else {}
            names["__wrapped__"] = wrapped
        return function

    return Foreign("wraps", wrap)


def _update_wrapper(interpreter: Interpreter, wrapper: Value, wrapped: Value, *_: Value) -> Value:
    return calls.call(interpreter, _wraps(interpreter, wrapped), [wrapper], {})


def _cache(interpreter: Interpreter, function: Value = None, **_: Value) -> Value:
    """A cache changes nothing of what a function answers."""
    if isinstance(function, FunctionValue | Foreign | ClassValue | BoundMethod):
        return function
    return Foreign("lru_cache", lambda _, inner: inner)


def _reduce(interpreter: Interpreter, function: Value, items: Value, start: Value = MISSING) -> Value:
    total = start
    for item in containers.iterate(interpreter, items):
        total = item if total is MISSING else calls.call(interpreter, function, [total, item], {})
    if total is MISSING:
        raise interpreter.error("TypeError", "reduce() of empty iterable with no initial value")
    return total


_registering = Foreign("register", lambda _, function: function)


def _single_dispatch(_: Interpreter, function: Value) -> Value:
    """What is registered for other types is not looked for."""
    names = attributes.names_of(function)
    if names is not None:
        names["register"] = Foreign("register", lambda _, __, inner=None: _registering if inner is None else inner)
    return function


def _cached_property(_: Interpreter, function: Value) -> Value:
    return Property(function)


# ---------------------------------------------------------------------------------------------------------------------
# itertools


def _chain(interpreter: Interpreter, *iterables: Value) -> Value:
    return Stream(item for each in iterables for item in containers.iterate(interpreter, each))


def _chain_of(interpreter: Interpreter, iterables: Value) -> Value:
    return Stream(
        item for each in containers.iterate(interpreter, iterables) for item in containers.iterate(interpreter, each)
    )


def _count(interpreter: Interpreter, start: Value = 0, step: Value = 1) -> Value:
    def numbers() -> Iterator[Value]:
        number = start
        while True:
            interpreter.budget.step()
            yield number
            number = operators.binary(interpreter, ast.Add, number, step)

    return Stream(numbers())


def _repeat(interpreter: Interpreter, item: Value, times: Value = None) -> Value:
    limit = interpreter.limits.turns + 1 if times is None else plain(times)
    return Stream(item for _ in range(limit))


def _cycle(interpreter: Interpreter, items: Value) -> Value:
    listed = containers.listed(interpreter, items)
    return Stream(listed[index % len(listed)] for index in range(interpreter.limits.turns + 1) if listed)


def _islice(interpreter: Interpreter, items: Value, *bounds: Value) -> Value:
    start, stop, step = (0, *bounds, 1) if len(bounds) == 1 else (*bounds, 1)[:3]
    start, stop, step = plain(start) or 0, plain(stop), plain(step) or 1

    def taken() -> Iterator[Value]:
        if stop is not None and stop <= start:
            return
        for index, item in enumerate(containers.iterate(interpreter, items)):
            if index >= start and (index - start) % step == 0:
                yield item
            if stop is not None and index + 1 >= stop:
                return

    return Stream(taken())


def _while_true(interpreter: Interpreter, test: Value, items: Value) -> Value:
    def taken() -> Iterator[Value]:
        for item in containers.iterate(interpreter, items):
            if not operators.truth(interpreter, calls.call(interpreter, test, [item], {})):
                return
            yield item

    return Stream(taken())


def _from_false(interpreter: Interpreter, test: Value, items: Value) -> Value:
    def left() -> Iterator[Value]:
        dropping = True
        for item in containers.iterate(interpreter, items):
            dropping = dropping and operators.truth(interpreter, calls.call(interpreter, test, [item], {}))
            if not dropping:
                yield item

    return Stream(left())


def _combined(name: str) -> Callable[..., Value]:
    """`product`, `permutations` and the like, if they are not too many."""

    def rows(interpreter: Interpreter, *given: Value, **named: Value) -> Value:
        import itertools

        ready = [each if isinstance(each, int) else containers.listed(interpreter, each) for each in given]
        numbers = {key: plain(value) for key, value in named.items()}
        made: list[Value] = []
        sizes = [len(each) for each in ready if isinstance(each, list)]
        if max([*sizes, numbers.get("repeat") or 1]) > MAX_COMBINED:
            raise Bound("too many combinations would be made")
        for row in getattr(itertools, name)(*ready, **numbers):
            made.append(row)
            if len(made) > MAX_COMBINED:
                raise Bound("too many combinations would be made")
        return Stream(iter(made))

    return rows


def _zip_longest(interpreter: Interpreter, *iterables: Value, fillvalue: Value = None) -> Value:
    import itertools

    listed = [containers.listed(interpreter, each) for each in iterables]
    return Stream(iter(list(itertools.zip_longest(*listed, fillvalue=fillvalue))))


def _accumulate(interpreter: Interpreter, items: Value, function: Value = None, *, initial: Value = None) -> Value:
    def sums() -> Iterator[Value]:
        total = MISSING if initial is None else initial
        if total is not MISSING:
            yield total
        for item in containers.iterate(interpreter, items):
            if total is MISSING:
                total = item
            elif function is None:
                total = operators.binary(interpreter, ast.Add, total, item)
            else:
                total = calls.call(interpreter, function, [total, item], {})
            yield total

    return Stream(sums())


def _group_by(interpreter: Interpreter, items: Value, key: Value = None) -> Value:
    groups: list[tuple[Value, list[Value]]] = []
    for item in containers.iterate(interpreter, items):
        rank = item if key is None else calls.call(interpreter, key, [item], {})
        if groups and operators.truth(interpreter, operators.compare(interpreter, ast.Eq, groups[-1][0], rank)):
            groups[-1][1].append(item)
        else:
            groups.append((rank, [item]))
    return Stream((rank, Stream(iter(group))) for rank, group in groups)


def _star_map(interpreter: Interpreter, function: Value, rows: Value) -> Value:
    return Stream(
        row if isinstance(row, Unknown) else calls.call(interpreter, function, containers.listed(interpreter, row), {})
        for row in containers.iterate(interpreter, rows)
    )


# ---------------------------------------------------------------------------------------------------------------------
# operator


def _item_getter(_: Interpreter, *keys: Value) -> Value:
    def get(interpreter: Interpreter, owner: Value) -> Value:
        found = [containers.get_item(interpreter, owner, key) for key in keys]
        return found[0] if len(found) == 1 else tuple(found)

    return Foreign("itemgetter", get)


def _attribute_getter(_: Interpreter, *paths: Value) -> Value:
    def one(interpreter: Interpreter, owner: Value, path: Value) -> Value:
        for name in path.split("."):
            owner = attributes.get(interpreter, owner, name)
        return owner

    def get(interpreter: Interpreter, owner: Value) -> Value:
        found = [one(interpreter, owner, path) for path in paths]
        return found[0] if len(found) == 1 else tuple(found)

    return Foreign("attrgetter", get)


def _binary(kind: type[ast.operator]) -> Foreign:
    return Foreign("operator", lambda interpreter, left, right: operators.binary(interpreter, kind, left, right))


def _comparing(kind: type[ast.cmpop]) -> Foreign:
    return Foreign("operator", lambda interpreter, left, right: operators.compare(interpreter, kind, left, right))


# ---------------------------------------------------------------------------------------------------------------------
# contextlib


def _context_manager(_: Interpreter, function: Value) -> Value:
    """A function whose generator is entered and left once."""
    return Foreign(
        "contextmanager",
        lambda interpreter, *given, **named: Instance(
            CONTEXT, {"_generator": calls.call(interpreter, function, list(given), named)}
        ),
    )


def _enter(interpreter: Interpreter, owner: Instance) -> Value:
    return ordering.next_of(interpreter, owner.attributes["_generator"])


def _leave(interpreter: Interpreter, owner: Instance, *_: Value) -> Value:
    generator = owner.attributes["_generator"]
    if isinstance(generator, Stream):
        next(iter(generator), None)
    return False


CONTEXT = ClassValue("_GeneratorContextManager", (OBJECT,), functions(__enter__=_enter, __exit__=_leave), builtin=True)


def _suppress_leave(interpreter: Interpreter, owner: Instance, kind: Value, *_: Value) -> Value:
    kinds = owner.attributes["_kinds"]
    return isinstance(kind, ClassValue) and any(isinstance(each, ClassValue) and kind.is_a(each) for each in kinds)


SUPPRESS = ClassValue("suppress", (OBJECT,), functions(__enter__=nothing, __exit__=_suppress_leave), builtin=True)
NULL = ClassValue(
    "nullcontext",
    (OBJECT,),
    functions(__enter__=lambda _, owner: owner.attributes["_value"], __exit__=nothing),
    builtin=True,
)


# ---------------------------------------------------------------------------------------------------------------------
# copy


def _deep_copy(interpreter: Interpreter, value: Value, *_: Value) -> Value:
    interpreter.budget.measure(value)
    return _copied(interpreter, value, {}, deep=True)


def _copy(interpreter: Interpreter, value: Value) -> Value:
    return _copied(interpreter, value, {}, deep=False)


def _copied(interpreter: Interpreter, value: Value, done: dict[int, Value], *, deep: bool) -> Value:
    """A copy of a container or an object; everything else is itself."""
    if id(value) in done:
        return done[id(value)]

    def inner(each: Value) -> Value:
        return _copied(interpreter, each, done, deep=True) if deep else each

    interpreter.budget.step()
    made: Any = value
    if isinstance(value, list | dict | set):
        made = done[id(value)] = interpreter.doubt.made(type(value)())
        if isinstance(value, list):
            made.extend(inner(each) for each in value)
        elif isinstance(value, dict):
            made.update({inner(key): inner(each) for key, each in value.items()})
        else:
            made.update(inner(each) for each in value)
    elif isinstance(value, tuple):
        made = tuple(inner(each) for each in value)
    elif isinstance(value, Instance) and value.cls.members is None:
        method = interpreter.special(value, "__deepcopy__" if deep else "__copy__")
        if method is not MISSING and not isinstance(method, Unknown):
            return calls.call(interpreter, method, [{}] if deep else [], {})
        made = done[id(value)] = interpreter.doubt.made(Instance(value.cls))
        made.native = value.native if value.native is MISSING else inner(value.native)
        if isinstance(value.native, list | dict | set) and not deep:
            made.native = value.native.copy()
        made.attributes.update({name: inner(each) for name, each in value.attributes.items()})
    return made


MODULES: dict[str, dict[str, Value]] = {
    "functools": functions(
        partial=_partial,
        wraps=_wraps,
        update_wrapper=_update_wrapper,
        lru_cache=_cache,
        cache=_cache,
        reduce=_reduce,
        cached_property=_cached_property,
        total_ordering=lambda _, cls: cls,
        singledispatch=_single_dispatch,
    ),
    "itertools": functions(
        count=_count,
        repeat=_repeat,
        cycle=_cycle,
        islice=_islice,
        takewhile=_while_true,
        dropwhile=_from_false,
        product=_combined("product"),
        permutations=_combined("permutations"),
        combinations=_combined("combinations"),
        combinations_with_replacement=_combined("combinations_with_replacement"),
        zip_longest=_zip_longest,
        accumulate=_accumulate,
        groupby=_group_by,
        starmap=_star_map,
    )
    | {"chain": Foreign("chain", _chain, attributes={"from_iterable": Foreign("from_iterable", _chain_of)})},
    "operator": {
        "itemgetter": Foreign("itemgetter", _item_getter),
        "attrgetter": Foreign("attrgetter", _attribute_getter),
        **{
            name: _binary(kind)
            for name, kind in {
                "add": ast.Add, "sub": ast.Sub, "mul": ast.Mult, "truediv": ast.Div, "floordiv": ast.FloorDiv,
                "mod": ast.Mod, "pow": ast.Pow, "or_": ast.BitOr, "and_": ast.BitAnd, "xor": ast.BitXor,
            }.items()
        },
        **{
            name: _comparing(kind)
            for name, kind in {
                "eq": ast.Eq, "ne": ast.NotEq, "lt": ast.Lt, "le": ast.LtE, "gt": ast.Gt, "ge": ast.GtE,
            }.items()
        },
    },
    "contextlib": functions(
        contextmanager=_context_manager,
        asynccontextmanager=_context_manager,
        suppress=lambda _, *kinds: Instance(SUPPRESS, {"_kinds": kinds}),
        nullcontext=lambda _, value=None: Instance(NULL, {"_value": value}),
        redirect_stdout=lambda _, target=None: Instance(NULL, {"_value": target}),
        redirect_stderr=lambda _, target=None: Instance(NULL, {"_value": target}),
    ),
    "copy": functions(copy=_copy, deepcopy=_deep_copy),
}  # fmt: skip
