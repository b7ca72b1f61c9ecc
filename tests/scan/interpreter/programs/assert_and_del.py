a = {"x": 1, "y": 2}
del a["x"]
assert a, "why"
try:
    assert not a, "why"
except AssertionError as e:
    X = [a, str(e)]
