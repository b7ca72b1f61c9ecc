seen = []


class Meta(type):
    def __new__(mcs, name, bases, names, **more):
        names["added"] = name.lower()
        cls = super().__new__(mcs, name, bases, names)
        seen.append(name)
        return cls

    def __call__(cls, *a):
        return ["made", *a]

    @property
    def shown(cls):
        return cls.added + "!"


class A(metaclass=Meta):
    pass


class B(A):
    pass


X = [A.added, B.added, seen, B(1), B.shown]
