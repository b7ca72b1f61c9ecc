class D:
    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, obj, owner=None):
        return (self.name, obj is None)


class A:
    d = D()


X = [A.d, A().d]
