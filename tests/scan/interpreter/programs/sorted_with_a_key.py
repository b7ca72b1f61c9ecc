X = [
    sorted(["bb", "a", "ccc"], key=len, reverse=True),
    max([3, 9, 2], key=lambda n: -n),
    min("b", "a"),
    sorted([(2, "a"), (1, "b"), (1, "a")]),
]
