"""UI workflows with one defect each: it is found where it is, and nothing is found where there is none."""

from __future__ import annotations

import json
import lzma
from functools import cache
from typing import Any

import pytest

from tests.conftest import DATA
from wftools.lint import ERROR, WARNING, Linter

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
