def make(name, **names):
    return type(name, (object,), {"f": lambda self: name, **names})


M = make("M", k=1)
X = [M().f(), M.k, M.__name__]
