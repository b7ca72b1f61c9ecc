from collections import OrderedDict, defaultdict, Counter, namedtuple, deque

d = defaultdict(list)
d["a"].append(1)
P = namedtuple("P", "x y", defaults=[7])
p = P(1)
q = deque([1, 2])
q.appendleft(0)
X = [
    dict(d),
    Counter("aab")["a"],
    p.x + p.y,
    p._replace(x=5).x,
    tuple(p),
    list(OrderedDict(b=1, a=2)),
    list(q),
    P._fields,
    Counter("abb").most_common(1),
]
