"""wftools.nodepacks: people's own nodes, in ComfyUI's forms and in wftools', run by the command."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import torch
from PIL import Image
from safetensors import safe_open

from tests.cli.process import wftools
from wftools.errors import InputError
from wftools.folders import Folders
from wftools.nodepacks import NodePacks

PACKS: Final = Path(__file__).parent / "packs"
CLASSIC, MODERN, OWN = PACKS / "classic", PACKS / "modern", PACKS / "own.py"

PROMPT: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "1": ("EmptyImage", {"width": 32, "height": 16, "batch_size": 2, "color": 0x808080}),
    "2": ("Brighten", {"image": ["1", 0], "factor": 1.5, "mode": "multiply", "mask": ["21", 0]}),
    "4": ("SaveRaw", {"images": ["2", 0], "filename_prefix": "sub/raw", "width": 0}),
    "5": ("SaveHalf", {"images": ["2", 0]}),
    "6": ("Twice", {"image": ["2", 0]}),
    "7": ("ModernBlend", {"one": ["2", 0], "other": ["6", 0], "share": 0.25, "mode": "power", "mode.exponent": 2}),
    "8": ("ModernShown", {"image": ["7", 0]}),
    "9": ("ModernWords", {"words.word0": ["2", 1], "words.word1": "two", "between": "bar"}),
    "10": ("Counter", {"texts": ["22", 0]}),
    "11": ("PreviewAny", {"source": ["10", 0]}),
    "12": ("Flexible", {"zeta": 5, "alpha": ["9", 1]}),
    "13": ("PreviewAny", {"source": ["12", 0]}),
    "14": ("LazyPick", {"first": False, "a": ["20", 0], "b": ["9", 1]}),
    "15": ("PreviewAny", {"source": ["14", 0]}),
    "16": ("Stop", {"go": False, "value": ["9", 0]}),
    "17": ("PreviewAny", {"source": ["16", 0]}),
    "18": ("Validated", {"number": 5, "kind": "no choice, but the class checks it"}),
    "19": ("PreviewAny", {"source": ["18", 0]}),
    "20": ("StringTrim", {"string": "never asked for", "mode": "Both"}),
    "21": ("SolidMask", {"value": 0.5, "width": 8, "height": 8}),
    "22": ("CreateList", {"inputs.input0": ["9", 0], "inputs.input1": ["2", 1]}),
    "23": ("EmptyLatentImage", {"width": 64, "height": 64, "batch_size": 1}),
    "24": ("CheckpointLoaderSimple", {"ckpt_name": "wftools-mini.safetensors"}),
    "25": ("CLIPTextEncode", {"text": "a red circle", "clip": ["24", 1]}),
    "26": ("LatentShift", {"latent": ["23", 0], "conditioning": ["25", 0]}),
    "27": ("VAEDecode", {"samples": ["26", 0], "vae": ["24", 2]}),
    "28": ("OwnDarken", {"image": ["27", 0], "by": 0.5}),
    "29": ("PreviewImage", {"images": ["28", 0]}),
    "30": ("ConditioningCombine", {"conditioning_1": ["26", 1], "conditioning_2": ["25", 0]}),
    "31": ("PreviewAny", {"source": ["30", 0]}),
}  # fmt: skip


def prompt(nodes: dict[str, tuple[str, dict[str, Any]]]) -> str:
    return json.dumps({name: {"class_type": kind, "inputs": inputs} for name, (kind, inputs) in nodes.items()})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the prompt was run, and what it told."""
    folder = tmp_path_factory.mktemp("packs")
    (folder / "flow.json").write_text(prompt(PROMPT), "utf-8")
    command = [sys.executable, "-m", "wftools", "run", "flow.json", "--capture-dir", "captured", "--json"]
    for pack in (CLASSIC, MODERN, OWN):
        command += ["--nodes", str(pack)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    (folder / "report.json").write_text(done.stdout, "utf-8")
    return folder


@pytest.fixture(scope="module")
def outputs(folder: Path) -> dict[str, Any]:
    """Every output of every node."""
    with safe_open(folder / "captured/flow.safetensors", "pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        return {**tensors, **json.loads(file.metadata()["values"])}


def test_a_class_is_called_with_what_it_asks_for(outputs: dict[str, Any]) -> None:
    """Pictures, masks, choices; what it imports of ComfyUI is there."""
    grey = outputs["1.0"]

    assert torch.allclose(outputs["2.0"], grey * 1.25)
    assert outputs["2.1"] == "multiply 1.5 on cpu"


def test_files_that_a_class_writes_are_told(folder: Path, outputs: dict[str, Any]) -> None:
    """Also by a class that stands on one of the core, which writes the workflow into them."""
    told = [each["path"] for each in json.loads((folder / "report.json").read_text("utf-8"))["workflows"][0]["files"]]

    assert [Path(each).name for each in told if "raw" in each] == ["raw_00001_.png", "raw_00002_.png"]
    with Image.open(folder / "output/half_00001_.png") as picture:
        assert json.loads(picture.info["prompt"]) == json.loads(prompt(PROMPT))
        assert picture.getpixel((0, 0)) == (int(255 * float(outputs["2.0"][0, 0, 0, 0]) / 2),) * 3
    assert sum("temp" in each for each in told) >= 2


def test_a_subgraph_that_a_class_answers_with_is_run(outputs: dict[str, Any]) -> None:
    """Values that no file could spell are handed on."""
    assert torch.allclose(outputs["6.0"], outputs["2.0"] / 4)


def test_a_node_of_the_newer_form_is_given_dynamic_inputs(outputs: dict[str, Any]) -> None:
    assert torch.allclose(outputs["7.0"], torch.lerp(outputs["2.0"], outputs["6.0"], 0.25) ** 2)
    assert outputs["9.0"] == "9: multiply 1.5 on cpu|two"
    assert outputs["9.1"] == 2


def test_lists_hidden_inputs_and_what_an_object_keeps(outputs: dict[str, Any]) -> None:
    assert [outputs["10.0#0"], outputs["10.0#1"]] == [
        "Counter 9: multiply 1.5 on cpu|two",
        "Counter multiply 1.5 on cpu",
    ]
    assert outputs["10.1"] == 2


def test_inputs_that_are_not_declared_reach_a_class_that_takes_them(outputs: dict[str, Any]) -> None:
    assert outputs["12.0"] == "alpha=2, zeta=5"


def test_lazy_inputs_are_computed_if_they_are_asked_for(outputs: dict[str, Any]) -> None:
    assert outputs["14.0"] == 2
    assert "20.0" not in outputs


def test_nothing_runs_after_a_blocker(outputs: dict[str, Any]) -> None:
    assert "17.0" not in outputs


def test_latents_and_conditionings_are_dictionaries_there_and_values_here(outputs: dict[str, Any]) -> None:
    """What a class says in them comes back: the mask of the latent, the strength of the conditioning, its own word."""
    assert torch.equal(outputs["26.0.samples"], torch.ones(1, 4, 8, 8))
    assert torch.equal(outputs["26.0.noise_mask"], torch.ones(1, 1, 8, 8))
    assert torch.equal(outputs["26.1.0.0"], outputs["25.0.0.0"] * 2)
    assert (outputs["26.1.0.1.strength"], outputs["26.1.0.1.own"]) == (0.5, 1)
    assert torch.allclose(outputs["28.0"], outputs["27.0"] / 2)


def test_what_a_class_refuses_is_told_before_anything_runs(tmp_path: Path) -> None:
    nodes: dict[str, tuple[str, dict[str, Any]]] = {
        "1": ("Validated", {"number": 4, "kind": "a"}),
        "2": ("PreviewAny", {"source": ["1", 0]}),
    }
    (tmp_path / "flow.json").write_text(prompt(nodes), "utf-8")

    done = wftools("run", str(tmp_path / "flow.json"), "--nodes", str(CLASSIC), "--dry-run", cwd=tmp_path)

    assert done.returncode == 2
    assert "node 1 (Validated): 4 is even" in done.stderr


def test_nothing_of_a_pack_runs_without_the_option(tmp_path: Path) -> None:
    (tmp_path / "flow.json").write_text(prompt({"1": ("SaveRaw", {})}), "utf-8")

    done = wftools("run", str(tmp_path / "flow.json"), cwd=tmp_path)

    assert done.returncode == 2
    assert "SaveRaw" in done.stderr
    assert "--nodes" in done.stderr


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("import comfy.sd", "needs comfy.sd of ComfyUI|need comfy.sd of ComfyUI"),
        ("from comfy.utils import nope", "need comfy.utils.nope of ComfyUI"),
        ("import comfy.utils\ncomfy.utils.nope", "need comfy.utils.nope of ComfyUI"),
        ("import comfy_extras.nodes_mask", "need comfy_extras"),
        ("import not_there_at_all", "No module named 'not_there_at_all'"),
        ("def x(:", "SyntaxError"),
        ("raise SystemExit(3)", "SystemExit"),
        ("x = 1", "declares no nodes"),
        ("NODE_CLASS_MAPPINGS = 3", "no dictionary"),
        ("NODE_CLASS_MAPPINGS = {'X': object}", "has no INPUT_TYPES"),
    ],
)
def test_a_pack_that_cannot_be_used_is_one_error(source: str, problem: str, tmp_path: Path) -> None:
    (tmp_path / "pack.py").write_text(source, "utf-8")

    with pytest.raises(InputError, match=problem):
        tuple(NodePacks([tmp_path / "pack.py"], Folders()))


