"""The options of a server's command line, as far as packs look at them."""

from __future__ import annotations

from typing import Any

from wftools.nodepacks.running import current


class _Args:
    """Everything is off, but for what the run says."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name == "disable_metadata":
            return not current().metadata
        return "127.0.0.1" if name == "listen" else 8188 if name == "port" else None


args = _Args()
