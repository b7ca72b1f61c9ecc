a = list(range(6))
a[1:3] = ["x"]
del a[0]
X = [a, a[-2:], a[::2], "abcdef"[1:-1]]
