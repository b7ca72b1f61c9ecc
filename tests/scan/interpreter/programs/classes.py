class A:
    kind = "a"

    def __init__(self, n):
        self.n = n

    def twice(self):
        return self.n * 2

    @classmethod
    def made(cls):
        return cls(3)

    @staticmethod
    def plain(x):
        return x

    @property
    def p(self):
        return self.n + 1

    @p.setter
    def p(self, v):
        self.n = v


class B(A):
    kind = A.kind + "b"

    def twice(self):
        return super().twice() + 1


b = B.made()
X = [b.twice(), b.p, B.kind, B.plain(5), type(b).__name__, isinstance(b, A), issubclass(B, A)]
b.p = 10
X += [b.n, B.__mro__[1].__name__, A.twice(b)]
