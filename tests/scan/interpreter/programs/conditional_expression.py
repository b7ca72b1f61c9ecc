X = ["a" if n % 2 else "b" for n in range(3)]
