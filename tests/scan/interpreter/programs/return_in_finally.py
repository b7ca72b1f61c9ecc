def f():
    try:
        return 1
    finally:
        n.append(2)


n = []
X = [f(), n]
