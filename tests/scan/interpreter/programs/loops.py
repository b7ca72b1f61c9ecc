X = []
for n in range(10):
    if n == 2:
        continue
    if n == 5:
        break
    X.append(n)
else:
    X.append("else")
while X:
    X.pop()
else:
    X.append("done")
