def g(n):
    got = yield n
    while n:
        yield n
        n -= 1
    return "end"


def h():
    last = yield from g(2)
    yield "after"


X = [list(h()), list(g(1))]
