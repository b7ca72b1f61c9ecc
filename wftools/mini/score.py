"""How well a checkpoint does what prompts say: the fixed prompts, painted by the nodes, judged by pixels.

    python -m wftools.mini.score                      the embedded model on the 200 prompts
    python -m wftools.mini.score --checkpoint FILE    another checkpoint of this form
    python -m wftools.mini.score --sheet sheet.png    also the pictures, in the order of the prompts

The fixed list stands in prompts.json; it was written before the model was trained.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final

import torch
from PIL import Image

from wftools.context import Context
from wftools.folders import Folders
from wftools.mini.judge import see, wrong
from wftools.mini.scene import PIXELS, Words
from wftools.nodes.conditioning import clip_text_encode
from wftools.nodes.latent import empty_latent_image, vae_decode, vae_encode
from wftools.nodes.loaders import checkpoint_loader_simple
from wftools.nodes.sampling import k_sampler

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from torch import Tensor

    from wftools.values import Clip, Model, Vae

NAME: Final = "wftools-mini.safetensors"
TOGETHER: Final = ("shape", "colour", "ground")  # what the first figure asks for at once


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt with its seed, and what a picture of it must show."""

    prompt: str
    seed: int
    wants: Words


@dataclass(frozen=True, slots=True)
class Settings:
    """How pictures are painted."""

    steps: int = 20
    cfg: float = 5.0
    sampler: str = "euler"
    schedule: str = "normal"
    negative: str = ""
    denoise: float = 1.0


@dataclass(frozen=True, slots=True)
class Painter:
    """A loaded checkpoint."""

    model: Model
    clip: Clip
    vae: Vae
    context: Context

    def paint(self, prompt: str, seed: int, settings: Settings, start: Tensor | None = None) -> Tensor:
        """The picture of a prompt, made from noise or from another picture: (128, 128, 3) in 0..1."""
        latent = k_sampler(
            model=self.model,
            seed=seed,
            steps=settings.steps,
            cfg=settings.cfg,
            sampler_name=settings.sampler,
            scheduler=settings.schedule,
            positive=clip_text_encode(text=prompt, clip=self.clip),
            negative=clip_text_encode(text=settings.negative, clip=self.clip),
            latent_image=(
                empty_latent_image(width=PIXELS, height=PIXELS)
                if start is None
                else vae_encode(pixels=start[None], vae=self.vae)
            ),
            denoise=settings.denoise,
            context=self.context,
        )
        return vae_decode(samples=latent, vae=self.vae)[0]


def prompts(kind: str = "plain") -> tuple[Prompt, ...]:
    """The fixed prompts: 200 `plain` ones, or the `rich` ones with outlines, stripes, rows and gradients."""
    text = resources.files(__package__).joinpath("prompts.json").read_text("utf-8")
    return tuple(Prompt(each["prompt"], each["seed"], Words(**each["wants"])) for each in json.loads(text)[kind])


def painter(checkpoint: Path | None = None) -> Painter:
    """Load a checkpoint by its path; without one, the embedded model."""
    folders = Folders() if checkpoint is None else Folders(more_models={"checkpoints": (checkpoint.parent,)})
    context = Context(folders)
    name = NAME if checkpoint is None else checkpoint.name
    return Painter(*checkpoint_loader_simple(ckpt_name=name, context=context), context)


def accuracy(judged: Iterable[tuple[Words, Words]]) -> dict[str, float]:
    """The share of pictures that are right, by attribute, and in shape, colour and ground at once.

    Takes pairs of what was wanted and what was seen. An attribute counts where it was asked for; count and fill
    always do, since what is not asked for must be as usual.
    """
    asked: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for wanted, seen in judged:
        mistakes = wrong(wanted, seen)
        names = {*wanted.said(), "count", "fill"}
        for name in names:
            asked[name] += 1
            right[name] += name not in mistakes
        asked["together"] += 1
        right["together"] += not mistakes.intersection(TOGETHER)
        asked["all"] += 1
        right["all"] += not mistakes
    return {name: right[name] / asked[name] for name in sorted(asked)}


def in_percent(figures: Mapping[str, float]) -> str:
    """Figures on one line, in percent."""
    return "  ".join(f"{name} {share:.1%}" for name, share in figures.items())


def sheet(pictures: Sequence[Tensor], columns: int = 10) -> Image.Image:
    """Pictures (128, 128, 3) side by side."""
    step = PIXELS + 4
    whole = Image.new("RGB", (columns * step, -(-len(pictures) // columns) * step))
    for index, picture in enumerate(pictures):
        pixels = Image.fromarray((picture * 255).round().to(torch.uint8).numpy())
        whole.paste(pixels, (index % columns * step, index // columns * step))
    return whole


def main() -> None:
    """Paint, judge and print."""
    parser = argparse.ArgumentParser(prog="python -m wftools.mini.score", description="Judge a checkpoint.")
    parser.add_argument("--checkpoint", type=Path, help="default: the embedded model")
    parser.add_argument("--prompts", choices=("plain", "rich"), default="plain")
    parser.add_argument("--first", type=int, help="only so many prompts")
    parser.add_argument("--cfg", type=float, default=5.0)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--sampler", default="euler")
    parser.add_argument("--schedule", default="normal")
    parser.add_argument("--sheet", type=Path, help="write the pictures here")
    options = parser.parse_args()

    settings = Settings(options.steps, options.cfg, options.sampler, options.schedule)
    artist, wanted = painter(options.checkpoint), prompts(options.prompts)[: options.first]
    pictures = [artist.paint(each.prompt, each.seed, settings) for each in wanted]
    judged = [(each.wants, see(picture)) for each, picture in zip(wanted, pictures, strict=True)]
    print(in_percent(accuracy(judged)))  # noqa: T201
    if options.sheet:
        sheet(pictures).save(options.sheet)


if __name__ == "__main__":
    main()
