"""UI workflows with one defect each: it is found where it is, and nothing is found where there is none."""

from __future__ import annotations

import json
import lzma
from functools import cache
from typing import Any

import pytest

from tests.conftest import DATA
from wftools.catalog.lookup import catalogue, shipped
from wftools.catalog.target import target
from wftools.lint import ERROR, WARNING, Linter
from wftools.lint.examples import subgraph, ui, ui_node

# Kind of defect -> (the rule that finds it, a part of the pointer to it).
FOUND_BY = {
    "U01_link_row_deleted": ("L207", "/inputs/"),
    "U02_origin_missing": ("L204", "/links/"),
    "U03_target_missing": ("L208", "/links/"),
    "U04_target_slot_oob": ("L208", "/links/"),
    "U05_origin_slot_oob": ("L205", "/links/"),
    "U06_wrong_type_edge": ("T301", "/inputs/"),
    "U07_duplicate_node_id": ("L214", "/id"),
    "U08_duplicate_link_id": ("L212", "/links/"),
    "U09_unknown_node_type": ("N101", "/type"),
    "U10_required_disconnected": ("N105", "/inputs/"),
    "U11_cycle": ("G602", "/nodes/"),
    "U12_bad_combo": ("V404", "/widgets_values/"),
    "U13_widget_out_of_range": ("V403", "/widgets_values/"),
    "U15_subgraph_def_removed": ("S701", "/type"),
    "U16_subgraph_inner_origin_missing": ("L204", "/links/"),
    "U17_subgraph_input_slot_oob": ("S703", "/links/"),
    "U18_subgraph_recursive": ("S702", "/type"),
    "U19_no_output_node": ("G601", ""),
    "U20_version_string": ("P007", "/version"),
    "H10_bad_mode": ("P007", "/mode"),
    "H11_group_bad_bounding": ("P007", "/groups/"),
}


@cache
def rows() -> list[dict[str, Any]]:
    with lzma.open(DATA / "validation" / "ui.json.xz", "rt") as stream:
        return list(json.load(stream))


def _with_kinds(kinds) -> list[Any]:
    return [pytest.param(row, id=row["file"]) for row in rows() if row["kind"] in kinds]


@pytest.mark.parametrize("row", _with_kinds(FOUND_BY))
def test_a_defect_is_found_at_its_place(row):
    code, place = FOUND_BY[row["kind"]]

    found = Linter().lint(json.dumps(row["workflow"]).encode())

    assert any(f.code == code and place in f.pointer and f.severity in (ERROR, WARNING) for f in found), found


@pytest.mark.parametrize("row", _with_kinds({row["kind"] for row in rows() if row["kind"].startswith("B")}))
def test_a_benign_edit_is_no_error(row):
    found = Linter().lint(json.dumps(row["workflow"]).encode())

    assert not [finding for finding in found if finding.severity is ERROR]


def test_of_the_official_templates_exactly_three_have_errors(templates):
    linter = Linter()

    wrong = {path.stem for path in templates if any(f.severity is ERROR for f in linter.lint(path))}

    assert wrong == {
        "image_qwen_Image_2512",
        "template_qwen_Image_2512_360_lora",
        "image_flux2_klein_image_edit_9b_distilled",
    }


IMAGE = ui_node(1, "EmptyImage", outputs=[("IMAGE", [1])], values=[64, 64, 1, 0])
UNFED = ui_node(2, "SaveImage", [("images", "IMAGE", None)], values=["a"])
FED = ui_node(2, "SaveImage", [("images", "IMAGE", 1)], values=["a"])
REROUTE = ui_node(3, "Reroute", [("", "*", None)], [("IMAGE", [1])])
ROW = [1, 1, 0, 2, 0, "IMAGE"]


