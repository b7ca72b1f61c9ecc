"""Run the benchmarks: python -m benchmarks [NAME ...] [--json]

Each measures something of ours beside something that everybody has, in turns in one run, and reports the ratio: single
times say little on a machine that others use.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Protocol

import click

from wftools.plugins import Folder

if TYPE_CHECKING:
    from benchmarks.measure import Result


class Benchmark(Protocol):
    """What a module of `suite/` has."""

    def run(self) -> list[Result]:
        """Measure."""
        ...


BENCHMARKS: Folder[Benchmark] = Folder("benchmarks.suite")


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(BENCHMARKS.names()))
@click.option("--json", "as_json", is_flag=True, help="An array of objects for machines.")
def main(names: tuple[str, ...], *, as_json: bool) -> None:
    """Run benchmarks and print their ratios."""
    results: list[Result] = []
    for name in names or BENCHMARKS.names():
        click.echo(f"{name} ...", err=True)
        results += BENCHMARKS.load(name).run()
    if as_json:
        click.echo(json.dumps([asdict(result) for result in results], indent=2))
        return
    for result in results:
        click.echo(
            f"{result.ratio:8.2f}x  {result.ours} ({result.ours_seconds:.4g} s) against {result.peer} "
            f"({result.peer_seconds:.4g} s)"
        )


if __name__ == "__main__":
    sys.exit(main())
