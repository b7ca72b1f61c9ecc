"""Pairs of real versions: what is said of them is what has changed, and all of it.

The truth stands in the manifest, was read by hand, or is told by plain JSON and by the prompts; not by what is tested.
"""

from __future__ import annotations

import json
import statistics
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.graph import cases
from tests.versions import Item, pairs, synthetic
from wftools.convert.to_api import to_api
from wftools.diff import Added, Changed, FileDiff, Options, Removed, Report, compared
from wftools.diff.changes import Endpoint
from wftools.diff.reporters import REPORTERS
from wftools.document import read_json
from wftools.graph import build

if TYPE_CHECKING:
    from collections.abc import Callable

NOW: Final = datetime(2026, 1, 1)
MODELS: Final = "https://huggingface.co/Comfy-Org/HiDream-I1_ComfyUI"
TEXT: Final = (
    "Child lying on bed with balloons, streamers, and plush toys, surreal dreamlike scene. "
    "Close-up, centered on the child and surrounding objects. Soft, diffused lighting."
)

# What was verified by hand: the subject, what of it, and both values. Widgets are known by their values.
FACTS: Final[dict[str, list[tuple[Any, ...]]]] = {
    "p063": [("+", "node", "13"), ("node", "10", "link", "3.IMAGE", "8.images")],
    "p077": [("node", "3", "widget", "5", "auto")],
    "p087": [
        ("+", "input", "sampling"),
        ("node", "8", "link", None, "-10.sampling"),
        ("node", "8", "widget", "flow", "img_to_img_velocity"),
        ("node", "24", "widget", None, "img_to_img_velocity"),
    ],
    "p089": [("node", "16", "widget", "5", "auto")],
    "p101": [("node", "12", "widget", "hooded_wanderer_planet_bridge.png", "hooded_wanderer_planet_bridge.mp4")],
    "p103": [("node", "4", "widget", "3d/hunyuan_retoplogy", "3d/hunyuan_retopology")],
    "p105": [("node", "9", "widget", " (for Local Users)", "")],
    "p107": [("node", "9", "widget", " (for Local Users)", "")],
    "p109": [("node", "2", "widget", "Flux.3_image", "FLUX_3_Image")],
    "p113": [("node", "210", "widget", "voice_demo.mp3", "long_demo.mp3")],
    "p115": [
        ("node", "210", "widget", "voice_demo.mp3", "long_demo.mp3"),
        ("node", "221", "widget", "voice_demo.mp3", "long_demo.mp3"),
    ],
    "p125": [
        *[("node", "42", "model", f"{MODELS}/blob/main/", f"{MODELS}/resolve/main/")] * 4,
        ("node", "43", "model", f"{MODELS}/blob/main/", f"{MODELS}/resolve/main/"),
    ],
    "p127": [  # values of an instance that are those of the widgets inside, cleared
        ("node", "57", "widget", TEXT, None),
        *[("node", "57", "widget", None, None)] * 4,  # numbers
        ("node", "57", "widget", "ovis_image_bf16.safetensors", None),
        ("node", "57", "widget", "ovis_2.5.safetensors", None),
        ("node", "57", "widget", "ae.safetensors", None),
    ],
    "p129": [("node", node, "widget", "", None) for node in ("36", "37", "38")],
}


def fact(change: Any) -> tuple[Any, ...]:
    """A change as the table has it."""
    subject = change.subject
    if isinstance(change, Added | Removed):
        return ("+" if isinstance(change, Added) else "-", subject.kind, subject.id)
    return (subject.kind, subject.id, change.key[0], change.old, change.new)


def is_meant(wanted: tuple[Any, ...], found: tuple[Any, ...]) -> bool:
    """Whether a change is the one of the table, where texts may say only what was replaced in them."""
    if len(wanted) != len(found) or wanted[:3] != found[:3]:
        return False
    if len(wanted) == 3:
        return True
    old, new = found[3:]
    match old, new:
        case list(), list():
            return wanted[3:] == (len(old), len(new))
        case dict(), dict():
            return is_replaced(old["url"], new["url"], *wanted[3:]) and old | {"url": ""} == new | {"url": ""}
        case str(), str():
            return is_replaced(old, new, *wanted[3:])
    return tuple(map(short, (old, new))) == wanted[3:]


def is_replaced(old: str, new: str, part: str, by: str) -> bool:
    return old != new and old.replace(part, by) == new


