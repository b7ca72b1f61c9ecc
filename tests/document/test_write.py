"""An edited document keeps what it was not asked to change."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from tests.strategies import api_prompts, spelled, ui_workflows
from wftools.document import dumps, read


def _edited(text: str) -> str:
    document = read(text.encode())
    return dumps(document.edited({**document.tree}))


@given(spelled(ui_workflows()) | spelled(api_prompts()))
def test_an_edit_that_changes_nothing_changes_no_value_and_no_order(text):
    written = _edited(text)

    assert json.dumps(json.loads(written)) == json.dumps(json.loads(text))


@given(spelled(ui_workflows()))
def test_writing_what_was_written_changes_nothing(text):
    assert _edited(_edited(text)) == _edited(text)


def test_templates_keep_their_spelling_through_an_edit(templates):
    """640 of the 644 are `json.dumps(indent=2)` of themselves; in the others some numbers are spelled differently."""
    changed = [path.name for path in templates if _edited(path.read_text("utf-8")) != path.read_text("utf-8")]

    assert len(changed) <= 4, changed


@pytest.mark.parametrize(
    "text",
    [
        '{"1": {"class_type": "A", "inputs": {}}}',
        '{"1":{"class_type":"A","inputs":{"x":[1,2]}}}',
        '{\n\t"1": {\n\t\t"class_type": "\\u00e9",\n\t\t"inputs": {}\n\t}\n}\n',
        '{\n    "1": {\n        "class_type": "é",\n        "inputs": {}\n    }\n}',
    ],
)
def test_indentation_escapes_and_the_last_newline_follow_the_file(text):
    assert _edited(text) == text


def test_an_edit_inside_a_request_leaves_the_rest_of_it_alone():
    prompt = {"1": {"class_type": "A", "inputs": {"seed": 2**64 - 1, "cfg": 7.0}}}
    request = {"client_id": "x", "prompt": prompt, "n": 1}
    document = read(json.dumps(request).encode())

    tree = {**document.tree, "2": {"class_type": "B", "inputs": {}}}
    written = json.loads(dumps(document.edited(tree)))

    assert written == {**request, "prompt": tree}
    assert list(written) == list(request)


def test_half_a_surrogate_pair_stays_escaped():
    text = '{"1": {"class_type": "é\\ud800", "inputs": {}}}'

    assert json.loads(_edited(text)) == json.loads(text)
    _edited(text).encode()
