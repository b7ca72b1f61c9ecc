"""Registries: every module has what the Protocol of its folder says, so that one that is added is held to it."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import wftools
from wftools.diffusion.families import Family
from wftools.document.containers import Embedder
from wftools.plugins import Folder
from wftools.weights.families import FamilyFacts

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(wftools.__file__).parent
REGISTRY = re.compile(r"^(\w+): Final\[Folder\[(\w+)\]\] = Folder\(", re.MULTILINE)
FAMILIES = (("wftools.weights.families", FamilyFacts), ("wftools.diffusion.families", Family))


def registries() -> Iterator[tuple[Folder[Any], type]]:
    """Every folder of the package that is a registry, and the Protocol that it names."""
    for path in sorted(ROOT.rglob("*.py")):
        for name, protocol in REGISTRY.findall(path.read_text("utf-8")):
            if protocol != "ModuleType":  # the nodes': any module that declares some
                parts = path.relative_to(ROOT).with_suffix("").parts
                home = import_module(".".join(("wftools", *parts)).removesuffix(".__init__"))
                yield getattr(home, name), getattr(home, protocol)
    for package, protocol_ in FAMILIES:
        yield Folder(package), protocol_


MODULES = [
    pytest.param(folder.load(name), protocol, id=f"{folder.package.removeprefix('wftools.')}.{name}")
    for folder, protocol in registries()
    for name in folder.names()
]


def missing(module: Any, protocol: type) -> list[str]:
    """What a module does not have, or cannot be called with, although the Protocol says so."""
    members = {name: value for each in protocol.__mro__ for name, value in vars(each).items() if name[0] != "_"}
    found = [f"has no {name}" for name in {**members, **inspect.get_annotations(protocol)} if not hasattr(module, name)]
    for name, member in members.items():
        if inspect.isfunction(member) and hasattr(module, name):
            _, *parameters = inspect.signature(member).parameters.values()
            values = [None for each in parameters if each.kind is not each.KEYWORD_ONLY]
            options = {each.name: None for each in parameters if each.kind is each.KEYWORD_ONLY}
            try:
                inspect.signature(getattr(module, name)).bind(*values, **options)
            except TypeError as error:
                found.append(f"{name}: {error}")
    return found


@pytest.mark.parametrize(("module", "protocol"), MODULES)
def test_a_module_has_what_the_protocol_of_its_folder_says(module: Any, protocol: type) -> None:
    assert missing(module, protocol) == []
    if hasattr(module, "embed"):
        assert missing(module, Embedder) == []


@pytest.mark.parametrize(("module", "protocol"), MODULES)
def test_a_module_says_what_it_is(module: Any, protocol: type) -> None:
    assert len((module.__doc__ or "").strip().partition("\n")[0]) > 8


def test_the_registries_are_found() -> None:
    """The laws above are about something."""
    assert {protocol.__name__ for _, protocol in registries()} >= {
        "RuleModule",
        "Reporter",
        "Container",
        "ModelFormat",
        "Dialect",
        "Engine",
        "CommandModule",
        "Family",
    }


def test_what_a_module_lacks_is_seen() -> None:
    class Sketch:
        SUFFIXES = (".x",)

        @staticmethod
        def sniff() -> bool:
            return False

    assert sorted(missing(Sketch, Embedder)) == ["has no embed", "has no read", "sniff: too many positional arguments"]
