"""Selecting rules, placing findings, and files that cannot be read."""

from __future__ import annotations

import json

import pytest

from wftools.catalog.lookup import Catalogue, catalogue
from wftools.catalog.target import target
from wftools.errors import InputError
from wftools.lint import ERROR, WARNING, Linter, Selection
from wftools.lint.examples import api_node, picture, ui, ui_node

BROKEN = picture(n2=api_node("SaveImage", images=["9", 0], filename_prefix=["a", "b"]))


def _codes(found):
    return [finding.code for finding in found]


@pytest.mark.parametrize(
    ("select", "ignore", "selected"),
    [
        ((), (), {"L204", "V407"}),
        (("L",), (), {"L204"}),
        (("L204", "V"), (), {"L204", "V407"}),
        (("dangling-link",), (), {"L204"}),
        ((), ("L2",), {"V407"}),
        (("L",), ("L204",), set()),
        (("L204",), ("L",), {"L204"}),  # the longer word wins
        (("ALL",), ("V407",), {"L204"}),
    ],
)
def test_rules_are_selected_by_code_beginning_and_name(select, ignore, selected):
    found = Linter(Catalogue(), Selection(select, ignore)).lint(json.dumps(BROKEN).encode())

    assert set(_codes(found)) == selected


def test_a_word_that_names_no_rule_is_refused():
    with pytest.raises(InputError, match="Z999"):
        Selection(("Z999",)).rules()


def test_a_finding_has_file_line_column_pointer_and_node():
    text = json.dumps(BROKEN, indent=2)

    (finding,) = Linter(Catalogue(), Selection(("L204",))).lint(text.encode(), "flow.json")

    line = text.split("\n").index('      "images": [')
    assert (finding.file, finding.line, finding.column) == ("flow.json", line + 1, 17)
    assert (finding.pointer, finding.node) == ("/2/inputs/images", "2")


def test_a_pointer_leads_into_the_file_not_into_the_workflow():
    (finding,) = Linter(Catalogue(), Selection(("L204",))).lint(json.dumps({"prompt": BROKEN}).encode())

    assert finding.pointer == "/prompt/2/inputs/images"


@pytest.mark.parametrize("data", [b"{", b"[]", b"\xff\xfe\x00", b"", b"[" * 100_000])
def test_a_file_that_cannot_be_read_is_a_finding_whatever_is_selected(data):
    (finding,) = Linter(Catalogue(), Selection(("T301",))).lint(data, "x.json")

    assert finding.code.startswith("P")
    assert finding.severity is ERROR
    assert finding.file == "x.json"


def test_what_no_output_needs_is_a_warning():
    prompt = picture(n3=api_node("EmptyImage", width="wide", height=1, batch_size=1, color=0))

    (finding,) = Linter().lint(json.dumps(prompt).encode())

    assert (finding.code, finding.severity) == ("V401", WARNING)


def test_an_unknown_node_is_an_error_only_where_it_must_be_known(tmp_path):
    prompt = json.dumps(picture(n3=api_node("SomebodysNode"))).encode()
    server = tmp_path / "object_info.json"
    core = ("CheckpointLoaderSimple", "CLIPTextEncode", "KSampler", "SaveImage", "VAEDecode", "EmptyImage")
    server.write_text(json.dumps({name: _object_info(name) for name in core}))

    (guess,) = Linter().lint(prompt)
    (certain,) = Linter(catalogue([str(server)])).lint(prompt)

    assert (guess.severity, certain.severity) == (WARNING, ERROR)


def _object_info(name):
    from wftools.catalog.object_info import object_info

    signature = Catalogue().signature(name)
    assert signature is not None
    return object_info(signature)


@pytest.mark.parametrize(("version", "severity"), [("0.3.64", WARNING), ("0.8.0", ERROR), ("0.33.0", ERROR)])
def test_a_target_decides_what_its_server_looks_at(version, severity):
    """ComfyUI 0.3.64 does not compare values with the choices of a combo in the V3 form."""
    prompt = picture(
        n3=api_node("LatentConcat", samples1=["4", 0], samples2=["4", 0], dim="sideways"),
        n4=api_node("EmptyLatentImage", width=64, height=64, batch_size=1),
        n5=api_node("SaveLatent", samples=["3", 0], filename_prefix="a"),
    )

    found = Linter(catalogue(target=target(f"comfyui=={version}"))).lint(json.dumps(prompt).encode())

    assert [(f.pointer, f.severity) for f in found if f.code == "V404"] == [("/3/inputs/dim", severity)]


def test_a_finding_inside_a_subgraph_is_told_once_however_often_it_is_used():
    inner = [ui_node(5, "PrimitiveInt", outputs=[("INT", [])], values=["many", "fixed"])]
    definition = {"id": "sub", "version": 1, "name": "S", "nodes": inner, "links": [], "inputs": [], "outputs": []}
    workflow = ui(
        [ui_node(1, "sub"), ui_node(2, "sub"), ui_node(3, "PreviewAny", [("source", "*", None)])],
        [],
        definitions={"subgraphs": [definition]},
    )

    found = [f for f in Linter().lint(json.dumps(workflow).encode()) if f.code == "V401"]

    assert {f.pointer for f in found} == {"/definitions/subgraphs/0/nodes/0/widgets_values/0"}
    assert [f.node for f in found] == ["1:5"]


def test_a_ring_is_told_once_and_in_few_words():
    """It was one finding a node, each with the whole ring."""
    ring = {str(i): api_node("ImageInvert", image=[str((i + 1) % 4_000), 0]) for i in range(4_000)}
    ring["out"] = api_node("SaveImage", images=["0", 0], filename_prefix="a")

    (finding,) = [f for f in Linter().lint(json.dumps(ring).encode()) if f.code == "G602"]

    assert finding.severity is ERROR
    assert len(finding.message) < 500


@pytest.mark.parametrize(
    "prompt",
    [
        picture(n3=api_node("x" * 20_000_000)),
        picture(n1=api_node("EmptyImage", **{"y" * 20_000_000: 1}, width=64, height=64, batch_size=1, color=0)),
        picture(n3=api_node("VAELoader", vae_name="z" * 20_000_000)),
        picture(n2=api_node("SaveImage", images=["w" * 20_000_000, 0], filename_prefix="a")),
    ],
    ids=["type", "input", "choice", "link"],
)
def test_a_name_of_millions_of_letters_is_shown_in_part(prompt):
    found = Linter().lint(json.dumps(prompt).encode())

    assert found
    assert max(len(f.message) for f in found) <= 1_000
    assert max(len(f.hint or "") for f in found) <= 1_000
