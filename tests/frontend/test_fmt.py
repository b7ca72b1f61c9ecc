"""What `wftools fmt` and `wftools convert --embed` write, opened in the real editor."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from tests.frontend.oracle import opened, prompts, spread, template
from wftools.cli import COMMANDS
from wftools.document import read
from wftools.fmt import formatted

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("strip", [False, True])
@pytest.mark.parametrize("name", spread(25))
def test_a_formatted_workflow_is_the_same_workflow_to_the_editor(page, name, strip):
    _, known = opened(page, template(name))

    prompt, messages = opened(page, formatted(read(template(name)), strip=strip).encode())

    assert prompt == prompts()[name]
    assert messages <= known


@pytest.mark.parametrize("name", spread(4))
def test_a_picture_with_an_embedded_workflow_opens(page, tmp_path, name):
    from PIL import Image

    Image.new("RGB", (64, 48), "teal").save(tmp_path / "plain.png")
    (tmp_path / "flow.json").write_bytes(template(name))
    files = [str(tmp_path / "flow.json"), "--embed", str(tmp_path / "plain.png"), "-o", str(tmp_path / "with.png")]
    result = CliRunner().invoke(COMMANDS.load("convert").command, [*files, "--target", "comfyui==0.33.0"])

    prompt, _ = opened(page, (tmp_path / "with.png").read_bytes(), "with.png")

    assert result.exit_code == 0
    assert prompt == prompts()[name]
    with Image.open(tmp_path / "with.png") as image:
        assert json.loads(image.info["prompt"]) == prompts()[name]
