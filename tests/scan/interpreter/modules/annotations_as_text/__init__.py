from __future__ import annotations


class A:
    x: Undefined[int] = 1
    y: str


X = A.__annotations__
EXPECTED = {"x": "Undefined[int]", "y": "str"}
