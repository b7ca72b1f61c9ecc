"""JSON text to a tree, with what is unusual in it."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.strategies import json_values, spelled
from wftools.document.jsontext import MAX_LEVELS, JsonError, decode, parse
from wftools.errors import LimitError


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ('{"a": 1}', []),
        ('{"a": 1, "a": 2}', ["duplicate-key"]),
        ('{"a": {"b": 1}, "c": {"b": 1}}', []),
        ('[{"a": 1}, {"a": 1, "\\u0061": 2}]', ["duplicate-key"]),
        ('{"a": NaN, "b": [Infinity, -Infinity]}', ["non-finite", "non-finite", "non-finite"]),
        ('{"NaN": "Infinity"}', []),
        ('{"a\\"": 1, "{": "}", "a\\"": 2}', ["duplicate-key"]),
    ],
)
def test_what_is_unusual_is_noted_and_read_all_the_same(text, kinds):
    _, defects = parse(text)

    assert [defect.kind for defect in defects] == kinds


def test_a_repeated_key_is_noted_where_it_stands_again_and_the_last_value_counts():
    tree, (defect,) = parse('{"a": 1,\n "a": 2}')

    assert tree == {"a": 2}
    assert defect.offset == 10


def test_seeds_of_64_bits_and_floats_that_look_like_integers_keep_their_kind():
    tree, _ = parse("[18446744073709551615, 1.0, 1, 1e3]")

    assert [(type(value), value) for value in tree] == [(int, 2**64 - 1), (float, 1.0), (int, 1), (float, 1000.0)]


@pytest.mark.parametrize(("text", "offset"), [('{"a": }', 6), ("", 0), ('{"a": 1}}', 8), ("[1,]", 3), ("{'a': 1}", 1)])
def test_what_is_not_json_is_refused_at_its_place(text, offset):
    with pytest.raises(JsonError) as caught:
        parse(text)

    assert caught.value.offset == offset


def _nested(depth: int) -> str:
    """Brackets in brackets, and as many closing ones in a text."""
    return '["' + "]" * depth + '", ' + "[" * (depth - 1) + "]" * depth


def test_a_text_may_be_as_deep_as_whoever_walks_it_can_bear():
    tree, _ = parse(_nested(MAX_LEVELS))

    assert len(tree) == 2


@pytest.mark.parametrize("text", ["[" * 200_000, '{"a":' * 200_000, "9" * 5_000, _nested(MAX_LEVELS + 1), _nested(900)])
def test_a_text_that_asks_for_too_much_is_refused(text):
    with pytest.raises(LimitError):
        parse(text)


@pytest.mark.parametrize(
    ("data", "text", "kinds"),
    [
        ("é".encode(), "é", []),
        (b"\xef\xbb\xbf{}", "{}", ["byte-order-mark"]),
        ("{}".encode("utf-16"), "{}", ["byte-order-mark"]),
        ("{}".encode("utf-16-le"), "{}", []),
    ],
)
def test_bytes_are_utf_8_unless_they_say_otherwise(data, text, kinds):
    decoded, _, defects = decode(data)

    assert decoded == text
    assert [defect.kind for defect in defects] == kinds


def test_bytes_that_are_no_text_are_refused_at_their_place():
    with pytest.raises(JsonError) as caught:
        decode(b'{"\xc3\xa9": "\xff"}')

    assert caught.value.offset == 7  # é counts as one character


@given(spelled(json_values))
def test_every_spelling_of_a_tree_is_read_without_a_remark(text):
    _, defects = parse(text)

    assert not defects
