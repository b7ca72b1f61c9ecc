import inspect
import sys

NODES = {}


class Base:
    name = None

    @classmethod
    def find(cls):
        return {each.__name__: each for each in cls.__subclasses__()}

    def kind(self):
        return type(self).__name__ + "/" + self.__class__.name


class First(Base):
    name = "first"


class Second(Base):
    name = "second"


for each_name, each in list(globals().items()):
    if isinstance(each, type) and issubclass(each, Base) and each is not Base:
        NODES[each_name] = each
found = dict(sorted((c.__name__, c) for c in Base.__subclasses__()))
globals().update({f"Made{i}": type(f"Made{i}", (Base,), {"name": i, "__doc__": "made"}) for i in range(2)})
X = [
    list(NODES),
    list(found),
    sorted(Base.find()),
    Made0().kind() if Made0.name == "x" else Made1.name,  # noqa
    [k for k, v in vars(First).items() if not k.startswith("__")],
    [name for name in dir(Second) if not name.startswith("_")],
    First().kind(),
    Made0.__doc__,  # noqa
    {c.name: c.__name__ for c in (First, Second)},
]
