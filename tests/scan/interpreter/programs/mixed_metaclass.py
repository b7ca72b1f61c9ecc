class Registry(type):
    nodes = {}

    def __new__(mcs, name, bases, names, **more):
        return super().__new__(mcs, name, bases, names)

    def __init__(cls, name, bases, names, **more):
        super().__init__(name, bases, names)
        cls.more = more
        if bases:
            Registry.nodes[names.get("TITLE", name)] = cls

    def __getitem__(cls, key):
        return (cls.__name__, key)

    def __iter__(cls):
        return iter(cls.PARTS)

    def __len__(cls):
        return len(cls.PARTS)

    @property
    def INPUT_TYPES(cls):
        return lambda: {"required": {part: ("INT",) for part in cls}}


class Node(metaclass=Registry):
    PARTS = ()


class Sum(Node, shape="round"):
    TITLE = "Sum of"
    PARTS = ("a", "b")


X = [list(Registry.nodes), Sum["k"], list(Sum), len(Sum), Sum.INPUT_TYPES(), Sum.more, "a" in Sum]
