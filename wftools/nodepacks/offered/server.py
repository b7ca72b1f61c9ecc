"""A server that is not there: packs register routes and send messages to a browser, and nobody listens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class _Routes:
    """Takes routes, and forgets them."""

    def _registered(self, *_path: Any, **_options: Any) -> Callable[[Any], Any]:
        return lambda handler: handler

    get = post = put = delete = patch = head = view = route = static = _registered


class _App:
    """An application without a network."""

    router = _Routes()

    def add_routes(self, _routes: object) -> None:
        """Take routes, and forget them."""


class PromptServer:
    """The server, as far as packs speak to it."""

    instance: PromptServer

    def __init__(self) -> None:
        self.routes = _Routes()
        self.app = _App()
        self.client_id: str | None = None
        self.last_node_id: str | None = None
        self.last_prompt_id: str | None = None
        self.supports = ["custom_nodes_from_web"]
        self.sockets: dict[str, object] = {}
        self.number = 0

    def send_sync(self, event: str, data: object, sid: str | None = None) -> None:
        """Tell a browser, if there were one."""

    def send_progress_text(self, text: str, node_id: str, sid: str | None = None) -> None:
        """Tell a browser, if there were one."""

    def add_on_prompt_handler(self, handler: object) -> None:
        """Would change what browsers send."""


PromptServer.instance = PromptServer()
