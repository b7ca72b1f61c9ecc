from enum import Enum, IntEnum, auto


class E(str, Enum):
    A = "a"
    B = "b"
    ALIAS = "a"

    @property
    def up(self):
        return self.value.upper()


class N(Enum):
    ONE = auto()
    TWO = auto()


class I(IntEnum):
    K = 4


X = [
    [e.value for e in E],
    E.A.up,
    E("b").name,
    E["A"].value,
    list(E.__members__),
    [n.value for n in N],
    I.K + 1,
    E.A == "a",
    E.ALIAS is E.A,
    len(E),
    isinstance(E.A, str),
    N.ONE.name,
]
