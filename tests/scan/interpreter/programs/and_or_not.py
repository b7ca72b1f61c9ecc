X = [0 or "x", 1 and "y", not [], "" or None, 5 and 0]
