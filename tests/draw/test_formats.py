"""Each format says what the scene says."""

from __future__ import annotations

import copy
import io
import json
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings

from tests.draw.test_scene import LOOKS, SAMPLES, ui_node
from tests.strategies import odd_prompts, odd_workflows
from wftools.document import NothingEmbeddedError, read
from wftools.draw import FORMATS, draw
from wftools.errors import InputError, WftoolsError
from wftools.graph import build

SVG = "{http://www.w3.org/2000/svg}"
EVIL = "</title><script>alert(1)</script>\"'>&\u0000\ud800\u202e]]>"


def graph_of(tree):
    return build(read(json.dumps(tree).encode(), "flow.json"))


@pytest.fixture(scope="module")
def looks():
    return build(read(LOOKS))


def svg(graph, **options):
    return ET.fromstring(draw(graph, "svg", **options))


def test_an_svg_has_an_element_for_each_node_widget_and_link(looks):
    root = svg(looks)

    ids = {each.get("data-node") for each in root.iter(f"{SVG}g")} - {None}
    assert ids == {str(node["id"]) for node in looks.document.tree["nodes"]}
    links = [each for each in root.iter(f"{SVG}g") if each.get("data-source")]
    assert len(links) == 11
    texts = {each.text for each in root.iter(f"{SVG}text")}
    assert {"KSampler", "cfg", "5.0", "Read me first", "Conditioning", "a red circle on a blue background"} <= texts


def test_an_svg_is_one_file_that_asks_for_nothing(looks):
    text = draw(looks, "svg").decode()

    assert "href" not in text
    assert "url(#grid)" in text
    assert text.count("url(") == 1
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize(
    ("theme", "dark", "light"), [("dark", True, False), ("light", False, True), ("auto", True, True)]
)
def test_themes(looks, theme, dark, light):
    style = svg(looks, theme=theme).find(f"{SVG}style").text

    assert (".canvas{fill:#141414}" in style) == dark
    assert (".canvas{fill:#d3d3d3}" in style) == light
    assert ("prefers-color-scheme" in style) == (theme == "auto")


def test_scopes():
    graph = build(read(SAMPLES / "subgraph.json"))

    ids = [
        {each.get("data-node") for each in svg(graph, scope=scope).iter(f"{SVG}g")} - {None}
        for scope in (None, "Prompt to picture", "all")
    ]

    assert "10" in ids[0]
    assert "34" not in ids[0]
    assert {"34", "-10", "-20"} <= ids[1]
    assert ids[2] == ids[0] | ids[1]


def test_an_unknown_scope_is_an_error_that_names_the_others():
    with pytest.raises(InputError, match="no subgraph is called 'Nowhere'") as caught:
        draw(build(read(SAMPLES / "subgraph.json")), "svg", scope="Nowhere")

    assert caught.value.hint == "there are 'Prompt to picture'"


def test_a_png_is_a_picture_that_opens_as_a_workflow(looks):
    from PIL import Image

    data = draw(looks, "png")

    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        assert picture.size == (1880, 810)
        assert len(set(picture.convert("L").tobytes())) > 50
    assert read(data).tree == looks.document.tree


def test_a_png_of_a_prompt_holds_the_prompt():
    graph = graph_of({"1": {"class_type": "PreviewAny", "inputs": {}}})

    assert read(draw(graph, "png")).tree == graph.document.tree


def test_whether_the_workflow_is_in_a_picture_can_be_said(looks):
    assert read(draw(looks, "svg", embeds=True)).tree == looks.document.tree
    assert len(draw(looks, "png", embeds=False)) < len(draw(looks, "png"))
    with pytest.raises(NothingEmbeddedError):
        read(draw(looks, "png", embeds=False))
    with pytest.raises(InputError, match="not a file that can hold a workflow"):
        draw(looks, "html", embeds=True)


def hostile():
    node = ui_node(1, EVIL, title=EVIL, color=EVIL, bgcolor="red;}*{", widgets_values=[EVIL])
    node["inputs"] = [{"name": EVIL, "type": EVIL, "link": None, "label": EVIL}]
    node["outputs"] = [{"name": EVIL, "type": EVIL, "links": None}]
    inner = {"id": EVIL, "name": EVIL, "nodes": [node], "links": [], "inputs": [{"name": EVIL, "type": EVIL}]}
    group = {"title": EVIL, "bounding": [0, 0, 100, 100], "color": EVIL, "font_size": 24}
    return {"nodes": [node, ui_node(2, EVIL)], "links": [], "groups": [group], "definitions": {"subgraphs": [inner]}}


def test_what_strangers_write_stays_text():
    root = svg(graph_of(hostile()), scope="all")

    assert {each.tag.removeprefix(SVG) for each in root.iter()} <= {
        *("svg", "style", "defs", "pattern", "path", "rect", "g", "title", "text", "circle")
    }
    assert "alert" not in root.find(f"{SVG}style").text
    assert "*{" not in root.find(f"{SVG}style").text


@settings(max_examples=60)
@given(odd_workflows() | odd_prompts())
def test_every_file_gives_well_formed_pictures(tree):
    try:
        graph = graph_of(tree)
        _ = graph.flat
    except WftoolsError:  # what cannot be read at all is another test's
        return

    ET.fromstring(draw(graph, "svg", scope="all"))
    for form in FORMATS.names():
        if form not in ("png", "svg"):
            draw(graph, form, scope="all").decode()


@pytest.mark.parametrize("form", [form for form in FORMATS.names() if form != "png"])
def test_nodes_of_one_id_are_drawn(form, looks):
    """Whose slots have other names, so that links seem to end at slots that are not there."""
    tree = copy.deepcopy(looks.document.tree)
    for node in tree["nodes"]:
        node["id"] = 1
    for row in tree["links"]:
        row[1] = row[3] = 1

    assert draw(graph_of(tree), form, scope="all")


def test_the_same_file_gives_the_same_bytes():
    for form in FORMATS.names():
        assert len({draw(build(read(LOOKS)), form) for _ in range(2)}) == 1


def test_dot_names_slots_and_links_them(looks):
    text = draw(looks, "dot").decode()

    assert "<i0> model|<i1> positive" in text
    assert text.count(" -> ") == 11


def test_mermaid_has_a_line_for_each_node_and_link(looks):
    lines = draw(looks, "mermaid").decode().splitlines()

    assert sum("-->" in line for line in lines) == 11
    assert sum(line.strip().startswith("n0_") and "-->" not in line for line in lines) == 12
    assert 'n0_1["<b>Size</b> #35;2<br>width: 128<br>height: 128<br>batch_size: 1"]:::off' in map(str.strip, lines)


def test_texts_of_strangers_end_no_label():
    for form, ended in (("dot", '"];'), ("mermaid", "<script")):
        assert ended not in draw(graph_of(hostile()), form, scope="all").decode().replace('\\"', "")


def test_the_picture_of_the_readme_is_what_is_drawn():
    """Else: wftools draw sample_workflows/subgraph.json -o sample_workflows/pictures/subgraph.svg"""
    shown = (SAMPLES / "pictures" / "subgraph.svg").read_bytes()

    assert draw(build(read(SAMPLES / "subgraph.json")), "svg") == shown
