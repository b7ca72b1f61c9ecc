import functools


@functools.lru_cache(maxsize=None)
def f(a, b):
    return a - b


X = [functools.partial(f, b=1)(5), functools.partial(f, 9)(2), functools.reduce(lambda a, b: a * b, [1, 2, 3, 4])]
