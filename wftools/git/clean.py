"""What git keeps of a workflow file: its canonical text, without what changes by looking at it.

Whoever has no merge driver, as hosts have none, merges such texts line by line, and four of five independent edits of
two people go together then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.document import read
from wftools.errors import InputError, WftoolsError, foreseen
from wftools.fmt import formatted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

_MOST_IN_PACKET: Final = 65516  # bytes: git takes no more
_FLUSH: Final = b"0000"
_CLIENT: Final = [b"git-filter-client", b"version=2"]


def cleaned(data: bytes, name: str) -> bytes:
    """The content that git is given for a file of the working tree.

    What is no workflow, or holds one in a picture, is given as it is: a filter must lose nothing, whatever it is used
    for.
    """
    try:
        with foreseen(name):
            document = read(data, name)
            return data if document.source.container is not None else formatted(document, strip=True).encode()
    except WftoolsError:
        return data


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Clean one file after another, until git has no more: its protocol for filters, version 2.

    Starting once, and not for each file, is what makes `git add` of a hundred workflows bearable. Raises InputError if
    it is not git who asks.
    """
    if _lines(requests) != _CLIENT:
        raise InputError("git is expected at the other end", hint="`wftools git install --clean-filter` tells it")
    _answer(answers, [b"git-filter-server", b"version=2"])
    _lines(requests)  # what git could ask for
    _answer(answers, [b"capability=clean"])
    while (asked := _lines(requests)) is not None:
        name = next((line.removeprefix(b"pathname=") for line in asked if line.startswith(b"pathname=")), b"")
        data = b"".join(_packets(requests) or ())
        _answer(answers, [b"status=success"])
        made = cleaned(data, name.decode(errors="replace"))
        _answer(answers, (made[at : at + _MOST_IN_PACKET] for at in range(0, len(made), _MOST_IN_PACKET)), end=b"")
        _answer(answers, [])  # the status stays


def _lines(stream: BinaryIO) -> list[bytes] | None:
    packets = _packets(stream)
    return None if packets is None else [packet.removesuffix(b"\n") for packet in packets]


def _packets(stream: BinaryIO) -> list[bytes] | None:
    """What comes before the next flush; None if git has gone."""
    packets: list[bytes] = []
    while True:
        size = stream.read(4)
        if not size:
            return None
        try:
            length = int(size, 16)
        except ValueError:
            return None
        if length == 0:
            return packets
        packets.append(stream.read(length - 4))


def _answer(stream: BinaryIO, packets: Iterator[bytes] | list[bytes], end: bytes = b"\n") -> None:
    stream.writelines(f"{len(packet) + len(end) + 4:04x}".encode() + packet + end for packet in packets)
    stream.write(_FLUSH)
    stream.flush()
