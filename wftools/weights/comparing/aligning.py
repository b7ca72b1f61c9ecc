"""Which tensors of two files are the same of one network, where the files have other names for them.

Three ways, of which the first that finds more than half of the smaller file is taken: the names as they are; the names
without what stands before those of a network, as checkpoints and files of one network have them; and the networks' own
names, where one file is in diffusers' layout or OpenCLIP's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wftools.errors import InputError
from wftools.weights.dialects import understood
from wftools.weights.inspecting import LEFTOVERS, Described, describe, owners

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.weights.tensorfile import TensorFile


@dataclass(frozen=True, eq=False)
class Aligned:
    """Two files under common names."""

    first: TensorFile
    second: TensorFile
    described: tuple[Described, Described]
    parts: Mapping[str, str]  # name in the first file -> what it is a part of
    way: str = ""  # how names were brought together; "" if they are the files' own
    first_names: Mapping[str, str] = field(default_factory=dict)  # common name -> name in the file, if it is another
    second_names: Mapping[str, str] = field(default_factory=dict)

    def first_name(self, name: str) -> str:
        """What the first file calls a tensor."""
        return self.first_names.get(name, name)

    def second_name(self, name: str) -> str:
        """What the second file calls it."""
        return self.second_names.get(name, name)

    def part_of(self, name: str) -> str:
        """Of which network a tensor is that the first file calls so."""
        return self.parts.get(name, "others")


def align(first: TensorFile, second: TensorFile) -> Aligned:
    """Bring the tensors of two files under common names, in whatever dialects they are. Raises InputError."""
    first, second = understood(first), understood(second)
    described = (describe(first), describe(second))
    parts = _parts(first, described[0])
    if _is_enough(first, second):
        return Aligned(first, second, described, parts)
    by_prefix = (_without_prefixes(first, described[0]), _without_prefixes(second, described[1]))
    if _is_enough(*(renamed for renamed, _ in by_prefix)):
        return _aligned(by_prefix, described, parts, "what stands before the names of a network is left out")
    try:
        by_network = (_by_network(first), _by_network(second))
    except InputError:  # of no family whose layouts are known
        return Aligned(first, second, described, parts)
    if _is_enough(*(renamed for renamed, _ in by_network)):
        return _aligned(by_network, described, parts, "the files are in different layouts")
    return Aligned(first, second, described, parts)


def _aligned(
    renamed: tuple[tuple[TensorFile, dict[str, str]], tuple[TensorFile, dict[str, str]]],
    described: tuple[Described, Described],
    parts: Mapping[str, str],
    way: str,
) -> Aligned:
    (first, first_names), (second, second_names) = renamed
    return Aligned(first, second, described, parts, way, first_names, second_names)


def _is_enough(first: TensorFile, second: TensorFile) -> bool:
    """Whether more than half of the smaller file is in the other."""
    common = len(first.tensors.keys() & second.tensors.keys())
    return 2 * common > min(len(first.tensors), len(second.tensors)) or not (first.tensors and second.tensors)


def _parts(file: TensorFile, described: Described) -> dict[str, str]:
    labels = {each.prefix: f"{each.kind} {each.name} {each.variant}".rstrip() for each in described.components}
    return {
        name: labels.get(owner) or LEFTOVERS.get(owner, "others")
        for name, owner in owners(file, described.components).items()
    }


def _without_prefixes(file: TensorFile, described: Described) -> tuple[TensorFile, dict[str, str]]:
    """The tensors as KIND/name, a second network of a kind as KIND 2/name; others as they are."""
    kinds: dict[str, str] = {}
    seen: dict[str, int] = {}
    for each in described.components:
        seen[each.kind] = seen.get(each.kind, 0) + 1
        kinds[each.prefix] = each.kind if seen[each.kind] == 1 else f"{each.kind} {seen[each.kind]}"
    names = {}
    for name, owner in owners(file, described.components).items():
        names[f"{kinds[owner]}/{name[len(owner) :]}" if owner in kinds else name] = name
    return file.renamed(names), names


def _by_network(file: TensorFile) -> tuple[TensorFile, dict[str, str]]:
    """The tensors as NETWORK/name, each by the network's own name. Raises InputError if no family knows the file."""
    from wftools.weights.converting.selecting import left_out, sections
    from wftools.weights.converting.views import beside

    files = dict(sections(file).files)
    rest = left_out(file, files.values(), "")
    files["others"] = file.renamed({name: name for name in rest})
    whole = beside(files)
    places = {(info.file, info.start, info.stop): name for name, info in file.tensors.items()}
    own = {
        new: places[info.file, info.start, info.stop]
        for new, info in whole.tensors.items()
        if (info.file, info.start, info.stop) in places
    }
    return whole, own
