"""What was done to a workflow, in words."""

from __future__ import annotations

import json
import statistics
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest

from tests.versions import Item, pairs
from wftools.diff import FileDiff, Options, Report, compared, told
from wftools.diff.reporters import text
from wftools.diff.story import Telling, plain
from wftools.document import read_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftools.document.document import Tree

SAMPLES = Path(__file__).parents[3] / "sample_workflows"
SAVE_AT = 9  # the link from VAEDecode #6 to SaveImage #7 in txt2img.json


def lines(old: Tree, new: Tree, **options: Any) -> list[str]:
    """The story of two trees, as the text report has it."""
    before, after = (read_json(json.dumps(tree), "flow.json") for tree in (old, new))
    file = FileDiff("flow.json", before, after, compared(before, after))
    return click.unstyle(text.render(Report((file,), Options(**options)))).splitlines()


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))


def node(tree: Tree, id_: int) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in tree["nodes"] if each["id"] == id_)
    return found


def set_widget(tree: Tree, id_: int, name: str, value: Any) -> Any:
    found = node(tree, id_)
    named = found["widgets_values_named"]
    found["widgets_values"][found["widgets_values"].index(named[name])] = value
    named[name] = value


def unlink(tree: Tree, *ids: int) -> None:
    tree["links"] = [row for row in tree["links"] if row[0] not in ids]
    for each in tree["nodes"]:
        for slot in each["inputs"]:
            if slot["link"] in ids:
                slot["link"] = None


def link(tree: Tree, id_: int, source: tuple[int, int], target: tuple[int, int], kind: str) -> None:
    unlink(tree, *[row[0] for row in tree["links"] if (row[3], row[4]) == target])
    tree["links"].append([id_, *source, *target, kind])
    node(tree, target[0])["inputs"][target[1]]["link"] = id_


def remove(tree: Tree, id_: int) -> Any:
    unlink(tree, *[row[0] for row in tree["links"] if id_ in (row[1], row[3])])
    tree["nodes"] = [each for each in tree["nodes"] if each["id"] != id_]


def add(tree: Tree, id_: int, kind: str, inputs: list[str], output: str, **more: Any) -> None:
    slots = [{"name": name, "type": output, "link": None} for name in inputs]
    outputs = [{"name": output, "type": output, "links": []}]
    made = {"id": id_, "type": kind, "pos": [0, 0], "size": [100, 100], "inputs": slots, "outputs": outputs, **more}
    tree["nodes"].append(made)


def insert_on_link(tree: Tree) -> None:
    add(tree, 9, "ImageInvert", ["image"], "IMAGE")
    link(tree, 20, (6, 0), (9, 0), "IMAGE")
    link(tree, 21, (9, 0), (7, 0), "IMAGE")


def add_in_place_of_a_source(tree: Tree) -> None:
    add(tree, 9, "LoadImage", [], "IMAGE", mode=4)
    link(tree, 20, (9, 0), (7, 0), "IMAGE")


def replace_negative_prompt(tree: Tree) -> None:
    link(tree, 20, (3, 0), (5, 2), "CONDITIONING")


def regroup(tree: Tree) -> None:
    box = [0, 0, 10, 10]
    tree["groups"] = [{"id": 1, "title": "One", "bounding": box}, {"id": 2, "title": "Two", "bounding": box}]


def renumber(tree: Tree) -> None:
    for row in tree["links"]:
        row[0] += 100
        row[1] += 100
        row[3] += 100
    for each in tree["nodes"]:
        each["id"] += 100
        for slot in each["inputs"]:
            slot["link"] = slot["link"] + 100 if slot["link"] is not None else None


def text_of(tree: Tree, id_: int, words: str) -> None:
    found = node(tree, id_)
    found["widgets_values"] = [words]
    found.pop("widgets_values_named", None)


