"""Breaks workflow files at random and gives them to every command that reads workflows.

    python -m tests.fuzz [--count 20000] [--seed 0] [-j 2]

Each document is a sample workflow, an official template or a small hostile one of which parts were replaced, removed,
repeated or exchanged. The law: every command returns or raises WftoolsError. What breaks it is printed with the number
that makes the document again (`--seed N --count 1`), and the exit status is 1.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import resource
import signal
import sys
import traceback
from collections import Counter
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import comfyui_workflow_templates_json

from wftools import Linter, Options, Session, WftoolsError, build, formatted, read, to_api, to_ui
from wftools.catalog.lookup import shipped
from wftools.catalog.packs import INDEX, pack
from wftools.deps import needs_of
from wftools.errors import UnforeseenError
from wftools.graph.naming import Setting
from wftools.overview import overview
from wftools.setting import Switch, with_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wftools import Document

SECONDS = 10
MEGABYTES = 4096  # of address space: torch is not loaded here
BATCH = 50

ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2, 3, 0.5, -0.0, 2**31, 2**53 + 1, 2**64, -(2**70), 10**400),
    *(float("nan"), float("inf"), -float("inf"), 1e308, 1e-320),
    *("", "0", "-10", "-20", "1", "01", "²", "5" * 5000, "57:3", "57:3:1", ":", "a/b~c", "\0", "\x1b[2J", "\ud800"),
    *("\u2028", "x" * 5000, "Reroute", "PrimitiveNode", "Note", "MarkdownNote", "workflow>a", "workflow/a", "KSampler"),
    *("LoadImage", "*", "INT", "COMBO", "control_after_generate", "fixed", "randomize", "%date:yyyy%", "{a|{b}|c"),
    *([], [[]], {}, {"": {}}, [None], ["1", 0], ["1", -1], ["1", 10**30], [1, 0], [["a"], {}], {"__value__": ["1", 0]}),
    *({"name": "a", "type": "INT", "link": 1}, {"content": "x"}, {"0": 1, "length": 2**32}),
    [1, 1, 0, 2, 0, "INT"],
)


@cache
def seeds() -> tuple[str, ...]:
    """The texts that documents are made from, the small ones first."""
    here = Path(__file__).parent
    templates = Path(comfyui_workflow_templates_json.__file__).parent.rglob("*.json")
    files = [*sorted((here.parent / "sample_workflows").glob("*.json")), *sorted(templates)]
    texts = [file.read_text("utf-8") for file in files]
    return tuple(sorted((text for text in texts if '"nodes"' in text and len(text) < 150_000), key=len))


def document(number: int) -> tuple[str, bytes]:
    """The document of a number: the kind of its making, and its bytes."""
    dice = random.Random(number)
    kind = dice.choice(["broken", "broken", "broken", "prompt", "subgraphs", "bytes"])
    younger = random.Random(f"kind {number}")  # what was added since: the documents of all other numbers stay
    if younger.random() < 0.3:
        kind = younger.choice(["packs", "wrapped"])
    if kind == "subgraphs":
        tree = nested(dice)
    elif kind == "packs":
        tree = of_packs(dice)
    else:
        tree = json.loads(dice.choice(seeds()[: dice.choice([20, 200, 700])]))
        if kind == "prompt":
            tree = to_api(build(read(json.dumps(tree).encode(), name="seed.json"))).prompt
    if kind != "bytes" or dice.random() < 0.5:
        tree = broken(tree, dice, dice.randint(1, 8))
    if kind == "wrapped":
        tree = wrapped(tree, dice)
    data = json.dumps(tree, indent=dice.choice([None, 2])).encode()
    if kind == "bytes":
        data = torn(data, dice)
    return kind, data


def broken(tree: Any, dice: random.Random, times: int) -> Any:
    """A copy of a tree with some of its parts replaced, removed, repeated, exchanged or renamed."""
    tree = copy.deepcopy(tree)
    for _ in range(times):
        holders = [part for part in _parts(tree) if part]
        if not holders:
            return dice.choice(ODD)
        holder = dice.choice(holders)
        key = dice.choice(list(holder)) if isinstance(holder, dict) else dice.randrange(len(holder))
        action = dice.choice(["odd", "odd", "odd", "remove", "repeat", "exchange", "wrap", "rename"])
        if action == "remove":
            del holder[key]
        elif action == "repeat" and isinstance(holder, list):
            holder.insert(dice.randrange(len(holder) + 1), copy.deepcopy(holder[key]))
        elif action == "exchange":
            other = dice.choice(holders)
            holder[key] = copy.deepcopy(other[dice.choice(list(other)) if isinstance(other, dict) else 0])
        elif action == "wrap":
            holder[key] = dice.choice([[holder[key]], {"a": holder[key]}, str(holder[key])])
        elif action == "rename" and isinstance(holder, dict):
            holder[str(dice.choice(ODD))] = holder.pop(key)
        else:
            holder[key] = copy.deepcopy(dice.choice(ODD))
    return tree


def _parts(tree: Any) -> Iterator[Any]:
    """Every object and array of a tree."""
    waiting = [tree]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict | list):
            yield part
            waiting += part.values() if isinstance(part, dict) else part


def nested(dice: random.Random) -> dict[str, Any]:
    """A workflow of subgraphs that hold each other, themselves, reroutes and bypassed nodes, linked at random."""
    names = [f"sub-{index}" for index in range(dice.randint(1, 6))]
    kinds = [
        *names,
        *names,
        "Reroute",
        "PreviewAny",
        "StringTrim",
        "PrimitiveNode",
        "LoadImage",
        "Unheard",
        "SaveImage",
    ]

    def scope(inside: bool) -> tuple[list[Any], list[Any]]:
        ids = dice.sample(range(1, 60), dice.randint(1, 6))
        ends = [*ids, *([-10] if inside else [])]
        nodes: list[Any] = []
        links: list[Any] = []
        for id_ in ids:
            slots = []
            for slot in range(dice.randint(0, 3)):
                link = len(links) + 1
                row = [link, dice.choice(ends), dice.randint(0, 1), id_, slot, "*"]
                keys = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
                links.append(dict(zip(keys, row, strict=True)) if inside else row)
                widget = {"widget": {"name": f"in{slot}"}} if dice.random() < 0.4 else {}
                slots.append({"name": f"in{slot}", "type": "*", "link": link, **widget})
            values = dice.choice([[], ["a"], [1, "fixed"], {"in0": 1}, 5, None, [[1]]])
            nodes.append(
                {
                    "id": id_,
                    "type": dice.choice(kinds),
                    "mode": dice.choice([0, 0, 0, 2, 4]),
                    "inputs": slots,
                    "outputs": [{"name": "o", "type": "*", "links": []}] * 2,
                    "widgets_values": values,
                    "properties": {"proxyWidgets": [[str(dice.choice(ids)), "in0"]]} if dice.random() < 0.3 else {},
                }
            )
        return nodes, links

    definitions = []
    for name in names:
        nodes, links = scope(inside=True)
        boundary = [
            {"id": f"{name}-{slot}", "name": f"in{slot}", "type": "*", "linkIds": [link["id"] for link in links]}
            for slot in range(2)
        ]
        definitions.append(
            {
                "id": name,
                "name": name,
                "nodes": nodes,
                "links": links,
                "inputNode": {"id": -10},
                "outputNode": {"id": -20},
                "inputs": boundary,
                "outputs": [{"id": f"{name}-o", "name": "o", "type": "*", "linkIds": []}] * 2,
            }
        )
    nodes, links = scope(inside=False)
    return {"nodes": nodes, "links": links, "definitions": {"subgraphs": definitions}, "version": 0.4}


@cache
def pack_types() -> tuple[str, ...]:
    """Node types of custom packs: those that are more than what is declared of them, and some of all others."""
    special = [
        "SetNode",
        "GetNode",
        "Reroute (rgthree)",
        "Anything Everywhere",
        "Prompts Everywhere",
        "Seed Everywhere",
    ]
    special += [
        "Anything Everywhere?",
        "Power Lora Loader (rgthree)",
        "VHS_VideoCombine",
        "VHS_LoadVideo",
        "PresetText",
    ]
    special += [
        "Fast Groups Muter (rgthree)",
        "easy setNode",
        "easy getNode",
        "ImpactWildcardEncode",
        "mxSlider",
        "Note",
    ]
    special += ["T2IAdapterLoader", "ConditioningAverage ", "Unheard", "PrimitiveNode", "SaveImage", "KSampler"]
    return (*special * 3, *sorted(pack(INDEX).types())[::40])


def of_packs(dice: random.Random) -> dict[str, Any]:
    """A workflow of nodes of custom packs, linked at random, with values that may be the packs' own."""
    ids = range(1, dice.randint(2, 14))
    links: list[Any] = []
    nodes: list[Any] = []
    rows = [{"on": True, "lora": "a.safetensors", "strength": 1}, {"type": "PowerLoraLoaderHeaderWidget"}, "", None, {}]
    rows += [{"name": "a", "active": False, "strength": "1"}, "fixed", 7, 0.5, "a", True, "pos", ["x"], [[]]]
    for id_ in ids:
        node_type = dice.choice(pack_types())
        signature = shipped().signature(node_type)
        names = [each.name for each in signature.inputs] if signature is not None else ["a", "b", "IMAGE"]
        slots = []
        for slot, name in enumerate(dice.sample(names, min(len(names), dice.randint(0, 4)))):
            link = len(links) + 1 if dice.random() < 0.7 else None
            if link is not None:
                links.append(
                    [link, dice.choice(ids), dice.randint(0, 2), id_, slot, dice.choice(["IMAGE", "*", "INT"])]
                )
            slots.append({"name": name, "type": "*", "link": link, **({"widget": {"name": name}} if slot % 2 else {})})
        values: Any = [dice.choice(rows) for _ in range(dice.randint(0, 8))]
        if dice.random() < 0.2:
            values = {name: dice.choice(rows) for name in names[:4]}
        properties = {
            "cnr_id": dice.choice(["rgthree-comfy", "comfyui-kjnodes", "", 7, None]),
            "ver": dice.choice(["1.0.0", "abcdef1", "x", 1]),
            "ue_properties": dice.choice([{}, {"version": "7.0"}, {"widget_ue_connectable": {"a": True}}, [], "x"]),
        }
        made = {"id": id_, "type": node_type, "mode": dice.choice([0, 0, 0, 2, 4]), "inputs": slots, "pos": [id_, 0]}
        outputs = [{"name": "o", "type": "*", "links": []}] * dice.randint(0, 3)
        nodes.append({**made, "outputs": outputs, "widgets_values": values, "properties": properties})
    broadcasts = [{"downstream": 1, "downstream_slot": 0, "upstream": "2", "upstream_slot": 0, "controller": 3}]
    extra = {"ue_links": dice.choice([broadcasts, [], {}, [None]])}
    return {"nodes": nodes, "links": links, "extra": extra, "version": 0.4}


