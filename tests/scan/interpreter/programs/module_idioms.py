from copy import deepcopy
from functools import partial, reduce
from itertools import chain

DEFAULTS = {"step": 1, "min": 0}


def number(kind, default=0, /, *, low=None, **options):
    return (kind, {**DEFAULTS, **({"min": low} if low is not None else {}), "default": default} | options)


whole, real = (partial(number, kind) for kind in ("INT", "FLOAT"))


class Inputs(dict):
    def __or__(self, other):
        return Inputs({**self, **other})

    def without(self, *names):
        return Inputs((k, v) for k, v in self.items() if k not in names)


common = Inputs(steps=whole(20, max=100), cfg=real(7.5, low=1.0))
more = common | {"seed": whole(0)}
table = deepcopy({"required": dict(more.without("cfg"))})
table["required"]["steps"][1]["default"] += 5
names = ["{}_{:02d}".format(a, b) for a in "xy" for b in range(2) if (a, b) != ("x", 0)]
X = [
    common["steps"],
    list(more),
    table,
    common["steps"][1]["default"],
    names,
    reduce(lambda a, b: {**a, b: len(a)}, names, {}),
    list(chain(names, reversed(names)))[2:4],
    dict(zip(names, range(3)), z=9),
    sorted(names, key=lambda n: (n[-1], n[0]), reverse=True),
    ("a" if not names else "b") + "c" * 2,
    [*map("-".join, [("a", "b"), ("c", "d")])],
    "%s" % (("t",),),
    f"{max(names)!r:>8}|{len(names):03}|{0.5:.0%}",
]
