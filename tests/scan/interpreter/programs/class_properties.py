class classproperty:
    def __init__(self, function):
        self.function = function

    def __get__(self, obj, owner):
        return self.function(owner)


class Lazy:
    def __init__(self, function):
        self.function = function
        self.name = function.__name__

    def __get__(self, obj, owner=None):
        if obj is None:
            return self
        value = obj.__dict__[self.name] = self.function(obj)
        return value


class A:
    calls = 0
    tag = "a"

    @classproperty
    def RETURN_TYPES(cls):
        return (cls.tag.upper(),)

    @Lazy
    def heavy(self):
        A.calls += 1
        return A.calls


class B(A):
    tag = "b"


a = A()
X = [A.RETURN_TYPES, B.RETURN_TYPES, B().RETURN_TYPES, a.heavy, a.heavy, A.calls]
