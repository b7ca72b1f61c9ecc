"""A workflow as lines for `git diff`."""

from __future__ import annotations

import json
import random
from difflib import ndiff
from pathlib import Path

import pytest
from hypothesis import given

from tests.cli.process import wftools
from tests.conftest import DATA
from tests.strategies import odd_prompts, odd_workflows, spelled
from wftools.document import read, read_json
from wftools.git.repository import repository
from wftools.git.setup import installing
from wftools.git.textconv import lines, textconv

SAMPLES = sorted((Path(__file__).parents[2] / "sample_workflows").glob("*.json"))


def of(tree) -> list[str]:
    return [*lines(read_json(json.dumps(tree), "flow.json"))]


def changed(old, new) -> list[str]:
    """The lines that two trees differ in."""
    return [line for line in ndiff(of(old), of(new)) if line[0] in "+-"]


@pytest.fixture
def flow():
    return json.loads(Path(__file__).parents[2].joinpath("sample_workflows/txt2img.json").read_text("utf-8"))


def node_of(tree, type_):
    return next(node for node in tree["nodes"] if node["type"] == type_)


def renumbered(graph, seed: int):
    """A UI workflow with other ids for its nodes and links, in the root and in every definition."""
    nodes = {str(node["id"]) for node in graph["nodes"]}
    numbers = random.Random(seed).sample(range(1, 10_000), len(nodes))
    to = dict(zip(sorted(nodes), numbers, strict=True))

    def node_id(id_):
        return to.get(str(id_), id_)

    def link_id(id_):
        return id_ + 50_000 if isinstance(id_, int) else id_

    made = json.loads(json.dumps(graph))
    for node in made["nodes"]:
        node["id"] = node_id(node["id"])
        for slot in node.get("inputs", []):
            slot["link"] = link_id(slot.get("link"))
        for slot in node.get("outputs", []):
            slot["links"] = [link_id(each) for each in slot.get("links") or []]
    for slot in [*made.get("inputs", []), *made.get("outputs", [])]:
        slot["linkIds"] = [link_id(each) for each in slot.get("linkIds", [])]
    for link in made["links"]:
        keys = ("id", "origin_id", "target_id") if isinstance(link, dict) else (0, 1, 3)
        link[keys[0]] = link_id(link[keys[0]])
        for key in keys[1:]:
            link[key] = node_id(link[key])
    for each in made.get("extra", {}).get("linkExtensions", []):
        each["id"] = link_id(each["id"])
    inner = made.get("definitions", {}).get("subgraphs", [])
    for index, each in enumerate(inner):
        inner[index] = renumbered(each, seed + index + 1)
    made["last_node_id"], made["last_link_id"] = 10_000, 100_000
    return made


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
@pytest.mark.parametrize("seed", range(3))
def test_renumbering_touches_no_line(path, seed):
    tree = json.loads(path.read_text("utf-8"))

    assert of(renumbered(tree, seed)) == of(tree)


def test_opening_and_saving_touches_no_line(flow):
    saved = json.loads(json.dumps(flow))
    saved["extra"] = {"ds": {"scale": 2, "offset": [1, 2]}, "frontendVersion": "9.9.9"}
    saved["nodes"].reverse()
    saved["last_node_id"] = 999
    for order, node in enumerate(saved["nodes"]):
        node["order"] = order

    assert of(saved) == of(flow)


def test_a_value_is_one_line(flow):
    other = json.loads(json.dumps(flow))
    values = node_of(other, "KSampler")["widgets_values"]
    values[values.index("euler")] = "heun"

    assert changed(flow, other) == ['-   sampler_name = "euler"', '+   sampler_name = "heun"']


def test_a_moved_node_is_one_line(flow):
    """The others say what means something; where things stand has one line for all."""
    other = json.loads(json.dumps(flow))
    for node in other["nodes"]:
        node["pos"] = [0, 0]

    assert [line[:9] for line in changed(flow, other)] == ["- layout ", "+ layout "]


def test_a_seed_that_is_drawn_anew_is_no_line(flow):
    sampler = node_of(flow, "KSampler")
    sampler["widgets_values"][:2] = [1, "randomize"]
    other = json.loads(json.dumps(flow))
    node_of(other, "KSampler")["widgets_values"][0] = 2

    assert changed(flow, other) == []


