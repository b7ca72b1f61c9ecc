from .a import x, y

X = [x, y]
EXPECTED = [1, 2]
