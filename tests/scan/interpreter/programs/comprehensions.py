X = [
    [i * j for i in range(3) if i for j in range(2)],
    {k: v for k, v in zip("ab", [1, 2])},
    sorted({n % 3 for n in range(9)}),
    sum(n for n in range(4)),
]
