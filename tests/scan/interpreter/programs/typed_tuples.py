from typing import NamedTuple, Optional


class P(NamedTuple):
    x: int
    y: int = 2


X = [P(1).y, P(1, 5).y, list(P(3)), P._fields]
