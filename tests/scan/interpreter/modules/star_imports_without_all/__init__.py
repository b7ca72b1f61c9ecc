from .a import *

X = [shown, "_private" in globals(), "os" in globals()]
EXPECTED = [1, False, True]
