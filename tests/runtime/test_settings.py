"""NODE.INPUT=VALUE"""

from __future__ import annotations

from typing import Any

import pytest

from tests.runtime.plug import NODES, document, prompt, texts
from wftools.errors import InputError
from wftools.runtime import Options, Session, setting

TREE = prompt(
    n1=("Number", {"value": 1}),
    n2=("Add", {"a": ["1", 0], "b": 10}),
    n3=("Show", {"value": ["2", 0]}),
    n4=("Join", {"parts.part0": "a", "form": "plain"}),
    n5=("Show", {"value": ["4", 0]}),
)
TREE["57:3"] = {"class_type": "Number", "inputs": {"value": 3}, "_meta": {"title": "My v1.5"}}


def set_all(*settings: str) -> Any:
    options = Options(settings=tuple(map(setting, settings)))
    return Session(options, NODES).run([document(TREE)]).workflows[0]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ([], "11"),
        (["1.value=5"], "15"),
        (["1.value=5", "1.value=6"], "16"),  # the last one wins
        (["Add.b=20"], "21"),  # by a type that only one node has
        (["2.a=100"], "110"),  # in place of a link
        (['2.a=["57:3", 0]'], "13"),  # another link
        (['2.a=["57:3", 0]', "57:3.value=4"], "14"),
        (['2.a=["57:3", 0]', "My v1.5.value=5"], "15"),  # by a title, which may hold dots
    ],
)
def test_an_input_is_given_another_value(settings: list[str], expected: str) -> None:
    """Nodes by id, title or type; values and links."""
    assert texts(set_all(*settings))[0] == expected


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (["4.parts.part0=x y"], "({'part0': 'x y'}, {'form': 'plain'})"),  # no JSON: a text
        (["4.parts.part0=12"], "({'part0': '12'}, {'form': 'plain'})"),  # JSON, then as declared
        (['4.parts.part0="12"'], "({'part0': '12'}, {'form': 'plain'})"),
        (["4.parts.part0=a=b"], "({'part0': 'a=b'}, {'form': 'plain'})"),
        (["4.parts.part2=c"], "({'part0': 'a', 'part2': 'c'}, {'form': 'plain'})"),  # one that was not given
        (["4.form=framed", "4.form.frame=#"], "({'part0': 'a'}, {'form': 'framed', 'frame': '#'})"),
        (["4.parts.part0=[1, 2]"], "({'part0': '[1, 2]'}, {'form': 'plain'})"),  # a list that is no link
    ],
)
def test_a_value_is_json_or_a_text(settings: list[str], expected: str) -> None:
    """Parts of dynamic inputs included, also those that a setting before has brought in."""
    assert texts(set_all(*settings))[1] == expected


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("9.value=1", "9.value: there is no node '9'", "its nodes: 1, 2, 3"),
        ("Numbr.value=1", "Numbr.value: there is no node 'Numbr'", "did you mean 'Number'?"),
        ("Show.value=1", "Show.value: 2 nodes are called 'Show': 3, 5", "name one by its id"),
        ("1.valeu=1", "1.valeu: node 1 (Number) has no input 'valeu'", "did you mean 'value'?"),
    ],
)
def test_an_unknown_node_or_input_is_an_error(text: str, message: str, hint: str) -> None:
    """With what comes near."""
    report = set_all(text)

    assert (report.status, report.errors[0].message) == ("failed", message)
    assert report.errors[0].hint.startswith(hint)


@pytest.mark.parametrize("text", ["", "3.seed", "seed=5", "=5", ".=5", "3.=5", ".seed=5"])
def test_a_setting_has_a_node_an_input_and_a_value(text: str) -> None:
    """Anything else is refused before a file is read."""
    with pytest.raises(InputError, match=r"NODE\.INPUT=VALUE"):
        setting(text)


def test_a_value_out_of_range_is_told_like_one_in_the_file() -> None:
    """Settings are checked as the file is."""
    assert set_all("1.value=5000").errors[0].message == "value is 5000, at most 1000 is taken (V403)"
