"""The page of a workflow, in a real browser."""

from __future__ import annotations

import io
import json

import pytest

from tests.draw.pages import Page
from tests.draw.test_formats import graph_of, hostile
from tests.draw.test_scene import LOOKS, SAMPLES
from wftools.document import read
from wftools.draw import draw
from wftools.graph import build

pytestmark = pytest.mark.slow


@pytest.fixture
def opened(browser, tmp_path):
    def open_graph(graph, **options):
        path = tmp_path / "page.html"
        path.write_bytes(draw(graph, "html", **options))
        return Page(browser, path)

    return open_graph


@pytest.fixture
def subgraph(opened):
    return opened(build(read(SAMPLES / "subgraph.json")))


def drag(page, element, x, y):
    from selenium.webdriver import ActionChains

    ActionChains(page.browser).click_and_hold(element).move_by_offset(x, y).release().perform()


def test_a_page_shows_the_whole_workflow_and_complains_of_nothing(opened):
    page = opened(build(read(LOOKS)))

    assert page.complaints() == []
    pane = page.find("#canvas").rect
    for node in page.browser.find_elements("css selector", ".a-node"):
        rect = node.rect
        assert pane["x"] <= rect["x"]
        assert rect["x"] + rect["width"] <= pane["x"] + pane["width"] + 1


def test_a_click_shows_the_values_of_a_node_and_where_its_links_lead(subgraph):
    subgraph.find('.a-node[data-node="10"]').click()

    assert subgraph.texts("#details h2") == ["Prompt to picture"]
    assert subgraph.texts("#details dd") == ["a small blue square on a yellow background", "3"]
    assert "clip — Load Checkpoint CLIP" in subgraph.texts("#details li")
    assert len(subgraph.browser.find_elements("css selector", ".a-node.chosen")) == 1


def test_a_subgraph_opens_by_double_click_and_closes_by_key(subgraph):
    from selenium.webdriver import ActionChains

    ActionChains(subgraph.browser).double_click(subgraph.find('.a-node[data-node="11"]')).perform()

    assert subgraph.texts("#way button") == ["subgraph.json", "Prompt to picture"]
    assert subgraph.find('.a-node[data-node="34"]').is_displayed()
    assert not subgraph.find('.a-node[data-node="11"]').is_displayed()
    subgraph.press("\ue00c")  # Escape
    assert subgraph.texts("#way button") == ["subgraph.json"]
    assert subgraph.find('.a-node[data-node="11"]').is_displayed()


def test_search_jumps_into_a_subgraph(subgraph):
    subgraph.press("/")
    subgraph.press("vae", " ", "decode", "\ue007")  # Enter

    assert subgraph.texts("#details h2") == ["VAE Decode"]
    assert subgraph.texts("#way button") == ["subgraph.json", "Prompt to picture"]
    chosen = subgraph.find(".a-node.chosen").rect
    pane = subgraph.find("#canvas").rect
    assert abs(chosen["x"] + chosen["width"] / 2 - pane["x"] - pane["width"] / 2) < 200


def test_it_works_by_keys_alone(subgraph):
    subgraph.press("n", "n")
    second = subgraph.texts("#details h2")
    before = subgraph.run("return pane.camera.k")
    subgraph.press("+")
    after = subgraph.run("return pane.camera.k")
    subgraph.press("\ue007")  # Enter
    inside = subgraph.texts("#way button")

    assert second == ["Prompt to picture"]
    assert after > before
    assert inside == ["subgraph.json", "Prompt to picture"]


def test_the_canvas_pans_by_dragging_and_zooms_about_the_pointer(subgraph):
    before = subgraph.run("return pane.camera")
    drag(subgraph, subgraph.find("#canvas"), 100, 50)
    panned = subgraph.run("return pane.camera")
    held = subgraph.run(
        "const at = [200, 100]; const of = () => [pane.camera.x + at[0] / pane.camera.k, pane.camera.y + at[1] / "
        "pane.camera.k]; const before = of(); const {left, top} = pane.root.getBoundingClientRect();"
        "pane.root.dispatchEvent(new WheelEvent('wheel', {deltaY: -200, clientX: left + at[0], clientY: top + at[1], "
        "cancelable: true})); return [before, of(), pane.camera.k]"
    )

    assert panned["x"] == pytest.approx(before["x"] - 100 / before["k"], abs=2)
    assert panned["y"] == pytest.approx(before["y"] - 50 / before["k"], abs=2)
    assert held[0] == pytest.approx(held[1], abs=1)  # a pointer's place is whole pixels
    assert held[2] > panned["k"]


def test_two_fingers_zoom(subgraph):
    before, after = subgraph.run(
        "const fire = (kind, id, x) => pane.root.dispatchEvent(new PointerEvent(kind, {pointerId: id, clientX: x, "
        "clientY: 400, bubbles: true})); pane.root.setPointerCapture = () => {}; const before = pane.camera.k;"
        "fire('pointerdown', 11, 500); fire('pointerdown', 12, 600); fire('pointermove', 12, 800);"
        "fire('pointerup', 11, 500); fire('pointerup', 12, 800); return [before, pane.camera.k]"
    )

    assert after == pytest.approx(3 * before, rel=0.1)


def test_dark_and_light(opened):
    from PIL import Image

    page = opened(build(read(LOOKS)), theme="dark")

    def shade():
        with Image.open(io.BytesIO(page.browser.get_screenshot_as_png())) as picture:
            return picture.convert("L").getpixel((5, picture.height - 5))

    dark = shade()
    page.find("#theme").click()
    light = shade()

    assert dark < 50
    assert light > 150


def test_everything_that_can_be_used_has_a_name(subgraph):
    tree = subgraph.browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]

    usable = [each for each in tree if each.get("role", {}).get("value") in ("button", "tab", "searchbox", "combobox")]
    assert len(usable) >= 8
    assert all(each.get("name", {}).get("value") for each in usable)


def test_what_strangers_write_does_nothing(opened):
    page = opened(graph_of(hostile()))
    page.press("n", "/")
    page.press("script")

    assert page.run("return document.scripts.length") == 2
    assert page.complaints() == []
    assert page.run("return document.querySelectorAll('#found [role=option]').length") > 0


def test_scripts_that_are_not_ours_are_refused(browser, tmp_path):
    """Whatever got past the escaping would not run: the policy names our script by its digest."""
    page = draw(build(read(LOOKS)), "html").decode().replace("</body>", "<script>window.ran = 1</script></body>")
    (tmp_path / "page.html").write_text(page, "utf-8")

    opened = Page(browser, tmp_path / "page.html")

    assert opened.run("return window.ran ?? null") is None
    assert "Content Security Policy" in json.dumps(opened.complaints())
