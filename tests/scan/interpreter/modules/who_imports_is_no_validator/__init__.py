import inspect

X = any("validate" in f.function for f in inspect.stack())
EXPECTED = False
