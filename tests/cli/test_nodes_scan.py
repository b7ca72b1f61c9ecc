"""wftools nodes scan, and --custom-nodes of the commands that ask what nodes are."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.cli.process import inside, wftools
from wftools.schemas import schema

SOURCE = """
from pathlib import Path

(Path(__file__).parent / "it-was-run").write_text("")
open("it-was-run", "w").close()
raise_it = 1 / 1


class Double:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"number": ("INT", {"default": 1, "max": 9}), "way": (["up", "down"],)}}

    RETURN_TYPES = ("INT",)
    FUNCTION = "run"
    CATEGORY = "mine"
    OUTPUT_NODE = True


NODE_CLASS_MAPPINGS = {"MyDouble": Double}
"""

UNKNOWN = "from somewhere import Node\nNODE_CLASS_MAPPINGS = {'MyOther': Node}\n"

WORKFLOW: dict[str, Any] = {
    "last_node_id": 1,
    "last_link_id": 0,
    "version": 0.4,
    "links": [],
    "nodes": [
        {
            "id": 1,
            "type": "MyDouble",
            "pos": [0, 0],
            "size": [200, 100],
            "flags": {},
            "order": 0,
            "mode": 0,
            "inputs": [],
            "outputs": [{"name": "INT", "type": "INT", "links": None}],
            "properties": {},
            "widgets_values": [7, "down"],
        }
    ],
}


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with packs, and with a workflow that uses one of them."""
    for name, source in {"my-pack": SOURCE, "other": UNKNOWN}.items():
        (tmp_path / "custom_nodes" / name).mkdir(parents=True)
        (tmp_path / "custom_nodes" / name / "__init__.py").write_text(source)
    (tmp_path / "flow.json").write_text(json.dumps(WORKFLOW))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    return tmp_path


def test_what_packs_have_is_printed_and_what_is_not_known_told(here):
    done = wftools("nodes", "scan", "custom_nodes", "--report", "report.json", cwd=here)

    found = json.loads(done.stdout)
    report = json.loads((here / "report.json").read_text())
    assert done.returncode == 0
    assert list(found) == ["MyDouble"]
    assert found["MyDouble"]["python_module"] == "custom_nodes.my-pack"
    assert "my-pack: 1 node type" in done.stderr
    assert "MyOther" in done.stderr
    Draft202012Validator(schema("report-scan")).validate(report)
    assert [pack["known"] for pack in report["packs"]] == [["MyDouble"], []]
    assert report["packs"][1]["unknown"].keys() == {"MyOther"}
    assert report["target"] == "0.33.0"


def test_nothing_of_a_pack_is_run(here):
    wftools("nodes", "scan", "custom_nodes", cwd=here)
    wftools("lint", "flow.json", "--custom-nodes", "custom_nodes", cwd=here)

    assert not list(here.rglob("it-was-run"))


@pytest.mark.parametrize(
    "arguments", [["nodes", "scan", "custom_nodes"], ["lint", "flow.json", "--custom-nodes", "custom_nodes"]]
)
def test_reading_packs_imports_nothing_that_runs_workflows(here, arguments):
    program = "import sys; from wftools.cli import main\ntry: main(sys.argv[1:])\nfinally: print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=here, capture_output=True, text=True, timeout=60, check=False
    )

    modules = done.stdout.splitlines()[-1].split()
    assert "wftools.scan.packs" in modules
    assert not {"torch", "numpy", "PIL", "wftools.nodes", "wftools.runtime"}.intersection(modules)


def test_the_file_that_is_written_is_one_that_object_info_takes(here):
    inside("nodes", "scan", "custom_nodes/my-pack", "-q", "-o", "nodes.json", cwd=here)

    shown = inside("nodes", "show", "MyDouble", "--object-info", "nodes.json", cwd=here)

    assert shown.returncode == 0
    assert "number" in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["custom_nodes/my-pack"], 0, ""),
        (["custom_nodes"], 0, ""),
        (["custom_nodes", "--strict"], 1, ""),
        (["custom_nodes/my-pack", "--strict"], 0, ""),
        (["nowhere"], 2, "no such folder"),
        (["flow.json"], 2, "no pack"),
        (["custom_nodes", "--target", "somewhat==1"], 2, "is not a target"),
        (["custom_nodes", "-o", "custom_nodes"], 2, "custom_nodes"),
    ],
)
def test_the_exit_status_says_what_became_of_it(here, arguments, status, said):
    done = inside("nodes", "scan", *arguments, cwd=here)

    assert done.returncode == status
    assert said in done.stderr


