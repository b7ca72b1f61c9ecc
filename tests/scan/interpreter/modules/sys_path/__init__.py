import os, sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
import deep.inner

X = deep.inner.x
EXPECTED = 9
