"""What a pack was found to have, kept until its files, or how they are read, are others."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from hashlib import sha256
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import TYPE_CHECKING, Final

from wftools.folders.caches import user_cache
from wftools.scan.facts import PackFacts
from wftools.writing import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_FILES: Final = 20_000  # of a pack whose facts are kept; a larger one is read anew each time
MAX_SOURCE: Final = 4_000_000  # bytes of a source that are compared; of all else size and time
MAX_BYTES: Final = 64_000_000  # of what is kept of one pack

_PASSED_OVER: Final = frozenset({"__pycache__", ".git", "node_modules"})


def remembered(pack: Path, version: str) -> tuple[str, PackFacts | None]:
    """The state that a pack is in ("" if it is too large), and its facts if they are known of that state."""
    state = _state(pack, version)
    with suppress(OSError, ValueError, TypeError, KeyError):  # damaged, or of another version of ours: as if not there
        place = _place(pack, version)
        if state and place.stat().st_size <= MAX_BYTES:
            kept = json.loads(place.read_bytes())
            if kept["state"] == state:
                return state, PackFacts(**kept["facts"])
    return state, None


def remember(pack: Path, version: str, state: str, facts: PackFacts) -> None:
    """Keep the facts of a pack in that state. Where that cannot be done, they are found again the next time."""
    if not state:
        return
    with suppress(OSError, ValueError):
        place = _place(pack, version)
        place.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(place, json.dumps({"state": state, "facts": asdict(facts)}).encode())


def _place(pack: Path, version: str) -> Path:
    """One file a pack and version, so that what is kept grows with the packs that there are and no further."""
    name = sha256(f"{pack.resolve()}\n{version}".encode(errors="surrogatepass")).hexdigest()[:32]
    return user_cache() / "scans" / f"{name}.json"


def _state(pack: Path, version: str) -> str:
    digest = sha256(f"{version}\n{_reader()}\n{pack.name}\n".encode(errors="surrogatepass"))
    for count, (path, name) in enumerate(_files(pack)):
        if count >= MAX_FILES:
            return ""
        digest.update(f"{name}\0".encode(errors="surrogatepass"))
        with suppress(OSError):  # a link to nothing: its name is all that there is
            about = path.stat()
            if S_ISDIR(about.st_mode):
                digest.update(b"folder")  # when it was changed is told by the names in it
            elif path.suffix == ".py" and S_ISREG(about.st_mode) and about.st_size <= MAX_SOURCE:
                digest.update(sha256(path.read_bytes()).digest())
            else:
                digest.update(f"{about.st_size} {about.st_mtime_ns}\0".encode())
    return digest.hexdigest()


def _files(pack: Path) -> Iterator[tuple[Path, str]]:
    """Every file and folder of a pack, and its name in it."""
    if not pack.is_dir():
        yield pack, pack.name
        return
    for folder, folders, names in os.walk(pack):
        folders[:] = sorted(name for name in folders if name not in _PASSED_OVER)
        for name in (*folders, *sorted(names)):
            path = Path(folder, name)
            yield path, str(path.relative_to(pack))


@cache
def _reader() -> str:
    """What reads packs, as it is now."""
    digest = sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
