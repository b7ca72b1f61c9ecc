"""What was found in a model file, for people: some lines of text, and the names as a tree.

What files say of themselves is escaped here, and cut to the width of the terminal; JSON has all of it.
"""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Final

from wftools.errors import counted, listed, size_of
from wftools.escaping import printable
from wftools.weights.inspecting.amounts import MEANINGS, OTHER, Amount, told
from wftools.weights.inspecting.ranges import ranges

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wftools.weights.inspecting.adapters import Adapter
    from wftools.weights.inspecting.hierarchy import Branch
    from wftools.weights.inspecting.inspection import Inspection, Share

LABEL: Final = 12  # characters of the column in which lines say what they are about
MAX_OPERATORS: Final = 8  # that are named, those of most nodes
MAX_METADATA: Final = 40  # lines
MAX_VALUE: Final = 400  # characters of a value that are looked at


def text_of(inspection: Inspection, width: int, *, is_verbose: bool = False, lists_tensors: bool = False) -> str:
    """All lines but the file's name."""
    lines = [
        *_first(inspection),
        *_parts(inspection, width, is_verbose=is_verbose),
        *_adapter(inspection.described.adapter, is_verbose=is_verbose),
        *_stored(inspection, width),
        *_graph(inspection),
        *_said(inspection),
        *_hashes(inspection),
        *_notes(inspection),
        *(_tensors(inspection) if lists_tensors else ()),
    ]
    return "\n".join(_fit(printable(line), width) for line in lines)


def tree_text(inspection: Inspection, width: int) -> str:
    """The names as a tree, one line for all blocks that are alike."""
    rows = list(_rows(inspection.tree, ""))
    lines = [*_first(inspection), *(f"{stem}  {right}" for stem, right in _aligned(rows, width))]
    return "\n".join(_fit(printable(line), width) for line in lines)


def _line(label: str, text: str) -> str:
    return f"  {label:<{LABEL}} {text}".rstrip()


def _first(inspection: Inspection) -> Iterator[str]:
    described, amount = inspection.described, inspection.amount
    yield _line("format", f"{inspection.file.format}, {size_of(inspection.size)}")
    family = described.family
    is_said = family.startswith(described.kind)  # as "ControlNet for SDXL"
    yield _line("holds", family if is_said else f"{described.kind}: {family}".removesuffix(": "))
    yield _line(
        "in all", f"{amount.tensors:,} tensor{'' if amount.tensors == 1 else 's'}, {amount.parameters:,} parameters"
    )


def _parts(inspection: Inspection, width: int, *, is_verbose: bool) -> Iterator[str]:
    if not any(share.component is not None for share in inspection.shares):
        return
    yield ""
    rows = [_part(share) for share in inspection.shares]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row, share in zip(rows, inspection.shares, strict=True):
        what, tensors, parameters, size = (
            cell.ljust(size) if column == 0 else cell.rjust(size)
            for column, (cell, size) in enumerate(zip(row, widths, strict=False))
        )
        yield f"  {what}  {tensors}  {parameters}  {size}  {row[4]}"
        component = share.component
        if component is not None and component.facts:
            yield f"    {', '.join(f'{name} {value:,}' for name, value in component.facts.items())}"
        if component is not None and is_verbose:
            yield from wrap(component.reason, width - 4, initial_indent="    told by ", subsequent_indent=" " * 12)
            yield f"    below {component.prefix or 'no prefix'}" + (
                f", in the layout of {component.layout}" if component.layout else ""
            )


def _part(share: Share) -> tuple[str, str, str, str, str]:
    component = share.component
    what = share.label if component is None else f"{share.label}  {component.name} {component.variant}".rstrip()
    amount = share.amount
    return (what, f"{amount.tensors:,}", _short(amount.parameters), size_of(amount.bytes), " ".join(share.dtypes[:4]))


def _adapter(adapter: Adapter | None, *, is_verbose: bool) -> Iterator[str]:
    if adapter is None:
        return
    yield ""
    kinds = ", ".join(f"{name} of {counted(count, 'layer')}" for name, count in adapter.algorithms.items())
    yield _line("changes by", kinds + (", with magnitudes (DoRA)" if adapter.is_dora else ""))
    if adapter.ranks:
        yield _line("rank", _counts(adapter.ranks))
    if adapter.alphas:
        yield _line("alpha", _counts(adapter.alphas))
    if adapter.naming:
        yield _line("named as in", adapter.naming)
    if adapter.trained_on and adapter.trained_on != adapter.family:
        yield _line("but", f"its metadata says that it is for {adapter.trained_on}")
    if is_verbose and adapter.reason:
        yield _line("told by", adapter.reason)
    for target in adapter.targets:
        sorts = ", ".join(f"{count} {sort}" for sort, count in target.sorts.items())
        yield _line("changes", f"{target.name}: {counted(target.layers, 'layer')} ({sorts})")
        if target.blocks:
            yield _line("", "; ".join(f"{name} {ranges(numbers)}" for name, numbers in target.blocks.items()))


def _counts(values: Mapping[int, int] | Mapping[float, int]) -> str:
    """Values with how often there is each; the only one alone."""
    if len(values) == 1:
        return f"{next(iter(values)):g}"
    return ", ".join(f"{value:g} ({count})" for value, count in values.items())


