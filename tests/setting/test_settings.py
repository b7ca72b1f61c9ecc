"""Settings of workflows: what is named, where its value stands, and what else changes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.graph.cases import node, subgraph, workflow
from wftools.convert.to_api import to_api
from wftools.document import Document, read_json
from wftools.document.textdiff import textdiff
from wftools.errors import InputError
from wftools.graph import build
from wftools.graph.naming import setting
from wftools.setting import Switch, with_settings

# 57 and 58 are instances of one definition. Its input `steps` is promoted; cfg and the text are inside only.
INNER = subgraph(
    "inner",
    [
        node(3, "KSampler", [("*steps", "INT", 1)], ["LATENT"], [5, "fixed", 20, 8, "euler", "simple", 1]),
        node(4, "KSampler", [("*steps", "INT", 2)], ["LATENT"], [5, "fixed", 20, 8, "euler", "simple", 1]),
        node(6, "PrimitiveString", values=["a cat"], title="Prompt", mode=2),
    ],
    [[1, -10, 0, 3, 0, "INT"], [2, -10, 0, 4, 0, "INT"]],
    [("steps", "INT", [1, 2])],
)


def instance(id_: int, **more: Any) -> Any:
    return node(id_, "inner", [("*steps", "INT", None)], **more)


TWICE = workflow(
    [
        node(1, "PrimitiveInt", values=[7, "fixed"], title="Height", widgets_values_named={"value": 7, "c": "fixed"}),
        node(2, "EmptyImage", [("*width", "INT", 9), ("*height", "INT", 8)], ["IMAGE"], [64, 32, 1, 0], title="Canvas"),
        node(5, "PrimitiveNode", (), ["INT"], [64, "fixed"], title="Width"),
        instance(57, values=[30], title="First"),
        instance(58, values=[40], title="Second"),
        node(9, "Note", values=["todo"]),
        node(10, "PreviewAny", mode=4),
    ],
    [[8, 1, 0, 2, 1, "INT"], [9, 5, 0, 2, 0, "INT"]],
    definitions={"subgraphs": [INNER]},
)
ONCE = {**TWICE, "nodes": [each for each in TWICE["nodes"] if each["id"] != 58]}
PROMPT = {
    "1": {"class_type": "PrimitiveInt", "inputs": {"value": 7}, "_meta": {"title": "Height"}},
    "2": {"class_type": "EmptyImage", "inputs": {"width": 64.0, "height": ["1", 0], "batch_size": 1}},
    "3": {"class_type": "OfSomePack", "inputs": {"value": "x", "more": None}},
    "4": {"class_type": "PrimitiveString"},
}


def document(tree: dict[str, Any]) -> Document:
    return read_json(json.dumps(tree, indent=2), "flow.json")


def after(tree: dict[str, Any], *wanted: str, shared: bool = False) -> Document:
    return with_settings(document(tree), [setting(each) for each in wanted], shared=shared).document


def differing(old: Any, new: Any, at: str = "") -> dict[str, Any]:
    """The new values of two trees, by the places where they differ."""
    if isinstance(old, dict) and isinstance(new, dict):
        keys = [*old, *(key for key in new if key not in old)]
        pairs = {key: (old.get(key), new.get(key)) for key in keys}
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = dict(enumerate(zip(old, new, strict=True)))
    else:
        return {} if repr(old) == repr(new) else {at: new}
    return {place: value for key, pair in pairs.items() for place, value in differing(*pair, f"{at}/{key}").items()}


@pytest.mark.parametrize(
    ("tree", "wanted", "expected"),
    [
        (TWICE, "1.value=8", {"/nodes/0/widgets_values/0": 8, "/nodes/0/widgets_values_named/value": 8}),
        (TWICE, "Height.value=8", {"/nodes/0/widgets_values/0": 8, "/nodes/0/widgets_values_named/value": 8}),
        (TWICE, "EmptyImage.batch_size=2", {"/nodes/1/widgets_values/2": 2}),
        (TWICE, "5.value=128", {"/nodes/2/widgets_values/0": 128}),  # what a primitive node gives
        (TWICE, "Note.text=done", {"/nodes/5/widgets_values/0": "done"}),
        (TWICE, "57.steps=31", {"/nodes/3/widgets_values/0": 31}),  # of the instance, for all that is in it
        (TWICE, "Second.steps=31", {"/nodes/4/widgets_values/0": 31}),
        (ONCE, "57:3.cfg=7.5", {"/definitions/subgraphs/0/nodes/0/widgets_values/3": 7.5}),
        (ONCE, "Prompt.value=a dog", {"/definitions/subgraphs/0/nodes/2/widgets_values/0": "a dog"}),  # though muted
        (PROMPT, "1.value=8", {"/1/inputs/value": 8}),
        (PROMPT, "2.width=32", {"/2/inputs/width": 32.0}),  # spelled as before
        (PROMPT, "2.color=255", {"/2/inputs/color": 255}),  # an input that was not given
        (PROMPT, "4.value=x", {"/4/inputs": {"value": "x"}}),
        (PROMPT, "3.value=5", {"/3/inputs/value": "5"}),  # a text, as before
        (PROMPT, "3.more=[1, 2]", {"/3/inputs/more": {"__value__": [1, 2]}}),  # a list that is no link
        (PROMPT, '3.more={"a": null}', {"/3/inputs/more": {"a": None}}),
    ],
)
def test_a_value_is_written_where_it_comes_from(tree: dict[str, Any], wanted: str, expected: dict[str, Any]) -> None:
    """And nothing else is written."""
    assert differing(tree, after(tree, wanted).tree) == expected


@pytest.mark.parametrize(
    ("wanted", "message", "hint"),
    [
        ("77.value=1", "77.value: there is no node '77'", "did you mean '57'?"),
        ("Canvs.width=1", "Canvs.width: there is no node 'Canvs'", "did you mean 'Canvas'?"),
        ("KSampler.cfg=1", "KSampler.cfg: 4 nodes are called 'KSampler': 57:3, 57:4, 58:3, 58:4", "name one by its id"),
        ("2.hight=1", "2.hight: node 2 (EmptyImage) has no input 'hight'", "did you mean 'height'?"),
        (
            "2.height=1",
            "2.height: height of node 2 (EmptyImage) is linked to output 0 of node 1 (PrimitiveInt)",
            "set an input of that node",
        ),
        (
            "2.width=1",
            "2.width: width of node 2 (EmptyImage) is linked to node 5 (PrimitiveNode)",
            "set that: 5.value=",
        ),
        ("57:3.model=x", "57:3.model: model takes MODEL, which only a link gives", ""),
        (
            "57:3.cfg=7",
            "57:3.cfg: 58:3.cfg would change as well, since the file has one place for all",
            "--shared changes them together",
        ),
        ("57:3.steps=9", "57:3.steps: 57:4.steps would change as well, since the file has one place for all", ""),
        ("1.value=many", "1.value: value takes a whole number, not 'many'", ""),
    ],
)
def test_what_cannot_be_set_is_one_clear_error(wanted: str, message: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        after(TWICE, wanted)

    assert (caught.value.message, (caught.value.hint or "")[: len(hint)]) == (message, hint)
    assert str(caught.value).startswith("flow.json: ")


def test_what_is_shared_changes_together_if_that_is_asked_for() -> None:
    changed = after(TWICE, "57:3.cfg=7.5", shared=True)

    assert differing(TWICE, changed.tree) == {"/definitions/subgraphs/0/nodes/0/widgets_values/3": 7.5}
    assert [to_api(build(changed)).prompt[path]["inputs"]["cfg"] for path in ("57:3", "58:3")] == [7.5, 7.5]


def test_a_prompt_does_not_take_a_value_in_place_of_a_link() -> None:
    with pytest.raises(InputError, match=r"height of node 2 .EmptyImage. is linked to output 0 of node 1"):
        after(PROMPT, "2.height=5")


def test_force_takes_what_is_not_offered() -> None:
    changed = with_settings(document(ONCE), [setting("57:3.sampler_name=mine")], force=True)

    assert to_api(build(changed.document)).prompt["57:3"]["inputs"]["sampler_name"] == "mine"


def test_a_later_setting_names_what_an_earlier_one_has_brought() -> None:
    """The choice of a dynamic combo has inputs of its own."""
    tree = workflow([node(1, "ResizeImageMaskNode", (), ["*"], ["scale by multiplier", 1, "area"])], [])

    changed = after(tree, "1.resize_type=scale longer dimension", "1.resize_type.longer_size=640")

    assert changed.tree["nodes"][0]["widgets_values"] == ["scale longer dimension", 640, "area"]


def test_a_value_that_was_not_saved_gets_its_place() -> None:
    """With the defaults around it, as the editor saves them."""
    tree = workflow([node(1, "EmptyImage", (), ["IMAGE"], [64]), node(2, "EmptyImage", (), ["IMAGE"])], [])

    changed = after(tree, "1.batch_size=3", "2.width=32")

    assert changed.tree["nodes"][0]["widgets_values"] == [64, 512, 3, 0]
    assert changed.tree["nodes"][1]["widgets_values"][0] == 32


@pytest.mark.parametrize("wanted", ["1.value=7", "1.value=7.0", "2.batch_size=1", "57.steps=30"])
def test_what_stands_already_changes_nothing(wanted: str) -> None:
    before = document(TWICE)

    changed = with_settings(before, [setting(wanted)])

    assert changed.document is before
    assert changed.said == ()


def test_all_is_set_or_nothing() -> None:
    with pytest.raises(InputError):
        after(TWICE, "1.value=8", "1.nothing=8")


def test_what_was_set_is_said() -> None:
    changed = with_settings(document(TWICE), [setting("1.value=8"), setting("9.text=done")], [Switch("10", "enable")])

    assert changed.said == (
        "1 (PrimitiveInt) value: 7 -> 8",
        '9 (Note) text: "todo" -> "done"',
        "10 (PreviewAny): bypassed -> enabled",
    )


@pytest.mark.parametrize(
    ("switch", "expected"),
    [
        (Switch("Canvas", "bypass"), {"/nodes/1/mode": 4}),
        (Switch("2", "mute"), {"/nodes/1/mode": 2}),
        (Switch("PreviewAny", "enable"), {"/nodes/6/mode": 0}),
        (Switch("2", "enable"), {}),
        (Switch("10", "bypass"), {}),
        (Switch("57", "mute"), {"/nodes/3/mode": 2}),
    ],
)
def test_a_node_is_switched_by_its_mode(switch: Switch, expected: dict[str, Any]) -> None:
    changed = with_settings(document(TWICE), [], [switch])

    assert differing(TWICE, changed.document.tree) == expected


@pytest.mark.parametrize(
    ("tree", "switch", "message"),
    [
        (TWICE, Switch("57:6", "enable"), "--enable 57:6: 58:6 (PrimitiveString) would change as well"),
        (TWICE, Switch("x", "mute"), "x: there is no node 'x'"),
        (PROMPT, Switch("1", "mute"), "--mute 1: an API prompt does not say whether a node runs"),
    ],
)
def test_what_cannot_be_switched_is_an_error(tree: dict[str, Any], switch: Switch, message: str) -> None:
    with pytest.raises(InputError) as caught:
        with_settings(document(tree), [], [switch])

    assert caught.value.message.startswith(message)


def test_a_request_keeps_its_workflow_and_its_prompt_in_agreement() -> None:
    prompt = to_api(build(document(ONCE))).prompt
    request = {"prompt": prompt, "extra_data": {"extra_pnginfo": {"workflow": ONCE}}}

    changed = after(request, "57.steps=31")

    assert differing(request, changed.root) == {
        "/prompt/57:3/inputs/steps": 31,
        "/prompt/57:4/inputs/steps": 31,
        "/extra_data/extra_pnginfo/workflow/nodes/3/widgets_values/0": 31,
    }


def test_one_value_is_one_line() -> None:
    before = document(ONCE)

    lines = textdiff("flow.json", before.text, after(ONCE, "57:3.cfg=7.5").text).splitlines()

    assert [line.strip("+ ,") for line in lines if line[0] == "+"][1:] == ["7.5"]