def short(value: Any) -> Any:
    return f"{value.node}.{value.output}" if isinstance(value, Endpoint) else value if isinstance(value, str) else None


@pytest.mark.parametrize("item", [each for each in pairs() if "what_changed" in each.known], ids=str)
def test_what_was_verified_by_hand_is_said_and_nothing_else(item: Item) -> None:
    found = [fact(each) for each in compared(item.document("old"), item.document("new")).at("semantic")]

    for wanted in FACTS[item.id]:
        match = next((each for each in found if is_meant(wanted, each)), None)
        assert match is not None, (wanted, found)
        found.remove(match)
    assert found == []


@pytest.mark.parametrize("item", pairs(), ids=str)
def test_no_pair_that_differs_is_silent(item: Item) -> None:
    comparison = compared(item.document("old"), item.document("new"))

    assert bool(comparison.at("all")) == (item.tree("old") != item.tree("new"))


@pytest.mark.parametrize("item", pairs(), ids=str)
def test_what_changes_the_prompt_means_something(item: Item) -> None:
    """But for seeds, which every run changes."""
    prompts = [to_api(build(item.document(version)), now=NOW).prompt for version in ("old", "new")]

    comparison = compared(item.document("old"), item.document("new"))

    old, new = map(without_seeds, prompts)
    assert old == new or comparison.at("semantic")


def without_seeds(prompt: dict[str, Any]) -> dict[str, Any]:
    return {
        path: [node["class_type"], {name: value for name, value in node["inputs"].items() if "seed" not in name}]
        for path, node in prompt.items()
    }


ONLY_DRAWN: Final = [each for each in pairs() if not any(key.startswith("s.") for key in each.known["classes"])]


@pytest.mark.parametrize("item", ONLY_DRAWN, ids=str)
def test_what_only_looks_different_is_reported_as_layout(item: Item) -> None:
    comparison = compared(item.document("old"), item.document("new"))

    assert comparison.at("layout")
    assert comparison.at("semantic") == ()


# What opening, running and saving a file does, done to plain JSON.


def scrolled(tree: dict[str, Any]) -> None:
    tree.setdefault("extra", {})["ds"] = {"scale": 0.123, "offset": [1.5, 2.5]}
    tree["extra"]["frontendVersion"] = "9.9.9"


def brought_to_the_front(tree: dict[str, Any]) -> None:
    tree["nodes"].append(tree["nodes"].pop(0))
    for rank, node in enumerate(tree["nodes"]):
        node["order"] = rank + 7


def with_other_link_ids(tree: dict[str, Any]) -> None:
    """Of the root; new ones are larger than all that are there."""
    ids = {row[0]: row[0] + 5000 for row in tree["links"]}
    for row in tree["links"]:
        row[0] = ids[row[0]]
    for node in tree["nodes"]:
        for slot in node.get("inputs") or ():
            slot["link"] = ids.get(slot.get("link"), slot.get("link"))
        for slot in node.get("outputs") or ():
            slot["links"] = [ids.get(each, each) for each in slot["links"]] if slot.get("links") else slot.get("links")
    tree["last_link_id"] = tree.get("last_link_id", 0) + 5000


def without_what_is_derived(tree: dict[str, Any]) -> None:
    for node in tree["nodes"]:
        for slot in (*(node.get("inputs") or ()), *(node.get("outputs") or ())):
            slot.pop("localized_name", None)
            slot["slot_index"] = 3
        node.setdefault("properties", {})["ver"] = "9.9.9"


@pytest.mark.parametrize("noise", [scrolled, brought_to_the_front, with_other_link_ids, without_what_is_derived])
@pytest.mark.parametrize("item", pairs(), ids=str)
def test_noise_is_reported_as_noise(item: Item, noise: Callable[[dict[str, Any]], None]) -> None:
    """Nothing has changed, and something is told where all is asked for."""
    tree = item.tree("old")
    noise(tree)
    if tree == item.tree("old"):
        return

    comparison = compared(item.document("old"), read_json(json.dumps(tree), "new.json"))

    assert comparison.at("layout") == ()
    assert comparison.at("all")


def test_reports_of_what_the_editor_has_saved_are_short() -> None:
    """Where git shows a median of 312 lines."""
    lengths = [len(report(item).splitlines()) for item in pairs() if {"v.ds", "v.order"} & item.known["classes"].keys()]

    assert len(lengths) == 43
    assert statistics.median(lengths) <= 14
    assert statistics.quantiles(lengths, n=10)[-1] <= 45


