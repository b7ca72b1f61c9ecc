"""What strangers' files say can neither move a cursor nor break the encoding."""

from __future__ import annotations

import json
import os

import pytest

from wftools.escaping import json_bytes, printable


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a fox, ein Füchslein, 狐", "a fox, ein Füchslein, 狐"),
        ("a\u00a0b\u3000c 👩\u200d🎨", "a\u00a0b\u3000c 👩\u200d🎨"),
        ("\x1b[2J\x07\x9b", r"\x1b[2J\x07\x9b"),
        ("one\ntwo\r\u2028\x85", r"one\ntwo\r\u2028\x85"),
        ("evil\u202egnp.exe", r"evil\u202egnp.exe"),
        ("\ud800", r"\ud800"),
        (os.fsdecode(b"caf\xe9.json"), r"caf\udce9.json"),
    ],
)
def test_what_a_terminal_would_obey_is_escaped_and_the_rest_stays(text: str, escaped: str) -> None:
    assert printable(text) == escaped


def test_line_ends_can_be_kept() -> None:
    assert printable("one\n\x1btwo\n", keep="\n") == "one\n\\x1btwo\n"


@pytest.mark.parametrize("text", ["\ud800", "\ud83d\udc4d x", "\udc4d\ud83d", os.fsdecode(b"caf\xe9"), "Füchslein 👍"])
def test_json_can_be_encoded_and_read_back(text: str) -> None:
    data = json_bytes({text: [text]})

    (key,) = json.loads(data)
    assert key.encode("utf-16", "surrogatepass") == text.encode("utf-16", "surrogatepass")


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_what_json_has_not_is_null(number: float) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    data = json_bytes({"a": number, "b": [{"c": number}, 1.5], "d": True})

    assert json.loads(data, parse_constant=refuse) == {"a": None, "b": [{"c": None}, 1.5], "d": True}
