"""What `wftools convert` writes, opened in the real editor: it makes the prompt that we started from."""

from __future__ import annotations

import json

import pytest

from tests.convert.cases import CASES
from tests.convert.rebuilding import rebuilt
from tests.frontend.oracle import opened, prompts, spread, template

pytestmark = pytest.mark.slow

# The corners of every node with its title, as the editor drew it.
_BOXES = """
return app.graph.nodes.map(n => [n.pos[0], n.pos[1] - LiteGraph.NODE_TITLE_HEIGHT, n.pos[0] + n.size[0],
                                 n.pos[1] + n.size[1]]);
"""


@pytest.mark.parametrize("name", spread(100))
def test_a_prompt_made_into_a_workflow_is_the_same_prompt_in_the_editor(page, name):
    """Ids, inputs and titles are the same, and the console has no warning that the original does not give."""
    _, known = opened(page, template(name))

    prompt, messages = opened(page, json.dumps(rebuilt(prompts()[name]).workflow).encode())

    assert prompt == prompts()[name]
    assert messages <= known


@pytest.mark.parametrize("name", CASES)
def test_ids_of_subgraphs_come_out_as_they_were(page, name):
    prompt, messages = opened(page, json.dumps(rebuilt(CASES[name]).workflow).encode())

    assert {id_: node["inputs"] for id_, node in prompt.items()} == {
        id_: node["inputs"] for id_, node in CASES[name].items()
    }
    assert not messages


@pytest.mark.parametrize("name", spread(20))
def test_nodes_are_as_large_as_the_editor_draws_them_or_larger(page, name):
    """The editor enlarges nodes that are too small: then they would lie on each other."""
    page.open(json.dumps(rebuilt(prompts()[name]).workflow).encode())

    boxes = page.run(_BOXES)

    assert not [
        (one, other)
        for index, one in enumerate(boxes)
        for other in boxes[:index]
        if one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
    ]
