"""wftools model convert"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wftools.cli.output import emit, note
from wftools.cli.progress import bar

if TYPE_CHECKING:
    from wftools.weights.converting.asking import Only
    from wftools.weights.converting.layouts import Layout
    from wftools.weights.converting.types import Way


@click.command("convert", short_help="Write a model in another format, type or layout.")
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.argument("out", metavar="OUT", type=click.Path(path_type=Path))
@click.option(
    "--dtype",
    type=click.Choice(["fp32", "fp16", "bf16", "fp8_e4m3fn", "fp8_e5m2", "int8", "int8_row", "int8_convrot"]),
    help="The type of the weights. Without: as it is, where OUT's format has it. fp32, fp16 and bf16 are for all "
    "floating-point tensors, fp8 for those of two dimensions and more, beyond 1,024 elements. int8 are whole numbers "
    "with a scale, one for each matrix, or for each row; convrot rotates the inputs of each before, as ComfyUI does.",
)
@click.option(
    "--scaled",
    is_flag=True,
    help="Give float8 a scale: the largest weight becomes the largest number. As int8, for the matrices of the network "
    "that denoises, but for embeddings and the first and last layers: those that ComfyUI reads.",
)
@click.option(
    "--scale-layout",
    type=click.Choice(["comfy_quant", "scaled_fp8"]),
    default="comfy_quant",
    show_default=True,
    help="How scales stand in the file: as ComfyUI writes them now, or as it did at first.",
)
@click.option(
    "--rest",
    type=click.Choice(["fp32", "fp16", "bf16"]),
    help="The type of what eight bits leave out. Without: as it is.",
)
@click.option(
    "--only",
    type=click.Choice(["unet", "vae", "clip", "clip_l", "clip_g", "clip_h"]),
    help="One network, under its own names, as files of it alone have them; a text encoder under transformers'.",
)
@click.option(
    "--layout",
    type=click.Choice(["single", "diffusers"]),
    help="Names as in single files, or as in the folders of diffusers: Stable Diffusion 1, 2 and XL.",
)
@click.option("--prune", is_flag=True, help="Leave out averaged weights, states of optimisers, what measures losses.")
@click.option("--ema", is_flag=True, help="Take the averaged weights instead of the others, and leave out the same.")
@click.option("--dry-run", is_flag=True, help="Print what would become of each tensor and why, and stop.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    default=1,
    show_default=True,
    help="How many processors cast. More than one helps where nothing else runs, and the disk is fast.",
)
@click.option("--force", is_flag=True, help="Replace OUT if it is there.")
@click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
def command(
    *,
    source: Path,
    out: Path,
    dtype: str | None,
    scaled: bool,
    scale_layout: Way,
    rest: str | None,
    only: Only | None,
    layout: Layout | None,
    prune: bool,
    ema: bool,
    dry_run: bool,
    jobs: int,
    force: bool,
    quiet: bool,
) -> None:
    """Write a model file in another format, in another type, as one of its networks, or in another layout.

    IN is a model file of any format, or a folder of diffusers. OUT's name says the format: .safetensors, .sft, .ckpt,
    .pt, .pth, .bin or .gguf; without a suffix it is a folder of diffusers. What keeps its type keeps its bytes.

    \b
      wftools model convert v1-5.ckpt v1-5.safetensors --prune
      wftools model convert v1-5.safetensors v1-5-fp16.safetensors --dtype fp16
      wftools model convert v1-5.safetensors unet.safetensors --only unet --dtype fp8_e4m3fn --scaled
      wftools model convert v1-5.safetensors v1-5-folder
      wftools model convert v1-5-folder v1-5.safetensors --layout single

    Casts are torch's, and so ComfyUI's: what is too large for fp16 or fp8_e5m2 becomes infinite, for fp8_e4m3fn NaN,
    and is told of. Files of any size pass through the memory in pieces.

    Exit status: 0 written, 2 not, 130 interrupted.
    """
    from wftools.weights.converting.asking import Wanted, planned
    from wftools.weights.converting.telling import lines, planned_lines, warnings
    from wftools.weights.converting.types import Types
    from wftools.weights.tensorfile import open_tensors

    wanted = Wanted(Types(dtype, scale_layout if scaled else None, rest), only, layout, prune=prune, ema=ema)
    conversion = planned(open_tensors(source), out, wanted)
    if dry_run:
        emit("\n".join((*planned_lines(conversion), *lines(source, out, conversion))))
        return
    from wftools.diffusion.saving.folders import write

    with bar(conversion.size, quiet=quiet) as progress:
        outcomes = write(conversion, out, progress=progress, jobs=jobs, replaces=force)
    emit("\n".join(lines(source, out, conversion, outcomes)))
    for warning in warnings(outcomes):
        note(f"warning: {warning}")
