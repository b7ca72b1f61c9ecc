"""The page of a comparison, in a real browser."""

from __future__ import annotations

import copy

import pytest

from tests.diff.test_picture import document, edited, node_of, report, sample  # noqa: F401  (a fixture)
from tests.draw.pages import Page
from tests.draw.test_formats import hostile
from wftools.diff import FileDiff, Options, Report, compared
from wftools.diff.reporters import REPORTERS

pytestmark = pytest.mark.slow


@pytest.fixture
def opened(browser, tmp_path):
    def open_report(made):
        path = tmp_path / "page.html"
        path.write_bytes(REPORTERS.load("html").render(made))
        return Page(browser, path)

    return open_report


@pytest.fixture
def page(opened, edited):  # noqa: F811
    prompt = node_of(edited, 3)
    prompt["widgets_values"] = ["a red circle on a very dark and cloudy green background, with a frame around it"]
    return opened(report(sample(), edited))


def test_it_shows_both_versions_and_complains_of_nothing(page):
    assert page.complaints() == []
    assert page.find('[data-side="old"] .a-node[data-node="4"]').is_displayed()
    assert page.find('[data-side="new"] .a-node[data-node="50"]').is_displayed()
    assert not page.find('[data-side="both"]').is_displayed()


def test_the_list_tells_what_the_text_report_tells(page):
    heads = page.texts(".changes li > button")

    assert any("KSampler" in head and "steps 20 → 30" in head for head in heads)
    assert any(head.startswith("+") and "PreviewImage" in head for head in heads)
    assert any(head.startswith("\N{MINUS SIGN}") and "Negative prompt" in head for head in heads)
    assert page.find("#summary").text == "4 changes"
    assert "1 moved" in page.find(".untold").text


def test_an_entry_jumps_to_its_node_in_both_versions(page):
    entries = page.browser.find_elements("css selector", ".changes li > button")
    next(each for each in entries if "KSampler" in each.text).click()

    chosen = page.browser.find_elements("css selector", ".a-node.chosen")
    shown = [each for each in chosen if each.is_displayed()]
    assert len(shown) == 2
    for node in shown:
        pane = page.run("return arguments[0].closest('.pane').getBoundingClientRect().toJSON()", node)
        box = page.run("return arguments[0].getBoundingClientRect().toJSON()", node)
        assert pane["left"] <= box["left"] + box["width"] / 2 <= pane["right"]
        assert pane["top"] <= box["top"] + box["height"] / 2 <= pane["bottom"]


def test_words_of_texts_are_compared(page):
    entries = page.browser.find_elements("css selector", ".changes li > button")
    next(each for each in entries if "CLIPTextEncode #3" in each.text).click()

    assert page.texts(".details del") == ["blue"]
    assert "very dark and cloudy green" in " ".join(page.texts(".details ins"))


def test_keys_go_through_the_changes(page):
    page.press("n")
    first = page.texts(".changes [aria-current]")
    page.press("n", "p")

    assert len(first) == 1
    assert page.texts(".changes [aria-current]") == first


def test_the_cameras_move_together(page):
    page.press("+", "\ue012")  # left

    assert page.run("return JSON.stringify(view().panes.by.old.camera)") == page.run(
        "return JSON.stringify(view().panes.by.new.camera)"
    )


def test_views_and_moves_are_switched_by_keys(page):
    page.press("2")
    both = page.find('[data-side="both"]').is_displayed(), page.find('[data-side="old"]').is_displayed()
    ghost = page.find('[data-side="both"] .a-ghost').is_displayed()
    page.press("l")
    hidden = page.find('[data-side="both"] .a-ghost').is_displayed()
    page.press("3")
    slider = page.find(".divider").is_displayed()

    assert both == (True, False)
    assert (ghost, hidden) == (True, False)
    assert slider


def test_a_click_on_a_node_finds_it_in_the_list(page):
    page.find('[data-side="new"] .a-node[data-node="50"]').click()

    assert "PreviewImage" in page.texts(".changes [aria-current]")[0]


def test_a_change_inside_a_subgraph_opens_its_tab(opened):
    old, new = sample("subgraph.json"), sample("subgraph.json")
    node_of(new["definitions"]["subgraphs"][0], 34)["widgets_values"][2] = 5
    page = opened(report(old, new))
    before = page.texts('.scenes [aria-selected="true"]')

    page.press("n")

    assert before == ["new.json"]
    assert page.texts('.scenes [aria-selected="true"]') == ["Prompt to picture1"]
    assert page.find('[data-side="old"] .a-node[data-node="34"]').is_displayed()


def test_files_are_tabs(opened):
    old, new = document(sample(), "a.json"), document(sample("subgraph.json"), "b.json")
    changed = sample()
    node_of(changed, 5)["widgets_values"][2] = 9
    other = document(changed, "c.json")
    page = opened(
        Report(
            (
                FileDiff("a.json", old, other, compared(old, other)),
                FileDiff("b.json", None, new),
                FileDiff("c.json", old, None),
            ),
            Options(),
        )
    )

    page.press("]")

    assert page.texts('#files [aria-selected="true"]') == ["b.jsonadded"]
    assert page.find('[data-file="1"] .a-node[data-node="10"]').is_displayed()
    page.press("]")
    assert page.find('[data-file="2"] .a-node[data-node="5"]').is_displayed()
    assert page.complaints() == []


def test_everything_that_can_be_used_has_a_name(page):
    tree = page.browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]

    roles = ("button", "tab", "checkbox", "slider")
    usable = [each for each in tree if each.get("role", {}).get("value") in roles]
    assert len(usable) >= 10
    assert all(each.get("name", {}).get("value") for each in usable)


def test_what_strangers_write_does_nothing(opened):
    old = hostile()
    new = copy.deepcopy(old)
    new["nodes"][0]["widgets_values"] = ["<img src=x onerror=alert(1)>"]
    page = opened(report(old, new))
    page.press("n")

    assert page.run("return document.scripts.length + document.images.length") == 2
    assert page.complaints() == []
