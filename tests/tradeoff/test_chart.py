"""Size against error as a picture, a page and a table."""

from __future__ import annotations

import math
import random
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from wftools.errors import InputError
from wftools.tradeoff.chart import chart, size, worthwhile
from wftools.tradeoff.files import write_chart
from wftools.tradeoff.labels import Box, placed
from wftools.tradeoff.measuring import Point, Tradeoff
from wftools.tradeoff.telling import lines
from wftools.weights.quantising.report import ProbeReport

SVG = "{http://www.w3.org/2000/svg}"


def point(name="q8_0", way="quantised", megabytes=10.0, snr=40.0, moved=None):
    picture = None
    if moved is not None:
        picture = ProbeReport(workflow="flow.json", pictures=1, psnr=30, ssim=0.9, mean=moved, largest=99)
    return Point(name, way, int(megabytes * 1e6), 8.0, snr, picture)


def tradeoff(*points, name="model.safetensors", workflow=None, is_sampled=False):
    return Tradeoff(name, "F16", 20_000_000, 10_000_000, points, is_sampled, workflow)


USUAL = tradeoff(
    point("fp8_e4m3fn", "compressed", 10, 31),
    point("q8_0", "quantised", 11, 45),
    point("q5_k_m", "mixed", 7.5, 29),
    point("q4_0", "quantised", 6, 21),
)


def test_each_type_is_a_point_with_its_name():
    tree = ET.fromstring(chart(USUAL))

    names = [str(each.text) for each in tree.iter(f"{SVG}text") if "name" in each.attrib.get("class", "").split()]
    assert sorted(names) == sorted(["as it is: no error", *(each.type for each in USUAL.points)])


def test_compressing_is_told_from_quantising_by_shape_and_by_colour():
    text = chart(USUAL)

    assert "compressed: floats of fewer bits" in text
    assert "quantised: integers, a scale for each block" in text
    assert text.count("<circle") == 2  # one point, and one in the legend


def test_smaller_is_further_left_and_better_further_down():
    tree = ET.fromstring(chart(tradeoff(point("a", "compressed", 5, 20), point("b", "compressed", 10, 40))))

    *_, first, second = [(float(each.attrib["cx"]), float(each.attrib["cy"])) for each in tree.iter(f"{SVG}circle")]
    assert first[0] < second[0]
    assert first[1] < second[1]  # SVG counts downwards


@pytest.mark.parametrize("points", [(), (point(),), (point(snr=math.inf),), (point(moved=0.0),)])
def test_whatever_there_is_gives_a_picture(points):
    picture = tradeoff(*points, workflow="flow.json" if points and points[0].picture else None)

    ET.fromstring(chart(picture))
    assert size(picture)[1] == 596 + 458 * bool(picture.workflow)


def test_names_of_files_stay_text():
    picture = tradeoff(point(moved=1.0), name="<script>&.safetensors", workflow='"><b>.json')

    assert "<script>" not in chart(picture)
    assert "<b>" not in chart(picture)
    ET.fromstring(chart(picture))


def test_what_is_worth_a_thought_is_the_best_of_its_size():
    small, good, neither, same = (
        point("small", megabytes=5, snr=20),
        point("good", megabytes=8, snr=40),
        point("neither", megabytes=9, snr=30),
        point("same", megabytes=8, snr=35),
    )

    assert worthwhile([neither, good, same, small], lambda each: each.error) == [small, good]


def test_labels_cover_neither_points_nor_each_other():
    generator = random.Random(0)
    frame = Box(0, 0, 900, 400)
    for _ in range(20):
        points = [(generator.uniform(60, 840), generator.uniform(40, 360)) for _ in range(20)]
        names = [generator.choice(["q8_0", "q5_k_m", "fp8_e4m3fn"]) for _ in points]

        boxes = [label.box for label in placed(points, names, frame, 13, 7)]

        marks = [Box(x - 7, y - 7, x + 7, y + 7) for x, y in points]
        assert not any(one.overlaps(other) for one in boxes for other in [*marks, *boxes] if one is not other)
        assert all(each.left >= 0 and each.right <= 900 and each.top >= 0 and each.bottom <= 400 for each in boxes)


def test_a_page_needs_nothing_else_and_has_the_figures(tmp_path):
    write_chart(USUAL, tmp_path / "chart.html")

    text = (tmp_path / "chart.html").read_text()
    parser = _Cells()
    parser.feed(text)
    assert parser.rows == len(USUAL.points)
    assert not {"script", "link", "img", "iframe"} & parser.tags
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "default-src 'none'" in text


def test_a_png_is_twice_as_large(tmp_path):
    pytest.importorskip("resvg_py")
    from PIL import Image

    write_chart(USUAL, tmp_path / "chart.png")

    with Image.open(tmp_path / "chart.png") as opened:
        assert opened.size == tuple(round(2 * side) for side in size(USUAL))


def test_a_name_that_says_no_format_is_an_error(tmp_path):
    with pytest.raises(InputError, match="does not say what to draw"):
        write_chart(USUAL, tmp_path / "chart.gif")


def test_the_table_has_a_line_for_each_type():
    found = [line.split() for line in lines(USUAL)]

    assert [line[0] for line in found] == ["type", "fp8_e4m3fn", "q8_0", "q5_k_m", "q4_0"]
    assert found[2][1:] == ["8.00", "11.0", "MB", "45.0", "dB", "0.56%"]


class _Cells(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags: set[str] = set()
        self.rows = 0

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.rows += tag == "tr" and ("class", "row") in attrs
