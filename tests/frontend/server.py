"""A server that the web editor takes for ComfyUI's: it hands out the editor's own files and says which nodes there are.

It runs nothing, and has no files: the editor keeps the names that a workflow has in its choices of files.
"""

from __future__ import annotations

import base64
import hashlib
import json
import mimetypes
import sys
import threading
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

PACKAGE: Final = "comfyui_frontend_package"

# RFC 6455, section 1.3
_WEBSOCKET: Final = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_SETTINGS: Final = {
    "Comfy.TutorialCompleted": True,  # else a dialogue of templates lies over the canvas
    "Comfy.Workflow.Persist": False,  # else the last workflow is opened again, while we open ours
    "Comfy.VueNodes.Enabled": False,
}


def is_installed() -> bool:
    """Whether the editor's package is there."""
    return find_spec(PACKAGE) is not None


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *place: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):  # a page that leaves breaks its connections off
            super().handle_error(*place)


class EditorServer:
    """Serves the installed editor on a free port of this machine, from `with` until its end."""

    def __init__(self, object_info: Mapping[str, Any]) -> None:
        package = find_spec(PACKAGE)
        assert package is not None
        assert package.origin is not None
        self._static = Path(package.origin).parent / "static"
        self._answers = _answers(object_info)
        self._server = _Server(("127.0.0.1", 0), self._handler())

    @property
    def address(self) -> str:
        """Where the editor is."""
        return f"http://127.0.0.1:{self._server.server_port}/"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str) -> tuple[HTTPStatus, str, bytes]:
        """Status, content type and body for a path."""
        route = path.removeprefix("/api")
        if route in self._answers:
            return HTTPStatus.OK, "application/json", self._answers[route]
        file = (self._static / (path.lstrip("/") or "index.html")).resolve()
        if file.is_relative_to(self._static) and file.is_file():
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            return HTTPStatus.OK, kind, file.read_bytes()
        return HTTPStatus.NOT_FOUND, "application/json", b"{}"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                path = unquote(urlsplit(self.path).path)
                if path == "/ws":
                    self._talk()
                else:
                    self._send(*server.answer(path))

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self._send(HTTPStatus.OK, "application/json", b"{}")

            def _send(self, status: HTTPStatus, kind: str, body: bytes) -> None:
                with suppress(ConnectionError):
                    self.send_response(status)
                    self.send_header("Content-Type", kind)
                    self.send_header("Content-Length", str(len(body)))
                    self.send_header("Cache-Control", "max-age=3600")
                    self.end_headers()
                    self.wfile.write(body)

            def _talk(self) -> None:
                """Open the socket over which the page hears of the queue, and say that it is empty."""
                digest = hashlib.sha1((self.headers["Sec-WebSocket-Key"] + _WEBSOCKET).encode()).digest()
                self.send_response(HTTPStatus.SWITCHING_PROTOCOLS)
                self.send_header("Upgrade", "websocket")
                self.send_header("Connection", "Upgrade")
                self.send_header("Sec-WebSocket-Accept", base64.b64encode(digest).decode())
                self.end_headers()
                status = {"type": "status", "data": {"status": {"exec_info": {"queue_remaining": 0}}, "sid": "test"}}
                with suppress(ConnectionError):
                    self.wfile.write(_frame(json.dumps(status).encode()))
                    while self.rfile.read(1):  # until the page leaves
                        pass
                self.close_connection = True

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def _frame(text: bytes) -> bytes:
    """One unmasked text frame of at most 64 KB (RFC 6455, section 5.2)."""
    length = bytes([len(text)]) if len(text) < 126 else bytes([126]) + len(text).to_bytes(2, "big")
    return b"\x81" + length + text


def _answers(object_info: Mapping[str, Any]) -> dict[str, bytes]:
    """What ComfyUI 0.33.0 answers to what the page asks for, as far as it matters here."""
    stats = {
        "system": {
            "os": "linux",
            "python_version": "3.11",
            "embedded_python": False,
            "comfyui_version": "0.33.0",
            "pytorch_version": "2.13.0",
            "argv": ["main.py"],
            "ram_total": 2**34,
            "ram_free": 2**33,
            "required_frontend_version": version(PACKAGE),
            "installed_templates_version": "0",
            "required_templates_version": "0",
        },
        "devices": [],
    }
    answers = {
        "/users": {"storage": "server", "migrated": True},
        "/settings": _SETTINGS,
        "/object_info": object_info,
        "/system_stats": stats,
        "/extensions": [],
        "/embeddings": [],
        "/userdata": [],
        "/experiment/models": [],
        "/i18n": {},
        "/features": {},
        "/node_replacements": {},
        "/global_subgraphs": {},
        "/workflow_templates": {},
        "/history": {},
        "/queue": {"queue_running": [], "queue_pending": []},
        "/jobs": {"jobs": [], "pagination": {"offset": 0, "limit": 200, "total": 0, "has_more": False}},
    }
    return {path: json.dumps(answer).encode() for path, answer in answers.items()}
