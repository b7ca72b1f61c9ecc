from dataclasses import dataclass, field, asdict, fields


@dataclass
class A:
    x: int
    y: list = field(default_factory=list)
    z: str = "z"

    def __post_init__(self):
        self.w = self.x * 2


@dataclass
class B(A):
    q: int = 1


a = A(2)
X = [a.w, a.z, asdict(B(1, q=5)), [f.name for f in fields(B)], A(1) == A(1)]
