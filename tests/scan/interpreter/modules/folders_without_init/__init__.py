from .a.b import x

X = x
EXPECTED = 5
