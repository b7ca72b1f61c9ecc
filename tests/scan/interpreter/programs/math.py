import math, string, operator, sys

X = [
    math.pi,
    math.floor(2.5),
    math.sqrt(16),
    math.inf,
    string.ascii_lowercase[:3],
    operator.itemgetter(1)([5, 6]),
    sys.maxsize,
    math.prod([2, 3]),
]
