"""wftools deps as a process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.process import inside, wftools
from tests.deps.cases import of_pack
from tests.graph.cases import node, workflow

NOTE = {"name": "a.safetensors", "directory": "checkpoints", "url": "https://example.com/a.safetensors"}
TREE = workflow(
    [
        of_pack(1, "ImageResizeKJv2", cnr_id="comfyui-kjnodes", ver="1.1.0"),
        of_pack(2, "Cloned", aux_id="somebody/ComfyUI-Own", ver="0123456789"),
        of_pack(3, "Of the registry", cnr_id="a-pack"),
        node(4, "Nobody knows"),
        node(5, "CheckpointLoaderSimple", values=["a.safetensors"], properties={"models": [NOTE]}),
        node(6, "LoraLoader", values=["b.pt", 1, 1], mode=4),
        node(7, "LoadImage", values=["sub/a.png"]),
    ],
    [],
)


@pytest.fixture
def folder(tmp_path):
    """A workflow and its model, but not its picture."""
    (tmp_path / "flow.json").write_text(json.dumps(TREE))
    (tmp_path / "models/checkpoints").mkdir(parents=True)
    (tmp_path / "models/checkpoints/a.safetensors").write_bytes(b"weights")
    (tmp_path / "input").mkdir()
    return tmp_path


def test_the_report_for_people(folder):
    done = wftools("deps", "flow.json", cwd=folder)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "ComfyUI\n"
        "  at least 0.3.64 (of those known: 0.3.64, 0.8.0, 0.33.0)\n"
        "\n"
        "Packs of custom nodes\n"
        "  a-pack\n"
        "      Of the registry\n"
        "  comfyui-kjnodes 1.1.0\n"
        "      https://github.com/kijai/ComfyUI-KJNodes\n"
        "      ImageResizeKJv2\n"
        "  somebody/ComfyUI-Own 0123456789\n"
        "      https://github.com/somebody/ComfyUI-Own\n"
        "      Cloned\n"
        "\n"
        "Node types that nothing is known of\n"
        "  Nobody knows  node 4 (Nobody knows)\n"
        "\n"
        "Models\n"
        "  checkpoints/a.safetensors  7 B  node 5 (CheckpointLoaderSimple)\n"
        "      https://example.com/a.safetensors\n"
        "  loras/b.pt  missing  node 6 (LoraLoader)  only for what is switched off\n"
        "\n"
        "Input files\n"
        "  input/sub/a.png  missing  node 7 (LoadImage)\n"
        "\n"
        "1 workflow: 3 packs, 1 unknown node type, 2 models, 1 input file; 2 missing\n"
    )


def test_the_json_report_is_as_its_schema_says(folder):
    done = inside("deps", "flow.json", "--format", "json", "--hash", cwd=folder)
    (folder / "report").write_text(done.stdout)

    report = json.loads(done.stdout)
    (model, lora) = report["models"]
    assert (model["state"], model["size"], len(model["sha256"])) == ("present", 7, 64)
    assert (lora["state"], lora["uses"][0]["role"]) == ("missing", "off")
    assert [pack["state"] for pack in report["packs"]] == ["not looked for"] * 3
    assert inside("schema", "report-deps", "report", cwd=folder).stdout == ""


def test_what_comfy_node_install_deps_takes(folder):
    """Addresses of repositories; types that none is known of are told, there and to whoever reads."""
    done = inside("deps", "flow.json", "--format", "comfy-deps", cwd=folder)

    assert json.loads(done.stdout) == {
        "custom_nodes": {
            "https://github.com/kijai/ComfyUI-KJNodes": {"state": "not-installed", "hash": "-"},
            "https://github.com/somebody/ComfyUI-Own": {"state": "not-installed", "hash": "-"},
        },
        "unknown_nodes": ["Nobody knows", "Of the registry"],
    }
    assert "Nobody knows, Of the registry" in done.stderr


def test_a_lock_is_written_and_checked(folder):
    (folder / "input/sub").mkdir()
    (folder / "input/sub/a.png").write_bytes(b"picture")
    wrote = inside("deps", "flow.json", "--lock", "flow.lock", cwd=folder)

    same = inside("deps", "flow.json", "--check", "flow.lock", cwd=folder)
    (folder / "models/checkpoints/a.safetensors").write_bytes(b"WEIGHTS")
    (folder / "input/sub/a.png").unlink()
    other = wftools("deps", "--check", "flow.lock", cwd=folder)
    by_size = inside("deps", "--check", "flow.lock", "--no-hash", cwd=folder)

    assert (wrote.returncode, same.returncode, same.stdout) == (0, 0, "")
    assert other.returncode == 1
    assert [line.split(":")[0] for line in other.stdout.splitlines()] == [
        "model checkpoints/a.safetensors has another content",
        "input/sub/a.png is missing",
    ]
    assert (by_size.returncode, by_size.stdout) == (1, "input/sub/a.png is missing\n")
    assert inside("schema", "deps-lock", "flow.lock", cwd=folder).stdout == ""


def test_a_check_says_what_it_did_not_look_at(folder):
    inside("deps", "flow.json", "--lock", "flow.lock", cwd=folder)
    (folder / "input/sub").mkdir()
    (folder / "input/sub/a.png").write_bytes(b"picture")
    (folder / "nodes/ComfyUI-KJNodes").mkdir(parents=True)

    silent = inside("deps", "--check", "flow.lock", cwd=folder)
    looking = inside("deps", "--check", "flow.lock", "--custom-nodes", "nodes", cwd=folder)

    assert (silent.returncode, silent.stdout) == (0, "")
    assert "--custom-nodes" in silent.stderr
    assert looking.returncode == 1
    assert looking.stdout == "pack a-pack is missing\npack somebody/ComfyUI-Own is missing\n"


def test_node_types_of_installed_packs_are_known(folder):
    """With the folders that their models are in; none of their code is run."""
    pack = folder / "nodes/ComfyUI-Mine"
    pack.mkdir(parents=True)
    (pack / "pyproject.toml").write_text('[project]\nname = "mine"\nversion = "0.1"\n')
    (pack / "__init__.py").write_text(
        "import folder_paths\n"
        "open('marker', 'w').close()\n"
        "class Mine:\n"
        "    RETURN_TYPES = ('MODEL',)\n"
        "    @classmethod\n"
        "    def INPUT_TYPES(cls):\n"
        "        return {'required': {'which': (folder_paths.get_filename_list('loras'),)}}\n"
        "NODE_CLASS_MAPPINGS = {'Mine': Mine}\n"
    )
    (folder / "flow.json").write_text(json.dumps(workflow([node(1, "Mine", values=["x.pt"])], [])))

    done = inside("deps", "flow.json", "--custom-nodes", "nodes", "--format", "json", cwd=folder)

    report = json.loads(done.stdout)
    assert [(each["id"], each["state"], each["types"]) for each in report["packs"]] == [("mine", "present", ["Mine"])]
    assert [(each["name"], each["kinds"]) for each in report["models"]] == [("x.pt", ["loras"])]
    assert report["unknown_types"] == []
    assert not (folder / "marker").exists()


def test_files_and_folders_are_one_report(folder):
    (folder / "more").mkdir()
    (folder / "more/b.json").write_text(json.dumps(TREE))
    (folder / "more/readme.json").write_text("{}")

    done = inside("deps", "flow.json", "more", "--format", "json", cwd=folder)

    report = json.loads(done.stdout)
    assert report["files"] == ["flow.json", str(Path("more/b.json"))]
    assert [use["file"] for use in report["models"][0]["uses"]] == report["files"]


def test_a_file_that_cannot_be_read_hides_nothing_of_others(folder):
    (folder / "bad.json").write_text("{")

    done = inside("deps", "bad.json", "flow.json", "nowhere.json", "--format", "json", cwd=folder)

    report = json.loads(done.stdout)
    assert done.returncode == 2
    assert [fault["file"] for fault in report["faults"]] == ["bad.json", "nowhere.json"]
    assert report["files"] == ["flow.json"]


def test_standard_input_is_a_file(folder):
    done = wftools("deps", "-", "--format", "json", cwd=folder, stdin=json.dumps(TREE))

    assert json.loads(done.stdout)["files"] == ["<stdin>"]


def test_without_a_folder_nothing_is_said_to_be_missing(tmp_path):
    (tmp_path / "flow.json").write_text(json.dumps(TREE))

    unasked = inside("deps", "flow.json", cwd=tmp_path)
    asked = inside("deps", "flow.json", "--models-dir", "nowhere", cwd=tmp_path)

    assert "missing" not in unasked.stdout
    assert "checkpoints/a.safetensors  missing" in asked.stdout


def test_models_are_found_by_extra_model_paths(folder):
    (folder / "elsewhere").mkdir()
    (folder / "elsewhere/b.pt").write_bytes(b"lora")
    (folder / "extra.yaml").write_text("mine:\n  loras: elsewhere\n")

    done = inside("deps", "flow.json", "--extra-model-paths", "extra.yaml", "--format", "json", cwd=folder)

    assert [model["state"] for model in json.loads(done.stdout)["models"]] == ["present", "present"]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--check", "a", "--lock", "b"],
        ["--check", "a", "--format", "json"],
        ["--check", "nowhere"],
        ["--check", "flow.json"],
        ["flow.json", "--custom-nodes", "nowhere"],
        ["flow.json", "--lock", "nowhere/flow.lock"],
    ],
)
def test_wrong_usage_is_2(arguments, folder):
    done = inside("deps", *arguments, cwd=folder)

    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert done.stderr


def test_colours_are_for_terminals_and_strangers_text_moves_no_cursor(folder):
    (folder / "flow.json").write_text(json.dumps(workflow([node(1, "\x1b[2Jx\nInput files")], [])))

    done = inside("deps", "flow.json", cwd=folder)

    assert "\x1b" not in done.stdout
    assert r"\x1b[2Jx\nInput files" in done.stdout