def wrapped(tree: Any, dice: random.Random) -> Any:
    """A tree a key or two down, perhaps with another beside it."""
    for _ in range(dice.randint(1, 3)):
        key = dice.choice(["workflow", "prompt", "input", "data", "output", "extra_data", "1", "a/b~c", ""])
        tree = {key: tree}
        if dice.random() < 0.4:
            tree[dice.choice(["output", "prompt", "workflow", "client_id"])] = copy.deepcopy(dice.choice(ODD))
    return tree


def torn(data: bytes, dice: random.Random) -> bytes:
    """Bytes of which a few were changed, or the end is missing."""
    changed = bytearray(data)
    for _ in range(dice.randint(1, 4)):
        changed[dice.randrange(len(changed))] = dice.choice([dice.randrange(256), *b'{}[],:"0e-\\'])
    return bytes(changed[: dice.randrange(len(changed))] if dice.random() < 0.3 else changed)


def commands(data: bytes, name: str = "fuzz.json") -> Iterator[tuple[str, Callable[[], object]]]:
    """What every document is given to, by name."""
    workflow = read(data, name=name)
    yield "lint", lambda: Linter().lint_document(workflow)
    yield "to api", lambda: to_api(build(workflow))
    yield "to ui", lambda: to_ui(build(workflow))
    yield "fmt", lambda: formatted(workflow)
    yield "set", lambda: set_first(workflow)
    yield "show", lambda: overview(workflow)
    yield "deps", lambda: needs_of([(name, build(workflow))])
    yield "plan", lambda: Session(Options(dry_run=True, keep_going=True)).run([workflow])


