class V:
    def __init__(self, n):
        self.n = n

    def __add__(self, o):
        return V(self.n + o.n)

    def __eq__(self, o):
        return self.n == o.n

    def __lt__(self, o):
        return self.n < o.n

    def __len__(self):
        return self.n

    def __getitem__(self, k):
        return k * self.n

    def __contains__(self, k):
        return k == self.n

    def __call__(self, *a):
        return a

    def __iter__(self):
        return iter(range(self.n))

    def __bool__(self):
        return self.n > 2

    def __str__(self):
        return f"V{self.n}"


a, b = V(1), V(2)
X = [(a + b).n, a == b, a < b, len(b), b[4], 2 in b, b(1), list(b), bool(a), str(b), f"{a}", sorted([b, a])[0].n]
