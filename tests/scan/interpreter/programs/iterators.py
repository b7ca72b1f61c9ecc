it = iter([1, 2, 3])
X = [
    next(it),
    list(it),
    next(it, "end"),
    list(enumerate("ab", 1)),
    list(map(lambda a, b: a + b, [1, 2], [3, 4])),
    list(filter(None, [0, 1])),
    list(reversed([1, 2])),
    all([]),
    any([0]),
]
