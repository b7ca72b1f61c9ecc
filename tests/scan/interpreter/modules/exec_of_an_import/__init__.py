exec("from .a import *")
X = x
EXPECTED = 8
