"""Where a workflow hides in a file: pictures, videos, sounds, tensors.

    suffixes()                         how the names of such files end
    identify(head)                     what a file is, by its first bytes: "png", "mp4" …
    read_texts(stream)                 the texts in it: `workflow`, `prompt`, `parameters` …
    embed_texts(stream, texts, out)    a copy of the file with other texts, and not a pixel or sample touched

Each module of this folder is a container, and its file name is the container's name:

    SUFFIXES: tuple[str, ...]                          how names of such files end, in lower case
    sniff(head: bytes) -> bool                         whether a file that starts like this is one
    read(stream: BinaryIO) -> dict[str, str]           the texts by key, in lower case
    embed(stream, texts: Mapping[str, str], out)       copy the file with texts set; an empty text removes its key;
                                                       not in a container that is read only

Files of strangers are read through `_window.Window`, which bounds how much is read and how often: whatever they
contain, the outcome is texts, or an InputError that says at which byte something else was expected. Checksums are not
looked at in reading; those that are written are right.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol, runtime_checkable

from wftools.document.containers._splice import splice
from wftools.document.containers._texts import repacked, unpacked
from wftools.document.containers._window import MAX_BYTES
from wftools.errors import InputError, LimitError
from wftools.plugins import Folder

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["embed_texts", "identify", "read_texts", "suffixes"]


class Container(Protocol):
    """What a module of this folder has; one that can also be written into is an `Embedder`."""

    SUFFIXES: tuple[str, ...]

    def sniff(self, head: bytes, /) -> bool:
        """Whether a file that starts like this is one."""
        ...

    def read(self, stream: BinaryIO, /) -> dict[str, str]:
        """All texts by key in lower case. Raises InputError for a malformed file, LimitError for too much."""
        ...


@runtime_checkable
class Embedder(Container, Protocol):
    """A container into which texts can be written."""

    def embed(self, stream: BinaryIO, texts: dict[str, str], out: BinaryIO, /) -> None:
        """Copy the file with these texts set; an empty text removes its key."""
        ...


CONTAINERS: Final[Folder[Container]] = Folder(__name__)
_HEAD: Final = 4096

# What every container can hold as a key: PNG has 79 bytes, Vorbis comments end a key with "=", EXIF texts with ":".
_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,78}")


def identify(head: bytes) -> str | None:
    """The name of the container whose first bytes (4096 are enough) these are; None if it is none of them."""
    if b"\0" not in head and head.lstrip()[:1] in {b"{", b"["}:
        return None  # JSON text: most files are, and no module needs to be imported for them
    return next((name for name in CONTAINERS.names() if CONTAINERS.load(name).sniff(head)), None)


@cache
def suffixes() -> frozenset[str]:
    """How names of files that may hold a workflow end, in lower case."""
    return frozenset(suffix for container in CONTAINERS.modules() for suffix in container.SUFFIXES)


def read_texts(stream: BinaryIO) -> dict[str, str]:
    """All texts in a file by key in lower case; workflow and prompt also where a tool packed them into a comment.

    The stream must be seekable; its position does not matter. Raises InputError for a file that is no container or is
    malformed, LimitError for more than 64 MB of metadata.
    """
    return unpacked(CONTAINERS.load(_identified(stream)).read(stream))


def embed_texts(stream: BinaryIO, texts: Mapping[str, str], out: BinaryIO) -> None:
    """Copy a file with texts set; an empty text removes its key. All other bytes stay as they are.

    ComfyUI's own texts are JSON in ASCII, and some of its readers expect that. If this raises, `out` is no file yet.
    Raises InputError for a file that is no container, is malformed, or is of a kind that is only read.
    """
    texts = _checked(texts)
    name = _identified(stream)
    container = CONTAINERS.load(name)
    if not isinstance(container, Embedder):
        able = (other for other in CONTAINERS.names() if isinstance(CONTAINERS.load(other), Embedder))
        raise InputError(f"a workflow cannot be written into {name} files", hint=f"it can into {', '.join(able)}")
    old = container.read(stream)
    new = repacked(old, texts)
    changed = {key: text for key, text in new.items() if text or key in old}
    if changed:
        container.embed(stream, changed, out)
    else:
        splice(stream, (), out)


def _identified(stream: BinaryIO) -> str:
    stream.seek(0)
    name = identify(stream.read(_HEAD))
    if name is None:
        raise InputError("not a file that can hold a workflow", hint=f"known are {', '.join(CONTAINERS.names())}")
    return name


def _checked(texts: Mapping[str, str]) -> dict[str, str]:
    """Texts that every container can hold, by key in lower case."""
    size = 0
    for key, text in texts.items():
        if not _KEY.fullmatch(key):
            hint = "a letter can, and up to 78 more, digits, '_', '.' and '-'"
            raise InputError(f"{key!r} cannot be a key in a file", hint=hint)
        if "\0" in text:
            raise InputError(f"the text {key!r} has a NUL character")
        try:
            size += len(text.encode())
        except UnicodeEncodeError as error:
            raise InputError(f"the text {key!r} has half of a surrogate pair at character {error.start}") from error
    if size > MAX_BYTES:
        raise LimitError(f"the texts have {size:,} bytes; at most {MAX_BYTES:,} could be read again")
    return {key.lower(): text for key, text in texts.items()}
