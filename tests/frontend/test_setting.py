"""What `wftools set` writes, opened in the real editor."""

from __future__ import annotations

import copy

import pytest

from tests.frontend.oracle import opened, prompts, spread, template
from wftools.document import read
from wftools.graph import Literal, build
from wftools.graph.naming import setting
from wftools.setting import with_settings

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", spread(30))
def test_the_editor_sees_the_value_that_was_set_and_no_other(page, name):
    """One of the numbers of each workflow, from the middle."""
    document = read(template(name))
    targets = [
        (path, input_name, given)
        for path, node in build(document).flat.nodes.items()
        for input_name, given in node.given.items()
        if isinstance(given, Literal) and type(prompts()[name][path]["inputs"].get(input_name)) is int
    ]
    if not targets:
        pytest.skip("it has no number")
    path, input_name, given = targets[len(targets) // 2]
    expected = copy.deepcopy(prompts()[name])

    changed = with_settings(document, [setting(f"{path}.{input_name}={given.value + 1}")], force=True, shared=True)
    prompt, _ = opened(page, changed.document.text.encode())

    for other, other_name, each in targets:
        if each.pointer == given.pointer:
            expected[other]["inputs"][other_name] = given.value + 1
    assert prompt == expected