def _stored(inspection: Inspection, width: int) -> Iterator[str]:
    yield ""
    yield from wrap(
        told(inspection.ways),
        width,
        initial_indent=_line("weights", "").ljust(LABEL + 3),
        subsequent_indent=" " * (LABEL + 3),
    )
    rows = [
        (
            way.dtype,
            f"{way.amount.tensors:,}",
            _short(way.amount.parameters),
            size_of(way.amount.bytes),
            _bits(way.amount),
        )
        for way in inspection.ways
    ]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(5)]
    for row, way in zip(rows, inspection.ways, strict=True):
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        note = MEANINGS[OTHER] if way.meaning == OTHER else way.meaning
        yield f"    {'  '.join(cells)} a weight  {note}"
    for scheme, layers in inspection.schemes.items():
        yield _line("", f"{scheme}: {counted(layers, 'layer')}, scales in tensors of their own")
    if len(inspection.ways) > 1:
        yield _line("", f"{_bits(inspection.amount)} a weight on average")


def _bits(amount: Amount) -> str:
    bits = round(amount.bits, 3)
    return f"{bits:g} bit{'' if bits == 1 else 's'}"


def _short(parameters: int) -> str:
    """A number of parameters as people say it: "859.5 M"."""
    for power, unit in ((10**9, "B"), (10**6, "M"), (10**3, "k")):
        if parameters >= power:
            return f"{parameters / power:,.1f} {unit}"
    return str(parameters)


def _graph(inspection: Inspection) -> Iterator[str]:
    graph = inspection.graph
    if graph is None:
        return
    yield ""
    sets = ", ".join(f"{domain} {version}" for domain, version in graph.opsets.items())
    made_by = f", made by {graph.producer}" if graph.producer else ""
    yield _line("graph", f"ONNX {graph.version}, operators of {sets}{made_by}")
    for label, values in (("takes", graph.inputs), ("gives", graph.outputs)):
        for index, (name, form) in enumerate(values.items()):
            yield _line(label if index == 0 else "", f"{name}: {form}")
    operators = [f"{count} {name}" for name, count in graph.operators.items()]
    yield _line("nodes", listed(operators, MAX_OPERATORS))


def _said(inspection: Inspection) -> Iterator[str]:
    """What the file says of itself: in short, and then all of it."""
    metadata = inspection.file.metadata
    if not metadata:
        return
    yield ""
    for label, value in inspection.summary.items():
        yield _line(label[:LABEL] if len(label) <= LABEL else label, _value(value))
    yield _line("metadata", f"{counted(len(metadata), 'entry').replace('entrys', 'entries')}")
    for key, value in list(metadata.items())[:MAX_METADATA]:
        yield f"    {key} = {_value(value)}"
    if len(metadata) > MAX_METADATA:
        yield f"    and {len(metadata) - MAX_METADATA} more: see --output-format json"


def _value(value: str) -> str:
    more = f"… ({len(value):,} characters)" if len(value) > MAX_VALUE else ""
    return value[:MAX_VALUE] + more


def _hashes(inspection: Inspection) -> Iterator[str]:
    hashes = inspection.hashes
    if hashes is None:
        return
    yield ""
    yield _line("sha256", hashes.sha256)
    yield _line("AutoV2", hashes.autov2)
    if hashes.autov1:
        yield _line("AutoV1", hashes.autov1)
    if hashes.autov3:
        yield _line("AutoV3", hashes.autov3)


def _notes(inspection: Inspection) -> Iterator[str]:
    notes = [*inspection.described.notes, *(f"{doubt.message} ({doubt.code})" for doubt in inspection.file.doubts)]
    if inspection.file.format == "pickle":
        notes.append("a pickle, read as symbols: nothing in it was run; other programs may run what it names")
    if notes:
        yield ""
    yield from (_line("note" if index == 0 else "", note) for index, note in enumerate(notes))


def _tensors(inspection: Inspection) -> Iterator[str]:
    yield ""
    infos = [(name, inspection.file.tensors[name]) for name in inspection.names]
    longest = min(max((len(name) for name, _ in infos), default=0), 70)
    for name, info in infos:
        yield f"    {name:<{longest}}  {info.dtype:<7} {'x'.join(map(str, info.shape)) or 'one number'}"


def _rows(branches: Sequence[Branch], stem: str) -> Iterator[tuple[str, str]]:
    """For each line its left side, the branch, and its right one, what is below."""
    for index, branch in enumerate(branches):
        is_last = index == len(branches) - 1
        many = f" x{branch.alike}" if branch.alike > 1 else ""
        shape = "" if branch.shape is None else f"[{', '.join(map(str, branch.shape))}] "
        below = _below(branch) if branch.branches else ""
        right = f"{shape}{below}{size_of(branch.amount.bytes)} {branch.dtype}".rstrip()
        yield f"  {stem}{'└─' if is_last else '├─'} {branch.label}{many}", right
        yield from _rows(branch.branches, f"{stem}{'   ' if is_last else '│  '}")


def _below(branch: Branch) -> str:
    return f"{counted(branch.amount.tensors, 'tensor')}{' in all' if branch.alike > 1 else ''}, "


def _aligned(rows: Sequence[tuple[str, str]], width: int) -> Iterator[tuple[str, str]]:
    """The right sides in a column, so far as the width allows."""
    longest = max((len(left) for left, _ in rows), default=0)
    column = min(longest, max(width - 48, 24))
    for left, right in rows:
        yield left.ljust(column), right


def _fit(line: str, width: int) -> str:
    return line if len(line) <= width else f"{line[: width - 1]}…"
