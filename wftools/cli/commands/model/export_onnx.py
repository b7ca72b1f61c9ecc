"""wftools model export-onnx"""

from __future__ import annotations

from pathlib import Path

import click

from wftools.cli.output import emit
from wftools.cli.progress import status


@click.command("export-onnx", short_help="Write the networks of a model as ONNX.")
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.argument("out", metavar="OUT", type=click.Path(path_type=Path))
@click.option(
    "--part",
    type=click.Choice(["unet", "vae", "vae-encoder", "vae-decoder", "clip", "controlnet", "upscaler"]),
    help="One network; vae is both of its own. Without: all that the file has.",
)
@click.option(
    "--dtype",
    type=click.Choice(["fp32", "fp16"]),
    default="fp32",
    show_default=True,
    help="What the graph computes in. On a processor fp16 halves the file, and is slower.",
)
@click.option("--force", is_flag=True, help="Replace files that are there.")
@click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
def command(*, source: Path, out: Path, part: str | None, dtype: str, force: bool, quiet: bool) -> None:
    """Write the networks of a model file as ONNX, each of which is compared with torch before it is there.

    IN is a checkpoint of Stable Diffusion 1, 2 or XL, one of its networks, a control network, or an upscaler of
    ESRGAN's, in any format. OUT is a file, X.onnx, or a folder for several: unet/model.onnx, text_encoder/model.onnx,
    vae_decoder/model.onnx and vae_encoder/model.onnx, with the inputs and outputs that diffusers and optimum have.
    Height, width and batch may be any. A graph of more than 1.8 GB has its data beside it, in X.onnx_data.

    \b
      wftools model export-onnx v1-5.safetensors models/diffusion_models/v1-5
      wftools model export-onnx v1-5.safetensors unet.onnx --part unet --dtype fp16
      wftools model export-onnx 4x-UltraSharp.pth models/upscale_models/4x-UltraSharp.onnx

    UNETLoader, CLIPLoader, VAELoader, ControlNetLoader and UpscaleModelLoader load such files.

    Exit status: 0 written, 2 not, 130 interrupted.
    """
    from wftools.diffusion.onnx.exporting import export, exportable, open_source, targets
    from wftools.diffusion.onnx.telling import line

    todo = targets(exportable(open_source(source), part), out, replaces=force)
    for each, path in todo:
        with status(quiet=quiet) as tell:
            made = export(each, path, dtype, tell)
        emit(line(made))
