"""wftools model quantize"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wftools.cli.quantising import making_options, type_options

if TYPE_CHECKING:
    from pathlib import Path

    from wftools.cli.quantising import Making
    from wftools.weights.converting.asking import Only
    from wftools.weights.quantising.rules import Rules


@click.command("quantize", short_help="Write a model in fewer bits a weight.")
@type_options
@making_options
def command(source: Path, out: Path, *, rules: Rules, only: Only | None, making: Making) -> None:
    """Write a model in fewer bits a weight, and say what that cost: the size, and the error of each tensor.

    IN is a model file of any format, or a folder of diffusers; OUT a .gguf, or for ComfyUI's own types a .safetensors.
    A checkpoint stays whole, as stable-diffusion.cpp has it; of a file with nothing but a UNet the names lose what
    stands before all of them, as ComfyUI-GGUF has it. What is no matrix stays in 16 bits, or in 32 if it is small and
    has them.

    \b
      wftools model quantize sd15.safetensors sd15-q8_0.gguf --type q8_0
      wftools model quantize unet.safetensors unet.gguf --type q5_k_m --tensor "*.attn2.*=q8_0"
      wftools model quantize sd15.safetensors out.gguf --type q4_k_s --dry-run

    Exit status: 0 written, 2 not, 130 interrupted.
    """
    from wftools.weights.quantising.files import quantising

    making.make(quantising(source, out, rules, only=only))
