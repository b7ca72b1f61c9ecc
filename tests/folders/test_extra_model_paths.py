"""wftools.folders.extra_model_paths: ComfyUI's YAML, and any other YAML."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from wftools.errors import InputError
from wftools.folders.extra_model_paths import extra_model_paths

BOMB = "a: &a {x: 1, y: 2}\n" + "".join(
    f"{chr(ord(name) + 1)}: &{chr(ord(name) + 1)} {{<<: [{', '.join([f'*{name}'] * 12)}]}}\n" for name in "abcdefghij"
)
LISTS = "a: &a [x, x]\n" + "".join(
    f"{chr(ord(name) + 1)}: &{chr(ord(name) + 1)} [{', '.join([f'*{name}'] * 12)}]\n" for name in "abcdefghij"
)


def read(folder: Path, text: str) -> dict[str, tuple[Path, ...]]:
    file = folder / "extra.yaml"
    file.write_text(text, "utf-8")
    return extra_model_paths(file)


def test_sections_say_where_kinds_lie(tmp_path: Path) -> None:
    """Below their base, one folder a line; a preferred section first; old names are the new ones."""
    found = read(
        tmp_path,
        """
a: {base_path: m, checkpoints: c, clip: t}
b:
  is_default: true
  checkpoints: |
    /d

    e
nothing:
""",
    )

    assert found == {
        "checkpoints": (Path("/d"), tmp_path / "e", tmp_path / "m/c"),
        "text_encoders": (tmp_path / "m/t",),
    }


@pytest.mark.parametrize(
    "text",
    [
        "a: {checkpoints: 2020-13-45}",
        "a: {checkpoints: 2020-12-24}",
        "a: {checkpoints: 5}",
        "a: {checkpoints: [x, y]}",
        "a: {checkpoints: true}",
        "a: {1: x}",
        "a: {base_path: {x: y}, checkpoints: z}",
        "a: x",
        "- a",
        "5",
        "a: !!int ''",
        "a: !!timestamp x",
        "a: !!python/object/apply:os.system [ls]",
        "a: {",
        "[" * 10_000,
        "a: &a {checkpoints: *a}",
        BOMB,
        LISTS,
        "a: b\n" * 200_000,
    ],
)
def test_a_file_of_another_form_is_an_error_that_names_it(tmp_path: Path, text: str) -> None:
    """Whatever the YAML: nothing is expanded without a bound."""
    with pytest.raises(InputError) as raised:
        read(tmp_path, text)

    assert raised.value.place is not None
    assert raised.value.place.file == str(tmp_path / "extra.yaml")
    assert len(str(raised.value)) < 600


TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.binary(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9) | st.integers(), inner, max_size=3),
    max_leaves=8,
)


@given(TREES)
def test_any_tree_gives_folders_or_an_error(tmp_path_factory: pytest.TempPathFactory, tree: object) -> None:
    try:
        found = read(tmp_path_factory.mktemp("yaml"), yaml.safe_dump(tree))
    except InputError:
        return

    assert all(type(kind) is str and type(paths) is tuple for kind, paths in found.items())
