"""What the embedded model does, in numbers: python -m benchmarks.mini [--checkpoint FILE] [--sheets FOLDER] [NAME ...]

accuracy    the fixed prompts, with two samplers, by attribute
judge       the judge itself, on clean renders and on what the VAE makes of them
negative    how much rarer a colour or a shape becomes when the negative prompt names it
cfg         accuracy by guidance scale
strength    what is left of a picture, and what the prompt has changed, by denoise
seconds     one picture of 20 steps
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from wftools.mini.judge import see, wrong
from wftools.mini.render import render
from wftools.mini.scene import COLOURS, PLAIN, RICH, SHAPES, scene
from wftools.mini.score import Painter, Settings, accuracy, in_percent, painter, prompts, sheet
from wftools.nodes.latent import vae_decode, vae_encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SEEDS_EACH = 8
CFG_PROMPTS = 60
FIRST_UNSEEN = 10**9  # scenes from here on were in no training


def measured_accuracy(artist: Painter, sheets: Path | None) -> Iterator[str]:
    for kind in ("plain", "rich"):
        for settings in (Settings(), Settings(sampler="dpmpp_2m", schedule="karras")):
            pictures = [artist.paint(each.prompt, each.seed, settings) for each in prompts(kind)]
            wanted = [each.wants for each in prompts(kind)]
            figures = accuracy(zip(wanted, map(see, pictures), strict=True))
            yield f"{kind} prompts, {settings.sampler}/{settings.schedule}: {in_percent(figures)}"
            if sheets:
                sheet(pictures).save(sheets / f"{kind}-{settings.sampler}.png")


def measured_judge(artist: Painter, _sheets: Path | None) -> Iterator[str]:
    for name, mix in (("plain", PLAIN), ("rich", RICH)):
        scenes = [scene(seed, mix) for seed in range(FIRST_UNSEEN, FIRST_UNSEEN + 300)]
        clean = render(scenes)
        decoded = vae_decode(samples=vae_encode(pixels=clean, vae=artist.vae), vae=artist.vae)
        for what, pictures in (("clean renders", clean), ("reconstructions", decoded)):
            right = [not wrong(one.words, see(picture)) for one, picture in zip(scenes, pictures, strict=True)]
            yield f"judge on {len(scenes)} {name} {what}: {sum(right) / len(right):.1%} right in everything"


def measured_negative(artist: Painter, _sheets: Path | None) -> Iterator[str]:
    colours = [(f"a {shape}", colour) for colour in COLOURS for shape in SHAPES[:4]]
    shapes = [(f"a {colour} shape", shape) for shape in SHAPES for colour in ("red", "blue", "green", "yellow")]
    for attribute, pairs in (("colour", colours), ("shape", shapes)):
        for negative in (False, True):
            seen = [
                (see(artist.paint(prompt, seed, Settings(negative=value if negative else ""))), value)
                for prompt, value in pairs
                for seed in range(SEEDS_EACH // 2)
            ]
            hits = [getattr(words, attribute) == value for words, value in seen]
            where = "named in the negative prompt" if negative else "not named"
            yield f"a {attribute} {where}: in {sum(hits) / len(hits):.1%} of {len(hits)} pictures"


def measured_cfg(artist: Painter, _sheets: Path | None) -> Iterator[str]:
    for cfg in (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 12.0):
        settings = Settings(cfg=cfg)
        judged = (
            (each.wants, see(artist.paint(each.prompt, each.seed, settings))) for each in prompts()[-CFG_PROMPTS:]
        )
        yield f"cfg {cfg:g}: {in_percent(accuracy(judged))}"


def measured_strength(artist: Painter, _sheets: Path | None) -> Iterator[str]:
    """From pictures of one thing, asked for another shape and colour; the ground is not mentioned."""
    sources = [scene(seed) for seed in range(FIRST_UNSEEN, FIRST_UNSEEN + 3 * SEEDS_EACH)]
    pictures = render(sources)
    for denoise in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        kept = changed = 0
        distance = 0.0
        for seed, (source, picture) in enumerate(zip(sources, pictures, strict=True)):
            target = replace(
                source.words,
                shape=SHAPES[(SHAPES.index(source.words.shape or "") + 1) % len(SHAPES)],
                colour=next(name for name in COLOURS if name not in {source.words.colour, source.words.ground}),
            )
            new = artist.paint(f"a {target.colour} {target.shape}", seed, Settings(denoise=denoise), picture)
            seen = see(new)
            kept += seen.shape == source.words.shape and seen.colour == source.words.colour
            changed += seen.shape == target.shape and seen.colour == target.colour
            distance += (new - picture).square().mean().sqrt().item()
        count = len(sources)
        yield (
            f"denoise {denoise:g}: object as before {kept / count:.0%}, as the prompt says {changed / count:.0%}, "
            f"distance {distance / count:.3f}"
        )


def measured_seconds(artist: Painter, _sheets: Path | None) -> Iterator[str]:
    times = []
    for seed in range(5):
        started = time.perf_counter()
        artist.paint("a red circle on a blue background", seed, Settings())
        times.append(time.perf_counter() - started)
    yield f"one picture, 20 steps, {torch.get_num_threads()} threads: {min(times):.2f} s"


MEASUREMENTS: dict[str, Callable[[Painter, Path | None], Iterator[str]]] = {
    "accuracy": measured_accuracy,
    "judge": measured_judge,
    "negative": measured_negative,
    "cfg": measured_cfg,
    "strength": measured_strength,
    "seconds": measured_seconds,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mini")
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all")
    parser.add_argument("--checkpoint", type=Path, help="default: the embedded model")
    parser.add_argument("--sheets", type=Path, help="a folder for contact sheets")
    options = parser.parse_args()
    artist = painter(options.checkpoint)
    for name in options.names or MEASUREMENTS:
        for line in MEASUREMENTS[name](artist, options.sheets):
            print(f"{name:10} {line}", flush=True)


if __name__ == "__main__":
    main()
