m = __import__("a", globals(), locals(), ["x"], 1)
X = m.x
EXPECTED = 7