def test_lint_knows_the_packs_that_it_is_given(here):
    """The value is below the greatest, so that only the type of the node was wrong before."""
    before = inside("lint", "flow.json", "--output-format", "json", cwd=here)
    after = inside("lint", "flow.json", "--output-format", "json", "--custom-nodes", "custom_nodes", cwd=here)

    assert "N101" in {finding["code"] for finding in json.loads(before.stdout)["findings"]}
    assert json.loads(after.stdout)["findings"] == []


def test_lint_judges_values_by_them(here):
    (here / "flow.json").write_text(json.dumps(WORKFLOW).replace("[7,", "[10,"))

    done = inside("lint", "flow.json", "--output-format", "concise", "--custom-nodes", "custom_nodes/my-pack", cwd=here)

    assert done.returncode == 1
    assert "10" in done.stdout


def test_convert_names_values_by_them(here):
    done = inside("convert", "flow.json", "--to", "api", "--custom-nodes", "custom_nodes", cwd=here)

    assert json.loads(done.stdout)["1"]["inputs"] == {"number": 7, "way": "down"}


def test_diff_names_values_by_them(here):
    (here / "new.json").write_text(json.dumps(WORKFLOW).replace("[7,", "[8,"))

    done = inside("diff", "flow.json", "new.json", "--custom-nodes", "custom_nodes", cwd=here)

    assert "number" in done.stdout


def test_a_node_that_is_only_known_does_not_run(here):
    done = inside("run", "flow.json", "--dry-run", "--custom-nodes", "custom_nodes", cwd=here)

    assert done.returncode == 2
    assert "known, but not implemented" in done.stderr


def test_packs_are_known_beside_comfyuis_own_nodes_and_not_instead(here):
    done = inside("nodes", "show", "KSampler", "--custom-nodes", "custom_nodes", cwd=here)

    assert done.returncode == 0


HALF_KNOWN = """
import somewhere
class Half:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"what": (somewhere.thing(),), "steps": ("INT", {"default": 3, "max": somewhere.most()})}}
    RETURN_TYPES = ("INT",)
    OUTPUT_NODE = True
NODE_CLASS_MAPPINGS = {"MyHalf": Half}
"""


@pytest.mark.parametrize(
    ("slots", "values", "inputs"),
    [
        ([], ["a", 20], {"what": "a", "steps": 20}),
        ([{"name": "what", "type": "THING", "link": None}], [20], {"steps": 20}),
    ],
    ids=["a widget", "a socket"],
)
def test_an_input_of_an_unknown_type_is_what_the_file_shows_it_to_be(here, slots, values, inputs):
    """Taken for the wrong one, it would give all values behind it to the wrong inputs."""
    (here / "half.py").write_text(HALF_KNOWN)
    flow = {
        **WORKFLOW,
        "nodes": [{**WORKFLOW["nodes"][0], "type": "MyHalf", "inputs": slots, "widgets_values": values}],
    }
    (here / "half.json").write_text(json.dumps(flow))

    done = inside("convert", "half.json", "--to", "api", "--custom-nodes", "half.py", cwd=here)

    assert json.loads(done.stdout)["1"]["inputs"] == inputs


def test_an_input_of_an_unknown_type_is_a_widget_in_a_prompt_that_gives_it_a_value(here):
    (here / "half.py").write_text(HALF_KNOWN)
    prompt = {"1": {"class_type": "MyHalf", "inputs": {"what": "a", "steps": 999}}}
    (here / "half.json").write_text(json.dumps(prompt))

    found = inside("lint", "half.json", "--output-format", "json", "--custom-nodes", "half.py", cwd=here)
    made = inside("convert", "half.json", "--to", "ui", "--custom-nodes", "half.py", cwd=here)

    assert json.loads(found.stdout)["findings"] == []
    assert json.loads(made.stdout)["nodes"][0]["widgets_values"] == ["a", 999]


@pytest.mark.parametrize("command", ["lint", "convert", "diff", "run", "fmt"])
def test_the_help_says_that_packs_are_read_and_not_run(here, command):
    done = inside(command, "--help", cwd=here)

    assert "--custom-nodes" in done.stdout
    assert "none of it is run" in " ".join(done.stdout.split())
