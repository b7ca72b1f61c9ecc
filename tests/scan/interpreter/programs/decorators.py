import functools


def twice(n):
    def wrap(f):
        @functools.wraps(f)
        def inner(*a):
            return f(*a) * n

        return inner

    return wrap


@twice(3)
@twice(2)
def f(x):
    return [x]


X = [f(1), f.__name__, f.__wrapped__.__name__]
