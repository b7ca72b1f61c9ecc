import pkgutil, importlib
from . import parts

X = []
for _, name, is_package in pkgutil.iter_modules(parts.__path__):
    m = importlib.import_module(f"{parts.__name__}.{name}")
    X.append((name, is_package, m.x))
EXPECTED = [("a", True, 1), ("b", False, 2)]
