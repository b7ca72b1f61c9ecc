"""Boxes stand left to right along the flow, in columns, without overlaps."""

from __future__ import annotations

import json
import lzma
import random
from itertools import pairwise
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import DATA
from tests.strategies import layout_graphs
from wftools.layout import Box, Edge, Spacing, place, place_in_groups
from wftools.layout.net import net
from wftools.layout.order import crossings, put_in_order
from wftools.layout.rows import isotonic

# Of the prompts of the templates: the median is 172, the longest 1,101.
LONGEST_MEDIAN = 200.0
LONGEST_MEAN_EDGE = 1200.0


def chain(length):
    boxes = [Box(str(number), 200, 100) for number in range(length)]
    return boxes, [Edge(str(number), str(number + 1), 30, 30) for number in range(length - 1)]


def overlap(boxes, corners):
    rectangles = [(*corners[box.id], corners[box.id][0] + box.width, corners[box.id][1] + box.height) for box in boxes]
    return [
        (one, other)
        for index, one in enumerate(rectangles)
        for other in rectangles[:index]
        if one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
    ]


@given(layout_graphs())
def test_no_box_lies_on_another(graph):
    boxes, edges = graph

    assert not overlap(boxes, place(boxes, edges))


@given(layout_graphs(acyclic=True))
def test_every_edge_runs_from_left_to_right(graph):
    boxes, edges = graph
    width = {box.id: box.width for box in boxes}

    corners = place(boxes, edges)

    assert all(corners[edge.source][0] + width[edge.source] < corners[edge.target][0] for edge in edges)


@given(layout_graphs(), st.randoms())
def test_the_order_of_what_is_given_has_no_influence(graph, dice):
    boxes, edges = graph
    shuffled_boxes, shuffled_edges = dice.sample(boxes, len(boxes)), dice.sample(edges, len(edges))

    assert place(shuffled_boxes, shuffled_edges) == place(boxes, edges)


@given(layout_graphs())
def test_the_picture_starts_at_the_origin_and_keeps_to_the_grid(graph):
    boxes, edges = graph

    corners = place(boxes, edges)

    assert min(x for x, _ in corners.values()) == 0
    assert min(y for _, y in corners.values()) == 0
    assert all(x % Spacing().grid == 0 and y % Spacing().grid == 0 for x, y in corners.values())


def test_nothing_is_placed_where_nothing_is_given():
    assert place([], []) == {}


def test_a_chain_is_straight_and_as_short_as_it_can_be():
    corners = place(*chain(4))

    assert corners == {"0": (0, 0), "1": (260, 0), "2": (520, 0), "3": (780, 0)}


def test_an_edge_to_a_box_that_is_not_there_is_left_out():
    assert place([Box("a", 10, 10)], [Edge("a", "b"), Edge("c", "a")]) == {"a": (0, 0)}


def test_what_feeds_a_box_stands_in_the_order_of_its_inputs():
    boxes = [Box(name, 100, 50) for name in ("sampler", "x", "y", "z")]
    edges = [Edge("z", "sampler", 20, 20), Edge("y", "sampler", 20, 40), Edge("x", "sampler", 20, 60)]

    corners = place(boxes, edges)

    assert corners["z"][1] < corners["y"][1] < corners["x"][1]


def test_a_box_with_one_consumer_stands_beside_it():
    boxes, edges = chain(6)
    corners = place([*boxes, Box("loader", 200, 100)], [*edges, Edge("loader", "5", 30, 60)])

    assert corners["loader"][0] == corners["4"][0]


def test_edges_of_a_drawing_without_crossings_do_not_cross():
    """Two interleaved fans: by the order of their names they would cross."""
    boxes = [Box(name, 100, 50) for name in "abcdef"]
    edges = [Edge("a", "d"), Edge("a", "f"), Edge("b", "c"), Edge("b", "e")]

    drawn = net(boxes, edges)
    put_in_order(drawn)

    assert crossings(drawn) == 0


