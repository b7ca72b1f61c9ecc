"""Errors name the file, and values are shown whatever they are."""

from __future__ import annotations

import pytest

from wftools.errors import MAX_SHOWN, InputError, LimitError, Place, UnforeseenError, WftoolsError, foreseen, shown


def _deep(levels: int) -> list[object]:
    value: list[object] = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [None, True, 5, 0.1, "a", "it's", [1, "two", None], {"a": [1.5], "b": {}}, [], {}, [[], [{}]], "\ud800\x1b"],
)
def test_a_short_value_is_shown_as_python_spells_it(value: object) -> None:
    assert shown(value) == repr(value)


@pytest.mark.parametrize("value", ["x" * 50_000_000, [1] * 1_000_000, _deep(100_000), {"a": _deep(100_000)}])
def test_a_large_or_deep_value_is_shown_in_part(value: object) -> None:
    assert len(shown(value)) == MAX_SHOWN


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (RecursionError("maximum recursion depth exceeded"), LimitError),
        (MemoryError(), LimitError),
        (KeyError("key"), UnforeseenError),
        (OSError(28, "No space left on device"), WftoolsError),
        (InputError("no workflow"), InputError),
    ],
)
def test_whatever_happens_to_a_file_is_an_error_that_names_it(raised: Exception, kind: type[WftoolsError]) -> None:
    with pytest.raises(kind, match=r"^flow\.json: ") as caught, foreseen("flow.json"):
        raise raised

    assert type(caught.value) is kind


def test_an_error_that_has_a_file_keeps_it() -> None:
    with pytest.raises(InputError, match=r"^object_info\.json:3: "), foreseen("flow.json"):
        raise InputError("no list", place=Place("object_info.json", 3))


def test_a_fault_of_ours_says_where_it_is_and_how_it_is_reported() -> None:
    with pytest.raises(UnforeseenError) as caught, foreseen("flow.json"):
        shown(type("Odd", (), {"__repr__": lambda self: 1 / 0})())

    assert "ZeroDivisionError: division by zero (wftools/errors.py:" in str(caught.value)
    assert "https://" in (caught.value.hint or "")
