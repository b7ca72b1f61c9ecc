"""wftools model requantize"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wftools.cli.output import note
from wftools.cli.quantising import making_options, type_options

if TYPE_CHECKING:
    from pathlib import Path

    from wftools.cli.quantising import Making
    from wftools.weights.converting.asking import Only
    from wftools.weights.quantising.rules import Rules


@click.command("requantize", short_help="Quantise anew what is quantised already.")
@type_options
@making_options
def command(source: Path, out: Path, *, rules: Rules, only: Only | None, making: Making) -> None:
    """Quantise anew what is quantised already, when the original is not at hand.

    Each weight is decoded and encoded again, and loses twice: the errors that are told count from IN, not from what IN
    was made from. What stays of its type keeps its bytes.

    \b
      wftools model requantize sd15-q8_0.gguf sd15-q4_k_m.gguf --type q4_k_m

    Exit status: 0 written, 2 not, 130 interrupted.
    """
    from wftools.weights.quantising.files import quantising

    task = quantising(source, out, rules, only=only, again=True)
    note(f"{source} is quantised already: its own error comes to what is told here")
    making.make(task)
