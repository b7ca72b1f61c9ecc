"""Packs that mean harm, or are broken: nothing of them runs, nothing takes forever, and no traceback comes out."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.scan.interpreter.packs import interpreter_of, is_unknown, pack, value_of
from wftools.scan.interpreter import Interpreter, Limits, ModuleValue, Unknown

if TYPE_CHECKING:
    from pathlib import Path

SMALL = Limits(steps=60_000, slice=40_000, turns=2_000)

# After each of these, what follows is still read, and X is unknown.
TOO_MUCH = {
    "a long text": "X = 'a' * 10 ** 9",
    "a long text, step by step": "X = 'a' * 1000\nfor _ in range(40):\n    X += X",
    "a long list": "X = [0] * 10 ** 9",
    "a list that doubles": "X = [0]\nfor _ in range(60):\n    X = X + X",
    "a great power": "X = 10 ** 10 ** 9",
    "a great shift": "X = 1 << 10 ** 12",
    "a great product": "X = 3\nfor _ in range(60):\n    X = X * X",
    "pow()": "X = pow(9, 10 ** 9)",
    "a factorial": "import math\nX = math.factorial(10 ** 8)",
    "combinations": "import math\nX = math.comb(10 ** 9, 10 ** 8)",
    "a wide field": "X = f'{1:>1000000000}'",
    "a wide percent field": "X = '%1000000000d' % 1",
    "a wide format": "X = '{:>1000000000}'.format(1)",
    "padding": "X = 'x'.ljust(10 ** 10)",
    "tabs": "X = ('\\t' * 1000).expandtabs(10 ** 9)",
    "replacing": "X = ('a' * 10 ** 5).replace('a', 'b' * 10 ** 5)",
    "joining": "X = ('b' * 10 ** 4).join(['a'] * 10 ** 4)",
    "bytes": "X = bytes(10 ** 10)",
    "all of a range": "X = list(range(10 ** 12))",
    "all of a range, by a comprehension": "X = [n for n in range(10 ** 12)]",
    "all products": "import itertools\nX = list(itertools.product(range(10), repeat=12))",
    "what holds itself": "a = []\na.append(a)\nX = repr(a)",
    "what holds itself, compared": "a, b = [], []\na.append(a)\nb.append(b)\nX = a == b",
    "what is shared again and again": "a = b = [1]\nfor _ in range(60):\n    a, b = [a, a], [b, b]\n"
    "X = [a] == [b] and str(a)",
    "a key shared again and again": "a = (1,)\nfor _ in range(60):\n    a = (a, a)\nX = {a: 1}",
    "a copy of it": "import copy\na = [1]\nfor _ in range(60):\n    a = [a, a]\nX = copy.deepcopy(a)",
    "a regular expression": "import re\nX = re.match('(a+)+$', 'a' * 40 + '!')",
    "another one": "import re\nX = re.match('(.*)*x', 'a' * 5000)",
    "a function that calls itself": "def f(n):\n    return f(n + 1)\nX = f(0)",
    "functions that call each other": "def f():\n    return g()\ndef g():\n    return [f()][0] + 1\nX = f()",
    "a lambda that calls itself": "f = lambda: f()\nX = f()",
    "a property of itself": "class A:\n    @property\n    def p(self):\n        return self.p\nX = A().p",
    "attributes of itself": "class A:\n    def __getattr__(self, n):\n        return getattr(self, n + 'x')\nX = A().a",
    "a generator of itself": "def g():\n    yield from g()\nX = list(g())",
    "a sort that calls itself": "def f(n):\n    return sorted([n], key=f)\nX = f(1)",
    "a class of itself": "def f():\n    class A:\n        x = f()\n    return A.x\nX = f()",
    "a format of itself": "class A:\n    def __str__(self):\n        return f'{self}'\nX = str(A())",
    "a wrapper of itself": "import inspect\ndef f():\n    pass\nf.__wrapped__ = f\n"
    "X = inspect.unwrap(lambda: 1) and f.__wrapped__.__wrapped__.gone",
}


@pytest.mark.parametrize("name", TOO_MUCH)
def test_what_would_be_too_much_is_unknown_and_the_rest_goes_on(tmp_path: Path, name: str):
    interpreter = interpreter_of(tmp_path, TOO_MUCH[name] + "\nafter = 1\n")
    module = interpreter.load()

    assert isinstance(module, ModuleValue)
    value = interpreter.attribute(module, "X")
    assert is_unknown(value) or is_unknown(value[-1])
    assert interpreter.attribute(module, "after") == 1


LOOPS = {
    "while True": "while True:\n    X = 1",
    "for ever": "import itertools\nfor X in itertools.count():\n    pass",
    "a list that grows as it is read": "X = [0]\nfor n in X:\n    X.append(n)",
    "in a decorator": "def loops(f):\n    while True:\n        pass\n@loops\ndef g():\n    pass",
    "in a class": "class A:\n    while True:\n        x = 1",
    "in a generator": "def g():\n    while True:\n        pass\n    yield 1\nlist(g())",
    "in a sort": "def k(n):\n    for _ in iter(int, 1):\n        pass\nsorted([1, 2], key=k)",
    "nested": "for a in range(10 ** 9):\n    for b in range(10 ** 9):\n"
    "        for c in range(10 ** 9):\n            pass",
}


@pytest.mark.parametrize("name", LOOPS)
def test_loops_that_do_not_end_are_left(tmp_path: Path, name: str):
    files = {"__init__.py": "from . import endless\nafter = 1", "endless.py": LOOPS[name]}
    interpreter = interpreter_of(tmp_path, files, limits=SMALL)

    module = interpreter.load()

    assert interpreter.attribute(module, "after") == 1
    assert interpreter.budget.steps <= SMALL.steps + SMALL.turns


SLOW = {
    "looking for what is not there": "a = [*range(50)] * 2000\nwhile True:\n    a.count(-1)",
    "reading a long list": "a = [0] * 900000\nwhile True:\n    a[5]",
    "taking from a long list": "a = [0] * 900000\nwhile a:\n    a.pop(0)",
    "searching a long text": "a = 'a' * 1000000\nwhile True:\n    a.count('b'), a.replace('b', ''), 'b' in a",
    "comparing long lists": "a, b = [0] * 40000, [0] * 40000\nwhile True:\n    a == b",
    "joining lists": "a = [0] * 100000\nwhile True:\n    a + a, a[1:], [*a]",
}


@pytest.mark.parametrize("name", SLOW)
def test_what_takes_python_long_counts_as_steps(tmp_path: Path, name: str):
    """A turn of each of these costs far more than the few expressions that are in it."""
    interpreter = interpreter_of(tmp_path, SLOW[name], limits=Limits(steps=80_000, slice=80_000, turns=60))

    interpreter.load()

    assert any("steps" in each for each in interpreter.incomplete)


def test_a_pack_whose_steps_are_used_up_says_so_and_keeps_what_it_has(tmp_path: Path):
    source = "before = 1\n" + "for a in range(10 ** 9):\n    pass\n" * 3 + "after = 1"
    interpreter = interpreter_of(tmp_path, source, limits=Limits(steps=5_000, slice=5_000))

    module = interpreter.load()

    assert is_unknown(module) or isinstance(module, ModuleValue)
    assert any("steps" in each for each in interpreter.incomplete)


def test_a_call_has_a_share_of_its_own(tmp_path: Path):
    source = "def bad():\n    for _ in range(10 ** 9):\n        pass\ndef good():\n    return 1"
    interpreter = interpreter_of(tmp_path, source, limits=Limits(steps=100_000, slice=10_000, turns=10**9))
    module = interpreter.load()

    bad = interpreter.call(interpreter.attribute(module, "bad"))
    good = interpreter.call(interpreter.attribute(module, "good"))

    assert is_unknown(bad)
    assert good == 1


SOURCES: dict[str, bytes] = {
    "no Python": b"this is : no python (",
    "another encoding": "# -*- coding: latin-1 -*-\nafter = 'é'\n".encode("latin-1"),
    "bytes of no encoding": b"after = '\xff\xfe'\n",
    "a byte order mark": b"\xef\xbb\xbfafter = 1\n",
    "null bytes": b"after = 1\x00\n",
    "empty": b"",
    "deep brackets": b"x = " + b"[" * 5_000 + b"]" * 5_000 + b"\nafter = 1\n",
    "deep signs": b"x = " + b"-" * 5_000 + b"1\nafter = 1\n",
    "deep blocks": b"".join(b" " * n + b"if 1:\n" for n in range(90)) + b" " * 90 + b"pass\nafter = 1\n",
    "a deep chain": b"x = " + b"1 + " * 20_000 + b"1\nafter = 1\n",
    "a deep chain of calls": b"x = a" + b".b()" * 3_000 + b"\nafter = 1\n",
    "many elifs": b"if 0:\n  pass\n" + b"elif 0:\n  pass\n" * 800 + b"after = 1\n",
    "many elifs of the parser": b"if 0:\n  pass\n" + b"elif 0:\n  pass\n" * 5_000 + b"after = 1\n",
    "unfinished": b"def f(:\n",
    "an unknown encoding": b"# -*- coding: nonsense -*-\nafter = 1\n",
    "yield outside": b"x = (yield 1)\nafter = 1\n",
    "return outside": b"return 1\nafter = 1\n",
    "names of all kinds": "ß = 1\nafter = ß\n__class__ = 2\n".encode(),
}


@pytest.mark.parametrize("name", SOURCES)
def test_sources_of_all_kinds_are_survived(tmp_path: Path, name: str):
    files = {"__init__.py": b"from .strange import *\nfirst = 1", "strange.py": SOURCES[name]}
    interpreter = interpreter_of(tmp_path, files)
    limit = sys.getrecursionlimit()

    module = interpreter.load()

    assert isinstance(module, ModuleValue)
    assert interpreter.attribute(module, "first") == 1
    assert sys.getrecursionlimit() == limit


def test_a_chain_is_followed_however_long_it_is(tmp_path: Path):
    assert value_of(tmp_path, "X = " + "1 + " * 500 + "1") == 501
    assert (
        value_of(
            tmp_path, "n = 300\nif n == 0:\n  pass\n" + "".join(f"elif n == {k}:\n  X = {k}\n" for k in range(1, 400))
        )
        == 300
    )


def test_nothing_is_executed_and_nothing_is_written(tmp_path: Path):
    """Whatever ways there are to leave a trace, when this is imported it would leave one."""
    marker = tmp_path / "marker"
    source = f"""
        import os, subprocess, pathlib, shutil, ctypes, socket, builtins, sys, importlib
        P = {str(marker)!r}
        def leave(*a, **k):
            open(P, "w").write("x")
        leave()
        pathlib.Path(P).write_text("x")
        pathlib.Path(P).touch()
        os.makedirs(P + "d")
        os.mkdir(P + "e")
        os.system("touch " + P)
        subprocess.run(["touch", P])
        os.open(P, os.O_CREAT)
        shutil.copy(__file__, P)
        eval("open(P, 'w')")
        exec("open(P, 'w').write('x')")
        exec(compile("open(P, 'w')", "", "exec"))
        getattr(builtins, "open")(P, "w")
        __builtins__["open"](P, "w")
        (lambda: 0).__globals__["leave"]()
        ().__class__.__bases__[0].__subclasses__()
        "".__class__.__mro__[1].__subclasses__()[0]
        leave.__code__.replace()
        sys.modules["os"].system("touch " + P)
        importlib.import_module("os").system("touch " + P)
        __import__("os").system("touch " + P)
        "{{0.__globals__[os].system}}".format(leave)
        os.chdir("/")
        class A:
            def __del__(self): leave()
            def __repr__(self): leave()
        print(A())
        os.environ["WFTOOLS_MARK"] = "1"
        sys.setrecursionlimit(10)
        sys.exit(3)
        after = 1
    """
    interpreter = interpreter_of(tmp_path, source)
    before = dict(__import__("os").environ)

    module = interpreter.load()

    assert interpreter.attribute(module, "after") == 1
    assert [each.name for each in tmp_path.iterdir()] == ["some_pack"]
    assert [each.name for each in (tmp_path / "some_pack").iterdir()] == ["__init__.py"]
    assert dict(__import__("os").environ) == before


def test_no_file_outside_the_pack_is_read(tmp_path: Path):
    outside = tmp_path / "secret.txt"
    outside.write_text("secret")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "more.py").write_text("found = 'secret'")
    root = pack(
        tmp_path,
        {
            "__init__.py": f"""
                import os, glob, importlib.util, sys
                from pathlib import Path
                here = os.path.dirname(__file__)
                def tried(f):
                    try:
                        return f()
                    except Exception as error:
                        return type(error).__name__
                X = [
                    tried(lambda: open({str(outside)!r}).read()),
                    tried(lambda: open(here + "/../secret.txt").read()),
                    tried(lambda: open(here + "/link.txt").read()),
                    tried(lambda: open(here + "/folder/secret.txt").read()),
                    tried(lambda: Path(here, "link.txt").read_text()),
                    tried(lambda: os.listdir(here + "/folder")),
                    tried(lambda: os.listdir("/")),
                    tried(lambda: glob.glob("/etc/*")),
                    tried(lambda: [str(p) for p in Path(here).parent.iterdir()]),
                    tried(lambda: glob.glob(here + "/folder/*")),
                ]
                sys.path.append(os.path.join(here, "linked"))
                import more
                from .linked import more as other
            """
        },
    )
    (root / "link.txt").symlink_to(outside)
    (root / "folder").symlink_to(tmp_path)
    (root / "linked").symlink_to(tmp_path / "elsewhere")
    (root / "loop").symlink_to(root / "loop")
    interpreter = Interpreter(root)
    module = interpreter.load()

    assert "secret" not in repr(interpreter.attribute(module, "X"))
    assert is_unknown(interpreter.attribute(interpreter.attribute(module, "more"), "found"))
    assert not [each for each in interpreter.modules.by_path if "linked" in each]


def test_a_pack_that_is_not_there_is_unknown(tmp_path: Path):
    interpreter = Interpreter(tmp_path / "gone")

    module = interpreter.load()

    assert is_unknown(interpreter.attribute(module, "NODE_CLASS_MAPPINGS"))


def test_large_files_are_not_read(tmp_path: Path):
    limits = Limits(source=1_000, data=1_000)
    files = {
        "__init__.py": "from .big import x\nX = open(__file__[:-11] + 'big.txt').read()\nafter = 1",
        "big.py": "x = 1\n" + "#" * 2_000,
        "big.txt": "y" * 2_000,
    }
    interpreter = interpreter_of(tmp_path, files, limits=limits)

    module = interpreter.load()

    assert is_unknown(interpreter.attribute(module, "x"))
    assert is_unknown(interpreter.attribute(module, "X"))
    assert interpreter.attribute(module, "after") == 1


WORDS = [
    "def",
    "class",
    "lambda",
    "yield",
    "return",
    "for",
    "in",
    "while",
    "if",
    "else",
    "try",
    "except",
    "finally",
    "with",
    "as",
    "import",
    "from",
    "global",
    "nonlocal",
    "del",
    "raise",
    "assert",
    "match",
    "case",
    "async",
    "await",
    "not",
    "and",
    "or",
    "is",
    "None",
    "True",
    "x",
    "y",
    "self",
    "super",
    "type",
    "object",
    "str",
    "dict",
    "list",
    "int",
    "print",
    "open",
    "__class__",
    "__dict__",
    "__init__",
    "X",
    "=",
    "==",
    ":=",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ":",
    ",",
    ".",
    "*",
    "**",
    "+",
    "-",
    "%",
    "/",
    "@",
    "1",
    "0",
    "'a'",
    "f'{x}'",
    "\n",
    "\n\n",
    "",
    "",
    "",
    "",
]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([*WORDS, "\n", "\n    ", "\n"]), max_size=40).map(" ".join))
def test_no_text_brings_a_traceback(tmp_path: Path, source: str):
    interpreter = interpreter_of(tmp_path, {"__init__.py": source.encode()}, limits=SMALL)

    module = interpreter.load()
    for value in list(module.names.values()) if isinstance(module, ModuleValue) else []:
        interpreter.call(value, 1)
        interpreter.iterate(value)
        interpreter.truth(value)
        interpreter.attribute(value, "x")
        interpreter.item(value, Unknown("key"))
