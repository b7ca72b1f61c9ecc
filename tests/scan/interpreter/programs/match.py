def f(v):
    match v:
        case 0 | 1:
            return "few"
        case [a, *rest] if rest:
            return ["row", a, rest]
        case {"k": k, **more}:
            return ["dict", k, more]
        case str() as text:
            return "text " + text
        case _:
            return "other"


X = [f(1), f([1, 2, 3]), f({"k": 1, "z": 2}), f("x"), f(None), f([1])]
