"""Which object of a JSON tree is the workflow.

Forms (of ComfyUI's server and of its web frontend):
- a UI workflow: an object with `nodes`;
- an API prompt: an object of nodes, each with `class_type`;
- a queue request, POST /prompt: `{"prompt": API prompt, "extra_data": {"extra_pnginfo": {"workflow": UI workflow}}}`;
- an entry of /history: `{"prompt": [number, id, API prompt, extra data, outputs], …}`, alone or by id;
- a request or an export of some service with one of these a key or two down: `{"input": {"workflow": …}}`; or with a
  workflow and its prompt side by side, as the frontend's `graphToPrompt` gives them: `{"workflow": …, "output": …}`.

Other programs save graphs too, and other JSON has such keys: what nothing but ComfyUI writes decides. A workflow may be
malformed all the same, and then it is one with faults.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from wftools.document.pointer import pointer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wftools.document.document import Form, Tree

MOST_KEYS: Final = 2  # that lead to a workflow in what wraps it

# What stands beside the prompt in a queue request and in an entry of the history.
_REQUEST: Final = frozenset({"client_id", "extra_data", "outputs", "prompt_id"})
_ID: Final = re.compile(r"[0-9]+(:[0-9]+)*")  # of a node, unless somebody has written it by hand

_COUNTERS: Final = frozenset({"last_node_id", "last_link_id"})
_GRAPH: Final = frozenset({"nodes", "links", "groups", "config", "extra", "version", "id", "revision", "state"})
_NODE: Final = frozenset({"id", "type"})
_OF_NODES: Final = frozenset(
    {"pos", "size", "flags", "order", "mode", "inputs", "outputs", "properties", "widgets_values"}
)


@dataclass(frozen=True, slots=True)
class Found:
    """A workflow in a tree: its form, where it stands, and the workflow that goes with it."""

    form: Form
    base: str
    companion: Found | None = None


def find(tree: Any) -> Sequence[Found]:
    """The workflow that a tree is or wraps: one, or none; several if nothing says which of them is meant."""
    if not isinstance(tree, dict):
        return ()
    found = _alone(tree, "") or _in_history(tree)
    return (found,) if found is not None else _wrapped(tree)


def _alone(tree: Tree, base: str) -> Found | None:
    """What an object itself is: a workflow, a prompt or a queue request."""
    if isinstance(tree.get("nodes"), list) and _is_ui(tree):
        return Found("ui", base)
    found = _in_request(tree, base)
    if found is not None:
        return found
    if _is_prompt(tree) and (not base or _is_mostly_nodes(tree)):
        return Found("api", base)
    return Found("ui", base) if "nodes" in tree and _is_ui(tree) else None


def _in_request(tree: Tree, base: str) -> Found | None:
    """A queue request, or an entry of /history."""
    prompt, extra = tree.get("prompt"), tree.get("extra_data")
    at, extra_at = base + "/prompt", base + "/extra_data"
    is_request = not _REQUEST.isdisjoint(tree)
    if isinstance(prompt, list) and len(prompt) > 3:  # an entry of /history
        extra, prompt = prompt[3], prompt[2]
        at, extra_at = base + "/prompt/2", base + "/prompt/3"
        is_request = is_request or (isinstance(prompt, dict) and _is_prompt(prompt))
    # `prompt` is a possible id of a node, and a possible key in any JSON.
    if not isinstance(prompt, dict) or "class_type" in prompt or not is_request:
        return None
    for key in ("extra_pnginfo", "workflow"):
        extra = extra.get(key) if isinstance(extra, dict) else None
    if isinstance(extra, dict) and isinstance(extra.get("nodes"), list):
        return Found("api", at, Found("ui", f"{extra_at}/extra_pnginfo/workflow"))
    return Found("api", at)


def _in_history(tree: Tree) -> Found | None:
    """An answer of /history: entries by id. The newest one, which stands last, counts."""
    if not tree or not all(isinstance(entry, dict) and "outputs" in entry for entry in tree.values()):
        return None
    key, entry = list(tree.items())[-1]
    return _in_request(entry, pointer(key))


def _wrapped(tree: Tree) -> Sequence[Found]:
    """What stands in the members of an object, or in theirs; the nearest count.

    A workflow and a prompt side by side are one, as in a picture: the prompt is the workflow's companion.
    """
    level: Mapping[str, Tree] = {"": tree}
    for _ in range(MOST_KEYS):
        members = {
            owner: {owner + pointer(key): value for key, value in each.items() if isinstance(value, dict)}
            for owner, each in level.items()
        }
        groups = [[one for at, value in each.items() if (one := _alone(value, at))] for each in members.values()]
        groups = [group for group in groups if group]
        if len(groups) == 1 and sorted(one.form for one in groups[0]) == ["api", "ui"]:
            prompt, workflow = sorted(groups[0], key=lambda one: one.form)
            return (replace(workflow, companion=prompt),)
        if groups:
            return [one for group in groups for one in group]
        level = {at: value for each in members.values() for at, value in each.items()}
    return ()


def _is_prompt(tree: Tree) -> bool:
    """Whether some member is a node, be it a malformed one. Keys as nodes have them stand in other JSON as well."""
    objects = ((key, value) for key, value in tree.items() if isinstance(value, dict))
    likely = ((key, value) for key, value in objects if isinstance(value.get("inputs", {}), dict))
    return any(
        isinstance(value.get("class_type"), str) or ("inputs" in value and _ID.fullmatch(key)) for key, value in likely
    )


def _is_mostly_nodes(tree: Tree) -> bool:
    """Whether most members are nodes: what stands in other JSON is a prompt only if it is one as a whole."""
    nodes = [value for value in tree.values() if isinstance(value, dict) and isinstance(value.get("class_type"), str)]
    return 2 * len(nodes) > len(tree)


def _is_ui(tree: Tree) -> bool:
    """Whether an object with `nodes` is what the editor saves, and not some other program's graph."""
    nodes, links = tree["nodes"], tree.get("links")
    if not _COUNTERS.isdisjoint(tree) or (isinstance(links, list) and any(map(_is_link, links))):
        return True
    if not isinstance(nodes, list):
        return isinstance(links, list) and "version" in tree
    return any(map(_is_node, nodes)) or (not nodes and (links == [] or tree.keys() <= _GRAPH))


def _is_link(link: Any) -> bool:
    return isinstance(link, list) or (isinstance(link, dict) and "origin_id" in link)


def _is_node(node: Any) -> bool:
    if not isinstance(node, dict) or not isinstance(node.get("type"), str):
        return False
    return node.keys() <= _NODE or not _OF_NODES.isdisjoint(node)
