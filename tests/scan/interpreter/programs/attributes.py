class A:
    pass


setattr(A, "k", 1)
A.m = classmethod(lambda cls: cls.k + 1)
a = A()
a.z = 5
X = [A.k, A.m(), vars(a), "k" in A.__dict__, callable(A.m), A.m.__func__(A)]
del a.z
X.append(hasattr(a, "z"))
