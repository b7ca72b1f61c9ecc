fs = [lambda: i for i in range(3)]
gs = [lambda i=i: i for i in range(3)]
X = [f() for f in fs] + [g() for g in gs]
