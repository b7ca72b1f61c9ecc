"""wftools model dequantize"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wftools.cli.quantising import making_options

if TYPE_CHECKING:
    from pathlib import Path

    from wftools.cli.quantising import Making

_DTYPES = ("f16", "bf16", "f32")


@click.command("dequantize", short_help="Write what is quantised as plain numbers again.")
@making_options
@click.option("--dtype", type=click.Choice(_DTYPES), default="f16", show_default=True, help="The type of the numbers.")
def command(source: Path, out: Path, *, dtype: str, making: Making) -> None:
    """Write what is quantised as plain numbers again, for programs that read nothing else.

    The numbers are those that IN stands for, not those that it was made from. What is not quantised keeps its bytes.
    The name of OUT says the format.

    \b
      wftools model dequantize sd15-q8_0.gguf sd15.safetensors
      wftools model dequantize sd15-q8_0.gguf exact.safetensors --dtype f32

    Exit status: 0 written, 2 not, 130 interrupted.
    """
    from wftools.weights.quantising.files import dequantising

    making.make(dequantising(source, out, dtype.upper()))
