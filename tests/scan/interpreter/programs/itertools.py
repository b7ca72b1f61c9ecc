import itertools as i

X = [
    list(i.chain([1], "a")),
    list(i.chain.from_iterable([[1], [2]])),
    list(i.islice(i.count(5), 2)),
    list(i.product("ab", [1])),
    list(i.zip_longest([1], [2, 3])),
    [(k, list(g)) for k, g in i.groupby([1, 1, 2])],
    list(i.accumulate([1, 2, 3])),
]
