"""Breaks sound model files at random, and looks at how they end.

    python -m tests.weights.verifying.mutations [--count 20000] [--seed 0] [--format pickle]

The law: a file is accepted, or refused with a code; nothing else happens to it, and none takes long. What breaks it is
printed with the number that makes the file again, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.weights.verifying.collection import FOLDER, cases
from wftools.weights.faults import CODES
from wftools.weights.tensorfile import FORMATS, open_tensors
from wftools.weights.verifying.verify import Candidate, verify

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 2.0  # of processor time, for a file
NUMBERS = (0, 1, 2, 0x7F, 0x80, 0xFF, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**63, 2**64 - 1)


def controls(form: str) -> dict[str, bytes]:
    """The files of a format that are to be accepted, by name."""
    if form == "index":
        names = {"w": "ok.safetensors"}
        return {"ok.safetensors.index.json": json.dumps({"metadata": {}, "weight_map": names}).encode()}
    return {case.path.name: case.path.read_bytes() for case in cases() if case.format == form and case.is_accepted}


def mutated(content: bytes, chance: random.Random) -> bytes:
    """The same bytes, some of them changed, moved, repeated, lost or new."""
    data = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        at = chance.randrange(len(data) + 1)
        length = min(chance.choice((1, 1, 2, 4, 8, 16, 64)), len(data) - at)
        match chance.randrange(7):
            case 0:
                data[at : at + length] = chance.randbytes(length)
            case 1:
                del data[at : at + length]
            case 2:
                data[at:at] = data[(start := chance.randrange(len(data) + 1)) : start + length]
            case 3:
                size = chance.choice((1, 2, 4, 8))
                number = chance.choice(NUMBERS) % 2 ** (8 * size)
                data[at : at + size] = number.to_bytes(size, chance.choice(("little", "little", "big")))
            case 4 if data:
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            case 5 if chance.randrange(4) == 0:
                del data[at:]
            case _:
                start = chance.randrange(len(data) + 1)
                data[at : at + length] = data[start : start + length]
    return bytes(data)


def broken_laws(form: str, numbers: range, folder: Path) -> Iterator[str]:
    """What files did that they must not do: number, control, and what it was."""
    originals = controls(form)
    for name in ("ok.safetensors", "ok_ext.data"):  # which others name
        shutil.copy(FOLDER / name, folder)
    for number in numbers:
        chance = random.Random(f"{form} {number}")
        name = chance.choice(sorted(originals))
        broken = folder / f"broken_{name}"
        broken.write_bytes(mutated(originals[name], chance))
        started = time.process_time()
        found = verify(Candidate(str(broken)))
        took = time.process_time() - started
        if not set(found.codes) <= CODES.keys() or "wftools failed" in (found.message or ""):
            yield f"{form} {number} ({name}): {found}"
        if took > SECONDS:
            yield f"{form} {number} ({name}): took {took:.1f} s"
        if found.is_accepted:
            file = open_tensors(broken)
            if any(file.weight(each) is None or file.raw(each) is None for each in file.tensors):
                yield f"{form} {number} ({name}): a tensor is not there"


def main() -> int:
    """Run as a program."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--format", choices=FORMATS.names(), action="append")
    options = parser.parse_args()
    found = 0
    with tempfile.TemporaryDirectory() as folder:
        for form in options.format or FORMATS.names():
            for law in broken_laws(form, range(options.seed, options.seed + options.count), Path(folder)):
                found += 1
                print(law)  # noqa: T201
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