@pytest.mark.parametrize("item", pairs(), ids=str)
def test_no_report_is_empty(item: Item) -> None:
    """That nothing but noise has changed is said, too."""
    assert report(item).strip() or item.texts["old"] == item.texts["new"]


def report(item: Item) -> str:
    old, new = item.document("old"), item.document("new")
    options = Options("semantic")
    file = FileDiff("flow.json", old, new, compared(old, new), "semantic", is_identical=old.text == new.text)
    rendered = REPORTERS.load("text").render(Report((file,), options))
    return rendered if isinstance(rendered, str) else rendered.decode()


SIDES: Final = [(item, side) for item in synthetic() for side in ("ours", "theirs")]


@pytest.mark.parametrize(("item", "side"), SIDES, ids=str)
def test_edits_that_are_known_are_said_and_nothing_else(item: Item, side: str) -> None:
    """A deleted node takes its links with it."""
    found = list(compared(item.document("base"), item.document(side)).at("semantic"))
    edits = item.known["must_hold"][side]
    deleted = {str(id_) for what, id_, *_ in edits if what == "deleted"}

    for edit in edits:
        match = next((change for change in found if is_edit(change, edit)), None)
        assert match is not None, (edit, found)
        found.remove(match)
    left = [change for change in found if not (is_cut(change, deleted) or is_put_in_between(change, edits))]
    assert left == []


def is_edit(change: Any, edit: list[Any]) -> bool:
    """Whether a change is what the manifest says that was done."""
    what, *of = edit
    subject, key = change.subject, getattr(change, "key", ())[:1]
    tree: Any = change.content.tree if isinstance(change, Added | Removed) else {}
    match what:
        case "widget" | "title" | "mode":
            return (subject.scope, subject.id, key, change_to(change)) == ("", str(of[0]), (what,), of[-1])
        case "inner":
            return (subject.scope, subject.id, key, change_to(change)) == (of[0], str(of[1]), ("widget",), of[-1])
        case "link":
            end = change_to(change)
            return (subject.id, key) == (str(of[2]), ("link",)) and (end.node, end.index) == (str(of[0]), of[1])
        case "deleted":
            return isinstance(change, Removed) and subject == ("", "node", str(of[0]))
        case "insert" | "group":
            kind = "node" if what == "insert" else "group"
            return isinstance(change, Added) and subject.kind == kind and tree["title"] == of[0]
        case "note":
            return isinstance(change, Added) and tree.get("widgets_values") == [f"{of[0]} text"]
    raise AssertionError(what)


def change_to(change: Any) -> Any:
    return change.new if isinstance(change, Changed) else None


def is_cut(change: Any, deleted: set[str]) -> bool:
    is_link = isinstance(change, Changed) and change.key[0] == "link"
    return is_link and isinstance(change.old, Endpoint) and change.old.node in deleted and not change.new


def is_put_in_between(change: Any, edits: list[list[Any]]) -> bool:
    """Whether the input of a node leads to a new one before it."""
    targets = {str(target) for what, *of in edits if what == "insert" for target in of[2:3]}
    return isinstance(change, Changed) and change.key[0] == "link" and change.subject.id in targets


def test_places_without_names_of_two_types_are_not_compared() -> None:
    """Where one node took the place of another: what the third value of each is for, nobody knows."""
    load = cases.node(1, "LoadImage", outputs=["IMAGE"], values=["a.png", "image"])
    save = cases.node(3, "SaveImage", [("images", "IMAGE", 2)], values=["out"])
    links = [[1, 1, 0, 2, 0, "IMAGE"], [2, 2, 0, 3, 0, "IMAGE"]]
    old = cases.node(2, "OldOfSomePack", [("image", "IMAGE", 1)], ["IMAGE"], [1, 0.5, 512])
    new = cases.node(2, "NewOfSomePack", [("image", "IMAGE", 1)], ["IMAGE"], [False, 1, False])
    versions = [cases.workflow([load, each, save], links) for each in (old, new)]

    comparison = compared(*(read_json(json.dumps(each), "flow.json") for each in versions))

    assert [(change.subject.id, getattr(change, "key", None)) for change in comparison.at("semantic")] == [
        ("2", ("type",))
    ]
