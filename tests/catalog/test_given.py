"""object_info from strangers: whatever it holds, it is used, or refused with an error that names it."""

from __future__ import annotations

import copy
import json
import socket
import threading
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.strategies import json_values
from wftools.catalog import given as given_module
from wftools.catalog import server as server_module
from wftools.catalog.description import description, entry, listed, listing
from wftools.catalog.expand import expand
from wftools.catalog.given import load_object_info
from wftools.catalog.literals import limits
from wftools.catalog.lookup import Catalogue, catalogue
from wftools.catalog.object_info import MAX_INPUTS, MAX_ROWS, object_info, signature
from wftools.convert.to_api import to_api
from wftools.convert.to_ui import to_ui
from wftools.document import read
from wftools.errors import InputError
from wftools.graph import build
from wftools.lint import Linter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SHIPPED = ("SaveVideo", "BatchImagesNode", "KSampler", "ComfySwitchNode", "LoadImage", "CreateList", "StringFormat")
ENTRIES: list[dict[str, Any]] = [object_info(sig) for name in SHIPPED if (sig := Catalogue().signature(name))]

INFINITY = float("inf")
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        10**9,
        10**30,
        0.5,
        INFINITY,
        float("nan"),
        "",
        "x",
        "0",
        [],
        {},
        [1],
        [[]],
        {"a": 1},
        [["a"], {}],
    ]
)


def paths_in(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where values stand in a JSON tree."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*path, key)
        yield from paths_in(each, (*path, key))


@st.composite
def nearly_right(draw: st.DrawFn) -> Any:
    """An entry of object_info in which a few values are replaced by odd ones."""
    made = copy.deepcopy(draw(st.sampled_from(ENTRIES)))
    for _ in range(draw(st.integers(0, 3))):
        *way, last = draw(st.sampled_from(list(paths_in(made))))
        inner = made
        for key in way:
            inner = inner[key]
        inner[last] = copy.deepcopy(draw(ODD | json_values))
    return made


def prompts_of(node_type: str, known: Any) -> Iterator[dict[str, Any]]:
    """Prompts with a node of that type: with the inputs that it says it has, with odd ones, with none."""
    inputs = known.get("input") if isinstance(known, dict) else None
    names = [
        name
        for each in (inputs.values() if isinstance(inputs, dict) else ())
        if isinstance(each, dict)
        for name in each
    ]
    for value in (1, "mp4", ["2", 0]):
        given_ = dict.fromkeys([*names, "format.codec", "images.image0"], value)
        yield {
            "1": {"class_type": node_type, "inputs": given_},
            "2": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 0}},
        }


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    st.dictionaries(st.sampled_from(["X", "\ud800", "KSampler"]), nearly_right() | json_values, max_size=2)
    | json_values
)
@example({"X": {"input": {"required": {"a": ["INT", {"min": "0", "max": "9"}]}}, "output": ["INT"]}})
@example({"X": {"input": {"required": {"a": ["COMFY_DYNAMICCOMBO_V3", {"options": [{"inputs": {}}]}]}}, "output": []}})
@example({"X": {"input": {"required": {"a": ["STRING", {"widgetType": []}]}}, "output": []}})
@example({"X": {"input": {"required": {"a": ["COMBO", {"folder": "vae", "extra_options": 5}]}}, "output": []}})
def test_any_object_info_is_used_or_refused_by_name(tmp_path: Path, tree: Any) -> None:
    """Every use of it: signatures, dynamic inputs, ranges, lists, descriptions, lint, both conversions."""
    path = tmp_path / "given.json"
    path.write_text(json.dumps(tree))

    def use(work: Callable[[], object]) -> None:
        try:
            work()
        except InputError as error:
            assert error.place is not None  # noqa: PT017
            assert error.place.file == str(path)  # noqa: PT017

    use(lambda: listing(listed(replace(catalogue([str(path)]), has_custom=False))))  # of which there are thousands
    for node_type in tree if isinstance(tree, dict) else ():
        use(lambda: signature_used(catalogue([str(path)]), node_type))  # noqa: B023
        for prompt in prompts_of(node_type, tree[node_type]):
            use(lambda: converted(catalogue([str(path)]), prompt))  # noqa: B023


def signature_used(known: Catalogue, node_type: str) -> None:
    made = known.signature(node_type)
    assert made is not None
    for each in expand(made, dict.fromkeys(made.by_name, "mp4")).values():
        low, high = limits(each)
        assert isinstance(low, int | float)
        assert isinstance(high, int | float)
    description(known, node_type)
    assert signature(node_type, json.loads(json.dumps(entry(known, node_type)))).inputs is not None


def converted(known: Catalogue, prompt: dict[str, Any]) -> None:
    graph = build(read(json.dumps(prompt).encode(), "flow.json"), known)
    Linter(known).lint(json.dumps(prompt).encode(), "flow.json")
    workflow = to_ui(graph).workflow
    Linter(known).lint(json.dumps(workflow).encode(), "flow.json")
    to_api(build(read(json.dumps(workflow).encode(), "flow.json"), known))


