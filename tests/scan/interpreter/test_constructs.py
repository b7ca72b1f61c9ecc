"""Each construct that packs use, and what it comes to."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from tests.scan.interpreter.packs import is_unknown, value_of
from wftools.scan.interpreter import ClassValue, Interpreter, plain

HERE = Path(__file__).parent
PROGRAMS = sorted((HERE / "programs").iterdir())  # each gives X as Python does when it runs it
PACKS = sorted((HERE / "modules").iterdir())  # each is a pack whose X is its EXPECTED


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_a_program_gives_what_python_gives(path: Path):
    """These programs are ours: Python may run them."""
    expected: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(path.read_text(), path.name, "exec", dont_inherit=True), expected)
    interpreter = Interpreter(path)

    value = interpreter.attribute(interpreter.load(), "X")

    assert repr(bare(value)) == repr(expected["X"])


def bare(value: Any) -> Any:
    """A value with text subclasses as texts, all the way down."""
    value = plain(value)
    if isinstance(value, list | tuple):
        return type(value)(bare(each) for each in value)
    if isinstance(value, dict):
        return {bare(key): bare(each) for key, each in value.items()}
    return value


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.name)
def test_modules_and_files_of_the_pack_are_followed(path: Path):
    *_, last = ast.parse((path / "__init__.py").read_text()).body
    assert isinstance(last, ast.Assign)
    interpreter = Interpreter(path)

    value = interpreter.attribute(interpreter.load(), "X")

    assert bare(value) == ast.literal_eval(last.value)


UNKNOWN = {
    "time": "import time\nX = time.time()",
    "random": "import random\nX = random.choice([1, 2])",
    "devices": "import torch\nX = torch.cuda.device_count()",
    "processors": "import os\nX = os.cpu_count()",
    "what of Python is not followed": "try:\n    X = (5).to_bytes(2, 'big')\nexcept Exception:\n    X = 1",
    "a function that is not followed": "try:\n    X = memoryview(b'')\nexcept Exception:\n    X = 1",
    "what of its library is not": "import re\ntry:\n    X = re.compile('a').groups\nexcept Exception:\n    X = 1",
    "network": "import urllib.request\nX = urllib.request.urlopen('http://x').read()",
    "a file outside": "X = open('/etc/passwd').read()",
    "a folder outside": "import os\nX = os.path.exists('/etc')",
    "a folder that it makes elsewhere": "import os\nos.makedirs('/models/x')\nX = len(os.listdir('/models/x'))",
    "home": "import os\nX = os.environ['HOME']",
    "arithmetic of it": "import torch\nX = torch.a + 1",
    "text of it": "import torch\nX = f'{torch.a}'",
    "a comparison with it": "import torch\nX = torch.a == 1",
    "a list of it": "import torch\nX = len([*torch.a])",
    "a name that may mean something else": "import torch\nX = 'cpu'\nif torch.cuda.is_available():\n    X = 'cuda'",
    "either": "import torch\nX = 'a' if torch.x else 'b'",
    "what a loop of unknown length assigns": "import torch\nX = 0\nfor n in torch.x:\n    X += 1",
    "what a function may return": "import torch\ndef f():\n    if torch.x:\n        return 1\n    return 2\nX = f()",
    "a catalogue that a program fills": "import torch\nX = {}\nfor n in torch.x:\n    X[n] = 1\nX = X['a']",
    "an attribute that may have been set": "import torch\nclass A:\n    k = 1\nif torch.x:\n    A.k = 2\nX = A.k",
    "a key that may have been set": "import torch\nd = {'k': 1}\nif torch.x:\n    d['k'] = 2\nX = d['k']",
    "after it may have been left": "import torch\nX = []\nfor n in [1, 2, 3]:\n    if torch.x:\n"
    "        break\n    X.append(n)\nX = len(X)",
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_depends_on_the_machine_is_unknown(tmp_path: Path, name: str):
    assert is_unknown(value_of(tmp_path, UNKNOWN[name]))


KNOWN_ALL_THE_SAME = {
    "both ways the same": ("import torch\nif torch.x:\n    X = 1\nelse:\n    X = 1", 1),
    "a branch that raises": ("import torch\nX = 1\nif torch.x:\n    X = 2\n    raise ValueError", 1),
    "only once assigned": ("import torch\nif torch.x:\n    X = [1]", [1]),
    "false whatever it is": ("import torch\nX = False and torch.x", False),
    "own lists": ("import torch\nif torch.x:\n    a = []\n    a.append(1)\n    X = a", [1]),
    "foreign decorators": ("import torch\n@torch.no_grad()\ndef f():\n    return 3\nX = f()", 3),
    "foreign bases": ("import torch\nclass A(torch.nn.Module):\n    k = 1\nX = A.k", 1),
    "numpy": ("import numpy as np\nX = [np.pi, np.inf]", [3.141592653589793, float("inf")]),
    "a folder that it makes": (
        "import os\np = os.path.dirname(__file__) + '/made'\n"
        "if not os.path.isdir(p):\n    os.mkdir(p)\nX = os.listdir(p)",
        [],
    ),
    "logging": ("import logging\nlog = logging.getLogger(__name__)\nlog.info('x')\nX = 1", 1),
    "assertions": ("import torch\nassert torch.x\nX = 1", 1),
}


@pytest.mark.parametrize("name", KNOWN_ALL_THE_SAME)
def test_what_does_not_depend_on_it_is_known(tmp_path: Path, name: str):
    source, expected = KNOWN_ALL_THE_SAME[name]

    assert value_of(tmp_path, source) == expected


def test_the_items_of_a_set_come_in_one_order(tmp_path: Path):
    assert value_of(tmp_path, "X = list({'b', 'a', 10, 9, 'c'} | {1})") == [1, 9, 10, "a", "b", "c"]


def test_what_others_offer_is_no_node_of_a_pack_that_registers_all_there_is(tmp_path: Path):
    source = """
        import inspect, sys, torch
        from einops import rearrange
        class A:
            RETURN_TYPES = ()
        X = {}
        for name, each in inspect.getmembers(sys.modules[__name__]):
            if inspect.isclass(each) and hasattr(each, "RETURN_TYPES"):
                X[name] = each
    """

    value = value_of(tmp_path, source)

    assert [key for key in value if isinstance(key, str)] == ["A"]


def test_nodes_are_found_whichever_way_a_test_goes(tmp_path: Path):
    source = """
        import torch
        X = {}
        if torch.x:
            class A: pass
            X["A"] = A
        else:
            class B: pass
            X.update({"B": B})
        if torch.y:
            class C: pass
            X = {**X, "C": C}
    """

    value = value_of(tmp_path, source)

    assert {key: each.name for key, each in value.items() if isinstance(each, ClassValue)} == {
        "A": "A",
        "B": "B",
        "C": "C",
    }
