"""The dependencies that `comfy node install-deps --deps FILE` takes: packs by the addresses of their repositories.

ComfyUI-Manager reads the addresses, and what `comfy node deps-in-workflow` writes has beside each a state and a hash.
It installs the newest version of a pack: which version is needed, a lock says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wftools.deps.looking import Survey

NO_HASH = "-"


def comfy_deps(survey: Survey) -> dict[str, Any]:
    """The tree of such a file. The types of packs without a known address are among those that are unknown."""
    pairs = list(zip(survey.needs.packs, survey.packs, strict=True))
    unknown = {need.type for need in survey.needs.unknown}
    return {
        "custom_nodes": {
            need.url: {
                "state": "installed" if installed is not None else "not-installed",
                "hash": installed.commit if installed is not None and installed.commit else NO_HASH,
            }
            for need, installed in sorted(pairs, key=lambda pair: pair[0].repository.lower())
            if need.url is not None
        },
        "unknown_nodes": sorted(unknown.union(*(need.types for need, _ in pairs if need.url is None))),
    }
