def f(a, /, b, *, c):
    return (a, b, c)


X = f(1, b=2, c=3)
