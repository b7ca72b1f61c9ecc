log = []


class M:
    def __enter__(self):
        log.append("in")
        return "v"

    def __exit__(self, kind, value, trace):
        log.append(kind is not None)
        return True


with M() as v, M():
    log.append(v)
    raise ValueError
X = log
