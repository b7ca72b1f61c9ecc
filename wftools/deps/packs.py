"""Which pack of custom nodes each node is of: by the file's own word, else by what is known of its type."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.lookup import shipped
from wftools.catalog.packs import custom, custom_packs, packs_with
from wftools.catalog.variant import CORE
from wftools.deps.needs import PackNeed, Role, TypeNeed, Use
from wftools.graph.authored.editor_types import EDITOR_TYPES, editor_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.graph import Node, WorkflowGraph

# The packs whose browser code makes types that no server knows, so that facts of servers do not have them.
PACKS_OF_EDITOR_TYPES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("SetNode", "GetNode"), "comfyui-kjnodes"),
    **dict.fromkeys(("easy setNode", "easy getNode", "easy bookmark"), "comfyui-easy-use"),
    **dict.fromkeys(
        (
            "Bookmark (rgthree)",
            "Fast Actions Button (rgthree)",
            "Fast Bypasser (rgthree)",
            "Fast Groups Bypasser (rgthree)",
            "Fast Groups Muter (rgthree)",
            "Fast Muter (rgthree)",
            "Label (rgthree)",
            "Mute / Bypass Relay (rgthree)",
            "Mute / Bypass Repeater (rgthree)",
            "Node Collector (rgthree)",
            "Node Combiner (rgthree)",
            "Power Conductor (rgthree)",
            "Random Unmuter (rgthree)",
            "Reroute (rgthree)",
        ),
        "rgthree-comfy",
    ),
    "mxReroute": "comfyui-mxtoolkit",
    "Note Plus (mtb)": "comfy-mtb",
    "ComfyDeploy": "comfyui-deploy",
    "Show Metadata [Crystools]": "comfyui-crystools",
    **dict.fromkeys(("PresetText|pysssss", "PresetText"), "comfyui-custom-scripts"),
}


@dataclass
class NodePacks:
    """The nodes of one file by where they come from."""

    packs: tuple[PackNeed, ...] = ()
    unknown: tuple[TypeNeed, ...] = ()
    core: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # type -> the versions that nodes say
    core_versions: tuple[str, ...] = ()  # that the file says as a whole


@dataclass(frozen=True, slots=True)
class _Origin:
    """The pack that a node is of."""

    id: str
    repository: str
    version: str = ""
    is_said: bool = False


def needed_nodes(graph: WorkflowGraph) -> list[tuple[Node, Role]]:
    """The nodes of a workflow at each place where they stand, and what they do; without instances of subgraphs."""
    definitions = graph.authored.definitions if graph.authored is not None else {}
    running = graph.flat.nodes

    def role(node: Node) -> Role:
        if node.path in running:
            return "runs"
        return "off" if editor_type(node.type, graph.catalogue) is None else "editor"

    return [
        (node, role(node))
        for node in graph.unfolded.nodes.values()
        if node.type and not (node.ui is not None and node.ui.type in definitions)
    ]


def node_packs(file: str, graph: WorkflowGraph) -> NodePacks:
    """Where the nodes of a file come from, also of those that are muted: without their packs they do not load."""
    found = NodePacks()
    origins: dict[str, list[tuple[_Origin, Use]]] = defaultdict(list)
    unknown: dict[str, list[Use]] = defaultdict(list)
    for node, role in needed_nodes(graph):
        use = Use(file, node.path, node.type, role)
        own = EDITOR_TYPES.get(node.type)
        if own is not None and own.is_core:
            continue
        if _is_of_core(node):
            found.core[node.type].update({node.claimed.ver} - {""})
            continue
        origin = _origin(node)
        if origin is None:
            unknown[node.type].append(use)
        else:
            origins[(origin.id or origin.repository).lower()].append((origin, use))
    said = _node_versions(graph)
    found.core_versions = tuple(said.pop(CORE, ()))
    for name, versions in said.items():
        # In early 2025 files said the packs of their nodes once for all.
        origins[name.lower()] += [(_named(name, "", each), Use(file, None, "")) for each in versions]
    found.packs = tuple(_need(each) for each in origins.values())
    found.unknown = tuple(TypeNeed(node_type, tuple(uses)) for node_type, uses in unknown.items())
    return found


def _is_of_core(node: Node) -> bool:
    if node.claimed.is_of_core:
        return True
    if node.claimed.cnr_id or node.claimed.aux_id or node.type in PACKS_OF_EDITOR_TYPES:
        return False
    if node.signature is not None:
        return node.signature.origin is None and node.signature.pack is None
    return any(each.origin is None for each in shipped().variants(node.type))  # known from hearsay


def _origin(node: Node) -> _Origin | None:
    """The pack that a node is of: what it says itself, else what is known of its type; None if nothing is."""
    claimed, signature = node.claimed, node.signature
    known = signature.origin if signature is not None else None
    if claimed.cnr_id or claimed.aux_id:
        if known is not None and claimed.closeness(known) > 1:
            return _Origin(known.pack, known.repository, claimed.ver, is_said=True)
        return _named(claimed.cnr_id, claimed.aux_id, claimed.ver)
    if known is not None:
        return _Origin(known.pack, known.repository)
    if node.type in PACKS_OF_EDITOR_TYPES:
        return _Origin(*_known(PACKS_OF_EDITOR_TYPES[node.type]))
    if signature is not None and signature.pack is not None:  # a server says so
        return _Origin(*_known(signature.pack))
    return None


def _named(cnr_id: str, aux_id: str, version: str) -> _Origin:
    """A pack by its id, its repository or both; what is not said is looked up."""
    if cnr_id and not aux_id:
        return _Origin(*_known(cnr_id), version, is_said=True)
    return _Origin(cnr_id or _ids_by_repository().get(aux_id.lower(), ""), aux_id, version, is_said=True)


def _known(name: str) -> tuple[str, str]:
    """The id and the repository of a pack by its id or folder, in any case; the repository is "" if it is not known."""
    if name.lower() in custom_packs():
        return name.lower(), str(custom(name.lower()).about.get("repository") or "")
    return name, ""


@cache
def _ids_by_repository() -> Mapping[str, str]:
    return {str(custom(name).about.get("repository")).lower(): name for name in custom_packs()}


def _node_versions(graph: WorkflowGraph) -> dict[str, list[str]]:
    """What a file of early 2025 says of the versions of packs: `extra.node_versions`."""
    extra: Any = graph.document.tree.get("extra") if graph.document.form == "ui" else None
    told = extra.get("node_versions") if isinstance(extra, dict) else None
    pairs = told.items() if isinstance(told, dict) else ()
    return {name: [version] for name, version in pairs if isinstance(version, str) and name}


def _need(nodes: list[tuple[_Origin, Use]]) -> PackNeed:
    """One pack with all nodes that are of it."""
    origins = [origin for origin, _ in nodes]
    uses = tuple(use for _, use in nodes)
    is_said = any(origin.is_said for origin in origins)
    return PackNeed(
        id=next((origin.id for origin in origins if origin.id), ""),
        repository=next((origin.repository for origin in origins if origin.repository), ""),
        versions=tuple(dict.fromkeys(origin.version for origin in origins if origin.version)),
        is_said=is_said,
        uses=uses,
        others=() if is_said else _others(origins[0].id, {use.type for use in uses}),
    )


def _others(name: str, types: set[str]) -> tuple[str, ...]:
    """The packs that have all these types as well."""
    having = [set(packs_with(node_type)) for node_type in types]
    return tuple(sorted(set.intersection(*having) - {name})) if having else ()