def set_first(workflow: Document) -> None:
    """Set the first value that there is, and switch its node."""
    nodes = build(workflow).unfolded.nodes
    path, name = next(((path, name) for path, node in nodes.items() for name in node.given), ("1", "value"))
    with_settings(workflow, [Setting(f"{path}.{name}", 5, "5")], [Switch(path, "bypass")], force=True, shared=True)


def escaped(number: int) -> list[tuple[str, str]]:
    """What escaped from the commands for one document: the command and the exception, with the place it came from."""
    kind, data = document(number)
    found = []
    try:
        asked = list(commands(data))
    except Exception as error:
        return [] if is_foreseen(error) else [(f"read ({kind})", _told(error))]
    for name, command in asked:
        try:
            command()
        except Exception as error:
            if not is_foreseen(error):
                found.append((f"{name} ({kind})", _told(error)))
    return found


def is_foreseen(error: Exception) -> bool:
    """Whether an exception is an error that a person can do something about, and no fault of ours that was caught."""
    return isinstance(error, WftoolsError) and not isinstance(error, UnforeseenError)


def _told(error: BaseException) -> str:
    error = error.__cause__ or error
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "wftools" in frame.filename] or frames
    return f"{type(error).__name__} at {ours[-1].filename}:{ours[-1].lineno}: {str(error)[:80]}"


