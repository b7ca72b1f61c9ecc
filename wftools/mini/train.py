"""The recipe of the embedded model, from nothing to a checkpoint.

    python -m wftools.mini.train --out wftools-mini.safetensors --folder run

On two cores it takes two hours; it needs torch 2.9 or newer, for Muon. Every stage keeps its state in the folder:
started again with the same folder, the recipe goes on where it was cut off. Seeds are fixed, so it ends as it would
have.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import torch
from torch import distributed
from torch.multiprocessing.spawn import spawn

from wftools.context import Context, Placement
from wftools.diffusion.families import sd1
from wftools.diffusion.model import LatentDiffusion
from wftools.diffusion.vae import ImageVae
from wftools.folders import Folders
from wftools.mini.export import export
from wftools.mini.judge import see
from wftools.mini.loop import rank
from wftools.mini.score import Painter, Prompt, Settings, accuracy, in_percent, painter, prompts
from wftools.mini.text import train_text
from wftools.mini.unet import LATENTS, Course, train_unet
from wftools.mini.vae import train_vae

if TYPE_CHECKING:
    from wftools.diffusion.networks.clip_text import ClipText
    from wftools.diffusion.networks.unet import UNet
    from wftools.diffusion.networks.vae import AutoencoderKL

COURSE: Final = Course(pictures=20_480, plain_steps=3_000, steps=7_500)

# A glance at the model in training, beside the full score at the end.
GLANCE: Final = Settings(steps=10, sampler="dpmpp_2m", schedule="karras")
GLANCED_AT: Final = 64


@dataclass(frozen=True, slots=True)
class Log:
    """Says how far the recipe is, on the terminal and in the folder."""

    path: Path
    started: float

    def __call__(self, text: str) -> None:
        if rank() > 0:
            return
        line = f"{(time.monotonic() - self.started) / 60:6.1f} min  {text}"
        print(line, flush=True)  # noqa: T201
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


@dataclass(frozen=True, slots=True)
class Recipe:
    """How long each stage is trained, and what the result is judged by."""

    vae_steps: int = 1500
    text_steps: int = 3000
    course: Course = COURSE
    judged: tuple[Prompt, ...] = prompts()


def train(out: Path, folder: Path, recipe: Recipe) -> None:
    """Run the whole recipe, or what is left of it, and write the checkpoint with its accuracy."""
    folder.mkdir(parents=True, exist_ok=True)
    log = Log(folder / "log.txt", time.monotonic())
    vae = train_vae(folder, recipe.vae_steps, log)
    text = train_text(folder, recipe.text_steps, log)

    def look(unet: UNet, samples: int) -> None:
        if rank() == 0:
            log(f"after {samples} samples: {in_percent(_glance(unet, vae, text))}")

    unet = train_unet(folder, vae, text, recipe.course, look=look, report=log)
    if rank() > 0:
        return
    export(out, unet, vae, text)
    artist = painter(out)
    figures = accuracy((each.wants, see(artist.paint(each.prompt, each.seed, Settings()))) for each in recipe.judged)
    log(f"the finished model: {in_percent(figures)}")
    export(out, unet, vae, text, {f"wftools.mini.accuracy.{name}": f"{share:.3f}" for name, share in figures.items()})


def _glance(unet: UNet, vae: AutoencoderKL, text: ClipText) -> dict[str, float]:
    """The accuracy on some of the prompts, of networks in memory."""
    folders, placement = Folders(), Placement()
    artist = Painter(
        LatentDiffusion(unet, sd1, LATENTS, sd1.EPS, placement),
        sd1.text_encoders(text, placement, folders),
        ImageVae(vae, placement),
        Context(folders),
    )
    return accuracy((each.wants, see(artist.paint(each.prompt, each.seed, GLANCE))) for each in prompts()[:GLANCED_AT])


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m wftools.mini.train", description="Train the embedded model.")
    parser.add_argument("--out", type=Path, required=True, help="the checkpoint to write")
    parser.add_argument("--folder", type=Path, default=Path("mini-run"), help="where the state of the training stands")
    parser.add_argument("--workers", type=int, default=2, help="processes of one thread each that share the work")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    meeting = options.folder / "workers"  # where they find each other
    meeting.unlink(missing_ok=True)
    told = (options.workers, meeting.absolute(), options.out, options.folder)
    try:
        spawn(_work, told, options.workers)  # type: ignore[no-untyped-call]
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; started again with this folder, it goes on\n")
        sys.exit(130)


def _work(rank: int, workers: int, meeting: Path, out: Path, folder: Path) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # the first process says what there is to say
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=workers)
    train(out, folder, Recipe())
    distributed.destroy_process_group()


if __name__ == "__main__":
    main()