def test_a_text_has_its_own_lines():
    tree = {"1": {"class_type": "Note", "inputs": {"text": "one\ntwo", "other": "1"}}}

    assert of(tree) == ["Note", '  other = "1"', "  text =", "    | one", "    | two"]


def test_what_could_move_a_terminal_is_escaped():
    tree = {"1": {"class_type": "Note\x1b[2J", "inputs": {"a\x9b": "\x1b[31m\u202e", "b": "x\n\x1b[2J"}}}

    assert all(line.isprintable() for line in of(tree))


def test_nodes_of_one_name_are_told_apart_by_what_they_feed(flow):
    prompts = [node for node in flow["nodes"] if node["type"] == "CLIPTextEncode"]
    for node in prompts:
        node.pop("title", None)
        node["widgets_values"] = ["same"]

    ends = [line.strip() for line in of(flow) if "CLIPTextEncode" in line and "<-" in line]
    assert ends == [
        "negative <- CLIPTextEncode.CONDITIONING",
        "positive <- CLIPTextEncode 2.CONDITIONING",
    ]


def test_a_picture_gives_its_workflow_and_a_line_for_itself():
    data = (DATA / "containers" / "png_00001_.png").read_bytes()

    *facts, last = textconv(data, "a.png").decode().splitlines()

    assert facts == [*lines(read(data, "a.png"))]
    assert last.startswith("png file ")


@pytest.mark.parametrize("data", [b"", b'{"name": "x"}\n', b"no json", b"{", "é".encode("latin-1")])
def test_a_text_that_is_no_workflow_is_given_as_it_is(data):
    assert textconv(data, "x") == data


def test_other_data_is_one_line():
    """What git takes for text goes to a terminal."""
    assert textconv(b"\x89PNG\r\n\0\1", "x.png").decode().startswith("8 bytes, digest ")


@given(spelled(odd_workflows() | odd_prompts()))
def test_malformed_workflows_have_lines_too(text):
    """Git has to show whatever lies in a repository."""
    data = text.encode(errors="replace")

    made = textconv(data, "x")

    assert made.endswith(b"\n") or made in (b"", data)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_each_fact_of_a_sample_is_a_line(path):
    """Every value that a person can see in the editor is in the lines."""
    text = "\n".join(of(json.loads(path.read_text("utf-8"))))

    for node in json.loads(path.read_text("utf-8"))["nodes"]:
        assert node.get("title", "") in text
        for value in node.get("widgets_values") or []:
            if isinstance(value, str):
                assert all(line in text for line in value.splitlines())


def test_git_shows_facts(repo, flow):
    """`git diff`, under the heading of the node; a picture too; and other files as without us."""
    picture = (DATA / "containers" / "png_00001_.png").read_bytes()
    repo.commit_files(
        "one", {"workflows/a.json": json.dumps(flow), "workflows/other.json": '{"a": 1}', "workflows/p.png": b"\0"}
    )
    for change in installing("local", repository()):
        change.write()
    node_of(flow, "KSampler")["widgets_values"][2] = 31
    repo.write("workflows/a.json", json.dumps(flow, indent=4))
    repo.write("workflows/other.json", '{"a": 2}')
    repo.write("workflows/p.png", picture)

    told = repo("diff", "--unified=0")

    assert "KSampler\n-  steps = 20\n+  steps = 31\n" in told
    assert '-{"a": 1}\n' in told
    assert '+{"a": 2}\n' in told
    assert "+png file " in told
    assert "KSampler\n-  steps = 20" in repo("diff", "--unified=0", "workflows/a.json"), "from what git has kept"


def test_it_reads_standard_input(repo, flow):
    result = wftools("textconv", "-", cwd=repo.folder, stdin=json.dumps(flow))

    assert result.stdout.splitlines() == of(flow)


def test_a_file_that_is_not_there_is_one_error(repo):
    result = wftools("textconv", "missing.json", cwd=repo.folder)

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "error: missing.json: cannot be read: No such file or directory\n"
