X = []
for n in ("good", "bad"):
    try:
        X.append(__import__(n, globals(), locals(), ["v"], 1).v)
    except Exception as e:
        X.append(str(e))
EXPECTED = [1, "broken"]
