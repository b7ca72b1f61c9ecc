X = [3, 1]
X.append(2)
X.sort()
X.insert(0, 9)
X.extend([4])
X.remove(1)
X += [7]
X.reverse()