@pytest.mark.parametrize(
    ("entry_", "said"),
    [
        ({"input": {"required": 5}}, "'required' is 5, expected an object"),
        ({"input": {"required": {"a": []}}}, "input 'a': it has no type"),
        ({"input": {"required": {"a": ["INT", {"min": "0"}]}}}, "input 'a': 'min' is '0', expected a number"),
        (
            {"input": {"optional": {"a": ["COMFY_DYNAMICCOMBO_V3", {"options": [{"key": "k", "inputs": 5}]}]}}},
            "input 'a': option 'k': 'inputs' is 5, expected an object",
        ),
        (
            {
                "input": {
                    "required": {
                        "a": ["COMFY_AUTOGROW_V3", {"template": {"input": {"required": {"v": ["INT"]}}, "max": 1e9}}]
                    }
                }
            },
            f"input 'a': 'max' is 1000000000.0, expected a whole number up to {MAX_ROWS:,}",
        ),
        (
            {"input": {"required": {f"a{n}": ["INT"] for n in range(MAX_INPUTS + 1)}}},
            f"more than {MAX_INPUTS:,} inputs",
        ),
        ({"input": {}, "x": json.loads("[" * 500 + "]" * 500)}, "nested more than 100 deep"),
    ],
)
def test_what_is_malformed_is_said_with_its_place(entry_: Any, said: str) -> None:
    with pytest.raises(InputError) as error:
        signature("Mine", entry_, "given.json")

    assert str(error.value).startswith("given.json: the object_info of node type 'Mine' is malformed: ")
    assert said in error.value.message


def test_a_malformed_entry_is_in_nobodys_way_who_does_not_use_it(tmp_path: Path) -> None:
    path = tmp_path / "given.json"
    path.write_text(json.dumps({"Bad": {"input": 5}, "Good": {"input": {}, "output": ["INT"]}}))

    known = catalogue([str(path)])

    assert known.signature("Good") is not None
    with pytest.raises(InputError, match="'Bad' is malformed"):
        known.signature("Bad")


@pytest.mark.parametrize("data", ["[]," * 8_000_000, "{}," * 4_000_000])
def test_what_would_need_too_much_memory_is_refused_before(tmp_path: Path, data: str) -> None:
    """Two letters are an empty list of 64 bytes."""
    path = tmp_path / "given.json"
    path.write_text(f'{{"X": {{"input": {{}}, "output": [{data}0]}}}}')

    with pytest.raises(InputError, match="more than fits"):
        load_object_info(str(path))


def test_a_file_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(given_module, "MAX_BYTES", 100)
    path = tmp_path / "given.json"
    path.write_text(" " * 101)

    with pytest.raises(InputError, match="is larger than"):
        load_object_info(str(path))


# Servers


@contextmanager
def server_saying(*pieces: bytes, pause: float = 0.0) -> Iterator[str]:
    """A server that answers each request with these bytes, slowly; its address."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    for piece in pieces:
                        try:
                            connection.sendall(piece)
                        except OSError:
                            break
                        if stop.wait(pause):
                            break

        threading.Thread(target=answer, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        stop.set()


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"", "does not answer"),
        (b"\0\1 hello\r\n\r\n", "does not answer as a server should"),
        (OK + b"X: " + b"x" * 100_000, "does not answer as a server should"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}", "does not answer as a server should"),
        (OK + b"Content-Length: 100\r\n\r\n{", "99 bytes too early"),
        (OK + b"\r\n{", "is not JSON"),
        (OK + b"\r\n[]", "is not an object_info"),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", "answers 404"),
        (b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n", "answers 302"),
        (b"HTTP/1.1 302 Found\r\nLocation: ftp://127.0.0.1/x\r\n\r\n", "ftp"),
        (b"HTTP/1.1 302 Found\r\nLocation: /object_info\r\n\r\n", "answers 302"),
    ],
)
def test_whatever_answers_is_an_error_that_names_the_address(answer: bytes, said: str) -> None:
    with server_saying(answer) as address, pytest.raises(InputError, match=said) as error:
        load_object_info(address)

    assert error.value.place is not None
    assert error.value.place.file == address


@pytest.mark.parametrize("head", [OK + b"Content-Length: 100\r\n\r\n{", OK + b"X: "])
def test_an_answer_that_trickles_is_given_up(monkeypatch: pytest.MonkeyPatch, head: bytes) -> None:
    """In its body and in its header, whose letters a timeout of single waits does not bound."""
    monkeypatch.setattr(server_module, "LONGEST", 0.5)

    with (
        server_saying(head, *[b"x"] * 100, pause=0.05) as address,
        pytest.raises(InputError, match="does not answer within"),
    ):
        load_object_info(address)


def test_an_answer_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(given_module, "MAX_BYTES", 1000)

    with (
        server_saying(OK + b"\r\n", *[b"[" * 600] * 3) as address,
        pytest.raises(InputError, match="answers with more"),
    ):
        load_object_info(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://[::1",
        "http://127.0.0.1:abc/",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:99999/",
        "http://",
        "http:///x",
        "http://a b/",
        "http://127.0.0.1/\n",
        "http://\u2100.example/",
        "http://" + "a" * 300 + ".example/",
        "HTTPS://[",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(InputError) as error:
        load_object_info(address)

    assert error.value.place is not None
    assert error.value.place.file == address


def test_a_password_is_sent_and_never_told() -> None:
    asked: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.headers["Authorization"])
            body = json.dumps({"Mine": {"input": {}, "output": []}}).encode()
            self.send_response(200 if len(asked) == 1 else 403)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        host = f"127.0.0.1:{server.server_port}"
        found = load_object_info(f"http://me:s%65cret@{host}/?x=@")
        with pytest.raises(InputError) as error:
            load_object_info(f"http://me:s%65cret@{host}")
        server.shutdown()

    assert found.name == f"http://{host}/?x=@"
    assert asked == ["Basic bWU6c2VjcmV0"] * 2
    assert "cret" not in str(error.value)
