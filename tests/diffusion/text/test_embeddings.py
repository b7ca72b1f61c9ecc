"""Files of textual inversion, as those write them who train them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch
from safetensors.torch import save_file

from wftools.diffusion.text.embeddings import find_embedding
from wftools.errors import InputError
from wftools.folders import Folders

if TYPE_CHECKING:
    from pathlib import Path

ONE, TWO, WIDE = torch.full((8,), 1.0), torch.full((2, 8), 2.0), torch.full((3, 12), 3.0)

FILES: dict[str, tuple[Any, str, torch.Tensor]] = {
    "one table": ({"emb_params": TWO}, "clip_l", TWO),
    "a token of diffusers": ({"<cat-toy>": ONE}, "clip_l", ONE[None]),
    "the web UI's": ({"string_to_token": {"*": 265}, "string_to_param": {"*": TWO}, "name": "x"}, "clip_l", TWO),
    "a list": ([{"<x>": ONE}, {"<y>": TWO, "<z>": WIDE}], "clip_l", torch.cat([ONE[None], TWO])),
    "SDXL's": ({"clip_g": WIDE, "clip_l": TWO}, "clip_l", TWO),
    "SDXL's other": ({"clip_g": WIDE, "clip_l": TWO}, "clip_g", WIDE),
    "of a LoRA": (
        {"lora_unet_x.alpha": ONE, "bundle_emb.a.string_to_param.*": ONE, "bundle_emb.b.string_to_param.*": TWO},
        "clip_l",
        torch.cat([ONE[None], TWO]),
    ),
    "of a LoRA for SDXL": ({"x": ONE, "bundle_emb.a.clip_g": WIDE, "bundle_emb.a.clip_l": TWO}, "clip_l", TWO),
}


@pytest.mark.parametrize("case", FILES)
@pytest.mark.parametrize("suffix", [".pt", ".bin"])
def test_vectors_are_found_in_every_form(case: str, suffix: str, tmp_path: Path) -> None:
    content, key, expected = FILES[case]
    (tmp_path / "embeddings").mkdir()
    torch.save(content, tmp_path / f"embeddings/mine{suffix}")

    vectors = find_embedding("mine", Folders(models=tmp_path), key)

    assert vectors is not None
    assert torch.equal(vectors, expected)


def test_safetensors_is_looked_for_first(tmp_path: Path) -> None:
    (tmp_path / "embeddings").mkdir()
    torch.save({"x": ONE}, tmp_path / "embeddings/mine.pt")
    save_file({"x": TWO}, tmp_path / "embeddings/mine.safetensors")

    vectors = find_embedding("mine", Folders(models=tmp_path), "clip_l")

    assert vectors is not None
    assert torch.equal(vectors, TWO)


def test_what_are_no_vectors_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "embeddings").mkdir()
    torch.save({"x": torch.ones(2, 2, 2)}, tmp_path / "embeddings/mine.pt")

    with pytest.raises(InputError, match=r"the shape \[2, 2, 2\], expected vectors"):
        find_embedding("mine", Folders(models=tmp_path), "clip_l")
