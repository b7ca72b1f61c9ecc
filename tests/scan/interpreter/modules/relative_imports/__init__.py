from .a import x
from .b.c import y as z
from . import a

X = [x, z, a.x]
EXPECTED = [1, 2, 1]
