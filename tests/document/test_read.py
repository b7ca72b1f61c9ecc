"""Any file that holds a workflow becomes a document."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given

from tests.strategies import api_prompts, spelled, ui_workflows
from wftools.document import NotAWorkflowError, NothingEmbeddedError, dumps, read
from wftools.errors import InputError, LimitError

PROMPT = {"1": {"class_type": "EmptyImage", "inputs": {}}}
WORKFLOW = {"nodes": [{"id": 1, "type": "EmptyImage"}], "links": [], "version": 0.4}
EXTRA = {"extra_pnginfo": {"workflow": WORKFLOW}}


@pytest.mark.parametrize(
    ("tree", "form", "base", "companion"),
    [
        (PROMPT, "api", "", None),
        (WORKFLOW, "ui", "", None),
        ({"nodes": []}, "ui", "", None),
        ({"nodes": 7, "links": [], "version": 0.4}, "ui", "", None),
        ({"prompt": PROMPT, "client_id": "x"}, "api", "/prompt", None),
        ({"prompt": PROMPT, "extra_data": EXTRA}, "api", "/prompt", "ui"),
        ({"prompt": [1, "id", PROMPT, EXTRA, ["1"]], "outputs": {}}, "api", "/prompt/2", "ui"),
        ({"abc/d": {"prompt": [1, "id", PROMPT, {}, []], "outputs": {}}}, "api", "/abc~1d/prompt/2", None),
        ({"prompt": {"class_type": "KSampler", "inputs": {}}}, "api", "", None),  # a node that is called prompt
        ({"1": {"inputs": {}}, "_comment": "by hand"}, "api", "", None),
        ({"nodes": {"class_type": "A", "inputs": {}}}, "api", "", None),  # a node that is called nodes
        ({"1": {"class_type": "A", "inputs": {}}, "10": {"_meta": {}}}, "api", "", None),  # one node is malformed
        ({"57:3": {"inputs": {}}}, "api", "", None),
        ({"1": {"class_type": None, "inputs": {}}}, "api", "", None),
        ({"prompt": {"1": {}}, "client_id": "x"}, "api", "/prompt", None),
        ({"prompt": PROMPT}, "api", "/prompt", None),
        ({"input": {"workflow": PROMPT, "images": [{"name": "a"}]}}, "api", "/input/workflow", None),  # RunPod
        ({"workflow": WORKFLOW, "output": PROMPT}, "ui", "/workflow", "api"),  # graphToPrompt
        ({"data": {"name": "x", "workflow": WORKFLOW, "workflow_api": PROMPT}}, "ui", "/data/workflow", "api"),
        ({"meta": {"prompt": PROMPT, "client_id": "x"}}, "api", "/meta/prompt", None),
        ({"workflow": WORKFLOW, "older": {"workflow": WORKFLOW}}, "ui", "/workflow", None),  # the nearest
        ({"nodes": [{"id": 1, "type": "A", "pos": [0, 0]}], "links": []}, "ui", "", None),
    ],
)
def test_the_content_decides_the_form(tree, form, base, companion):
    document = read(json.dumps(tree).encode())

    assert (document.form, document.source.base) == (form, base)
    assert (document.companion.form if document.companion else None) == companion


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"  \n",
        b"[1]",
        b"{}",
        b"7",
        b"null",
        b'{"name": "x", "version": 1}',
        b'{"type": "object", "properties": {"class_type": {"type": "string"}, "inputs": {"type": "object"}}}',
        b'{"fields": {"class_type": null, "size": 1}}',
        b'{"class_type": "A", "inputs": {}}',
        b'{"a": {"class_type": "A", "inputs": [1]}}',
        b'{"jobs": {"inputs": {"x": 1}}}',
        b'{"prompt": {"text": "a cat"}}',
        b'{"nodes": [{"id": "a", "group": 1}], "links": [{"source": "a", "target": "b", "value": 1}]}',  # D3
        b'{"nodes": [{"id": "1", "type": "input", "position": {"x": 0}, "data": {}}], "edges": []}',  # React Flow
        b'{"nodes": [{"parameters": {}, "type": "n8n.set", "position": [0, 0]}], "connections": {}}',  # n8n
        b'{"asset": {"version": "2.0"}, "nodes": [{"mesh": 0}], "scenes": [{"nodes": [0]}]}',  # glTF
        b'{"nodes": {"root": {"inputs": {"a": "b"}}}, "root": "root", "version": 7}',  # Nix
        b'{"defaults": {"class_type": {"class_type": "A", "inputs": {}}, "steps": 20, "size": {"width": 5}}}',
        b'{"a": {"b": {"c": {"1": {"class_type": "A", "inputs": {}}}}}}',  # too far down
    ],
)
def test_what_is_no_workflow_is_refused(data):
    """Keys as a workflow has them stand in other JSON too: in the schemas of nodes, in forms, in settings."""
    with pytest.raises(NotAWorkflowError):
        read(data, "file.json")


@pytest.mark.parametrize(
    ("tree", "named"),
    [
        ({"first": WORKFLOW, "second": WORKFLOW}, "first, second"),
        ({"a": {"workflow": WORKFLOW}, "b": {"prompt": PROMPT}}, "a > workflow, b > prompt"),
        ({"workflow": WORKFLOW, "output": PROMPT, "before": PROMPT}, "workflow, output, before"),
    ],
)
def test_of_several_workflows_in_one_file_none_is_chosen(tree, named):
    with pytest.raises(NotAWorkflowError, match=f"holds several workflows: {named}"):
        read(json.dumps(tree).encode())


def test_json_that_breaks_off_is_refused_where_it_breaks_off(tmp_path):
    path = tmp_path / "cut.json"
    path.write_text('{"1": {\n  "class_type": "A"')

    with pytest.raises(InputError, match="not JSON") as caught:
        read(path)

    assert (caught.value.place.file, caught.value.place.line, caught.value.place.column) == (str(path), 2, 20)


def test_a_folder_and_a_missing_file_are_refused_by_name(tmp_path):
    with pytest.raises(InputError, match="is a folder"):
        read(tmp_path)
    with pytest.raises(InputError, match="No such file"):
        read(tmp_path / "none.json")


def test_a_large_file_of_brackets_is_refused_at_once(tmp_path):
    path = tmp_path / "brackets.json"
    path.write_bytes(b"[" * 200_000_000)

    with pytest.raises(LimitError):
        read(path)


def test_bytes_a_stream_and_a_path_give_the_same_document(tmp_path):
    data = json.dumps(WORKFLOW).encode()
    path = tmp_path / "a.png"  # the name says nothing
    path.write_bytes(data)

    assert read(data).tree == read(io.BytesIO(data)).tree == read(path).tree == WORKFLOW


def test_a_malformed_workflow_is_still_a_document():
    document = read(json.dumps({"nodes": [7, {"id": 1}, {"id": 2, "type": "A", "mode": 9}], "links": [None]}).encode())

    assert [problem.pointer for problem in document.problems] == [
        "/nodes/0",
        "/nodes/1/type",
        "/nodes/2/mode",
        "/links/0",
    ]
    assert [node.type for node in document.ui.nodes] == ["", "", "A"]  # indices hold
    assert document.tree["nodes"][0] == 7


def test_a_picture_without_metadata_says_so():
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    picture = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    picture += chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")

    with pytest.raises(NothingEmbeddedError, match="png"):
        read(picture)


def test_every_official_template_parses_without_a_problem_and_is_written_back_as_it_was(templates):
    for path in templates:
        document = read(path)

        assert document.form == "ui"
        assert not document.problems, path.name
        assert not document.defects, path.name
        assert dumps(document).encode() == path.read_bytes(), path.name


@given(spelled(ui_workflows()) | spelled(api_prompts()))
def test_an_unedited_document_is_written_back_as_the_same_text(text):
    assert dumps(read(text.encode())) == text
