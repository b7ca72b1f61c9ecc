"""The judge itself: the editor, served by us, makes of a template what the editor was recorded to make of it."""

from __future__ import annotations

import pytest

from tests.frontend.browser import EditorError
from tests.frontend.oracle import opened, prompts, spread, template

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", spread(8))
def test_the_editor_makes_the_recorded_prompt(page, name):
    prompt, _ = opened(page, template(name))

    assert prompt == prompts()[name]


def test_a_file_that_the_editor_refuses_is_an_error(page):
    with pytest.raises(EditorError, match="no workflow"):
        page.open(b"a text")


def test_what_the_editor_saves_opens_again(page):
    name = spread(8)[3]
    page.open(template(name))
    saved = page.saved()

    assert {"nodes", "links"} <= saved.keys()
    assert {node["type"] for node in saved["nodes"]} >= {node["type"] for node in page.exported()["nodes"]}
