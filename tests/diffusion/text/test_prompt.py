import logging
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from tests.seeded_models import encoded
from wftools.diffusion.text.embeddings import find_embedding
from wftools.diffusion.text.prompt import CHUNK, Chunk, chunks_of
from wftools.diffusion.text.tokenizer import END, START
from wftools.errors import InputError, RunError
from wftools.folders import Folders
from wftools.values import Clip, Model, Vae

CAT = 2368

VECTORS = torch.arange(6.0).reshape(3, 2)


def known(name: str) -> Tensor | None:
    return VECTORS if name == "known" else None


def chunks(prompt: str, pad: int = END) -> tuple[Chunk, ...]:
    return chunks_of(prompt, known, pad, "transformers 5")


def ids(chunk: Chunk) -> list[int | str]:
    """Ids up to the end mark; a vector as "v"."""
    values = [token.value if isinstance(token.value, int) else "v" for token in chunk]
    return values[: values.index(END) + 1]


@pytest.mark.parametrize("pad", [END, 0])
def test_a_chunk_is_start_text_end_and_padding(pad: int) -> None:
    (chunk,) = chunks("cat", pad)

    assert [token.value for token in chunk] == [START, CAT, END] + [pad] * (CHUNK - 3)
    assert {token.weight for token in chunk} == {1.0}


def test_an_empty_prompt_is_a_chunk_without_text() -> None:
    (chunk,) = chunks("")

    assert ids(chunk) == [START, END]


def test_weights_belong_to_the_text_only() -> None:
    (chunk,) = chunks("(cat:1.5) cat")

    assert [token.weight for token in chunk] == [1.0, 1.5, 1.0] + [1.0] * (CHUNK - 3)


@pytest.mark.parametrize(
    ("prompt", "lengths"),
    [
        ("cat " * 75, [75]),
        ("cat " * 76, [75, 1]),  # a long group is cut at the end of a chunk
        ("cat " * 70 + "(" + "cat " * 7 + ":1.1)", [70, 7]),  # a short one moves whole
        ("cat " * 70 + "(" + "cat " * 8 + ":1.1)", [75, 3]),
        ("cat " * 75 + "(" + "cat " * 8 + ":1.1)", [75, 8]),
        ("cat " * 200, [75, 75, 50]),
    ],
)
def test_where_a_long_prompt_is_cut(prompt: str, lengths: list[int]) -> None:
    assert [len(ids(chunk)) - 2 for chunk in chunks(prompt)] == lengths


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("embedding:known", ["v", "v", "v"]),
        ("cat embedding:known cat", [CAT, "v", "v", "v", CAT]),
        ("cat\tembedding:known", [CAT, "v", "v", "v"]),
        ("embedding:known, cat", ["v", "v", "v", 267, CAT]),
        ("embedding:known,, cat", ["v", "v", "v", 8844, CAT]),
        ("embedding:known[cat", ["v", "v", "v", 314, CAT]),
        ("embedding:known<cat", ["v", "v", "v", 283, CAT]),
        ("embedding: known cat", ["v", "v", "v", CAT]),
        ("embedding:unknown cat", [CAT]),
        ("embedding:", []),
        ("(embedding:known:1.2)", ["v", "v", "v"]),
    ],
)
def test_an_embedding_stands_for_its_vectors(prompt: str, expected: list[int | str]) -> None:
    (chunk,) = chunks(prompt)

    assert ids(chunk)[1:-1] == expected


def test_an_embedding_inside_a_word_is_text() -> None:
    (chunk,) = chunks("xembedding:known")

    assert "v" not in ids(chunk)


def test_an_unknown_embedding_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        chunks("a embedding:unknown b")

    assert "'unknown' is not there" in caplog.text


def test_an_embedding_of_another_width_is_left_out_and_reported(
    models: Path, mini_sd15: tuple[Model, Clip, Vae], caplog: pytest.LogCaptureFixture
) -> None:
    save_file({"emb_params": torch.zeros(2, 1024)}, models / "embeddings/wide.safetensors")

    with caplog.at_level(logging.WARNING):
        (cond,) = encoded(mini_sd15[1], "a embedding:wide cat")

    assert torch.equal(cond.tensor, encoded(mini_sd15[1], "a cat")[0].tensor)
    assert "not 128 wide" in caplog.text


@pytest.mark.parametrize(
    ("tensors", "width"),
    [
        ({"emb_params": torch.zeros(2, 5)}, 5),
        ({"clip_g": torch.zeros(2, 7), "clip_l": torch.zeros(2, 5)}, 5),  # each encoder's own
        ({"emb_params": torch.zeros(5)}, 5),
    ],
)
@pytest.mark.parametrize("name", ["sub/mine", "sub/mine.safetensors"])
def test_a_file_s_vectors_are_found_by_name(tmp_path: Path, tensors: dict[str, Tensor], width: int, name: str) -> None:
    (tmp_path / "embeddings/sub").mkdir(parents=True)
    save_file(tensors, tmp_path / "embeddings/sub/mine.safetensors")

    vectors = find_embedding(name, Folders(models=tmp_path), "clip_l")

    assert vectors is not None
    assert vectors.shape[1] == width


@pytest.mark.parametrize("name", ["other", "../embeddings/mine", "/etc/passwd"])
def test_a_name_that_leads_nowhere_is_no_embedding(tmp_path: Path, name: str) -> None:
    assert find_embedding(name, Folders(models=tmp_path), "clip_l") is None


@pytest.mark.parametrize("tensors", [{}, {"w": torch.zeros(1, 2, 3)}, {"w": torch.zeros(())}])
def test_a_file_without_vectors_is_refused(tmp_path: Path, tensors: dict[str, Tensor]) -> None:
    (tmp_path / "embeddings").mkdir()
    save_file(tensors, tmp_path / "embeddings/mine.safetensors")

    with pytest.raises(InputError, match=r"mine\.safetensors: the embedding has"):
        find_embedding("mine", Folders(models=tmp_path), "clip_l")


MILLION = 10**6


@pytest.mark.parametrize(
    ("prompt", "problem"),
    [
        ("[" * MILLION, "a word of 1,000,000 letters"),
        ("(" * MILLION, "more than 50,000 parentheses"),
        ("\ud800" * MILLION, "a word of 1,000,000 letters"),
        ("a " * (MILLION // 2), "more than 19,200 tokens"),
        ("(a b c d e f g h:1.1)" * (MILLION // 21), "more than 19,200 tokens"),
        ("embedding:known " * (MILLION // 16), "more than 19,200 tokens"),
        ("a" + "\u0301\u0327" * (MILLION // 2), "more than 1,000 accents"),
        ("(" * 200 + "()" * 40_000 + ")" * 200, "parentheses inside one another"),
    ],
    ids=["letters", "parentheses", "surrogates", "words", "weights", "embeddings", "accents", "nesting"],
)
def test_a_prompt_without_end_is_refused_before_it_is_read_to_its_end(prompt: str, problem: str) -> None:
    """What takes the square of its length, or more memory than there is, must not begin."""
    with pytest.raises(RunError, match=problem):
        chunks(prompt)


def test_a_million_spaces_are_one_chunk() -> None:
    assert len(chunks(" " * MILLION + "cat")) == 1
