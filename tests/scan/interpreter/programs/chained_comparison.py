X = [1 < 2 < 3, 1 < 3 < 2, "a" in "abc", 3 not in [1, 2], None is None]
