"""One spelling for workflow files: stable, lossless, and the same to whoever runs them."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import DATA
from tests.strategies import api_prompts, json_objects, odd_prompts, odd_workflows, spelled, ui_workflows
from wftools.catalog.lookup import catalogue
from wftools.catalog.target import target
from wftools.convert.to_api import to_api
from wftools.document import read, read_json
from wftools.errors import InputError, WftoolsError
from wftools.fmt import formatted
from wftools.graph import build

FOLDER = DATA / "fmt"
MIDNIGHT = datetime(2026, 1, 1)


def fmt(tree: Any, *, strip: bool = False) -> str:
    return formatted(read_json(json.dumps(tree), "a.json"), strip=strip)


def prompt(document):
    return to_api(build(document, catalogue(target=target("0.33.0"))), now=MIDNIGHT).prompt


def unordered(tree: Any) -> Any:
    """A tree in which order is gone: what is in it, and how often."""
    if isinstance(tree, dict):
        return {key: unordered(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return sorted((unordered(each) for each in tree), key=lambda each: json.dumps(each, sort_keys=True))
    is_exact = isinstance(tree, int) and not isinstance(tree, bool) and abs(tree) < 2**53
    return float(tree) if is_exact else tree


@pytest.mark.parametrize("expected", sorted(FOLDER.glob("*.out")), ids=lambda path: path.name)
def test_files_are_spelled_like_this(expected):
    source, *options = expected.name.removesuffix(".out").split(".")

    text = formatted(read(FOLDER / f"{source}.json"), strip="strip" in options)

    assert text == expected.read_text("utf-8")


@pytest.mark.parametrize("strip", [False, True])
def test_official_templates_stay_what_they_are(templates, strip):
    """Formatting again changes nothing, and no prompt is another; unless asked to, nothing is left out."""
    for path in templates[::10]:
        document = read(path)

        text = formatted(document, strip=strip)

        again = read_json(text, path.name)
        assert formatted(again, strip=strip) == text
        assert prompt(again) == prompt(document)
        assert strip or unordered(again.tree) == unordered(document.tree)


@pytest.mark.slow
@pytest.mark.parametrize("strip", [False, True])
def test_all_official_templates_stay_what_they_are(templates, strip):
    changed = []
    for path in templates:
        document = read(path)
        text = formatted(document, strip=strip)
        again = read_json(text, path.name)
        if formatted(again, strip=strip) != text or prompt(again) != prompt(document):
            changed.append(path.stem)

    assert not changed


@given(spelled(ui_workflows() | api_prompts()), st.booleans())
def test_formatting_twice_is_formatting_once(text, strip):
    once = formatted(read_json(text, "a.json"), strip=strip)

    assert formatted(read_json(once, "a.json"), strip=strip) == once


@given(spelled(ui_workflows()))
def test_no_prompt_becomes_another(text):
    document = read_json(text, "a.json")

    assert prompt(read_json(formatted(document), "a.json")) == prompt(document)


@given(ui_workflows(), json_objects, st.integers(0, 7))
def test_unknown_keys_survive(workflow, extra, index):
    """In the workflow, in nodes, in slots; whatever they hold."""
    node = workflow["nodes"][index % len(workflow["nodes"])]
    tree = {**workflow, "of another tool": extra}
    node["of another tool"] = node["outputs"][0]["of another tool"] = extra

    for strip in (False, True):
        again = json.loads(fmt(tree, strip=strip))

        same = next(each for each in again["nodes"] if each["id"] == node["id"])
        assert unordered(again["of another tool"]) == unordered(extra)
        assert unordered(same["of another tool"]) == unordered(extra)
        assert unordered(same["outputs"][0]["of another tool"]) == unordered(extra)


@given(api_prompts())
def test_a_prompt_keeps_every_value_to_the_last_bit(tree):
    """Python tells 7.0 from 7, and nodes are Python."""
    again = json.loads(fmt(tree))

    assert again == tree
    assert json.dumps(again, sort_keys=True) == json.dumps(tree, sort_keys=True)


def test_the_order_of_clicks_does_not_show():
    nodes = [{"id": 10, "type": "Note"}, {"id": 9, "type": "Note"}, {"id": "a", "type": "Note"}]
    groups = [{"id": 1, "title": "A", "bounding": [0, 0, 1, 1]}, {"id": 2, "title": "B", "bounding": [0, 0, 1, 1]}]

    one = fmt({"nodes": nodes, "links": [], "groups": groups})

    assert fmt({"nodes": nodes[::-1], "links": [], "groups": groups[::-1]}) == one


@pytest.mark.parametrize(
    ("workflow", "reason"),
    [
        ({"nodes": [{"id": 5, "type": "B"}, {"id": 5, "type": "A"}, {"id": 1, "type": "C"}]}, "the second gets an id"),
        ({"nodes": [{"id": 5, "type": "B"}, {"id": "5", "type": "A"}, {"id": 1, "type": "C"}]}, "5 and '5' are one id"),
        ({"nodes": [{"id": 5, "type": "B"}, {"type": "A"}, {"id": 1, "type": "C"}]}, "a node has no id"),
        (
            {
                "nodes": [
                    {"id": 5, "type": "KSampler"},
                    {"id": 1, "type": "KSampler"},
                    {"id": 2, "type": "SaveImage", "widgets_values": ["%KSampler.seed%"]},
                ]
            },
            "the first KSampler gives its seed to the name",
        ),
    ],
)
def test_nodes_keep_their_order_where_it_decides_something(workflow, reason):
    again = json.loads(fmt({**workflow, "links": []}))

    assert again["nodes"] == workflow["nodes"], reason


def test_links_to_one_slot_keep_their_order():
    """Of two links to one slot the first counts."""
    links = [[9, 1, 0, 2, 0, "*"], [8, 3, 0, 2, 0, "*"]]

    assert json.loads(fmt({"nodes": [], "links": links}))["links"] == links


@pytest.mark.parametrize(
    ("number", "spelling"),
    [
        ("7.0", "7"),
        ("-7.0", "-7"),
        ("1e-05", "0.00001"),
        ("-1.5e-6", "-0.0000015"),
        ("1e-7", "1e-7"),
        ("0.1", "0.1"),
        ("1.0E3", "1000"),
        ("12345678901234567890", "12345678901234567890"),
        ("9007199254740993", "9007199254740993"),
        ("1e300", "1e+300"),
        ("NaN", "NaN"),
        ("-0.5", "-0.5"),
        ("-0.0", "-0.0"),
    ],
)
def test_numbers_of_workflows_are_spelled_as_the_editor_does(number, spelling):
    """Unless another reader would then read another number."""
    text = formatted(read_json(f'{{"nodes": [], "links": [], "x": {number}}}', "a.json"))

    assert f'"x": {spelling}\n' in text


@pytest.mark.parametrize(
    ("written", "again"),
    [
        ("1e400", "1e999"),
        ("-1e400", "-1e999"),
        ("Infinity", "Infinity"),
        ("-Infinity", "-Infinity"),
    ],
)
def test_a_number_that_is_too_large_does_not_become_a_constant_that_is_no_json(written, again):
    text = formatted(read_json(f'{{"nodes": [], "links": [], "x": {written}}}', "a.json"))

    assert f'"x": {again}\n' in text


@pytest.mark.parametrize(
    "part",
    [
        {"nodes": [{"id": 20.0, "type": "A"}, {"id": 3, "type": "B"}]},
        {"nodes": [{"id": 1.0, "type": "A"}, {"id": 1, "type": "B"}, {"id": 0, "type": "C"}]},
        {"nodes": [], "extra": {"a": ["4", 0.0]}},
        {"nodes": [], "links": [[9.0, 1, 0, 2, 0, "*"], [8, 1, 0, 2, 0.0, "*"]]},
        {"nodes": [], "groups": [{"id": 2.0}, {"id": 1}]},
        {"nodes": [{"id": "9" * 5000, "type": "A"}, {"id": "8" * 5000, "type": "A"}, {"id": 3, "type": "A"}]},
    ],
)
def test_numbers_that_are_spelled_another_way_decide_nothing_the_second_time(part):
    once = fmt({"links": [], **part})

    assert formatted(read_json(once, "a.json")) == once


@given(odd_workflows() | odd_prompts())
def test_nothing_is_lost_whatever_it_is(tree):
    try:
        document = read_json(json.dumps(tree), "a.json")
        text = formatted(document)
    except WftoolsError:
        return

    again, before = (json.dumps(unordered(each), sort_keys=True) for each in (json.loads(text), document.root))
    assert again == before


@pytest.mark.parametrize("values", [5, True, None, "text", 1.5, {"a": "%A.b%"}, ["%A.b%"]])
def test_values_need_not_be_a_list(values):
    node = {"id": 1, "type": "A", "widgets_values": values}

    assert json.loads(fmt({"nodes": [node], "links": []}))["nodes"] == [node]


def test_text_is_written_as_it_is_and_half_a_surrogate_pair_escaped():
    text = formatted(read_json('{"nodes": [], "links": [], "x": "\\u00fc\\ud83d\\ude00", "y": "\\ud83d"}', "a.json"))

    assert '"x": "ü😀"' in text
    assert '"y": "\\ud83d"' in text
    assert text.encode()


def test_what_a_workflow_is_wrapped_in_stays():
    nodes = {"2": {"class_type": "B", "inputs": {}}, "1": {"class_type": "A", "inputs": {}}}
    request = {"client_id": "x", "prompt": nodes}

    again = json.loads(fmt(request))

    assert again == request
    assert list(again["prompt"]) == ["1", "2"]


def test_line_ends_of_windows_stay():
    text = formatted(read_json('{\r\n "nodes": [], "links": []\r\n}', "a.json"))

    assert text.count("\r\n") == text.count("\n") > 1
    assert formatted(read_json(text, "a.json")) == text


def test_a_key_that_stands_twice_is_an_error():
    """One of its values would be gone."""
    with pytest.raises(InputError, match="twice") as caught:
        formatted(read_json('{"nodes": [],\n "links": [], "x": 1, "x": 2}', "a.json"))

    assert caught.value.place.line == 2


def test_a_changed_value_is_one_changed_line():
    def workflow(steps):
        values = [5, "fixed", steps, 8, "euler", "normal", 1]
        return {"nodes": [{"id": 1, "type": "KSampler", "pos": [1, 2], "widgets_values": values}], "links": []}

    one, other = (fmt(workflow(steps)).splitlines() for steps in (20, 30))

    assert [(a.strip(), b.strip()) for a, b in zip(one, other, strict=True) if a != b] == [("20,", "30,")]
