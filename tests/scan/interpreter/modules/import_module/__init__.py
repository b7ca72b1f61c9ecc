import importlib

X = [importlib.import_module("." + n, __name__).x for n in ("a", "b")]
X.append(importlib.import_module(f"{__package__}.a").x)
EXPECTED = [1, 2, 1]