def test_what_a_node_wants_of_comfyui_while_it_runs_is_named(tmp_path: Path) -> None:
    (tmp_path / "pack.py").write_text(
        "import comfy.utils\n"
        "class Want:\n"
        "    RETURN_TYPES, FUNCTION, OUTPUT_NODE = (), 'go', True\n"
        "    INPUT_TYPES = classmethod(lambda cls: {'required': {}})\n"
        "    def go(self):\n"
        "        return comfy.utils.tiled_scale()\n"
        "NODE_CLASS_MAPPINGS = {'Want': Want}\n",
        "utf-8",
    )
    (tmp_path / "flow.json").write_text(prompt({"1": ("Want", {})}), "utf-8")

    done = wftools("run", "flow.json", "--nodes", "pack.py", cwd=tmp_path)

    assert done.returncode == 2
    assert "node 1 (Want): the node needs comfy.utils.tiled_scale of ComfyUI" in done.stderr


def test_a_type_that_two_packs_declare_is_refused() -> None:
    with pytest.raises(InputError, match="declared twice"):
        tuple(NodePacks([OWN, OWN.parent / "own.py", CLASSIC, CLASSIC.parent / "classic"], Folders()))


def test_packs_are_imported_anew_where_they_are_sent() -> None:
    packs = pickle.loads(pickle.dumps(NodePacks([OWN], Folders())))

    assert list(packs) == ["OwnDarken"]


