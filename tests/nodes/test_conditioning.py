"""wftools.nodes.conditioning: a prompt's result depends on the embeddings that it names."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from wftools.nodes.conditioning import embedding_files

if TYPE_CHECKING:
    from pathlib import Path

    from wftools.context import Context


@pytest.mark.parametrize(
    ("text", "file", "is_read"),
    [
        ("a cat, embedding:mood", "mood.pt", True),
        ("a (embedding:mood:1.2) cat", "mood.pt", True),
        ("embedding:mood,, a cat", "mood.pt", True),
        ("embedding:sub/mood.pt", "sub/mood.pt", True),
        ("a cat, embedding:mood", "other.pt", False),
        ("a cat in a mood", "mood.pt", False),
        ("embedding:../mood", "mood.pt", False),
        (None, "mood.pt", True),  # the prompt is linked: it may name any
        (None, "sub/mood.pt", True),
    ],
)
def test_an_embedding_counts_for_the_prompts_that_name_it(
    text: str | None, file: str, is_read: bool, context: Context, tmp_path: Path
) -> None:
    context = replace(context, folders=replace(context.folders, models=tmp_path))
    path = tmp_path / "embeddings" / file
    path.parent.mkdir(parents=True)
    path.write_bytes(b"old")
    before = embedding_files(text=text, context=context)

    os.utime(path, ns=(1, 1))

    assert (embedding_files(text=text, context=context) != before) is is_read


def test_a_prompt_with_a_million_names_is_not_searched_for_ever(context: Context) -> None:
    embedding_files(text="embedding:a " * 1_000_000, context=context)
