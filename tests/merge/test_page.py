"""The page of a merged file: in a real browser, up to the file that it saves."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.cli.process import wftools
from tests.draw.pages import Page
from wftools.document import dumpb, read
from wftools.merge import Labels, conflicts_of, merge
from wftools.merge.files import read_conflicts
from wftools.merge.page import merge_page

pytestmark = pytest.mark.slow

SAMPLE = Path(__file__).parents[2] / "sample_workflows" / "txt2img.json"


def node_of(tree, id_):
    return next(node for node in tree["nodes"] if node["id"] == id_)


def side(steps, prompt, note):
    """A sample with these values; without its note for None."""
    tree = json.loads(SAMPLE.read_text("utf-8"))
    node_of(tree, 5)["widgets_values"][2] = steps
    node_of(tree, 3)["widgets_values"][0] = prompt
    if note is None:
        tree["nodes"] = [node for node in tree["nodes"] if node["id"] != 8]
    else:
        node_of(tree, 8)["widgets_values"][0] = note
        node_of(tree, 8).pop("widgets_values_named", None)
    return read(json.dumps(tree).encode(), "flow.json")


@pytest.fixture
def merged(tmp_path):
    """A file with three conflicts: two values, and a note that was edited here and deleted there."""
    ours, theirs = side(30, "a red circle", "# Edited"), side(8, "</script><b>a star", None)
    made = merge(read(SAMPLE), ours, theirs, labels=Labels("base", "main", "feature"))
    assert len(made.conflicts) == 3
    path = tmp_path / "flow.json"
    path.write_bytes(dumpb(made.document))
    return path


@pytest.fixture
def page(browser, merged):
    folder = merged.parent
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)})
    (folder / "page.html").write_bytes(merge_page(read_conflicts(str(merged))))
    return Page(browser, folder / "page.html")


def rows(page):
    return {each.text.split()[0]: each for each in page.browser.find_elements("css selector", "fieldset")}


def radio(page, kind, wish):
    row = next(each for name, each in rows(page).items() if name == kind)
    return row.find_element("css selector", f'input[value="{wish}"]')


def test_three_versions_are_shown_with_the_conflicts_marked(page):
    assert page.complaints() == []
    assert page.texts(".side") == ["base", "ours (main)", "theirs (feature)"]
    assert page.find("#summary").text == "3 conflicts, 3 to decide"
    values = [
        page.run(
            f"return document.querySelector('[data-side={side}] [data-node=\"5\"] [data-widget=steps]').textContent"
        )
        for side in ("base", "ours", "theirs")
    ]
    assert values == ["steps20", "steps30", "steps8"]
    marked = page.browser.find_elements("css selector", ".row-mark.conflict")
    assert len(marked) >= 6
    notes = page.browser.find_elements("css selector", '.a-node[data-node="8"]')
    assert len(notes) == 2  # deleted in theirs


def test_the_choices_are_saved_as_resolve_takes_them(page, merged):
    radio(page, "KSampler", "theirs").click()
    radio(page, "MarkdownNote", "ours").click()
    text = rows(page)["CLIPTextEncode"].find_element("css selector", 'input[type="text"]')
    text.send_keys("a blue square")
    summary = page.find("#summary").text
    page.find("#export").click()
    saved = merged.parent / "resolution.json"
    for _ in range(100):
        if saved.exists() and saved.read_text("utf-8").endswith("}\n"):
            break
        time.sleep(0.1)

    done = wftools("resolve", "flow.json", "--from", "resolution.json", cwd=merged.parent)

    assert summary == "3 conflicts, all decided"
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    document = read(merged)
    assert conflicts_of(document) == ()
    assert node_of(document.tree, 5)["widgets_values"][2] == 8
    assert node_of(document.tree, 3)["widgets_values"][0] == "a blue square"
    assert node_of(document.tree, 8)["widgets_values"][0] == "# Edited"


def test_one_conflict_is_one(browser, tmp_path):
    note = node_of(json.loads(SAMPLE.read_text("utf-8")), 8)["widgets_values"][0]
    prompt = "a red circle on a blue background"
    made = merge(read(SAMPLE), side(30, prompt, note), side(8, prompt, note))
    (tmp_path / "flow.json").write_bytes(dumpb(made.document))
    (tmp_path / "page.html").write_bytes(merge_page(read_conflicts(str(tmp_path / "flow.json"))))

    page = Page(browser, tmp_path / "page.html")

    assert page.find("#summary").text == "1 conflict, 1 to decide"


def test_it_works_by_keys_alone(page):
    first = page.texts("fieldset.current legend")
    page.press("3", "n", "2", "n", "1")

    assert len(first) == 1
    assert page.find("#summary").text == "3 conflicts, all decided"
    choices = json.loads(page.run("return resolution()"))
    assert sorted(choice["take"] for choice in choices.values()) == ["base", "ours", "theirs"]


def test_one_click_takes_a_side_everywhere(page):
    page.find('[data-all="theirs"]').click()

    assert {choice["take"] for choice in json.loads(page.run("return resolution()")).values()} == {"theirs"}


def test_a_click_in_a_picture_finds_the_conflict(page):
    page.run("panes.focus(conflicts[1].spots)")
    page.find('[data-side="theirs"] .a-node[data-node="5"]').click()

    assert "KSampler" in page.texts("fieldset.current legend")[0]


def test_what_strangers_write_does_nothing(page):
    assert page.run("return document.scripts.length") == 2
    assert page.browser.find_elements("css selector", ".conflicts b, .pane b") == []


def test_everything_that_can_be_used_has_a_name(page):
    tree = page.browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]

    usable = [each for each in tree if each.get("role", {}).get("value") in ("button", "radio", "textbox")]
    assert len(usable) >= 15
    assert all(each.get("name", {}).get("value") for each in usable)