def test_the_editors_file_is_bound_by_what_a_class_declares(tmp_path: Path) -> None:
    """Values without names, in the order of INPUT_TYPES: the same picture as by the prompt."""
    flow = {
        "nodes": [
            {"id": 1, "type": "EmptyImage", "inputs": [], "outputs": [{"name": "IMAGE", "type": "IMAGE", "links": [1]}],
             "widgets_values": [8, 8, 1, 0x404040]},
            {"id": 2, "type": "Brighten", "inputs": [{"name": "image", "type": "IMAGE", "link": 1}],
             "outputs": [{"name": "image", "type": "IMAGE", "links": [2]}], "widgets_values": [0.25, "add"]},
            {"id": 3, "type": "SaveRaw", "inputs": [{"name": "images", "type": "IMAGE", "link": 2}],
             "outputs": [], "widgets_values": ["flow", 0, "None"]},
        ],
        "links": [[1, 1, 0, 2, 0, "IMAGE"], [2, 2, 0, 3, 0, "IMAGE"]],
        "version": 0.4,
    }  # fmt: skip
    (tmp_path / "flow.json").write_text(json.dumps(flow), "utf-8")

    done = wftools("run", "flow.json", "--nodes", str(CLASSIC), cwd=tmp_path)

    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "output/flow_00001_.png")
    with Image.open(tmp_path / "output/flow_00001_.png") as picture:
        assert picture.getpixel((0, 0)) == (int(255 * (64 / 255 + 0.25)),) * 3


def test_nodes_of_a_pack_are_listed_and_shown(tmp_path: Path) -> None:
    listed = wftools("nodes", "list", "modern/", "--nodes", str(MODERN), cwd=tmp_path)
    shown = wftools("nodes", "show", "ModernBlend", "--json", "--nodes", str(MODERN), cwd=tmp_path)

    told = wftools("nodes", "show", "ModernBlend", "--nodes", str(MODERN), cwd=tmp_path)

    assert "ModernWords" in listed.stdout
    assert "known to  the given nodes\n  runs here yes" in told.stdout
    assert json.loads(shown.stdout)["input"]["required"]["share"][1]["display"] == "slider"