def _batch(numbers: range) -> list[tuple[int, str, str]]:
    """What escaped for some documents in a process that is bounded in time and memory."""
    resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES << 20, MEGABYTES << 20))
    signal.signal(signal.SIGALRM, _too_long)
    found = []
    for number in numbers:
        signal.alarm(SECONDS)
        try:
            found += [(number, *each) for each in escaped(number)]
        except TimeoutError:
            found.append((number, "any", f"more than {SECONDS} s"))
        finally:
            signal.alarm(0)
    return found


def _too_long(*_: object) -> None:
    raise TimeoutError


def main() -> int:
    """Look for documents that break the law, and tell of each kind of fault how often and where it was first seen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-j", "--processes", type=int, default=2)
    given = parser.parse_args()
    counts: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], int] = {}
    starts = range(given.seed, given.seed + given.count, BATCH)
    # New processes now and then: what one has kept must not stop it at the bound of its memory.
    with get_context("spawn").Pool(given.processes, maxtasksperchild=40) as pool:
        ranges = [range(start, min(start + BATCH, given.seed + given.count)) for start in starts]
        for found in pool.imap(_batch, ranges):
            for number, command, what in found:
                counts[command, what] += 1
                if first.setdefault((command, what), number) == number:
                    print(f"{number}: {command}: {what}", flush=True)
    print(f"{given.count} documents, {sum(counts.values())} faults of {len(counts)} kinds")
    return 1 if counts else 0


if __name__ == "__main__":
    sys.exit(main())