EDITS: dict[str, tuple[Callable[[Tree], Any], list[str]]] = {
    "a value": (lambda tree: set_widget(tree, 5, "seed", 8), ["~ KSampler #5: seed 7 → 8"]),
    "several values of a node": (
        lambda tree: [set_widget(tree, *each) for each in ((5, "seed", 8), (7, "filename_prefix", "x y"))],
        ["~ KSampler #5: seed 7 → 8", "~ SaveImage #7: filename_prefix txt2img → x y"],
    ),
    "a number and the text that looks like it": (
        lambda tree: set_widget(tree, 2, "width", "128"),
        ['~ EmptyLatentImage #2 "Size": width 128 → "128"'],
    ),
    "the same of several nodes": (
        lambda tree: [node(tree, id_).update(mode=4) for id_ in (3, 4, 6)],
        ['~ CLIPTextEncode #3 "Prompt", #4 "Negative prompt", VAEDecode #6: bypassed'],
    ),
    "words of a text": (
        lambda tree: text_of(tree, 8, node(tree, 8)["widgets_values"][0].replace("coloured", "striped")),
        ['~ MarkdownNote #8 "Read me first": text …wftools: it paints [-coloured-]{+striped+} shapes at 128…'],
    ),
    "another text": (
        lambda tree: text_of(tree, 8, "Nothing of what stood here before, in not one of all of its words, remains."),
        [
            '~ MarkdownNote #8 "Read me first": text ## A picture from a prompt↵↵The model is the on… →'
            " Nothing of what",
            "    stood here before, in not one o…",
        ],
    ),
    "a title": (
        lambda tree: node(tree, 2).update(title="Shape"),
        ['~ EmptyLatentImage #2 "Shape": renamed from "Size"'],
    ),
    "a node between two": (insert_on_link, ["+ ImageInvert #9 between #6.IMAGE and #7.images"]),
    "a node in place of another source": (
        add_in_place_of_a_source,
        ["+ LoadImage #9 (bypassed), to #7.images instead of #6.IMAGE"],
    ),
    "a node that is gone": (
        lambda tree: remove(tree, 4),
        ['- CLIPTextEncode #4 "Negative prompt" which fed #5.negative'],
    ),
    "a chain that is gone": (
        lambda tree: [remove(tree, id_) for id_ in (5, 6)],
        ["- KSampler #5", "- VAEDecode #6 which fed #7.images"],
    ),
    "another source": (
        replace_negative_prompt,
        [
            "~ KSampler #5: negative rewired from CLIPTextEncode #4.CONDITIONING to CLIPTextEncode #3.CONDITIONING",
        ],
    ),
    "a link that is gone": (
        lambda tree: unlink(tree, SAVE_AT),
        ["~ SaveImage #7: images disconnected from VAEDecode #6.IMAGE"],
    ),
    "groups": (regroup, ['+ groups "One", "Two"']),
    "something that nobody knows": (
        lambda tree: node(tree, 5)["properties"].update(mine={"a": 1}),
        ['~ KSampler #5: property.mine set to {"a": 1}'],
    ),
    "other ids only": (renumber, ["no change of meaning; noise: 13 hidden (-v)"]),
    "a muted node": (lambda tree: node(tree, 6).update(mode=2), ["~ VAEDecode #6: muted"]),
}


@pytest.mark.parametrize(("edit", "told_as"), EDITS.values(), ids=EDITS.keys())
def test_what_was_done_is_told_in_a_line(edit: Callable[[Tree], Any], told_as: list[str]) -> None:
    old = sample("txt2img")
    new = deepcopy(old)
    edit(new)

    found = lines(old, new)

    assert [line for line in found if not line.startswith(("layout:", "noise:", "definitions:", "seeds:"))] == told_as


INSIDE = "790bb607-cf03-50c1-b339-2b767e8e5296"


def definition(tree: Tree) -> dict[str, Any]:
    found: dict[str, Any] = tree["definitions"]["subgraphs"][0]
    return found


def promote_steps(tree: Tree) -> None:
    inside = definition(tree)
    inside["inputs"].append({"id": "s", "name": "steps", "label": "quality", "type": "INT", "linkIds": [30]})
    row = {"id": 30, "origin_id": -10, "origin_slot": 5, "target_id": 34, "target_slot": 5, "type": "INT"}
    inside["links"].append(row)
    node(inside, 34)["inputs"][5]["link"] = 30
    for id_, value in ((10, 12), (11, 14)):
        instance = node(tree, id_)
        slot = {"name": "steps", "label": "quality", "type": "INT", "widget": {"name": "steps"}, "link": None}
        instance["inputs"].append(slot)
        instance["widgets_values"].append(value)
        if "widgets_values_named" in instance:
            instance["widgets_values_named"]["steps"] = value


def unfold(tree: Tree) -> None:
    remove(tree, 10)
    remove(tree, 11)
    del tree["definitions"]


