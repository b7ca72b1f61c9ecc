X = [y for n in range(5) if (y := n * 2) > 3] + [y]
