"""Packs that mean ill, or are merely large: nothing of them runs, and the scan ends."""

from __future__ import annotations

import json
import os

import pytest

from wftools.catalog.target import NEWEST
from wftools.scan.interpreter import Limits
from wftools.scan.packs import scan, scan_all

FINE = """
class Node:
    RETURN_TYPES = ()
    @classmethod
    def INPUT_TYPES(cls): return {"required": {"x": ("INT",)}}
NODE_CLASS_MAPPINGS = {"Fine": Node}
"""
LIMITS = Limits(steps=200_000, slice=100_000)


@pytest.fixture
def packed(tmp_path):
    """A pack of one module."""

    def made(source: str | bytes, name: str = "pack"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "__init__.py").write_bytes(source if isinstance(source, bytes) else source.encode())
        return folder

    return made


RUNS = """
import os, subprocess, shutil, sys, builtins, ctypes, urllib.request, socket
from pathlib import Path
MARK = "{mark}"
Path(MARK).write_text("")
Path(MARK).touch()
os.system("touch " + MARK)
os.mkdir(MARK)
os.makedirs(MARK)
subprocess.run(["touch", MARK])
subprocess.check_output(["touch", MARK])
open(MARK, "w").close()
with open(MARK, "a") as file:
    file.write("x")
exec("open(MARK, 'w')")
eval("open(MARK, 'w')")
builtins.open(MARK, "w")
getattr(builtins, "op" + "en")(MARK, "w")
__import__("os").system("touch " + MARK)
().__class__.__base__.__subclasses__()
shutil.copy(__file__, MARK)
urllib.request.urlopen("http://127.0.0.1:1/" + MARK)
class Meta(type):
    def __new__(meta, name, bases, body):
        os.system("touch " + MARK)
        return super().__new__(meta, name, bases, body)
class Made(metaclass=Meta): pass
sys.exit(1)
"""


def test_nothing_that_an_import_would_do_is_done(packed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    mark = tmp_path / "it-was-run"

    found = scan(packed(RUNS.replace("{mark}", str(mark)) + FINE), NEWEST)

    assert not mark.exists()
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["__init__.py", "pack"]
    assert found.folder == "pack"


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("while True:\n    pass\n", id="a loop without end"),
        pytest.param("x = [0]\nfor each in x:\n    x.append(each)\n", id="a list that grows while it is read"),
        pytest.param("x = 'a'\nfor _ in range(99):\n    x = x + x\n", id="a text of 2**99 letters"),
        pytest.param("x = [0]\nfor _ in range(99):\n    x = [x, x]\nprint(str(x))\n", id="a list of lists"),
        pytest.param("x = 9 ** 9 ** 9 ** 9\n", id="a number of many digits"),
        pytest.param("x = 'a' * 10 ** 12\ny = [0] * 10 ** 12\n", id="a product"),
        pytest.param("x = list(range(10 ** 12))\n", id="a range"),
        pytest.param("def f(n): return f(n + 1)\nf(0)\n", id="a function that calls itself"),
        pytest.param("def f(): yield from f()\nlist(f())\n", id="a generator of itself"),
        pytest.param(
            "class A:\n    def __getattr__(self, name): return getattr(self, name + 'x')\nA().x\n", id="attributes"
        ),
        pytest.param("x = " + "(" * 5000 + ")" * 5000, id="brackets"),
        pytest.param("x = " + "-" * 20_000 + "1", id="signs"),
        pytest.param("x = 1" + " + 1" * 20_000, id="a sum"),
        pytest.param("x" + ".x" * 20_000, id="attributes of attributes"),
        pytest.param("".join(" " * n + "if 1:\n" for n in range(99)) + " " * 99 + "pass\n", id="blocks in blocks"),
        pytest.param("import re\nre.match('(a+)+$', 'a' * 40 + 'b')\n", id="a pattern that takes for ever"),
        pytest.param("x = {}\nx['x'] = x\nprint(x)\nNODE_CLASS_MAPPINGS = {'A': x}\n", id="a dict that holds itself"),
        pytest.param("from . import *\nfrom .pack import *\nimport pack\n", id="imports itself"),
        pytest.param("NODE_CLASS_MAPPINGS = 5\n", id="no mappings"),
        pytest.param("def comfy_entrypoint(): return comfy_entrypoint()\n", id="an entry point that calls itself"),
        pytest.param("this is no Python\n", id="no Python"),
        pytest.param(b"\x00\xff\xfe", id="no text"),
        pytest.param("x = '\\ud800'\nNODE_CLASS_MAPPINGS = {x: 1}\n", id="half a character"),
        pytest.param("", id="nothing"),
    ],
)
def test_a_scan_ends_and_says_what_it_found(packed, source):
    data = source if isinstance(source, bytes) else source.encode() + FINE.encode()

    found = scan(packed(data), NEWEST, LIMITS)

    json.dumps(found.nodes)
    assert found.steps <= LIMITS.steps + 1_000
    assert set(found.nodes) <= {"Fine"}


def test_a_bad_pack_keeps_no_other_from_being_read(packed):
    packs = [packed("no Python", "a"), packed("(" * 10_000, "b"), packed(FINE, "c")]

    found = list(scan_all(packs, NEWEST, keeps=False))

    assert [len(report.nodes) for report in found] == [0, 0, 1]
    assert [report.is_whole for report in found] == [False, False, True]


def test_a_fault_of_ours_in_one_pack_is_told_and_keeps_no_other_from_being_read(packed, monkeypatch):
    def fails(*_: object) -> None:  # no fault is known that a pack would lead to
        raise KeyError(0)

    monkeypatch.setattr("wftools.scan.packs.facts_of", fails)

    found = list(scan_all([packed(FINE, "a"), packed(FINE, "b")], NEWEST, keeps=False))

    assert [report.facts.incomplete for report in found] == [["wftools failed: KeyError: 0"]] * 2


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_in_a_pack_is_not_waited_for(packed):
    pack = packed(
        FINE + "try:\n    from . import other\nexcept ImportError:\n    pass\nopen(__file__ + '/../data').read()"
    )
    os.mkfifo(pack / "other.py")
    os.mkfifo(pack / "data")
    os.mkfifo(pack / "pyproject.toml")

    (found,) = scan_all([pack], NEWEST)

    assert list(found.nodes) == ["Fine"]


def test_a_table_of_a_thousand_types_is_read(packed):
    found = scan(packed(FINE + "NODE_CLASS_MAPPINGS = {f'Node {i}': Node for i in range(1000)}\n"), NEWEST)

    assert len(found.nodes) == 1000
    assert found.is_whole


@pytest.mark.slow  # 3 s
def test_what_a_long_loop_counts_is_known(packed):
    """As many turns as the longest loop has that was seen in a pack."""
    source = FINE.replace('("INT",)', '("INT", {"max": count})')

    found = scan(packed(f"count = 0\nfor i in range(300_000):\n    count += 1\n{source}"), NEWEST)

    assert found.nodes["Fine"]["input"]["required"]["x"] == ["INT", {"max": 300_000}]
