"""The names of tensors as a tree, in which blocks that are alike are one branch."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from wftools.weights.inspecting.amounts import Amount, amount_of
from wftools.weights.inspecting.ranges import ranges

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wftools.weights.tensorfile import Shape, TensorFile, TensorInfo

MAX_DEPTH: Final = 24  # names with more dots keep them in their last part
_NUMBER: Final = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Branch:
    """Some names that begin alike, or a tensor; `alike` of them, which differ in their numbers only."""

    label: str  # "output_blocks", "0-11", "weight"
    alike: int
    amount: Amount  # of all of them together
    dtype: str  # of a tensor, or what all tensors below have; "" if they differ
    shape: Shape | None  # of a tensor
    branches: tuple[Branch, ...]


def tree_of(file: TensorFile, names: Sequence[str] | None = None) -> tuple[Branch, ...]:
    """The names of a file, or some of them, as branches in the order of the file; numbers in theirs."""
    root: dict[str, Any] = {}
    for name in file.tensors if names is None else names:
        at = root
        *outer, last = name.split(".", MAX_DEPTH)
        for part in outer:
            at = at.setdefault(f"{part}.", {})  # a tensor and a branch may have one name
        at[last] = file.tensors[name]
    return _branches(root)


def _branches(tree: Mapping[str, Any]) -> tuple[Branch, ...]:
    made = [_branch(label, below) for label, below in tree.items()]
    groups: dict[Any, list[Branch]] = {}
    for branch in made:
        pattern = _NUMBER.sub("#", branch.label)
        groups.setdefault((pattern, _form(branch)), []).append(branch)
    return tuple(_together(group) for group in groups.values())


def _branch(label: str, below: Any) -> Branch:
    if not isinstance(below, dict):
        info: TensorInfo = below
        return Branch(label, 1, amount_of(info), info.dtype, info.shape, ())
    label = label.removesuffix(".")
    branches = _branches(below)
    if len(branches) == 1 and branches[0].alike == 1:  # nothing forks here
        (only,) = branches
        return replace(only, label=f"{label}.{only.label}")
    dtypes = {each.dtype for each in branches}
    return Branch(
        label,
        1,
        sum((each.amount for each in branches), Amount()),
        dtypes.pop() if len(dtypes) == 1 else "",
        None,
        branches,
    )


def _form(branch: Branch) -> Any:
    """What has to be equal for two branches to be alike: all but the numbers in their own names."""
    return (branch.dtype, branch.shape, branch.amount, tuple((each.label, _form(each)) for each in branch.branches))


def _together(group: Sequence[Branch]) -> Branch:
    first = group[0]
    if len(group) == 1:
        return first
    numbers = zip(*([int(found) for found in _NUMBER.findall(each.label)] for each in group), strict=True)
    told = iter([ranges(sorted(set(column))) for column in numbers])
    label = _NUMBER.sub(lambda _: next(told), first.label)
    return Branch(
        label, len(group), sum((each.amount for each in group), Amount()), first.dtype, first.shape, first.branches
    )
