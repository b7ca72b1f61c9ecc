try:
    from helper import x
except ImportError:
    from .helper import x
X = x
EXPECTED = 6
