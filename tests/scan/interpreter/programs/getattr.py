class A:
    def __getattr__(self, name):
        return name * 2


X = [A().ab, getattr(A(), "x"), hasattr(A, "y"), getattr(A, "z", 0)]