def test_parts_that_nothing_connects_stand_apart():
    boxes, edges = chain(3)
    alone = [Box(f"note {number}", 300, 200) for number in range(6)]

    corners = place([*boxes, *alone], edges)

    assert not overlap([*boxes, *alone], corners)
    assert max(x for x, _ in corners.values()) < 6 * 300  # in rows, not in one


@pytest.mark.parametrize("sources", [["0"], [str(number) for number in range(300)]], ids=["one", "many"])
def test_many_boxes_take_no_quadratic_number_of_bends(sources):
    """A long chain in which boxes far along it need what is given at its start."""
    boxes, edges = chain(400)
    skipping = [Edge(source, str(int(source) + reach), 50, 50) for source in sources for reach in range(60, 100)]

    assert len(net(boxes, [*edges, *skipping]).heights) < 2 * len(boxes)


@given(st.lists(st.floats(-1e6, 1e6)))
def test_isotonic_is_a_projection(values):
    """What comes out does not decrease, keeps the sum, and stays as it is."""
    fitted = isotonic(values)

    assert all(one <= other for one, other in pairwise(fitted))
    assert sum(fitted) == pytest.approx(sum(values), abs=1e-3)
    assert isotonic(fitted) == pytest.approx(fitted)


@given(layout_graphs(), st.integers(1, 4))
def test_groups_stand_in_frames_of_their_own(graph, count):
    boxes, edges = graph
    group_of = {box.id: f"g{number % count}" for number, box in enumerate(boxes) if number % 3}

    corners, frames = place_in_groups(boxes, edges, group_of, edge=20, title=40)

    alone = [box for box in boxes if box.id not in group_of]
    outlines = [Box(name, frame.width, frame.height) for name, frame in frames.items()]
    places = {**corners, **{name: (frame.x, frame.y) for name, frame in frames.items()}}
    assert not overlap(boxes, corners)
    assert not overlap([*alone, *outlines], places)
    for box in boxes:
        if box.id in group_of:
            frame, (x, y) = frames[group_of[box.id]], corners[box.id]
            assert frame.x + 20 <= x <= frame.x + frame.width - box.width - 20
            assert frame.y + 60 <= y <= frame.y + frame.height - box.height - 20


def _prompts():
    with lzma.open(DATA / "oracle" / "templates.json.xz", "rt", encoding="utf-8") as stream:
        return [each["api"] for each in json.load(stream).values()]


def _mean_edge(prompt):
    """The mean length of the edges of a prompt, down and across, between the ends of each."""
    boxes = [Box(id_, 240, 60 + 24 * len(node["inputs"])) for id_, node in prompt.items()]
    edges = [
        Edge(value[0], id_, 20 + 20 * value[1], 40 + 20 * index)
        for id_, node in prompt.items()
        for index, value in enumerate(node["inputs"].values())
        if isinstance(value, list)
    ]
    corners = place(boxes, edges)
    lengths = [
        abs(corners[edge.target][0] - corners[edge.source][0] - 240)
        + abs(corners[edge.target][1] + edge.enters - corners[edge.source][1] - edge.leaves)
        for edge in edges
    ]
    return sum(lengths) / len(lengths) if lengths else 0.0


def test_edges_of_real_prompts_are_short():
    means = [_mean_edge(prompt) for prompt in _prompts()]

    assert median(means) < LONGEST_MEDIAN
    assert max(means) < LONGEST_MEAN_EDGE


def test_the_same_boxes_in_another_order_are_placed_alike_at_scale():
    dice = random.Random(5)
    boxes = [Box(str(number), 200, 50 + dice.randrange(5) * 40) for number in range(300)]
    edges = [Edge(str(dice.randrange(number)), str(number), 20, 40) for number in range(1, 300) for _ in range(2)]

    corners = place(boxes, edges)

    assert not overlap(boxes, corners)
    assert place(boxes[::-1], edges[::-1]) == corners
