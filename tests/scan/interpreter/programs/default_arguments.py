def f(a, b=2, *c, d=4, **e):
    return [a, b, c, d, e]


X = [f(1), f(1, 3, 5, d=0, z=9), f(*[1, 2], **{"d": 3})]
