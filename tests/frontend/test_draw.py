"""What `wftools draw` writes, opened in the real editor."""

from __future__ import annotations

import pytest

from tests.frontend.oracle import opened, prompts, spread, template
from wftools.document import read
from wftools.draw import draw
from wftools.graph import build

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("form", ["png", "svg"])
@pytest.mark.parametrize("name", spread(3))
def test_a_picture_opens_as_the_workflow(page, name, form):
    picture = draw(build(read(template(name))), form, embeds=True)

    prompt, _ = opened(page, picture, f"picture.{form}")

    assert prompt == prompts()[name]
