X = {"a": 1}
X.update(b=2)
X.setdefault("c", []).append(3)
X |= {"d": 4}
X.pop("a")
X = [X, list(X.items()), X.get("z", 0), dict.fromkeys("ab", 1), {**X, "e": 5}]
