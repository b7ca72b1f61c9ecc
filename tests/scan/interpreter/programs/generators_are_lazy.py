def forever():
    n = 0
    while True:
        yield n
        n += 1


g = forever()
X = [next(g), next(g), [v for v, _ in zip(g, "abc")]]
