import copy

a = {"x": [1]}
b = copy.deepcopy(a)
c = copy.copy(a)
a["x"].append(2)
X = [b, c]
