from enum import Enum


class P(Enum):
    EARTH = (1, 2.0)
    MARS = (3, 4.0)

    def __init__(self, m, r):
        self.m = m
        self.r = r


X = [P.EARTH.m, P.MARS.r, P.MARS.value]
