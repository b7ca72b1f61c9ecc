"""wftools.nodes.text_files: texts are written as they are, JSON for people."""

import pytest

from wftools.context import Context
from wftools.nodes.text_files import save_text


@pytest.mark.parametrize(
    ("format_", "text", "content"),
    [
        ("txt", "hello\nworld", "hello\nworld"),
        ("md", "# 日本", "# 日本"),
        ("csv", "a,b\r\n", "a,b\r\n"),
        ("json", '{"a":[1,"ä"]}', '{\n  "a": [\n    1,\n    "ä"\n  ]\n}'),
        ("json", "no json", "no json"),
        ("json", "[" * 100_000, "[" * 100_000),
    ],
)
def test_a_text_is_a_file_of_its_format(context: Context, format_: str, text: str, content: str) -> None:
    assert save_text(text=text, filename_prefix="x_%width%", format=format_, context=context) == text

    (saved,) = context.saved
    assert saved.path.name == f"x_1_00001.{format_}"
    assert saved.path.read_bytes().decode() == content