IN_SUBGRAPHS: dict[str, tuple[Callable[[Tree], Any], list[str]]] = {
    "a value inside": (
        lambda tree: set_widget(definition(tree), 31, "width", 256),
        ['subgraph "Prompt to picture" (#10, #11):', '  ~ EmptyLatentImage #31 "Size": width 128 → 256'],
    ),
    "a value that an instance shows": (
        lambda tree: set_widget(tree, 10, "seed", 5),
        ["~ Prompt to picture #10: seed 3 → 5"],
    ),
    "a new input, with what it is set to": (
        promote_steps,
        [
            'subgraph "Prompt to picture" (#10, #11):',
            "  + input quality to #34.steps, set to 12 in #10, set to 14 in #11",
        ],
    ),
    "a subgraph that is gone with its instances": (
        unfold,
        [
            "- Prompt to picture #10 (with its subgraph of 5 nodes), which fed #20.images",
            "- Prompt to picture #11 (with its subgraph of 5 nodes), which fed #21.images",
        ],
    ),
    "another name": (
        lambda tree: definition(tree).update(name="Painter"),
        ['subgraph "Painter" (#10, #11):', '  ~ subgraph: renamed from "Prompt to picture"'],
    ),
}


@pytest.mark.parametrize(("edit", "told_as"), IN_SUBGRAPHS.values(), ids=IN_SUBGRAPHS.keys())
def test_what_was_done_to_a_subgraph_is_told_once(edit: Callable[[Tree], Any], told_as: list[str]) -> None:
    old = sample("subgraph")
    new = deepcopy(old)
    edit(new)

    found = lines(old, new)

    assert [line for line in found if not line.startswith(("layout:", "noise:", "definitions:", "seeds:"))] == told_as


def use_model(tree: Tree, name: str) -> None:
    """Another checkpoint, which the node lists as its model, too."""
    loader = node(tree, 1)
    loader["widgets_values"] = [name]
    loader["widgets_values_named"] = {"ckpt_name": name}
    url = f"https://example.org/{name}"
    loader["properties"]["models"] = [{"name": name, "url": url, "directory": "checkpoints"}]


def test_a_model_file_is_told_with_the_widget_that_names_it() -> None:
    old, new = sample("txt2img"), sample("txt2img")
    use_model(old, "a.safetensors")
    use_model(new, "b.safetensors")

    (brief,) = [line for line in lines(old, new) if line[0] in "+-~"]
    full = " ".join(line.strip() for line in lines(old, new, is_full=True))

    assert brief == "~ CheckpointLoaderSimple #1: ckpt_name a.safetensors → b.safetensors"
    assert "model file checkpoints/a.safetensors no longer listed" in full


def test_a_model_file_from_elsewhere_is_told_by_its_address() -> None:
    old, new = sample("txt2img"), sample("txt2img")
    use_model(old, "a.safetensors")
    use_model(new, "a.safetensors")
    node(new, 1)["properties"]["models"][0]["url"] = "https://example.com/a.safetensors"

    told_as = " ".join(line.strip() for line in lines(old, new))

    assert told_as == (
        "~ CheckpointLoaderSimple #1: address of model file checkpoints/a.safetensors"
        " https://example.org/a.safetensors → https://example.com/a.safetensors"
    )


@pytest.mark.parametrize("level", ["semantic", "layout", "all"])
@pytest.mark.parametrize("item", pairs(), ids=str)
def test_every_change_is_told_in_one_entry(item: Item, level: Any) -> None:
    """Be it only as something that follows from another one."""
    comparison = compared(item.document("old"), item.document("new"))

    entries = told(comparison, level).entries

    counted = sorted(id(change) for entry in entries for change in entry.changes)
    assert counted == sorted(map(id, comparison.at(level)))
    assert all(entry.head and plain(entry.head).strip() for entry in entries)


def test_a_story_is_short() -> None:
    """At most 14 lines in the median, and 45 for nine of ten, where the editor saved a file in between."""
    counts = []
    for item in pairs():
        if item.tree("old").get("extra", {}).get("ds") == item.tree("new").get("extra", {}).get("ds"):
            continue
        counts.append(len(lines(item.tree("old"), item.tree("new"))))

    assert len(counts) > 20
    assert statistics.median(counts) <= 14
    assert statistics.quantiles(counts, n=10)[-1] <= 45


def test_the_full_story_cuts_nothing() -> None:
    prompt = " ".join(f"word{index}" for index in range(400))
    old = {"1": {"class_type": "CLIPTextEncode", "inputs": {"text": prompt}}}
    new = {"1": {"class_type": "CLIPTextEncode", "inputs": {"text": prompt.upper()}}}
    comparison = compared(*(read_json(json.dumps(tree), "flow.json") for tree in (old, new)))

    full = plain(told(comparison, telling=Telling(is_full=True)).entries[0].details[0])

    assert "word399" in full
    assert "WORD399" in full
    assert len(plain(told(comparison).entries[0].details[0])) < 200
