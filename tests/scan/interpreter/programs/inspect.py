import inspect


def f(a, b=2, *, c=3):
    pass


class A:
    def g(self):
        pass


p = inspect.signature(f).parameters
X = [
    list(p),
    p["b"].default,
    p["a"].default is inspect.Parameter.empty,
    inspect.isclass(A),
    [n for n, v in inspect.getmembers(A, inspect.isfunction)],
]
