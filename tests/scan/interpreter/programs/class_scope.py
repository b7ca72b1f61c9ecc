class A:
    n = 3
    rows = [i for i in range(n)]
    double = n * 2

    def f(self):
        return self.n


X = [A.rows, A.double, A().f()]
