"""Which files the drivers are for: patterns of git's attributes.

By default these are JSON files in folders that are named as ComfyUI and its packs name them, and whatever else in the
repository is a workflow. Never all JSON files: a repository may have thousands that are none. Where a pattern takes one
that is no workflow, the drivers do what git does without them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wftools.document import read
from wftools.document.files import may_be_workflow
from wftools.errors import WftoolsError, foreseen
from wftools.git.setup.drivers import NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wftools.git.repository import Repository

FOLDERS: Final = ("workflows", "workflow", "example_workflows", "blueprints")
IN_FOLDERS: Final = tuple(f"**/{folder}/**/*.json" for folder in FOLDERS)
ALL_JSON: Final = ("*.json",)

_PICTURES: Final = (".png", ".webp")  # which have a workflow in them: for diffs only


def attribute_lines(patterns: Iterable[str], *, clean_filter: bool) -> Iterator[str]:
    """The lines that give files to the drivers."""
    more = f" filter={NAME}" if clean_filter else ""
    for pattern in patterns:
        yield f"{_spelled(pattern)} diff={NAME} merge={NAME}{more}"
        if pattern.endswith("*.json"):
            for suffix in _PICTURES:
                yield f"{_spelled(pattern.removesuffix('.json') + suffix)} diff={NAME}"


def workflows(repository: Repository) -> tuple[str, ...]:
    """The JSON files in git's index that are workflows, in the order of their paths."""
    return tuple(path for path in _tracked(repository) if _is_workflow(repository, path))


def patterns_for(repository: Repository) -> tuple[str, ...]:
    """The default, and patterns for the workflows that it does not match.

    A folder in which all JSON files are workflows has one pattern, so that new ones are taken too. Files beside others,
    and those at the root, where a package.json may come to lie, are named one by one.
    """
    elsewhere = [path for path in _tracked(repository) if not _is_in_folders(path)]
    found = [path for path in elsewhere if _is_workflow(repository, path)]
    mixed = {_folder(path) for path in set(elsewhere).difference(found)} | {""}
    made = (
        f"/{_literal(_folder(path) + '/')}*.json" if _folder(path) not in mixed else f"/{_literal(path)}"
        for path in found
    )
    return (*IN_FOLDERS, *dict.fromkeys(made))


def uncovered(repository: Repository, paths: Sequence[str]) -> tuple[str, ...]:
    """Those of some files that git would not give to the merge driver."""
    asked = b"".join(path.encode(errors="surrogateescape") + b"\0" for path in paths)
    rows = iter(repository.git("check-attr", "-z", "--stdin", "merge", stdin=asked).items)
    return tuple(path for path, _, value in zip(rows, rows, rows, strict=True) if value != NAME)


def _tracked(repository: Repository) -> list[str]:
    return repository.git("ls-files", "-z", "--", ":(top,icase,glob)**/*.json").items


def _is_workflow(repository: Repository, path: str) -> bool:
    file = repository.root / path
    try:
        with foreseen(path):
            data = file.read_bytes() if file.is_file() else b""
            return may_be_workflow(data) and bool(read(data, path))
    except WftoolsError:
        return False


def _is_in_folders(path: str) -> bool:
    return not set(FOLDERS).isdisjoint(path.split("/")[:-1])


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _literal(path: str) -> str:
    """A path as a pattern that matches nothing else."""
    return re.sub(r"([\\*?\[])", r"\\\1", path)


def _spelled(pattern: str) -> str:
    """A pattern as a file of attributes has it: in quotes where it has blanks or starts as something else would."""
    if not re.search(r'[\s"]|^[!#\[]', pattern):
        return pattern
    escaped = re.sub(r'(["\\])', r"\\\1", pattern).replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
    return f'"{escaped}"'
