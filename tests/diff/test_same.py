"""Which values are one, however they are spelled."""

from __future__ import annotations

import math
from typing import Any

import pytest

from wftools.diff.changes import ABSENT, Absent, Endpoint
from wftools.diff.facts import same


@pytest.mark.parametrize(
    ("old", "new", "are_one"),
    [
        (1, 1.0, True),
        (0.1 + 0.2, 0.3, True),
        (0.3, 0.31, False),
        (1, True, False),
        (0.0, False, False),
        ("1", 1.0, False),
        (math.nan, math.nan, True),
        (10**400, 0.4, False),  # no float is as large
        ({"a": [1]}, {"a": [1.0]}, True),
        ({"a": 1}, {"a": 1, "b": None}, False),
        ([1, 2], [2, 1], False),
        (None, {}, False),
        (ABSENT, Absent(), True),
        (ABSENT, None, False),
        (ABSENT, False, False),
        (Endpoint("3", "MODEL", 0), Endpoint("3", "MODEL", 1), True),  # the slot has moved
        (Endpoint("3", "MODEL"), Endpoint("3", "CLIP"), False),
        (Endpoint("3", "MODEL"), 3.0, False),
    ],
)
def test_spelling_makes_no_difference(old: Any, new: Any, are_one: bool) -> None:
    assert same(old, new) == are_one
    assert same(new, old) == are_one
