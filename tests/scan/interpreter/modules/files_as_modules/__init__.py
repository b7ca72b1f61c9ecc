import importlib.util, os, sys

p = os.path.join(os.path.dirname(__file__), "odd-name.py")
spec = importlib.util.spec_from_file_location("odd", p)
m = importlib.util.module_from_spec(spec)
sys.modules["odd"] = m
spec.loader.exec_module(m)
import odd

X = [m.x, odd.x, m.__name__]
EXPECTED = [4, 4, "odd"]
