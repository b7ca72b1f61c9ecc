seen = {}


class Base:
    def __init_subclass__(cls, tag=None, **more):
        super().__init_subclass__(**more)
        seen[tag or cls.__name__] = cls.v


class A(Base):
    v = 1


class B(Base, tag="t"):
    v = 2


X = seen
