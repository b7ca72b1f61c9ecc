from contextlib import contextmanager

log = []


@contextmanager
def m(v):
    log.append("in")
    try:
        yield v
    finally:
        log.append("out")


with m(3) as got:
    log.append(got)
X = log