@pytest.mark.parametrize(
    ("nodes", "links", "severity"),
    [
        ([UNFED], [], ERROR),
        ([ui_node(2, "SaveImage", values=["a"])], [], ERROR),
        ([REROUTE, FED], [[1, 3, 0, 2, 0, "IMAGE"]], ERROR),
        ([UNFED, ui_node(4, "SomebodysNode")], [], WARNING),
        ([{**IMAGE, "mode": 2}, FED], [ROW], WARNING),
        ([{**IMAGE, "mode": 4}, FED], [ROW], WARNING),
        ([{**REROUTE, "mode": 2}, FED], [[1, 3, 0, 2, 0, "IMAGE"]], WARNING),
        ([ui_node(5, "ImageInvert", [("image", "IMAGE", None)]), IMAGE, FED], [ROW], WARNING),  # no output needs it
    ],
)
def test_a_socket_that_nothing_feeds_is_an_error_if_nothing_else_explains_it(nodes, links, severity):
    found = Linter().lint(json.dumps(ui(nodes, links)).encode())

    assert [f.severity for f in found if f.code == "N105"] == [severity]


@pytest.mark.parametrize(
    ("code", "row"),
    [
        ("L208", [7, 1, 0, 44, 0, "IMAGE"]),
        ("L208", [7, 1, 0, 2, 9, "IMAGE"]),
        ("L209", [7, 1, 0, 2, 0, "IMAGE"]),
        ("L204", [7, 44, 0, 2, 0, "IMAGE"]),
        ("L205", [7, 1, 9, 2, 0, "IMAGE"]),
        ("L212", ROW),
    ],
)
def test_a_row_that_no_input_names_is_an_error_only_in_a_subgraph(code, row):
    """The editor looks through the links of the root when it opens a file, and not through those of subgraphs."""
    keys = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
    rows = [dict(zip(keys, each, strict=True)) for each in (ROW, row)]
    outside = ui([IMAGE, FED], [ROW, row])
    inside = ui([ui_node(9, "s")], [], definitions=subgraph("s", [IMAGE, FED], rows))

    found = [
        {f.severity for f in Linter().lint(json.dumps(workflow).encode()) if f.code == code}
        for workflow in (outside, inside)
    ]

    assert found == [{ERROR if row == ROW else WARNING}, {ERROR}]


def test_what_any_version_takes_is_right_where_no_version_is_meant():
    """A node is read as the version declares it that fits it best; `kling-v3` came with a later one."""
    values = ["a fox", "", "subject", 0.5, 0.45, "kling-v3", "16:9", 1]
    node = ui_node(1, "KlingImageGenerationNode", outputs=[("IMAGE", [])], values=values)

    found = [
        [f.code for f in Linter(each).lint(json.dumps(ui([node], [])).encode()) if f.code[0] == "V"]
        for each in (shipped(), catalogue(target=target("0.8.0")))
    ]

    assert found == [[], ["V404"]]


def test_a_socket_inside_a_subgraph_is_fed_from_around_it():
    """What its instance is linked to decides."""
    inside = subgraph(
        "s",
        [ui_node(5, "SaveImage", [("images", "IMAGE", 9)], values=["a"])],
        [{"id": 9, "origin_id": -10, "origin_slot": 0, "target_id": 5, "target_slot": 0, "type": "IMAGE"}],
        inputs=[{"id": "i", "name": "picture", "type": "IMAGE", "linkIds": [9]}],
    )
    unfed = ui([IMAGE, ui_node(2, "s", [("picture", "IMAGE", None)])], [], definitions=inside)
    muted = ui([{**IMAGE, "mode": 2}, ui_node(2, "s", [("picture", "IMAGE", 1)])], [ROW], definitions=inside)

    found = [
        (f.node, f.severity, "muted" in (f.hint or ""))
        for workflow in (unfed, muted)
        for f in Linter().lint(json.dumps(workflow).encode())
        if f.code == "N105"
    ]

    assert found == [("2:5", ERROR, False), ("2:5", WARNING, True)]
