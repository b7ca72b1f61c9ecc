"""Asks a ComfyUI server for its object_info. Whatever answers, and however slowly, ends within a minute."""

from __future__ import annotations

import re
from http.client import HTTPException, HTTPResponse, InvalidURL
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Final, cast

from wftools.errors import InputError, LimitError, Place

if TYPE_CHECKING:
    from collections.abc import Callable
    from urllib.request import OpenerDirector, Request

SILENCE: Final = 30.0  # seconds in which a server has to say something
LONGEST: Final = 60.0  # seconds in which it has to have said all

MAX_REASON: Final = 200  # characters of what a server or the system gives as a reason

_USER: Final = re.compile(r"(?<=//)([^/?#]*)@")


def ask(address: str, largest: int) -> tuple[str, bytes]:
    """The address without user and password, as messages may name it, and what answers there.

    Raises InputError if nothing does, or not in time, and LimitError for more than `largest` bytes.
    """
    name = _USER.sub("", address)
    try:
        request = _request(name, _USER.search(address))
        data = _within(LONGEST, lambda: _answer(request, largest))
    except _TooLargeError as error:
        raise LimitError(f"answers with more than {largest // 2**20} MB", place=Place(name)) from error
    except (OSError, HTTPException, ValueError) as error:
        raise InputError(_told(error), place=Place(name), hint="is this the address of a ComfyUI server?") from error
    return name, data


class _TooLargeError(Exception):
    """The answer has more bytes than are taken."""


def _request(address: str, user: re.Match[str] | None) -> Request:
    from base64 import b64encode
    from urllib.parse import unquote, urlsplit
    from urllib.request import Request

    parts = urlsplit(address)
    if not parts.hostname or (parts.port or 1) < 1:  # the port is checked by asking for it
        raise ValueError("it names no host" if not parts.hostname else "it has the port 0")
    if "object_info" not in parts.path:
        parts = parts._replace(path=parts.path.rstrip("/") + "/object_info")
    request = Request(parts.geturl())  # noqa: S310  (http and https only, see the caller)
    if user is not None:
        credentials = b64encode(unquote(user.group(1)).encode()).decode()
        request.add_unredirected_header("Authorization", f"Basic {credentials}")
    return request


def _answer(request: Request, largest: int) -> bytes:
    from urllib.error import HTTPError

    deadline = monotonic() + LONGEST
    pieces: list[bytes] = []
    try:
        opened = _opener().open(request, timeout=SILENCE)
    except HTTPError as error:
        error.close()  # it holds the connection
        raise
    with cast("HTTPResponse", opened) as answer:
        while piece := answer.read1(2**20):
            pieces.append(piece)
            largest -= len(piece)
            if largest < 0:
                raise _TooLargeError
            if monotonic() > deadline:
                raise TimeoutError
        if answer.length:
            raise HTTPException(f"the answer ends {answer.length:,} bytes too early")
    return b"".join(pieces)


def _opener() -> OpenerDirector:
    """What opens http and https, and follows redirections to these and to nothing else."""
    from urllib import request

    opener = request.OpenerDirector()
    for handler in (
        request.ProxyHandler(),
        request.HTTPHandler(),
        request.HTTPSHandler(),
        request.HTTPRedirectHandler(),
        request.HTTPErrorProcessor(),
        request.HTTPDefaultErrorHandler(),
        request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _within(seconds: float, work: Callable[[], bytes]) -> bytes:
    """What `work` gives, if it does in time; else TimeoutError.

    Why a thread: each wait for a socket can be bounded, but the search for a name cannot, nor can the sum of the waits
    for the letters of a header.
    """
    done: SimpleQueue[bytes | Exception] = SimpleQueue()

    def run() -> None:
        try:
            done.put(work())
        except Exception as error:  # it is raised where the answer is waited for
            done.put(error)

    Thread(target=run, daemon=True).start()
    try:
        result = done.get(timeout=seconds)
    except Empty:
        raise TimeoutError from None
    if isinstance(result, Exception):
        raise result
    return result


def _told(error: Exception) -> str:
    from urllib.error import HTTPError

    reason = getattr(error, "reason", error)
    if isinstance(error, HTTPError):
        text = f"answers {error.code}: {reason}"
    elif isinstance(reason, TimeoutError):
        text = f"does not answer within {LONGEST:.0f} seconds, or is silent for {SILENCE:.0f}"
    elif isinstance(error, OSError):
        text = f"does not answer: {reason}"
    elif isinstance(error, ValueError | InvalidURL):
        text = f"is not an address: {error}"
    else:
        text = f"does not answer as a server should: {type(error).__name__}: {error}"
    return " ".join(text.split())[:MAX_REASON]
