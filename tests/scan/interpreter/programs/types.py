import types

n = types.SimpleNamespace(a=1)
X = [n.a, type(1) is int, type("") == str, isinstance(True, int), isinstance(1, (str, int)), type(None) is type(None)]
