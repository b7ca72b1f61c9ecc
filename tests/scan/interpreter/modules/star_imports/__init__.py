from .a import *

X = [shown, "hidden" in globals(), "_private" in globals()]
EXPECTED = [1, False, False]
