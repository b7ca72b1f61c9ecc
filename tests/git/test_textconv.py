"""A workflow as lines for `git diff`."""

from __future__ import annotations

import json
import random
from difflib import ndiff

import pytest
from hypothesis import given, settings

from tests.cli.process import wftools
from tests.conftest import DATA
from tests.git.flows import FLOW, SAMPLES, node_of, renumbered
from tests.strategies import odd_prompts, odd_workflows, spelled
from wftools.document import read, read_json
from wftools.git.repository import repository
from wftools.git.setup import installing
from wftools.git.textconv import lines, textconv
from wftools.merge import merge

PATHS = sorted(SAMPLES.glob("*.json"))


def of(tree) -> list[str]:
    return [*lines(read_json(json.dumps(tree), "flow.json"))]


def changed(old, new) -> list[str]:
    """The lines that two trees differ in."""
    return [line for line in ndiff(of(old), of(new)) if line[0] in "+-"]


@pytest.fixture
def flow():
    return json.loads(json.dumps(FLOW))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
@pytest.mark.parametrize("seed", range(3))
def test_renumbering_touches_no_line(path, seed):
    tree = json.loads(path.read_text("utf-8"))

    assert of(renumbered(tree, seed)) == of(tree)


def test_renumbering_touches_no_line_of_real_workflows(templates):
    """Many of their nodes have twins."""
    for path in random.Random(1).sample(templates, 40):
        tree = json.loads(path.read_bytes())

        assert of(renumbered(tree, 3)) == of(tree), path.name


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


def test_an_open_conflict_is_a_line(flow):
    """Its record is not: it is for programs, and has ids."""
    ours, theirs = json.loads(json.dumps(flow)), json.loads(json.dumps(flow))
    node_of(ours, "KSampler")["widgets_values"][2] = 31
    node_of(theirs, "KSampler")["widgets_values"][2] = 32
    base, mine, other = (read_json(json.dumps(tree), "a.json") for tree in (flow, ours, theirs))

    merged = [*lines(merge(base, mine, other).document)]

    assert merged == ["conflict: KSampler steps (widget)", *lines(mine)]


@pytest.mark.parametrize("data", [b"", b'{"name": "x"}\n', b"no json", b"{", "é".encode("latin-1")])
def test_a_text_that_is_no_workflow_is_given_as_it_is(data):
    assert textconv(data, "x") == data


def test_other_data_is_one_line():
    """What git takes for text goes to a terminal."""
    assert textconv(b"\x89PNG\r\n\0\1", "x.png").decode().startswith("8 bytes, digest ")


@settings(max_examples=50)
@given(spelled(odd_workflows() | odd_prompts()))
def test_malformed_workflows_have_lines_too(text):
    """Git has to show whatever lies in a repository."""
    data = text.encode(errors="replace")

    made = textconv(data, "x")

    assert made.endswith(b"\n") or made in (b"", data)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
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
